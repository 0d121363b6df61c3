package licence_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"comptoir/shared/calendar"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/plan"
	"comptoir/shared/problem"
)

func eur(cents int64) money.Money { return money.Money{Amount: cents, Currency: "EUR"} }

// paris is the publisher's time zone.
var paris = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	return zone
}()

// at is the moment at which clocks in Paris show the text.
func at(text string) licence.Moment {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, paris)
	if err != nil {
		panic(err)
	}
	return licence.At(t.UTC(), paris)
}

// later is the moment that comes some seconds after another.
func later(m licence.Moment, seconds int64) licence.Moment {
	return licence.At(m.Now.Add(time.Duration(seconds)*time.Second), paris)
}

func day(text string) calendar.Date {
	d, err := calendar.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

// team is a plan at 120.00 € a year or 12.00 € a month; its trials last thirty days.
func team(c plan.Commitment) plan.Plan {
	return sold("TEAM", c, 120_00, 12_00)
}

func sold(code string, c plan.Commitment, year, month int64) plan.Plan {
	return plan.Plan{
		Code: code, Name: code, Commitment: c, TrialDays: plan.DefaultTrialDays, Modules: map[string]int{"expenses": 1},
		Prices: map[calendar.Term]money.Money{calendar.Year: eur(year), calendar.Month: eur(month)},
	}
}

// order is for ten units by the year, renewed automatically.
func order(with ...func(*licence.Order)) licence.Order {
	o := licence.Order{
		LicenceID: "lic_1", CustomerID: "cus_1", PartnerID: "par_1", Origin: licence.Manual, Quantity: 10,
		Term: calendar.Year, AutoRenew: true, BillTo: licence.PaidByPartner, PaymentID: "pay_1",
	}
	for _, w := range with {
		w(&o)
	}
	return o
}

func monthly(o *licence.Order) { o.Term = calendar.Month }
func onTrial(o *licence.Order) { o.Trial = true }
func once(o *licence.Order)    { o.AutoRenew = false }

// take takes a licence on 1 March 2026, at ten in the morning.
func take(p plan.Plan, with ...func(*licence.Order)) licence.Licence {
	l, _, err := licence.Take(order(with...), p, at("2026-03-01 10:00"))
	if err != nil {
		panic(err)
	}
	return l
}

// changed is the licence after changes that nothing refuses.
func changed(l licence.Licence, c licence.Change, m licence.Moment) licence.Licence {
	l, _, err := l.Change(c, m)
	if err != nil {
		panic(err)
	}
	return l
}

func cancelled(l licence.Licence, m licence.Moment) licence.Licence {
	l, _, err := l.Cancel(licence.Cancellation{}, m)
	if err != nil {
		panic(err)
	}
	return l
}

func suspended(l licence.Licence, r licence.Reason, by licence.Side) licence.Licence {
	l, _, err := l.Suspend(r, by, "", at("2026-03-02 10:00"))
	if err != nil {
		panic(err)
	}
	return l
}

// permanent is the licence of one of a partner's own companies.
func permanent() licence.Licence {
	l, _ := licence.Permanent("lic_0", "cus_0", plan.Plan{Code: plan.FreePartner, Commitment: plan.Flexible}, at("2026-03-01 10:00"))
	return l
}

// textOf is everything that a value holds, for comparing it with what it was.
func textOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// amounts are those of the lines, checked against their sum.
func amounts(t *testing.T, out licence.Outcome) []int64 {
	t.Helper()
	all, sum := []int64{}, int64(0)
	for _, line := range out.Lines {
		all = append(all, line.Amount.Amount)
		sum += line.Amount.Amount
	}
	if out.Total != eur(sum) {
		t.Errorf("the total is %v, the lines make %v", out.Total, eur(sum))
	}
	return all
}

func effects(out licence.Outcome) []string {
	codes := []string{}
	for _, e := range out.Effects {
		codes = append(codes, e.Code)
	}
	return codes
}

// wantFact fails unless the outcome records just this kind of fact.
func wantFact(t *testing.T, out licence.Outcome, kind string) {
	t.Helper()
	if len(out.Facts) != 1 || out.Facts[0].Kind != kind {
		t.Errorf("recorded %v, want one %s", out.Facts, kind)
	}
}

func wantEqual[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// wantRefusal fails unless the operation is refused with the code, the licence coming back as it was
// and no fact being recorded.
func wantRefusal(t *testing.T, code string, l licence.Licence, op operation) {
	t.Helper()
	before := textOf(l)
	after, out, err := op(l)
	p := problem.Of(err)
	switch {
	case p == nil:
		t.Fatalf("got %v, want the refusal %s", err, code)
	case p.Code != code:
		t.Errorf("refused with %v, want %s", p, code)
	case textOf(after) != before:
		t.Errorf("the refusal %s changed the licence from\n%s to\n%s", code, before, textOf(after))
	case len(out.Facts) > 0:
		t.Errorf("the refusal %s records %v", code, out.Facts)
	}
}

// wantInvalid fails unless the error is about the field.
func wantInvalid(t *testing.T, field string, err error) {
	t.Helper()
	p := problem.Of(err)
	if p == nil || p.Kind != problem.KindInvalid || len(p.Fields) != 1 || p.Fields[0].Name != field {
		t.Errorf("got %v, want %s to be invalid", err, field)
	}
}

type operation func(licence.Licence) (licence.Licence, licence.Outcome, error)

func change(c licence.Change, m licence.Moment) operation {
	return func(l licence.Licence) (licence.Licence, licence.Outcome, error) { return l.Change(c, m) }
}

func cancel(when licence.When, m licence.Moment) operation {
	return func(l licence.Licence) (licence.Licence, licence.Outcome, error) {
		return l.Cancel(licence.Cancellation{When: when}, m)
	}
}

func suspend(r licence.Reason, by licence.Side, m licence.Moment) operation {
	return func(l licence.Licence) (licence.Licence, licence.Outcome, error) { return l.Suspend(r, by, "", m) }
}

func resume(r licence.Reason, by licence.Side, m licence.Moment) operation {
	return func(l licence.Licence) (licence.Licence, licence.Outcome, error) { return l.Resume(r, by, "", m) }
}

// work has the worker come.
func work(m licence.Moment) operation {
	return func(l licence.Licence) (licence.Licence, licence.Outcome, error) {
		after, out := l.FallDue(m)
		return after, out, nil
	}
}

func units(n int) licence.Change { return licence.Change{Quantity: &n} }

func renewing(on bool) licence.Change { return licence.Change{AutoRenew: &on} }

// A11: the status follows from the rest of the licence, on any day.
func TestStatusOnADay(t *testing.T) {
	t.Parallel()
	paid := take(team(plan.Committed))
	twice := suspended(suspended(paid, licence.ByPartner, licence.PartnerSide), licence.Unpaid, licence.PublisherSide)
	early := cancelled(paid, at("2026-03-05 10:00"))
	late := cancelled(paid, at("2026-06-01 10:00"))
	for _, c := range []struct {
		name string
		l    licence.Licence
		on   string
		want licence.Status
	}{
		{"a paid licence is active", paid, "2026-03-01", licence.Active},
		{"a licence that renews stays active past its term", paid, "2027-03-01", licence.Active},
		{"a trial is a trial", take(team(plan.Committed), onTrial), "2026-03-30", licence.Trial},
		{"a reason suspends", suspended(paid, licence.ByPartner, licence.PartnerSide), "2026-03-02", licence.Suspended},
		{"two reasons suspend", twice, "2026-03-02", licence.Suspended},
		{"a trial with a reason is suspended", suspended(take(team(plan.Committed), onTrial), licence.Abuse, licence.PublisherSide), "2026-03-02", licence.Suspended},
		{"a cancellation inside the window ends it the same day", early, "2026-03-05", licence.Cancelled},
		{"a later cancellation leaves it active up to the last day of its term", late, "2027-02-28", licence.Active},
		{"a later cancellation ends it with its term", late, "2027-03-01", licence.Cancelled},
		{"a licence that doesn't renew is active up to the last day of its term", take(team(plan.Committed), once), "2027-02-28", licence.Active},
		{"a licence that doesn't renew expires with its term", take(team(plan.Committed), once), "2027-03-01", licence.Expired},
		{"a suspended licence that ends is over, not suspended", suspended(take(team(plan.Committed), once), licence.Unpaid, licence.PublisherSide), "2027-03-01", licence.Expired},
		{"the licence of a partner's own company is active for ever", permanent(), "2126-03-01", licence.Active},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := c.l.Status(day(c.on))
			wantEqual(t, "status", got, c.want)
			wantEqual(t, "ended", c.l.Ended(day(c.on)), got == licence.Cancelled || got == licence.Expired)
			if !slices.Contains(licence.Statuses, got) {
				t.Errorf("%s is not in the list of statuses", got)
			}
		})
	}
}

