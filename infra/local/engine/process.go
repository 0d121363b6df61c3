package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

const (
	startTimeout = time.Minute     // for machines that start many things at once
	stopTimeout  = 5 * time.Second // from the polite signal to the other one
	pollInterval = 20 * time.Millisecond
)

// Process is an engine that answers.
type Process struct {
	URL string // http://127.0.0.1:port

	command *exec.Cmd
	output  *tail
	gone    chan struct{} // closed when the process has ended
}

// Stop ends the process and returns when it is gone. It may be called again.
func (p *Process) Stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM) // fails only when the process has ended
	select {
	case <-p.gone:
	case <-time.After(stopTimeout):
		_ = p.command.Process.Kill()
		<-p.gone
	}
}

// start runs the command on a free port and returns when it answers. Between our asking for the port
// and the engine's taking it somebody else may; then another port is tried. The context bounds the
// start, not the life of the process.
func start(ctx context.Context, log string, command func(port string) *exec.Cmd) (*Process, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		address, err := freeAddress()
		if err != nil {
			return nil, err
		}
		_, port, _ := net.SplitHostPort(address)
		p, err := launch(command(port), log)
		if err != nil {
			return nil, err
		}
		p.URL = "http://" + address
		err = p.awaitAnswer(ctx)
		if err == nil {
			return p, nil
		}
		p.Stop()
		if ctx.Err() != nil || isFree(address) {
			return nil, err
		}
	}
}

func launch(cmd *exec.Cmd, log string) (*Process, error) {
	p := &Process{command: cmd, output: &tail{}, gone: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.output, p.output
	cmd.SysProcAttr = attributes()
	if log != "" {
		file, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
		if err != nil {
			return nil, err
		}
		defer file.Close() // the child has its own
		cmd.Stdout, cmd.Stderr = file, file
	}
	started := make(chan error)
	go func() {
		// Linux tells a child of its parent's death when the thread that made it ends. This one
		// stays as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(p.gone)
		}
	}()
	err := <-started
	if errors.Is(err, exec.ErrNotFound) {
		return nil, fmt.Errorf(`%w: run "make setup"`, err)
	}
	return p, err
}

// awaitAnswer returns when the process answers HTTP, whatever it says.
func (p *Process) awaitAnswer(ctx context.Context) error {
	client := http.Client{Timeout: time.Second} // a stranger on the port may keep silent
	defer client.CloseIdleConnections()
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	for {
		if answer, err := client.Get(p.URL); err == nil {
			return answer.Body.Close()
		}
		select {
		case <-p.gone:
			return fmt.Errorf("%s ended at its start: %v\n%s", p.command, p.command.ProcessState, p.output)
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w", p.command, ctx.Err())
		case <-poll.C:
		}
	}
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

func isFree(address string) bool {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return false
	}
	_ = listener.Close()
	return true
}

// tail keeps the end of what is written, for the message when an engine does not start.
type tail struct{ text []byte }

var _ io.Writer = (*tail)(nil)

func (t *tail) Write(text []byte) (int, error) {
	const most = 2000
	t.text = append(t.text, text...)
	t.text = t.text[max(0, len(t.text)-most):]
	return len(text), nil
}

func (t *tail) String() string { return string(t.text) }
