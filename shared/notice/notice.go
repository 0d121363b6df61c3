// Package notice says who is told of which facts, and in which words.
package notice

import (
	"strings"
	"time"

	"comptoir/shared/event"
	"comptoir/shared/phrase"
	"comptoir/shared/stamp"
)

// Told are the organisations that are told of an event: the partner of record of every change of its customers'
// subscriptions (E19), of their domains (B13) and of what they ask for (D10), the customer of the partner's answers, and both of seats near the
// cap. Nothing leaves a sandbox (A5).
func Told(e event.Event) []string {
	var all []string
	if !e.Livemode {
		return nil
	}
	if e.PartnerID != "" && (strings.HasPrefix(e.Kind, "licence.") || e.Kind == "customer.appeared" || e.Kind == "customer.domainVerified" ||
		e.Kind == "seat.requested" || e.Kind == Threshold) {
		all = append(all, e.PartnerID)
	}
	if e.Kind == "seat.requestAnswered" || e.Kind == Threshold {
		all = append(all, e.Subject)
	}
	return all
}

// Threshold is the kind of the events of seats that come near the cap.
const Threshold = "seat.threshold"

// Notification is what the people of an organisation are told of one event.
type Notification struct {
	stamp.Stamp
	EventID        string         `json:"eventId"`
	OrganisationID string         `json:"organisationId"` // that is told
	Kind           string         `json:"kind"`
	At             time.Time      `json:"at"` // of the event
	CustomerID     string         `json:"customerId"`
	CustomerName   string         `json:"customerName"`
	Data           map[string]any `json:"data"`
	ReadAt         time.Time      `json:"readAt"` // the zero time while it is unread
}

// Of is what an organisation is told of an event about a customer.
func Of(e event.Event, organisationID, customerName string) Notification {
	return Notification{
		EventID: e.ID, OrganisationID: organisationID, Kind: e.Kind, At: e.At, CustomerID: e.Subject, CustomerName: customerName, Data: e.Data,
	}
}

// Mark is the notification read, or unread again.
func (n Notification) Mark(read bool, at time.Time) Notification {
	switch {
	case !read:
		n.ReadAt = time.Time{}
	case n.ReadAt.IsZero():
		n.ReadAt = at
	}
	return n
}

// Text is the notification in words.
func (n Notification) Text() phrase.Text {
	name, module := n.CustomerName, n.text("module")
	switch {
	case n.Kind == Threshold && n.text("state") == "overLimit":
		return phrase.Say("%s: %d seats of %s are used, and the cap is %d.", name, n.figure("used"), module, n.figure("cap"))
	case n.Kind == Threshold && n.figure("threshold") == 100:
		return phrase.Say("%s: the cap of %d is reached for %s.", name, n.figure("cap"), module)
	case n.Kind == Threshold:
		return phrase.Say("%s: %d of %d seats of %s are used.", name, n.figure("used"), n.figure("cap"), module)
	case n.Kind == "seat.requested" && n.text("note") != "":
		return phrase.Say("%s asks for %d more seats of %s: “%s”", name, n.figure("seats"), module, n.text("note"))
	case n.Kind == "seat.requested":
		return phrase.Say("%s asks for %d more seats of %s.", name, n.figure("seats"), module)
	case n.Kind == "seat.requestAnswered" && n.Data["accepted"] == true:
		return phrase.Say("Your request was accepted: the cap of %s is %d now.", module, n.figure("cap"))
	case n.Kind == "seat.requestAnswered":
		return phrase.Say("Your request for seats of %s was declined: “%s”", module, n.text("note"))
	}
	if format, ok := words[n.Kind]; ok {
		return phrase.Say(format, name)
	}
	return phrase.Say("Something changed at %s.", name)
}

// text and figure are what the event says under a name.
func (n Notification) text(name string) string {
	s, _ := n.Data[name].(string)
	return s
}

func (n Notification) figure(name string) int {
	switch v := n.Data[name].(type) {
	case int:
		return v
	case float64: // as it comes from JSON and from the table
		return int(v)
	}
	return 0
}

var words = map[string]string{
	"customer.appeared":             "%s is a new customer of yours.",
	"customer.domainVerified":       "The domain of %s is verified.",
	"licence.taken":                 "A licence was taken for %s.",
	"licence.changed":               "A licence of %s was changed.",
	"licence.changeScheduled":       "A change of a licence of %s is set for its renewal.",
	"licence.cancelled":             "A licence of %s was cancelled.",
	"licence.cancellationScheduled": "A licence of %s ends with its term.",
	"licence.suspended":             "A licence of %s was suspended.",
	"licence.resumed":               "A licence of %s was resumed.",
}
