package commission_test

import (
	"strings"
	"testing"

	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/money"
	"comptoir/shared/problem"
)

func day(t *testing.T, text string) calendar.Date {
	t.Helper()
	d, err := calendar.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func euros(cents int64) money.Money { return money.Money{Amount: cents, Currency: "EUR"} }

// The precedence of rates: deal, plan, tier, default; of deals the closest.
func TestTheFirstRateThatFitsCounts(t *testing.T) {
	t.Parallel()
	s := commission.Scheme{
		Default: 500, Plans: map[string]int{"PRO": 1000}, Tiers: map[string]int{"gold": 1500, "silver": 700},
		Partners: map[string]string{"par_gold": "gold", "par_silver": "silver"},
		Deals: []commission.Deal{
			{Name: "all", PartnerID: "par_gold", Rate: 1600, From: day(t, "2026-03-01"), Until: day(t, "2026-04-01")},
			{Name: "plan", PartnerID: "par_gold", PlanCode: "START", Rate: 1700},
			{Name: "customer", PartnerID: "par_gold", CustomerID: "cus_a", Rate: 1800},
			{Name: "both", PartnerID: "par_gold", CustomerID: "cus_a", PlanCode: "PRO", Rate: 1900},
			{Name: "later", PartnerID: "par_gold", CustomerID: "cus_a", PlanCode: "PRO", Rate: 2000},
		},
	}
	for _, c := range []struct {
		name, partner, customer, plan, on string
		want                              commission.Rule
	}{
		{"the default", "par_new", "cus_a", "START", "2026-03-10", commission.Rule{Name: "default", Rate: 500}},
		{"the default, for what is paid beyond all charges", "par_new", "cus_a", "", "2026-03-10", commission.Rule{Name: "default", Rate: 500}},
		{"the tier before the default", "par_silver", "cus_a", "START", "2026-03-10", commission.Rule{Name: "tier", Of: "silver", Rate: 700}},
		{"the plan before the tier", "par_silver", "cus_a", "PRO", "2026-03-10", commission.Rule{Name: "plan", Of: "PRO", Rate: 1000}},
		{"the deal before the plan", "par_gold", "cus_b", "PRO", "2026-03-10", commission.Rule{Name: "deal", Of: "all", Rate: 1600}},
		{"a deal from its first day on", "par_gold", "cus_b", "PRO", "2026-03-01", commission.Rule{Name: "deal", Of: "all", Rate: 1600}},
		{"no deal before", "par_gold", "cus_b", "PRO", "2026-02-28", commission.Rule{Name: "plan", Of: "PRO", Rate: 1000}},
		{"no deal from its end on", "par_gold", "cus_b", "OTHER", "2026-04-01", commission.Rule{Name: "tier", Of: "gold", Rate: 1500}},
		{"a plan's deal before one for all", "par_gold", "cus_b", "START", "2026-03-10", commission.Rule{Name: "deal", Of: "plan", Rate: 1700}},
		{"a customer's deal before a plan's", "par_gold", "cus_a", "START", "2026-03-10", commission.Rule{Name: "deal", Of: "customer", Rate: 1800}},
		{"one for both before all, the first of two", "par_gold", "cus_a", "PRO", "2026-03-10", commission.Rule{Name: "deal", Of: "both", Rate: 1900}},
		{"nobody else's deal", "par_silver", "cus_a", "PRO", "2026-03-10", commission.Rule{Name: "plan", Of: "PRO", Rate: 1000}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := s.Rule(c.partner, c.customer, c.plan, day(t, c.on)); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

// F2: the payment, the rule and its version, the rate, the rounding.
func TestEveryCentExplainsItself(t *testing.T) {
	t.Parallel()
	s := commission.Scheme{Default: 1234, Plans: map[string]int{"PRO": 1250}, HoldDays: 7}
	s.Version = 3
	earned := s.Earn("cus_a", []commission.Source{
		{PartnerID: "par_a", PlanCode: "PRO", Base: euros(6_61)},
		{PlanCode: "PRO", Base: euros(1_00)},
		{PartnerID: "par_a", PlanCode: "PRO", Base: euros(3_39)},
		{PartnerID: "par_a", Base: euros(99)},
	}, day(t, "2026-03-10"))
	if len(earned) != 2 || earned[1].PartnerID != "" || earned[1].Parts[0].Amount != euros(0) || earned[1].Parts[0].Rule != "none" {
		t.Fatalf("earned %+v", earned)
	}
	l := earned[0].Line(commission.Collected)
	want := []commission.Part{
		{PlanCode: "PRO", Base: euros(10_00), Rule: "plan", Of: "PRO", Version: 3, Rate: 1250, Amount: euros(1_25)},
		{Base: euros(99), Rule: "default", Version: 3, Rate: 1234, Amount: euros(12), Rounding: 12*10_000 - 99*1234},
	}
	if len(l.Parts) != 2 || l.Parts[0] != want[0] || l.Parts[1] != want[1] || l.Base != euros(10_99) || l.Amount != euros(1_37) || l.DueOn != day(t, "2026-03-17") {
		t.Errorf("the line is %+v", l)
	}
	if found := commission.Check([]commission.Line{l}); len(found) > 0 {
		t.Errorf("reckoned anew: %+v", found)
	}
	for name, spoil := range map[string]func(*commission.Line){
		"a cent more":        func(l *commission.Line) { l.Parts[0].Amount.Amount++; l.Amount.Amount++ },
		"another sum":        func(l *commission.Line) { l.Amount.Amount++ },
		"another base":       func(l *commission.Line) { l.Base.Amount++ },
		"another rate":       func(l *commission.Line) { l.Parts[1].Rate = 1000 },
		"a rounding untold":  func(l *commission.Line) { l.Parts[1].Rounding = 0 },
		"a part that's gone": func(l *commission.Line) { l.Parts = l.Parts[:1] },
	} {
		bad := earned[0].Line(commission.Collected)
		bad.Parts = append([]commission.Part{}, bad.Parts...)
		if spoil(&bad); len(commission.Check([]commission.Line{bad})) == 0 {
			t.Errorf("%s is not found", name)
		}
	}
}

// The rate that was earned is taken back, whatever the scheme says by then; all of it when all has gone back.
func TestWhatIsTakenBackIsWhatWasEarned(t *testing.T) {
	t.Parallel()
	earned := commission.Scheme{Default: 1111}.Earn("cus_a", []commission.Source{{PartnerID: "par_a", PlanCode: "PRO", Base: euros(9_99)}}, day(t, "2026-03-10"))
	sum := earned[0].Parts[0].Amount
	for range 3 {
		var given []commission.Earning
		earned, given = commission.Take(earned, []commission.Source{{PartnerID: "par_a", PlanCode: "PRO", Base: euros(3_33)}})
		l := given[0].Line(commission.Refunded)
		if l.Base != euros(-3_33) || l.Amount.Amount > 0 || l.Parts[0].Rate != 1111 || l.DueOn != day(t, "2026-03-10") {
			t.Errorf("given back is %+v", l)
		}
		sum = sum.Add(l.Amount)
	}
	if sum.Amount != 0 {
		t.Errorf("%v is left of nothing", sum)
	}
}

func TestASchemeThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	fine := func() commission.Scheme {
		return commission.Scheme{Default: 10_000, HoldDays: 365, Minimum: euros(0), Tiers: map[string]int{"or 1er": 0}, Partners: map[string]string{"par_a": "or 1er"}}
	}
	if err := fine().Check(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		field string
		spoil func(*commission.Scheme)
	}{
		"a negative rate":              {"body.default", func(s *commission.Scheme) { s.Default = -1 }},
		"more than all":                {"body.default", func(s *commission.Scheme) { s.Default = 10_001 }},
		"a year and a day":             {"body.holdDays", func(s *commission.Scheme) { s.HoldDays = 366 }},
		"a threshold below nothing":    {"body.minimum", func(s *commission.Scheme) { s.Minimum.Amount = -1 }},
		"a threshold without currency": {"body.minimum", func(s *commission.Scheme) { s.Minimum.Currency = "" }},
		"a tier that takes":            {"body.tiers.tin", func(s *commission.Scheme) { s.Tiers["tin"] = -1 }},
		"a tier without a name":        {"body.tiers", func(s *commission.Scheme) { s.Tiers[""] = 1 }},
		"a name of a novel's length":   {"body.tiers", func(s *commission.Scheme) { s.Tiers[strings.Repeat("a", 61)] = 1 }},
		"a tier that isn't there":      {"body.partners", func(s *commission.Scheme) { s.Partners["par_b"] = "tin" }},
		"a customer with a tier":       {"body.partners", func(s *commission.Scheme) { s.Partners["cus_b"] = "or 1er" }},
		"a plan in small letters":      {"body.plans", func(s *commission.Scheme) { s.Plans = map[string]int{"pro": 1} }},
		"too many deals":               {"body", func(s *commission.Scheme) { s.Deals = make([]commission.Deal, 501) }},
		"a deal for another's customer": {"body.deals[0]", func(s *commission.Scheme) {
			s.Deals = []commission.Deal{{Name: "A", PartnerID: "par_a", CustomerID: "a"}}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := fine()
			c.spoil(&s)
			p := problem.Of(s.Check())
			if p == nil || p.Fields[0].Name != c.field {
				t.Errorf("it is refused as %+v", p)
			}
		})
	}
}
