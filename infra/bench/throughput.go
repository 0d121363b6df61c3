package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"comptoir/functions/seats"
	"comptoir/infra/local/engine"
	"comptoir/shared/api"
	"comptoir/shared/table"
	"comptoir/shared/table/proxy"
)

// gauges is how many customers with a member each there are, beside a crowd with as many members.
const gauges = 1000

// manyAtOnce measures how many seats are added in a second: on one gauge and on many, by so many clients, each of
// which asks again as soon as it is answered. Each client is what a container of Lambda is: it has a handler and
// connections of its own.
func manyAtOnce(ctx context.Context) error {
	if *adds > gauges {
		return fmt.Errorf("there are %d members: no more seats can be added", gauges)
	}
	process, err := engine.DynamoDB(ctx, engine.Options{HeapMB: 2048})
	if err != nil {
		return err
	}
	defer process.Stop()
	aws, err := proxy.Start(process.URL)
	if err != nil {
		return err
	}
	defer aws.Close()
	aws.Counting, aws.Conflicts, aws.HoldWrites = false, true, 2*time.Millisecond

	fmt.Fprintf(os.Stderr, "Filling a table with %d customers that have members …\n", gauges+1)
	hall := crowd(gauges)
	hall.seated = 0
	b := &bench{direct: client(process.URL)}
	if err := b.fill(ctx, append(plainAccounts(gauges, 1), hall)); err != nil {
		return err
	}
	if _, err := b.adding(ctx, process.URL, onOneGauge, 8); err != nil { // the engine's Java gets warm
		return err
	}
	fmt.Printf("\n## Adding seats, many at once\n\n%d seats in each row, one at a time by each client.\n\n", *adds)
	fmt.Println("| on | clients | adds/s | p50 ms | p99 ms | tries | errors | raw adds/s | raw p50 ms | raw p99 ms | raw errors | ratio |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|---|---|")
	for _, on := range []struct {
		name string
		add  request
	}{{"one gauge", onOneGauge}, {"1,000 gauges", onManyGauges}} {
		for _, clients := range []int{1, 8, 64} {
			r, err := b.adding(ctx, process.URL, on.add, clients)
			if err != nil {
				return err
			}
			fmt.Printf("| %s | %d | %s | %.2f | %d | %s | %d | %.2f |\n", on.name, clients, r.own, r.tries, r.own.errors(),
				r.raw, r.raw.errors(), r.raw.rate()/r.own.rate())
		}
	}

	fmt.Printf("\nOn one gauge, with transactions that meet refused, as on AWS:\n\n")
	fmt.Println("| clients | adds/s | p50 ms | p99 ms | tries | errors |")
	fmt.Println("|---|---|---|---|---|---|")
	for _, clients := range []int{1, 8, 64} {
		r, err := b.adding(ctx, aws.URL(), onOneGauge, clients)
		if err != nil {
			return err
		}
		fmt.Printf("| %d | %s | %.2f | %d |\n", clients, r.own, r.tries, r.own.errors())
	}
	return nil
}

func onOneGauge(_ *bench, n int) (string, any) { return seated(gauges, memberID(n)) }

func onManyGauges(_ *bench, n int) (string, any) {
	return "POST /v1/customers/" + customerID(n) + "/seats/" + module + "/members", map[string]any{"memberIds": []string{memberID(n)}}
}

// added is what came of adding seats through the handler, and by bare SDK calls.
type added struct {
	own, raw tally
	tries    float64 // commits of an add, on average: 1 when none was lost to another
}

