package licence_test

import (
	"testing"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/plan"
)

// A9, E2: a licence taken is charged for its whole first term, which starts today.
func TestTake(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		with    []func(*licence.Order)
		end     string
		amounts []int64
		effects []string
		endsOn  string
		ending  licence.Status
	}{
		{"by the year is charged for a year", nil, "2027-03-01", []int64{1200_00}, []string{"windowOpens", "renews"}, "", ""},
		{"by the month is charged for a month", []func(*licence.Order){monthly}, "2026-04-01", []int64{120_00}, []string{"windowOpens", "renews"}, "", ""},
		{"without renewal ends with its term", []func(*licence.Order){once}, "2027-03-01", []int64{1200_00}, []string{"windowOpens", "ends"}, "2027-03-01", licence.Expired},
		{"on trial costs nothing for the plan's trial days", []func(*licence.Order){onTrial}, "2026-03-31", []int64{}, []string{"trialStarts", "renews"}, "", ""},
		{"on trial without renewal suspends, it doesn't end", []func(*licence.Order){onTrial, once}, "2026-03-31", []int64{}, []string{"trialStarts", "trialSuspends"}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o, m := order(c.with...), at("2026-03-01 10:00")
			l, out, err := licence.Take(o, team(plan.Committed), m)
			if err != nil {
				t.Fatal(err)
			}
			wantEqual(t, "amounts", amounts(t, out), c.amounts)
			wantEqual(t, "effects", effects(out), c.effects)
			wantEqual(t, "start", l.Start, day("2026-03-01"))
			wantEqual(t, "end", l.End.String(), c.end)
			wantEqual(t, "ends on", l.EndsOn.String(), c.endsOn)
			wantEqual(t, "ending", l.Ending, c.ending)
			wantEqual(t, "renews", l.AutoRenew, o.AutoRenew)
			wantEqual(t, "started", l.StartedAt, m.Now)
			wantEqual(t, "quantity", l.Quantity, 10)
			wantEqual(t, "partner", l.PartnerID, "par_1")
			wantEqual(t, "payment", l.PaymentID, "pay_1")
			wantEqual(t, "payer", l.BillTo, licence.PaidByPartner)
			wantFact(t, out, "licence.taken")
		})
	}
}

func TestTakeChargesOneLineThatExplainsItself(t *testing.T) {
	t.Parallel()
	l, out, err := licence.Take(order(), team(plan.Committed), at("2026-03-01 10:00"))
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "lines", out.Lines, []licence.Line{{
		Kind: licence.Charge, PlanCode: "TEAM", Quantity: 10, UnitPrice: eur(120_00),
		From: day("2026-03-01"), To: day("2027-03-01"), Days: 365, OfDays: 365, Amount: eur(1200_00),
	}})
	wantEqual(t, "batches", l.Batches, []licence.Batch{{
		Quantity: 10, TakenAt: at("2026-03-01 10:00").Now, From: day("2026-03-01"), Paid: eur(1200_00),
	}})
}

// A8: how a licence was taken stays with it and goes into the fact.
func TestTakeKeepsItsOrigin(t *testing.T) {
	t.Parallel()
	for _, origin := range []licence.Origin{licence.Automatic, licence.Manual} {
		l, out, err := licence.Take(order(func(o *licence.Order) { o.Origin = origin }), team(plan.Committed), at("2026-03-01 10:00"))
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "origin", l.Origin, origin)
		wantEqual(t, "origin of the fact", out.Facts[0].Data["origin"], any(string(origin)))
	}
}

// Seven days from the moment, to the instant, wherever midnights and changes of the clocks fall.
func TestCancellationWindowLastsSevenDaysFromTheMoment(t *testing.T) {
	t.Parallel()
	m := at("2026-03-27 18:30") // the clocks go forward on the 29th
	l, _, err := licence.Take(order(), team(plan.Committed), m)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "cancellable until", l.CancellableUntil(calendar.Date{}), m.Now.Add(168*time.Hour))
	wantEqual(t, "on trial", take(team(plan.Committed), onTrial).CancellableUntil(calendar.Date{}), time.Time{})
	wantEqual(t, "of a partner's own company", permanent().CancellableUntil(calendar.Date{}), time.Time{})
}

