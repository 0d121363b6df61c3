package apitest

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"comptoir/shared/event"
	"comptoir/shared/table"
)

// Happened are the events of a kind that lie in the table, in the order of their ids, as a queue brings them.
func (w *World) Happened(kind string) []event.Event {
	w.t.Helper()
	var all []event.Event
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
			e, err := table.EventFrom(image)
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
	}
	slices.SortFunc(all, func(a, b event.Event) int { return cmp.Compare(a.ID, b.ID) })
	return all
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
