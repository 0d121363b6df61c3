package licence

import (
	"cmp"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/plan"
	"comptoir/shared/problem"
)

// When an operation takes effect.
type When string

const (
	Now       When = "now"
	AtRenewal When = "atRenewal"
)

// Change is what is to be different; what is nil or empty stays. Plan, term and quantity change now
// or at renewal; the rest changes now.
type Change struct {
	Plan          *plan.Plan // the new plan, as it is sold today
	Quantity      *int
	Term          calendar.Term
	AutoRenew     *bool
	BillTo        Payer
	PaymentID     *string
	When          When
	DropScheduled bool // says that a scheduled change may be dropped
}

func (c Change) sells() bool { return c.Plan != nil || c.Quantity != nil || c.Term != "" }

// against is the change without what the licence has already.
func (c Change) against(l Licence) Change {
	if c.Plan != nil && c.Plan.Code == l.PlanCode {
		c.Plan = nil // the terms agreed stay
	}
	if c.Quantity != nil && *c.Quantity == l.Quantity {
		c.Quantity = nil
	}
	if c.Term == l.Term {
		c.Term = ""
	}
	if c.AutoRenew != nil && *c.AutoRenew == l.AutoRenew {
		c.AutoRenew = nil
	}
	if c.BillTo == l.BillTo {
		c.BillTo = ""
	}
	if c.PaymentID != nil && *c.PaymentID == l.PaymentID {
		c.PaymentID = nil
	}
	c.DropScheduled = c.DropScheduled && l.Scheduled != nil
	return c
}

func (c Change) empty() bool {
	return !c.sells() && c.AutoRenew == nil && c.BillTo == "" && c.PaymentID == nil && !c.DropScheduled
}

// Change alters the licence, now or at its renewal (A9). Units added, and units of a changed plan or
// term, are charged by the day to the end of the period; what was paid for the days not used comes
// back. A trial that was suspended at its end becomes the paid plan when automatic renewal is turned on.
// Within a committed licence nothing falls now but units inside their cancellation window.
// Errors: problem.Invalid; problem.Conflict licence_already_ended, licence_permanent, renewal_pending,
// licence_not_active, scheduled_change_exists, auto_renewal_off, cancellation_window_closed.
func (l Licence) Change(c Change, at Moment) (Licence, Outcome, error) {
	out := l.outcome()
	revived := l.revivedBy(c, at)
	if err := l.changeable(at); err != nil && !revived {
		return l, out, err
	}
	if c = c.against(l); c.empty() {
		return l, out, problem.Invalid("body", "Say what is to change: nothing here differs from the licence.")
	}
	if revived {
		c.When = AtRenewal // of the trial, which is now
	}
	before := l
	l = l.free()
	drops := c.sells() || c.DropScheduled || c.AutoRenew != nil && !*c.AutoRenew
	if l.Scheduled != nil && drops {
		if !c.DropScheduled {
			return before, out, problem.Conflict("scheduled_change_exists",
				"A change is scheduled for %s; say dropScheduled to give it up.", l.Scheduled.On)
		}
		l.Scheduled = nil
		out.effect("scheduledChangeDropped", "The change scheduled for %s is dropped.", before.Scheduled.On)
	}
	if c.BillTo != "" {
		if err := payable(c.BillTo, l.PartnerID); err != nil {
			return before, out, err
		}
		l.billTo(c.BillTo)
	}
	if c.PaymentID != nil {
		l.PaymentID = *c.PaymentID
	}
	if c.AutoRenew != nil {
		l.renew(*c.AutoRenew, &out)
	}
	if c.sells() {
		if err := l.resell(c, at, &out); err != nil {
			return before, out, err
		}
	}
	if revived {
		l.Reasons, out.Effects = []Reason{}, nil
		l.buy(at.Today, at, &out)
		out.effect("termStarts", "A new term starts today and ends on %s.", l.End)
		return l, out, nil
	}
	kind := "licence.changed"
	if c.sells() && c.When == AtRenewal {
		kind = "licence.changeScheduled"
	}
	out.record(kind, l, map[string]any{
		"before": map[string]any{"planCode": before.PlanCode, "quantity": before.Quantity, "term": string(before.Term), "autoRenew": before.AutoRenew},
		"after":  l.agreed(),
	})
	return l, out, nil
}

