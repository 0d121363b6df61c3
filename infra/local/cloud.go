package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"time"

	"comptoir/infra/local/blueprint"
	"comptoir/infra/local/engine"
	"comptoir/infra/local/eventbus"
	"comptoir/infra/local/gateway"
	"comptoir/infra/local/identity"
	"comptoir/infra/local/nameserver"
	"comptoir/infra/local/resource"
	"comptoir/infra/local/runtime"
	"comptoir/infra/local/signed"
	"comptoir/infra/local/site"
	"comptoir/infra/local/source"
	"comptoir/shared/setting"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Where the gateway's neighbours are, at the same address.
const (
	issuerPath = "/identity"
	busPath    = "/events"
)

// here is the host of this machine, where endpoints of webhooks may lie.
const here = "127.0.0.1"

// A cloud is everything that runs.
type cloud struct {
	settings  settings
	folder    *folder
	home      string // address of the API and of the pages
	blueprint blueprint.Blueprint
	console   *console

	dynamo, queues, mail *engine.Process
	clients              resource.Clients
	names                *nameserver.Server
	archive              *http.Server      // in front of the buckets
	streams              map[string]string // ARN by table
	functions            map[string]*runtime.Pool
	logs                 []*os.File
	server               *http.Server

	clock    clock
	moving   sync.Mutex  // the clock
	hurried  atomic.Bool // because the clock is being moved
	look     call        // for more in the streams
	hour     sync.Mutex  // what is started every hour
	work     work
	progress []*source.Progress // of the streams
	tally    *tally
	provider *provider // of payments, once the clock was moved

	background sync.WaitGroup // sources and chores
	cancel     context.CancelFunc
	failed     chan error
}

func newCloud(s settings, f *folder, home string) *cloud {
	return &cloud{
		settings: s, folder: f, home: home, console: &console{}, streams: map[string]string{}, functions: map[string]*runtime.Pool{},
		archive: &http.Server{}, tally: newTally(), cancel: func() {}, failed: make(chan error, 1),
	}
}