// A10: a licence counts from the day it was taken up to the day before its end.
func TestDaysInForce(t *testing.T) {
	t.Parallel()
	paid := take(team(plan.Committed))
	never := calendar.Date{}
	for _, c := range []struct {
		name   string
		l      licence.Licence
		to     calendar.Date
		counts bool
	}{
		{"one that renews has no known end", paid, never, true},
		{"a trial counts", take(team(plan.Committed), onTrial), never, true},
		{"one that doesn't renew counts up to the end of its term", take(team(plan.Committed), once), day("2027-03-01"), true},
		{"suspension doesn't interrupt", suspended(paid, licence.Unpaid, licence.PublisherSide), never, true},
		{"one cancelled inside the window counts up to that day", cancelled(paid, at("2026-03-05 10:00")), day("2026-03-05"), true},
		{"one given back on the day it was taken counts for no day", cancelled(paid, at("2026-03-01 18:00")), day("2026-03-01"), true},
		{"one cancelled later counts up to the end of its term", cancelled(paid, at("2026-06-01 10:00")), day("2027-03-01"), true},
		{"one of a partner's own companies never counts (A4)", permanent(), never, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			from, to, counts := c.l.InForce()
			wantEqual(t, "from", from, day("2026-03-01"))
			wantEqual(t, "to", to, c.to)
			wantEqual(t, "counts", counts, c.counts)
		})
	}
	t.Run("no licence counts for nothing", func(t *testing.T) {
		t.Parallel()
		if _, _, counts := (licence.Licence{}).InForce(); counts {
			t.Error("the zero licence counts")
		}
	})
}