// billTo has another pay from the next term on. What the running one costs, and brings back, stays with whom it was charged to: or money would come back
// to somebody who hasn't paid it.
func (l *Licence) billTo(payer Payer) {
	if l.ChargedTo = l.Payer(); l.ChargedTo == payer || l.OnTrial {
		l.ChargedTo = ""
	}
	l.BillTo = payer
}

// Payer is who is charged for the running term.
func (l Licence) Payer() Payer { return cmp.Or(l.ChargedTo, l.BillTo) }

// agreed is what holds from now on, or from the renewal on if a change is scheduled.
func (l Licence) agreed() map[string]any {
	after := map[string]any{"planCode": l.PlanCode, "quantity": l.Quantity, "term": string(l.Term), "autoRenew": l.AutoRenew}
	if s := l.Scheduled; s != nil {
		after["planCode"], after["quantity"], after["term"], after["on"] = s.PlanCode, s.Quantity, string(s.Term), s.On.String()
	}
	return after
}

// revivedBy tells whether the change turns a trial that was suspended at its end into the paid plan, from today on.
func (l Licence) revivedBy(c Change, at Moment) bool {
	return len(l.Reasons) == 1 && l.Reasons[0] == TrialEnded && l.standing(at) == nil && c.AutoRenew != nil && *c.AutoRenew
}

// changeable refuses changes to a licence that is over, suspended, permanent or about to be renewed.
func (l Licence) changeable(at Moment) error {
	if err := l.alive(at); err != nil {
		return err
	}
	if l.suspended() {
		return problem.Conflict("licence_not_active", "The licence is suspended; resume it first.")
	}
	return nil
}

// alive refuses what needs a licence in force whose term is running, or that is suspended and so doesn't wait for its renewal.
func (l Licence) alive(at Moment) error {
	if err := l.standing(at); err != nil {
		return err
	}
	if !at.Today.Before(l.End) && !l.suspended() {
		return problem.Conflict("renewal_pending", "The term ended on %s and is being renewed; try again shortly.", l.End)
	}
	return nil
}

// standing refuses what needs a licence that has not ended, its term being over or not.
func (l Licence) standing(at Moment) error {
	switch {
	case l.Ended(at.Today):
		return problem.Conflict("licence_already_ended", "The licence ended on %s.", l.EndsOn)
	case l.Permanent():
		return problem.Conflict("licence_permanent", "The licence of a partner's own company stays as it is.")
	}
	return nil
}

// resell applies another plan, quantity or term: at renewal by noting it, now by reckoning it.
func (l *Licence) resell(c Change, at Moment, out *Outcome) error {
	next := Scheduled{Offer: l.Offer, Quantity: l.Quantity, Term: l.Term, On: l.End}
	if c.Plan != nil {
		next.Offer = offerOf(*c.Plan)
	}
	if c.Quantity != nil {
		next.Quantity = *c.Quantity
	}
	if c.Term != "" {
		next.Term = c.Term
	}
	if c.Plan != nil {
		if err := sellable(*c.Plan, next.Term, next.Quantity); err != nil {
			return err
		}
	}
	price, offered := next.Prices[next.Term]
	if !offered {
		return problem.Invalid("body.term", "The plan %s is not offered by the %s.", next.PlanCode, termName(next.Term))
	}
	if price.Currency != l.Prices[l.Term].Currency {
		return problem.Invalid("body.planCode", "The plan %s is sold in another currency.", next.PlanCode)
	}
	if err := saleableQuantity(next.Quantity); err != nil {
		return err
	}
	switch {
	case c.When == AtRenewal && !l.AutoRenew:
		return problem.Conflict("auto_renewal_off", "The licence doesn't renew by itself, so nothing can be scheduled for its renewal.")
	case c.When == AtRenewal:
		l.Scheduled = &next
		out.effect("scheduled", "It takes effect at the renewal on %s.", l.End)
		return nil
	case l.OnTrial && c.Plan != nil && c.Plan.TrialDays == 0:
		return problem.Invalid("body.planCode", "The plan %s has no trial; it can be scheduled for the end of this one.", c.Plan.Code)
	case l.OnTrial:
		l.Offer, l.Quantity, l.Term = next.Offer, next.Quantity, next.Term
		return nil
	case next.Term == l.Term && next.PlanCode == l.PlanCode:
		return l.resize(next.Quantity, at, out)
	}
	return l.replace(next, at, out)
}