// adding adds the seats at a URL, round by round. At the engine's, each round is followed by the bare SDK calls that it
// took: the load and the transaction of each add. These write the same seats, so that as many writers meet; events
// and marks, which are new, go to partitions of their own. They have no conditions.
func (b *bench) adding(ctx context.Context, url string, add request, clients int) (r added, err error) {
	if err := b.emptySeats(ctx); err != nil {
		return r, err
	}
	straight := *b.direct.Options().BaseEndpoint
	handlers, recorders, bare := make([]handler, clients), make([]recorder, clients), make([]*dynamodb.Client, clients)
	for i := range clients {
		handlers[i] = api.Lambda(api.Handler(table.New(client(url, recorders[i].record), tableName), seats.Operations(api.Env{Zone: time.UTC})))
		bare[i] = client(straight)
		if err := b.warm(ctx, handlers[i], bare[i], &recorders[i]); err != nil {
			return r, err
		}
	}
	const rounds = 5             // of each, so that both have the same share of a busy machine
	made := make([][]any, *adds) // the SDK calls of each add
	commits := 0
	for round := range rounds {
		from, to := *adds*round/rounds, *adds*(round+1)/rounds
		r.own.loop(clients, from, to, func(client, n int) error {
			e, err := b.event(product, add, n)
			if err != nil {
				return err
			}
			recorders[client].reset()
			err = check(handlers[client](ctx, e))
			made[n] = slices.Concat(recorders[client].phases...)
			return err
		})
		loads, transactions := make([]*dynamodb.BatchGetItemInput, *adds), make([]*dynamodb.TransactWriteItemsInput, *adds)
		for n := from; n < to; n++ {
			for _, in := range made[n] {
				switch call := in.(type) {
				case *dynamodb.BatchGetItemInput:
					loads[n] = call
				case *dynamodb.TransactWriteItemsInput:
					transactions[n] = unconditional(call)
					commits++
				}
			}
		}
		if url != straight {
			continue // what is slower there is not the handler's doing
		}
		r.raw.loop(clients, from, to, func(client, n int) error {
			if _, err := bare[client].BatchGetItem(ctx, loads[n]); err != nil {
				return err
			}
			_, err := bare[client].TransactWriteItems(ctx, transactions[n])
			return err
		})
	}
	r.own.complain()
	r.raw.complain()
	r.tries = float64(commits) / float64(*adds)
	return r, nil
}

// warm makes the first calls, which take longer: nobody gets a seat.
func (b *bench) warm(ctx context.Context, h handler, bare *dynamodb.Client, calls *recorder) error {
	e, err := b.event(product, func(*bench, int) (string, any) { return seated(gauges, "nobody") }, 0)
	if err != nil {
		return err
	}
	if answer, err := h(ctx, e); err != nil || answer.StatusCode != http.StatusUnprocessableEntity {
		return fmt.Errorf("nobody got a seat: %d %s, %v", answer.StatusCode, answer.Body, err)
	}
	_, err = calls.again(ctx, bare)
	return err
}

// emptySeats takes all seats back.
func (b *bench) emptySeats(ctx context.Context) error {
	ids := []string{crowdID(gauges)}
	for n := range *adds {
		ids = append(ids, customerID(n))
	}
	return b.restore(ctx, ids...)
}

func unconditional(w *dynamodb.TransactWriteItemsInput) *dynamodb.TransactWriteItemsInput {
	free := &dynamodb.TransactWriteItemsInput{}
	for _, it := range w.TransactItems {
		if it.Update == nil {
			it = types.TransactWriteItem{Put: &types.Put{TableName: it.Put.TableName, Item: inPartition(it.Put.Item, "#RAW")}}
		} else {
			update := *it.Update
			update.ConditionExpression = nil
			update.ExpressionAttributeNames = used(*update.UpdateExpression, update.ExpressionAttributeNames)
			update.ExpressionAttributeValues = used(*update.UpdateExpression, update.ExpressionAttributeValues)
			it = types.TransactWriteItem{Update: &update}
		}
		free.TransactItems = append(free.TransactItems, it)
	}
	return free
}

var placeholder = regexp.MustCompile(`[#:]\w+`)

// used are the placeholders that an expression uses; DynamoDB refuses others.
func used[V any](expression string, defined map[string]V) map[string]V {
	kept := map[string]V{}
	for _, name := range placeholder.FindAllString(expression, -1) {
		if value, ok := defined[name]; ok {
			kept[name] = value
		}
	}
	return kept
}
