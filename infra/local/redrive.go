package main

import (
	"context"
	"fmt"

	"comptoir/infra/local/engine"
	"comptoir/infra/local/resource"
	"comptoir/infra/redrive"
	"comptoir/shared/queue"
)

// bringBack brings the dead letters of a queue, or of all, back to where they failed.
func bringBack(ctx context.Context, dir string, name queue.Name) error {
	a, err := running(dir)
	if err != nil {
		return err
	}
	client := resource.Connect(engine.Region, "local", a.DynamoDB, a.Queues).SQS
	all, err := redrive.Find(ctx, client, "", name)
	if err != nil {
		return err
	}
	for _, d := range all {
		moved, err := d.Carry(ctx, client)
		if err != nil {
			return fmt.Errorf("queue %s: %w", d.Name, err)
		}
		fmt.Printf("%s: %d brought back\n", d.Name, moved)
	}
	return nil
}
