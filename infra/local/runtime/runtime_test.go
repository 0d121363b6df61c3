package runtime_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"comptoir/infra/local/runtime"
)

var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "function")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "bootstrap")
	build := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", binary, "./testdata/function")
	if output, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v\n%s", err, output))
	}
	return m.Run()
}

// function is a pool of the test function, closed with the test.
func function(t *testing.T, change func(*runtime.Function)) *runtime.Pool {
	t.Helper()
	f := runtime.Function{
		Name: "test", ARN: "arn:aws:lambda:eu-west-3:000000000000:function:test", Binary: binary,
		Timeout: 10 * time.Second, Region: "eu-west-3", Concurrency: 1, Log: t.Output(),
	}
	if change != nil {
		change(&f)
	}
	pool := runtime.NewPool(f)
	t.Cleanup(pool.Close)
	return pool
}

func invoke(t *testing.T, pool *runtime.Pool, event string) (string, error) {
	t.Helper()
	answer, err := pool.Invoke(t.Context(), []byte(event))
	return string(answer), err
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	pool := function(t, func(f *runtime.Function) { f.Environment = map[string]string{"TABLE_NAME": "desk"} })
	for event, want := range map[string]string{
		`{"Do":"echo","Name":"é"}`:                        `{"Do":"echo","Name":"é"}`,
		`{"Do":"garbage"}`:                                `}not json{`,
		`{"Do":"environment","Name":"TABLE_NAME"}`:        `"desk"`,
		`{"Do":"environment","Name":"_HANDLER"}`:          `"test"`,
		`{"Do":"environment","Name":"AWS_REGION"}`:        `"eu-west-3"`,
		`{"Do":"environment","Name":"AWS_ACCESS_KEY_ID"}`: `"local"`,
		`{"Do":"environment","Name":"HOME"}`:              `""`,
	} {
		if got, err := invoke(t, pool, event); err != nil || got != want {
			t.Errorf("%s: got %s, %v; want %s", event, got, err, want)
		}
	}
}

func TestContext(t *testing.T) {
	t.Parallel()
	answer, err := invoke(t, function(t, nil), `{"Do":"context"}`)
	var got struct {
		Left float64
		ARN  string
	}
	if err != nil || json.Unmarshal([]byte(answer), &got) != nil {
		t.Fatal(answer, err)
	}
	if got.Left < 8 || got.Left > 10 || !strings.HasSuffix(got.ARN, ":function:test") {
		t.Errorf("got %+v; want nearly ten seconds left", got)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ do, kind, message string }{
		{"fail", "errorString", "refused on purpose"},
		{"panic", "string", "on purpose"},
		{"exit", runtime.Exit, "exit status 3"},
		{"hang", runtime.Timeout, "Task timed out after 0.50 seconds"},
		{"large", runtime.TooLarge, "exceeded maximum allowed payload size"},
	} {
		t.Run(c.do, func(t *testing.T) {
			t.Parallel()
			pool := function(t, func(f *runtime.Function) {
				if c.do == "hang" {
					f.Timeout = 500 * time.Millisecond
				}
			})
			_, err := invoke(t, pool, `{"Do":"`+c.do+`"}`)
			var failure *runtime.Error
			if !errors.As(err, &failure) || failure.Type != c.kind || !strings.Contains(failure.Message, c.message) {
				t.Errorf("got %v; want %s: %s", err, c.kind, c.message)
			}
			if got, err := invoke(t, pool, `{"Do":"echo"}`); err != nil {
				t.Errorf("the next request got %s, %v; want an answer", got, err)
			}
		})
	}
}

func TestProcessIsKeptUnlessItFailed(t *testing.T) {
	t.Parallel()
	pool := function(t, nil)
	first, _ := invoke(t, pool, `{"Do":"process"}`)
	second, _ := invoke(t, pool, `{"Do":"process"}`)
	invoke(t, pool, `{"Do":"exit"}`)
	third, err := invoke(t, pool, `{"Do":"process"}`)
	if err != nil || first != second || third == first {
		t.Errorf("processes %s, %s and after a crash %s (%v); want the same twice, then another", first, second, third, err)
	}
}

func TestRequestsAtTheSameTime(t *testing.T) {
	t.Parallel()
	pool := function(t, func(f *runtime.Function) { f.Concurrency = 2 })
	event := fmt.Sprintf(`{"Do":"meet","Name":%q}`, t.TempDir())
	var group sync.WaitGroup
	for range 2 { // each answers only once both are there
		group.Go(func() {
			if _, err := invoke(t, pool, event); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

func TestMoreRequestsThanProcesses(t *testing.T) {
	t.Parallel()
	pool := function(t, func(f *runtime.Function) { f.Concurrency = 2 })
	var mu sync.Mutex
	processes := map[string]int{}
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			process, err := invoke(t, pool, `{"Do":"process"}`)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			processes[process]++
		})
	}
	group.Wait()
	if len(processes) > 2 {
		t.Errorf("%d processes for 50 requests; want at most 2", len(processes))
	}
}

func TestStartThatFails(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	pool := function(t, func(f *runtime.Function) {
		f.Environment = map[string]string{"REFUSE_TO_START": "yes"}
		f.Log = &log
	})
	if err := pool.Warm(t.Context()); err == nil || !strings.Contains(err.Error(), "exit status 1") {
		t.Errorf("got %v; want exit status 1", err)
	}
	if !strings.Contains(log.String(), "TABLE_NAME is not set") {
		t.Errorf("log %q; want the reason", log.String())
	}
}

func TestBinaryThatIsMissing(t *testing.T) {
	t.Parallel()
	pool := function(t, func(f *runtime.Function) { f.Binary = "nowhere/bootstrap" })
	if err := pool.Warm(t.Context()); err == nil || !strings.Contains(err.Error(), "nowhere/bootstrap") {
		t.Errorf("got %v; want the path", err)
	}
}

func TestCallerThatGivesUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	pool := function(t, nil)
	if err := pool.Warm(ctx); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := pool.Invoke(ctx, []byte(`{"Do":"hang"}`)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v; want context canceled", err)
	}
}

func TestLogHasWholeLines(t *testing.T) {
	t.Parallel()
	process, lines := &bytes.Buffer{}, "a line\nhalf a line\n"
	pool := function(t, func(f *runtime.Function) { f.Log = process })
	invoke(t, pool, `{"Do":"log"}`)
	pool.Close() // waits for the process, and so for what it wrote
	if got := process.String(); got != lines {
		t.Errorf("got %q; want %q", got, lines)
	}
}
