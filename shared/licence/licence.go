// Package licence holds the rules of licences: taking, changing, cancelling, suspending, renewing, and
// what each costs to the cent. Rules are functions of values and a moment: a preview and its commit call
// the same function with the same values (F1). When the worker comes, seats and payments belong to others.
package licence

import (
	"slices"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/money"
	"comptoir/shared/plan"
	"comptoir/shared/stamp"
)

// Status is the state of a licence on a day (A11); it follows from the rest of the licence.
type Status string

const (
	Trial     Status = "trial"
	Active    Status = "active"
	Suspended Status = "suspended"
	Cancelled Status = "cancelled" // ended because somebody said so
	Expired   Status = "expired"   // ended because nobody renewed it
)

// Statuses lists every status.
var Statuses = []Status{Trial, Active, Suspended, Cancelled, Expired}

// Reason is why a licence is suspended. Each is lifted only by who may.
type Reason string

const (
	Unpaid      Reason = "unpaid"
	ByPartner   Reason = "partner"
	ByPublisher Reason = "publisher"
	TrialEnded  Reason = "trialEnded"
	Abuse       Reason = "abuse"
)

// Origin is how a licence was taken (A8).
type Origin string

const (
	Automatic Origin = "automatic" // by the partner's policy, when the customer account was created
	Manual    Origin = "manual"
)

// Payer is who pays for a licence.
type Payer string

const (
	PaidByPartner  Payer = "partner"
	PaidByCustomer Payer = "customer"
)

// MaxQuantity is the most units that one licence may have.
const MaxQuantity = 100_000

// MaxBatches is how often units can be added to one licence within a term.
const MaxBatches = 200

// CancellationWindow is how long a batch of units can be given back after it was taken.
const CancellationWindow = 7 * 24 * time.Hour

// Offer is a plan's terms as they were when they were agreed; editing the plan doesn't touch them.
type Offer struct {
	PlanCode   string                        `json:"planCode"`
	Commitment plan.Commitment               `json:"commitment"`
	Prices     map[calendar.Term]money.Money `json:"prices"`
	Modules    map[string]int                `json:"modules"`
	Reminders  []int                         `json:"reminders,omitempty"` // days before the end of a term
}

func offerOf(p plan.Plan) Offer {
	return Offer{PlanCode: p.Code, Commitment: p.Commitment, Prices: p.Prices, Modules: p.Modules, Reminders: p.RemindsBefore()}
}

// Batch is a number of units taken together, and what they cost for their days in the running period.
type Batch struct {
	Quantity int           `json:"quantity"`
	TakenAt  time.Time     `json:"takenAt"` // opens the cancellation window
	From     calendar.Date `json:"from"`    // the first day that Paid covers, up to the period's end
	Paid     money.Money   `json:"paid"`
}

// RefundableUntil is the end of the batch's cancellation window.
func (b Batch) RefundableUntil() time.Time { return b.TakenAt.Add(CancellationWindow) }

// Scheduled is a change that takes effect at renewal.
type Scheduled struct {
	Offer
	Quantity int           `json:"quantity"`
	Term     calendar.Term `json:"term"`
	On       calendar.Date `json:"on"`
}

// Licence is one customer's subscription to one plan.
type Licence struct {
	stamp.Stamp
	Offer
	ID         string        `json:"id"`
	CustomerID string        `json:"customerId"`
	PartnerID  string        `json:"partnerId,omitempty"` // the partner of record
	Quantity   int           `json:"quantity"`
	Term       calendar.Term `json:"term"`
	Origin     Origin        `json:"origin"`
	BillTo     Payer         `json:"billTo"`
	ChargedTo  Payer         `json:"chargedTo,omitempty"` // who pays for the running term, where BillTo has changed within it
	PaymentID  string        `json:"paymentMethodId,omitempty"`
	StartedAt  time.Time     `json:"startedAt"`
	StartedOn  calendar.Date `json:"startedOn"`
	Anchor     calendar.Date `json:"anchor"`    // the n-th period is counted from here
	TermIndex  int           `json:"termIndex"` // n of the running period
	Start      calendar.Date `json:"periodStart"`
	End        calendar.Date `json:"periodEnd"` // exclusive; none for permanent licences
	OnTrial    bool          `json:"onTrial"`
	AutoRenew  bool          `json:"autoRenew"`
	Scheduled  *Scheduled    `json:"scheduled,omitempty"`
	Reasons    []Reason      `json:"suspensionReasons"`
	Batches    []Batch       `json:"batches"`         // oldest first
	EndsOn     calendar.Date `json:"endsOn,omitzero"` // exclusive; none while no end is known
	Ending     Status        `json:"ending,omitempty"`
	Over       bool          `json:"over,omitempty"`      // its end has come and was worked off
	Reminded   calendar.Date `json:"reminded,omitzero"`   // when the end of the term was last reminded of
	MutedUntil calendar.Date `json:"mutedUntil,omitzero"` // the last day on which nobody is reminded
	DueAt      time.Time     `json:"dueAt,omitzero"`      // when it next falls due: Await
}

