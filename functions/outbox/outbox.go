// Package outbox carries new events from the table's stream to the queues of those who act on them.
// The stream brings an event at least once and in the order of its item's partition; consumers drop
// what they have seen.
package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"comptoir/shared/event"
	"comptoir/shared/notice"
	"comptoir/shared/queue"
	"comptoir/shared/setting"
	"comptoir/shared/table"
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

// Sender is what the outbox needs of SQS.
type Sender interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

// Outbox routes events to queues.
type Outbox struct {
	SQS    Sender
	Queues map[queue.Name]string // their URLs
}

// Settings hold the URLs of the queues that events go to.
var Settings = map[queue.Name]string{
	queue.Notice: setting.NoticeQueue, queue.OverLimit: setting.OverLimitQueue, queue.Trail: setting.TrailQueue,
}

// batchLimit is how many messages one call to SQS may send.
const batchLimit = 10

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
	messages := map[queue.Name][]types.SendMessageBatchRequestEntry{}
	first, failure := to, error(nil)
	for n := from; n < to; n++ {
		e, err := table.EventFrom(batch.Records[n].DynamoDB.NewImage)
		if err != nil {
			first, failure = n, err // those before it are sent all the same
			break
		}
		for _, name := range destinations(e) {
			body, err := json.Marshal(e)
			if err != nil {
				return n, err
			}
			id, text := strconv.Itoa(n), ascii(body)
			messages[name] = append(messages[name], types.SendMessageBatchRequestEntry{Id: &id, MessageBody: &text})
		}
	}
	for name, entries := range messages {
		url := o.Queues[name]
		out, err := o.SQS.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: entries})
		if err != nil {
			return from, err
		}
		for _, refused := range out.Failed { // in any order: the stream has to come back to the first
			if n, _ := strconv.Atoi(*refused.Id); n < first {
				first, failure = n, fmt.Errorf("queue %s refuses: %s", name, *refused.Code)
			}
		}
	}
	return first, failure
}

// ascii is JSON with everything beyond ASCII escaped: SQS refuses some characters.
func ascii(body []byte) string {
	var out strings.Builder
	for _, r := range string(body) {
		switch {
		case r < utf8.RuneSelf:
			out.WriteRune(r)
		default:
			for _, unit := range utf16.AppendRune(nil, r) {
				fmt.Fprintf(&out, `\u%04x`, unit)
			}
		}
	}
	return out.String()
}

// destinations are the queues that an event goes to.
func destinations(e event.Event) []queue.Name {
	switch {
	case notice.Concerns(e):
		return []queue.Name{queue.Trail}
	case !notice.Mailed(e) && len(notice.Told(e)) == 0:
		return nil
	case e.Kind == notice.Threshold:
		return []queue.Name{queue.OverLimit}
	}
	return []queue.Name{queue.Notice}
}
