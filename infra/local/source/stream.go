package source

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// A Stream is what the template says of a mapping from a table's stream to a function.
type Stream struct {
	ID          string // of the mapping
	Function    string
	FunctionARN string
	Table       string
	BatchSize   int
	Latest      bool // begin with what comes next, not with what the stream still holds
	Filters     []Pattern
	Bisect      bool
	Partial     bool          // the function reports failures item by item
	Retries     int           // -1: without end
	MaxAge      time.Duration // 0: any
	OnFailure   string        // name of the queue that is told of records given up; "": none is
}

// StreamOptions are what the template does not tell.
type StreamOptions struct {
	ARN        string // of the stream
	Region     string
	Checkpoint string // file that remembers how far the stream was handled
	Streams    *dynamodbstreams.Client
	SQS        *sqs.Client
	Invoke     Invoke
	Now        func() time.Time
	Pause      func(ctx context.Context, attempt int) // before a retry, and before looking again (0)
	Report     Report
	Progress   *Progress // for who wants to know
}

// A reader follows all shards of a stream.
type reader struct {
	*Stream
	options    *StreamOptions
	checkpoint *checkpoint

	mu      sync.Mutex
	reading map[string]bool
	wake    chan struct{} // a shard was read to its end
	group   sync.WaitGroup
}

// Run hands the stream's records to the function until ctx ends. Records of a shard stay in order, and
// a shard that came of another begins when that one is done.
func (s *Stream) Run(ctx context.Context, o StreamOptions) error {
	kept, first, err := openCheckpoint(o.Checkpoint, o.ARN)
	if err != nil {
		return err
	}
	r := &reader{Stream: s, options: &o, checkpoint: kept, reading: map[string]bool{}, wake: make(chan struct{}, 1)}
	defer r.group.Wait()
	o.Progress.begin(r)
	for ctx.Err() == nil {
		shards, err := r.describe(ctx)
		if err != nil {
			r.report(ctx, err)
			o.Pause(ctx, 1)
			continue
		}
		r.forget(shards)
		for _, shard := range readable(shards, kept.all()) {
			r.start(ctx, shard, first && s.Latest)
		}
		first = false
		select {
		case <-ctx.Done():
		case <-r.wake:
		case <-time.After(lookForShards):
		}
	}
	return nil
}

// lookForShards is how often a stream is asked for shards that came of none that is known.
const lookForShards = 10 * time.Second

func (r *reader) describe(ctx context.Context) ([]types.Shard, error) {
	var shards []types.Shard
	input := &dynamodbstreams.DescribeStreamInput{StreamArn: &r.options.ARN}
	for {
		page, err := r.options.Streams.DescribeStream(ctx, input)
		if err != nil {
			return nil, err
		}
		shards = append(shards, page.StreamDescription.Shards...)
		input.ExclusiveStartShardId = page.StreamDescription.LastEvaluatedShardId
		if input.ExclusiveStartShardId == nil {
			return shards, nil
		}
	}
}

// forget drops what is kept of shards that are no longer there.
func (r *reader) forget(shards []types.Shard) {
	there := map[string]bool{}
	for _, shard := range shards {
		there[aws.ToString(shard.ShardId)] = true
	}
	r.checkpoint.forget(func(shard string) bool { return !there[shard] })
}

// readable lists the shards that can be read now: those not done whose parent is done or no longer
// there.
func readable(shards []types.Shard, at map[string]position) []string {
	there := map[string]bool{}
	for _, shard := range shards {
		there[aws.ToString(shard.ShardId)] = true
	}
	var ids []string
	for _, shard := range shards {
		id, parent := aws.ToString(shard.ShardId), aws.ToString(shard.ParentShardId)
		if !at[id].Done && (!there[parent] || at[parent].Done) {
			ids = append(ids, id)
		}
	}
	return ids
}

