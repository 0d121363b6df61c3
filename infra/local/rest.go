package main

import (
	"context"
	"strconv"
	"sync"
	"time"

	"comptoir/infra/local/source"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// glance is how soon what is under way is looked at again.
const glance = 10 * time.Millisecond

// work is what functions do because of a stream, a queue or the hour.
type work struct {
	mu     sync.Mutex
	amount amount
}

type amount struct{ running, begun int }

func (w *work) so() amount {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.amount
}

func (w *work) add(running, begun int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.amount.running += running
	w.amount.begun += begun
}

// A call is heard by all who wait for it.
type call struct {
	mu sync.Mutex
	ch chan struct{}
}

// told returns what is closed by the next call.
func (c *call) told() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ch == nil {
		c.ch = make(chan struct{})
	}
	return c.ch
}

func (c *call) tell() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ch != nil {
		close(c.ch)
	}
	c.ch = nil
}

// counted starts a function as work.
func (c *cloud) counted(function string) source.Invoke {
	return func(ctx context.Context, event []byte) ([]byte, error) {
		c.work.add(1, 1)
		defer c.work.add(-1, 0)
		return c.functions[function].Invoke(ctx, event)
	}
}

// noted starts a function with what a stream brings, which is counted once it is handled.
func (c *cloud) noted(function string) source.Invoke {
	start := c.counted(function)
	return func(ctx context.Context, batch []byte) ([]byte, error) {
		answer, err := start(ctx, batch)
		if err == nil {
			c.tally.note(batch)
		}
		return answer, err
	}
}

// rest returns when nothing is under way any more: no function works, none has been started while the streams turned out to
// be handled and the queues to be empty. What may be left are messages that wait for their time; it returns how many.
func (c *cloud) rest(ctx context.Context) (waiting int, err error) {
	for before := -1; ctx.Err() == nil; source.Wait(ctx, glance) {
		work, now := c.work.so(), time.Now()
		if work.running > 0 {
			continue
		}
		if err := c.streamsHandled(ctx, now, work); err != nil {
			return 0, err
		}
		visible, hidden, err := c.messages(ctx)
		if err != nil {
			return 0, err
		}
		if visible > 0 || c.work.so() != work {
			continue
		}
		if hidden == 0 || hidden == before { // seen twice: none is on its way to a function
			return hidden, nil
		}
		before = hidden
	}
	return 0, ctx.Err()
}

// streamsHandled returns when all that the streams held at a moment was handled, or when more work has begun.
func (c *cloud) streamsHandled(ctx context.Context, moment time.Time, so amount) error {
	for _, p := range c.progress {
		for {
			c.look.tell()
			handled, err := p.Handled(ctx, moment)
			if err != nil || ctx.Err() != nil {
				return err
			}
			if handled || c.work.so() != so {
				break
			}
			source.Wait(ctx, glance)
		}
	}
	return nil
}

// messages counts those that consumers can take now, and those that wait: delayed, or to be tried again.
func (c *cloud) messages(ctx context.Context) (visible, hidden int, err error) {
	for _, q := range c.blueprint.Consumers {
		v, h, err := c.count(ctx, q.Queue)
		if err != nil {
			return 0, 0, err
		}
		visible, hidden = visible+v, hidden+h
	}
	return visible, hidden, nil
}

func (c *cloud) count(ctx context.Context, queue string) (visible, hidden int, err error) {
	of := []types.QueueAttributeName{
		types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
		types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
	}
	found, err := c.clients.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(c.queues.URL + "/" + accountID + "/" + queue), AttributeNames: of,
	})
	if err != nil {
		return 0, 0, err
	}
	var n [3]int
	for i, name := range of {
		if n[i], err = strconv.Atoi(found.Attributes[string(name)]); err != nil {
			return 0, 0, err
		}
	}
	return n[0], n[1] + n[2], nil
}

// deadLetters counts the messages of the queues that nobody consumes.
func (c *cloud) deadLetters(ctx context.Context) (map[string]int, error) {
	all := map[string]int{}
	for _, q := range c.blueprint.Queues {
		all[q.Name] = 0
	}
	for _, q := range c.blueprint.Consumers {
		delete(all, q.Queue)
	}
	for name := range all {
		visible, hidden, err := c.count(ctx, name)
		if err != nil {
			return nil, err
		}
		all[name] = visible + hidden
	}
	return all, nil
}
