package table

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"comptoir/shared/event"
	"comptoir/shared/id"
)

// Tx is one unit of work: what was loaded, and what is to be written in one transaction. Like an
// http.Request it belongs to one request and carries its context.
type Tx struct {
	Now          time.Time // when it is done, read once, UTC
	Actor        event.Actor
	Organisation string // that the actor acts for
	Operation    string

	ctx    context.Context
	table  *Table
	items  map[Key]item // loaded; nil for what doesn't exist
	pages  map[query]page
	writes map[Key]types.TransactWriteItem
	order  []Key
	counts map[Key]map[string]int64
	facts  []fact
}

type fact struct {
	about event.Subject
	event.Fact
}

func (t *Table) begin(ctx context.Context) *Tx {
	return &Tx{
		Now: t.now().UTC().Truncate(time.Millisecond), ctx: ctx, table: t,
		items: map[Key]item{}, pages: map[query]page{},
		writes: map[Key]types.TransactWriteItem{}, counts: map[Key]map[string]int64{},
	}
}

// NewID is a new random identifier with a prefix.
func (tx *Tx) NewID(prefix string) string { return id.Random(prefix, tx.table.random) }

// Put writes a value, given by pointer: created if it is new, otherwise changed at the version that
// was read. It advances the value's version.
func (tx *Tx) Put(v any) {
	condition := &types.Put{TableName: &tx.table.name, ConditionExpression: aws.String("attribute_not_exists(" + PartitionKey + ")")}
	if s, ok := v.(stamped); ok {
		if read := s.Stamped().Version; read > 0 {
			condition.ConditionExpression = aws.String("#v = :v")
			condition.ExpressionAttributeNames = map[string]string{"#v": "version"}
			condition.ExpressionAttributeValues = item{":v": number(read)}
		}
		s.Stamped().Advance(tx.Now)
	}
	var key Key
	key, condition.Item = encode(v)
	tx.write(key, types.TransactWriteItem{Put: condition})
}

// Delete removes an item that must be there.
func Delete[T any](tx *Tx, r Ref[T]) {
	tx.write(r.Key, types.TransactWriteItem{Delete: &types.Delete{
		TableName: &tx.table.name, Key: r.Key.attributes(),
		ConditionExpression: aws.String("attribute_exists(" + PartitionKey + ")"),
	}})
}

// Record keeps facts about a subject, given by pointer; its version is read when committing.
func (tx *Tx) Record(about event.Subject, facts ...event.Fact) {
	for _, f := range facts {
		tx.facts = append(tx.facts, fact{about, f})
	}
}

func (tx *Tx) write(key Key, w types.TransactWriteItem) {
	if _, twice := tx.writes[key]; twice {
		panic(fmt.Sprintf("table: %v is written twice in one transaction", key))
	}
	tx.writes[key] = w
	tx.order = append(tx.order, key)
}

// add counts within an item, together with others who do.
func (tx *Tx) add(key Key, attribute string, n int64) {
	if tx.counts[key] == nil {
		tx.counts[key] = map[string]int64{}
	}
	tx.counts[key][attribute] += n
}

// nothing tells whether the unit of work changes nothing.
func (tx *Tx) nothing() bool { return len(tx.writes) == 0 && len(tx.facts) == 0 }

// events are the facts as they are kept.
func (tx *Tx) events() []*event.Event {
	var all []*event.Event
	for n, f := range tx.facts {
		about := f.about.About()
		e := &event.Event{
			Fact: f.Fact, ID: id.Ordered("evt", tx.Now, n, tx.table.random), At: tx.Now, Operation: tx.Operation,
			Actor: tx.Actor, Organisation: tx.Organisation, Subject: about.ID, PartnerID: about.PartnerID,
			Version: about.Version, Livemode: about.Livemode,
		}
		if about.Organisation != tx.Organisation {
			e.OnBehalfOf = about.Organisation // both names stay on the event (B14)
		}
		all = append(all, e)
	}
	return all
}

// transaction is everything that the unit of work writes.
func (tx *Tx) transaction() []types.TransactWriteItem {
	var all []types.TransactWriteItem
	for _, key := range tx.order {
		all = append(all, tx.writes[key])
	}
	for n, e := range tx.events() {
		_, it := encode(&stored{Event: *e, partition: partitionOf(tx.facts[n].about.About())})
		all = append(all, types.TransactWriteItem{Put: &types.Put{TableName: &tx.table.name, Item: it}})
	}
	for _, key := range slices.SortedFunc(maps.Keys(tx.counts), compareKeys) {
		if update := tx.counting(key); update != nil {
			all = append(all, types.TransactWriteItem{Update: update})
		}
	}
	return all
}

func (tx *Tx) commit() error {
	_, err := tx.table.client.TransactWriteItems(tx.ctx, &dynamodb.TransactWriteItemsInput{TransactItems: tx.transaction()})
	return err
}

func compareKeys(a, b Key) int {
	return cmp.Or(strings.Compare(a.PK, b.PK), strings.Compare(a.SK, b.SK))
}
