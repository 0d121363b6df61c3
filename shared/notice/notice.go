// Package notice says who is told of which facts, and in which words.
package notice

import (
	"slices"
	"strings"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/partner"
	"comptoir/shared/payment"
	"comptoir/shared/phrase"
	"comptoir/shared/stamp"
	"comptoir/shared/webhook"
)

// Told are the organisations that are told of an event: the partner of record of every change of its customers'
// subscriptions (E19), of their domains (B13), of what they ask for (D10), of how they answer it (A17), of money that is late and of
// endpoints that fail, the customer of the partner's answers and of whom the partner lets in (F5), and both of seats near the cap and of consents that
// end. A customer that pays is told of its own money that is late; it, and one that no partner manages, is reminded
// too, also when its partner wants to hear nothing for now. Nothing leaves a sandbox (A5).
func Told(e event.Event) []string {
	var all []string
	if !e.Livemode {
		return nil
	}
	if e.PartnerID != "" && (strings.HasPrefix(e.Kind, "licence.") && !slices.Contains(quiet, e.Kind) || slices.Contains(toPartner, e.Kind)) {
		all = append(all, e.PartnerID)
	}
	byCustomer := e.Organisation == e.Subject
	if slices.Contains(toCustomer, e.Kind) || e.Kind == AccessEnded && !byCustomer || remindsCustomer(e) {
		all = append(all, e.Subject)
	}
	if ofMoney(e.Kind) && e.Text("billTo") == string(licence.PaidByCustomer) {
		all = append(all, e.Subject)
	}
	if e.Kind == AccessEnded && byCustomer && e.PartnerID != "" {
		all = append(all, e.PartnerID)
	}
	return all
}

var (
	toPartner = []string{
		"customer.appeared", "customer.domainVerified", "seat.requested", Threshold, "collaborator.accepted", "consent.granted", "consent.declined", "consent.withdrawn",
		collaborator.InvitationLapsed, consent.Ended, InvoiceOverdue, PaymentLate,
		webhook.Disabled, webhook.Failed,
	}
	toCustomer = []string{"seat.requestAnswered", Threshold, consent.Asked, AccessGiven, consent.Ended}
	quiet      = []string{licence.Muted, licence.RemindersMuted, licence.RemindersUnmuted, licence.ReminderSent} // of licences, and told to nobody
)

// Reminds tells events that remind somebody of the end of a term: a partner, unless it is muted, and a customer that pays.
func Reminds(e event.Event) bool { return e.Kind == licence.Reminded || e.Kind == licence.Muted }

// remindsCustomer tells whether the customer is reminded. Where it has a partner, that one alone has muted the reminders.
func remindsCustomer(e event.Event) bool {
	return Reminds(e) && (e.Kind == licence.Reminded || e.PartnerID != "") && ReminderOf(e.Fact).toCustomer(e.PartnerID)
}

// The kinds of the events of customers that somebody of the partner works on from now on, or no more.
const (
	AccessGiven = "access.given"
	AccessEnded = "access.ended"
)

// Concerns tells events of a partner that many of its customers are concerned by: what follows for each is its own event.
func Concerns(e event.Event) bool {
	return slices.Contains([]string{collaborator.CustomersSet, consent.Campaign, partner.RightEnded, RemindersMailed}, e.Kind)
}

// Mailed tells events that somebody is written to because of. What reminds a partner waits for its digest.
func Mailed(e event.Event) bool {
	_, written := Routes[e.Kind]
	return e.Livemode && written && (!Reminds(e) || remindsCustomer(e))
}

// PasswordReset is the kind of the events that ask a member to set a new password.
const PasswordReset = "member.passwordReset"

// Threshold is the kind of the events of seats that come near the cap.
const Threshold = "seat.threshold"

// The kinds of the events of money that is late, of a customer or of a partner itself: what an invoice of a number asks for, and what a
// payment was to bring. Both say the amount and the day on which it was due, dueOn.
const (
	InvoiceOverdue = payment.InvoiceOverdue
	PaymentLate    = payment.Late
)

// Notification is what the people of an organisation are told of one event.
type Notification struct {
	stamp.Stamp
	EventID        string         `json:"eventId"`
	OrganisationID string         `json:"organisationId"` // that is told
	Kind           string         `json:"kind"`
	At             time.Time      `json:"at"` // of the event
	CustomerID     string         `json:"customerId,omitempty"`
	CustomerName   string         `json:"customerName,omitempty"`
	Data           map[string]any `json:"data"`
	ReadAt         time.Time      `json:"readAt"` // the zero time while it is unread
}

