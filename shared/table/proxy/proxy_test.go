package proxy_test

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"comptoir/shared/table/proxy"
	"comptoir/shared/table/tabletest"
)

// bench is a table of the test's own, with a client directly at the engine and one through a proxy.
type bench struct {
	*testing.T
	proxy   *proxy.Proxy
	table   *string
	direct  *dynamodb.Client
	through *dynamodb.Client
	patient *dynamodb.Client // through the proxy as well; tries three times, at once
}

func newBench(t *testing.T) *bench {
	t.Parallel()
	table := tabletest.New(t)
	p, err := proxy.Start(table.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return &bench{
		T: t, proxy: p, table: &table.TableName, direct: table.Client,
		through: table.Through(p, func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} }),
		patient: table.Through(p, func(o *dynamodb.Options) { o.Retryer = atOnce{o.Retryer} }),
	}
}

// atOnce is the SDK's own retryer without the waiting.
type atOnce struct{ aws.Retryer }

func (atOnce) RetryDelay(int, error) (time.Duration, error) { return 0, nil }

type attributes = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// key is the key of an item of the one partition that a test needs.
func key(sk string) attributes { return attributes{"PK": text("p"), "SK": text(sk)} }

// sized is an item of exactly so many bytes, with other texts when wanted: "GSI1PK", "x", ….
func sized(sk string, bytes int, others ...string) attributes {
	item := key(sk)
	bytes -= len("PK") + len("p") + len("SK") + len(sk) + len("fill")
	for n := 0; n < len(others); n += 2 {
		item[others[n]] = text(others[n+1])
		bytes -= len(others[n]) + len(others[n+1])
	}
	item["fill"] = text(strings.Repeat("x", bytes))
	return item
}

// have puts items into the table past the proxy.
func (b *bench) have(items ...attributes) {
	b.Helper()
	for _, item := range items {
		_, err := b.direct.PutItem(b.Context(), &dynamodb.PutItemInput{TableName: b.table, Item: item})
		b.must(err)
	}
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) put(item attributes) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{TableName: b.table, Item: item}}
}

func (b *bench) has(sk string) bool {
	b.Helper()
	found, err := b.direct.GetItem(b.Context(), &dynamodb.GetItemInput{TableName: b.table, Key: key(sk)})
	b.must(err)
	return found.Item != nil
}

func TestUsage(t *testing.T) {
	t.Parallel()
	t.Run("counts calls, round trips and bytes since the last reset", func(t *testing.T) {
		b := newBench(t)
		for range 2 {
			_, err := b.through.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: b.table, Key: key("a")})
			b.must(err)
		}
		u := b.proxy.Usage()
		if u.Calls["GetItem"] != 2 || u.RoundTrips != 2 {
			t.Errorf("two calls one after another are %+v", u)
		}
		if want := 2 * len(`{"Key":{"PK":{"S":"p"},"SK":{"S":"a"}},"TableName":"comptoir"}`); u.RequestBytes != want {
			t.Errorf("request bytes %d, want %d", u.RequestBytes, want)
		}
		if want := 2 * len(`{}`); u.ResponseBytes != want {
			t.Errorf("response bytes %d, want %d", u.ResponseBytes, want)
		}
		b.proxy.Reset()
		if u := b.proxy.Usage(); len(u.Calls) != 0 || u.RoundTrips != 0 || u.RequestBytes != 0 || u.ReadUnits != 0 || len(u.Actions) != 0 {
			t.Errorf("after a reset: %+v", u)
		}
	})
	t.Run("counts calls side by side as one round trip", func(t *testing.T) {
		b := newBench(t)
		var both, done sync.WaitGroup
		both.Add(2)
		b.proxy.Before = func(string, []byte) {
			both.Done()
			both.Wait()
		}
		for _, sk := range []string{"a", "b"} {
			done.Go(func() {
				_, err := b.through.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: b.table, Key: key(sk)})
				if err != nil {
					t.Error(err)
				}
			})
		}
		done.Wait()
		if u := b.proxy.Usage(); u.Calls["GetItem"] != 2 || u.RoundTrips != 1 {
			t.Errorf("two calls side by side are %+v", u)
		}
	})
	t.Run("keeps every answer back for the hold, and writes for their own too", func(t *testing.T) {
		b := newBench(t)
		b.proxy.Hold, b.proxy.HoldWrites = 20*time.Millisecond, 40*time.Millisecond
		began := time.Now()
		_, err := b.through.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: b.table, Key: key("a")})
		b.must(err)
		if took := time.Since(began); took < 20*time.Millisecond {
			t.Errorf("read after %v", took)
		}
		began = time.Now()
		_, err = b.through.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: b.table, Item: key("a")})
		b.must(err)
		if took := time.Since(began); took < 60*time.Millisecond {
			t.Errorf("written after %v", took)
		}
	})
	t.Run("counts nothing when counting is off", func(t *testing.T) {
		b := newBench(t)
		b.proxy.Counting = false
		_, err := b.through.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: b.table, Item: key("a")})
		b.must(err)
		if u := b.proxy.Usage(); len(u.Calls) != 0 || u.RoundTrips != 0 || u.WriteUnits != 0 || len(u.Actions) != 0 {
			t.Errorf("usage %+v", u)
		}
		if !b.has("a") {
			t.Error("nothing was written")
		}
	})
	t.Run("names the actions that a role has to allow", func(t *testing.T) {
		b := newBench(t)
		b.have(key("checked"))
		_, err := b.through.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{*b.table: {Keys: []attributes{key("a")}}}})
		b.must(err)
		_, err = b.through.Query(t.Context(), query(b, "GSI2"))
		b.must(err)
		_, err = b.through.Query(t.Context(), query(b, ""))
		b.must(err)
		_, err = b.through.TransactGetItems(t.Context(), &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{{Get: &types.Get{TableName: b.table, Key: key("a")}}}})
		b.must(err)
		_, err = b.through.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{*b.table: {{PutRequest: &types.PutRequest{Item: key("b")}}}}})
		b.must(err)
		_, err = b.through.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
			b.put(key("put")),
			{Update: &types.Update{TableName: b.table, Key: key("update"), UpdateExpression: aws.String("SET x = PK")}},
			{Delete: &types.Delete{TableName: b.table, Key: key("delete")}},
			{ConditionCheck: &types.ConditionCheck{TableName: b.table, Key: key("checked"), ConditionExpression: aws.String("attribute_exists(PK)")}},
		}})
		b.must(err)
		_, err = b.through.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: b.table})
		b.must(err)
		want := []string{"BatchGetItem", "BatchWriteItem", "ConditionCheckItem", "DeleteItem", "DescribeTable", "GetItem", "PutItem", "Query", "Query GSI2", "UpdateItem"}
		u := b.proxy.Usage()
		if !slices.Equal(u.Actions, want) {
			t.Errorf("actions %v, want %v", u.Actions, want)
		}
		if calls := slices.Sorted(maps.Keys(u.Calls)); !slices.Contains(calls, "TransactWriteItems") {
			t.Errorf("calls %v", calls)
		}
	})
}
