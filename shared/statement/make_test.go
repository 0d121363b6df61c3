package statement_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"comptoir/shared/billing"
	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/payment"
	"comptoir/shared/statement"
)

func month(t interface{ Fatal(...any) }, text string) calendar.YearMonth {
	m, err := calendar.ParseYearMonth(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func cents(n int64) money.Money { return money.Money{Amount: n, Currency: "EUR"} }

// drawn are random lines of a month: what was collected, what went back and what was paid out.
func drawn(t *rapid.T) ([]payment.Charge, []commission.Line) {
	var charges []payment.Charge
	for n := range rapid.IntRange(0, 5).Draw(t, "charges") {
		c := payment.Charge{ID: fmt.Sprint("chg_", n), Total: cents(0)}
		for range rapid.IntRange(0, 3).Draw(t, "lines") {
			l := licence.Line{Kind: licence.Charge, Amount: cents(rapid.Int64Range(-1e9, 1e9).Draw(t, "amount"))}
			c.Lines, c.Total = append(c.Lines, l), c.Total.Add(l.Amount)
		}
		if len(c.Lines) == 0 {
			c.Total = cents(rapid.Int64Range(-1e9, -1).Draw(t, "given back"))
		}
		charges = append(charges, c)
	}
	var lines []commission.Line
	kinds := []commission.Kind{commission.Collected, commission.Refunded, commission.Failed, commission.PaidOut, commission.Returned}
	for n := range rapid.IntRange(0, 8).Draw(t, "ledger") {
		lines = append(lines, commission.Line{
			ID: fmt.Sprint("com_", n), Kind: rapid.SampledFrom(kinds).Draw(t, "kind"),
			Base: cents(rapid.Int64Range(-1e9, 1e9).Draw(t, "base")), Amount: cents(rapid.Int64Range(-1e9, 1e9).Draw(t, "commission")),
		})
	}
	return charges, lines
}

// F6: a statement adds up, and says so of nothing that doesn't; what was made can be made again from the same lines and no others.
func TestAStatementAlwaysAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		charges, lines := drawn(t)
		opening := cents(rapid.Int64Range(-1e9, 1e9).Draw(t, "opening"))
		closing, sold := opening, cents(0)
		for _, l := range lines {
			closing = closing.Add(l.Amount)
		}
		for _, c := range charges {
			sold = sold.Add(c.Total)
		}
		f := statement.Frame{
			PartnerID: "par_martin", Period: month(t, "2026-03"), Currency: "EUR", Opening: opening, Closing: closing, Pending: cents(0),
			Payable: cents(rapid.Int64Range(-1e9, 1e9).Draw(t, "payable")), Minimum: cents(50_00),
			Partner: billing.Details{IBAN: rapid.SampledFrom([]string{"", "FR1420041010050500013M02606"}).Draw(t, "account")},
		}
		s, err := f.Make(charges, lines)
		if err != nil {
			t.Fatal(err)
		}
		if s.Closing != money.Sum(s.Opening, s.Commissions, s.Clawbacks, s.Payouts) || s.Closing != closing || s.Sales != sold || s.Lines != len(s.Sold)+len(lines) {
			t.Fatalf("%+v doesn't add up", s.Head)
		}
		p := s.Payout
		if p.Gross != p.Net.Add(p.Tax) || p.Net.Amount < 0 || (p.Why == "") != (p.Net.Amount > 0) || p.Why == "" && (p.Net != f.Payable || p.Account != "2606") {
			t.Fatalf("it pays %+v of %v", p, f.Payable)
		}
		if again, err := s.With(charges, lines); err != nil || fmt.Sprint(again) != fmt.Sprint(s) {
			t.Fatalf("made again: %v", err)
		}
		f.Closing = closing.Add(cents(rapid.SampledFrom([]int64{-1, 1}).Draw(t, "a cent")))
		if _, err := f.Make(charges, lines); err == nil {
			t.Fatal("a cent that is missing is not noticed")
		}
		if len(lines) > 0 {
			lines[0].Amount = lines[0].Amount.Add(cents(1))
			if _, err := s.With(charges, lines); err == nil {
				t.Fatal("a line that has changed is not noticed")
			}
		}
	})
}

