package table

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"comptoir/shared/problem"
)

// Load is something that an operation reads before it decides: a Ref to one item or a List of items.
type Load interface{ load(*loads) }

type loads struct {
	keys   map[Key]bool
	lately map[Key]bool // of which a slightly older state will do
	lists  map[query]bool
}

// Ref is one item, there or not.
type Ref[T any] struct{ Key Key }

func (r Ref[T]) load(l *loads) { l.keys[r.Key] = true }

// Lately is the item as it was a moment ago, at half the price.
func (r Ref[T]) Lately() Load { return lately{r.Key} }

type lately struct{ key Key }

func (r lately) load(l *loads) { l.lately[r.key] = true }

// Find is the item as it was loaded, and whether it exists.
func (r Ref[T]) Find(tx *Tx) (T, bool) {
	it, loaded := tx.items[r.Key]
	if !loaded {
		panic(fmt.Sprintf("table: %v was not loaded", r.Key)) // a handler reads what it didn't announce
	}
	var v T
	if it == nil {
		return v, false
	}
	v, err := decode[T](it)
	if err != nil {
		panic(fmt.Sprintf("table: %v: %v", r.Key, err)) // what lies there was written by us
	}
	return v, true
}

// Get is the item as it was loaded. Errors: problem.NotFound.
func (r Ref[T]) Get(tx *Tx) (T, error) {
	v, ok := r.Find(tx)
	if !ok {
		return v, problem.NotFound()
	}
	return v, nil
}

// Load reads more, found out from what was loaded first. It costs a round trip of its own: announce
// what is known beforehand instead.
func (tx *Tx) Load(what ...Load) error {
	l := loads{map[Key]bool{}, map[Key]bool{}, map[query]bool{}}
	for _, w := range what {
		w.load(&l)
	}
	for key := range tx.items {
		delete(l.keys, key)
	}
	for key := range l.lately { // what is read exactly, or was read, will do
		if _, read := tx.items[key]; read || l.keys[key] {
			delete(l.lately, key)
		}
	}
	for q := range l.lists {
		if _, read := tx.pages[q]; read {
			delete(l.lists, q)
		}
	}
	group, ctx := errgroup.WithContext(tx.ctx)
	var found, recent map[Key]item
	group.Go(func() (err error) {
		found, err = tx.table.batch(ctx, l.keys, true)
		return err
	})
	group.Go(func() (err error) {
		recent, err = tx.table.batch(ctx, l.lately, false)
		return err
	})
	pages := make(chan page, len(l.lists))
	for q := range l.lists {
		group.Go(func() error {
			p, err := tx.table.query(ctx, q)
			pages <- p
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return failure(err)
	}
	for key := range l.keys {
		tx.items[key] = found[key]
	}
	for key := range l.lately {
		tx.items[key] = recent[key]
	}
	for range l.lists {
		p := <-pages
		tx.pages[p.query] = p
		if p.query.index == 0 { // what an answer rests on is compared with what was read, wherever it was found
			for _, it := range p.items {
				tx.items[keyOf(it)] = it
			}
		}
	}
	return nil
}

const (
	batchLimit    = 100 // keys in one BatchGetItem
	batchesAtOnce = 16
)

// batch reads items by their keys, a hundred in each call, a few calls side by side. Strongly consistent, what it says is so now.
func (t *Table) batch(ctx context.Context, keys map[Key]bool, consistent bool) (map[Key]item, error) {
	all := make([]item, 0, len(keys))
	for key := range keys {
		all = append(all, key.attributes())
	}
	found := make(map[Key]item, len(keys))
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(batchesAtOnce)
	for some := range slices.Chunk(all, batchLimit) {
		group.Go(func() error {
			return t.read(ctx, some, consistent, func(it item) {
				mu.Lock()
				defer mu.Unlock()
				found[keyOf(it)] = it
			})
		})
	}
	return found, group.Wait()
}

// read reads up to a hundred items, again where the store was throttled in part.
func (t *Table) read(ctx context.Context, rest []item, consistent bool, found func(item)) error {
	for round := 0; len(rest) > 0; round++ {
		if round == attempts {
			return problem.TooMany()
		}
		if round > 0 {
			pause(ctx, round-1)
		}
		out, err := t.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
			t.name: {Keys: rest, ConsistentRead: &consistent},
		}})
		if err != nil {
			return err
		}
		for _, it := range out.Responses[t.name] {
			found(it)
		}
		rest = out.UnprocessedKeys[t.name].Keys
	}
	return nil
}
