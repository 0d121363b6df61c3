package licence_test

import (
	"testing"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/plan"
)

// grown is a licence of ten units taken on 1 March and five on 1 June 2026, by the year.
func grown(c plan.Commitment) licence.Licence {
	return changed(take(team(c)), units(15), at("2026-06-01 10:00"))
}

// quantities are those of the batches, oldest first.
func quantities(l licence.Licence) []int {
	all := []int{}
	for _, b := range l.Batches {
		all = append(all, b.Quantity)
	}
	return all
}

func TestUnitsAddedAreChargedByTheDayToTheEndOfThePeriod(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		l      licence.Licence
		at     string
		amount int64
	}{
		{"of a committed licence", take(team(plan.Committed)), "2026-06-01 10:00", 448_77}, // 5 × 120.00 × 273 / 365
		{"of a flexible licence", take(team(plan.Flexible)), "2026-06-01 10:00", 448_77},
		{"on the first day", take(team(plan.Committed)), "2026-03-01 23:59", 600_00},
		{"on the last day", take(team(plan.Committed)), "2027-02-28 23:59", 1_64},        // 600.00 / 365
		{"by the month", take(team(plan.Committed), monthly), "2026-03-11 10:00", 40_65}, // 60.00 × 21 / 31
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := at(c.at)
			l, out, err := c.l.Change(units(15), m)
			if err != nil {
				t.Fatal(err)
			}
			wantEqual(t, "amounts", amounts(t, out), []int64{c.amount})
			wantEqual(t, "effects", effects(out), []string{"windowOpens"})
			wantEqual(t, "quantity", l.Quantity, 15)
			wantEqual(t, "batches", quantities(l), []int{10, 5})
			wantEqual(t, "window of the new units", l.Batches[1].RefundableUntil(), m.Now.Add(7*24*time.Hour))
			wantEqual(t, "window of the old units", l.CancellableUntil(calendar.Date{}), c.l.CancellableUntil(calendar.Date{}))
			wantEqual(t, "period", l.End, c.l.End)
			wantFact(t, out, "licence.changed")
		})
	}
}

func TestFlexibleQuantityFallsFreelyWithADailyCredit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		l       licence.Licence
		to      int
		at      string
		amounts []int64
		left    []int
	}{
		{"long after the window", take(team(plan.Flexible)), 7, "2026-06-01 10:00", []int64{-269_26}, []int{7}}, // 360.00 − 90.74 for 92 days
		{"down to one unit", take(team(plan.Flexible)), 1, "2026-06-01 10:00", []int64{-807_78}, []int{1}},      // 1,080.00 − 272.22
		{"the same day, for nothing", take(team(plan.Flexible)), 7, "2026-03-01 20:00", []int64{-360_00}, []int{7}},
		{"on the last day, by that day", take(team(plan.Flexible)), 7, "2027-02-28 10:00", []int64{-99}, []int{7}}, // 360.00 − 359.01
		{"latest units first", grown(plan.Flexible), 12, "2026-06-11 10:00", []int64{-259_40}, []int{10, 2}},       // 269.26 − 9.86 for 10 of 273 days
		{"through several batches", grown(plan.Flexible), 8, "2026-06-11 10:00", []int64{-432_33, -172_93}, []int{8}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l, out, err := c.l.Change(units(c.to), at(c.at))
			if err != nil {
				t.Fatal(err)
			}
			wantEqual(t, "amounts", amounts(t, out), c.amounts)
			wantEqual(t, "batches", quantities(l), c.left)
			wantEqual(t, "quantity", l.Quantity, c.to)
			for _, line := range out.Lines {
				wantEqual(t, "kind", line.Kind, licence.Credit)
				wantEqual(t, "days", line.Days, line.From.DaysUntil(line.To))
			}
			wantFact(t, out, "licence.changed")
		})
	}
}

