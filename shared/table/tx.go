package table

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"comptoir/shared/event"
	"comptoir/shared/id"
	"comptoir/shared/partner"
	"comptoir/shared/webhook"
)

// Tx is one unit of work: what was loaded, and what is to be written in one transaction. Like an
// http.Request it belongs to one request and carries its context.
type Tx struct {
	Now              time.Time // when it is done, read once, UTC
	Actor            event.Actor
	Organisation     string // that the actor acts for
	OrganisationName string
	Roles            []string // that the actor holds
	Operation        string

	ctx    context.Context
	table  *Table
	items  map[Key]item // loaded; nil for what doesn't exist
	pages  map[query]page
	writes map[Key]types.TransactWriteItem
	order  []Key
	checks map[Key]types.TransactWriteItem // on what the answer rests on and is not written
	counts map[Key]map[string]int64
	facts  []fact
	moved  bool // what was loaded does not belong together: decide anew
	draft  bool // of what is not in the table yet: items are written whole
}

type fact struct {
	about event.Subject
	event.Fact
}

func (t *Table) begin(ctx context.Context) *Tx {
	return &Tx{
		Now: t.now().UTC().Truncate(time.Millisecond), ctx: ctx, table: t,
		items: map[Key]item{}, pages: map[query]page{},
		writes: map[Key]types.TransactWriteItem{}, checks: map[Key]types.TransactWriteItem{}, counts: map[Key]map[string]int64{},
	}
}

// Context is that of the request, for what is asked outside of the table.
func (tx *Tx) Context() context.Context { return tx.ctx }

// NewID is a new random identifier with a prefix.
func (tx *Tx) NewID(prefix string) string { return id.Random(prefix, tx.table.random) }

// NewSecret is a new secret for a link, with the hash that is kept of it.
func (tx *Tx) NewSecret() (secret, hash string) { return id.Secret(tx.table.random) }

// NewOrderedID is a new identifier with a prefix that sorts by time.
func (tx *Tx) NewOrderedID(prefix string) string {
	return id.Ordered(prefix, tx.Now, 0, tx.table.random)
}

// NewSigningSecret is a new secret to sign messages with.
func (tx *Tx) NewSigningSecret() string {
	return webhook.NewSecret(id.Bytes(webhook.SecretBytes, tx.table.random))
}

// Put writes a value, given by pointer: created if it is new, otherwise changed at the version that
// was read. It advances the value's version. With a new partner it writes that its months are to be closed.
func (tx *Tx) Put(v any) {
	if p, is := v.(*partner.Partner); is && p.Version == 0 {
		tx.begin(p)
	}
	put := &types.Put{TableName: &tx.table.name, ConditionExpression: aws.String("attribute_not_exists(" + PartitionKey + ")")}
	if s, ok := v.(stamped); ok {
		if read := s.Stamped().Version; read > 0 {
			put.ConditionExpression = aws.String("#v = :v")
			put.ExpressionAttributeNames = map[string]string{"#v": "version"}
			put.ExpressionAttributeValues = item{":v": number(read)}
		}
		s.Stamped().Advance(tx.Now)
	}
	var key Key
	key, put.Item = encode(v)
	now := tx.Now
	if tx.draft { // of some time, and written now
		now = tx.table.now()
	}
	fallDue(put.Item, v, now)
	tx.write(key, types.TransactWriteItem{Put: put})
}

// Delete removes an item that must be there.
func Delete[T any](tx *Tx, r Ref[T]) {
	tx.write(r.Key, types.TransactWriteItem{Delete: &types.Delete{
		TableName: &tx.table.name, Key: r.Key.attributes(),
		ConditionExpression: aws.String("attribute_exists(" + PartitionKey + ")"),
	}})
}

// Remove removes a value, given by pointer, at the version that was read.
func (tx *Tx) Remove(v stamped) {
	key := kindOf(v).keys(v).primary
	tx.write(key, types.TransactWriteItem{Delete: &types.Delete{
		TableName: &tx.table.name, Key: key.attributes(), ConditionExpression: aws.String("#v = :v"),
		ExpressionAttributeNames: map[string]string{"#v": "version"}, ExpressionAttributeValues: item{":v": number(v.Stamped().Version)},
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
			e.OnBehalfOf = about.Organisation // both stay on the event, with their names (B14)
			if tx.Organisation != "" && about.Organisation != "" {
				e.Names = &event.Names{Organisation: tx.OrganisationName, OnBehalfOf: about.Name}
			}
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

// commit writes everything, if all that it rests on is still so.
func (tx *Tx) commit() error {
	if tx.moved {
		return errMoved
	}
	all := tx.transaction()
	for _, key := range slices.SortedFunc(maps.Keys(tx.checks), compareKeys) {
		if _, written := tx.writes[key]; !written { // only if what it rests on there is as it was, too
			all = append(all, tx.checks[key])
		}
	}
	return tx.patiently(func() error {
		_, err := tx.table.client.TransactWriteItems(tx.ctx, &dynamodb.TransactWriteItemsInput{TransactItems: all})
		return err
	})
}

// confirm finds out whether all that a refusal, or an answer that changes nothing, rests on was so at one moment: it
// reads it again in one transaction. What rests on a single item was.
func (tx *Tx) confirm() error {
	if tx.moved {
		return errMoved
	}
	if len(tx.checks) < 2 {
		return nil
	}
	keys := slices.SortedFunc(maps.Keys(tx.checks), compareKeys)
	in := &dynamodb.TransactGetItemsInput{}
	for _, key := range keys {
		in.TransactItems = append(in.TransactItems, types.TransactGetItem{Get: &types.Get{TableName: &tx.table.name, Key: key.attributes()}})
	}
	return tx.patiently(func() error {
		out, err := tx.table.client.TransactGetItems(tx.ctx, in)
		if err != nil {
			return err
		}
		for n, key := range keys {
			if !sameItem(tx.items[key], out.Responses[n].Item) {
				return errMoved
			}
		}
		return nil
	})
}

func sameItem(a, b item) bool { return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b) }

// sends is how often a transaction is sent that others are in the way of.
const sends = 8

// patiently sends a transaction until no other is under way on the same items. What it was decided on needs no second
// look for that: its conditions say whether it still holds.
func (tx *Tx) patiently(send func() error) error {
	err := send()
	for n := 1; n < sends && cancelledFor(err, "TransactionConflict") && !cancelledFor(err, "ConditionalCheckFailed"); n++ {
		pause(tx.ctx, n)
		err = send()
	}
	return err
}

// errMoved is a load during which something changed.
var errMoved = errors.New("table: what was loaded does not belong together")

func compareKeys(a, b Key) int {
	return cmp.Or(strings.Compare(a.PK, b.PK), strings.Compare(a.SK, b.SK))
}
