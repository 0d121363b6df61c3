// Package source starts functions with what lies in a table's stream or in a queue, as Lambda's event
// source mappings do: batches, filters, partial failures, retries, bisecting, and a destination for
// what failed for good. What the functions do, and what becomes of a message that fails too often (the
// queue's own redrive), is left to others.
package source

import (
	"context"
	"encoding/json"
)

// An Invoke runs a function once.
type Invoke func(ctx context.Context, event []byte) ([]byte, error)

// A Report tells the developer what went wrong.
type Report func(format string, args ...any)

// failedItems reads the answer of a function that reports failures item by item. Whole means that it
// says nothing usable, which counts as a failure of everything.
func failedItems(answer []byte) (ids []string, whole bool) {
	var parsed struct {
		BatchItemFailures []struct {
			ItemIdentifier string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if len(answer) == 0 {
		return nil, false
	}
	if err := json.Unmarshal(answer, &parsed); err != nil {
		return nil, true
	}
	for _, item := range parsed.BatchItemFailures {
		if item.ItemIdentifier == "" {
			return nil, true
		}
		ids = append(ids, item.ItemIdentifier)
	}
	return ids, false
}