// Rule "Commitment": the quantity falls only inside the window of the units concerned.
func TestCommittedQuantityFallsOnlyInsideTheWindowOfTheUnitsConcerned(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		l       licence.Licence
		to      int
		at      string
		amounts []int64 // none: refused
	}{
		{"inside the window of all", take(team(plan.Committed)), 7, "2026-03-06 10:00", []int64{-355_07}}, // 360.00 − 4.93
		{"up to its last minute", take(team(plan.Committed)), 7, "2026-03-08 09:59", []int64{-353_10}},
		{"not at the instant that it closes", take(team(plan.Committed)), 7, "2026-03-08 10:00", nil},
		{"not after it", take(team(plan.Committed)), 9, "2026-06-01 10:00", nil},
		{"by the latest units, inside theirs", grown(plan.Committed), 12, "2026-06-04 10:00", []int64{-266_30}}, // 269.26 − 2.96
		{"by all of the latest units", grown(plan.Committed), 10, "2026-06-04 10:00", []int64{-443_84}},         // 448.77 − 4.93
		{"not by one unit more than those", grown(plan.Committed), 9, "2026-06-04 10:00", nil},
		{"not once the latest units' window is closed", grown(plan.Committed), 14, "2026-06-08 10:00", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.amounts == nil {
				wantRefusal(t, "cancellation_window_closed", c.l, change(units(c.to), at(c.at)))
				return
			}
			l, out, err := c.l.Change(units(c.to), at(c.at))
			if err != nil {
				t.Fatal(err)
			}
			wantEqual(t, "amounts", amounts(t, out), c.amounts)
			wantEqual(t, "quantity", l.Quantity, c.to)
			wantEqual(t, "window of the oldest units", l.CancellableUntil(calendar.Date{}), c.l.CancellableUntil(calendar.Date{}))
		})
	}
}

func TestChangeOfPlanCreditsTheDaysLeftAndChargesThemAnew(t *testing.T) {
	t.Parallel()
	plus := sold("TEAM-PLUS", plan.Committed, 180_00, 18_00)
	before := take(team(plan.Committed))
	l, out, err := before.Change(licence.Change{Plan: &plus}, at("2026-06-01 10:00"))
	if err != nil {
		t.Fatal(err)
	}
	// 1,200.00 − 302.47 for 92 of 365 days back; 1,800.00 × 273 / 365.
	wantEqual(t, "amounts", amounts(t, out), []int64{-897_53, 1346_30})
	wantEqual(t, "plan credited", out.Lines[0].PlanCode, "TEAM")
	wantEqual(t, "plan charged", out.Lines[1].PlanCode, "TEAM-PLUS")
	wantEqual(t, "plan", l.PlanCode, "TEAM-PLUS")
	wantEqual(t, "modules", l.Modules, plus.Modules)
	wantEqual(t, "price", l.Price(), eur(1800_00))
	wantEqual(t, "period's start", l.Start, before.Start)
	wantEqual(t, "period's end", l.End, before.End)
	wantFact(t, out, "licence.changed")
}

func TestChangeOfTermStartsANewTermToday(t *testing.T) {
	t.Parallel()
	l, out, err := take(team(plan.Committed), monthly).Change(licence.Change{Term: calendar.Year}, at("2026-03-16 10:00"))
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "amounts", amounts(t, out), []int64{-61_94, 1200_00}) // 120.00 − 58.06 for 15 of 31 days
	wantEqual(t, "effects", effects(out), []string{"termStarts"})
	wantEqual(t, "anchor", l.Anchor, day("2026-03-16"))
	wantEqual(t, "start", l.Start, day("2026-03-16"))
	wantEqual(t, "end", l.End, day("2027-03-16"))
	wantEqual(t, "period", l.TermIndex, 0)
	wantEqual(t, "ends on", l.EndsOn, calendar.Date{})

	t.Run("and moves a known end to the end of that", func(t *testing.T) {
		t.Parallel()
		l := changed(take(team(plan.Committed), monthly, once), licence.Change{Term: calendar.Year}, at("2026-03-16 10:00"))
		wantEqual(t, "ends on", l.EndsOn, day("2027-03-16"))
		wantEqual(t, "ending", l.Ending, licence.Expired)
	})
}

// Units keep the moment they were taken: giving all back stays possible just as long as before.
func TestChangeOfPlanOpensNoSecondWindow(t *testing.T) {
	t.Parallel()
	plus := sold("TEAM-PLUS", plan.Committed, 180_00, 18_00)
	first, second := at("2026-03-01 10:00").Now, at("2026-06-01 10:00").Now
	for _, c := range []struct {
		name   string
		l      licence.Licence
		change licence.Change
		at     string
		taken  []time.Time
		left   []int
	}{
		{"of plan", grown(plan.Committed), licence.Change{Plan: &plus}, "2026-06-04 10:00", []time.Time{first, second}, []int{10, 5}},
		{"of plan after every window", grown(plan.Committed), licence.Change{Plan: &plus}, "2026-09-01 10:00", []time.Time{first, second}, []int{10, 5}},
		{"of term", take(team(plan.Committed), monthly), licence.Change{Term: calendar.Year}, "2026-03-16 10:00", []time.Time{first}, []int{10}},
		{
			"of plan and quantity: only what is added has a new one", grown(plan.Committed), with(units(18), &plus), "2026-09-01 10:00",
			[]time.Time{first, second, at("2026-09-01 10:00").Now},
			[]int{10, 5, 3},
		},
		{
			"of plan and quantity: what is given back is the latest", grown(plan.Committed), with(units(12), &plus), "2026-06-04 10:00",
			[]time.Time{first, second},
			[]int{10, 2},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := changed(c.l, c.change, at(c.at))
			taken := []time.Time{}
			for _, b := range l.Batches {
				taken = append(taken, b.TakenAt)
			}
			wantEqual(t, "taken", taken, c.taken)
			wantEqual(t, "quantities", quantities(l), c.left)
		})
	}
}