// Of is what an organisation is told of an event, about the customer of a name or, without one, about the organisation itself.
func Of(e event.Event, organisationID, customerName string) Notification {
	n := Notification{EventID: e.ID, OrganisationID: organisationID, Kind: e.Kind, At: e.At, CustomerName: customerName, Data: e.Data}
	if e.Subject != e.PartnerID {
		n.CustomerID = e.Subject
	}
	return n
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
	case n.Kind == licence.Reminded, n.Kind == licence.Muted:
		return phrase.Say("%s: %s", name, n.Reminder().Text())
	case n.Kind == InvoiceOverdue, n.Kind == PaymentLate:
		return Late(n.fact(), name)
	case n.Kind == collaborator.InvitationLapsed:
		return phrase.Say("%s has not answered your invitation, and it has expired.", n.person())
	case n.Kind == consent.Ended && n.OrganisationID == n.CustomerID:
		return phrase.Say("Your consent to the support of %s has ended.", n.text("partnerName"))
	case n.Kind == webhook.Disabled:
		return phrase.Say("The endpoint at %s has answered that it is gone; nothing is sent there any longer.", n.text("host"))
	case n.Kind == webhook.Failed:
		return phrase.Say("The endpoint at %s could not be reached for three days; events for it were given up.", n.text("host"))
	case n.Kind == "collaborator.accepted":
		return phrase.Say("%s has accepted your invitation.", n.person())
	case n.Kind == consent.Asked:
		return phrase.Say("%s asks for your consent to its support.", n.text("partnerName"))
	case n.Kind == AccessGiven && n.text("role") == "support":
		return phrase.Say("%s of your partner may work on your file as support, once you consent.", n.person())
	case n.Kind == AccessGiven:
		return phrase.Say("%s of your partner works on your file as accountant.", n.person())
	case n.Kind == AccessEnded && n.OrganisationID == n.CustomerID:
		return phrase.Say("%s of your partner works on your file no more.", n.person())
	case n.Kind == AccessEnded:
		return phrase.Say("%s has ended the access of %s.", name, n.person())
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

// OfMoney tells whether it tells of money that is late.
func (n Notification) OfMoney() bool { return ofMoney(n.Kind) }

func ofMoney(kind string) bool { return kind == InvoiceOverdue || kind == PaymentLate }

// Late says which money is late, of a customer of a name or, without one, of the partner itself.
func Late(f event.Fact, name string) phrase.Text {
	l := read[struct {
		Number string        `json:"number"`
		Amount money.Money   `json:"amount"`
		DueOn  calendar.Date `json:"dueOn"`
	}](f)
	switch {
	case f.Kind == InvoiceOverdue && name == "":
		return phrase.Say("Your invoice %s of %s was due on %s and is not paid.", l.Number, phrase.Amount(l.Amount), phrase.Day(l.DueOn))
	case f.Kind == InvoiceOverdue:
		return phrase.Say("%s: the invoice %s of %s was due on %s and is not paid.", name, l.Number, phrase.Amount(l.Amount), phrase.Day(l.DueOn))
	case name == "":
		return phrase.Say("Your payment of %s was due on %s and has not arrived.", phrase.Amount(l.Amount), phrase.Day(l.DueOn))
	}
	return phrase.Say("%s: the payment of %s was due on %s and has not arrived.", name, phrase.Amount(l.Amount), phrase.Day(l.DueOn))
}

// person is who the event is about: somebody invited need not have said a name.
func (n Notification) person() any {
	if name := n.text("name"); name != "" {
		return name
	}
	return phrase.Say("Somebody who is invited")
}

// text and figure are what the event says under a name.
func (n Notification) text(name string) string { return n.fact().Text(name) }

func (n Notification) figure(name string) int { return n.fact().Number(name) }

// Reminder is what a notification of the kind licence.Reminded says.
func (n Notification) Reminder() Reminder { return ReminderOf(n.fact()) }

func (n Notification) fact() event.Fact { return event.Fact{Kind: n.Kind, Data: n.Data} }

var words = map[string]string{
	"customer.appeared":             "%s is a new customer of yours.",
	"customer.domainVerified":       "The domain of %s is verified.",
	"consent.granted":               "%s consents to your support.",
	"consent.declined":              "%s does not consent to your support.",
	"consent.withdrawn":             "%s has withdrawn its consent to your support.",
	"consent.lapsed":                "The consent of %s to your support has ended.",
	"licence.taken":                 "A licence was taken for %s.",
	"licence.changed":               "A licence of %s was changed.",
	"licence.changeScheduled":       "A change of a licence of %s is set for its renewal.",
	"licence.cancelled":             "A licence of %s was cancelled.",
	"licence.cancellationScheduled": "A licence of %s ends with its term.",
	"licence.suspended":             "A licence of %s was suspended.",
	"licence.resumed":               "A licence of %s was resumed.",
	"licence.renewed":               "A licence of %s was renewed.",
	"licence.trialConverted":        "The trial of %s is over, and the paid licence has begun.",
	"licence.ended":                 "A licence of %s has ended.",
}
