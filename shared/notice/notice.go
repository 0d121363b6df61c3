// Package notice says who is told of which facts, and in which words.
package notice

import (
	"strings"
	"time"

	"comptoir/shared/event"
	"comptoir/shared/phrase"
)

// Wanted tells whether somebody is to be told of an event: the partner of record hears of every
// change of its customers' subscriptions (E19). Nothing leaves a sandbox (A5).
func Wanted(e event.Event) bool {
	return e.PartnerID != "" && e.Livemode && (strings.HasPrefix(e.Kind, "licence.") || e.Kind == "customer.appeared")
}

// Notification is what a partner is told of one event.
type Notification struct {
	EventID      string         `json:"eventId"`
	PartnerID    string         `json:"partnerId"`
	Kind         string         `json:"kind"`
	At           time.Time      `json:"at"`
	CustomerID   string         `json:"customerId"`
	CustomerName string         `json:"customerName"`
	Data         map[string]any `json:"data"`
}

// Of is the notification of an event about a customer.
func Of(e event.Event, customerName string) Notification {
	return Notification{
		EventID: e.ID, PartnerID: e.PartnerID, Kind: e.Kind, At: e.At, CustomerID: e.Subject, CustomerName: customerName, Data: e.Data,
	}
}

// Text is the notification in words.
func (n Notification) Text() phrase.Text {
	if format, ok := words[n.Kind]; ok {
		return phrase.Say(format, n.CustomerName)
	}
	return phrase.Say("Something changed at %s.", n.CustomerName)
}

var words = map[string]string{
	"customer.appeared":             "%s is a new customer of yours.",
	"licence.taken":                 "A licence was taken for %s.",
	"licence.changed":               "A licence of %s was changed.",
	"licence.changeScheduled":       "A change of a licence of %s is set for its renewal.",
	"licence.cancelled":             "A licence of %s was cancelled.",
	"licence.cancellationScheduled": "A licence of %s ends with its term.",
	"licence.suspended":             "A licence of %s was suspended.",
	"licence.resumed":               "A licence of %s was resumed.",
}
