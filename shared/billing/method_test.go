package billing_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"comptoir/shared/billing"
	"comptoir/shared/calendar"
	"comptoir/shared/event"
	"comptoir/shared/problem"
)

var (
	now   = time.Date(2026, 3, 10, 11, 0, 0, 0, time.UTC)
	today = calendar.On(now, time.UTC)
)

func month(text string) calendar.YearMonth {
	m, err := calendar.ParseYearMonth(text)
	if err != nil {
		panic(err)
	}
	return m
}

func debit() billing.NewMethod {
	return billing.NewMethod{Kind: billing.SEPA, IBAN: account, Mandate: "DUPONT-2026/1", SignedOn: today}
}

func card() billing.NewMethod {
	return billing.NewMethod{Kind: billing.Card, Reference: "card_1NsQ", Last4: "4242", Brand: "Visa", Expires: month("2026-03")}
}

func TestAMethodSaysWhatItsKindNeeds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		said  billing.NewMethod
		with  func(*billing.NewMethod)
		wrong []string
	}{
		{"a mandate", debit(), nil, nil},
		{"an account in groups", debit(), func(m *billing.NewMethod) { m.IBAN = "de89 3704 0044 0532 0130 00" }, nil},
		{"a wrong account", debit(), func(m *billing.NewMethod) { m.IBAN = "DE88370400440532013000" }, []string{"body.iban"}},
		{"no account", debit(), func(m *billing.NewMethod) { m.IBAN = "" }, []string{"body.iban"}},
		{"an account elsewhere", debit(), func(m *billing.NewMethod) { m.IBAN = "SA0380000000608010167519" }, []string{"body.iban"}},
		{"no mandate", debit(), func(m *billing.NewMethod) { m.Mandate = " " }, []string{"body.mandate"}},
		{"a mandate of 36 letters", debit(), func(m *billing.NewMethod) { m.Mandate = strings.Repeat("a", 36) }, []string{"body.mandate"}},
		{"a mandate of other letters", debit(), func(m *billing.NewMethod) { m.Mandate = "Café" }, []string{"body.mandate"}},
		{"a mandate of tomorrow", debit(), func(m *billing.NewMethod) { m.SignedOn = today.AddDays(1) }, []string{"body.signedOn"}},
		{"a mandate of no day", debit(), func(m *billing.NewMethod) { m.SignedOn = calendar.Date{} }, []string{"body.signedOn"}},
		{"a mandate with a card", debit(), func(m *billing.NewMethod) { m.Brand = "Visa" }, []string{"body.kind"}},

		{"a card in its last month", card(), nil, nil},
		{"a card without a brand", card(), func(m *billing.NewMethod) { m.Brand = "" }, nil},
		{"a card that expired last month", card(), func(m *billing.NewMethod) { m.Expires = month("2026-02") }, []string{"body.expires"}},
		{"a card for ever", card(), func(m *billing.NewMethod) { m.Expires = calendar.YearMonth{} }, []string{"body.expires"}},
		{"a card without a reference", card(), func(m *billing.NewMethod) { m.Reference = "" }, []string{"body.reference"}},
		{"a card of a long reference", card(), func(m *billing.NewMethod) { m.Reference = strings.Repeat("a", 101) }, []string{"body.reference"}},
		{"a card's number", card(), func(m *billing.NewMethod) { m.Reference = "4242424242424242" }, []string{"body.reference"}},
		{"a card's number in groups", card(), func(m *billing.NewMethod) { m.Reference = "visa 4242 4242 4242 4242" }, []string{"body.reference"}},
		{"a card's number as its brand", card(), func(m *billing.NewMethod) { m.Brand = "4242-4242-4242-4242" }, []string{"body.brand"}},
		{"eleven digits", card(), func(m *billing.NewMethod) { m.Reference = "card_42424242424" }, nil},
		{"a card of three digits", card(), func(m *billing.NewMethod) { m.Last4 = "424" }, []string{"body.last4"}},
		{"a card of four letters", card(), func(m *billing.NewMethod) { m.Last4 = "abcd" }, []string{"body.last4"}},
		{"a card with an account", card(), func(m *billing.NewMethod) { m.IBAN = account }, []string{"body.kind"}},

		{"a transfer", billing.NewMethod{Kind: billing.Transfer}, nil, nil},
		{"a transfer with an account", billing.NewMethod{Kind: billing.Transfer, IBAN: account}, nil, []string{"body.kind"}},
		{"another kind", billing.NewMethod{Kind: "cheque"}, nil, []string{"body.kind"}},
		{"all that is wrong", billing.NewMethod{Kind: billing.Card}, nil, []string{"body.reference", "body.last4", "body.expires"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.with != nil {
				c.with(&c.said)
			}
			_, _, facts, err := billing.Methods{Owner: "cus_dupont"}.Add(c.said, "pay_1", now, today)
			var wrong []string
			if p := problem.Of(err); p != nil {
				for _, f := range p.Fields {
					wrong = append(wrong, f.Name)
				}
			}
			if !slices.Equal(wrong, c.wrong) || (len(facts) == 1) != (err == nil) {
				t.Errorf("wrong are %v (%v), want %v; facts %v", wrong, err, c.wrong, facts)
			}
		})
	}
}

