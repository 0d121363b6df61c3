package licence

import (
	"slices"

	"comptoir/shared/problem"
)

// Cancellation is a licence to be ended.
type Cancellation struct {
	When When // empty: now while the cancellation window is open, otherwise when the term ends
	Note string
}

// Cancel ends the licence: at once inside the cancellation window and during a trial, with what was
// paid for the days not used coming back; otherwise when its term ends (A9). Nothing comes back while
// the publisher suspends it. One whose term ended while it was suspended ends at once.
// Errors: problem.Conflict licence_already_ended, licence_permanent, renewal_pending,
// cancellation_scheduled, cancellation_window_closed, licence_not_active.
func (l Licence) Cancel(c Cancellation, at Moment) (Licence, Outcome, error) {
	out := l.outcome()
	stalled := l.stalled(at.Today)
	if err := l.alive(at); err != nil {
		return l, out, err
	}
	before := l
	l = l.free()
	when := c.When
	if when == "" {
		when = AtRenewal
		if stalled || l.windowOpen(at.Now) && !l.held() {
			when = Now
		}
	}
	switch {
	case stalled && when == AtRenewal:
		return before, out, problem.Conflict("licence_not_active", "The licence is suspended and its term is over; it can end now.")
	case stalled: // nothing of the term is left to come back
	case when == Now && l.held():
		return before, out, problem.Conflict("licence_not_active", "The licence is suspended by the publisher; it can end with its term.")
	case when == Now && !l.windowOpen(at.Now):
		return before, out, problem.Conflict("cancellation_window_closed",
			"The cancellation window closed on %s; the licence can end with its term.", instant(l.CancellableUntil(at.Today)))
	case when == AtRenewal && l.Ending == Cancelled:
		return before, out, problem.Conflict("cancellation_scheduled", "A cancellation is already set for %s.", l.EndsOn)
	}
	if l.Scheduled != nil {
		out.effect("scheduledChangeDropped", "The change scheduled for %s is dropped.", l.Scheduled.On)
		l.Scheduled = nil
	}
	l.AutoRenew, l.Ending = false, Cancelled
	kind := "licence.cancellationScheduled"
	if when == Now {
		kind = "licence.cancelled"
		for _, b := range slices.Backward(l.Batches) {
			if line, _ := l.credit(b, b.Quantity, at.Today); !stalled {
				out.add(line)
			}
		}
		l.EndsOn, l.Over = at.Today, true
		out.effect("endsNow", "It ends at once.")
	} else {
		l.EndsOn = l.End
		out.effect("ends", "It ends on %s.", l.End)
	}
	out.record(kind, l, map[string]any{"endsOn": l.EndsOn.String(), "note": c.Note})
	return l, out, nil
}
