package licence_test

import (
	"testing"

	"comptoir/shared/calendar"
	"comptoir/shared/licence"
	"comptoir/shared/plan"
)

// stalledTrial is a trial of ten units by the year that was suspended at its end, on 31 March 2026.
func stalledTrial(with ...func(*licence.Order)) licence.Licence {
	l, _ := take(team(plan.Committed), append(with, onTrial, once)...).FallDue(at("2026-03-31 01:00"))
	return l
}

// trying is a trial by the year, with a change set for its end.
func trying(c licence.Change) licence.Licence {
	return changed(take(team(plan.Committed), onTrial), atRenewal(c), at("2026-03-10 10:00"))
}

// Rule "Commitment": at its end a trial turns into the paid plan chosen. Its first paid period starts on the day the trial
// ends, however late the worker is; its units can be given back for seven days from the moment.
func TestTrialTurnsIntoThePaidPlan(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		l        licence.Licence
		at       string
		amounts  []int64
		plan     string
		quantity int
		period   string
		facts    []string
	}{
		{"tried", take(team(plan.Committed), onTrial), "2026-03-31 00:00", []int64{1200_00}, "TEAM", 10, "2026-03-31/2027-03-31", []string{"licence.trialConverted"}},
		{"by the month", take(team(plan.Committed), onTrial, monthly), "2026-03-31 00:00", []int64{120_00}, "TEAM", 10, "2026-03-31/2026-04-30", []string{"licence.trialConverted"}},
		{"with a late worker", take(team(plan.Committed), onTrial), "2026-04-20 15:00", []int64{1200_00}, "TEAM", 10, "2026-03-31/2027-03-31", []string{"licence.trialConverted"}},
		{"with a worker that missed its renewals too", take(team(plan.Committed), onTrial, monthly), "2026-06-10 15:00", []int64{120_00, 120_00, 120_00}, "TEAM", 10, "2026-05-31/2026-06-30", []string{"licence.trialConverted", "licence.renewed", "licence.renewed"}},
		{"of a change scheduled", trying(licence.Change{Plan: lite(), Quantity: units(4).Quantity}), "2026-03-31 00:00", []int64{240_00}, "TEAM-LITE", 4, "2026-03-31/2027-03-31", []string{"licence.trialConverted"}},
		{"for another term scheduled", trying(licence.Change{Term: calendar.Month}), "2026-03-31 00:00", []int64{120_00}, "TEAM", 10, "2026-03-31/2026-04-30", []string{"licence.trialConverted"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.l.Reminded = day("2026-03-30")
			m := at(c.at)
			l, out := c.l.FallDue(m)
			wantEqual(t, "amounts", amounts(t, out), c.amounts)
			wantEqual(t, "facts", kinds(out), c.facts)
			wantEqual(t, "first day charged", out.Lines[0].From, day("2026-03-31"))
			wantEqual(t, "plan", l.PlanCode, c.plan)
			wantEqual(t, "quantity", l.Quantity, c.quantity)
			wantEqual(t, "anchor", l.Anchor, day("2026-03-31"))
			wantEqual(t, "period", period(l), c.period)
			wantEqual(t, "scheduled", l.Scheduled, nil)
			wantEqual(t, "status", l.Status(m.Today), licence.Active)
			wantEqual(t, "window", l.CancellableUntil(m.Today), m.Now.Add(licence.CancellationWindow))
			wantEqual(t, "quantities", quantities(l), []int{c.quantity})
		})
	}
}

func TestTrialThatIsNotToRenewIsSuspendedAtItsEnd(t *testing.T) {
	t.Parallel()
	before := take(team(plan.Committed), onTrial, once)
	before.Reminded = day("2026-03-30")
	l, out := before.FallDue(at("2026-03-31 00:00"))
	wantFact(t, out, "licence.suspended")
	wantEqual(t, "reason", out.Facts[0].Data["reason"], any(string(licence.TrialEnded)))
	wantEqual(t, "amounts", amounts(t, out), []int64{})
	wantEqual(t, "status", l.Status(day("2026-03-31")), licence.Suspended)
	wantEqual(t, "reasons", l.Reasons, []licence.Reason{licence.TrialEnded})
	_, out = l.FallDue(at("2027-03-31 00:00"))
	wantEqual(t, "facts a year later", kinds(out), []string{})
}

