package engine

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestEngines(t *testing.T) {
	t.Parallel()
	engines := map[string]struct {
		start  func(context.Context, Options) (*Process, error)
		path   string
		status int
		keeps  bool
	}{
		"DynamoDB": {start: DynamoDB, path: "/", status: http.StatusBadRequest, keeps: true}, // the request is not signed
		"Queues":   {start: Queues, path: "/health", status: http.StatusOK, keeps: true},
		"Mail":     {start: Mail, path: "/store", status: http.StatusOK},
	}
	for name, e := range engines {
		t.Run(name+" starts, answers and is gone after Stop", func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			p := mustStart(t, e.start, Options{})
			t.Logf("up after %v", time.Since(began).Round(time.Millisecond))

			answer, err := http.Get(p.URL + e.path)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != e.status {
				t.Errorf("GET %s: status %d, want %d", e.path, answer.StatusCode, e.status)
			}

			p.Stop()
			if err := syscall.Kill(p.command.Process.Pid, 0); !errors.Is(err, syscall.ESRCH) {
				t.Errorf("the process is still there: %v", err)
			}
			if !isFree(strings.TrimPrefix(p.URL, "http://")) {
				t.Error("the port is still taken")
			}
			p.Stop() // a second time does nothing
		})
		if e.keeps {
			t.Run(name+" keeps its data in the folder and its output in the log", func(t *testing.T) {
				t.Parallel()
				dir := filepath.Join(t.TempDir(), "data")
				log := filepath.Join(t.TempDir(), "log")
				p := mustStart(t, e.start, Options{Dir: dir, Log: log})
				p.Stop()
				if said, err := os.ReadFile(log); err != nil || len(said) == 0 {
					t.Errorf("log: %q, %v", said, err)
				}
				if _, err := os.Stat(dir); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func mustStart(t *testing.T, start func(context.Context, Options) (*Process, error), o Options) *Process {
	t.Helper()
	p, err := start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
}

func TestStart(t *testing.T) {
	t.Parallel()
	t.Run("tries another port when somebody takes the first meanwhile", func(t *testing.T) {
		t.Parallel()
		var ports []string
		p, err := startNode(t.Context(), Options{}, "aws-ses-v2-local/dist/cli.js", func(cmd *exec.Cmd, port string) {
			ports = append(ports, port)
			cmd.Args = append(cmd.Args, "--host", "127.0.0.1", "--port", port)
			if len(ports) == 1 {
				// A listener that never answers, so that nobody takes it for the engine. When it comes
				// too late, a process beside this test has taken the port, which serves as well.
				if thief, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
					t.Cleanup(func() { thief.Close() })
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Stop)
		if len(ports) < 2 || !strings.HasSuffix(p.URL, ports[len(ports)-1]) {
			t.Errorf("tried the ports %v, answers at %s", ports, p.URL)
		}
	})
	t.Run("says what an engine said that ended at its start", func(t *testing.T) {
		t.Parallel()
		_, err := DynamoDB(t.Context(), Options{HeapMB: -1})
		if err == nil || !strings.Contains(err.Error(), "Invalid maximum heap size") {
			t.Errorf("error: %v", err)
		}
	})
	t.Run("names the command that mends a missing file", func(t *testing.T) {
		t.Parallel()
		_, err := installed("node_modules/no-such-package/index.js")
		if err == nil || !strings.Contains(err.Error(), "make setup") {
			t.Errorf("error: %v", err)
		}
	})
}