// startClock begins with the real time, or on from where the clock was moved to.
func (c *cloud) startClock(context.Context) error {
	name := "UTC"
	for _, f := range c.blueprint.Functions {
		name = cmp.Or(f.Environment[setting.TimeZone], name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return err
	}
	c.clock = clock{file: c.folder.path("clock"), zone: zone}
	return c.clock.start()
}

func (c *cloud) startEngines(ctx context.Context) error {
	c.console.say("Starting DynamoDB Local, fauxqs and the mail catcher …")
	options := func(name string) engine.Options {
		log := c.folder.path("logs", name+".log")
		os.Remove(log) // fauxqs tells of every request: keep one run's
		return engine.Options{Dir: c.folder.path(name), Log: log, Clock: c.clock.file}
	}
	var group sync.WaitGroup
	var errs [3]error
	group.Go(func() { c.dynamo, errs[0] = engine.DynamoDB(ctx, options("dynamodb")) })
	group.Go(func() { c.queues, errs[1] = engine.Queues(ctx, options("queues")) })
	group.Go(func() { c.mail, errs[2] = engine.Mail(ctx, options("mail")) })
	group.Wait()
	return errors.Join(errs[:]...)
}

func (c *cloud) makeResources(ctx context.Context) error {
	c.console.say("Making %d table, %d queues and %d buckets …", len(c.blueprint.Tables), len(c.blueprint.Queues), len(c.blueprint.Buckets))
	c.clients = resource.Connect(engine.Region, runtime.AccessKey, c.dynamo.URL, c.queues.URL)
	for _, table := range c.blueprint.Tables {
		stream, err := resource.EnsureTable(ctx, c.clients.DynamoDB, table)
		if err != nil {
			return err
		}
		c.streams[table.Name] = stream
	}
	for range c.blueprint.Streams {
		c.progress = append(c.progress, &source.Progress{})
	}
	return errors.Join(
		resource.EnsureQueues(ctx, c.clients.SQS, c.blueprint.Queues), resource.EnsureBuckets(ctx, c.clients.S3, c.blueprint.Buckets))
}

func (c *cloud) seed(ctx context.Context) error {
	return c.folder.once("seeded", func() error {
		c.console.say("Filling in the demonstration data …")
		for _, table := range c.blueprint.Tables {
			if err := c.settings.seed(ctx, c.clients.DynamoDB, table.Name); err != nil {
				return fmt.Errorf("demonstration data: %w", err)
			}
		}
		return nil
	})
}

// startNames answers for all customers' domains, from a file.
func (c *cloud) startNames(context.Context) (err error) {
	c.names, err = nameserver.Start(recordsOf(c.folder.dir).Answer)
	return err
}

// startArchive lets functions, and who has a link, to the buckets.
func (c *cloud) startArchive(context.Context) error {
	buckets, err := url.Parse(c.queues.URL)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", here+":0")
	if err != nil {
		return err
	}
	c.archive.Addr, c.archive.Handler = listener.Addr().String(), &signed.Handler{
		Key: aws.Credentials{AccessKeyID: runtime.AccessKey, SecretAccessKey: runtime.SecretKey}, Region: engine.Region,
		Now: c.clock.now, Next: httputil.NewSingleHostReverseProxy(buckets),
	}
	go c.archive.Serve(listener) // ends with stop
	return nil
}

// startFunctions starts one process of each, so that one that cannot start is found out now.
func (c *cloud) startFunctions(ctx context.Context) error {
	c.console.say("Starting %d functions …", len(c.functions))
	var group sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	for name, pool := range c.functions {
		group.Go(func() {
			if err := pool.Warm(ctx); err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, fmt.Errorf("function %s: %w (see %s)", name, err, c.folder.path("logs", name+".log")))
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// startGateway serves the API, the identity provider and the pages at one address.
func (c *cloud) startGateway(_ context.Context, listener net.Listener) error {
	invokes := map[string]gateway.Invoke{}
	for _, f := range c.blueprint.Functions {
		pool, err := c.pool(f)
		if err != nil {
			return err
		}
		c.functions[f.Name] = pool
		invokes[f.Name] = pool.Invoke
	}
	api, err := gateway.New(c.blueprint.API, gateway.Options{Functions: invokes, Now: time.Now, Report: c.console.say})
	if err != nil {
		return err
	}
	provider, err := identity.New(identity.Options{
		Issuer: c.home + issuerPath, KeyFile: c.folder.path("identity.pem"),
		Users: identity.Users, Clients: c.blueprint.Clients, Now: time.Now,
	})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", api)
	mux.Handle(issuerPath+"/", provider)
	mux.Handle(clockPath, c.serveClock())
	mux.Handle(busPath, &eventbus.Bus{
		Buses: c.blueprint.Buses, File: c.folder.path("logs", "events.jsonl"), Region: engine.Region, AccountID: accountID,
	})
	site.Register(mux, c.startPage, site.Files{Contract: contract, Swagger: swagger})
	c.server = &http.Server{Handler: mux}
	go c.server.Serve(listener) // ends with stop
	return nil
}

func (c *cloud) pool(f runtime.Function) (*runtime.Pool, error) {
	clock, err := filepath.Abs(c.clock.file)
	if err != nil {
		return nil, err
	}
	f.Binary = filepath.Join(c.settings.binaries, f.Name, "bootstrap")
	if _, err := os.Stat(f.Binary); err != nil {
		return nil, fmt.Errorf(`function %s is not built: run "make build" (%w)`, f.Name, err)
	}
	log, err := os.OpenFile(c.folder.path("logs", f.Name+".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	c.logs = append(c.logs, log)
	f.Log = &functionLog{name: f.Name, file: log, console: c.console}
	f.Concurrency = max(4, goruntime.NumCPU()) // they wait for the table more than they compute
	c.point(f.Environment)
	f.Environment[setting.Clock] = clock
	return runtime.NewPool(f), nil
}

// point shows a function to what runs here, and those who read its mail.
func (c *cloud) point(environment map[string]string) {
	environment["AWS_ENDPOINT_URL_DYNAMODB"] = c.dynamo.URL
	environment["AWS_ENDPOINT_URL_SQS"] = c.queues.URL
	environment["AWS_ENDPOINT_URL_S3"] = "http://" + c.archive.Addr
	environment["AWS_ENDPOINT_URL_SESV2"] = c.mail.URL
	environment["AWS_ENDPOINT_URL_EVENTBRIDGE"] = c.home + busPath
	environment[setting.PrivateHosts] = here
	if _, mails := environment[setting.PortalURL]; mails {
		environment[setting.PortalURL] = c.home // the template knows of no other port
	}
	if _, asks := environment[setting.DNSServer]; asks {
		environment[setting.DNSServer] = c.names.Address()
	}
}

// startSources starts what runs in the background: event sources, expiry, and a watch on the engines.
func (c *cloud) startSources(ctx context.Context) error {
	ctx, c.cancel = context.WithCancel(ctx)
	for n, s := range c.blueprint.Streams {
		c.run(ctx, "stream of "+s.Table, func() error {
			return s.Run(ctx, source.StreamOptions{
				ARN: c.streams[s.Table], Region: engine.Region, Checkpoint: c.folder.path(s.ID + ".checkpoint.json"),
				Streams: c.clients.Streams, SQS: c.clients.SQS, Invoke: c.noted(s.Function),
				Now: time.Now, Pause: c.pause, Report: c.console.say, Progress: c.progress[n],
			})
		})
	}
	for _, q := range c.blueprint.Consumers {
		q.Concurrency = min(q.Concurrency, max(4, goruntime.NumCPU()))
		c.run(ctx, "queue "+q.Queue, func() error {
			return q.Run(ctx, source.QueueOptions{
				Region: engine.Region, SQS: c.clients.SQS, Invoke: c.counted(q.Function),
				Pause: c.pause, Report: c.console.say,
			})
		})
	}
	for _, function := range c.blueprint.Hourly {
		c.run(ctx, "hours of "+function, func() error { return c.everyHour(ctx, function) })
	}
	c.run(ctx, "expiry", func() error { return c.expire(ctx) })
	for name, process := range map[string]*engine.Process{"DynamoDB Local": c.dynamo, "fauxqs": c.queues, "the mail catcher": c.mail} {
		c.run(ctx, name, func() error { return watch(ctx, process) })
	}
	return nil
}

// run does something until ctx ends. If it ends before, so does the cloud.
func (c *cloud) run(ctx context.Context, name string, do func() error) {
	c.background.Go(func() {
		if err := do(); err != nil && ctx.Err() == nil {
			select {
			case c.failed <- fmt.Errorf("%s: %w", name, err):
			default:
			}
		}
	})
}

// expireEvery is often enough for a developer; AWS takes up to two days.
const expireEvery = 5 * time.Minute

func (c *cloud) expire(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := c.expireAll(ctx); err != nil && ctx.Err() == nil {
			c.console.say("%v", err)
		}
		source.Wait(ctx, expireEvery)
	}
	return nil
}

// expireAll deletes the items and objects whose time is over by the clock.
func (c *cloud) expireAll(ctx context.Context) error {
	for _, table := range c.blueprint.Tables {
		if table.TTL == "" {
			continue
		}
		if _, err := resource.Expire(ctx, c.clients.DynamoDB, table, c.clock.now()); err != nil {
			return fmt.Errorf("expiry of %s: %w", table.Name, err)
		}
	}
	for _, bucket := range c.blueprint.Buckets {
		if _, err := resource.Forget(ctx, c.clients.S3, bucket, c.clock.now()); err != nil {
			return fmt.Errorf("expiry of %s: %w", bucket.Name, err)
		}
	}
	return nil
}

// everyHour starts a function at once, for what was missed, and then every hour.
func (c *cloud) everyHour(ctx context.Context, function string) error {
	for ctx.Err() == nil {
		if err := c.startHourly(ctx, function); err != nil && ctx.Err() == nil {
			c.console.say("%s: %v", function, err)
		}
		source.Wait(ctx, time.Hour)
	}
	return nil
}

// watch returns when the engine no longer listens.
func watch(ctx context.Context, process *engine.Process) error {
	address, err := url.Parse(process.URL)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		source.Wait(ctx, time.Second)
		connection, err := net.DialTimeout("tcp", address.Host, 5*time.Second)
		if err != nil {
			return fmt.Errorf("has ended: %w", err)
		}
		connection.Close()
	}
	return nil
}

// wait returns when ctx ends, or with the reason why something else did.
func (c *cloud) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		c.console.say("Stopping …")
		return nil
	case err := <-c.failed:
		return err
	}
}

// stop ends everything that was started, in the opposite order.
func (c *cloud) stop() {
	c.cancel()
	if c.server != nil {
		c.server.Close()
	}
	c.archive.Close()
	var group sync.WaitGroup
	for _, pool := range c.functions {
		group.Go(pool.Close)
	}
	group.Wait()
	c.background.Wait()
	for _, process := range []*engine.Process{c.dynamo, c.queues, c.mail} {
		if process != nil {
			group.Go(process.Stop)
		}
	}
	group.Wait()
	if c.names != nil {
		c.names.Close()
	}
	for _, log := range c.logs {
		log.Close()
	}
}
