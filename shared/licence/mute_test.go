package licence_test

import (
	"testing"

	"comptoir/shared/calendar"
	"comptoir/shared/licence"
	"comptoir/shared/plan"
)

func mute(until string, m licence.Moment) operation {
	return func(l licence.Licence) (licence.Licence, licence.Outcome, error) {
		var day calendar.Date
		if err := day.UnmarshalText([]byte(until)); err != nil {
			panic(err)
		}
		return l.Mute(day, m)
	}
}

func muted(until string, m licence.Moment) licence.Licence {
	l, _, err := mute(until, m)(take(team(plan.Committed)))
	if err != nil {
		panic(err)
	}
	return l
}

func TestRemindersAreMutedUntilADay(t *testing.T) {
	t.Parallel()
	m := at("2026-06-01 10:00")
	for _, c := range []struct{ name, until, kind string }{
		{"today", "2026-06-01", licence.RemindersMuted},
		{"400 days from today", "2027-07-06", licence.RemindersMuted},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			before := take(team(plan.Committed))
			l, out, err := mute(c.until, m)(before)
			if err != nil {
				t.Fatal(err)
			}
			wantEqual(t, "muted until", l.MutedUntil, day(c.until))
			wantFact(t, out, c.kind)
			wantEqual(t, "amounts", amounts(t, out), []int64{})
			l.MutedUntil = calendar.Date{}
			wantEqual(t, "all else", textOf(l), textOf(before))
		})
	}
	t.Run("and again, once that is lifted", func(t *testing.T) {
		t.Parallel()
		l, out, err := mute("", m)(muted("2026-12-31", m))
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "licence", textOf(l), textOf(take(team(plan.Committed))))
		wantFact(t, out, licence.RemindersUnmuted)
	})
	t.Run("once more until the same day changes nothing", func(t *testing.T) {
		t.Parallel()
		_, out, err := mute("2026-12-31", at("2026-06-02 10:00"))(muted("2026-12-31", m))
		if err != nil || len(out.Facts) > 0 {
			t.Errorf("recorded %v, %v", out.Facts, err)
		}
	})
}

func TestMutingIsRefused(t *testing.T) {
	t.Parallel()
	m := at("2026-06-01 10:00")
	wantRefusal(t, "invalid_input", take(team(plan.Committed)), mute("2026-05-31", m))
	wantRefusal(t, "invalid_input", take(team(plan.Committed)), mute("2027-07-07", m))
	wantRefusal(t, "licence_permanent", permanent(), mute("2026-12-31", m))
	ended := cancelled(take(team(plan.Committed)), at("2026-03-02 10:00"))
	wantRefusal(t, "licence_already_ended", ended, mute("2026-12-31", m))
	wantRefusal(t, "licence_already_ended", ended, mute("", m))
}

// The last day of muting is still quiet. The day after people are reminded, of what is then due.
func TestNobodyIsRemindedWhileItIsMuted(t *testing.T) {
	t.Parallel()
	l := muted("2027-01-30", at("2026-06-01 10:00")) // the end is on 2027-03-01: reminders on 2026-12-31, 2027-01-30, 2027-02-22 and 2027-02-28
	for _, c := range []struct{ at, kind string }{
		{"2026-12-31 00:00", licence.Muted}, {"2027-01-30 23:59", licence.Muted}, {"2027-02-22 00:00", licence.Reminded}, {"2027-02-28 00:00", licence.Reminded},
	} {
		var out licence.Outcome
		l, out = l.FallDue(at(c.at))
		if len(out.Facts) != 1 || out.Facts[0].Kind != c.kind {
			t.Errorf("at %s: recorded %v, want one %s", c.at, out.Facts, c.kind)
		}
	}
	l, out := l.FallDue(at("2027-03-01 00:00"))
	if len(out.Facts) != 1 || out.Facts[0].Kind != "licence.renewed" || l.End != day("2028-03-01") {
		t.Errorf("muting keeps nobody's licence from being renewed: %v", out.Facts)
	}
}