func TestRenewalDate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		l    licence.Licence
		on   string
		want calendar.Date
	}{
		{"is the end of the running term", take(team(plan.Committed)), "2026-03-01", day("2027-03-01")},
		{"is that of the trial during a trial", take(team(plan.Committed), onTrial), "2026-03-01", day("2026-03-31")},
		{"is shown for a licence that won't renew", take(team(plan.Committed), once), "2027-02-28", day("2027-03-01")},
		{"is none once the licence has ended", take(team(plan.Committed), once), "2027-03-01", calendar.Date{}},
		{"is none for a partner's own company", permanent(), "2026-03-01", calendar.Date{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantEqual(t, "renewal date", c.l.RenewsOn(day(c.on)), c.want)
		})
	}
}

func TestPriceIsThatOfAllUnitsForOneTerm(t *testing.T) {
	t.Parallel()
	wantEqual(t, "by the year", take(team(plan.Committed)).Price(), eur(1200_00))
	wantEqual(t, "by the month", take(team(plan.Committed), monthly).Price(), eur(120_00))
	wantEqual(t, "on trial, what follows", take(team(plan.Committed), onTrial).Price(), eur(1200_00))
}

// An instant belongs to the civil day of the publisher's time zone.
func TestMomentIsInThePublishersTimeZone(t *testing.T) {
	t.Parallel()
	m := at("2026-07-01 00:30")
	wantEqual(t, "day", m.Today, day("2026-07-01"))
	wantEqual(t, "instant", m.Now.Format(time.RFC3339), "2026-06-30T22:30:00Z")
}
