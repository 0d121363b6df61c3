package source

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Progress tells how far a stream was handled, while it runs.
type Progress struct {
	mu     sync.Mutex
	reader *reader
	empty  map[string]time.Time // by shard: when it was asked for more in vain
}

func (p *Progress) begin(r *reader) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reader, p.empty = r, map[string]time.Time{}
}

// found notes that a shard that was asked at a moment held nothing that was not handled.
func (p *Progress) found(shard string, asked time.Time) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.empty[shard] = asked
}

// Handled tells whether all that the stream held at a moment was handled, or given up. It is asked after that moment, until
// it says yes.
func (p *Progress) Handled(ctx context.Context, moment time.Time) (bool, error) {
	r, current := p.since(moment)
	if !current {
		return false, nil
	}
	shards, err := r.describe(ctx)
	if err != nil {
		return false, err
	}
	at := r.checkpoint.all()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, shard := range shards {
		id := aws.ToString(shard.ShardId)
		closed := shard.SequenceNumberRange != nil && shard.SequenceNumberRange.EndingSequenceNumber != nil
		if closed && !at[id].Done || !closed && p.empty[id].Before(moment) {
			return false, nil
		}
	}
	return true, nil
}

// since returns what reads the stream, and whether some of it was asked for more since a moment: before, there is no need to look
// at all of it.
func (p *Progress) since(moment time.Time) (*reader, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, asked := range p.empty {
		if !asked.Before(moment) {
			return p.reader, true
		}
	}
	return nil, false
}
