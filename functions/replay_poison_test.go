package functions_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"comptoir/functions/apitest"
	"comptoir/functions/scan"
	"comptoir/shared/calendar"
	"comptoir/shared/queue"
	"comptoir/shared/table"
)

// Over the queue itself: what can't be handled is a dead letter after five receipts, everything else is handled beside it, and what
// is mended is handled when it is sent again.
func TestPoisonBecomesADeadLetter(t *testing.T) {
	t.Parallel()
	r := newReplay(t, 1)
	r.populate(30)
	r.orphan()
	alive, dead := newRealLine(t)
	months, _ := newRealLine(t)
	w := r.run.w
	w.Advance(31 * day)
	r.model.pass(w.Now())
	scanning := scan.Scan{Table: w.Table, SQS: alive.client, Queues: map[queue.Name]string{queue.Renewal: alive.url, queue.Statement: months.url}}
	if err := scanning.Handle(t.Context()); err != nil {
		t.Fatal(err)
	}
	alive.send("unreadable")
	received := r.handleAll(alive)
	for id, times := range received {
		if times > receivesAlive {
			t.Errorf("%s was received %d times", id, times)
		}
	}
	var letters []string
	for dead.left() > len(letters) {
		for _, m := range dead.receive() {
			letters = append(letters, m.Body)
			dead.remove(m)
		}
	}
	orphaned := slices.IndexFunc(letters, func(body string) bool { return strings.Contains(body, spoiltCustomer) })
	if len(letters) != 2 || orphaned < 0 || !slices.Contains(letters, "unreadable") {
		t.Fatalf("the dead letters are %q", letters)
	}
	r.adopt()
	alive.send(letters[orphaned])
	r.handleAll(alive)
	for _, plain := range r.model.all {
		r.stands(plain, calendar.On(w.Now(), apitest.Env.Zone), t.Errorf)
	}
	if alive.left()+dead.left() > 0 {
		t.Error("something is left")
	}
}

// handleAll has a renewals worker handle all of a queue, and tells how often each message was received.
func (r *replay) handleAll(line *realLine) map[string]int {
	received := map[string]int{}
	for until := time.Now().Add(time.Minute); line.left() > 0 && time.Now().Before(until); {
		batch := line.receive()
		for _, m := range batch {
			received[m.MessageId]++
		}
		line.remove(r.handled(batch)...)
	}
	return received
}

// handled are the messages of a batch that a renewals worker has handled.
func (r *replay) handled(batch []events.SQSMessage) []events.SQSMessage {
	answer, err := r.handler(r.run.w.Table, queue.Renewal)(r.t.Context(), events.SQSEvent{Records: batch})
	if err != nil {
		r.t.Error(err)
	}
	return slices.DeleteFunc(slices.Clone(batch), func(m events.SQSMessage) bool {
		return slices.Contains(answer.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
	})
}

// A message that can't be handled takes five places in the batches of its queue, and no more: the others come a batch later at most.
func TestPoisonDelaysTheOthersByABatch(t *testing.T) {
	t.Parallel()
	const others = 200
	r := newReplay(t, 2)
	line := newMemoryLine(2)
	line.send("unreadable")
	want := len(line.messages) // it may come twice, as may the others
	poison := want
	for n := range others {
		line.send(jsonOf(table.Due{Type: "licence", Key: table.Licence(apitest.Durand, fmt.Sprint("lic_none", n)).Key}))
	}
	want = len(line.messages) - poison
	handled, batches := map[string]bool{}, 0
	for len(handled) < want {
		batches++
		done := r.handled(line.receive())
		for _, m := range done {
			handled[m.MessageId] = true
		}
		line.remove(done...)
		if batches > want {
			t.Fatalf("after %d batches %d of %d are handled", batches, len(handled), want)
		}
	}
	if most := (want+9)/10 + poison; batches > most {
		t.Errorf("%d messages took %d batches, want %d at the most", want, batches, most)
	}
}
