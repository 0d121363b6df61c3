package licence

import (
	"comptoir/shared/calendar"
	"comptoir/shared/problem"
)

// MaxMute is for how many days reminders can be muted: a whole term of a year, and what comes before it.
const MaxMute = 400

// The kinds of the events of who wants to hear of a licence's renewal.
const (
	RemindersMuted   = "licence.remindersMuted"
	RemindersUnmuted = "licence.remindersUnmuted"
)

// Mute has nobody reminded of the end of the term up to a day, that day included; without a day they are reminded again. All else
// goes on, the renewal too. To mute it once more until the same day changes nothing.
// Errors: problem.Invalid; problem.Conflict licence_already_ended, licence_permanent.
func (l Licence) Mute(until calendar.Date, at Moment) (Licence, Outcome, error) {
	out := l.outcome()
	if err := l.standing(at); err != nil {
		return l, out, err
	}
	if !until.IsZero() && (until.Before(at.Today) || until.After(at.Today.AddDays(MaxMute))) {
		return l, out, problem.Invalid("body.mutedUntil", "Reminders can be muted from today on, for %d days at the most.", MaxMute)
	}
	if until == l.MutedUntil {
		return l, out, nil
	}
	l = l.free()
	l.MutedUntil = until
	kind := RemindersMuted
	if until.IsZero() {
		kind = RemindersUnmuted
	}
	out.record(kind, l, map[string]any{"mutedUntil": until.String()})
	return l, out, nil
}

// Muted tells whether nobody is reminded of the licence on a day.
func (l Licence) Muted(today calendar.Date) bool { return !l.MutedUntil.Before(today) }
