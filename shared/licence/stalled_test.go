package licence_test

import (
	"testing"

	"comptoir/shared/calendar"
	"comptoir/shared/licence"
	"comptoir/shared/plan"
)

// stalled is a licence that was suspended, for a reason of its partner's, while its term ended on 1 March 2027.
func stalled(l licence.Licence) licence.Licence {
	return suspended(l, licence.ByPartner, licence.PartnerSide)
}

// Rule "Status": a suspended licence does not renew. It waits for somebody.
func TestSuspendedLicenceDoesNotRenew(t *testing.T) {
	t.Parallel()
	before := stalled(take(team(plan.Committed)))
	l, out := before.FallDue(at("2028-06-01 10:00"))
	wantEqual(t, "facts", kinds(out), []string{})
	wantEqual(t, "amounts", amounts(t, out), []int64{})
	wantEqual(t, "licence", textOf(l), textOf(before))
	wantEqual(t, "status", l.Status(day("2028-06-01")), licence.Suspended)
}

// Resumed, it goes on within the period of its anchor that holds today; the days between are not paid for.
func TestResumedAfterTheEndOfTheTerm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		l      licence.Licence
		at     string
		amount int64
		period string
		anchor string
		index  int
	}{
		{"on that day it pays the whole term", take(team(plan.Committed)), "2027-03-01 00:00", 1200_00, "2027-03-01/2028-03-01", "2026-03-01", 1},
		{"half a year later it pays for the days left", take(team(plan.Committed)), "2027-09-01 10:00", 596_72, "2027-03-01/2028-03-01", "2026-03-01", 1}, // 182 of 366
		{"after two terms it is in the third", take(team(plan.Committed)), "2028-05-01 10:00", 999_45, "2028-03-01/2029-03-01", "2026-03-01", 2},          // 304 of 365
		{"by the month, in the month that holds the day", take(team(plan.Committed), monthly), "2027-03-17 10:00", 58_06, "2027-03-01/2027-04-01", "2026-03-01", 12},
		{"with the change scheduled", scheduling(with(units(4), lite())), "2027-09-01 10:00", 119_34, "2027-03-01/2028-03-01", "2026-03-01", 1},
		{"with another term scheduled, which starts today", scheduling(licence.Change{Term: calendar.Month}), "2027-09-17 10:00", 120_00, "2027-09-17/2027-10-17", "2027-09-17", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := at(c.at)
			l, out, err := stalled(c.l).Resume(licence.ByPartner, licence.PartnerSide, "", m)
			if err != nil {
				t.Fatal(err)
			}
			wantEqual(t, "facts", kinds(out), []string{"licence.resumed", "licence.renewed"})
			wantEqual(t, "amounts", amounts(t, out), []int64{c.amount})
			wantEqual(t, "charged from", out.Lines[0].From, m.Today)
			wantEqual(t, "charge in the fact", out.Facts[1].Data["total"], any(eur(c.amount)))
			wantEqual(t, "period", period(l), c.period)
			wantEqual(t, "anchor", l.Anchor.String(), c.anchor)
			wantEqual(t, "number of the period", l.TermIndex, c.index)
			wantEqual(t, "status", l.Status(m.Today), licence.Active)
			wantEqual(t, "scheduled", l.Scheduled, nil)
			if l.DueOn().IsZero() {
				t.Error("it isn't due any more")
			}
		})
	}
	t.Run("it waits on while another reason is left", func(t *testing.T) {
		t.Parallel()
		l := suspended(stalled(take(team(plan.Committed))), licence.Unpaid, licence.PublisherSide)
		l, out, err := l.Resume(licence.ByPartner, licence.PartnerSide, "", at("2027-09-01 10:00"))
		if err != nil {
			t.Fatal(err)
		}
		wantFact(t, out, "licence.resumed")
		wantEqual(t, "amounts", amounts(t, out), []int64{})
		wantEqual(t, "period", period(l), "2026-03-01/2027-03-01")
		_, out, err = l.Resume(licence.Unpaid, licence.PublisherSide, "", at("2027-09-02 10:00"))
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "amounts when none is left", amounts(t, out), []int64{593_44})
	})
	t.Run("before the end nothing is charged", func(t *testing.T) {
		t.Parallel()
		_, out, err := stalled(take(team(plan.Committed))).Resume(licence.ByPartner, licence.PartnerSide, "", at("2027-02-28 23:59"))
		if err != nil {
			t.Fatal(err)
		}
		wantFact(t, out, "licence.resumed")
		wantEqual(t, "amounts", amounts(t, out), []int64{})
	})
}

