package apitest

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"comptoir/shared/event"
	"comptoir/shared/table"
)

// Item is an item of the table.
type Item struct {
	Type  string
	Key   table.Key
	Image json.RawMessage // as the table's stream brings it
}

// Items are all items of the table.
func (w *World) Items() (all []Item) {
	w.t.Helper()
	pages := dynamodb.NewScanPaginator(w.Storage.Client, &dynamodb.ScanInput{TableName: &w.Storage.TableName, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			w.t.Fatal(err)
		}
		for _, it := range page.Items {
			image, err := attributevalue.MarshalMapJSON(it)
			if err != nil {
				w.t.Fatal(err)
			}
			text := func(name string) string {
				s, _ := it[name].(*types.AttributeValueMemberS)
				if s == nil {
					return ""
				}
				return s.Value
			}
			all = append(all, Item{text(table.TypeKey), table.Key{PK: text(table.PartitionKey), SK: text(table.SortKey)}, image})
		}
	}
	return all
}

// Happened are the events of a kind that lie in the table, in the order of their ids, as a queue brings them.
func (w *World) Happened(kind string) []event.Event {
	w.t.Helper()
	var all []event.Event
	for _, it := range w.Items() {
		e, err := table.EventFrom(it.Image)
		if err != nil || e.Kind != kind {
			continue // another item
		}
		var queued event.Event
		text, err := json.Marshal(e)
		if err == nil {
			err = json.Unmarshal(text, &queued)
		}
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, queued)
	}
	slices.SortFunc(all, func(a, b event.Event) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// Scanned makes it so that all that fell due was looked for just now: a first scan would look at weeks.
func (w *World) Scanned() {
	const day = 24 * time.Hour
	w.Have(func(tx *table.Tx) {
		for shard := range table.DueShards {
			for look, later := range []time.Duration{0, day, 10 * day} {
				b := table.Bookmark{Shard: shard, Look: look}.At(w.Now().Add(-later))
				tx.Put(&b)
			}
		}
	})
}

// Have puts what no operation makes into the table, past any proxy.
func (w *World) Have(values func(*table.Tx)) {
	w.t.Helper()
	direct := table.New(w.Storage.Client, w.Storage.TableName, w.Always()...)
	tx := direct.Draft(Start, "seed", event.Actor{ID: "seed", Kind: "system"}, "")
	values(tx)
	if err := direct.Import(context.Background(), tx); err != nil {
		w.t.Fatal(err)
	}
}