// resize adds or gives back units of the same plan. Units are given back latest first.
func (l *Licence) resize(quantity int, at Moment, out *Outcome) error {
	added := quantity - l.Quantity
	if added > 0 && len(l.Batches) >= MaxBatches {
		return problem.Conflict("limit_reached", "Units can be added %d times at the most; change the plan or wait for the renewal.", MaxBatches)
	}
	l.Quantity = quantity
	if added > 0 {
		l.charge(added, at, out)
		out.windowOpens(at.Now)
	}
	for left := -added; left > 0; {
		last := len(l.Batches) - 1
		b := l.Batches[last]
		if l.Commitment == plan.Committed && !at.Now.Before(b.RefundableUntil()) {
			return windowClosed(b.RefundableUntil())
		}
		n := min(left, b.Quantity)
		line, rest := l.credit(b, n, at.Today)
		out.add(line)
		left -= n
		if l.Batches[last] = rest; rest.Quantity == 0 {
			l.Batches = l.Batches[:last]
		}
	}
	return nil
}

// replace moves the licence to another plan or term: all units are credited for the days not used and
// charged anew, the same period going on if the term stays, a new one starting today if not. Units
// keep the moment they were taken, so that a change of plan opens no second cancellation window.
func (l *Licence) replace(next Scheduled, at Moment, out *Outcome) error {
	if l.Commitment == plan.Committed && !l.windowOpen(at.Now) {
		if err := l.noLess(next, at.Now); err != nil {
			return err
		}
	}
	old := l.Batches
	for _, b := range old {
		line, _ := l.credit(b, b.Quantity, at.Today)
		out.add(line)
	}
	termChanges := next.Term != l.Term
	l.Offer, l.Term, l.Quantity, l.Batches = next.Offer, next.Term, next.Quantity, nil
	if termChanges {
		l.begin(at.Today)
		out.effect("termStarts", "A new term starts today and ends on %s.", l.End)
		if !l.EndsOn.IsZero() {
			l.EndsOn = l.End
		}
	}
	for left := next.Quantity; left > 0; {
		n, taken := left, at.Now
		if len(old) > 0 {
			n, taken = min(left, old[0].Quantity), old[0].TakenAt
			old = old[1:]
		}
		l.charge(n, at, out)
		l.Batches[len(l.Batches)-1].TakenAt = taken
		left -= n
	}
	if l.Batches[len(l.Batches)-1].TakenAt.Equal(at.Now) {
		out.windowOpens(at.Now)
	}
	return nil
}

// noLess refuses to lower what a committed licence is bound to: its units outside their windows, its
// commitment, its term, and what a unit costs for a term at least as long.
func (l *Licence) noLess(next Scheduled, now time.Time) error {
	bound := 0
	for _, b := range l.Batches {
		if !now.Before(b.RefundableUntil()) {
			bound += b.Quantity
		}
	}
	looser := next.Commitment != plan.Committed
	shorter := l.Term == calendar.Year && next.Term == calendar.Month
	cheaper := next.Prices[next.Term].Amount < l.Prices[l.Term].Amount
	if next.Quantity < bound || looser || shorter || cheaper {
		return windowClosed(l.Batches[0].RefundableUntil())
	}
	return nil
}

func windowClosed(since time.Time) error {
	return problem.Conflict("cancellation_window_closed",
		"The cancellation window closed on %s; it can be lowered at renewal.", instant(since))
}

// instant is how effects and refusals write a point in time.
func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }
