package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"comptoir/infra/local/blueprint"
	"comptoir/infra/local/engine"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// settings are where things lie, from the root of the repository, and what may differ in a test.
type settings struct {
	dir      string // of the data
	port     string
	snapshot string // the synthesized template
	binaries string // folder of the functions' folders
	seed     Seed
	ready    func(addresses) // is told when everything answers
}

// A Seed fills a new table with demonstration data.
type Seed func(ctx context.Context, client *dynamodb.Client, table string) error

const (
	contract  = "docs/openapi.yaml"
	swagger   = "node_modules/swagger-ui-dist"
	accountID = "000000000000"
)

// run builds what the template says and serves it until ctx ends.
func run(ctx context.Context, s settings) error {
	began := time.Now()
	data, err := lockFolder(s.dir)
	if errors.Is(err, errInUse) {
		return fmt.Errorf("a local cloud runs on %s already; another needs a folder of its own: LOCAL_DIR=.local2 PORT=8081 make run", s.dir)
	}
	if err != nil {
		return err
	}
	defer data.unlock()
	listener, err := net.Listen("tcp", "127.0.0.1:"+s.port)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %s is taken: stop what uses it, or choose another with PORT=8081 make run", s.port)
	}
	if err != nil {
		return err
	}
	defer listener.Close()
	if err := os.RemoveAll(data.path(addressFile)); err != nil { // of the run before
		return err
	}

	home := "http://127.0.0.1:" + s.port
	world := blueprint.World{Region: engine.Region, AccountID: accountID, API: home, Issuer: home + issuerPath}
	template, err := os.ReadFile(s.snapshot)
	if err != nil {
		return fmt.Errorf("%w: run this in the root of the repository", err)
	}
	c := newCloud(s, data, home)
	if c.blueprint, err = blueprint.Read(template, world); err != nil { // before anything is started
		return fmt.Errorf("%s:\n%w", s.snapshot, err)
	}
	defer c.stop()
	for _, step := range []func(context.Context) error{
		c.startClock,
		c.startEngines,
		func(context.Context) error { // once more, now that it is known where the queues are
			world.Queues = c.queues.URL
			c.blueprint, err = blueprint.Read(template, world)
			return err
		},
		c.makeResources,
		c.seed,
		c.startNames,
		c.startArchive,
		func(ctx context.Context) error { return c.startGateway(ctx, listener) },
		c.startFunctions,
		c.try, // before the sources keep the table busy with what has come meanwhile
		c.startSources,
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
	s.ready(c.addresses())
	return c.wait(ctx)
}
