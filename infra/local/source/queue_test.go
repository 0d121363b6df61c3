package source_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"

	"comptoir/infra/local/engine"
	"comptoir/infra/local/enginetest"
	"comptoir/infra/local/resource"
	"comptoir/infra/local/source"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// A testQueue is a queue of one test.
type testQueue struct {
	t    *testing.T
	sqs  *sqs.Client
	name string
	url  *string
}

func queue(t *testing.T, c resource.Clients, attributes map[string]string) testQueue {
	t.Helper()
	q := testQueue{t: t, sqs: c.SQS, name: enginetest.Name()}
	if err := resource.EnsureQueues(t.Context(), c.SQS, []resource.Queue{{Name: q.name, Attributes: attributes}}); err != nil {
		t.Fatal(err)
	}
	found, err := c.SQS.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: &q.name})
	if err != nil {
		t.Fatal(err)
	}
	q.url = found.QueueUrl
	return q
}

func (q testQueue) arn() string { return "arn:aws:sqs:" + engine.Region + ":000000000000:" + q.name }

func (q testQueue) send(bodies ...string) {
	q.t.Helper()
	for _, body := range bodies {
		_, err := q.sqs.SendMessage(q.t.Context(), &sqs.SendMessageInput{
			QueueUrl: q.url, MessageBody: &body,
			MessageAttributes: map[string]types.MessageAttributeValue{"kind": {DataType: aws.String("String"), StringValue: &body}},
		})
		if err != nil {
			q.t.Fatal(err)
		}
	}
}

// receive waits for a message and returns its body.
func (q testQueue) receive() string {
	q.t.Helper()
	for {
		got, err := q.sqs.ReceiveMessage(q.t.Context(), &sqs.ReceiveMessageInput{QueueUrl: q.url, WaitTimeSeconds: 20})
		if err != nil {
			q.t.Fatal(err)
		}
		if len(got.Messages) > 0 {
			return aws.ToString(got.Messages[0].Body)
		}
	}
}

// left counts the messages, those in flight included.
func (q testQueue) left() int {
	q.t.Helper()
	got, err := q.sqs.GetQueueAttributes(q.t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: q.url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		q.t.Fatal(err)
	}
	total := 0
	for _, name := range []string{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"} {
		n, err := strconv.Atoi(got.Attributes[name])
		if err != nil {
			q.t.Fatal(err)
		}
		total += n
	}
	return total
}

// consume runs the mapping with the function until the test says so.
func (q testQueue) consume(mapping source.Queue, function func(events.SQSEvent) (any, error), until func()) {
	q.t.Helper()
	mapping.Function, mapping.Queue, mapping.ARN = "notices", q.name, q.arn()
	if mapping.BatchSize == 0 {
		mapping.BatchSize = 10
	}
	ctx, cancel := context.WithCancel(q.t.Context())
	done := make(chan error)
	go func() {
		done <- mapping.Run(ctx, source.QueueOptions{
			Region: engine.Region, SQS: q.sqs, Pause: source.Pause, Report: func(string, ...any) {},
			Invoke: func(_ context.Context, payload []byte) ([]byte, error) {
				var event events.SQSEvent
				if err := json.Unmarshal(payload, &event); err != nil {
					return nil, err
				}
				answer, err := function(event)
				if err != nil {
					return nil, err
				}
				return json.Marshal(answer)
			},
		})
	}()
	until()
	cancel()
	if err := <-done; err != nil {
		q.t.Error(err)
	}
}

func failing(ids ...string) (r events.SQSEventResponse) {
	for _, id := range ids {
		r.BatchItemFailures = append(r.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: id})
	}
	return r
}

func TestMessageHasTheShapeOfLambdas(t *testing.T) {
	t.Parallel()
	q := queue(t, enginetest.Connect(t), nil)
	q.send("hello")
	got := make(chan events.SQSMessage, 1)
	q.consume(source.Queue{}, func(e events.SQSEvent) (any, error) {
		got <- e.Records[0]
		return nil, nil
	}, func() {
		m := <-got
		if m.Body != "hello" || m.EventSource != "aws:sqs" || m.EventSourceARN != q.arn() || m.AWSRegion != engine.Region ||
			m.MessageId == "" || m.ReceiptHandle == "" || m.Md5OfBody == "" || m.Attributes["ApproximateReceiveCount"] != "1" ||
			aws.ToString(m.MessageAttributes["kind"].StringValue) != "hello" {
			t.Errorf("got %+v", m)
		}
	})
}

