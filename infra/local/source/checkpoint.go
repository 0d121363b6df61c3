package source

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"sync"
)

// A checkpoint remembers, in a file, how far every shard of a stream has been handled.
type checkpoint struct {
	file string

	mu    sync.Mutex
	state checkpointState
}

type checkpointState struct {
	Stream string              `json:"stream"` // a table that was made anew has another
	Shards map[string]position `json:"shards"`
}

// A position is the last record that was done with; none is the shard's beginning.
type position struct {
	Sequence string `json:"sequence,omitempty"`
	Done     bool   `json:"done,omitempty"` // the shard is closed and read to its end
}

// openCheckpoint reads the file; first says that nothing of this stream was kept yet.
func openCheckpoint(file, stream string) (c *checkpoint, first bool, err error) {
	c = &checkpoint{file: file, state: checkpointState{Stream: stream, Shards: map[string]position{}}}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return c, true, nil
	}
	if err != nil {
		return nil, false, err
	}
	var kept checkpointState
	if err := json.Unmarshal(data, &kept); err != nil {
		return nil, false, err
	}
	if kept.Stream != stream {
		return c, true, nil
	}
	maps.Copy(c.state.Shards, kept.Shards)
	return c, false, nil
}

func (c *checkpoint) at(shard string) position {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state.Shards[shard]
}

// all returns a copy of every position.
func (c *checkpoint) all() map[string]position {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.state.Shards)
}

// forget drops the shards that the stream no longer has.
func (c *checkpoint) forget(gone func(shard string) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.state.Shards, func(shard string, _ position) bool { return gone(shard) })
}

// set writes the position down before it returns, in one step: a file is never half written.
func (c *checkpoint) set(shard string, p position) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state.Shards[shard] = p
	data, err := json.Marshal(c.state)
	if err != nil {
		return err
	}
	next := c.file + ".next"
	if err := os.WriteFile(next, data, 0o644); err != nil {
		return err
	}
	return os.Rename(next, c.file)
}
