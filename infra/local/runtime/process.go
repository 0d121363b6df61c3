package runtime

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// initLimit is how long a process may take until its first poll; AWS gives ten seconds.
const initLimit = 10 * time.Second

// A Process is one running instance of a function. It has a listener of its own, so that no event can
// reach the connection of a process that has died.
type Process struct {
	function Function
	command  *exec.Cmd
	server   *http.Server
	events   chan *invocation
	polled   chan struct{} // closed at the first poll
	first    sync.Once
	exited   chan struct{} // closed once the process has ended
	exit     error         // how it ended, once exited is closed

	mu       sync.Mutex
	current  *invocation
	initFail *Error
}

type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	answer   chan answer
}

type answer struct {
	payload []byte
	err     error
}

// Start starts a process of the function, without waiting until it is ready.
func Start(f Function) (*Process, error) {
	binary, err := filepath.Abs(f.Binary)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Process{
		function: f,
		command:  exec.Command(binary),
		events:   make(chan *invocation),
		polled:   make(chan struct{}),
		exited:   make(chan struct{}),
	}
	lines := &lineWriter{to: f.Log}
	p.command.Env = f.environ(listener.Addr().String())
	p.command.Stdout = lines
	p.command.Stderr = lines
	p.command.SysProcAttr = dieWithParent()
	p.server = &http.Server{Handler: p.api()}
	go p.server.Serve(listener) // ends with the process
	started := make(chan error)
	go p.live(started, lines)
	if err := <-started; err != nil {
		p.server.Close()
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	return p, nil
}

// live starts the process and stays until it has ended. It keeps its thread: Linux takes the end of the
// thread that made a child for the end of the parent.
func (p *Process) live(started chan<- error, lines *lineWriter) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.command.Start()
	started <- err
	if err != nil {
		return
	}
	p.exit = p.command.Wait()
	lines.flush()
	p.server.Close()
	close(p.exited)
}

// Ready waits until the process polls for its first event; it says why if that cannot happen.
func (p *Process) Ready(ctx context.Context) error {
	select {
	case <-p.polled:
		return nil
	case <-p.exited:
		select {
		case <-p.polled: // and so it was, before it ended
			return nil
		default:
			return p.exitError("")
		}
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(initLimit):
		p.Stop()
		return &Error{Timeout, fmt.Sprintf("%s did not start within %s", p.function.Name, initLimit)}
	}
}

// errGone means that the process ended after its last answer, before it took the event: another
// process can have it.
var errGone = errors.New("the process has ended")

// Invoke hands an event to the process and waits for its answer. One at a time. A process that
// overruns its timeout is killed.
func (p *Process) Invoke(payload []byte) ([]byte, error) {
	if err := p.Ready(context.Background()); err != nil {
		return nil, err
	}
	i := &invocation{
		id:       rand.Text(),
		payload:  payload,
		deadline: time.Now().Add(p.function.Timeout),
		answer:   make(chan answer, 1),
	}
	timeout := time.NewTimer(p.function.Timeout)
	defer timeout.Stop()
	select {
	case p.events <- i:
	case <-p.exited:
		return nil, errGone
	case <-timeout.C:
		p.Stop()
		return nil, p.timeoutError(i.id)
	}
	select {
	case a := <-i.answer:
		return a.payload, a.err
	case <-p.exited:
		return nil, p.exitError(i.id)
	case <-timeout.C:
		p.Stop()
		return nil, p.timeoutError(i.id)
	}
}

// Alive says whether the process can take another event.
func (p *Process) Alive() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// Stop kills the process and waits until it is gone.
func (p *Process) Stop() {
	p.command.Process.Kill() // fails only if it has ended already
	<-p.exited
}

func (p *Process) timeoutError(id string) error {
	return &Error{Timeout, fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", id, p.function.Timeout.Seconds())}
}

func (p *Process) exitError(id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.initFail != nil {
		return p.initFail
	}
	reason := "exit status 0"
	if p.exit != nil {
		reason = p.exit.Error()
	}
	return &Error{Exit, fmt.Sprintf("RequestId: %s Error: Runtime exited with error: %s", id, reason)}
}
