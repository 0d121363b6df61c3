package statement_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/language"
	"pgregory.net/rapid"

	"comptoir/shared/billing"
	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/statement"
)

var languages = []language.Tag{language.French, language.English}

// customers are names of all sorts, the nasty ones among them.
func customers() []string {
	return []string{
		"Dupont & Fils", "Boulangerie Cœur d’Épi", "Société Générale de Menuiserie et d’Agencement du Sud-Ouest", "Łódź Müller ΑΒΓ Жук", "Cabinet Ève Ôçéâ",
		`"Quoted"; Ltd, 'Co'`, "=HYPERLINK(\"https://x.example\";\"x\")", "+33 1", "-5", "@home", " =1+1", "\t=2+2", "Tab\tLine\nBreak\r\n", "👩‍🚀 Étoile 🚀",
		"שלום בע\u202eמ", "شركة النور", "株式会社", "nul\x00 \xff\ufffe", "<b>&amp;</b>", "{nb}", strings.Repeat("Très longue raison sociale ", 8)[:200], "",
	}
}

func day(y int, m time.Month, d int) calendar.Date {
	on, err := calendar.Of(y, m, d)
	if err != nil {
		panic(err)
	}
	return on
}

// draw is a source of whole numbers within bounds.
type draw func(from, to int64) int64

// fixed is a source that gives the same numbers every time.
func fixed(seed uint64) draw {
	return func(from, to int64) int64 {
		seed = seed*6364136223846793005 + 1442695040888963407
		return from + int64(seed>>33)%(to-from+1)
	}
}

// made is a statement of so many lines in each list, whose amounts agree with each other.
func made(d draw, names []string, currency string, lines int) statement.Statement {
	m := func(n int64) money.Money { return money.Money{Amount: n, Currency: currency} }
	september, err := calendar.ParseYearMonth("2026-09")
	if err != nil {
		panic(err)
	}
	s := statement.Statement{Head: statement.Head{
		PartnerID: "par_lumen", Period: september, Currency: currency, Number: "RP-2026-09-0042",
		MadeAt: time.Date(2026, 10, 3, 6, 30, 0, 0, time.UTC),
		Publisher: billing.Details{Owner: billing.Publisher, Party: billing.Party{
			LegalName: "Éditions Logicielles Ponant SAS", Registration: "732829320", VATNumber: "FR44732829320",
			Address: billing.Address{Lines: []string{"12 bis, quai de la Fosse", "Bâtiment C"}, PostalCode: "44000", City: "Nantes", Country: "FR"},
		}},
		Partner: billing.Details{Owner: "par_lumen", SelfBilling: true, PurchaseOrder: "BC-2026/118", Party: billing.Party{
			LegalName: "Lumen Conseil SARL", Registration: "552100554", VATNumber: "FR18552100554",
			Address: billing.Address{Lines: []string{"3, rue de l’Église"}, PostalCode: "67000", City: "Strasbourg", Country: "FR"},
		}},
		Opening: m(d(-5_000_00, 20_000_00)), Commissions: m(0), Clawbacks: m(0), Payouts: m(0), Sales: m(0), Received: m(0), Lines: 3 * lines,
	}}
	name := func() (id, name string) {
		i := d(0, int64(len(names)-1))
		return fmt.Sprintf("cus_%024d", i), names[i]
	}
	on := func(i int) calendar.Date { return september.First().AddDays(i * 30 / max(lines, 1)) }
	plans := []string{"COMPTA-PRO", "PAIE-PREMIUM-ANNUEL", "CRM"}
	for i := range lines {
		l := statement.Sale{On: on(i), ChargeID: fmt.Sprintf("chg_%024d", i), LicenceID: fmt.Sprintf("lic_%024d", i), BillTo: licence.PaidByCustomer}
		l.CustomerID, l.CustomerName = name()
		if d(0, 3) == 0 {
			l.BillTo = licence.PaidByPartner
		}
		units, price, used := d(1, 40), d(1, 480_00), d(0, 365)
		l.Line = licence.Line{
			Kind: licence.Charge, PlanCode: plans[d(0, 2)], Quantity: int(units), UnitPrice: m(price), From: on(i), To: on(i).AddDays(int(used)),
			Days: int(used), OfDays: 365, Amount: m(units*price).Portion(used, 365),
		}
		if d(0, 9) == 0 {
			l.Kind, l.Amount = licence.Credit, l.Amount.Neg()
		}
		s.Sales = s.Sales.Add(l.Amount)
		s.Sold = append(s.Sold, l)
	}
	for i := range lines {
		l := commission.Line{
			ID: fmt.Sprintf("com_%024d", i), PartnerID: s.PartnerID, Kind: commission.Collected, On: on(i), At: on(i).Start(time.UTC),
			PaymentID: fmt.Sprintf("pay_%024d", i), Base: m(0), Amount: m(0), DueOn: on(i).AddDays(7),
		}
		l.CustomerID, l.CustomerName = name()
		sign := int64(1)
		switch d(0, 11) {
		case 0:
			l.Kind, l.RefundID, sign = commission.Refunded, fmt.Sprintf("ref_%024d", i), -1
		case 1:
			l.Kind, sign = commission.Failed, -1
		}
		parts := d(0, 9)
		if parts > 2 { // of most payments, one
			parts = 1
		}
		for range parts {
			p := commission.Part{PlanCode: plans[d(0, 2)], Base: m(sign * d(1, 5_000_00)), Version: d(1, 12), Rate: int(d(1, 45) * 50)}
			p.Rule, p.Of = "tier", "Or"
			switch d(0, 3) {
			case 0:
				p.Rule, p.Of = "plan", p.PlanCode
			case 1:
				p.Rule, p.Of = "deal", names[d(0, int64(len(names)-1))]
			case 2:
				p.Rule, p.Of = "default", ""
			}
			p.Amount = p.Base.Portion(int64(p.Rate), 10_000)
			p.Rounding = p.Amount.Amount*10_000 - p.Base.Amount*int64(p.Rate)
			l.Base, l.Amount = l.Base.Add(p.Base), l.Amount.Add(p.Amount)
			l.Parts = append(l.Parts, p)
		}
		if parts == 0 {
			l.Base = m(sign * d(0, 5_000_00))
		}
		s.Received = s.Received.Add(l.Base)
		if l.Kind == commission.Collected {
			s.Commissions = s.Commissions.Add(l.Amount)
		} else {
			s.Clawbacks = s.Clawbacks.Add(l.Amount)
		}
		s.Collected = append(s.Collected, l)
	}
	for i := range min(lines, 3) {
		l := commission.Line{
			ID: fmt.Sprintf("com_%024d", lines+i), PartnerID: s.PartnerID, Kind: commission.PaidOut, On: on(i), At: on(i).Start(time.UTC),
			PayoutID: fmt.Sprintf("out_%024d", i), Amount: m(-d(1, 9_000_00)),
		}
		if i == 1 {
			l.Kind, l.Amount = commission.Returned, s.PaidOut[0].Amount.Neg()
		}
		s.Payouts = s.Payouts.Add(l.Amount)
		s.PaidOut = append(s.PaidOut, l)
	}
	s.Closing = money.Sum(s.Opening, s.Commissions, s.Clawbacks, s.Payouts)
	s.Pending = s.Commissions.Portion(1, 5)
	pay(&s, s.Closing.Sub(s.Pending))
	return s
}