// start reads the shard in the background. With skip, what it holds at present is passed over.
func (r *reader) start(ctx context.Context, shard string, skip bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reading[shard] {
		return
	}
	r.reading[shard] = true
	r.group.Go(func() {
		for attempt := 1; ctx.Err() == nil; attempt++ {
			err := r.read(ctx, shard, &skip)
			if err == nil {
				break
			}
			r.report(ctx, err)
			r.options.Pause(ctx, attempt)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.reading, shard)
		select {
		case r.wake <- struct{}{}:
		default:
		}
	})
}

// read follows the shard from its checkpoint to its end, which an open shard does not have.
func (r *reader) read(ctx context.Context, shard string, skip *bool) error {
	iterator, err := r.iterator(ctx, shard)
	if err != nil {
		return err
	}
	d := &delivery{Stream: r.Stream, options: r.options, shard: shard, done: func(last record) error {
		return r.checkpoint.set(shard, position{Sequence: last.sequence})
	}}
	for iterator != nil {
		asked := time.Now()
		page, err := r.options.Streams.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{
			ShardIterator: iterator, Limit: aws.Int32(int32(min(r.BatchSize, 1000))), // the most that a stream gives
		})
		if err != nil {
			return err
		}
		if err := r.handle(ctx, d, page.Records, *skip); err != nil {
			return err
		}
		iterator = page.NextShardIterator
		if len(page.Records) == 0 && iterator != nil {
			*skip = false
			r.options.Progress.found(shard, asked)
			r.options.Pause(ctx, 0)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return r.checkpoint.set(shard, position{Done: true})
}

// handle delivers a page, unless it is to be skipped, and notes that it is done with.
func (r *reader) handle(ctx context.Context, d *delivery, page []types.Record, skip bool) error {
	if len(page) == 0 {
		return nil
	}
	var wanted []record
	for _, one := range page {
		rec, err := newRecord(one, r.options.ARN, r.options.Region)
		if err != nil {
			return err
		}
		if !skip && matches(r.Filters, rec.event) {
			wanted = append(wanted, rec)
		}
	}
	if err := d.run(ctx, wanted); err != nil {
		return err
	}
	last := page[len(page)-1]
	return d.done(record{sequence: aws.ToString(last.Dynamodb.SequenceNumber)})
}

func (r *reader) iterator(ctx context.Context, shard string) (*string, error) {
	input := &dynamodbstreams.GetShardIteratorInput{
		StreamArn: &r.options.ARN, ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	}
	if at := r.checkpoint.at(shard); at.Sequence != "" {
		input.ShardIteratorType, input.SequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &at.Sequence
	}
	output, err := r.options.Streams.GetShardIterator(ctx, input)
	var trimmed *types.TrimmedDataAccessException
	if errors.As(err, &trimmed) {
		r.options.Report("%s: the stream of %s no longer holds what comes after its checkpoint", r.Function, r.Table)
		return r.oldest(ctx, shard)
	}
	if err != nil {
		return nil, err
	}
	return output.ShardIterator, nil
}

func (r *reader) oldest(ctx context.Context, shard string) (*string, error) {
	output, err := r.options.Streams.GetShardIterator(ctx, &dynamodbstreams.GetShardIteratorInput{
		StreamArn: &r.options.ARN, ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	})
	if err != nil {
		return nil, err
	}
	return output.ShardIterator, nil
}

// report tells of an error, unless it is only the end of the run, or an iterator that was left too long,
// which the next attempt replaces.
func (r *reader) report(ctx context.Context, err error) {
	var expired *types.ExpiredIteratorException
	if ctx.Err() == nil && !errors.As(err, &expired) {
		r.options.Report("%s: stream of %s: %v", r.Function, r.Table, err)
	}
}

// Pause waits as long as a mapping does: a moment before looking again, longer with every retry.
func Pause(ctx context.Context, attempt int) {
	Wait(ctx, min(200*time.Millisecond<<min(attempt, 8), 30*time.Second))
}

// Wait waits, but not beyond the end of ctx.
func Wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
