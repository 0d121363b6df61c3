// Package consent holds what customers allow a partner: that its support, and those whom it has granted access to all
// customers, act in the customer's organisation (A17).
package consent

import (
	"maps"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/event"
	"comptoir/shared/problem"
	"comptoir/shared/stamp"
)

// State is how far a consent is.
type State string

// The states of a consent.
const (
	Requested State = "requested" // the partner has asked
	Granted   State = "granted"
	Declined  State = "declined"  // asked, and answered no
	Withdrawn State = "withdrawn" // granted before
	Lapsed    State = "lapsed"    // granted, and over by its end date or with the partner's support
)

// Consent is what one customer allows one partner.
type Consent struct {
	stamp.Stamp
	CustomerID   string               `json:"customerId"`
	CustomerName string               `json:"customerName"`
	PartnerID    string               `json:"partnerId"`
	PartnerName  string               `json:"partnerName"`
	Answer       State                `json:"state"`             // as last asked or answered
	Term         int                  `json:"term"`              // of the partner's right to give support: over with it
	Until        calendar.Date        `json:"until,omitzero"`    // the last day; none: until withdrawn
	EndsAt       time.Time            `json:"endsAt,omitzero"`   // the end of that day
	LapsedAt     time.Time            `json:"lapsedAt,omitzero"` // when that end was said to have come
	RequestedAt  time.Time            `json:"requestedAt,omitzero"`
	RequestedBy  string               `json:"requestedBy,omitempty"` // by name
	AnsweredAt   time.Time            `json:"answeredAt,omitzero"`
	AnsweredBy   string               `json:"answeredBy,omitempty"` // by name
	Shut         map[string]time.Time `json:"shut,omitempty"`       // collaborators and users whom the customer has shut out
}

// State is how far the consent is at a moment, given the term of the partner's right to give support (-1 without the right).
func (c Consent) State(term int, now time.Time) State {
	if c.Answer == Granted && (c.Term != term || !c.EndsAt.IsZero() && !now.Before(c.EndsAt)) {
		return Lapsed
	}
	return c.Answer
}

// Covers tells whether the consent lets a collaborator in.
func (c Consent) Covers(collaboratorID, userID string, term int, now time.Time) bool {
	_, shut := c.Shut[collaboratorID]
	_, out := c.Shut[userID]
	return c.State(term, now) == Granted && !shut && !out
}

// Ask asks the customer, unless it has consented already.
func (c Consent) Ask(by string, term int, now time.Time) (Consent, []event.Fact) {
	if s := c.State(term, now); s == Granted || s == Requested && c.Term == term {
		return c, nil
	}
	c.Answer, c.Term, c.RequestedAt, c.RequestedBy = Requested, term, now, by
	c.AnsweredAt, c.AnsweredBy, c.Shut = time.Time{}, "", nil
	c.Until, c.EndsAt, c.LapsedAt = calendar.Date{}, time.Time{}, time.Time{}
	return c, []event.Fact{event.New(Asked, map[string]any{"partnerId": c.PartnerID, "partnerName": c.PartnerName})}
}

// Asked is the kind of the events of a customer that was asked.
const Asked = "consent.asked"

// longest is how many days ahead the end of a consent may lie.
const longest = 5 * 366

// Grant consents until the end of a day, or until it is withdrawn. Who was shut out may come in again.
// Errors: problem.Invalid body.until.
func (c Consent) Grant(by string, term int, until calendar.Date, now time.Time, zone *time.Location) (Consent, []event.Fact, error) {
	if !until.IsZero() && until.Before(calendar.On(now, zone)) {
		return c, nil, problem.Invalid("body.until", "This day is over.")
	}
	if calendar.On(now, zone).AddDays(longest).Before(until) {
		return c, nil, problem.Invalid("body.until", "A consent with an end lasts five years at the most.")
	}
	if c.State(term, now) == Granted && c.Until == until && len(c.Shut) == 0 {
		return c, nil, nil
	}
	c.Answer, c.Term, c.Shut, c.AnsweredAt, c.AnsweredBy = Granted, term, nil, now, by
	c.Until, c.EndsAt, c.LapsedAt = until, time.Time{}, time.Time{}
	if !until.IsZero() {
		c.EndsAt = until.AddDays(1).Start(zone)
	}
	data := map[string]any{"partnerId": c.PartnerID}
	if !until.IsZero() {
		data["until"] = until
	}
	return c, []event.Fact{event.New("consent.granted", data)}, nil
}

// Withdraw takes the consent back, or declines what was asked. Errors: problem.NotFound where there is nothing to withdraw.
func (c Consent) Withdraw(by string, now time.Time) (Consent, []event.Fact, error) {
	kind := "consent.withdrawn"
	switch c.Answer {
	case Granted:
		c.Answer = Withdrawn
	case Requested:
		c.Answer, kind = Declined, "consent.declined"
	case "":
		return c, nil, problem.NotFound()
	default:
		return c, nil, nil
	}
	c.AnsweredAt, c.AnsweredBy = now, by
	return c, []event.Fact{event.New(kind, map[string]any{"partnerId": c.PartnerID})}, nil
}

// DueAt is when a consent with an end is over, until that was said; the zero time for never.
func (c Consent) DueAt() time.Time {
	if c.Answer != Granted || !c.LapsedAt.IsZero() {
		return time.Time{}
	}
	return c.EndsAt
}

// Ended is the kind of the events of consents whose end has come.
const Ended = "consent.lapsed"

// Lapse says that the consent's end has come, once, given the term of the partner's right to give support. Nothing is said
// of a consent that had ended with that right. Nothing due changes nothing.
func (c Consent) Lapse(term int, now time.Time) (after Consent, facts []event.Fact, due bool) {
	if at := c.DueAt(); at.IsZero() || now.Before(at) {
		return c, nil, false
	}
	c.LapsedAt = now
	if c.Term != term {
		return c, nil, true
	}
	return c, []event.Fact{event.New(Ended, map[string]any{"partnerId": c.PartnerID, "partnerName": c.PartnerName, "until": c.Until})}, true
}

// ShutOut ends what the consent allows one collaborator, until it is given anew: also if the same user comes back by another address.
func (c Consent) ShutOut(collaboratorID, userID string, now time.Time) Consent {
	c.Shut = maps.Clone(c.Shut)
	if c.Shut == nil {
		c.Shut = map[string]time.Time{}
	}
	c.Shut[collaboratorID] = now
	if userID != "" {
		c.Shut[userID] = now
	}
	return c
}

// Campaign is the kind of the events of a partner that asks many customers. Each is asked because of it.
const Campaign = "consent.campaign"
