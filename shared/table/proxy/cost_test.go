package proxy_test

import (
	"cmp"
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const kb = 1024

// wants compares the units with what a person computed from AWS's documentation.
func (b *bench) wants(reads, writes float64) {
	b.Helper()
	if u := b.proxy.Usage(); u.ReadUnits != reads || u.WriteUnits != writes {
		b.Errorf("%v read units and %v write units, want %v and %v", u.ReadUnits, u.WriteUnits, reads, writes)
	}
}

// Sizes and sums are the examples of "DynamoDB read and write operations" (Developer Guide).
func TestReadUnits(t *testing.T) {
	t.Parallel()
	for rule, c := range map[string]struct {
		bytes int // 0: there is no such item
		in    dynamodb.GetItemInput
		want  float64
	}{
		"3.5 KB are 4":                         {bytes: 3584, in: strongly(), want: 1},
		"4 KB are 4":                           {bytes: 4 * kb, in: strongly(), want: 1},
		"one more byte is 8":                   {bytes: 4*kb + 1, in: strongly(), want: 2},
		"10 KB are 12":                         {bytes: 10 * kb, in: strongly(), want: 3},
		"eventually consistent costs half":     {bytes: 10 * kb, want: 1.5},
		"what isn't there costs one":           {in: strongly(), want: 1},
		"what isn't there costs half a one":    {want: 0.5},
		"what is not shown of an item costs":   {bytes: 10 * kb, in: dynamodb.GetItemInput{ProjectionExpression: aws.String("PK")}, want: 1.5},
		"an unreadable key costs nothing":      {in: dynamodb.GetItemInput{Key: attributes{"PK": text("p")}}},
		"an unknown table costs nothing":       {in: dynamodb.GetItemInput{TableName: aws.String("other")}},
		"a place in the item costs all of it":  {bytes: 6 * kb, in: dynamodb.GetItemInput{ProjectionExpression: aws.String("a.b[0]")}, want: 1},
		"the smallest item costs half a block": {bytes: 20, want: 0.5},
	} {
		t.Run("GetItem: "+rule, func(t *testing.T) {
			b := newBench(t)
			if c.bytes > 0 {
				b.have(sized("a", c.bytes))
			}
			in := c.in
			in.TableName = cmp.Or(in.TableName, b.table)
			if in.Key == nil {
				in.Key = key("a")
			}
			_, err := b.through.GetItem(t.Context(), &in)
			if (err == nil) != (c.want > 0) {
				t.Fatal(err)
			}
			b.wants(c.want, 0)
		})
	}

	t.Run("BatchGetItem rounds 1.5 KB and 6.5 KB to 12, not 8, and counts what isn't there", func(t *testing.T) {
		b := newBench(t)
		b.have(sized("a", 1536), sized("b", 6656))
		keys := types.KeysAndAttributes{Keys: []attributes{key("a"), key("b")}, ConsistentRead: aws.Bool(true)}
		get := func() {
			_, err := b.through.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{*b.table: keys}})
			b.must(err)
		}
		get()
		b.wants(3, 0)
		keys.Keys = append(keys.Keys, key("missing"))
		get()
		b.wants(3+4, 0)
		keys.ConsistentRead = nil
		get()
		b.wants(3+4+2, 0)
	})
	t.Run("TransactGetItems costs two for each of three items of 500 bytes", func(t *testing.T) {
		b := newBench(t)
		var gets []types.TransactGetItem
		for _, sk := range []string{"a", "b", "c"} {
			b.have(sized(sk, 500))
			gets = append(gets, types.TransactGetItem{Get: &types.Get{TableName: b.table, Key: key(sk)}})
		}
		_, err := b.through.TransactGetItems(t.Context(), &dynamodb.TransactGetItemsInput{TransactItems: gets})
		b.must(err)
		b.wants(6, 0)
	})
}

func strongly() dynamodb.GetItemInput { return dynamodb.GetItemInput{ConsistentRead: aws.Bool(true)} }

// query is for all items of the partition, in the table or in an index.
func query(b *bench, index string) *dynamodb.QueryInput {
	in := &dynamodb.QueryInput{
		TableName:                 b.table,
		KeyConditionExpression:    aws.String("#pk = :p"),
		ExpressionAttributeNames:  map[string]string{"#pk": index + "PK"},
		ExpressionAttributeValues: attributes{":p": text("p")},
	}
	if index != "" {
		in.IndexName = &index
	}
	return in
}

