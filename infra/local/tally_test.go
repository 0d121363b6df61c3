package main

import (
	"fmt"
	"testing"

	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/payment"
)

func fact(kind string, r licence.Reason) event.Event {
	return event.Event{Fact: event.New(kind, map[string]any{"reason": string(r)})}
}

func tallyOf(all ...event.Event) *tally {
	t := newTally()
	for n, e := range all {
		t.events[fmt.Sprint(n)] = countedAs(e)
	}
	return t
}

func TestADayIsToldInWords(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]*tally{
		"": {},
		"2 renewed, 1 reminded, 1 a.kind, 1 z.kind, 1 mail": {mails: 1, events: map[string]string{
			"1": "z.kind", "2": "licence.reminder", "3": "licence.renewed", "4": "a.kind", "5": "licence.renewed", "6": "licence.reminderSent",
		}},
		"2 mails": {mails: 2},
		"1 suspended, 3 paid, 1 failed to pay, 2 overdue, 1 suspended unpaid, 1 resumed, 1 licence.resumed": tallyOf(
			fact("licence.suspended", licence.TrialEnded), fact("licence.suspended", licence.Unpaid),
			fact("licence.resumed", licence.Unpaid), fact("licence.resumed", licence.ByPartner),
			fact(payment.Late, ""), fact(payment.Received, ""), fact(payment.Received, ""), fact(payment.Received, ""),
			fact(payment.InvoiceOverdue, ""), fact(payment.InvoiceOverdue, ""),
		),
	} {
		if got := c.String(); got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
}
