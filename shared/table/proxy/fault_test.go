package proxy_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"comptoir/shared/table/proxy"
)

// seen asserts that the SDK understood the failure as what it is.
func seen[E error](t *testing.T, err error) E {
	t.Helper()
	var want E
	if !errors.As(err, &want) {
		t.Fatalf("%T %v, want %T", err, err, want)
	}
	return want
}

func codes(e *types.TransactionCanceledException) (codes []string) {
	for _, r := range e.CancellationReasons {
		codes = append(codes, aws.ToString(r.Code))
	}
	return codes
}

func TestFaults(t *testing.T) {
	t.Parallel()
	get := func(b *bench, client *dynamodb.Client) error {
		_, err := client.GetItem(b.Context(), &dynamodb.GetItemInput{TableName: b.table, Key: key("a")})
		return err
	}
	transact := func(b *bench, client *dynamodb.Client) error {
		_, err := client.TransactWriteItems(b.Context(), &dynamodb.TransactWriteItemsInput{
			TransactItems: []types.TransactWriteItem{b.put(key("a")), b.put(key("b"))},
		})
		return err
	}

	t.Run("a read is throttled as often as armed, other operations never", func(t *testing.T) {
		b := newBench(t)
		b.proxy.Arm("GetItem", 2, proxy.Throttle)
		b.must(transact(b, b.through))
		for range 2 {
			seen[*types.ProvisionedThroughputExceededException](t, get(b, b.through))
		}
		b.must(get(b, b.through))
		if u := b.proxy.Usage(); u.Calls["GetItem"] != 3 || u.ReadUnits != 0.5 {
			t.Errorf("usage %+v", u)
		}
	})
	t.Run("a transaction is throttled, cancelled for throttling, and fails inside AWS, one after another", func(t *testing.T) {
		b := newBench(t)
		b.proxy.Arm("TransactWriteItems", 1, proxy.Throttle)
		b.proxy.Arm("TransactWriteItems", 1, proxy.CancelThrottled)
		b.proxy.Arm("TransactWriteItems", 1, proxy.FailBefore)
		seen[*types.ThrottlingException](t, transact(b, b.through))
		cancelled := seen[*types.TransactionCanceledException](t, transact(b, b.through))
		if got := codes(cancelled); !slices.Equal(got, []string{"ThrottlingError", "None"}) {
			t.Errorf("reasons %v", got)
		}
		seen[*types.InternalServerError](t, transact(b, b.through))
		if b.has("a") {
			t.Error("something was written")
		}
		b.must(transact(b, b.through))
	})
	t.Run("the SDK tries again after throttling and after a failure inside AWS", func(t *testing.T) {
		b := newBench(t)
		b.proxy.Arm("TransactWriteItems", 1, proxy.Throttle)
		b.proxy.Arm("TransactWriteItems", 1, proxy.FailBefore)
		b.must(transact(b, b.patient))
		if u := b.proxy.Usage(); u.Calls["TransactWriteItems"] != 3 || u.WriteUnits != 4 {
			t.Errorf("usage %+v", u)
		}
	})
	t.Run("a reply is lost after the commit", func(t *testing.T) {
		b := newBench(t)
		b.proxy.Arm("TransactWriteItems", 1, proxy.DropAfter)
		if err := transact(b, b.through); err == nil {
			t.Error("there was a reply")
		}
		if !b.has("a") || !b.has("b") {
			t.Error("nothing was written")
		}
		b.must(transact(b, b.through))
	})
	t.Run("the SDK sends a transaction again whose reply was lost, under the same token", func(t *testing.T) {
		b := newBench(t)
		b.proxy.Arm("TransactWriteItems", 1, proxy.DropAfter)
		_, err := b.patient.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
			{Update: &types.Update{
				TableName: b.table, Key: key("counter"), UpdateExpression: aws.String("ADD n :one"),
				ExpressionAttributeValues: attributes{":one": &types.AttributeValueMemberN{Value: "1"}},
			}},
		}})
		b.must(err)
		found, err := b.direct.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: b.table, Key: key("counter")})
		b.must(err)
		if n := found.Item["n"].(*types.AttributeValueMemberN).Value; n != "1" {
			t.Errorf("counted to %s", n)
		}
		b.wants(2, 2) // one read and one written
	})
	for name, c := range map[string]struct {
		fault proxy.Fault
		done  bool
	}{
		"a caller that is killed before its commit has done nothing": {proxy.KillBefore, false},
		"a caller that is killed after its commit has done it":       {proxy.KillAfter, true},
	} {
		t.Run(name+", and is never heard of again", func(t *testing.T) {
			b := newBench(t)
			b.proxy.Arm("TransactWriteItems", 1, c.fault)
			answered, again := make(chan error, 1), make(chan error, 1)
			go func() { answered <- transact(b, b.patient) }() // and sends it again, once it is let go
			<-b.proxy.Killed()
			if b.has("a") != c.done {
				t.Errorf("done: %v, want %v", !c.done, c.done)
			}
			go func() { again <- get(b, b.through) }() // as if by another of its goroutines
			select {
			case err := <-answered:
				t.Errorf("the dead got an answer: %v", err)
			case err := <-again:
				t.Errorf("the dead call: %v", err)
			default:
			}
			b.proxy.Close()
			if err := <-answered; err == nil {
				t.Error("the dead got an answer in the end")
			}
			if err := <-again; err == nil {
				t.Error("the dead were answered in the end")
			}
			if b.has("a") != c.done {
				t.Error("what is let go came through")
			}
		})
	}
	t.Run("nobody is killed without a fault that kills", func(t *testing.T) {
		b := newBench(t)
		b.proxy.Arm("TransactWriteItems", 1, proxy.DropAfter)
		b.must(transact(b, b.patient))
		select {
		case <-b.proxy.Killed():
			t.Error("somebody was killed")
		default:
		}
	})
	t.Run("a torn batch finds all that is there, and what was written between its parts", func(t *testing.T) {
		b := newBench(t)
		b.proxy.Torn = true
		b.have(sized("a", 100), sized("b", 100))
		parts := 0
		b.proxy.Before = func(operation string, _ []byte) {
			if parts++; parts == 2 {
				b.have(sized("a", 200), sized("b", 200))
			}
		}
		found, err := b.through.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
			*b.table: {Keys: []attributes{key("a"), key("b"), key("missing")}, ConsistentRead: aws.Bool(true)},
		}})
		b.must(err)
		old, young := 0, 0
		for _, item := range found.Responses[*b.table] {
			if fill := item["fill"].(*types.AttributeValueMemberS); len(fill.Value) < 100 {
				old++
			} else {
				young++
			}
		}
		if parts != 2 || old+young != 2 || len(found.UnprocessedKeys) > 0 {
			t.Errorf("%d parts, %d items of before and %d of after, unprocessed %v", parts, old, young, found.UnprocessedKeys)
		}
	})
	t.Run("a test can change an item between load and commit", func(t *testing.T) {
		b := newBench(t)
		b.proxy.Before = func(operation string, body []byte) {
			if operation == "TransactWriteItems" && len(body) > 0 {
				b.have(key("b"))
			}
		}
		_, err := b.through.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
			b.put(key("a")),
			{Put: &types.Put{TableName: b.table, Item: key("b"), ConditionExpression: aws.String("attribute_not_exists(PK)")}},
		}})
		if got := codes(seen[*types.TransactionCanceledException](t, err)); !slices.Equal(got, []string{"None", "ConditionalCheckFailed"}) {
			t.Errorf("reasons %v", got)
		}
	})
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	type write func(ctx context.Context, b *bench) error
	transaction := func(sks ...string) write {
		return func(ctx context.Context, b *bench) error {
			in := &dynamodb.TransactWriteItemsInput{}
			for _, sk := range sks {
				in.TransactItems = append(in.TransactItems, b.put(key(sk)))
			}
			_, err := b.through.TransactWriteItems(ctx, in)
			return err
		}
	}
	single := func(sk string) write {
		return func(ctx context.Context, b *bench) error {
			_, err := b.through.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: b.table, Key: key(sk)})
			return err
		}
	}
	reading := func(sks ...string) write {
		return func(ctx context.Context, b *bench) error {
			in := &dynamodb.TransactGetItemsInput{}
			for _, sk := range sks {
				in.TransactItems = append(in.TransactItems, types.TransactGetItem{Get: &types.Get{TableName: b.table, Key: key(sk)}})
			}
			_, err := b.through.TransactGetItems(ctx, in)
			return err
		}
	}
	cancelled := func(want ...string) func(*testing.T, error) {
		return func(t *testing.T, err error) {
			if got := codes(seen[*types.TransactionCanceledException](t, err)); !slices.Equal(got, want) {
				t.Errorf("reasons %v, want %v", got, want)
			}
		}
	}
	refused := func(t *testing.T, err error) { seen[*types.TransactionConflictException](t, err) }
	passed := func(t *testing.T, err error) {
		if err != nil {
			t.Error(err)
		}
	}
	for name, c := range map[string]struct {
		first, second write
		want          func(*testing.T, error)
	}{
		"the later of two transactions is cancelled at the item they share": {transaction("a", "b"), transaction("c", "b"), cancelled("None", "TransactionConflict")},
		"transactions that share nothing both pass":                         {transaction("a", "b"), transaction("c"), passed},
		"a single write is refused during a transaction":                    {transaction("a", "b"), single("b"), refused},
		"a transaction is cancelled during a single write":                  {single("a"), transaction("a"), cancelled("TransactionConflict")},
		"a transaction of reads is cancelled during one of writes":          {transaction("a", "b"), reading("c", "b"), cancelled("None", "TransactionConflict")},
		"a transaction of reads is cancelled during a single write":         {single("a"), reading("a"), cancelled("TransactionConflict")},
		"a transaction of reads is in nobody's way":                         {reading("a"), transaction("a"), passed},
		"two single writes both pass":                                       {single("a"), single("a"), passed},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.proxy.Conflicts = true
			var busy atomic.Bool
			var second error
			b.proxy.Before = func(string, []byte) {
				if busy.CompareAndSwap(false, true) { // the first is under way: the engine has not seen it yet
					second = c.second(t.Context(), b)
				}
			}
			b.must(c.first(t.Context(), b))
			c.want(t, second)
			b.must(c.second(t.Context(), b)) // nobody is busy any longer
		})
	}
}