func with(c licence.Change, p *plan.Plan) licence.Change {
	c.Plan = p
	return c
}

// A committed licence isn't lowered by way of another plan or term either.
func TestCommittedLicenceIsBoundOutsideTheWindow(t *testing.T) {
	t.Parallel()
	plus, lite := sold("TEAM-PLUS", plan.Committed, 180_00, 18_00), sold("TEAM-LITE", plan.Committed, 60_00, 6_00)
	loose, token := sold("TEAM-LOOSE", plan.Flexible, 120_00, 12_00), sold("TEAM-TOKEN", plan.Committed, 1, 1)
	const inside, outside = "2026-03-06 10:00", "2026-06-01 10:00"
	for _, c := range []struct {
		name    string
		l       licence.Licence
		change  licence.Change
		at      string
		refused bool
	}{
		{"a cheaper plan inside the window is fine", take(team(plan.Committed)), licence.Change{Plan: &lite}, inside, false},
		{"a cheaper plan after it is refused", take(team(plan.Committed)), licence.Change{Plan: &lite}, outside, true},
		{"a cheaper plan of more units is refused", take(team(plan.Committed)), with(units(40), &lite), outside, true},
		{"a flexible plan after it is refused", take(team(plan.Committed)), licence.Change{Plan: &loose}, outside, true},
		{"a year that costs less than the month is refused", take(team(plan.Committed), monthly), licence.Change{Plan: &token, Term: calendar.Year}, "2026-03-20 10:00", true},
		{"a dearer plan is fine", take(team(plan.Committed)), licence.Change{Plan: &plus}, outside, false},
		{"a dearer plan of fewer units is refused", take(team(plan.Committed)), with(units(9), &plus), outside, true},
		{"a shorter term inside the window is fine", take(team(plan.Committed)), licence.Change{Term: calendar.Month}, inside, false},
		{"a shorter term after it is refused", take(team(plan.Committed)), licence.Change{Term: calendar.Month}, outside, true},
		{"a longer term is fine", take(team(plan.Committed), monthly), licence.Change{Term: calendar.Year}, "2026-03-20 10:00", false},
		{"a dearer plan of the latest units less, inside theirs, is fine", grown(plan.Committed), with(units(10), &plus), "2026-06-04 10:00", false},
		{"a dearer plan of still fewer is refused", grown(plan.Committed), with(units(9), &plus), "2026-06-04 10:00", true},
		{"a dearer plan of fewer is refused from the instant that window closes", grown(plan.Committed), with(units(14), &plus), "2026-06-08 10:00", true},
		{"a flexible licence takes a cheaper plan at any time", take(team(plan.Flexible)), with(units(2), &lite), outside, false},
		{"a flexible licence takes a shorter term at any time", take(team(plan.Flexible)), licence.Change{Term: calendar.Month}, outside, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.refused {
				wantRefusal(t, "cancellation_window_closed", c.l, change(c.change, at(c.at)))
				return
			}
			_, out, err := c.l.Change(c.change, at(c.at))
			if err != nil {
				t.Fatal(err)
			}
			amounts(t, out)
		})
	}
}

// Nothing is paid during a trial, so everything can change for nothing.
func TestTrialChangesFreely(t *testing.T) {
	t.Parallel()
	lite := sold("TEAM-LITE", plan.Committed, 60_00, 6_00)
	before := take(team(plan.Committed), onTrial)
	l, out, err := before.Change(licence.Change{Plan: &lite, Quantity: units(3).Quantity, Term: calendar.Month}, at("2026-03-20 10:00"))
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "amounts", amounts(t, out), []int64{})
	wantEqual(t, "price that follows", l.Price(), eur(18_00))
	wantEqual(t, "end", l.End, before.End)
	wantEqual(t, "on trial", l.OnTrial, true)
	wantEqual(t, "batches", l.Batches, []licence.Batch{})
	wantFact(t, out, "licence.changed")
}

