package licence_test

import (
	"testing"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/licence"
	"comptoir/shared/plan"
)

// kinds are those of the facts, in order.
func kinds(out licence.Outcome) []string {
	all := []string{}
	for _, f := range out.Facts {
		all = append(all, f.Kind)
	}
	return all
}

// period is the running one.
func period(l licence.Licence) string { return l.Start.String() + "/" + l.End.String() }

// charged are the days that the lines are for.
func charged(out licence.Outcome) []string {
	all := []string{}
	for _, line := range out.Lines {
		all = append(all, line.From.String()+"/"+line.To.String())
	}
	return all
}

func lite() *plan.Plan {
	p := sold("TEAM-LITE", plan.Flexible, 60_00, 6_00)
	return &p
}

// scheduling is a yearly licence of ten units with a change set for its renewal.
func scheduling(c licence.Change) licence.Licence {
	return changed(take(team(plan.Committed)), atRenewal(c), at("2026-06-01 10:00"))
}

// Rule "Terms": a renewal starts the next term where the last one ended, and charges it whole.
func TestRenewal(t *testing.T) {
	t.Parallel()
	dearer := sold("TEAM", plan.Committed, 240_00, 24_00) // the same plan, its price raised since
	for _, c := range []struct {
		name     string
		l        licence.Licence
		amount   int64
		plan     string
		quantity int
		period   string
		anchor   string
		index    int
		applied  bool
	}{
		{"keeps what was agreed", take(team(plan.Committed)), 1200_00, "TEAM", 10, "2027-03-01/2028-03-01", "2026-03-01", 1, false},
		{"takes up a change to fewer units", scheduling(units(4)), 480_00, "TEAM", 4, "2027-03-01/2028-03-01", "2026-03-01", 1, true},
		{"takes up a change to more units", scheduling(units(40)), 4800_00, "TEAM", 40, "2027-03-01/2028-03-01", "2026-03-01", 1, true},
		{"takes up another plan at its price", scheduling(licence.Change{Plan: lite()}), 600_00, "TEAM-LITE", 10, "2027-03-01/2028-03-01", "2026-03-01", 1, true},
		{"takes up another term, which starts an anchor", scheduling(licence.Change{Term: calendar.Month}), 120_00, "TEAM", 10, "2027-03-01/2027-04-01", "2027-03-01", 0, true},
		{"takes up all of them", scheduling(licence.Change{Plan: lite(), Quantity: units(2).Quantity, Term: calendar.Month}), 12_00, "TEAM-LITE", 2, "2027-03-01/2027-04-01", "2027-03-01", 0, true},
		{"costs what was agreed though the plan is dearer today", scheduling(with(units(4), &dearer)), 480_00, "TEAM", 4, "2027-03-01/2028-03-01", "2026-03-01", 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.l.Reminded = day("2027-02-28")
			before := textOf(c.l)
			l, out := c.l.FallDue(at("2027-03-01 00:00"))
			wantEqual(t, "the licence asked", textOf(c.l), before)
			wantEqual(t, "amounts", amounts(t, out), []int64{c.amount})
			wantEqual(t, "days charged", charged(out), []string{c.period})
			wantEqual(t, "plan", l.PlanCode, c.plan)
			wantEqual(t, "plan charged", out.Lines[0].PlanCode, c.plan)
			wantEqual(t, "quantity", l.Quantity, c.quantity)
			wantEqual(t, "period", period(l), c.period)
			wantEqual(t, "anchor", l.Anchor.String(), c.anchor)
			wantEqual(t, "number of the period", l.TermIndex, c.index)
			wantEqual(t, "scheduled", l.Scheduled, nil)
			wantEqual(t, "status", l.Status(day("2027-03-01")), licence.Active)
			wantFact(t, out, "licence.renewed")
			wantEqual(t, "charge in the fact", out.Facts[0].Data["total"], any(eur(c.amount)))
			wantEqual(t, "change in the fact", out.Facts[0].Data["scheduledChange"], any(c.applied))
			wantEqual(t, "number in the fact", out.Facts[0].Data["termIndex"], any(c.index))
		})
	}
	t.Run("doesn't come a minute early", func(t *testing.T) {
		t.Parallel()
		l := take(team(plan.Committed))
		l.Reminded = day("2027-02-28")
		after, out := l.FallDue(at("2027-02-28 23:59"))
		wantEqual(t, "facts", kinds(out), []string{})
		wantEqual(t, "licence", textOf(after), textOf(l))
	})
}

