package licence

import (
	"slices"

	"comptoir/shared/problem"
)

// Side is on whose part somebody suspends or resumes.
type Side string

const (
	PartnerSide   Side = "partner"
	PublisherSide Side = "publisher"
)

// reasonsOf says who may give and lift which reason. Nobody gives or lifts trialEnded by hand.
var reasonsOf = map[Side][]Reason{
	PartnerSide:   {ByPartner},
	PublisherSide: {ByPublisher, Unpaid, Abuse},
}

// DefaultReason is the reason that a side means when it names none.
func (s Side) DefaultReason() Reason { return reasonsOf[s][0] }

func (s Side) may(r Reason) error {
	if !slices.Contains(reasonsOf[s], r) {
		return problem.Forbidden("The suspension reason %s is not yours to give or to lift.", string(r))
	}
	return nil
}

// held tells whether the licence is suspended for a reason that is not the partner's own.
func (l Licence) held() bool {
	return slices.ContainsFunc(l.Reasons, func(r Reason) bool { return !slices.Contains(reasonsOf[PartnerSide], r) })
}

// Suspend adds a reason to the licence's suspension (A11). A suspended licence doesn't renew; the term that it has begun
// before, however late the worker is, it keeps and pays for.
// Errors: problem.Forbidden; problem.Conflict licence_already_ended, licence_permanent,
// licence_already_suspended.
func (l Licence) Suspend(r Reason, by Side, note string, at Moment) (Licence, Outcome, error) {
	if err := by.may(r); err != nil {
		return l, Outcome{}, err
	}
	if err := l.standing(at); err != nil {
		return l, Outcome{}, err
	}
	if slices.Contains(l.Reasons, r) {
		return l, Outcome{}, problem.Conflict("licence_already_suspended", "The licence is already suspended for the reason %s.", string(r))
	}
	l, out := l.free(), l.outcome()
	if !at.Today.Before(l.End) {
		l, out = l.FallDue(at)
	}
	l.Reasons = append(l.Reasons, r)
	slices.Sort(l.Reasons)
	out.join(l.reasoned("licence.suspended", r, note))
	return l, out, nil
}

// Resume lifts one reason; the licence is active again when none is left. If its term ended meanwhile, it is renewed from
// today on, within the period that holds today.
// Errors: problem.Forbidden; problem.Conflict licence_already_ended, licence_permanent,
// licence_not_suspended.
func (l Licence) Resume(r Reason, by Side, note string, at Moment) (Licence, Outcome, error) {
	if err := by.may(r); err != nil {
		return l, Outcome{}, err
	}
	if err := l.standing(at); err != nil {
		return l, Outcome{}, err
	}
	if !slices.Contains(l.Reasons, r) {
		return l, Outcome{}, problem.Conflict("licence_not_suspended", "The licence is not suspended for the reason %s.", string(r))
	}
	l = l.free()
	stalled := l.stalled(at.Today)
	l.Reasons = slices.DeleteFunc(l.Reasons, func(other Reason) bool { return other == r })
	out := l.reasoned("licence.resumed", r, note)
	switch {
	case l.suspended() || !stalled:
	case l.OnTrial && !l.AutoRenew:
		l.endTrial(&out)
	default:
		l.resumeTerm(at, &out)
	}
	return l, out, nil
}

func (l Licence) reasoned(kind string, r Reason, note string) Outcome {
	out := l.outcome()
	out.record(kind, l, map[string]any{"reason": string(r), "reasons": slices.Clone(l.Reasons), "note": note})
	return out
}
