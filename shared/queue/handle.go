package queue

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"comptoir/shared/setting"
	"comptoir/shared/table"
)

// Serve starts a function that handles the messages of a queue. It doesn't return.
func Serve[M any](handler func(*table.Table) func(context.Context, M) error) {
	setting.Log()
	t, err := table.Open()
	if err != nil {
		setting.Stop(err)
	}
	lambda.Start(Handle(handler(t)))
}

// Handle makes the handler of a queue's batches from that of one message. Messages that fail come
// again, and land in the dead-letter queue after five times; the others of the batch are done.
// Handling a message twice must change nothing.
func Handle[M any](one func(context.Context, M) error) func(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	return func(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
		answer := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
		for _, record := range batch.Records {
			var message M
			err := json.Unmarshal([]byte(record.Body), &message)
			if err == nil {
				err = one(ctx, message)
			}
			if err != nil {
				slog.ErrorContext(ctx, "message failed", "messageId", record.MessageId,
					"received", record.Attributes["ApproximateReceiveCount"], "error", err)
				answer.BatchItemFailures = append(answer.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: record.MessageId})
			}
		}
		return answer, nil
	}
}
