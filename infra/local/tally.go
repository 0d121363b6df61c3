package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/payment"
	"comptoir/shared/table"
)

// A tally counts what the system did by itself and what was paid, event by event, and the mails that were sent.
type tally struct {
	mu     sync.Mutex
	events map[string]string // kind by id: a stream may bring an event twice
	mails  int
}

func newTally() *tally { return &tally{events: map[string]string{}} }

// note counts the events that a stream has brought to a function.
func (t *tally) note(batch []byte) {
	var records struct {
		Records []struct {
			DynamoDB struct{ NewImage json.RawMessage } `json:"dynamodb"`
		}
	}
	if json.Unmarshal(batch, &records) != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range records.Records {
		if e, err := table.EventFrom(r.DynamoDB.NewImage); err == nil && byItself(e) {
			t.events[e.ID] = countedAs(e)
		}
	}
}

// byItself tells whether nobody here did it: payments come too.
func byItself(e event.Event) bool {
	return e.Actor.Kind == "system" || e.Kind == payment.Received || e.Kind == payment.Late
}

// countedAs is the kind of an event; what happened to a licence because of money has one of its own.
func countedAs(e event.Event) string {
	if e.Text("reason") == string(licence.Unpaid) && (e.Kind == "licence.suspended" || e.Kind == "licence.resumed") {
		return e.Kind + ".unpaid"
	}
	return e.Kind
}

// so is how many events were counted.
func (t *tally) so() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.events)
}

// take returns what was counted since, and begins anew.
func (t *tally) take() *tally {
	t.mu.Lock()
	defer t.mu.Unlock()
	taken := &tally{events: t.events, mails: t.mails}
	t.events, t.mails = map[string]string{}, 0
	return taken
}

// add adds what another has counted.
func (t *tally) add(other *tally) {
	maps.Copy(t.events, other.events)
	t.mails += other.mails
}

// words say what happened to licences and charges; other events are told by their kind.
var words = []struct{ kind, word string }{
	{"licence.renewed", "renewed"},
	{"licence.trialConverted", "converted"},
	{"licence.suspended", "suspended"},
	{"licence.ended", "ended"},
	{licence.Reminded, "reminded"},
	{licence.Muted, "muted"},
	{payment.Received, "paid"},
	{payment.Late, "failed to pay"},
	{payment.InvoiceOverdue, "overdue"},
	{"licence.suspended.unpaid", "suspended unpaid"},
	{"licence.resumed.unpaid", "resumed"},
}

// told are events that only keep that somebody was written to: the mails say as much.
var told = []string{"licence.reminderSent", "partner.remindersGathered", "partner.remindersMailed"}

// String says what was counted; nothing if that is nothing.
func (t *tally) String() string {
	counts := map[string]int{}
	for _, kind := range t.events {
		if !slices.Contains(told, kind) {
			counts[kind]++
		}
	}
	var parts []string
	for _, w := range words {
		if n := counts[w.kind]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, w.word))
		}
		delete(counts, w.kind)
	}
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[kind], kind))
	}
	if t.mails > 0 {
		parts = append(parts, plural(t.mails, "mail"))
	}
	return strings.Join(parts, ", ")
}

func plural(n int, of string) string {
	if n != 1 {
		of += "s"
	}
	return fmt.Sprintf("%d %s", n, of)
}
