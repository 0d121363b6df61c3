package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
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
	underWay int
	serial   int
}

func (r *recorder) record(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("record", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			r.begin(in.Parameters)
			defer r.end()
			return next.HandleInitialize(ctx, in)
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

func (r *recorder) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.underWay--
}

func (r *recorder) reset() { r.phases = nil }

// again makes the calls once more with the bare SDK, phase by phase, and tells how long they took. A
// transaction is made on items of its own, of the same size and under the same indexes, each to be
// absent before.
func (r *recorder) again(ctx context.Context, client *dynamodb.Client) (time.Duration, error) {
	for _, phase := range r.phases {
		for n, in := range phase {
			if w, ok := in.(*dynamodb.TransactWriteItemsInput); ok {
				phase[n] = r.elsewhere(w)
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

func (r *recorder) elsewhere(w *dynamodb.TransactWriteItemsInput) *dynamodb.TransactWriteItemsInput {
	r.serial++
	partition := &types.AttributeValueMemberS{Value: fmt.Sprint("RAW#", r.serial)}
	moved := &dynamodb.TransactWriteItemsInput{}
	for _, it := range w.TransactItems {
		switch {
		case it.Put != nil:
			item := map[string]types.AttributeValue{}
			for name, value := range it.Put.Item {
				item[name] = value
			}
			item[table.PartitionKey] = partition
			it.Put = &types.Put{TableName: it.Put.TableName, Item: item, ConditionExpression: aws.String("attribute_not_exists(" + table.PartitionKey + ")")}
		case it.Update != nil:
			update := *it.Update
			update.Key = map[string]types.AttributeValue{table.PartitionKey: partition, table.SortKey: it.Update.Key[table.SortKey]}
			it.Update = &update
		}
		moved.TransactItems = append(moved.TransactItems, it)
	}
	return moved
}
