package table

import (
	"context"
	"fmt"

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

const batchLimit = 100 // keys in one BatchGetItem

// batch reads items by their keys. Strongly consistent, what it says is so now.
func (t *Table) batch(ctx context.Context, keys map[Key]bool, consistent bool) (map[Key]item, error) {
	found := make(map[Key]item, len(keys))
	rest := make([]item, 0, len(keys))
	for key := range keys {
		rest = append(rest, key.attributes())
	}
	for round := 0; len(rest) > 0; round++ {
		n := min(len(rest), batchLimit)
		out, err := t.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
			t.name: {Keys: rest[:n], ConsistentRead: &consistent},
		}})
		if err != nil {
			return nil, err
		}
		for _, it := range out.Responses[t.name] {
			found[keyOf(it)] = it
		}
		refused := out.UnprocessedKeys[t.name].Keys
		rest = append(rest[n:], refused...)
		switch {
		case len(refused) == 0:
		case round == attempts:
			return nil, problem.TooMany()
		default: // throttled in part
			pause(ctx, round)
		}
	}
	return found, nil
}