// A query of 10 items that are 40.8 KB together reads 44 KB ("DynamoDB read and write operations").
func TestQueryUnits(t *testing.T) {
	t.Parallel()
	const each = 4178 // bytes
	for rule, c := range map[string]struct {
		index string
		with  func(*dynamodb.QueryInput)
		want  float64
	}{
		"rounds the sum of the items up":   {with: func(in *dynamodb.QueryInput) { in.ConsistentRead = aws.Bool(true) }, want: 11},
		"costs half eventually consistent": {want: 5.5},
		"costs the same in an index":       {index: "GSI2", want: 5.5},
		"costs half a one without a match": {with: func(in *dynamodb.QueryInput) { in.ExpressionAttributeValues = attributes{":p": text("nobody")} }, want: 0.5},
		"costs what a filter hides": {with: func(in *dynamodb.QueryInput) {
			in.FilterExpression = aws.String("#hidden = :hidden")
			in.ExpressionAttributeNames["#hidden"] = "x"
			in.ExpressionAttributeValues[":hidden"] = text("y")
		}, want: 5.5},
		"costs what a projection hides": {with: func(in *dynamodb.QueryInput) {
			in.ProjectionExpression = aws.String("#pk, #shown")
			in.ExpressionAttributeNames["#shown"] = "x"
		}, want: 5.5},
		"costs what it only counts": {with: func(in *dynamodb.QueryInput) { in.Select = types.SelectCount }, want: 5.5},
		"costs up to its limit, filtered or not": {with: func(in *dynamodb.QueryInput) { // 3 items: 12,534 bytes
			in.Limit = aws.Int32(3)
			in.FilterExpression = aws.String("attribute_exists(x)")
		}, want: 2},
		"costs from its start key on, backwards too": {with: func(in *dynamodb.QueryInput) { // 2 items: 8,356 bytes
			in.ExclusiveStartKey, in.ScanIndexForward = key("2"), aws.Bool(false)
			in.Select = types.SelectCount
		}, want: 1.5},
		"understands a condition on both keys": {with: func(in *dynamodb.QueryInput) { // 4 items: 16,712 bytes
			in.KeyConditionExpression = aws.String("#pk = :p AND SK BETWEEN :from AND :to")
			in.ExpressionAttributeValues[":from"], in.ExpressionAttributeValues[":to"] = text("3"), text("6")
			in.FilterExpression = aws.String("attribute_exists(x)")
		}, want: 2.5},
	} {
		t.Run("Query "+rule, func(t *testing.T) {
			b := newBench(t)
			for n := range 10 {
				b.have(sized(fmt.Sprint(n), each, "GSI2PK", "p", "GSI2SK", fmt.Sprint(n)))
			}
			in := query(b, c.index)
			if c.with != nil {
				c.with(in)
			}
			_, err := b.through.Query(t.Context(), in)
			b.must(err)
			b.wants(c.want, 0)
		})
	}
}

