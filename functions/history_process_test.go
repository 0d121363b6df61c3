package functions_test

import (
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"comptoir/functions/apitest"
	"comptoir/infra/local/engine"
	"comptoir/shared/table"
	"comptoir/shared/table/proxy"
)

// process is a function's process of its own: an API that reaches the table through a proxy of its own, until a
// fault kills it.
type process struct {
	*apitest.World
	proxy   *proxy.Proxy
	sends   *http.Client
	commits atomic.Int64 // calls that would write, as they are passed on
	deaf    atomic.Bool  // after the next commit all its loads fail, so that nobody learns what became of it
}

func (run *historyRun) process(t *testing.T) *process {
	through, err := proxy.Start(run.shared.URL())
	if err != nil {
		t.Error(err)
		return nil
	}
	p := &process{proxy: through, sends: &http.Client{Transport: &http.Transport{}}}
	through.Counting, through.Torn = false, rand.IntN(3) == 0 // a third, for what that costs
	through.Before = func(operation string, _ []byte) {
		if operation == "TransactWriteItems" {
			p.commits.Add(1)
			run.sent.Add(1)
			if p.deaf.CompareAndSwap(true, false) {
				through.Arm("BatchGetItem", sdkTries, proxy.FailBefore)
			}
		}
	}
	p.World = calling(run.w, through.URL(), p)
	return p
}

// calling is the same world, whose API calls the table at an address by some client, and the SDK doesn't wait
// before it tries again.
func calling(w *apitest.World, url string, by aws.HTTPClient) *apitest.World {
	client := table.Client(aws.Config{
		BaseEndpoint: &url, Region: engine.Region, Credentials: credentials.NewStaticCredentialsProvider(w.Storage.AccessKey, "any", ""),
	}, func(o *dynamodb.Options) { o.HTTPClient, o.Retryer = by, atOnce{o.Retryer} })
	world := *w
	world.Table = table.New(client, w.Storage.TableName, w.Always()...)
	world.Serve(world.Table)
	return &world
}

// atOnce is the SDK's own retryer without the waiting.
type atOnce struct{ aws.Retryer }

func (atOnce) RetryDelay(int, error) (time.Duration, error) { return 0, nil }

// killed is what a dead process gets instead of answers. The SDK doesn't try again.
type killed struct{}

func (killed) Error() string { return "the process was killed" }

// CanceledError is what the SDK asks.
func (killed) CanceledError() bool { return true }

// Do sends a call to the table, unless the process is dead: what is left of it here can't send anything later.
func (p *process) Do(r *http.Request) (*http.Response, error) {
	select {
	case <-p.proxy.Killed():
		return nil, killed{}
	default:
		return p.sends.Do(r)
	}
}

func (p *process) end() {
	p.proxy.Close()
	p.sends.CloseIdleConnections()
}

// sdkTries is how often the SDK sends a call.
const sdkTries = 3

// mishaps are what befalls a write, by chance. The first is that nothing does.
var mishaps = []struct {
	weight int
	arm    func(*process)
}{
	{9, func(*process) {}},
	{1, func(p *process) { p.proxy.Arm("BatchGetItem", 1, proxy.Throttle) }},
	{1, func(p *process) { p.proxy.Arm("BatchGetItem", sdkTries, proxy.FailBefore) }},
	{1, func(p *process) { p.proxy.Arm("TransactGetItems", 1, proxy.FailBefore) }},
	{1, func(p *process) { p.proxy.Arm("TransactWriteItems", 1, proxy.Throttle) }},
	{1, func(p *process) { p.proxy.Arm("TransactWriteItems", 1, proxy.CancelThrottled) }},
	{1, func(p *process) { p.proxy.Arm("TransactWriteItems", 1, proxy.FailBefore) }},
	{1, func(p *process) { p.proxy.Arm("TransactWriteItems", 1, proxy.DropAfter) }},
	{1, func(p *process) { p.proxy.Arm("TransactWriteItems", sdkTries, proxy.DropAfter) }}, // the mark says whether it is done
	{1, func(p *process) {
		p.proxy.Arm("TransactWriteItems", sdkTries, proxy.DropAfter)
		p.deaf.Store(true)
	}},
	{1, func(p *process) { p.proxy.Arm("TransactWriteItems", 1, proxy.KillBefore) }},
	{1, func(p *process) { p.proxy.Arm("TransactWriteItems", 1, proxy.KillAfter) }},
}
