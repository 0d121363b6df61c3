package licence

import (
	"slices"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/money"
)

// DueOn is the day on which the licence next wants attention: a reminder's day, then the day its term ends. None
// for a licence that waits for somebody (suspended, its trial over), has ended, or never ends.
func (l Licence) DueOn() calendar.Date {
	switch {
	case l.Permanent() || l.Over || l.End.IsZero():
		return calendar.Date{}
	case l.suspended() && l.EndsOn.IsZero():
		return calendar.Date{}
	case l.suspended():
		return l.EndsOn
	}
	next := l.End
	for _, days := range l.Reminders {
		if on := l.End.AddDays(-days); on.After(l.Start) && on.After(l.Reminded) && on.Before(next) {
			next = on
		}
	}
	return next
}

// Await notes the instant at which the licence next falls due, in the publisher's time zone; the zero time for none.
func (l Licence) Await(zone *time.Location) Licence {
	l.DueAt = time.Time{}
	if on := l.DueOn(); !on.IsZero() {
		l.DueAt = on.Start(zone)
	}
	return l
}

// FallDue does all that is due by a day: it reminds of the end of the term, or goes through the ends of terms that have
// come, one after another. When several reminders were missed, only the latest is sent. Nothing due changes nothing.
func (l Licence) FallDue(at Moment) (Licence, Outcome) {
	out := l.outcome()
	l = l.free()
	for {
		due := l.DueOn()
		if due.IsZero() || at.Today.Before(due) {
			return l, out
		}
		step := l.outcome() // of its own: a fact tells what its term costs, not what all those missed do
		if at.Today.Before(l.End) {
			l.remind(at, &step)
		} else {
			l.turn(at, &step)
		}
		out.join(step)
	}
}

// remind tells of the end of the term, unless nobody wants to hear of it for now.
func (l *Licence) remind(at Moment, out *Outcome) {
	l.Reminded = at.Today
	kind := Reminded
	if l.Muted(at.Today) {
		kind = Muted
	}
	next := l.Coming()
	out.record(kind, *l, map[string]any{
		"days": at.Today.DaysUntil(l.End), "on": next.On.String(), "lastDay": next.LastDay.String(), "what": string(next.What), "billTo": string(l.BillTo),
		"next": map[string]any{"planCode": next.PlanCode, "quantity": next.Quantity, "term": string(next.Term), "price": next.Price},
	})
}

// The kinds of the events of licences whose term is about to end: somebody is told, or asked not to be for now.
const (
	Reminded = "licence.reminder"
	Muted    = "licence.reminderMuted"
)

// ReminderSent is the kind of the events that prove that a reminder was mailed (F3).
const ReminderSent = "licence.reminderSent"

// turn goes through the end of the term, which has come.
func (l *Licence) turn(at Moment, out *Outcome) {
	switch {
	case !l.EndsOn.IsZero():
		l.Over = true
		out.record("licence.ended", *l, map[string]any{"endsOn": l.EndsOn.String(), "status": string(l.Ending)})
	case l.OnTrial && !l.AutoRenew:
		l.endTrial(out)
	case l.OnTrial:
		l.buy(l.End, at, out)
	default:
		l.renewTerm(at, out)
	}
}

// endTrial suspends a trial whose days are over and that isn't to become a paid licence by itself.
func (l *Licence) endTrial(out *Outcome) {
	l.Reasons = append(l.Reasons, TrialEnded)
	slices.Sort(l.Reasons)
	out.Facts = append(out.Facts, l.reasoned("licence.suspended", TrialEnded, "").Facts...)
}

// buy turns a trial into the paid plan chosen, from a day on: that of a change scheduled, or the one tried.
func (l *Licence) buy(from calendar.Date, at Moment, out *Outcome) {
	l.applyScheduled()
	l.OnTrial, l.Batches = false, nil
	l.begin(from)
	l.Batches = []Batch{{Quantity: l.Quantity, TakenAt: at.Now}}
	l.pay(from, out)
	out.windowOpens(at.Now)
	out.record("licence.trialConverted", *l, map[string]any{"periodStart": l.Start.String()})
}

// renewTerm starts the next term where the last one ended, with the change that was scheduled for it. Its periods go on being
// counted from the anchor, unless the term is another.
func (l *Licence) renewTerm(at Moment, out *Outcome) {
	before, changed := l.Term, l.Scheduled != nil
	l.requantify(at.Now)
	if l.applyScheduled(); l.Term != before {
		l.begin(l.End)
	} else {
		l.TermIndex++
		l.Start, l.End = l.Term.Nth(l.Anchor, l.TermIndex), l.Term.Nth(l.Anchor, l.TermIndex+1)
	}
	l.pay(l.Start, out)
	out.record("licence.renewed", *l, map[string]any{
		"termIndex": l.TermIndex, "periodStart": l.Start.String(), "scheduledChange": changed,
	})
}