// Rule "Terms": a term is added to the anchor, never to a clamped date.
func TestRenewalsAreCountedFromTheAnchor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from string
		term calendar.Term
		ends []string
	}{
		{"2024-01-31 10:00", calendar.Month, []string{"2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"}},
		{"2024-02-29 10:00", calendar.Year, []string{"2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29", "2029-02-28"}},
	} {
		t.Run("by the "+string(c.term), func(t *testing.T) {
			t.Parallel()
			l, _, err := licence.Take(order(func(o *licence.Order) { o.Term = c.term }), team(plan.Committed), at(c.from))
			if err != nil {
				t.Fatal(err)
			}
			for _, end := range c.ends {
				wantEqual(t, "end", l.End.String(), end)
				l, _ = l.FallDue(at(end + " 00:30"))
				wantEqual(t, "start", l.Start.String(), end)
			}
		})
	}
}

// A worker that was away finds the terms that it missed, each with its own dates, charge and fact; the scheduled change is
// the first one's.
func TestMissedTermsAreWorkedOffOneByOne(t *testing.T) {
	t.Parallel()
	t.Run("another term starts its anchor at the end that was missed", func(t *testing.T) {
		t.Parallel()
		l, out := scheduling(licence.Change{Term: calendar.Month}).FallDue(at("2027-04-10 10:00"))
		wantEqual(t, "days charged", charged(out), []string{"2027-03-01/2027-04-01", "2027-04-01/2027-05-01"})
		wantEqual(t, "anchor", l.Anchor, day("2027-03-01"))
	})
	l := changed(take(team(plan.Committed), monthly), atRenewal(units(4)), at("2026-03-20 10:00"))
	l, out := l.FallDue(at("2026-06-15 10:00"))
	wantEqual(t, "days charged", charged(out), []string{"2026-04-01/2026-05-01", "2026-05-01/2026-06-01", "2026-06-01/2026-07-01"})
	wantEqual(t, "amounts", amounts(t, out), []int64{48_00, 48_00, 48_00})
	wantEqual(t, "facts", kinds(out), []string{"licence.renewed", "licence.renewed", "licence.renewed"})
	for n, f := range out.Facts {
		wantEqual(t, "charge of a term", f.Data["total"], any(eur(48_00)))
		wantEqual(t, "change of a term", f.Data["scheduledChange"], any(n == 0))
		wantEqual(t, "number of a term", f.Data["termIndex"], any(n+1))
	}
	wantEqual(t, "period", period(l), "2026-06-01/2026-07-01")
	wantEqual(t, "due next", l.DueOn(), day("2026-06-24"))
}

func TestEndThatIsSetComes(t *testing.T) {
	t.Parallel()
	expiring, cancelling := take(team(plan.Committed), once), cancelLater()
	trial, _, err := take(team(plan.Committed), onTrial).Cancel(licence.Cancellation{When: licence.AtRenewal}, at("2026-03-02 10:00"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		l    licence.Licence
		on   string
		want licence.Status
	}{
		{"to one that doesn't renew", expiring, "2027-03-01", licence.Expired},
		{"to one that was cancelled", cancelling, "2027-03-01", licence.Cancelled},
		{"to a trial that was cancelled", trial, "2026-03-31", licence.Cancelled},
		{"to one that is suspended", suspended(expiring, licence.Unpaid, licence.PublisherSide), "2027-03-01", licence.Expired},
		{"to one that is suspended and cancelled", suspended(cancelling, licence.ByPartner, licence.PartnerSide), "2027-03-01", licence.Cancelled},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := at(c.on + " 03:00")
			c.l.Reminded = m.Today.AddDays(-1)
			l, out := c.l.FallDue(m)
			wantFact(t, out, "licence.ended")
			wantEqual(t, "status in the fact", out.Facts[0].Data["status"], any(string(c.want)))
			wantEqual(t, "end in the fact", out.Facts[0].Data["endsOn"], any(c.on))
			wantEqual(t, "amounts", amounts(t, out), []int64{})
			wantEqual(t, "status", l.Status(m.Today), c.want)
			wantEqual(t, "due next", l.DueOn(), calendar.Date{})
			wantEqual(t, "what comes", l.Coming(), licence.Coming{})
			_, out = l.FallDue(at("2030-01-01 00:00"))
			wantEqual(t, "facts later", kinds(out), []string{})
		})
	}
}

