package licence_test

import (
	"testing"

	"comptoir/shared/calendar"
	"comptoir/shared/licence"
	"comptoir/shared/plan"
)

func atRenewal(c licence.Change) licence.Change {
	c.When = licence.AtRenewal
	return c
}

func dropping(c licence.Change) licence.Change {
	c.DropScheduled = true
	return c
}

// falling is a committed licence whose ten units fall to four at its renewal.
func falling() licence.Licence {
	return changed(take(team(plan.Committed)), atRenewal(units(4)), at("2026-06-01 10:00"))
}

// Rule "Commitment": at renewal the quantity can fall, whatever the windows.
func TestChangeAtRenewalIsScheduledForTheEndOfTheTerm(t *testing.T) {
	t.Parallel()
	lite := sold("TEAM-LITE", plan.Flexible, 60_00, 6_00)
	for _, c := range []struct {
		name     string
		change   licence.Change
		plan     string
		quantity int
		term     calendar.Term
	}{
		{"of fewer units", units(4), "TEAM", 4, calendar.Year},
		{"of more units", units(40), "TEAM", 40, calendar.Year},
		{"of a shorter term", licence.Change{Term: calendar.Month}, "TEAM", 10, calendar.Month},
		{"of a cheaper plan", licence.Change{Plan: &lite}, "TEAM-LITE", 10, calendar.Year},
		{"of all of them", licence.Change{Plan: &lite, Quantity: units(2).Quantity, Term: calendar.Month}, "TEAM-LITE", 2, calendar.Month},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			before := take(team(plan.Committed))
			l, out, err := before.Change(atRenewal(c.change), at("2026-06-01 10:00"))
			if err != nil {
				t.Fatal(err)
			}
			wantEqual(t, "amounts", amounts(t, out), []int64{})
			wantEqual(t, "effects", effects(out), []string{"scheduled"})
			wantFact(t, out, "licence.changeScheduled")
			if l.Scheduled == nil {
				t.Fatal("nothing is scheduled")
			}
			wantEqual(t, "day", l.Scheduled.On, day("2027-03-01"))
			wantEqual(t, "plan", l.Scheduled.PlanCode, c.plan)
			wantEqual(t, "quantity", l.Scheduled.Quantity, c.quantity)
			wantEqual(t, "term", l.Scheduled.Term, c.term)
			l.Scheduled = nil
			wantEqual(t, "all else", textOf(l), textOf(before))
		})
	}
}

func TestScheduledChangeNeedsAutoRenewal(t *testing.T) {
	t.Parallel()
	m := at("2026-06-01 10:00")
	off := renewing(false)
	off.Quantity = units(4).Quantity
	t.Run("a licence that doesn't renew has no renewal to wait for", func(t *testing.T) {
		t.Parallel()
		wantRefusal(t, "auto_renewal_off", take(team(plan.Committed), once), change(atRenewal(units(4)), m))
	})
	t.Run("nor has one whose renewal is turned off at once", func(t *testing.T) {
		t.Parallel()
		wantRefusal(t, "auto_renewal_off", take(team(plan.Committed)), change(atRenewal(off), m))
	})
	t.Run("nor has one whose cancellation is set", func(t *testing.T) {
		t.Parallel()
		wantRefusal(t, "auto_renewal_off", cancelled(take(team(plan.Committed)), m), change(atRenewal(units(4)), m))
	})
	t.Run("renewal can be turned on at once", func(t *testing.T) {
		t.Parallel()
		on := renewing(true)
		on.Quantity = units(4).Quantity
		l, out, err := take(team(plan.Committed), once).Change(atRenewal(on), m)
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "ends on", l.EndsOn, calendar.Date{})
		wantEqual(t, "effects", effects(out), []string{"renews", "scheduled"})
	})
}

// Rule "Changes": what would drop a scheduled change is refused unless the caller says so.
func TestScheduledChangeIsDroppedOnlyWhenSaid(t *testing.T) {
	t.Parallel()
	m := at("2026-07-01 10:00")
	lite := sold("TEAM-LITE", plan.Flexible, 60_00, 6_00)
	for _, c := range []struct {
		name   string
		change licence.Change
	}{
		{"by a change now", units(12)},
		{"by another change at renewal", atRenewal(units(6))},
		{"by another plan at renewal", atRenewal(licence.Change{Plan: &lite})},
		{"by turning renewal off", renewing(false)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantRefusal(t, "scheduled_change_exists", falling(), change(c.change, m))
			l, out, err := falling().Change(dropping(c.change), m)
			if err != nil {
				t.Fatal(err)
			}
			wantEqual(t, "first effect", effects(out)[0], "scheduledChangeDropped")
			if l.Scheduled != nil && l.Scheduled.Quantity == 4 {
				t.Errorf("%v is still scheduled", *l.Scheduled)
			}
		})
	}
	t.Run("alone", func(t *testing.T) {
		t.Parallel()
		l, out, err := falling().Change(dropping(licence.Change{}), m)
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "effects", effects(out), []string{"scheduledChangeDropped"})
		wantEqual(t, "amounts", amounts(t, out), []int64{})
		wantEqual(t, "all else", textOf(l), textOf(take(team(plan.Committed))))
		wantFact(t, out, "licence.changed")
	})
	t.Run("not by what leaves it alone", func(t *testing.T) {
		t.Parallel()
		l := changed(falling(), licence.Change{BillTo: licence.PaidByCustomer}, m)
		wantEqual(t, "scheduled", l.Scheduled, falling().Scheduled)
	})
	t.Run("not by a change that is refused", func(t *testing.T) {
		t.Parallel()
		wantRefusal(t, "cancellation_window_closed", falling(), change(dropping(units(9)), m))
	})
	t.Run("by a cancellation, which says so", func(t *testing.T) {
		t.Parallel()
		l, out, err := falling().Cancel(licence.Cancellation{}, m)
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "scheduled", l.Scheduled, nil)
		wantEqual(t, "effects", effects(out), []string{"scheduledChangeDropped", "ends"})
	})
}

func TestAutoRenewal(t *testing.T) {
	t.Parallel()
	m := at("2026-03-20 10:00")
	for _, c := range []struct {
		name    string
		l       licence.Licence
		on      bool
		endsOn  string
		ending  licence.Status
		effects []string
	}{
		{"turned off, a paid licence expires with its term", take(team(plan.Committed)), false, "2027-03-01", licence.Expired, []string{"ends"}},
		{"turned on again, it has no end", take(team(plan.Committed), once), true, "", "", []string{"renews"}},
		{"turned off, a trial is to be suspended", take(team(plan.Committed), onTrial), false, "", "", []string{"trialSuspends"}},
		{"turned on, a trial turns into the paid plan", take(team(plan.Committed), onTrial, once), true, "", "", []string{"renews"}},
		{"turned on, a cancellation set for the end of the term is taken back", cancelled(take(team(plan.Committed)), m), true, "", "", []string{"renews"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l, out, err := c.l.Change(renewing(c.on), m)
			if err != nil {
				t.Fatal(err)
			}
			wantEqual(t, "renews", l.AutoRenew, c.on)
			wantEqual(t, "ends on", l.EndsOn.String(), c.endsOn)
			wantEqual(t, "ending", l.Ending, c.ending)
			wantEqual(t, "effects", effects(out), c.effects)
			wantEqual(t, "amounts", amounts(t, out), []int64{})
			wantFact(t, out, "licence.changed")
		})
	}
}
