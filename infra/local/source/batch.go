package source

import (
	"context"
	"fmt"
	"time"
)

// A delivery hands the records of one shard to the function, in order, until every one of them is done
// with: handled, or given up.
type delivery struct {
	*Stream
	options *StreamOptions
	done    func(last record) error // after it, this record and those before are done with
	shard   string
}

// why a batch was given up, as AWS words it.
const (
	exhausted = "RetryAttemptsExhausted"
	tooOld    = "RecordAgeExceeded"
)

func (d *delivery) run(ctx context.Context, records []record) error {
	if len(records) == 0 {
		return nil
	}
	left := [][]record{records}
	failures := 0 // of the first batch, since it was made
	for len(left) > 0 {
		batch := left[0]
		if n := d.tooOld(batch); n > 0 {
			if err := d.giveUp(ctx, batch[:n], tooOld, failures); err != nil {
				return err
			}
			left = replaceFirst(left, batch[n:])
			continue
		}
		handled, err := d.try(ctx, batch)
		if handled > 0 {
			if err := d.done(batch[handled-1]); err != nil {
				return err
			}
			left, failures = replaceFirst(left, batch[handled:]), 0
			batch = batch[handled:]
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			continue
		}
		d.options.Report("%s: %v", d.Function, err)
		switch failures++; {
		case d.Bisect && handled == 0 && len(batch) > 1: // not a retry: AWS does not count it either
			half := len(batch) / 2
			left, failures = append([][]record{batch[:half], batch[half:]}, left[1:]...), 0
		case d.Retries >= 0 && failures > d.Retries:
			if err := d.giveUp(ctx, batch, exhausted, failures); err != nil {
				return err
			}
			left, failures = left[1:], 0
		default:
			d.options.Pause(ctx, failures)
		}
	}
	return nil
}

// try invokes the function and returns how many records, from the first on, it has handled.
func (d *delivery) try(ctx context.Context, batch []record) (handled int, err error) {
	event, err := encodeEvent(batch)
	if err != nil {
		return 0, err
	}
	answer, err := d.options.Invoke(ctx, event)
	if err != nil {
		return 0, err
	}
	if !d.Partial {
		return len(batch), nil
	}
	ids, err := failedItems(answer)
	if err != nil {
		return 0, err
	}
	first := len(batch)
	for _, id := range ids {
		at := indexOf(batch, id)
		if at < 0 {
			return 0, fmt.Errorf("it reports the failure of %q, which it was not given", id)
		}
		first = min(first, at)
	}
	if first < len(batch) {
		return first, fmt.Errorf("it reports the failure of %d of %d records", len(ids), len(batch))
	}
	return first, nil
}

// tooOld counts the records, from the first on, that are older than the mapping takes.
func (d *delivery) tooOld(batch []record) int {
	if d.MaxAge == 0 {
		return 0
	}
	oldest := d.options.Now().Add(-d.MaxAge)
	for i, r := range batch {
		if !r.created.Before(oldest) {
			return i
		}
	}
	return len(batch)
}

// giveUp tells the destination of records that are given up, if there is one, and goes on.
func (d *delivery) giveUp(ctx context.Context, batch []record, why string, invocations int) error {
	first, last := batch[0], batch[len(batch)-1]
	d.options.Report("%s: gave up %d records: %s", d.Function, len(batch), why)
	if d.OnFailure != "" {
		notice := failureNotice{
			Version:   "1.0",
			Timestamp: d.options.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
			Request:   failedRequest{RequestID: "local", FunctionARN: d.FunctionARN, Condition: why, Invocations: invocations},
			Batch: failedBatch{
				Shard: d.shard, First: first.sequence, Last: last.sequence, Size: len(batch), Stream: d.options.ARN,
				FirstArrived: first.created.UTC().Format(time.RFC3339), LastArrived: last.created.UTC().Format(time.RFC3339),
			},
		}
		if invocations > 0 {
			notice.Response = &failedResponse{StatusCode: 200, Version: "$LATEST", Error: "Unhandled"}
		}
		if err := notice.send(ctx, d.options.SQS, d.OnFailure); err != nil {
			return err
		}
	}
	return d.done(last)
}

func indexOf(batch []record, sequence string) int {
	for i, r := range batch {
		if r.sequence == sequence {
			return i
		}
	}
	return -1
}

// replaceFirst puts the batch in the place of the first one, or nothing if it is empty.
func replaceFirst(left [][]record, batch []record) [][]record {
	if len(batch) == 0 {
		return left[1:]
	}
	return append([][]record{batch}, left[1:]...)
}
