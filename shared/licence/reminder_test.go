package licence_test

import (
	"testing"

	"comptoir/shared/calendar"
	"comptoir/shared/licence"
	"comptoir/shared/plan"
)

// reminders has the worker come on each of the days, at three, and gives those on which it reminded, with the days left.
func reminders(l licence.Licence, days ...string) (told map[string]any, after licence.Licence) {
	told = map[string]any{}
	for _, on := range days {
		var out licence.Outcome
		l, out = l.FallDue(at(on + " 03:00"))
		for _, f := range out.Facts {
			if f.Kind == licence.Reminded || f.Kind == licence.Muted {
				told[on] = f.Data["days"]
			}
		}
	}
	return told, l
}

// F3: people are told of the end of a term 60, 30, 7 and 1 days before it.
func TestRemindersComeBeforeTheEnd(t *testing.T) {
	t.Parallel()
	short := team(plan.Committed)
	short.Reminders = []int{14, 2}
	quiet := team(plan.Committed)
	quiet.Reminders = []int{}
	every := func(from string, n int) (days []string) {
		for d := day(from); n > 0; n-- {
			days = append(days, d.String())
			d = d.AddDays(1)
		}
		return days
	}
	for _, c := range []struct {
		name string
		l    licence.Licence
		days []string
		want map[string]any
	}{
		{"with a worker that comes every day", take(team(plan.Committed)), every("2026-03-01", 370), map[string]any{"2026-12-31": 60, "2027-01-30": 30, "2027-02-22": 7, "2027-02-28": 1}},
		{"on the days that the plan says", take(short), every("2026-03-01", 370), map[string]any{"2027-02-15": 14, "2027-02-27": 2}},
		{"never where the plan says so", take(quiet), every("2026-03-01", 370), map[string]any{}},
		{"only those after the start of a month", take(team(plan.Committed), monthly), every("2026-03-01", 61), map[string]any{"2026-03-02": 30, "2026-03-25": 7, "2026-03-31": 1, "2026-04-24": 7, "2026-04-30": 1}},
		{"once a day, however often it comes", take(team(plan.Committed)), []string{"2026-12-31", "2026-12-31", "2027-01-01"}, map[string]any{"2026-12-31": 60}},
		{"late, with the days that are left", take(team(plan.Committed)), []string{"2027-01-04"}, map[string]any{"2027-01-04": 56}},
		{"of several missed, only the latest", take(team(plan.Committed)), []string{"2027-02-25", "2027-02-26", "2027-02-28"}, map[string]any{"2027-02-25": 4, "2027-02-28": 1}},
		{"none on the day of the end, or later", take(team(plan.Committed)), []string{"2027-03-01", "2027-03-02"}, map[string]any{}},
		{"none of an end that has come", take(team(plan.Committed), once), []string{"2027-03-01", "2027-03-02"}, map[string]any{}},
		{"none while it is suspended", suspended(take(team(plan.Committed)), licence.ByPartner, licence.PartnerSide), every("2026-03-01", 400), map[string]any{}},
		{"none of a suspended licence's end", suspended(take(team(plan.Committed), once), licence.ByPartner, licence.PartnerSide), every("2026-03-01", 400), map[string]any{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			told, _ := reminders(c.l, c.days...)
			wantEqual(t, "reminded", told, c.want)
		})
	}
	t.Run("late, once a suspended licence is resumed", func(t *testing.T) {
		t.Parallel()
		l, _, err := stalled(take(team(plan.Committed))).Resume(licence.ByPartner, licence.PartnerSide, "", at("2027-02-10 10:00"))
		if err != nil {
			t.Fatal(err)
		}
		told, _ := reminders(l, "2027-02-10", "2027-02-11")
		wantEqual(t, "reminded", told, map[string]any{"2027-02-10": 19})
	})
	t.Run("anew, when a change has moved the end", func(t *testing.T) {
		t.Parallel()
		_, l := reminders(take(team(plan.Flexible)), "2026-12-31")
		l = changed(l, licence.Change{Term: calendar.Month}, at("2026-12-31 10:00"))
		told, _ := reminders(l, every("2026-12-31", 31)...)
		wantEqual(t, "reminded", told, map[string]any{"2027-01-01": 30, "2027-01-24": 7, "2027-01-30": 1})
	})
}

// A reminder says what comes, from when on, and until when something can be done about it.
func TestReminderSaysWhatComes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		l    licence.Licence
		on   string
		what licence.What
		next map[string]any
	}{
		{"a renewal", scheduling(units(4)), "2027-02-22", licence.Renews, map[string]any{"planCode": "TEAM", "quantity": 4, "term": "year", "price": eur(480_00)}},
		{"an end", take(team(plan.Committed), once), "2027-02-22", licence.Ends, map[string]any{"planCode": "TEAM", "quantity": 10, "term": "year", "price": eur(0)}},
		{"the paid plan after a trial", take(team(plan.Committed), onTrial), "2026-03-24", licence.Converts, map[string]any{"planCode": "TEAM", "quantity": 10, "term": "year", "price": eur(1200_00)}},
		{"the suspension of a trial", take(team(plan.Committed), onTrial, once), "2026-03-24", licence.Suspends, map[string]any{"planCode": "TEAM", "quantity": 10, "term": "year", "price": eur(0)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := at(c.on + " 00:00")
			l, out := c.l.FallDue(m)
			wantFact(t, out, licence.Reminded)
			wantEqual(t, "amounts", amounts(t, out), []int64{})
			said := out.Facts[0].Data
			wantEqual(t, "what", said["what"], any(string(c.what)))
			wantEqual(t, "next", said["next"], any(c.next))
			wantEqual(t, "on", said["on"], any(c.l.End.String()))
			wantEqual(t, "last day", said["lastDay"], any(c.l.End.AddDays(-1).String()))
			wantEqual(t, "days", said["days"], any(7))
			c.l.Reminded = m.Today
			wantEqual(t, "all else", textOf(l), textOf(c.l))
		})
	}
}

// Up to the last day for which a licence is muted nobody is told; that it was so is kept.
func TestMutedReminderIsOnlyNoted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ until, want string }{
		{"2027-01-30", licence.Muted}, // its last day
		{"2027-02-28", licence.Muted},
		{"2027-01-29", licence.Reminded},
	} {
		t.Run("until "+c.until, func(t *testing.T) {
			t.Parallel()
			_, l := reminders(take(team(plan.Committed)), "2026-12-31")
			l.MutedUntil = day(c.until)
			l, out := l.FallDue(at("2027-01-30 03:00"))
			wantFact(t, out, c.want)
			wantEqual(t, "what", out.Facts[0].Data["what"], any(string(licence.Renews)))
			wantEqual(t, "due next", l.DueOn(), day("2027-02-22"))
		})
	}
	t.Run("a muted licence is renewed all the same", func(t *testing.T) {
		t.Parallel()
		l := take(team(plan.Committed))
		l.MutedUntil = day("2030-01-01")
		_, out := l.FallDue(at("2027-03-01 03:00"))
		wantFact(t, out, "licence.renewed")
	})
}
