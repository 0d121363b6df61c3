package main

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// tally is what came of many calls.
type tally struct {
	took    []time.Duration // refused ones too
	elapsed time.Duration
	refused []error
}

func (t tally) errors() int { return len(t.refused) }

// complain says which errors there were.
func (t tally) complain() {
	times := map[string]int{}
	for _, err := range t.refused {
		times[err.Error()]++
	}
	for said, n := range times {
		fmt.Fprintf(os.Stderr, "%d times: %s\n", n, strings.TrimSpace(said))
	}
}

// rate is how many succeeded in a second.
func (t tally) rate() float64 { return float64(len(t.took)-t.errors()) / t.elapsed.Seconds() }

func (t tally) String() string {
	return fmt.Sprintf("%.0f | %s | %s", t.rate(), ms(at(t.took, 50)), ms(at(t.took, 99)))
}

// loop has clients do something for each number from one to another, and adds what came of it.
func (t *tally) loop(clients, from, to int, do func(client, n int) error) {
	took, errs := make([]time.Duration, to-from), make([]error, to-from)
	var next atomic.Int64
	var all sync.WaitGroup
	begin := time.Now()
	for client := range clients {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < to-from; i = int(next.Add(1)) - 1 {
				start := time.Now()
				errs[i] = do(client, from+i)
				took[i] = time.Since(start)
			}
		})
	}
	all.Wait()
	t.elapsed += time.Since(begin)
	t.took = append(t.took, took...)
	for _, err := range errs {
		if err != nil {
			t.refused = append(t.refused, err)
		}
	}
}