func TestChangeIsInvalid(t *testing.T) {
	t.Parallel()
	retired := sold("OLD", plan.Committed, 180_00, 18_00)
	retired.Retired = true
	yearly := sold("YEARLY", plan.Committed, 180_00, 18_00)
	delete(yearly.Prices, calendar.Month)
	swiss := sold("SWISS", plan.Committed, 180_00, 18_00)
	swiss.Prices = map[calendar.Term]money.Money{calendar.Year: {Amount: 180_00, Currency: "CHF"}}
	sandbox := sold(plan.Sandbox, plan.Committed, 180_00, 18_00)
	for _, c := range []struct {
		name   string
		l      licence.Licence
		change licence.Change
		field  string
	}{
		{"to a retired plan", take(team(plan.Committed)), licence.Change{Plan: &retired}, "body.planCode"},
		{"to the plan of sandboxes (A5)", take(team(plan.Committed)), licence.Change{Plan: &sandbox}, "body.planCode"},
		{"to a plan in another currency", take(team(plan.Committed)), licence.Change{Plan: &swiss}, "body.planCode"},
		{"to a plan not offered for the term", take(team(plan.Committed), monthly), licence.Change{Plan: &yearly}, "body.term"},
		{"to a term that the plan isn't offered for", take(yearly), licence.Change{Term: calendar.Month}, "body.term"},
		{"to a term that is none", take(team(plan.Committed)), licence.Change{Term: "week"}, "body.term"},
		{"to no units", take(team(plan.Flexible)), units(0), "body.quantity"},
		{"to negative units", take(team(plan.Flexible)), units(-1), "body.quantity"},
		{"to more units than a licence may have", take(team(plan.Flexible)), units(licence.MaxQuantity + 1), "body.quantity"},
	} {
		for _, when := range []licence.When{"", licence.Now, licence.AtRenewal} {
			t.Run(c.name+" "+string(when), func(t *testing.T) {
				t.Parallel()
				ch := c.change
				ch.When = when
				wantRefusal(t, "invalid_input", c.l, change(ch, at("2026-03-02 10:00")))
				_, _, err := c.l.Change(ch, at("2026-03-02 10:00"))
				wantInvalid(t, c.field, err)
			})
		}
	}
}

func TestChangeToWhatTheLicenceHasIsNothingToChange(t *testing.T) {
	t.Parallel()
	dearer := sold("TEAM", plan.Flexible, 999_00, 99_00) // its own plan as it is sold today: the terms agreed stay
	payment := "pay_1"
	for _, c := range []struct {
		name   string
		change licence.Change
	}{
		{"nothing said", licence.Change{}},
		{"only when", licence.Change{When: licence.AtRenewal}},
		{"the same quantity", units(10)},
		{"the same plan", licence.Change{Plan: &dearer}},
		{"the same term", licence.Change{Term: calendar.Year}},
		{"the same renewal", renewing(true)},
		{"the same payer", licence.Change{BillTo: licence.PaidByPartner}},
		{"the same payment method", licence.Change{PaymentID: &payment}},
		{"dropping a change where none is scheduled", licence.Change{DropScheduled: true}},
		{"all of it", licence.Change{Plan: &dearer, Quantity: units(10).Quantity, Term: calendar.Year, AutoRenew: renewing(true).AutoRenew, BillTo: licence.PaidByPartner, PaymentID: &payment, DropScheduled: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantRefusal(t, "invalid_input", take(team(plan.Committed)), change(c.change, at("2026-03-02 10:00")))
		})
	}
}

func TestPayerAndPaymentMethodChangeForNothing(t *testing.T) {
	t.Parallel()
	other, none := "pay_2", ""
	for _, c := range []struct {
		name    string
		change  licence.Change
		payer   licence.Payer
		payment string
	}{
		{"the payer", licence.Change{BillTo: licence.PaidByCustomer}, licence.PaidByCustomer, "pay_1"},
		{"the payment method", licence.Change{PaymentID: &other}, licence.PaidByPartner, "pay_2"},
		{"to no payment method", licence.Change{PaymentID: &none}, licence.PaidByPartner, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l, out, err := take(team(plan.Committed)).Change(c.change, at("2026-06-01 10:00"))
			if err != nil {
				t.Fatal(err)
			}
			wantEqual(t, "amounts", amounts(t, out), []int64{})
			wantEqual(t, "total", out.Total, eur(0))
			wantEqual(t, "payer", l.BillTo, c.payer)
			wantEqual(t, "payment method", l.PaymentID, c.payment)
			wantFact(t, out, "licence.changed")
		})
	}
}