// Moment is when a rule is applied: the instant, and the publisher's civil day that holds it.
type Moment struct {
	Now   time.Time
	Today calendar.Date
	Zone  *time.Location `json:"-"` // the publisher's
}

// At is the moment of an instant in the publisher's time zone.
func At(now time.Time, zone *time.Location) Moment {
	return Moment{now, calendar.On(now, zone), zone}
}

// Permanent tells the licences of a partner's own companies, which nothing ends.
func (l Licence) Permanent() bool {
	return l.PlanCode == plan.FreePartner || l.PlanCode == plan.Sandbox
}

// Ended tells whether the licence is over on a day.
func (l Licence) Ended(today calendar.Date) bool {
	return !l.EndsOn.IsZero() && !today.Before(l.EndsOn)
}

// Status is the licence's status on a day.
func (l Licence) Status(today calendar.Date) Status {
	if l.Ended(today) {
		return l.Ending
	}
	return l.Standing()
}

// Standing is the licence's status before it ends.
func (l Licence) Standing() Status {
	switch {
	case len(l.Reasons) > 0:
		return Suspended
	case l.OnTrial:
		return Trial
	}
	return Active
}

// Rolls tells whether the licence is renewed at the end of its term, and again at the end of the next, as it is now.
func (l Licence) Rolls() bool {
	return l.AutoRenew && !l.OnTrial && !l.suspended() && l.EndsOn.IsZero() && !l.End.IsZero()
}

// RenewsOn is the renewal date: when the running term ends, whether it is renewed then or not.
// None once the licence has ended, and none for permanent licences.
func (l Licence) RenewsOn(today calendar.Date) calendar.Date {
	if l.Ended(today) {
		return calendar.Date{}
	}
	return l.End
}

// Price is that of all units for one term, before tax; nothing during a trial is charged, yet the
// price shown is the one that follows.
func (l Licence) Price() money.Money { return l.Prices[l.Term].Times(int64(l.Quantity)) }

// CancellableUntil is the end of the window in which the whole licence can be given back: that of
// its oldest units. The zero time during a trial, which can be cancelled at any time, for licences
// without a price, and once the licence has ended.
func (l Licence) CancellableUntil(today calendar.Date) time.Time {
	if len(l.Batches) == 0 || l.Ended(today) {
		return time.Time{}
	}
	return l.Batches[0].RefundableUntil()
}

// windowOpen tells whether every unit of the licence can still be given back.
func (l Licence) windowOpen(now time.Time) bool {
	return !slices.ContainsFunc(l.Batches, func(b Batch) bool { return !now.Before(b.RefundableUntil()) })
}

// InForce is the days on which the licence counts as held, half-open; to is none while no end is
// known. Suspension doesn't interrupt it. Permanent licences are not sold and never count (A4, A10).
func (l Licence) InForce() (from, to calendar.Date, counts bool) {
	return l.StartedOn, l.EndsOn, !l.Permanent() && l.ID != ""
}

// free is a copy that shares no slice with the original.
func (l Licence) free() Licence {
	l.Batches = slices.Clone(l.Batches)
	l.Reasons = slices.Clone(l.Reasons)
	return l
}

// PayerOf is who pays unless it is said otherwise: the partner of record where there is one.
func PayerOf(partnerID string) Payer {
	if partnerID == "" {
		return PaidByCustomer
	}
	return PaidByPartner
}
