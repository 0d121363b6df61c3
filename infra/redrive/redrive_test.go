package redrive_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"comptoir/infra/local/engine"
	"comptoir/infra/local/enginetest"
	"comptoir/infra/local/resource"
	"comptoir/infra/local/source"
	"comptoir/infra/redrive"
	"comptoir/shared/queue"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// A stack is the renewal queue of a deployment and its dead-letter queue, as CloudFormation names them.
type stack struct {
	t          *testing.T
	client     *sqs.Client
	prefix     string
	live, dead string // names
}

func deploy(t *testing.T) stack {
	t.Helper()
	prefix := enginetest.Name() + "-"
	s := stack{t, enginetest.Connect(t).SQS, prefix, prefix + "renewalqueue00C0FFEE-x1", prefix + "renewaldeadqueue0DEAD0AA-x2"}
	err := resource.EnsureQueues(t.Context(), s.client, []resource.Queue{
		{Name: s.dead, Attributes: map[string]string{"VisibilityTimeout": "30"}},
		{Name: s.live, Attributes: map[string]string{
			"VisibilityTimeout": "0", "RedrivePolicy": `{"deadLetterTargetArn":"` + arn(s.dead) + `","maxReceiveCount":"2"}`,
		}},
		{Name: prefix + "overlimitqueue00C0FFEE-x3"}, // another's
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func arn(queue string) string { return "arn:aws:sqs:" + engine.Region + ":000000000000:" + queue }

func (s stack) url(queue string) *string {
	s.t.Helper()
	found, err := s.client.GetQueueUrl(s.t.Context(), &sqs.GetQueueUrlInput{QueueName: &queue})
	if err != nil {
		s.t.Fatal(err)
	}
	return found.QueueUrl
}

func (s stack) send(queue, body string) {
	s.t.Helper()
	_, err := s.client.SendMessage(s.t.Context(), &sqs.SendMessageInput{
		QueueUrl: s.url(queue), MessageBody: &body,
		MessageAttributes: map[string]types.MessageAttributeValue{"kind": {DataType: aws.String("String"), StringValue: aws.String("of " + body)}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s stack) find() redrive.Dead {
	s.t.Helper()
	all, err := redrive.Find(s.t.Context(), s.client, s.prefix, "renewal")
	if err != nil || len(all) != 1 {
		s.t.Fatalf("%v, %v", all, err)
	}
	return all[0]
}

// consume runs a function on the queue until the test says so.
func (s stack) consume(function func(events.SQSMessage) error, until func()) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	done := make(chan error)
	q := source.Queue{Function: "renewals", Queue: s.live, ARN: arn(s.live), BatchSize: 1}
	go func() {
		done <- q.Run(ctx, source.QueueOptions{
			Region: engine.Region, SQS: s.client, Pause: source.Pause, Report: func(string, ...any) {},
			Invoke: func(_ context.Context, payload []byte) ([]byte, error) {
				var batch events.SQSEvent
				if err := json.Unmarshal(payload, &batch); err != nil {
					return nil, err
				}
				return []byte("null"), function(batch.Records[0])
			},
		})
	}()
	until()
	cancel()
	if err := <-done; err != nil {
		s.t.Error(err)
	}
}

func TestAMessageComesBackAndIsHandledOnceItsCauseIsGone(t *testing.T) {
	t.Parallel()
	s := deploy(t)
	var mended atomic.Bool
	handled := make(chan events.SQSMessage, 10)
	s.send(s.live, "poison")
	s.consume(func(m events.SQSMessage) error {
		if !mended.Load() {
			return errors.New("refused on purpose")
		}
		handled <- m
		return nil
	}, func() {
		d := s.find()
		for d.Messages == 0 { // it fails twice first
			d = s.find()
		}
		mended.Store(true)
		if moved, err := d.Carry(t.Context(), s.client); moved != 1 || err != nil {
			t.Errorf("%d brought back, %v; want 1", moved, err)
		}
		m := <-handled
		if m.Body != "poison" || aws.ToString(m.MessageAttributes["kind"].StringValue) != "of poison" || m.Attributes["ApproximateReceiveCount"] != "1" {
			t.Errorf("it came back as %+v", m)
		}
	})
	if d := s.find(); d.Messages != 0 || len(handled) != 0 {
		t.Errorf("%d are left, and %d were handled once more", d.Messages, len(handled))
	}
}

func TestWhatFailsAgainMeanwhileIsLeftForTheNextTime(t *testing.T) {
	t.Parallel()
	s := deploy(t)
	for _, body := range strings.Fields("a b c d e f g h i j k l") {
		s.send(s.dead, body)
	}
	d := s.find()
	s.send(s.dead, "later")
	if moved, err := d.Carry(t.Context(), s.client); moved != 12 || err != nil {
		t.Errorf("%d of 12 brought back, %v", moved, err)
	}
	if left := s.find().Messages; left != 1 {
		t.Errorf("%d are left; want the one that came later", left)
	}
}

func TestNothingIsLostWhenTheQueueTakesNothing(t *testing.T) {
	t.Parallel()
	s := deploy(t)
	s.send(s.dead, "a")
	d := s.find()
	if _, err := s.client.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: s.url(s.live)}); err != nil {
		t.Fatal(err)
	}
	if moved, err := d.Carry(t.Context(), s.client); moved != 0 || err == nil {
		t.Errorf("%d brought back, %v", moved, err)
	}
	out, err := s.client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: s.url(s.dead), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameApproximateNumberOfMessagesNotVisible},
	})
	if err != nil || out.Attributes["ApproximateNumberOfMessagesNotVisible"] != "1" {
		t.Errorf("the message is gone: %v, %v", out, err)
	}
}

func TestAQueueThatIsNotThereIsNamed(t *testing.T) {
	t.Parallel()
	s := deploy(t)
	for _, c := range []struct{ prefix, name, want string }{
		{s.prefix, "letters", `there is no queue "letters"; there are [`},
		{s.prefix, "notice", "no queue notice whose name begins with"},
		{"Other-", "renewal", `no queue renewal whose name begins with "Other-"`},
		{s.prefix, "over-limit", "queue over-limit: its redrive policy"}, // it has none
	} {
		_, err := redrive.Find(t.Context(), s.client, c.prefix, queue.Name(c.name))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s%s: %v; want %q", c.prefix, c.name, err, c.want)
		}
	}
}