// resumeTerm lets a licence go on whose term ended while it was suspended: from today, within the period of its anchor that holds
// today. The days between are not paid for.
func (l *Licence) resumeTerm(at Moment, out *Outcome) {
	if l.OnTrial {
		l.buy(at.Today, at, out)
		return
	}
	before := l.Term
	l.requantify(at.Now)
	if l.applyScheduled(); l.Term != before {
		l.begin(at.Today)
	} else {
		l.TermIndex, l.Start, l.End = l.Term.Containing(l.Anchor, at.Today)
	}
	l.pay(at.Today, out)
	out.record("licence.renewed", *l, map[string]any{"termIndex": l.TermIndex, "periodStart": l.Start.String(), "from": at.Today.String()})
}

// applyScheduled makes the scheduled change the licence's terms.
func (l *Licence) applyScheduled() {
	if s := l.Scheduled; s != nil {
		l.Offer, l.Quantity, l.Term, l.Scheduled = s.Offer, s.Quantity, s.Term, nil
	}
}

// requantify brings the batches to the quantity of the next term: units given up are the latest ones, units added are a batch of
// their own. Those whose window is closed become one.
func (l *Licence) requantify(now time.Time) {
	quantity := l.Quantity
	if l.Scheduled != nil {
		quantity = l.Scheduled.Quantity
	}
	var kept []Batch
	left := quantity
	for _, b := range l.Batches {
		b.Quantity = min(b.Quantity, left)
		left -= b.Quantity
		last := len(kept) - 1
		switch {
		case b.Quantity == 0:
		case last >= 0 && !now.Before(kept[last].RefundableUntil()) && !now.Before(b.RefundableUntil()):
			kept[last].Quantity += b.Quantity
		default:
			kept = append(kept, b)
		}
	}
	if left > 0 {
		kept = append(kept, Batch{Quantity: left, TakenAt: now})
	}
	l.Batches = kept
}

// pay charges all units from a day to the end of the period: one line, split over the batches.
func (l *Licence) pay(from calendar.Date, out *Outcome) {
	l.ChargedTo = ""
	line := charge(l.PlanCode, l.Prices[l.Term], l.Quantity, from, l.Start, l.End)
	out.add(line)
	units, before := 0, line.Amount.Sub(line.Amount)
	for n, b := range l.Batches {
		units += b.Quantity
		upTo := line.Amount.Portion(int64(units), int64(l.Quantity))
		l.Batches[n].From, l.Batches[n].Paid = from, upTo.Sub(before)
		before = upTo
	}
}

// Unscheduled is the licence without the change scheduled for its renewal.
func (l Licence) Unscheduled() Licence {
	l.Scheduled = nil
	return l
}

// suspended tells whether there is a reason to suspend the licence.
func (l Licence) suspended() bool { return len(l.Reasons) > 0 }

// stalled tells whether the term ended while the licence was suspended: it waits for somebody to resume or to cancel it.
func (l Licence) stalled(today calendar.Date) bool {
	return l.suspended() && !l.End.IsZero() && !today.Before(l.End)
}

// What becomes of a licence when its term ends.
type What string

// What becomes of a licence, if nobody does anything.
const (
	Renews   What = "renews"   // for another term
	Converts What = "converts" // from a trial to the paid plan
	Suspends What = "suspends" // a trial that isn't to become a paid licence
	Ends     What = "ends"
	Waits    What = "waits" // suspended: it is neither renewed nor ended
)

// Coming is what happens to a licence at the end of its term, if nobody does anything (F3).
type Coming struct {
	On       calendar.Date // the renewal date
	LastDay  calendar.Date // on which something can still be done about it
	What     What
	PlanCode string
	Quantity int
	Term     calendar.Term
	Price    money.Money // of the term that follows, before tax; zero if none does
}

// Coming is what comes at the end of the running term. Nothing for a licence that never ends, or whose end has come.
func (l Licence) Coming() Coming {
	if l.End.IsZero() || l.Over {
		return Coming{}
	}
	c := Coming{On: l.End, LastDay: l.End.AddDays(-1), PlanCode: l.PlanCode, Quantity: l.Quantity, Term: l.Term, Price: l.Price()}
	if s := l.Scheduled; s != nil {
		c.PlanCode, c.Quantity, c.Term, c.Price = s.PlanCode, s.Quantity, s.Term, s.Prices[s.Term].Times(int64(s.Quantity))
	}
	switch {
	case !l.EndsOn.IsZero():
		c.What = Ends
	case l.suspended():
		c.What = Waits
	case l.OnTrial && !l.AutoRenew:
		c.What = Suspends
	case l.OnTrial:
		c.What = Converts
	default:
		c.What = Renews
	}
	if c.What != Renews && c.What != Converts {
		c.Price.Amount = 0
	}
	return c
}