// A trial that was suspended at its end becomes the paid plan on the day on which renewal is turned on: that day is the anchor.
func TestTrialIsRevivedByTurningRenewalOn(t *testing.T) {
	t.Parallel()
	both := with(units(4), lite())
	both.AutoRenew = renewing(true).AutoRenew
	untried := renewing(true) // a plan that has no trial
	untried.Plan = lite()
	untried.Plan.TrialDays = 0
	shorter := renewing(true)
	shorter.Term = calendar.Month
	for _, c := range []struct {
		name     string
		change   licence.Change
		amount   int64
		plan     string
		quantity int
		period   string
	}{
		{"as it was tried", renewing(true), 1200_00, "TEAM", 10, "2026-05-12/2027-05-12"},
		{"as if it were said that it is for its renewal", atRenewal(renewing(true)), 1200_00, "TEAM", 10, "2026-05-12/2027-05-12"},
		{"with another plan and quantity", both, 240_00, "TEAM-LITE", 4, "2026-05-12/2027-05-12"},
		{"with a plan that has no trial", untried, 600_00, "TEAM-LITE", 10, "2026-05-12/2027-05-12"},
		{"with another term", shorter, 120_00, "TEAM", 10, "2026-05-12/2026-06-12"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := at("2026-05-12 10:00")
			before := stalledTrial()
			l, out, err := before.Change(c.change, m)
			if err != nil {
				t.Fatal(err)
			}
			wantEqual(t, "amounts", amounts(t, out), []int64{c.amount})
			wantEqual(t, "days charged", charged(out), []string{c.period})
			wantEqual(t, "period", period(l), c.period)
			wantEqual(t, "anchor", l.Anchor, m.Today)
			wantEqual(t, "plan", l.PlanCode, c.plan)
			wantEqual(t, "quantity", l.Quantity, c.quantity)
			wantEqual(t, "quantities", quantities(l), []int{c.quantity})
			wantEqual(t, "reasons", l.Reasons, []licence.Reason{})
			wantEqual(t, "status", l.Status(m.Today), licence.Active)
			wantEqual(t, "scheduled", l.Scheduled, nil)
			wantEqual(t, "renews", l.AutoRenew, true)
			wantEqual(t, "effects", effects(out), []string{"windowOpens", "termStarts"})
			wantFact(t, out, "licence.trialConverted")
			wantEqual(t, "charge in the fact", out.Facts[0].Data["total"], any(eur(c.amount)))

			intent := licence.Intent{Action: licence.ToChange, Change: c.change}
			p := licence.Preview{LicenceID: before.ID, Version: before.Version, Intent: intent, At: m, ValidUntil: m.Now.Add(licence.PreviewLife)}
			if err := p.Check(licence.ToChange, before, later(m, 60)); err != nil {
				t.Errorf("a preview of it can't be committed: %v", err)
			}
		})
	}
	m := at("2026-05-12 10:00")
	t.Run("not by another change", func(t *testing.T) {
		t.Parallel()
		wantRefusal(t, "licence_not_active", stalledTrial(), change(units(4), m))
		wantRefusal(t, "licence_not_active", stalledTrial(), change(atRenewal(units(4)), m))
	})
	t.Run("not while it is suspended for another reason", func(t *testing.T) {
		t.Parallel()
		l := suspended(stalledTrial(), licence.ByPartner, licence.PartnerSide)
		wantRefusal(t, "licence_not_active", l, change(renewing(true), m))
		l, out, err := l.Resume(licence.ByPartner, licence.PartnerSide, "", m)
		if err != nil {
			t.Fatal(err)
		}
		wantFact(t, out, "licence.resumed")
		wantEqual(t, "reasons left", l.Reasons, []licence.Reason{licence.TrialEnded})
		l = changed(l, renewing(true), m)
		wantEqual(t, "status", l.Status(m.Today), licence.Active)
	})
	t.Run("not with units that aren't sold", func(t *testing.T) {
		t.Parallel()
		c := units(0)
		c.AutoRenew = renewing(true).AutoRenew
		_, _, err := stalledTrial().Change(c, m)
		wantInvalid(t, "body.quantity", err)
	})
	t.Run("not once it is cancelled", func(t *testing.T) {
		t.Parallel()
		wantRefusal(t, "licence_already_ended", cancelled(stalledTrial(), m), change(renewing(true), m))
	})
}

// A trial that was suspended when it ended is neither bought nor over. Once it is resumed it is what it would have become,
// from that day on.
func TestTrialResumedAfterItsEnd(t *testing.T) {
	t.Parallel()
	m := at("2026-05-12 10:00")
	t.Run("becomes the paid plan if it renews", func(t *testing.T) {
		t.Parallel()
		l, out := suspended(trying(units(4)), licence.ByPartner, licence.PartnerSide).FallDue(m)
		wantEqual(t, "facts before", kinds(out), []string{})
		l, out, err := l.Resume(licence.ByPartner, licence.PartnerSide, "", m)
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "facts", kinds(out), []string{"licence.resumed", "licence.trialConverted"})
		wantEqual(t, "amounts", amounts(t, out), []int64{480_00})
		wantEqual(t, "period", period(l), "2026-05-12/2027-05-12")
		wantEqual(t, "anchor", l.Anchor, m.Today)
		wantEqual(t, "status", l.Status(m.Today), licence.Active)
	})
	t.Run("is suspended because it is over if it doesn't", func(t *testing.T) {
		t.Parallel()
		l := suspended(take(team(plan.Committed), onTrial, once), licence.ByPartner, licence.PartnerSide)
		l, out, err := l.Resume(licence.ByPartner, licence.PartnerSide, "", m)
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "facts", kinds(out), []string{"licence.resumed", "licence.suspended"})
		wantEqual(t, "amounts", amounts(t, out), []int64{})
		wantEqual(t, "reasons", l.Reasons, []licence.Reason{licence.TrialEnded})
	})
}
