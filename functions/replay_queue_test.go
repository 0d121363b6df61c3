package functions_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"comptoir/infra/local/enginetest"
	"comptoir/infra/local/resource"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// receivesAlive is how often a message is received before it is a dead letter.
const receivesAlive = 5

// memoryLine stands for a standard queue of SQS. It keeps what SQS promises of one: a message comes until it is removed, at
// least once and at times twice, in any order, up to ten at once; who receives it has it for a while, then it comes again, to another too;
// removing it takes the handle of the latest receipt; after five receipts it is a dead letter. Time is counted in receipts. It loses nothing,
// as SQS does, and knows no delays of a sender.
type memoryLine struct {
	dead *memoryLine // nil of a queue of dead letters

	mu       sync.Mutex
	rng      *rand.Rand
	calls    int // of receive that brought something
	serial   int
	messages []*memoryMessage
	byID     map[string]*memoryMessage
	most     int // receipts of a message, before it was a dead letter
}

type memoryMessage struct {
	id, body string
	place    int // among the messages
	receipt  int // how often it was received
	hidden   int // until that many calls
}

// A message is hidden for as many calls as others are handled meanwhile, or hardly any: that is a worker who takes longer than
// he may.
const (
	visibility = 40
	twice      = 5 // one of so many messages is sent twice, and one of so many comes again too soon
)

func newMemoryLine(seed uint64) *memoryLine {
	made := func(stream uint64, dead *memoryLine) *memoryLine {
		return &memoryLine{dead: dead, rng: rand.New(rand.NewPCG(seed, stream)), byID: map[string]*memoryMessage{}}
	}
	return made(0, made(1, nil))
}

func (l *memoryLine) send(bodies ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, body := range bodies {
		copies := 1
		if l.dead != nil && l.rng.IntN(twice) == 0 {
			copies = 2
		}
		for range copies {
			l.serial++
			m := &memoryMessage{id: strconv.Itoa(l.serial), body: body, place: len(l.messages)}
			l.messages, l.byID[m.id] = append(l.messages, m), m
		}
	}
}

func (l *memoryLine) receive() (batch []events.SQSMessage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	from := 0
	if n := len(l.messages); n > 0 {
		from = l.rng.IntN(n)
	}
	var lost []*memoryMessage
	for i := 0; i < len(l.messages) && len(batch) < 10; i++ {
		m := l.messages[(from+i)%len(l.messages)]
		if m.hidden > l.calls {
			continue
		}
		if l.dead != nil && m.receipt == receivesAlive {
			lost = append(lost, m)
			continue
		}
		m.receipt++
		l.most = max(l.most, m.receipt)
		m.hidden = l.calls + visibility
		if l.rng.IntN(twice) == 0 {
			m.hidden = l.calls + l.rng.IntN(3)
		}
		batch = append(batch, events.SQSMessage{
			MessageId: m.id, ReceiptHandle: m.handle(), Body: m.body,
			Attributes: map[string]string{"ApproximateReceiveCount": strconv.Itoa(m.receipt)},
		})
	}
	if len(batch) > 0 {
		l.calls++
	}
	for _, m := range lost {
		l.drop(m)
		l.dead.send(m.body)
	}
	l.rng.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
	return batch
}

func (l *memoryLine) remove(messages ...events.SQSMessage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, received := range messages {
		if m := l.byID[received.MessageId]; m != nil && received.ReceiptHandle == m.handle() {
			l.drop(m)
		}
	}
}

// wait is for all that is hidden to come again.
func (l *memoryLine) wait() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls += visibility
}

func (l *memoryLine) drop(m *memoryMessage) {
	last := l.messages[len(l.messages)-1]
	l.messages[m.place], last.place = last, m.place
	l.messages = l.messages[:len(l.messages)-1]
	delete(l.byID, m.id)
}

func (m *memoryMessage) handle() string { return fmt.Sprint(m.id, "#", m.receipt) }

func (l *memoryLine) left() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.messages)
}

// realLine is a queue of fauxqs.
type realLine struct {
	t      *testing.T
	client *sqs.Client
	url    string
}

// newRealLine makes a queue and its queue of dead letters. Messages come again after a second.
func newRealLine(t *testing.T) (alive, dead *realLine) {
	t.Helper()
	client, name := enginetest.Connect(t).SQS, enginetest.Name()
	err := resource.EnsureQueues(t.Context(), client, []resource.Queue{{Name: name + "-dead"}, {Name: name, Attributes: map[string]string{
		"VisibilityTimeout": "1",
		"RedrivePolicy":     fmt.Sprintf(`{"deadLetterTargetArn":"arn:aws:sqs:eu-west-3:000000000000:%s-dead","maxReceiveCount":"%d"}`, name, receivesAlive),
	}}})
	if err != nil {
		t.Fatal(err)
	}
	open := func(name string) *realLine {
		out, err := client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: &name})
		if err != nil {
			t.Fatal(err)
		}
		return &realLine{t, client, *out.QueueUrl}
	}
	return open(name), open(name + "-dead")
}

func (l *realLine) send(bodies ...string) {
	for _, body := range bodies {
		if _, err := l.client.SendMessage(context.Background(), &sqs.SendMessageInput{QueueUrl: &l.url, MessageBody: &body}); err != nil {
			l.t.Error(err)
		}
	}
}

func (l *realLine) receive() (batch []events.SQSMessage) {
	out, err := l.client.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{
		QueueUrl: &l.url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	if err != nil {
		l.t.Error(err)
		return nil
	}
	for _, m := range out.Messages {
		batch = append(batch, events.SQSMessage{MessageId: *m.MessageId, ReceiptHandle: *m.ReceiptHandle, Body: *m.Body, Attributes: m.Attributes})
	}
	return batch
}

func (l *realLine) remove(messages ...events.SQSMessage) {
	for _, m := range messages {
		_, err := l.client.DeleteMessage(context.Background(), &sqs.DeleteMessageInput{QueueUrl: &l.url, ReceiptHandle: aws.String(m.ReceiptHandle)})
		if err != nil {
			l.t.Error(err)
		}
	}
}

func (l *realLine) left() (n int) {
	out, err := l.client.GetQueueAttributes(context.Background(), &sqs.GetQueueAttributesInput{
		QueueUrl: &l.url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		l.t.Error(err)
		return 0
	}
	for _, name := range []string{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"} {
		some, _ := strconv.Atoi(out.Attributes[name])
		n += some
	}
	return n
}
