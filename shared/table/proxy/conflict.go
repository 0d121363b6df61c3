package proxy

import (
	"net/http"
	"sync"
)

// conflicts knows the items that writes are busy with.
type conflicts struct {
	mu           sync.Mutex
	transactions map[string]int
	singles      map[string]int
}

// claim marks the items of a transaction or of a single write as busy until release is called. As on
// AWS ("Managing complex workflows with DynamoDB transactions"), a transaction is refused when
// anybody is busy with one of its items, a single write when a transaction is. A transaction of reads is
// refused like one of writes, and is in nobody's way. Batches and single reads pass.
func (p *Proxy) claim(c *call) (release func(), refused *answer) {
	pass := func() {}
	reads := c.operation == "TransactGetItems"
	if !reads && !isWrite(c.operation) || c.operation == "BatchWriteItem" {
		return pass, nil
	}
	targets, err := p.targets(c)
	if err != nil {
		return pass, nil // the engine says it better
	}
	k := &p.conflicts
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.transactions == nil {
		k.transactions, k.singles = map[string]int{}, map[string]int{}
	}
	const message = "Transaction is ongoing for the item"
	own := k.singles
	if reads || c.operation == "TransactWriteItems" {
		own = k.transactions
		reasons, conflict := noReasons(len(targets)), false
		for n, t := range targets {
			if id := t.id(c); k.transactions[id] > 0 || k.singles[id] > 0 {
				reasons[n], conflict = reason{"TransactionConflict", message}, true
			}
		}
		if conflict {
			return nil, cancellation(reasons)
		}
	} else if k.transactions[targets[0].id(c)] > 0 {
		return nil, refusal(http.StatusBadRequest, "TransactionConflictException", message)
	}
	if reads {
		return pass, nil
	}
	for _, t := range targets {
		own[t.id(c)]++
	}
	return func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		for _, t := range targets {
			own[t.id(c)]--
		}
	}, nil
}
