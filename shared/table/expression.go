package table

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// expression is an update or a condition as DynamoDB writes it. (The SDK's builder would encode values by its own tags, not as
// items are.)
type expression struct {
	names               map[string]string // placeholder by name
	values              item
	wheres              []string
	sets, adds, removes []string
}

func newExpression() *expression { return &expression{names: map[string]string{}, values: item{}} }

// absent holds while there is no item.
func absent() *expression {
	e := newExpression()
	e.when("attribute_not_exists(%s)", e.name(PartitionKey))
	return e
}

func (e *expression) name(attribute string) string {
	if e.names[attribute] == "" {
		e.names[attribute] = fmt.Sprint("#", len(e.names))
	}
	return e.names[attribute]
}

func (e *expression) value(v any) string {
	name := fmt.Sprint(":", len(e.values))
	e.values[name] = encodeValue(v)
	return name
}

func (e *expression) when(format string, args ...any) {
	if c := fmt.Sprintf(format, args...); !slices.Contains(e.wheres, c) {
		e.wheres = append(e.wheres, c)
	}
}

func (e *expression) exists() { e.when("attribute_exists(%s)", e.name(PartitionKey)) }

func (e *expression) set(attribute string, v any) {
	e.sets = append(e.sets, e.name(attribute)+" = "+e.value(v))
}

func (e *expression) add(attribute string, n int) {
	if n != 0 {
		e.adds = append(e.adds, e.name(attribute)+" "+e.value(n))
	}
}

func (e *expression) writes() bool { return len(e.sets)+len(e.adds)+len(e.removes) > 0 }

func (e *expression) condition() *string { return aws.String(strings.Join(e.wheres, " AND ")) }

func (e *expression) update() *string {
	var all []string
	for _, part := range []struct {
		verb string
		of   []string
	}{{"SET ", e.sets}, {"ADD ", e.adds}, {"REMOVE ", e.removes}} {
		if len(part.of) > 0 {
			all = append(all, part.verb+strings.Join(part.of, ", "))
		}
	}
	return aws.String(strings.Join(all, " "))
}

// placeholders are the names as DynamoDB wants them.
func (e *expression) placeholders() map[string]string {
	all := map[string]string{}
	for attribute, placeholder := range e.names {
		all[placeholder] = attribute
	}
	return all
}

// update changes parts of an item, if the expression's conditions hold.
func (tx *Tx) update(key Key, e *expression) {
	tx.write(key, types.TransactWriteItem{Update: &types.Update{
		TableName: &tx.table.name, Key: key.attributes(), UpdateExpression: e.update(), ConditionExpression: e.condition(),
		ExpressionAttributeNames: e.placeholders(), ExpressionAttributeValues: e.values,
	}})
}

// check has an answer given only if conditions on an item hold, which it rests on without writing it.
func (tx *Tx) check(key Key, e *expression) {
	values := e.values
	if len(values) == 0 {
		values = nil // DynamoDB refuses an empty map
	}
	tx.checks[key] = types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &tx.table.name, Key: key.attributes(), ConditionExpression: e.condition(),
		ExpressionAttributeNames: e.placeholders(), ExpressionAttributeValues: values,
	}}
}

// restsOn has a refusal given only if an item is as it was read. A commit has conditions of its own on it.
func (tx *Tx) restsOn(key Key) {
	e := newExpression()
	e.exists()
	tx.check(key, e)
}
