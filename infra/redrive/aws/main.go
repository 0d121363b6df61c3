// Command aws brings the messages of a deployment's dead-letter queues back to their queues: of one queue, or of all.
//
//	go run ./infra/redrive/aws STACK [QUEUE]
//
// It goes by AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of the environment. SQS moves the
// messages by itself then; the alarm of the dead-letter queue ends when it is empty.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"comptoir/infra/redrive"
	"comptoir/shared/queue"
	"comptoir/shared/setting"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func main() {
	if err := command(context.Background(), sqs.NewFromConfig(setting.AWS("SQS")), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func command(ctx context.Context, client *sqs.Client, args []string, out io.Writer) error {
	var name queue.Name
	switch len(args) {
	case 2:
		name = queue.Name(args[1])
	case 1:
	default:
		return errors.New("usage: go run ./infra/redrive/aws STACK [QUEUE]")
	}
	all, err := redrive.Find(ctx, client, args[0]+"-", name)
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.Messages > 0 {
			if err := d.Task(ctx, client); err != nil {
				return fmt.Errorf("queue %s: %w", d.Name, err)
			}
		}
		fmt.Fprintf(out, "%s: %d on their way back\n", d.Name, d.Messages)
	}
	return nil
}