func TestDueOn(t *testing.T) {
	t.Parallel()
	paid, trial := take(team(plan.Committed)), take(team(plan.Committed), onTrial)
	reminded := func(l licence.Licence, on string) licence.Licence {
		l.Reminded = day(on)
		return l
	}
	held := suspended(paid, licence.ByPartner, licence.PartnerSide)
	heldAndEnding := suspended(take(team(plan.Committed), once), licence.ByPartner, licence.PartnerSide)
	quiet := team(plan.Committed)
	quiet.Reminders = []int{}
	for _, c := range []struct {
		name string
		l    licence.Licence
		want string
	}{
		{"a licence is due on its first reminder's day", paid, "2026-12-31"},
		{"after that, on the next one's", reminded(paid, "2026-12-31"), "2027-01-30"},
		{"a reminder that was sent late makes up for those before", reminded(paid, "2027-02-27"), "2027-02-28"},
		{"after the last reminder, on the day its term ends", reminded(paid, "2027-02-28"), "2027-03-01"},
		{"one of a plan without reminders, on the day its term ends", take(quiet), "2027-03-01"},
		{"one by the month is reminded of within the month", take(team(plan.Committed), monthly), "2026-03-02"},
		{"one that doesn't renew is reminded of too", take(team(plan.Committed), once), "2026-12-31"},
		{"a trial is", trial, "2026-03-24"},
		{"a trial that isn't to renew is", take(team(plan.Committed), onTrial, once), "2026-03-24"},
		{"one that is suspended waits", held, ""},
		{"one that is suspended is due when it ends", heldAndEnding, "2027-03-01"},
		{"a trial that is over waits", stalledTrial(), ""},
		{"one that was cancelled at once is over", cancelled(paid, at("2026-03-02 10:00")), ""},
		{"one of a partner's own company never is", permanent(), ""},
		{"nor is no licence", licence.Licence{}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantEqual(t, "due on", c.l.DueOn().String(), c.want)
			due := time.Time{}
			if c.want != "" {
				due = at(c.want + " 00:00").Now
			}
			c.l.DueAt = at("2026-03-01 10:00").Now // as it was before something was done
			wantEqual(t, "due at", c.l.Await(paris).DueAt, due)
		})
	}
}

// F3: what the end of a term brings, if nobody does anything.
func TestComing(t *testing.T) {
	t.Parallel()
	paid, nothing := take(team(plan.Committed)), licence.Coming{}
	for _, c := range []struct {
		name string
		l    licence.Licence
		want licence.Coming
	}{
		{"another term", paid, coming("2027-03-01", licence.Renews, "TEAM", 10, calendar.Year, 1200_00)},
		{"with the change that is scheduled", scheduling(licence.Change{Plan: lite(), Quantity: units(4).Quantity, Term: calendar.Month}), coming("2027-03-01", licence.Renews, "TEAM-LITE", 4, calendar.Month, 24_00)},
		{"the paid plan", take(team(plan.Committed), onTrial), coming("2026-03-31", licence.Converts, "TEAM", 10, calendar.Year, 1200_00)},
		{"a suspension, of a trial that isn't to renew", take(team(plan.Committed), onTrial, once), coming("2026-03-31", licence.Suspends, "TEAM", 10, calendar.Year, 0)},
		{"an end, of one that doesn't renew", take(team(plan.Committed), once), coming("2027-03-01", licence.Ends, "TEAM", 10, calendar.Year, 0)},
		{"an end, of one that was cancelled", cancelLater(), coming("2027-03-01", licence.Ends, "TEAM", 10, calendar.Year, 0)},
		{"an end, though it is suspended", suspended(cancelLater(), licence.ByPartner, licence.PartnerSide), coming("2027-03-01", licence.Ends, "TEAM", 10, calendar.Year, 0)},
		{"nothing, while it is suspended", suspended(paid, licence.Unpaid, licence.PublisherSide), coming("2027-03-01", licence.Waits, "TEAM", 10, calendar.Year, 0)},
		{"nothing, when a trial is over", stalledTrial(), coming("2026-03-31", licence.Waits, "TEAM", 10, calendar.Year, 0)},
		{"nothing, when it is over", cancelled(paid, at("2026-03-02 10:00")), nothing},
		{"nothing, for a partner's own company", permanent(), nothing},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantEqual(t, "comes", c.l.Coming(), c.want)
		})
	}
}

func coming(on string, what licence.What, plan string, quantity int, term calendar.Term, price int64) licence.Coming {
	return licence.Coming{
		On: day(on), LastDay: day(on).AddDays(-1), What: what, PlanCode: plan, Quantity: quantity, Term: term, Price: eur(price),
	}
}
