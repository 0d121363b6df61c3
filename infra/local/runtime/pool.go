package runtime

import (
	"context"
	"errors"
	"sync"
)

// A Pool runs a function in as many processes as its requests need at the same time, up to its
// Concurrency; further requests wait for one to become free. Idle processes stay.
type Pool struct {
	function Function
	slots    chan struct{}

	mu     sync.Mutex
	idle   []*Process
	all    map[*Process]bool
	closed bool
}

var errClosed = errors.New("the local cloud is stopping")

// NewPool returns a pool without any process yet.
func NewPool(f Function) *Pool {
	return &Pool{function: f, slots: make(chan struct{}, max(1, f.Concurrency)), all: map[*Process]bool{}}
}

// Warm starts one process and waits until it is ready, so that a function that cannot start is found
// out before its first request.
func (p *Pool) Warm(ctx context.Context) error {
	p.slots <- struct{}{}
	defer func() { <-p.slots }()
	process, _, err := p.take()
	if err != nil {
		return err
	}
	if err := process.Ready(ctx); err != nil {
		return err
	}
	p.giveBack(process)
	return nil
}

// Invoke runs the function once. When ctx ends first, the answer is lost but the function goes on to
// its end, as it would on AWS.
func (p *Pool) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	done := make(chan answer, 1)
	go func() {
		defer func() { <-p.slots }()
		payload, err := p.run(payload)
		done <- answer{payload, err}
	}()
	select {
	case a := <-done:
		return a.payload, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close kills every process.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	all := p.all
	p.all = nil
	p.mu.Unlock()
	for process := range all {
		process.Stop()
	}
}

func (p *Pool) run(payload []byte) ([]byte, error) {
	for {
		process, used, err := p.take()
		if err != nil {
			return nil, err
		}
		answer, err := process.Invoke(payload)
		p.giveBack(process)
		if err == errGone && used {
			continue
		}
		return answer, err
	}
}

// take returns an idle process that is alive, or else a new one, not used yet.
func (p *Pool) take() (process *Process, used bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, false, errClosed
	}
	for len(p.idle) > 0 {
		process := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		if process.Alive() {
			return process, true, nil
		}
		delete(p.all, process)
	}
	process, err = Start(p.function)
	if err == nil {
		p.all[process] = true
	}
	return process, false, err
}

func (p *Pool) giveBack(process *Process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, process) // take leaves out the dead
}