// The IBAN is checked and forgotten: the country and the last four characters are all that is left.
func TestAnIBANIsNotKept(t *testing.T) {
	t.Parallel()
	m, one, facts, err := billing.Methods{Owner: "cus_dupont"}.Add(debit(), "pay_1", now, today)
	if err != nil {
		t.Fatal(err)
	}
	if one.Country != "FR" || one.Last4 != "2606" || one.Mandate != "DUPONT-2026/1" || one.SignedOn != today || !one.AddedAt.Equal(now) {
		t.Errorf("%+v", one)
	}
	if kept := fmt.Sprintf("%+v %+v", m, facts); strings.Contains(kept, account[4:14]) {
		t.Error(kept)
	}
	want := event.New(billing.MethodAdded, map[string]any{"paymentMethodId": "pay_1", "kind": "sepa", "default": true, "last4": "2606"})
	if !reflect.DeepEqual(facts, []event.Fact{want}) {
		t.Errorf("%v, want %v", facts, want)
	}
}

func TestAnExpiredCardIsNoDefault(t *testing.T) {
	t.Parallel()
	m := billing.Methods{Default: "pay_1", All: []billing.Method{
		{ID: "pay_1", Kind: billing.Transfer}, {ID: "pay_2", Kind: billing.Card, Expires: month("2026-02")}, {ID: "pay_3", Kind: billing.Card, Expires: month("2026-03")},
	}}
	if after, _, facts, err := m.Prefer("pay_2", today); err == nil || after.Default != "pay_1" || facts != nil {
		t.Error(after.Default, facts, err)
	}
	if after, _, facts, err := m.Prefer("pay_3", today); err != nil || after.Default != "pay_3" || facts[0].Kind != billing.MethodDefaultSet {
		t.Error(after.Default, facts, err)
	}
	if _, _, facts, err := m.Prefer("pay_1", today); err != nil || facts != nil {
		t.Error(facts, err)
	}
	if _, _, _, err := m.Prefer("pay_4", today); problem.Of(err).Code != "not_found" {
		t.Error(err)
	}
}

func TestAMethodInUseStays(t *testing.T) {
	t.Parallel()
	m := billing.Methods{Default: "pay_1", All: []billing.Method{{ID: "pay_1"}}}
	if after, _, facts, err := m.Remove("pay_1", true); problem.Of(err) == nil || problem.Of(err).Code != "payment_method_in_use" || len(after.All) != 1 || facts != nil {
		t.Error(after, facts, err)
	}
	if _, _, _, err := m.Remove("pay_2", true); problem.Of(err).Code != "not_found" {
		t.Error(err)
	}
}

// Whatever is done to them, there are never too many, the default is one of them as long as there is any, and what was read stays as
// it was.
func TestMethodsStayInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var m billing.Methods
		made := 0
		anyID := func() string { return fmt.Sprint("pay_", rapid.IntRange(0, made).Draw(t, "which")) }
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			before := billing.Methods{Default: m.Default, All: slices.Clone(m.All)}
			read := m
			var after billing.Methods
			var facts []event.Fact
			var err error
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0:
				after, _, facts, err = m.Remove(anyID(), rapid.Bool().Draw(t, "in use"))
			case 1:
				after, _, facts, err = m.Prefer(anyID(), today)
			default:
				made++
				after, _, facts, err = m.Add(billing.NewMethod{Kind: billing.Transfer}, fmt.Sprint("pay_", made), now, today)
			}
			if !reflect.DeepEqual(read.All, before.All) && len(before.All) > 0 {
				t.Fatal("what was read has changed")
			}
			if err != nil && (facts != nil || !reflect.DeepEqual(after, m)) {
				t.Fatalf("a refusal (%v) changes %v to %v", err, m, after)
			}
			if err == nil && (len(facts) == 0) != reflect.DeepEqual(after, m) {
				t.Fatalf("facts %v of %v, then %v", facts, m, after)
			}
			if m = after; len(m.All) > billing.MaxMethods {
				t.Fatal("too many")
			}
			if _, some := m.Preferred(); some != (len(m.All) > 0) {
				t.Fatalf("the default is %s of %v", m.Default, m.All)
			}
			if _, err := before.Find(before.Default); err == nil && m.Default != before.Default {
				if _, err := m.Find(before.Default); err != nil && len(m.All) > 0 && m.Default != m.All[0].ID {
					t.Fatalf("the default went to %s, not to the oldest", m.Default)
				}
			}
		}
	})
}
