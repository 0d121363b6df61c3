package licence

import (
	"time"

	"comptoir/shared/plan"
	"comptoir/shared/problem"
)

// PreviewLife is how long a preview can be committed.
const PreviewLife = 15 * time.Minute

// Action is an operation that can be previewed.
type Action string

const (
	ToTake   Action = "take"
	ToChange Action = "change"
	ToCancel Action = "cancel"
)

// Intent is what somebody wants done with a licence: the input of preview and commit alike.
type Intent struct {
	Action       Action
	Order        Order
	Plan         *plan.Plan // of the order
	Change       Change
	Cancellation Cancellation
}

// Decide does what is intended with a licence; to take one, with the zero licence.
func (i Intent) Decide(l Licence, at Moment) (Licence, Outcome, error) {
	switch i.Action {
	case ToTake:
		return Take(i.Order, *i.Plan, at)
	case ToChange:
		return l.Change(i.Change, at)
	default:
		return l.Cancel(i.Cancellation, at)
	}
}

// Preview is an intent with all that its outcome follows from. To commit it is to decide again with
// the same values: the lines can't differ (F1).
type Preview struct {
	ID         string
	CustomerID string
	LicenceID  string // of the licence concerned, or to be taken
	Version    int64  // of that licence; 0 when it is to be taken
	Intent     Intent
	At         Moment
	ValidUntil time.Time
}

// PreviewExpired is the refusal of a preview that is too old, unknown or used already.
func PreviewExpired() error {
	return problem.Conflict("preview_expired", "The preview is no longer good; ask for a new one.")
}

// Check tells whether the preview can still be committed for an action on a licence.
// Errors: problem.Conflict preview_expired; version_mismatch when the licence was changed meanwhile;
// licence_already_ended, renewal_pending when its day has come meanwhile.
func (p Preview) Check(action Action, l Licence, at Moment) error {
	switch {
	case p.Intent.Action != action, action != ToTake && p.LicenceID != l.ID:
		return problem.Invalid("body.previewId", "The preview is of something else.")
	case !at.Now.Before(p.ValidUntil):
		return PreviewExpired()
	case p.Version != l.Version:
		return problem.Stale()
	case action == ToTake:
		return nil
	}
	return l.alive(at)
}