func TestPartialBatchDeletesWhatWasHandled(t *testing.T) {
	t.Parallel()
	q := queue(t, enginetest.Connect(t), map[string]string{"VisibilityTimeout": "1"})
	q.send("good 1", "bad", "good 2", "good 3")
	var mu sync.Mutex
	times := map[string]int{}
	recovered := make(chan bool, 1)
	q.consume(source.Queue{Partial: true}, func(e events.SQSEvent) (any, error) {
		mu.Lock()
		defer mu.Unlock()
		var failed []string
		for _, m := range e.Records {
			if times[m.Body]++; m.Body != "bad" {
				continue
			}
			if times["bad"] == 1 {
				failed = append(failed, m.MessageId)
			} else {
				recovered <- true
			}
		}
		return failing(failed...), nil
	}, func() {
		<-recovered
		for q.left() > 0 { // it is deleted once the function has answered
		}
	})
	for body, want := range map[string]int{"good 1": 1, "good 2": 1, "good 3": 1, "bad": 2} {
		if times[body] != want {
			t.Errorf("%q was handled %d times; want %d", body, times[body], want)
		}
	}
}

func TestMessageThatKeepsFailingGoesToTheDeadLetterQueue(t *testing.T) {
	t.Parallel()
	c := enginetest.Connect(t)
	for name, function := range map[string]func(events.SQSEvent) (any, error){
		"by an error": func(events.SQSEvent) (any, error) { return nil, errors.New("refused on purpose") },
		"by report":   func(e events.SQSEvent) (any, error) { return failing(e.Records[0].MessageId), nil },
		"by nonsense": func(events.SQSEvent) (any, error) { return failing("unknown"), nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dead := queue(t, c, nil)
			live := queue(t, c, map[string]string{
				"VisibilityTimeout": "0", "RedrivePolicy": `{"deadLetterTargetArn":"` + dead.arn() + `","maxReceiveCount":"5"}`,
			})
			live.send("poison")
			attempts := make(chan bool, 100)
			live.consume(source.Queue{Partial: true, BatchSize: 1}, func(e events.SQSEvent) (any, error) {
				attempts <- true
				return function(e)
			}, func() {
				if body := dead.receive(); body != "poison" {
					t.Errorf("the dead-letter queue has %q", body)
				}
			})
			if len(attempts) != 5 {
				t.Errorf("%d attempts; want 5", len(attempts))
			}
		})
	}
}

func TestFilterOfAQueueDropsTheRest(t *testing.T) {
	t.Parallel()
	q := queue(t, enginetest.Connect(t), nil)
	pattern, err := source.ParsePattern(`{"body":{"kind":["wanted"]}}`)
	if err != nil {
		t.Fatal(err)
	}
	q.send(`{"kind":"other"}`, `not json`, `{"kind":"wanted"}`)
	got := make(chan string, 10)
	q.consume(source.Queue{Filters: []source.Pattern{pattern}}, func(e events.SQSEvent) (any, error) {
		for _, m := range e.Records {
			got <- m.Body
		}
		return nil, nil
	}, func() {
		if body := <-got; body != `{"kind":"wanted"}` {
			t.Errorf("got %q", body)
		}
		for q.left() > 0 { // the others are deleted too
		}
	})
	if len(got) != 0 {
		t.Errorf("got %d messages more", len(got))
	}
}

func TestBatchesAtTheSameTime(t *testing.T) {
	t.Parallel()
	q := queue(t, enginetest.Connect(t), nil)
	q.send("one", "two")
	arrived, both := make(chan string, 2), make(chan bool)
	q.consume(source.Queue{BatchSize: 1, Concurrency: 2}, func(e events.SQSEvent) (any, error) {
		arrived <- e.Records[0].Body
		<-both // neither ends before the other has begun
		return nil, nil
	}, func() {
		bodies := []string{<-arrived, <-arrived}
		slices.Sort(bodies)
		if !slices.Equal(bodies, []string{"one", "two"}) {
			t.Errorf("got %v", bodies)
		}
		close(both)
	})
}