// The rule "Money": what is paid, when, and with which tax.
func TestWhatIsPaidForAMonth(t *testing.T) {
	t.Parallel()
	const iban = "FR1420041010050500013M02606"
	for name, c := range map[string]struct {
		payable, minimum int64
		iban             string
		country, vat     string
		want             string // net, tax, treatment, why
	}{
		"at home":                             {123_45, 50_00, iban, "FR", "", "123.45 EUR 24.69 EUR domestic "},
		"rounded":                             {12_13, 0, iban, "FR", "FR44732829320", "12.13 EUR 2.43 EUR domestic "},
		"from the least on":                   {50_00, 50_00, iban, "FR", "", "50.00 EUR 10.00 EUR domestic "},
		"below it":                            {49_99, 50_00, iban, "FR", "", "0.00 EUR 0.00 EUR domestic belowThreshold"},
		"nothing":                             {0, 0, iban, "FR", "", "0.00 EUR 0.00 EUR domestic nothingDue"},
		"a debt":                              {-1, 0, iban, "FR", "", "0.00 EUR 0.00 EUR domestic negativeBalance"},
		"without an account":                  {100_00, 0, "", "FR", "", "0.00 EUR 0.00 EUR domestic noIBAN"},
		"elsewhere in the Union":              {100_00, 0, iban, "DE", "DE136695976", "100.00 EUR 0.00 EUR reverseCharge "},
		"elsewhere in the Union, no number":   {100_00, 0, iban, "DE", "", "100.00 EUR 20.00 EUR domestic "},
		"outside of it":                       {100_00, 0, iban, "CH", "", "100.00 EUR 0.00 EUR outsideEU "},
		"in an overseas department":           {100_00, 0, iban, "RE", "", "100.00 EUR 20.00 EUR domestic "},
		"of which nobody knows where it is":   {100_00, 0, iban, "", "", "100.00 EUR 20.00 EUR domestic "},
		"for a country that needs its prefix": {100_00, 0, iban, "GR", "EL094259216", "100.00 EUR 0.00 EUR reverseCharge "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := statement.Frame{
				PartnerID: "par_martin", Period: month(t, "2026-12"), Currency: "EUR", Payable: cents(c.payable), Minimum: cents(c.minimum),
				Partner: billing.Details{IBAN: c.iban, BIC: "PSSTFRPPPAR", Party: billing.Party{VATNumber: c.vat, Address: billing.Address{Country: c.country}}},
			}
			s, err := f.Make(nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			p := s.Payout
			if got := fmt.Sprint(p.Net, " ", p.Tax, " ", p.Treatment, " ", p.Why); got != c.want {
				t.Errorf("paid %s, want %s", got, c.want)
			}
			if p.Why == "" && p.By.String() != "2027-01-15" {
				t.Errorf("it is paid by %s", p.By)
			}
			if kept := fmt.Sprint(s.Head); c.iban != "" && strings.Contains(kept, c.iban) {
				t.Errorf("the head has the account: %s", kept)
			}
		})
	}
	f := statement.Frame{Currency: "USD", Period: month(t, "2026-12"), Payable: money.Money{Amount: 1, Currency: "USD"}, Minimum: cents(50_00), Partner: billing.Details{IBAN: iban}}
	if s, err := f.Make(nil, nil); err != nil || s.Payout.Net.Amount != 0 || s.Payout.Why != statement.OtherCurrency {
		t.Errorf("in a currency that SEPA doesn't know is paid %+v, %v", s.Payout, err)
	}
}

// A month falls due two hours after its last day, in the publisher's zone; numbers have no gaps.
func TestClosingsGoFromMonthToMonth(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	c := statement.Begin("par_martin", time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC)).Await(paris)
	var h statement.Head
	for n, want := range []string{"2026-12 2027-01-01T01:00:00Z", "2027-01 2027-02-01T01:00:00Z", "2027-02 2027-03-01T01:00:00Z", "2027-03 2027-04-01T00:00:00Z"} {
		if got := c.Next.String() + " " + c.DueAt.UTC().Format(time.RFC3339); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		h.Period = c.Next
		c.Number(&h)
		if want := fmt.Sprintf("MARTIN-%s-%04d", c.Next.String()[:4], n+1); h.Number != want {
			t.Errorf("the number is %s, want %s", h.Number, want)
		}
		if c.Closed(c.Next) || !c.Closed(c.Next.Add(-1)) {
			t.Errorf("%s: which months are closed?", c.Next)
		}
		c = c.Close(paris)
	}
}
