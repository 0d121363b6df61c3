package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"comptoir/infra/local/blueprint"
	"comptoir/infra/local/demo"
	"comptoir/infra/local/engine"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Where things lie in the repository.
const (
	snapshot  = "infra/snapshot/comptoir.template.json"
	binaries  = "dist/local"
	contract  = "docs/openapi.yaml"
	swagger   = "node_modules/swagger-ui-dist"
	accountID = "000000000000"
)

// A Seed fills a new table with demonstration data.
type Seed func(ctx context.Context, client *dynamodb.Client, table string) error

var seed Seed = demo.Seed

// run builds what the template says and serves it until ctx ends.
func run(ctx context.Context, dir, port string) error {
	began := time.Now()
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		return fmt.Errorf("port %s is taken: stop what uses it, or choose another with PORT=8081 make run", port)
	}
	defer listener.Close()
	data, err := lockFolder(dir)
	if errors.Is(err, errInUse) {
		return fmt.Errorf("a local cloud runs on %s already; another needs a folder of its own: LOCAL_DIR=.local2 PORT=8081 make run", dir)
	}
	if err != nil {
		return err
	}
	defer data.unlock()
	if err := os.RemoveAll(data.path(addressFile)); err != nil { // of the run before
		return err
	}

	home := "http://localhost:" + port
	world := blueprint.World{Region: engine.Region, AccountID: accountID, API: home, Issuer: home + issuerPath}
	template, err := os.ReadFile(snapshot)
	if err != nil {
		return fmt.Errorf("%w: run this in the root of the repository", err)
	}
	if _, err := blueprint.Read(template, world); err != nil { // before anything is started
		return fmt.Errorf("%s:\n%w", snapshot, err)
	}

	c := newCloud(data, home)
	defer c.stop()
	if err := c.startEngines(ctx); err != nil {
		return err
	}
	world.Queues = c.queues.URL
	if c.blueprint, err = blueprint.Read(template, world); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		c.makeResources,
		c.seed,
		func(ctx context.Context) error { return c.startGateway(ctx, listener) },
		c.startFunctions,
		c.startSources,
		c.try,
	} {
		if err := step(ctx); err != nil {
			if ctx.Err() != nil {
				return nil // asked to stop while starting
			}
			return err
		}
	}
	if err := data.publish(c.addresses()); err != nil {
		return err
	}
	c.announce(time.Since(began))
	return c.wait(ctx)
}