// pay makes a balance the payout, with French tax.
func pay(s *statement.Statement, balance money.Money) {
	none := money.Money{Currency: s.Currency}
	s.Payout = statement.Payout{Net: none, Tax: none, Gross: none, Treatment: statement.Domestic, Rate: 2000, By: day(2026, 10, 15), Account: "0189"}
	if balance.Amount <= 0 {
		s.Payout.Why = "negativeBalance"
		return
	}
	s.Payout.Net, s.Payout.Tax = balance, balance.Portion(2000, 10_000)
	s.Payout.Gross = s.Payout.Net.Add(s.Payout.Tax)
}

// usual is what a partner gets in most months.
func usual(lines int) statement.Statement {
	return made(fixed(7), customers()[:5], "EUR", lines)
}

// statements generates statements of all sorts.
func statements() *rapid.Generator[statement.Statement] {
	return rapid.Custom(func(t *rapid.T) statement.Statement {
		seed := fixed(rapid.Uint64().Draw(t, "seed"))
		s := made(seed, customers(), rapid.SampledFrom([]string{"EUR", "JPY", "TND", "USD", "CHF"}).Draw(t, "currency"), rapid.IntRange(0, 20).Draw(t, "lines"))
		if rapid.Bool().Draw(t, "provisional") {
			s.Number = ""
		}
		switch rapid.IntRange(0, 3).Draw(t, "treatment") {
		case 1:
			s.Payout.Treatment, s.Payout.Rate, s.Payout.Tax, s.Payout.Gross = statement.ReverseCharge, 0, money.Money{Currency: s.Currency}, s.Payout.Net
		case 2:
			s.Payout.Treatment, s.Payout.Rate, s.Payout.Tax, s.Payout.Gross = statement.OutsideEU, 0, money.Money{Currency: s.Currency}, s.Payout.Net
		}
		s.Partner.SelfBilling = rapid.Bool().Draw(t, "self-billing")
		s.Partner.LegalName = rapid.SampledFrom(customers()).Draw(t, "partner")
		s.Partner.Address.Lines = []string{rapid.SampledFrom(customers()).Draw(t, "line"), rapid.SampledFrom(customers()).Draw(t, "line")}
		return s
	})
}

// each runs a test for a statement of every sort that has a name.
func each(t *testing.T, test func(t *testing.T, s statement.Statement, lang language.Tag)) {
	t.Helper()
	provisional := usual(12)
	provisional.Number = ""
	owing := usual(0)
	owing.Opening.Amount, owing.Closing.Amount = -50_00, -50_00
	owing.Pending.Amount = 0
	pay(&owing, owing.Closing)
	for name, s := range map[string]statement.Statement{
		"usual": usual(40), "provisional": provisional, "without lines": usual(0), "negative": owing,
		"nasty": made(fixed(3), customers(), "EUR", 90), "in yen": made(fixed(4), customers(), "JPY", 20), "in dinars": made(fixed(5), customers(), "TND", 20),
	} {
		for _, lang := range languages {
			t.Run(name+" in "+lang.String(), func(t *testing.T) {
				t.Parallel()
				test(t, s, lang)
			})
		}
	}
}
