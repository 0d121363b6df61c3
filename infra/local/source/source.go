// Package source starts functions with what lies in a table's stream or in a queue, as Lambda's event
// source mappings do: batches, filters, partial failures, retries, bisecting, and a destination for
// what failed for good. What the functions do, and what becomes of a message that fails too often (the
// queue's own redrive), is left to others.
package source

import (
	"context"
	"encoding/json"
	"fmt"
)

// An Invoke runs a function once.
type Invoke func(ctx context.Context, event []byte) ([]byte, error)

// A Report tells the developer what went wrong.
type Report func(format string, args ...any)

// failedItems reads the answer of a function that reports failures item by item.
func failedItems(answer []byte) (ids []string, err error) {
	var parsed struct {
		BatchItemFailures []struct {
			ItemIdentifier string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if len(answer) == 0 {
		return nil, nil
	}
	if err := json.Unmarshal(answer, &parsed); err != nil {
		return nil, fmt.Errorf("its answer is no list of failures: %.100s", answer)
	}
	for _, item := range parsed.BatchItemFailures {
		ids = append(ids, item.ItemIdentifier)
	}
	return ids, nil
}
