package source

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// A Queue is what the template says of a mapping from a queue to a function.
type Queue struct {
	ID          string // of the mapping
	Function    string
	Queue       string // its name
	ARN         string // of the queue
	BatchSize   int
	Partial     bool // the function reports failures item by item
	Filters     []Pattern
	Concurrency int // batches handled at the same time
}

// QueueOptions are what the template does not tell.
type QueueOptions struct {
	Region string
	SQS    *sqs.Client
	Invoke Invoke
	Pause  func(ctx context.Context, attempt int) // after a queue that could not be read
	Report Report
}

const (
	receiveLimit = 10 // messages, of one call
	longPoll     = 20 // seconds, the longest there is
)

// Run hands the queue's messages to the function until ctx ends. Messages that were not handled are
// left alone: they come back when their visibility timeout is over.
func (q *Queue) Run(ctx context.Context, o QueueOptions) error {
	found, err := o.SQS.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &q.Queue})
	if err != nil {
		return fmt.Errorf("queue %s: %w", q.Queue, err)
	}
	var group sync.WaitGroup
	for range max(1, q.Concurrency) {
		group.Go(func() {
			for attempt := 1; ctx.Err() == nil; {
				if err := q.once(ctx, o, found.QueueUrl); err != nil && ctx.Err() == nil {
					o.Report("%s: queue %s: %v", q.Function, q.Queue, err)
					o.Pause(ctx, attempt)
					attempt++
				} else {
					attempt = 1
				}
			}
		})
	}
	group.Wait()
	return nil
}

// once receives one batch, hands it over, and deletes what was handled.
func (q *Queue) once(ctx context.Context, o QueueOptions, url *string) error {
	received, err := o.SQS.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: url, MaxNumberOfMessages: int32(min(q.BatchSize, receiveLimit)), WaitTimeSeconds: longPoll,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
		MessageAttributeNames:       []string{"All"},
	})
	if err != nil {
		return err
	}
	batch, done := q.sift(received.Messages, o.Region)
	if len(batch) > 0 {
		handled, err := q.deliver(ctx, o, batch)
		if err != nil && ctx.Err() == nil {
			o.Report("%s: %v", q.Function, err)
		}
		done = append(done, handled...)
	}
	return remove(context.WithoutCancel(ctx), o.SQS, url, done) // what was handled must not come again
}

// sift makes the events of the messages that the filters let through. AWS deletes the others.
func (q *Queue) sift(messages []types.Message, region string) (batch []events.SQSMessage, dropped []string) {
	for _, m := range messages {
		message := events.SQSMessage{
			MessageId:         aws.ToString(m.MessageId),
			ReceiptHandle:     aws.ToString(m.ReceiptHandle),
			Body:              aws.ToString(m.Body),
			Md5OfBody:         aws.ToString(m.MD5OfBody),
			Attributes:        m.Attributes,
			MessageAttributes: map[string]events.SQSMessageAttribute{},
			EventSourceARN:    q.ARN,
			EventSource:       "aws:sqs",
			AWSRegion:         region,
		}
		for name, a := range m.MessageAttributes {
			message.MessageAttributes[name] = events.SQSMessageAttribute{
				StringValue: a.StringValue, BinaryValue: a.BinaryValue, DataType: aws.ToString(a.DataType),
			}
		}
		if matches(q.Filters, filterable(message)) {
			batch = append(batch, message)
		} else {
			dropped = append(dropped, message.ReceiptHandle)
		}
	}
	return batch, dropped
}

// filterable is what patterns are compared with: the message, its body opened if it is JSON.
func filterable(m events.SQSMessage) any {
	var object map[string]any
	data, err := json.Marshal(m)
	if err == nil {
		err = json.Unmarshal(data, &object)
	}
	var body any
	if err == nil && json.Unmarshal([]byte(m.Body), &body) == nil {
		object["body"] = body
	}
	return object
}

// deliver invokes the function and returns the receipts of the messages that it has handled.
func (q *Queue) deliver(ctx context.Context, o QueueOptions, batch []events.SQSMessage) (handled []string, err error) {
	event, err := json.Marshal(events.SQSEvent{Records: batch})
	if err != nil {
		return nil, err
	}
	answer, err := o.Invoke(ctx, event)
	if err != nil {
		return nil, err
	}
	var failed []string
	if q.Partial {
		if failed, err = failedItems(answer); err != nil {
			return nil, err
		}
	}
	for _, id := range failed {
		if !slices.ContainsFunc(batch, func(m events.SQSMessage) bool { return m.MessageId == id }) {
			return nil, fmt.Errorf("it reports the failure of %q, which it was not given", id)
		}
	}
	for _, m := range batch {
		if !slices.Contains(failed, m.MessageId) {
			handled = append(handled, m.ReceiptHandle)
		}
	}
	if len(failed) > 0 {
		err = fmt.Errorf("it reports the failure of %d of %d messages", len(failed), len(batch))
	}
	return handled, err
}

func remove(ctx context.Context, client *sqs.Client, url *string, receipts []string) error {
	if len(receipts) == 0 {
		return nil
	}
	input := &sqs.DeleteMessageBatchInput{QueueUrl: url}
	for i, receipt := range receipts {
		input.Entries = append(input.Entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(i)), ReceiptHandle: &receipt})
	}
	_, err := client.DeleteMessageBatch(ctx, input)
	return err
}
