package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	"golang.org/x/sync/errgroup"

	"comptoir/shared/table"
)

// recorder notes the SDK calls of an operation, in phases of calls that were under way together, so
// that they can be made again without it.
type recorder struct {
	mu       sync.Mutex
	phases   [][]any
	outputs  []any
	underWay int
	serial   int
}

func (r *recorder) record(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("record", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			r.begin(in.Parameters)
			out, metadata, err := next.HandleInitialize(ctx, in)
			r.end(out.Result)
			return out, metadata, err
		}), middleware.Before)
	})
}

func (r *recorder) begin(input any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.underWay == 0 {
		r.phases = append(r.phases, nil)
	}
	r.underWay++
	r.phases[len(r.phases)-1] = append(r.phases[len(r.phases)-1], input)
}

func (r *recorder) end(output any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outputs = append(r.outputs, output)
	r.underWay--
}

func (r *recorder) reset() { r.phases, r.outputs = nil, nil }

// again makes the calls once more with the bare SDK, phase by phase, and tells how long they took. A
// transaction is the same one, conditions included, in partitions of its own. Before the time starts, the items
// that it meets are copied there as the operation has read them, indexes included. What it touches without having read it
// starts anew there (the ledger of licences in force), or has its key alone (a membership that goes).
func (r *recorder) again(ctx context.Context, client *dynamodb.Client) (time.Duration, error) {
	for _, phase := range r.phases {
		for n, in := range phase {
			if w, ok := in.(*dynamodb.TransactWriteItemsInput); ok {
				moved, met := r.elsewhere(w)
				if err := copies(ctx, client, met); err != nil {
					return 0, err
				}
				phase[n] = moved
			}
		}
	}
	start := time.Now()
	for _, phase := range r.phases {
		group, ctx := errgroup.WithContext(ctx)
		for _, in := range phase {
			group.Go(func() (err error) {
				switch call := in.(type) {
				case *dynamodb.BatchGetItemInput:
					_, err = client.BatchGetItem(ctx, call)
				case *dynamodb.QueryInput:
					_, err = client.Query(ctx, call)
				case *dynamodb.TransactWriteItemsInput:
					_, err = client.TransactWriteItems(ctx, call)
				default:
					err = fmt.Errorf("no raw call for %T", in)
				}
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return 0, err
		}
	}
	return time.Since(start), nil
}

type item = map[string]types.AttributeValue

// elsewhere is a transaction in partitions of its own, and the items that it meets there.
func (r *recorder) elsewhere(w *dynamodb.TransactWriteItemsInput) (moved *dynamodb.TransactWriteItemsInput, met []item) {
	r.serial++
	suffix := fmt.Sprint("#RAW", r.serial)
	read := r.read()
	meet := func(key item) item {
		if it, ok := read[keyOf(key)]; ok {
			met = append(met, inPartition(it, suffix))
		}
		return inPartition(key, suffix)
	}
	moved = &dynamodb.TransactWriteItemsInput{}
	for _, it := range w.TransactItems {
		switch {
		case it.Put != nil:
			put := *it.Put
			meet(put.Item)
			put.Item = inPartition(put.Item, suffix)
			it = types.TransactWriteItem{Put: &put}
		case it.Update != nil:
			update := *it.Update
			update.Key = meet(update.Key)
			it = types.TransactWriteItem{Update: &update}
		case it.Delete != nil:
			deletion := *it.Delete
			if _, known := read[keyOf(deletion.Key)]; !known {
				met = append(met, inPartition(deletion.Key, suffix))
			}
			deletion.Key = meet(deletion.Key)
			it = types.TransactWriteItem{Delete: &deletion}
		case it.ConditionCheck != nil:
			check := *it.ConditionCheck
			check.Key = meet(check.Key)
			it = types.TransactWriteItem{ConditionCheck: &check}
		}
		moved.TransactItems = append(moved.TransactItems, it)
	}
	return moved, met
}

// read is what the operation has read, by key.
func (r *recorder) read() map[table.Key]item {
	all := map[table.Key]item{}
	for _, output := range r.outputs {
		switch out := output.(type) {
		case *dynamodb.BatchGetItemOutput:
			for _, it := range out.Responses[tableName] {
				all[keyOf(it)] = it
			}
		case *dynamodb.QueryOutput:
			for _, it := range out.Items {
				all[keyOf(it)] = it
			}
		}
	}
	return all
}

func keyOf(it item) table.Key {
	return table.Key{
		PK: it[table.PartitionKey].(*types.AttributeValueMemberS).Value,
		SK: it[table.SortKey].(*types.AttributeValueMemberS).Value,
	}
}

// inPartition is the item, or key, in another partition.
func inPartition(it item, suffix string) item {
	moved := maps.Clone(it)
	moved[table.PartitionKey] = &types.AttributeValueMemberS{Value: keyOf(it).PK + suffix}
	return moved
}

// copies writes items.
func copies(ctx context.Context, client *dynamodb.Client, items []item) error {
	const batchLimit = 25
	for chunk := range slices.Chunk(items, batchLimit) {
		var all []types.WriteRequest
		for _, it := range chunk {
			all = append(all, types.WriteRequest{PutRequest: &types.PutRequest{Item: it}})
		}
		out, err := client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{tableName: all}})
		if err != nil {
			return err
		}
		if len(out.UnprocessedItems) > 0 {
			return fmt.Errorf("not all copies were written")
		}
	}
	return nil
}
