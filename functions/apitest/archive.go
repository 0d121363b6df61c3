package apitest

import (
	"context"
	"sync"
	"time"
)

// Archive keeps documents in memory.
type Archive struct {
	mu   sync.Mutex
	kept map[string][]byte
}

const archiveAt = "https://archive.example/"

// Put keeps a document under a key.
func (a *Archive) Put(_ context.Context, key, _, _ string, content []byte) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.kept == nil {
		a.kept = map[string][]byte{}
	}
	a.kept[archiveAt+key] = content
	return nil
}

// Link is where the document is.
func (a *Archive) Link(_ context.Context, key string, _ time.Duration) (string, error) {
	return archiveAt + key, nil
}

// Kept is the document that a link leads to.
func (a *Archive) Kept(link string) []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.kept[link]
}
