package queue

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"comptoir/shared/setting"
	"comptoir/shared/table"
)

// Serve starts a function that handles the messages of a queue, one after the other. It doesn't return.
func Serve[M any](handler func(*table.Table) func(context.Context, M) error) {
	lambda.Start(Handle(handler(open())))
}

// ServeAtOnce is Serve for messages that wait for others: those of a batch are handled side by side.
func ServeAtOnce[M any](handler func(*table.Table) func(context.Context, M) error) {
	lambda.Start(HandleAtOnce(handler(open())))
}

func open() *table.Table {
	setting.Log()
	t, err := table.Open()
	if err != nil {
		setting.Stop(err)
	}
	return t
}

// Handle makes the handler of a queue's batches from that of one message. Messages that fail come
// again, and land in the dead-letter queue after five times; the others of the batch are done.
// Handling a message twice must change nothing.
func Handle[M any](one func(context.Context, M) error) func(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	return func(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
		answer := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
		for _, record := range batch.Records {
			if !handled(ctx, record, one) {
				answer.BatchItemFailures = append(answer.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: record.MessageId})
			}
		}
		return answer, nil
	}
}

// HandleAtOnce is Handle that begins all messages of a batch at the same time.
func HandleAtOnce[M any](one func(context.Context, M) error) func(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	return func(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
		answer := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
		done := make([]bool, len(batch.Records))
		var all sync.WaitGroup
		for n, record := range batch.Records {
			all.Go(func() { done[n] = handled(ctx, record, one) })
		}
		all.Wait()
		for n, record := range batch.Records {
			if !done[n] {
				answer.BatchItemFailures = append(answer.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: record.MessageId})
			}
		}
		return answer, nil
	}
}

func handled[M any](ctx context.Context, record events.SQSMessage, one func(context.Context, M) error) bool {
	var message M
	err := json.Unmarshal([]byte(record.Body), &message)
	if err == nil {
		err = one(ctx, message)
	}
	if err != nil {
		slog.ErrorContext(ctx, "message failed", "messageId", record.MessageId,
			"received", record.Attributes["ApproximateReceiveCount"], "error", err)
	}
	return err == nil
}