// The sizes are the examples of "DynamoDB read and write operations" (Developer Guide).
func TestWriteUnits(t *testing.T) {
	t.Parallel()
	put := func(item attributes) func(b *bench) error {
		return func(b *bench) error {
			_, err := b.through.PutItem(b.Context(), &dynamodb.PutItemInput{TableName: b.table, Item: item})
			return err
		}
	}
	update := func(sk, expression string) func(b *bench) error {
		return func(b *bench) error {
			_, err := b.through.UpdateItem(b.Context(), &dynamodb.UpdateItemInput{TableName: b.table, Key: key(sk), UpdateExpression: &expression})
			return err
		}
	}
	remove := func(sk, condition string) func(b *bench) error {
		return func(b *bench) error {
			in := &dynamodb.DeleteItemInput{TableName: b.table, Key: key(sk)}
			if condition != "" {
				in.ConditionExpression = &condition
			}
			_, err := b.through.DeleteItem(b.Context(), in)
			var refused *types.ConditionalCheckFailedException
			if errors.As(err, &refused) {
				return nil
			}
			return err
		}
	}
	for rule, c := range map[string]struct {
		have attributes
		do   func(b *bench) error
		want float64
	}{
		"a put of 512 bytes is 1 KB":                         {do: put(sized("a", 512)), want: 1},
		"a put of 1.5 KB is 2":                               {do: put(sized("a", 1536)), want: 2},
		"a put costs the larger of the old and the new item": {have: sized("a", 3*kb), do: put(sized("a", 512)), want: 3},
		"an update of one attribute costs the whole item":    {have: sized("a", 2560), do: update("a", "SET x = PK"), want: 3},
		"an update that shrinks an item costs the old one":   {have: sized("a", 2560), do: update("a", "REMOVE fill"), want: 3},
		"an update of what isn't there costs the new item":   {do: update("a", "SET x = :x"), want: 0},
		"a deletion costs the item":                          {have: sized("a", 1536), do: remove("a", ""), want: 2},
		"a deletion of what isn't there costs one":           {do: remove("a", ""), want: 1},
		"a condition that fails costs the item":              {have: sized("a", 1536), do: remove("a", "attribute_exists(x)"), want: 2},
		"a condition on what isn't there costs one":          {do: remove("a", "attribute_exists(x)"), want: 1},
		"an index costs one more for a new entry":            {do: put(sized("a", 512, "GSI1PK", "x", "GSI1SK", "y")), want: 1 + 1},
		"half a key makes no entry":                          {do: put(sized("a", 512, "GSI1PK", "x")), want: 1},
		"each index counts":                                  {do: put(sized("a", 1536, "GSI1PK", "x", "GSI1SK", "y", "GSI3PK", "x", "GSI3SK", "y")), want: 2 + 2 + 2},
		"an index costs one more for a changed attribute":    {have: sized("a", 512, "GSI1PK", "x", "GSI1SK", "y"), do: update("a", "SET x = PK"), want: 1 + 1},
		"an index costs two for a changed key":               {have: sized("a", 512, "GSI1PK", "x", "GSI1SK", "y"), do: update("a", "SET GSI1SK = PK"), want: 1 + 2},
		"the old entry costs its own size":                   {have: sized("a", 1536, "GSI1PK", "x", "GSI1SK", "y"), do: put(sized("a", 512, "GSI1PK", "x", "GSI1SK", "z")), want: 2 + 2 + 1},
		"an index costs one for an entry that goes":          {have: sized("a", 512, "GSI1PK", "x", "GSI1SK", "y"), do: update("a", "REMOVE GSI1PK"), want: 1 + 1},
		"an index costs one for an item that goes":           {have: sized("a", 512, "GSI1PK", "x", "GSI1SK", "y"), do: remove("a", ""), want: 1 + 1},
		"an index costs nothing when nothing changes":        {have: sized("a", 512, "GSI1PK", "x", "GSI1SK", "y"), do: put(sized("a", 512, "GSI1PK", "x", "GSI1SK", "y")), want: 1},
		"an index costs nothing when the condition fails":    {have: sized("a", 512, "GSI1PK", "x", "GSI1SK", "y"), do: remove("a", "attribute_exists(x)"), want: 1},
	} {
		t.Run(rule, func(t *testing.T) {
			b := newBench(t)
			if c.have != nil {
				b.have(c.have)
			}
			if err := c.do(b); (err == nil) != (c.want > 0) {
				t.Fatal(err)
			}
			b.wants(0, c.want)
		})
	}

	t.Run("BatchWriteItem rounds 500 bytes and 3.5 KB to 5 KB, not 4", func(t *testing.T) {
		b := newBench(t)
		b.have(sized("b", 3584))
		_, err := b.through.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{*b.table: {
			{PutRequest: &types.PutRequest{Item: sized("a", 500)}},
			{DeleteRequest: &types.DeleteRequest{Key: key("b")}},
		}}})
		b.must(err)
		b.wants(0, 5)
	})
}

// The figures are from "Managing complex workflows with DynamoDB transactions" (Developer Guide).
func TestTransactionUnits(t *testing.T) {
	t.Parallel()
	t.Run("three items of 500 bytes cost six, and when sent again six to read", func(t *testing.T) {
		b := newBench(t)
		in := &dynamodb.TransactWriteItemsInput{
			ClientRequestToken: aws.String("once"),
			TransactItems:      []types.TransactWriteItem{b.put(sized("a", 500)), b.put(sized("b", 500)), b.put(sized("c", 500))},
		}
		_, err := b.through.TransactWriteItems(t.Context(), in)
		b.must(err)
		b.wants(0, 6)
		_, err = b.through.TransactWriteItems(t.Context(), in)
		b.must(err)
		b.wants(6, 6)
	})
	t.Run("an index costs the same as outside of a transaction", func(t *testing.T) {
		b := newBench(t)
		_, err := b.through.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{
			TransactItems: []types.TransactWriteItem{b.put(sized("a", 1536, "GSI1PK", "x", "GSI1SK", "y"))},
		})
		b.must(err)
		b.wants(0, 2*2+2)
	})
	t.Run("a check costs two for each KB of what it looks at, and a cancelled transaction as much as one that changes nothing", func(t *testing.T) {
		b := newBench(t)
		b.have(sized("checked", 1536))
		transact := func(condition string) error {
			_, err := b.through.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
				b.put(sized("a", 500)),
				{ConditionCheck: &types.ConditionCheck{TableName: b.table, Key: key("checked"), ConditionExpression: &condition}},
			}})
			return err
		}
		var cancelled *types.TransactionCanceledException
		if err := transact("attribute_exists(x)"); !errors.As(err, &cancelled) {
			t.Fatal(err)
		}
		b.wants(0, 2+4)
		b.must(transact("attribute_exists(PK)"))
		b.wants(0, 2*(2+4))
	})
}
