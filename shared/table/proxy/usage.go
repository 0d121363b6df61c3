package proxy

import (
	"maps"
	"slices"
	"sync"
)

// Usage is what a piece of work took. Calls that the proxy refused count among the calls and round
// trips, and cost no units.
type Usage struct {
	Calls         map[string]int // by operation
	RoundTrips    int            // calls that overlap are one; see Proxy.Hold
	RequestBytes  int            // of bodies
	ResponseBytes int
	ReadUnits     float64  // as AWS would charge them on demand
	WriteUnits    float64  //
	IndexUnits    float64  // those of the write units that the indexes take
	Examined      int      // items that queries and scans looked at
	Actions       []string // what IAM has to allow, sorted: "BatchGetItem", "Query GSI2", "ConditionCheckItem"
}

// Usage tells what was used since the start or the last Reset. The units are exact when nobody else
// writes the same items at the same time.
func (p *Proxy) Usage() Usage {
	p.meter.mu.Lock()
	defer p.meter.mu.Unlock()
	u := p.meter.usage
	u.Calls = maps.Clone(u.Calls)
	u.Actions = slices.Sorted(maps.Keys(p.meter.actions))
	return u
}

// Reset starts a new count.
func (p *Proxy) Reset() {
	p.meter.mu.Lock()
	defer p.meter.mu.Unlock()
	p.meter.usage, p.meter.actions = Usage{}, nil
}

type meter struct {
	mu        sync.Mutex
	usage     Usage // without the actions
	actions   map[string]bool
	inFlight  int
	committed map[string]bool // transactions that were, by caller and client token
}

// begin counts a call that arrives, end its answer.
func (m *meter) begin(c *call) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.usage.Calls == nil {
		m.usage.Calls = map[string]int{}
	}
	m.usage.Calls[c.operation]++
	m.usage.RequestBytes += len(c.body)
	if m.inFlight == 0 {
		m.usage.RoundTrips++
	}
	m.inFlight++
}

func (m *meter) end(a *answer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.usage.ResponseBytes += len(a.body)
	m.inFlight--
}

func (m *meter) charge(reads, writes float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.usage.ReadUnits += reads
	m.usage.WriteUnits += writes
}

// index counts write units of indexes, which charge counts too.
func (m *meter) index(units float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.usage.IndexUnits += units
}

func (m *meter) examine(items int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.usage.Examined += items
}

func (m *meter) act(actions ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.actions == nil {
		m.actions = map[string]bool{}
	}
	for _, action := range actions {
		m.actions[action] = true
	}
}

// commit notes a transaction's client token, wasCommitted asks for it.
func (m *meter) commit(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.committed == nil {
		m.committed = map[string]bool{}
	}
	m.committed[id] = true
}

func (m *meter) wasCommitted(id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.committed[id]
}