// What waits for somebody can be ended, at once: nothing of its term is left to come back.
func TestStalledLicenceIsCancelledAtOnce(t *testing.T) {
	t.Parallel()
	m := at("2027-09-01 10:00")
	late := suspended(take(team(plan.Committed)), licence.Unpaid, licence.PublisherSide)
	for _, c := range []struct {
		name string
		l    licence.Licence
	}{
		{"by its partner", stalled(take(team(plan.Committed)))},
		{"though the publisher suspends it", late},
		{"with a change scheduled", stalled(scheduling(units(4)))},
		{"when it was a trial", stalledTrial()},
		{"when it was a trial that somebody suspended", stalled(take(team(plan.Committed), onTrial))},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, when := range []licence.When{"", licence.Now} {
				l, out, err := c.l.Cancel(licence.Cancellation{When: when}, m)
				if err != nil {
					t.Fatal(err)
				}
				wantFact(t, out, "licence.cancelled")
				wantEqual(t, "amounts", amounts(t, out), []int64{})
				wantEqual(t, "ends on", l.EndsOn, m.Today)
				wantEqual(t, "status", l.Status(m.Today), licence.Cancelled)
				wantEqual(t, "scheduled", l.Scheduled, nil)
				wantEqual(t, "due next", l.DueOn(), calendar.Date{})
			}
			wantRefusal(t, "licence_not_active", c.l, cancel(licence.AtRenewal, m))
			p := licence.Preview{
				LicenceID: c.l.ID, Version: c.l.Version, At: m, ValidUntil: m.Now.Add(licence.PreviewLife), Intent: licence.Intent{Action: licence.ToCancel},
			}
			if err := p.Check(licence.ToCancel, c.l, m); err != nil {
				t.Errorf("a preview of it can't be committed: %v", err)
			}
		})
	}
}

// Who suspends a licence after its term has ended, before the worker has come, finds what the end of the term has brought: the
// licence was not suspended then.
func TestSuspendedBeforeALateWorkerComes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		l       licence.Licence
		at      string
		facts   []string
		amounts []int64
		reasons []licence.Reason
		period  string
	}{
		{"it is renewed first", take(team(plan.Committed)), "2027-03-01 00:10", []string{"licence.renewed", "licence.suspended"}, []int64{1200_00}, []licence.Reason{licence.ByPartner}, "2027-03-01/2028-03-01"},
		{"with the change scheduled", scheduling(units(4)), "2027-03-05 10:00", []string{"licence.renewed", "licence.suspended"}, []int64{480_00}, []licence.Reason{licence.ByPartner}, "2027-03-01/2028-03-01"},
		{"a trial is bought first", take(team(plan.Committed), onTrial), "2026-03-31 00:10", []string{"licence.trialConverted", "licence.suspended"}, []int64{1200_00}, []licence.Reason{licence.ByPartner}, "2026-03-31/2027-03-31"},
		{"a trial that isn't to renew is over first", take(team(plan.Committed), onTrial, once), "2026-03-31 00:10", []string{"licence.suspended", "licence.suspended"}, []int64{}, []licence.Reason{licence.ByPartner, licence.TrialEnded}, "2026-03-01/2026-03-31"},
		{"on the last day nothing is due yet", take(team(plan.Committed)), "2027-02-28 23:59", []string{"licence.suspended"}, []int64{}, []licence.Reason{licence.ByPartner}, "2026-03-01/2027-03-01"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := at(c.at)
			before := textOf(c.l)
			l, out, err := c.l.Suspend(licence.ByPartner, licence.PartnerSide, "", m)
			if err != nil {
				t.Fatal(err)
			}
			wantEqual(t, "the licence asked", textOf(c.l), before)
			wantEqual(t, "facts", kinds(out), c.facts)
			wantEqual(t, "amounts", amounts(t, out), c.amounts)
			wantEqual(t, "reasons", l.Reasons, c.reasons)
			wantEqual(t, "period", period(l), c.period)
			wantEqual(t, "status", l.Status(m.Today), licence.Suspended)
		})
	}
}

