// Package scan finds what falls due, every hour, and sends a message for each item to the queue of those who look after it.
package scan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/queue"
	"comptoir/shared/setting"
	"comptoir/shared/statement"
	"comptoir/shared/table"
	"comptoir/shared/webhook"
)

// Settings hold the URLs of the queues that the scan sends to.
var Settings = map[queue.Name]string{
	queue.Renewal: setting.RenewalQueue, queue.Webhook: setting.WebhookQueue, queue.Statement: setting.StatementQueue,
}

// Scan reads what falls due.
type Scan struct {
	Table  *table.Table
	SQS    queue.Batcher
	Queues map[queue.Name]string // their URLs
	Page   int                   // how many items are read, and sent, before it is noted; 1,000 unless it is said
}

// looks are how long after it fell due an item is looked for: at once, and twice more for what nobody has been able to do
// since. What was done has left the index. The later looks come first, and go no further than the first look was in an earlier run: what it has
// yet to find, after an outage too, is sent by it alone.
var looks = []time.Duration{0, 24 * time.Hour, 10 * 24 * time.Hour}

const (
	begin   = 60 * 24 * time.Hour // how far back the first run of all looks
	pace    = 6 * time.Hour       // between two later looks
	overlap = 5 * time.Minute     // read again by the next run: the index follows the table, and clocks differ
	page    = 1000                // items of a shard read at once
	reserve = 20 * time.Second    // left before the function's time is over
)

// Handle reads every shard up to now, each on from where it was read before. When time runs out, or the function is killed, the next
// run goes on from there.
func (s Scan) Handle(ctx context.Context) error {
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, end.Add(-reserve))
		defer cancel()
	}
	var group errgroup.Group // what fails in one shard stops no other
	for shard := range table.DueShards {
		group.Go(func() error {
			for look := range slices.Backward(looks) {
				if err := s.look(ctx, shard, look); err != nil {
					return fmt.Errorf("shard %d: %w", shard, err)
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// step is a part of a look at a shard: the entries that were read, and where that leaves the bookmark.
type step struct {
	mark  table.Bookmark
	items []table.Due
	done  bool
}

// look sends what has fallen due in a shard, page by page. The bookmark moves after the messages were sent: what is sent twice is done once.
func (s Scan) look(ctx context.Context, shard, look int) error {
	for {
		next, err := s.read(ctx, shard, look)
		if err != nil || next == nil {
			return err
		}
		if err := s.send(ctx, next.items); err != nil {
			return err
		}
		err = s.note(ctx, next.mark)
		if errors.Is(err, errOvertaken) {
			continue // from where the other left it: it may have been killed there
		}
		if err != nil || next.done {
			return err
		}
	}
}

func (s Scan) read(ctx context.Context, shard, look int) (*step, error) {
	load := []table.Load{table.BookmarkOf(shard, look), table.BookmarkOf(shard, 0)}
	return table.Read(ctx, s.Table, table.Call{Load: load, Allow: table.Unasked}, func(tx *table.Tx) (*step, error) {
		mark, until := markOf(tx, shard, look), tx.Now.Add(-looks[look])
		if sent := markOf(tx, shard, 0).Time().Add(-time.Millisecond); look > 0 && sent.Before(until) {
			until = sent
		}
		if look > 0 && until.Sub(mark.Time()) < pace {
			return nil, nil // a later look is in no hurry
		}
		last := calendar.On(until, time.UTC)
		for ; !mark.Day.After(last); mark.Day, mark.After = mark.Day.AddDays(1), "" {
			list := table.FallingDue(mark.Day, shard, until, mark.After, table.Page{Limit: cmp.Or(s.Page, page)})
			if err := tx.Load(list); err != nil {
				return nil, err
			}
			if rows, _ := list.Rows(tx); len(rows) > 0 {
				mark.After = rows[len(rows)-1].Entry
				return &step{mark: mark, items: rows}, nil
			}
		}
		return &step{mark: mark.At(until.Add(-overlap)), done: true}, nil
	})
}

// markOf is how far a look at a shard has come.
func markOf(tx *table.Tx, shard, look int) table.Bookmark {
	mark, exists := table.BookmarkOf(shard, look).Find(tx)
	if !exists {
		mark = table.Bookmark{Shard: shard, Look: look}.At(tx.Now.Add(-looks[look] - begin))
	}
	return mark
}

// note moves the bookmark, unless another run has moved it meanwhile.
func (s Scan) note(ctx context.Context, mark table.Bookmark) error {
	ref := table.BookmarkOf(mark.Shard, mark.Look)
	_, _, err := table.Write(ctx, s.Table, table.Call{Load: []table.Load{ref}, Allow: table.Unasked}, func(tx *table.Tx) (*struct{}, error) {
		if is, _ := ref.Find(tx); is.Version != mark.Version {
			return nil, errOvertaken
		}
		moved := mark // decided anew, it is compared again as it was read
		tx.Put(&moved)
		return nil, nil
	})
	return err
}

var errOvertaken = errors.New("scan: another run reads the same shard")

func (s Scan) send(ctx context.Context, items []table.Due) error {
	for some := range slices.Chunk(items, queue.BatchLimit) {
		batch := queue.Batch{}
		for n, due := range some {
			if err := batch.Add(destination(due), n, due); err != nil {
				return err
			}
		}
		var refused error
		err := batch.Send(ctx, s.SQS, s.Queues, func(_ int, why error) { refused = why })
		if err := cmp.Or(err, refused); err != nil {
			return err
		}
	}
	return nil
}

// destination is the queue of those who look after what falls due.
func destination(d table.Due) queue.Name {
	switch d.Type {
	case table.TypeOf[webhook.Delivery]():
		return queue.Webhook
	case table.TypeOf[statement.Closing](), table.TypeOf[commission.Calendar]():
		return queue.Statement
	}
	return queue.Renewal
}
