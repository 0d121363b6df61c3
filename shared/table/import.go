package table

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"comptoir/shared/event"
)

// Draft is a unit of work at any time, of what is not in the table yet. Import writes it.
func (t *Table) Draft(at time.Time, operation string, by event.Actor, organisation string) *Tx {
	tx := t.begin(context.Background())
	tx.draft = true
	tx.Now, tx.Operation, tx.Actor, tx.Organisation = at.UTC().Truncate(time.Millisecond), operation, by, organisation
	return tx
}

// Import writes drafts, in many small calls and without conditions: demonstration data and the
// benchmark's, into a table that nobody uses yet.
func (t *Table) Import(ctx context.Context, drafts ...*Tx) error {
	latest, all := map[Key]item{}, &Tx{table: t, counts: map[Key]map[string]int64{}}
	for _, tx := range drafts {
		for key, counts := range tx.counts {
			for attribute, n := range counts {
				all.add(key, attribute, n)
			}
		}
		for _, w := range tx.transaction() {
			if w.Put != nil {
				latest[keyOf(w.Put.Item)] = w.Put.Item
			}
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	var batch []types.WriteRequest
	flush := func() {
		requests := batch
		batch = nil
		group.Go(func() error { return t.importBatch(ctx, requests) })
	}
	for _, it := range latest {
		if batch = append(batch, types.WriteRequest{PutRequest: &types.PutRequest{Item: it}}); len(batch) == 25 {
			flush()
		}
	}
	flush()
	for key := range all.counts {
		if u := all.counting(key); u != nil {
			group.Go(func() error {
				_, err := t.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
					TableName: u.TableName, Key: u.Key, UpdateExpression: u.UpdateExpression,
					ExpressionAttributeNames: u.ExpressionAttributeNames, ExpressionAttributeValues: u.ExpressionAttributeValues,
				})
				return err
			})
		}
	}
	return group.Wait()
}

func (t *Table) importBatch(ctx context.Context, rest []types.WriteRequest) error {
	for round := 1; len(rest) > 0; round++ {
		out, err := t.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{t.name: rest}})
		if err != nil {
			return err
		}
		if rest = out.UnprocessedItems[t.name]; len(rest) > 0 {
			pause(ctx, min(round, attempts))
		}
	}
	return nil
}
