package plan_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/plan"
	"comptoir/shared/problem"
	"comptoir/shared/stamp"
)

func eur(cents int64) money.Money { return money.Money{Amount: cents, Currency: "EUR"} }

// team is a plan that breaks no rule.
func team(with ...func(*plan.Plan)) plan.Plan {
	p := plan.Plan{
		Code: "TEAM", Name: "Team", Commitment: plan.Committed, TrialDays: plan.DefaultTrialDays,
		Prices:  map[calendar.Term]money.Money{calendar.Year: eur(120_00), calendar.Month: eur(12_00)},
		Modules: map[string]int{"expenses": 1},
	}
	for _, w := range with {
		w(&p)
	}
	return p
}

func wantEqual[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func textOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func coded(code string) func(*plan.Plan) { return func(p *plan.Plan) { p.Code = code } }

func priced(term calendar.Term, price money.Money) func(*plan.Plan) {
	return func(p *plan.Plan) { p.Prices = map[calendar.Term]money.Money{term: price} }
}

func opening(module string, seats int) func(*plan.Plan) {
	return func(p *plan.Plan) { p.Modules = map[string]int{module: seats} }
}

func tried(days int) func(*plan.Plan) { return func(p *plan.Plan) { p.TrialDays = days } }

func TestPlansThatBreakNoRule(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		with func(*plan.Plan)
	}{
		{"as most are", func(*plan.Plan) {}},
		{"flexible", func(p *plan.Plan) { p.Commitment = plan.Flexible }},
		{"offered by the month alone (E2)", priced(calendar.Month, eur(1))},
		{"offered by the year alone (E2)", priced(calendar.Year, eur(plan.MaxPrice))},
		{"in another currency", priced(calendar.Year, money.Money{Amount: 1, Currency: "CHF"})},
		{"the shortest code", coded("A1")},
		{"the longest code", coded("A" + strings.Repeat("-9", 19) + "Z")},
		{"without trial", tried(0)},
		{"the longest trial", tried(plan.MaxTrialDays)},
		{"without modules", func(p *plan.Plan) { p.Modules = nil }},
		{"a unit that opens one seat", opening("hr", 1)},
		{"a unit that opens the most seats", opening("h"+strings.Repeat("R", 39), plan.MaxSeatsPerUnit)},
		{"retired", func(p *plan.Plan) { p.Retired = true }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := team(c.with).Check(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Each breaks one rule, and the refusal names the field that does.
func TestPlansThatBreakARule(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		with  func(*plan.Plan)
		field string
	}{
		{"a code of one letter", coded("A"), "path.code"},
		{"a code of forty-one characters", coded(strings.Repeat("A", 41)), "path.code"},
		{"a code in small letters", coded("team"), "path.code"},
		{"a code that starts with a digit", coded("1TEAM"), "path.code"},
		{"a code with a line break", coded("TEAM\n"), "path.code"},
		{"a code with other characters", coded("TEAM#1"), "path.code"},
		{"the plan of partners' own companies (A4)", coded(plan.FreePartner), "path.code"},
		{"the plan of sandboxes (A5)", coded(plan.Sandbox), "path.code"},
		{"no commitment", func(p *plan.Plan) { p.Commitment = "" }, "body.commitment"},
		{"an unknown commitment", func(p *plan.Plan) { p.Commitment = "loose" }, "body.commitment"},
		{"no price", func(p *plan.Plan) { p.Prices = nil }, "body.prices"},
		{"a price of zero", priced(calendar.Year, eur(0)), "body.prices.year"},
		{"a negative price", priced(calendar.Month, eur(-1)), "body.prices.month"},
		{"a price above the highest", priced(calendar.Year, eur(plan.MaxPrice+1)), "body.prices.year"},
		{"a price for a term that is none", priced("week", eur(1)), "body.prices.week"},
		{"a price without currency", priced(calendar.Year, money.Money{Amount: 1}), "body.prices.year"},
		{"a negative trial", tried(-1), "body.trialDays"},
		{"a trial longer than the longest", tried(plan.MaxTrialDays + 1), "body.trialDays"},
		{"a unit that opens no seat", opening("expenses", 0), "body.modules.expenses"},
		{"a unit that opens too many seats", opening("expenses", plan.MaxSeatsPerUnit+1), "body.modules.expenses"},
		{"a module's name with a space", opening("time sheets", 1), "body.modules.time sheets"},
		{"a module's name with a capital first", opening("Expenses", 1), "body.modules.Expenses"},
		{"a module's name of one letter", opening("e", 1), "body.modules.e"},
		{"a module's name of forty-one letters", opening(strings.Repeat("e", 41), 1), "body.modules." + strings.Repeat("e", 41)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := problem.Of(team(c.with).Check())
			if p == nil || p.Kind != problem.KindInvalid || len(p.Fields) != 1 || p.Fields[0].Name != c.field {
				t.Errorf("got %v, want %s to be invalid", p, c.field)
			}
		})
	}
	for _, currency := range []string{"", "€", "eur", "EURO"} {
		t.Run("a currency called "+currency, func(t *testing.T) {
			t.Parallel()
			if problem.Of(team(priced(calendar.Year, money.Money{Amount: 1, Currency: currency})).Check()) == nil {
				t.Error("it passes")
			}
		})
	}
	t.Run("two currencies", func(t *testing.T) {
		t.Parallel()
		p := team()
		p.Prices[calendar.Month] = money.Money{Amount: 12_00, Currency: "CHF"}
		if problem.Of(p.Check()) == nil {
			t.Error("prices in euros and francs pass")
		}
	})
}

func TestEditKeepsWhatIdentifiesThePlan(t *testing.T) {
	t.Parallel()
	before := team()
	before.Stamp = stamp.Stamp{Version: 4, CreatedAt: time.Unix(1, 0), UpdatedAt: time.Unix(2, 0)}
	with := team(coded("OTHER"), priced(calendar.Year, eur(1)), func(p *plan.Plan) { p.Commitment, p.Retired = plan.Flexible, true })
	text := textOf(before)

	after, facts, err := before.Edit(with)
	if err != nil {
		t.Fatal(err)
	}
	want := with
	want.Code, want.Stamp = "TEAM", before.Stamp
	wantEqual(t, "plan", after, want)
	wantEqual(t, "plan edited", textOf(before), text)
	wantEqual(t, "facts", facts, []event.Fact{event.New("plan.changed", map[string]any{
		"code": "TEAM", "name": after.Name, "commitment": "flexible", "prices": after.Prices,
		"modules": map[string]int{"expenses": 1}, "trialDays": 30, "retired": true, "reminders": []int{60, 30, 7, 1},
	})})
}

func TestEditOfAPlanThatIsNewCreatesIt(t *testing.T) {
	t.Parallel()
	after, facts, err := plan.Plan{Code: "TEAM"}.Edit(team(coded("")))
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "plan", after, team())
	wantEqual(t, "kind", facts[0].Kind, "plan.created")
}

func TestEditRefusesWhatBreaksARule(t *testing.T) {
	t.Parallel()
	before := team()
	after, facts, err := before.Edit(team(tried(-1)))
	if p := problem.Of(err); p == nil || p.Fields[0].Name != "body.trialDays" {
		t.Errorf("got %v, want body.trialDays to be invalid", err)
	}
	wantEqual(t, "plan", after, before)
	wantEqual(t, "facts", facts, nil)
	for _, code := range []string{plan.FreePartner, plan.Sandbox} {
		if _, _, err := (plan.Plan{Code: code}).Edit(team()); problem.Of(err) == nil {
			t.Errorf("%s can be edited", code)
		}
	}
}

// Terms are frozen onto a licence when it is taken: editing or retiring its plan alters nothing of it,
// nor what units added to it cost.
func TestEditTouchesNoLicenceTakenBefore(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	p := team()
	l, _, err := licence.Take(licence.Order{LicenceID: "lic_1", Quantity: 10, Term: calendar.Year, AutoRenew: true}, p, licence.At(now, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	before := textOf(l)
	edited, _, err := p.Edit(team(priced(calendar.Month, eur(999_00)), opening("hr", 9), func(p *plan.Plan) { p.Commitment, p.Retired = plan.Flexible, true }))
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "licence", textOf(l), before)

	quantity := 15
	l, out, err := l.Change(licence.Change{Plan: &edited, Quantity: &quantity}, licence.At(now, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "price of the units added", out.Total, eur(600_00))
	wantEqual(t, "commitment", l.Commitment, plan.Committed)
	if !maps.Equal(l.Modules, p.Modules) || !maps.Equal(l.Prices, p.Prices) {
		t.Errorf("the licence has %v and %v", l.Modules, l.Prices)
	}
}

func TestPriceOfATerm(t *testing.T) {
	t.Parallel()
	price, offered := team().Price(calendar.Year)
	wantEqual(t, "price", price, eur(120_00))
	wantEqual(t, "offered", offered, true)
	_, offered = team(priced(calendar.Month, eur(1))).Price(calendar.Year)
	wantEqual(t, "offered by the year", offered, false)
}

// A4, A5: two plans are without end and never sold.
func TestPermanentPlans(t *testing.T) {
	t.Parallel()
	wantEqual(t, "of a partner's own business", team(coded(plan.FreePartner)).Permanent(), true)
	wantEqual(t, "of a sandbox", team(coded(plan.Sandbox)).Permanent(), true)
	wantEqual(t, "sold", team().Permanent(), false)
}

func TestEventsOfAPlan(t *testing.T) {
	t.Parallel()
	p := team()
	p.Version = 3
	wantEqual(t, "about", p.About(), event.About{Kind: "plan", ID: "TEAM", Version: 3, Livemode: true})
}