func TestTakeRefuses(t *testing.T) {
	t.Parallel()
	retired := team(plan.Committed)
	retired.Retired = true
	yearly := team(plan.Committed)
	yearly.Prices = map[calendar.Term]money.Money{calendar.Year: eur(120_00)}
	untried := team(plan.Committed)
	untried.TrialDays = 0
	quantity := func(n int) func(*licence.Order) { return func(o *licence.Order) { o.Quantity = n } }
	for _, c := range []struct {
		name  string
		plan  plan.Plan
		with  func(*licence.Order)
		field string
	}{
		{"a retired plan", retired, monthly, "body.planCode"},
		{"the plan of partners' own companies (A4)", sold(plan.FreePartner, plan.Flexible, 1, 1), monthly, "body.planCode"},
		{"the plan of sandboxes (A5)", sold(plan.Sandbox, plan.Flexible, 1, 1), monthly, "body.planCode"},
		{"a term that the plan isn't offered for", yearly, monthly, "body.term"},
		{"a term that is none", team(plan.Committed), func(o *licence.Order) { o.Term = "week" }, "body.term"},
		{"a trial of a plan without trial", untried, onTrial, "body.trial"},
		{"no units", team(plan.Committed), quantity(0), "body.quantity"},
		{"negative units", team(plan.Committed), quantity(-1), "body.quantity"},
		{"more units than a licence may have", team(plan.Committed), quantity(licence.MaxQuantity + 1), "body.quantity"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l, out, err := licence.Take(order(c.with), c.plan, at("2026-03-01 10:00"))
			wantInvalid(t, c.field, err)
			wantEqual(t, "licence", l, licence.Licence{})
			wantEqual(t, "outcome", out, licence.Outcome{})
		})
	}
}

func TestTakeReachesItsBounds(t *testing.T) {
	t.Parallel()
	dearest := sold("DEAR", plan.Committed, plan.MaxPrice, plan.MaxPrice)
	for _, n := range []int{1, licence.MaxQuantity} {
		_, out, err := licence.Take(order(func(o *licence.Order) { o.Quantity = n }), dearest, at("2026-03-01 10:00"))
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, "amounts", amounts(t, out), []int64{int64(n) * plan.MaxPrice})
	}
}

// The first paid period after a trial is counted from the trial's end.
func TestTrialAnchorsThePaidTermsOnItsEnd(t *testing.T) {
	t.Parallel()
	l := take(team(plan.Committed), onTrial)
	wantEqual(t, "anchor", l.Anchor, day("2026-03-31"))
	wantEqual(t, "batches", l.Batches, []licence.Batch{})
}

// A4, A5: the licences of a partner's own companies cost nothing and nothing ends them.
func TestPermanentLicence(t *testing.T) {
	t.Parallel()
	for _, code := range []string{plan.FreePartner, plan.Sandbox} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			l, out := licence.Permanent("lic_0", "cus_0", plan.Plan{Code: code}, at("2026-03-01 10:00"))
			wantEqual(t, "permanent", l.Permanent(), true)
			wantEqual(t, "price", l.Price().Amount, 0)
			wantEqual(t, "lines", len(out.Lines), 0)
			wantEqual(t, "total", out.Total.Amount, 0)
			wantEqual(t, "end", l.End, calendar.Date{})
			wantEqual(t, "ends on", l.EndsOn, calendar.Date{})
			wantFact(t, out, "licence.taken")
		})
	}
	wantEqual(t, "a sold licence is permanent", take(team(plan.Committed)).Permanent(), false)
}

func TestPayerUnlessSaidOtherwise(t *testing.T) {
	t.Parallel()
	wantEqual(t, "with a partner of record", licence.PayerOf("par_1"), licence.PaidByPartner)
	wantEqual(t, "managed by the publisher", licence.PayerOf(""), licence.PaidByCustomer)
}
