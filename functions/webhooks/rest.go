package webhooks

import (
	"sync"
	"time"
)

// rest is how long an endpoint is left alone that has let an attempt run into its time limit.
const rest = time.Minute

// Rests are the endpoints that this process leaves alone for now. One that hangs holds each process for a batch in a
// minute, and never all of them for long; the others' deliveries go on.
type Rests struct {
	mu    sync.Mutex
	until map[string]time.Time
}

func (r *Rests) note(endpointID string, until time.Time) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.until == nil || len(r.until) > 1000 { // who is forgotten is tried once more
		r.until = map[string]time.Time{}
	}
	r.until[endpointID] = until
}

func (r *Rests) of(endpointID string) time.Time {
	if r == nil {
		return time.Time{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.until[endpointID]
}
