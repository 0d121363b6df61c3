package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"comptoir/infra/local/source"
)

var errMoving = errors.New("the clock is being moved already")

// retry is how far the clock goes within a day when messages wait for their time: as far as SQS delays a message.
const retry = 15 * time.Minute

// advance moves the clock, day by day, and has done on each what falls due by then. It says what happened on a day, if something
// did. Whatever ends it, the clock stays where it has come to, and what is due there is done with the next hour.
func (c *cloud) advance(ctx context.Context, by span, say func(format string, args ...any)) error {
	if !c.moving.TryLock() {
		return errMoving
	}
	defer c.moving.Unlock()
	c.hurried.Store(true)
	defer c.hurried.Store(false)

	if c.provider == nil {
		c.provider = providerOf(c.addresses())
	}
	from := c.clock.now()
	days := stops(from, by.after(from))
	dead, err := c.deadLetters(ctx)
	if err != nil {
		return err
	}
	if err := c.restBefore(ctx, days[0][0]); err != nil { // what is under way belongs to today
		return err
	}
	if dead, err = c.tellOfDead(ctx, dead, say); err != nil {
		return err
	}
	c.tally.take()
	total := newTally()
	for i, day := range days {
		end := day[len(day)-1]
		if i+1 < len(days) {
			end = days[i+1][0]
		}
		if err := c.live(ctx, day, end, say); err != nil {
			return fmt.Errorf("%s: %w", c.clock.today(), err)
		}
		happened := c.tally.take()
		if happened.mails, err = mailsSince(ctx, c.mail.URL, day[0]); err != nil {
			return err
		}
		total.add(happened)
		if text := happened.String(); text != "" {
			say("%s  %s", c.clock.today(), text)
		}
		if dead, err = c.tellOfDead(ctx, dead, say); err != nil {
			return err
		}
	}
	if _, waiting, err := c.messages(ctx); err != nil {
		return err
	} else if waiting > 0 {
		say("Left in the queues for a later time: %s.", plural(waiting, "message"))
	}
	if err := c.expireAll(ctx); err != nil {
		return err
	}
	say("It is %s now. All in all: %s.", c.clock.now().Format("2006-01-02 15:04"), cmp.Or(total.String(), "nothing"))
	return nil
}

// live goes through the instants of a day. The day is over when the next begins, or at its last instant. Where something happened, the next
// hour comes too: what follows from it within the day, as mail does that gathers for a while, does not wait for tomorrow. The payments of the day come first.
func (c *cloud) live(ctx context.Context, day []time.Time, end time.Time, say func(format string, args ...any)) error {
	for i, at := range day {
		until := end
		if i+1 < len(day) {
			until = day[i+1]
		}
		before := c.tally.so()
		if i == 0 {
			if err := c.clock.moveTo(at); err != nil {
				return err
			}
			if err := c.provider.day(ctx, c.clock.today(), say); err != nil {
				return err
			}
		}
		if err := c.catchUp(ctx, at, until); err != nil {
			return err
		}
		if next := at.Add(time.Hour); c.tally.so() > before && next.Before(until) {
			if err := c.catchUp(ctx, next, until); err != nil {
				return err
			}
		}
	}
	return nil
}

// catchUp starts at an instant what is started every hour, and waits until all that follows is done.
func (c *cloud) catchUp(ctx context.Context, at, until time.Time) error {
	if err := c.clock.moveTo(at); err != nil {
		return err
	}
	for _, function := range c.blueprint.Hourly {
		if err := c.startHourly(ctx, function); err != nil {
			return err
		}
	}
	return c.restBefore(ctx, until)
}

// restBefore waits until nothing is under way. Messages that wait for their time get it, as long as that is before an instant.
func (c *cloud) restBefore(ctx context.Context, until time.Time) error {
	for {
		waiting, err := c.rest(ctx)
		next := c.clock.now().Add(retry)
		if err != nil || waiting == 0 || !next.Before(until) {
			return err
		}
		if err := c.clock.moveTo(next); err != nil {
			return err
		}
	}
}

// tellOfDead tells of dead-letter queues that have more messages than before, and returns how many there are.
func (c *cloud) tellOfDead(ctx context.Context, before map[string]int, say func(format string, args ...any)) (map[string]int, error) {
	now, err := c.deadLetters(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if n := now[name] - before[name]; n > 0 {
			say("%s  %s landed in the dead-letter queue %s", c.clock.today(), plural(n, "message"), name)
		}
	}
	return now, nil
}

// startHourly starts a function that is started every hour; one start at a time.
func (c *cloud) startHourly(ctx context.Context, function string) error {
	c.hour.Lock()
	defer c.hour.Unlock()
	_, err := c.counted(function)(ctx, []byte("{}"))
	return err
}

// pause is that of event sources. While the clock is moved nobody waits for the real one: who found nothing looks again when it is told
// to, and who failed tries again soon.
func (c *cloud) pause(ctx context.Context, attempt int) {
	switch {
	case !c.hurried.Load():
		source.Pause(ctx, attempt)
	case attempt > 0:
		source.Wait(ctx, glance)
	default:
		select {
		case <-c.look.told():
		case <-time.After(time.Second / 5):
		case <-ctx.Done():
		}
	}
}