// Rule "Cancellation window": renewing opens none. What is open stays so until seven days after its units were taken.
func TestWindowsAcrossARenewal(t *testing.T) {
	t.Parallel()
	taken, added := at("2026-03-01 10:00"), at("2027-02-25 10:00")
	open := changed(take(team(plan.Committed)), units(12), added)
	grown := changed(open, atRenewal(units(15)), at("2027-02-26 10:00"))
	several := changed(changed(take(team(plan.Committed)), units(12), at("2026-06-01 10:00")), units(13), at("2026-07-01 10:00"))
	renewed := at("2027-03-01 00:20")
	late := at("2027-03-06 00:20")
	for _, c := range []struct {
		name  string
		l     licence.Licence
		at    licence.Moment
		units []int
		taken []licence.Moment
		paid  []int64
	}{
		{"units whose window is closed keep it closed", take(team(plan.Committed)), renewed, []int{10}, []licence.Moment{taken}, []int64{1200_00}},
		{"units whose window is open keep their moment", open, renewed, []int{10, 2}, []licence.Moment{taken, added}, []int64{1200_00, 240_00}},
		{"their window may have closed when a late worker comes", open, late, []int{12}, []licence.Moment{taken}, []int64{1440_00}},
		{"units whose windows are closed become one batch", several, renewed, []int{13}, []licence.Moment{taken}, []int64{1560_00}},
		{"units added by a scheduled change have a window of their own", grown, renewed, []int{10, 2, 3}, []licence.Moment{taken, added, renewed}, []int64{1200_00, 240_00, 360_00}},
		{"units given up are the latest ones", changed(open, atRenewal(units(11)), added), renewed, []int{10, 1}, []licence.Moment{taken, added}, []int64{1200_00, 120_00}},
		{"and then older ones", changed(open, atRenewal(units(3)), added), renewed, []int{3}, []licence.Moment{taken}, []int64{360_00}},
		{"a change of plan opens no window", changed(open, atRenewal(licence.Change{Plan: lite()}), added), renewed, []int{10, 2}, []licence.Moment{taken, added}, []int64{600_00, 120_00}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.l.Reminded = day("2027-02-28")
			l, _ := c.l.FallDue(c.at)
			wantEqual(t, "quantities", quantities(l), c.units)
			for n, b := range l.Batches {
				wantEqual(t, "taken", b.TakenAt, c.taken[n].Now)
				wantEqual(t, "paid", b.Paid, eur(c.paid[n]))
				wantEqual(t, "paid from", b.From, day("2027-03-01"))
			}
		})
	}
	t.Run("units still in their window are given back after it for what the new term cost", func(t *testing.T) {
		t.Parallel()
		l, _ := open.FallDue(renewed)
		l, out, err := l.Change(units(10), at("2027-03-03 10:00"))
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "amounts", amounts(t, out), []int64{-238_69}) // 240.00, 2 of 366 days used
		wantRefusal(t, "cancellation_window_closed", l, change(units(9), at("2027-03-03 10:00")))
	})
	t.Run("a renewed licence can't be given back", func(t *testing.T) {
		t.Parallel()
		l, _ := take(team(plan.Committed)).FallDue(renewed)
		wantRefusal(t, "cancellation_window_closed", l, cancel(licence.Now, later(renewed, 60)))
	})
}
