package licence_test

import (
	"testing"

	"comptoir/shared/licence"
	"comptoir/shared/plan"
)

// The example of the rule "Cancellation window": ten units at 120.00 € a year, 5 of 365 days used,
// are 16.44 € kept and 1,183.56 € refunded.
func TestCancellationInsideTheWindowRefundsTheDaysNotUsed(t *testing.T) {
	t.Parallel()
	l, out, err := take(team(plan.Committed)).Cancel(licence.Cancellation{Note: "not needed"}, at("2026-03-06 10:00"))
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "lines", out.Lines, []licence.Line{{
		Kind: licence.Credit, PlanCode: "TEAM", Quantity: 10, UnitPrice: eur(120_00),
		From: day("2026-03-06"), To: day("2027-03-01"), Days: 360, OfDays: 365, Amount: eur(-1183_56),
	}})
	wantEqual(t, "total", out.Total, eur(-1183_56))
	wantEqual(t, "kept", eur(1200_00).Add(out.Total), eur(16_44))
	wantEqual(t, "effects", effects(out), []string{"endsNow"})
	wantEqual(t, "ends on", l.EndsOn, day("2026-03-06"))
	wantEqual(t, "renews", l.AutoRenew, false)
	wantEqual(t, "status", l.Status(day("2026-03-06")), licence.Cancelled)
	wantFact(t, out, "licence.cancelled")
	wantEqual(t, "note", out.Facts[0].Data["note"], any("not needed"))
	wantEqual(t, "end in the fact", out.Facts[0].Data["endsOn"], any("2026-03-06"))
}

// A9: when a cancellation takes effect, and what comes back.
func TestCancellation(t *testing.T) {
	t.Parallel()
	plus := sold("TEAM-PLUS", plan.Committed, 180_00, 18_00)
	moved := changed(take(team(plan.Committed)), licence.Change{Plan: &plus}, at("2026-03-04 10:00"))
	added := changed(take(team(plan.Committed)), units(15), at("2026-03-04 10:00"))
	for _, c := range []struct {
		name    string
		l       licence.Licence
		when    licence.When
		at      string
		endsOn  string
		amounts []int64
		kind    string
	}{
		{"on the day of taking gives everything back", take(team(plan.Committed)), "", "2026-03-01 18:00", "2026-03-01", []int64{-1200_00}, "licence.cancelled"},
		{"in the window's last minute takes effect at once", take(team(plan.Committed)), "", "2026-03-08 09:59", "2026-03-08", []int64{-1176_99}, "licence.cancelled"},
		{"from the instant the window closes waits for the term's end", take(team(plan.Committed)), "", "2026-03-08 10:00", "2027-03-01", []int64{}, "licence.cancellationScheduled"},
		{"long after waits for the term's end", take(team(plan.Committed)), "", "2026-12-01 10:00", "2027-03-01", []int64{}, "licence.cancellationScheduled"},
		{"of a flexible licence waits too", take(team(plan.Flexible)), "", "2026-12-01 10:00", "2027-03-01", []int64{}, "licence.cancellationScheduled"},
		{"waits inside the window if that is said", take(team(plan.Committed)), licence.AtRenewal, "2026-03-02 10:00", "2027-03-01", []int64{}, "licence.cancellationScheduled"},
		{"of a trial costs nothing and takes effect at once", take(team(plan.Committed), onTrial), "", "2026-03-29 10:00", "2026-03-29", []int64{}, "licence.cancelled"},
		{"of a trial waits for its end if that is said", take(team(plan.Committed), onTrial), licence.AtRenewal, "2026-03-29 10:00", "2026-03-31", []int64{}, "licence.cancellationScheduled"},
		{"gives units back latest first", added, "", "2026-03-06 10:00", "2026-03-06", []int64{-591_78, -1183_56}, "licence.cancelled"},                // 595.07 paid on the 4th, 362 days, 2 used
		{"after a change of plan refunds what the new plan cost", moved, "", "2026-03-06 10:00", "2026-03-06", []int64{-1775_35}, "licence.cancelled"}, // 1,785.21 − 9.86
		{"waits while some units' window is closed", grown(plan.Committed), "", "2026-06-02 10:00", "2027-03-01", []int64{}, "licence.cancellationScheduled"},
		{"of a licence that the partner suspends works as ever", suspended(take(team(plan.Committed)), licence.ByPartner, licence.PartnerSide), "", "2026-03-06 10:00", "2026-03-06", []int64{-1183_56}, "licence.cancelled"},
		{"of one that the publisher suspends waits, and nothing comes back", suspended(take(team(plan.Committed)), licence.Unpaid, licence.PublisherSide), "", "2026-03-06 10:00", "2027-03-01", []int64{}, "licence.cancellationScheduled"},
		{"at once follows one set for the term's end, in the window", cancelLater(), licence.Now, "2026-03-06 10:00", "2026-03-06", []int64{-1183_56}, "licence.cancelled"},
		{"of a licence that doesn't renew makes its end a cancellation", take(team(plan.Committed), once), "", "2026-06-01 10:00", "2027-03-01", []int64{}, "licence.cancellationScheduled"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l, out, err := c.l.Cancel(licence.Cancellation{When: c.when}, at(c.at))
			if err != nil {
				t.Fatal(err)
			}
			wantEqual(t, "amounts", amounts(t, out), c.amounts)
			wantEqual(t, "currency", out.Total.Currency, "EUR")
			wantEqual(t, "ends on", l.EndsOn.String(), c.endsOn)
			wantEqual(t, "ending", l.Ending, licence.Cancelled)
			wantEqual(t, "renews", l.AutoRenew, false)
			wantEqual(t, "quantity", l.Quantity, c.l.Quantity)
			wantFact(t, out, c.kind)
		})
	}
}

// cancelLater is a licence whose cancellation was set for its term's end inside the window.
func cancelLater() licence.Licence {
	l, _, err := take(team(plan.Committed)).Cancel(licence.Cancellation{When: licence.AtRenewal}, at("2026-03-02 10:00"))
	if err != nil {
		panic(err)
	}
	return l
}

func TestCancellationIsRefused(t *testing.T) {
	t.Parallel()
	t.Run("at once when the window is closed", func(t *testing.T) {
		t.Parallel()
		wantRefusal(t, "cancellation_window_closed", take(team(plan.Committed)), cancel(licence.Now, at("2026-03-08 10:00")))
	})
	t.Run("at once when the window of some units is closed", func(t *testing.T) {
		t.Parallel()
		wantRefusal(t, "cancellation_window_closed", grown(plan.Committed), cancel(licence.Now, at("2026-06-02 10:00")))
	})
	t.Run("when one is set already", func(t *testing.T) {
		t.Parallel()
		l := cancelled(take(team(plan.Committed)), at("2026-06-01 10:00"))
		wantRefusal(t, "cancellation_scheduled", l, cancel("", at("2026-06-02 10:00")))
		wantRefusal(t, "cancellation_scheduled", l, cancel(licence.AtRenewal, at("2026-06-02 10:00")))
	})
}

func TestCancellationSetForTheTermsEndIsTakenBackByRenewal(t *testing.T) {
	t.Parallel()
	before := take(team(plan.Committed))
	l := changed(cancelled(before, at("2026-06-01 10:00")), renewing(true), at("2026-06-02 10:00"))
	wantEqual(t, "licence", textOf(l), textOf(before))
	wantEqual(t, "status at the term's end", l.Status(day("2027-03-01")), licence.Active)
	again := cancelled(l, at("2026-06-03 10:00"))
	wantEqual(t, "cancelled again, ends on", again.EndsOn, day("2027-03-01"))
}
