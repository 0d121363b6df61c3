// Package outbox carries new events from the table's stream to the queues of those who act on them and, unless they are of a
// sandbox, to the bus. The stream brings an event at least once and in the order of its item's partition; consumers drop
// what they have seen.
package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	bus "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"comptoir/shared/event"
	"comptoir/shared/notice"
	"comptoir/shared/payment"
	"comptoir/shared/queue"
	"comptoir/shared/setting"
	"comptoir/shared/table"
	"comptoir/shared/webhook"
)

// Batch is what the stream brings.
type Batch struct {
	Records []struct {
		DynamoDB struct {
			SequenceNumber string
			NewImage       json.RawMessage
		} `json:"dynamodb"`
	}
}

// Announcer is what the outbox needs of EventBridge.
type Announcer interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

// Outbox routes events to queues and to the bus.
type Outbox struct {
	SQS    queue.Batcher
	Queues map[queue.Name]string // their URLs
	Events Announcer
	Bus    string // its name
}

// Source is whose events those on the bus are.
const Source = "comptoir"

// Settings hold the URLs of the queues that events go to.
var Settings = map[queue.Name]string{
	queue.Notice: setting.NoticeQueue, queue.OverLimit: setting.OverLimitQueue, queue.Trail: setting.TrailQueue,
	queue.Webhook: setting.WebhookQueue, queue.Renewal: setting.RenewalQueue,
}

// batchLimit is how many messages one call to SQS may send, and how many events one call to EventBridge: ten of 20 kB are below
// what it may weigh.
const batchLimit = queue.BatchLimit

// Handle sends the events of a batch where they belong. It fails at the first record that can't be
// read or sent; the stream brings that one again, and those after it.
func (o Outbox) Handle(ctx context.Context, batch Batch) (events.DynamoDBEventResponse, error) {
	answer := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
	for from := 0; from < len(batch.Records); from += batchLimit {
		to := min(from+batchLimit, len(batch.Records))
		if failed, err := o.send(ctx, batch, from, to); err != nil {
			number := batch.Records[failed].DynamoDB.SequenceNumber
			slog.ErrorContext(ctx, "event not sent", "sequenceNumber", number, "error", err)
			answer.BatchItemFailures = append(answer.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: number})
			break
		}
	}
	return answer, nil
}

// send sends the events of some records. On failure it tells the first record concerned; all before
// it were sent.
func (o Outbox) send(ctx context.Context, batch Batch, from, to int) (int, error) {
	messages := queue.Batch{}
	var entries []bus.PutEventsRequestEntry
	var records []int // of the entries
	first, failure := to, error(nil)
	for n := from; n < to; n++ {
		e, err := table.EventFrom(batch.Records[n].DynamoDB.NewImage)
		if err != nil {
			first, failure = n, err // those before it are sent all the same
			break
		}
		if e.Livemode {
			entry, err := o.entry(e)
			if err != nil {
				return n, err
			}
			entries, records = append(entries, entry), append(records, n)
		}
		for _, name := range destinations(e) {
			if err := messages.Add(name, n, e); err != nil {
				return n, err
			}
		}
		if e.Kind == payment.Received && e.Data["resumes"] == true { // the scan would find it within the hour
			if err := messages.Add(queue.Renewal, n, table.DueAccount(e.Subject)); err != nil {
				return n, err
			}
		}
	}
	err := messages.Send(ctx, o.SQS, o.Queues, func(n int, why error) {
		if n < first { // the stream has to come back to the first
			first, failure = n, why
		}
	})
	if err != nil {
		return from, err
	}
	if len(entries) == 0 {
		return first, failure
	}
	out, err := o.Events.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: entries})
	if err != nil {
		return from, err
	}
	for i, e := range out.Entries { // in the order of the entries
		if e.ErrorCode != nil && records[i] < first {
			first, failure = records[i], fmt.Errorf("the bus refuses: %s", *e.ErrorCode)
		}
	}
	return first, failure
}

// entry is an event as it lies on the bus: what endpoints get, under its kind.
func (o Outbox) entry(e event.Event) (bus.PutEventsRequestEntry, error) {
	body, err := webhook.Body(e)
	return bus.PutEventsRequestEntry{
		EventBusName: &o.Bus, Source: aws.String(Source), DetailType: &e.Kind, Detail: &body, Time: &e.At, Resources: []string{e.Subject},
	}, err
}

// destinations are the queues that an event goes to: one for those here, and one for those outside (A5).
func destinations(e event.Event) (all []queue.Name) {
	switch {
	case notice.Concerns(e):
		all = append(all, queue.Trail)
	case !notice.Mailed(e) && len(notice.Told(e)) == 0:
	case e.Kind == notice.Threshold:
		all = append(all, queue.OverLimit)
	default:
		all = append(all, queue.Notice)
	}
	if e.Livemode {
		all = append(all, queue.Webhook)
	}
	return all
}
