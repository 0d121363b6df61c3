package table

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"comptoir/shared/event"
	"comptoir/shared/problem"
)

// Call is one request, as the table sees it.
type Call struct {
	Load  []Load          // what is read before it is decided
	Allow func(*Tx) error // whether the caller may; sets who acts
	Mark  *Mark           // of a write that a caller may repeat: what makes it happen once
}

// Unasked is the Allow of workers: what they do was allowed when it was decided.
func Unasked(*Tx) error { return nil }

// Read loads, allows and decides: one round trip.
func Read[O any](ctx context.Context, t *Table, c Call, decide func(*Tx) (*O, error)) (*O, error) {
	tx := t.begin(ctx)
	if err := tx.Load(c.Load...); err != nil {
		return nil, err
	}
	if err := c.Allow(tx); err != nil {
		return nil, err
	}
	return decide(tx)
}

// Work loads, decides and commits what happens by itself, under the name of an operation: the system acts, and nobody is answered.
func Work(ctx context.Context, t *Table, operation string, load []Load, decide func(*Tx) error) error {
	call := Call{Load: load, Allow: func(tx *Tx) error {
		tx.Operation, tx.Actor = operation, event.Actor{ID: "comptoir", Kind: "system"}
		return nil
	}}
	_, _, err := Write(ctx, t, call, func(tx *Tx) (*struct{}, error) { return nil, decide(tx) })
	return err
}

// WorkOff does one step of some work after another, each in a transaction of its own, until one says that there is no more.
func WorkOff(ctx context.Context, t *Table, operation string, load []Load, step func(*Tx) (more bool, err error)) error {
	for more := true; more; {
		err := Work(ctx, t, operation, load, func(tx *Tx) (err error) {
			more, err = step(tx)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

const (
	attempts   = 7
	firstPause = 15 * time.Millisecond
)

// Write loads, allows, decides and commits: two round trips. It does so once, however often the same
// mark comes: the first answer is kept with the mark in the same transaction and given again. A
// commit lost to a concurrent change is decided anew; one whose outcome nobody knows is looked up by
// its mark. Replayed tells that the answer is that of an earlier call. Without a mark, as for the
// messages of a queue, what is decided must show from the items loaded that it was done before. What is
// refused, or changes nothing, is confirmed if it rests on several items that Settle has named.
// Errors: problem idempotency_key_reused, conflict, too_many_requests, unavailable, and what decide says.
func Write[O any](ctx context.Context, t *Table, c Call, decide func(*Tx) (*O, error)) (out *O, replayed bool, err error) {
	for n := range attempts {
		if n > 0 {
			pause(ctx, n)
		}
		var tx *Tx
		var refused error
		if tx, out, replayed, refused = attempt(ctx, t, c, decide); tx == nil {
			return out, replayed, refused
		}
		if refused != nil || tx.nothing() {
			err = tx.confirm()
		} else {
			err = tx.commit()
		}
		if err == nil {
			return out, false, refused
		}
		if !lost(err) && !throttled(err) && !unreachable(err) {
			return nil, false, err
		}
	}
	switch {
	case cancelledFor(err, "TransactionConflict"): // others are in the way, again and again
		return nil, false, problem.TooMany().Because(err)
	case lost(err):
		return nil, false, problem.Changed().Because(err)
	}
	return nil, false, failure(err)
}

// attempt does all but the commit. Without a Tx there is nothing to commit or to confirm.
func attempt[O any](ctx context.Context, t *Table, c Call, decide func(*Tx) (*O, error)) (*Tx, *O, bool, error) {
	tx := t.begin(ctx)
	load := slices.Clone(c.Load)
	if c.Mark != nil {
		load = append(load, c.Mark.ref())
	}
	if err := tx.Load(load...); err != nil {
		return nil, nil, false, err
	}
	if err := c.Allow(tx); err != nil {
		return nil, nil, false, err
	}
	if c.Mark != nil {
		if first, done := c.Mark.ref().Find(tx); done {
			if first.Hash != c.Mark.Hash {
				return nil, nil, false, problem.KeyReused()
			}
			out := new(O)
			return nil, out, true, json.Unmarshal(first.Answer, out)
		}
	}
	out, err := decide(tx)
	if err != nil {
		return tx, nil, false, err
	}
	if tx.nothing() && (c.Mark == nil || c.Mark.Generated) {
		return tx, out, false, nil
	}
	if c.Mark != nil {
		mark := *c.Mark
		if mark.Answer, err = json.Marshal(out); err != nil {
			return nil, nil, false, err
		}
		mark.At = tx.Now
		tx.Put(&mark)
	}
	return tx, out, false, nil
}

// lost tells that another change came first: a condition no longer holds, or a transaction on the
// same item is under way.
func lost(err error) bool {
	if errors.Is(err, errMoved) {
		return true
	}
	switch codeOf(err) {
	case "TransactionInProgressException", "TransactionConflictException":
		return true
	}
	return cancelledFor(err, "ConditionalCheckFailed", "TransactionConflict")
}

// cancelledFor tells whether a transaction was cancelled for one of some reasons.
func cancelledFor(err error, codes ...string) bool {
	cancelled, ok := errors.AsType[*types.TransactionCanceledException](err)
	return ok && slices.ContainsFunc(cancelled.CancellationReasons, func(r types.CancellationReason) bool {
		return r.Code != nil && slices.Contains(codes, *r.Code)
	})
}

// pause waits, at first longer each time, by chance, so that those who met don't meet again.
func pause(ctx context.Context, n int) {
	limit := firstPause << min(n, 4)
	timer := time.NewTimer(time.Duration(rand.Int64N(int64(limit))))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
