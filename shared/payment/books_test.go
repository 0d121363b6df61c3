package payment_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/payment"
)

// books are kept the plain way: every movement is an entry that takes from one account what it gives to another, so that all accounts add up to
// nothing. What pays what is found by counting cents.
type books map[string]int64

func (b books) move(from, to string, cents int64) {
	b[from] -= cents
	b[to] += cents
}

// owed is a debt of the model: so many cents for a charge.
type owed struct {
	charge, licence, plan, partner string
	cents                          int64
	due                            calendar.Date
}

// earning is what the model knows of what a payment has earned on a plan.
type earning struct {
	partner, plan       string
	base, back          int64 // cents paid, and gone back
	rate                int64
	commission, revoked int64
}

// model is a customer's account and its partners' ledgers, as somebody would keep them on paper.
type model struct {
	books
	owes    map[licence.Payer][]owed
	credit  map[licence.Payer]int64
	earned  map[string][]earning // by payment
	payable map[string]int64     // by partner
}

// pays takes cents from what a payer owes, the oldest first of those that are meant, and gives what it took.
func (m *model) pays(payer licence.Payer, cents int64, meant func(owed) bool) (taken []owed, left int64) {
	var rest []owed
	for _, o := range m.owes[payer] {
		take := min(o.cents, cents)
		if !meant(o) {
			take = 0
		}
		if take > 0 {
			part := o
			part.cents = take
			taken = append(taken, part)
			o.cents -= take
			cents -= take
		}
		if o.cents > 0 {
			rest = append(rest, o)
		}
	}
	m.owes[payer] = rest
	return taken, cents
}

func half(n, d int64) int64 { // n ÷ d, rounded half up: nothing here is negative
	return (2*n + d) / (2 * d)
}

func euros(cents int64) money.Money { return money.Money{Amount: cents, Currency: "EUR"} }

var scheme = commission.Scheme{
	Default: 833, Plans: map[string]int{"PRO": 1250, "FREE": 0}, HoldDays: 7, Tiers: map[string]int{"gold": 1999}, Partners: map[string]string{"par_b": "gold"},
	Deals: []commission.Deal{{Name: "closest", PartnerID: "par_a", CustomerID: "cus_a", PlanCode: "START", Rate: 3333}}, Minimum: euros(10_00),
}

// rateOf is the model's own reading of the scheme.
func rateOf(partner, plan string) int64 {
	switch {
	case partner == "":
		return 0
	case partner == "par_a" && plan == "START":
		return 3333
	case plan == "PRO":
		return 1250
	case plan == "FREE":
		return 0
	case partner == "par_b":
		return 1999
	}
	return 833
}

// Whatever is charged, paid, refunded and called back, in any order and with repeats: the account, the ledgers and the balances are those
// of books that are kept the plain way, to the cent, and reckoning everything anew finds no difference.
func TestTheBooksBalance(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &model{books{}, map[licence.Payer][]owed{}, map[licence.Payer]int64{}, map[string][]earning{}, map[string]int64{}}
		at := licence.At(time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC), time.UTC)
		a := payment.Account{CustomerID: "cus_a"}
		var charges []payment.Charge
		var payments []payment.Payment
		var ledger []commission.Line
		book := func(lines []commission.Line) {
			for _, l := range lines {
				l.On = at.Today
				ledger = append(ledger, l)
			}
		}
		payers := []licence.Payer{licence.PaidByPartner, licence.PaidByCustomer}
		for step := range rapid.IntRange(1, 40).Draw(t, "steps") {
			at = licence.At(at.Now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "hours"))*time.Hour), time.UTC)
			payer := rapid.SampledFrom(payers).Draw(t, "payer")
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0, 1, 2, 3: // a charge, or what comes back of one
				c := payment.Charge{
					ID: fmt.Sprintf("chg_%03d", step), CustomerID: "cus_a", LicenceID: rapid.SampledFrom([]string{"lic_a", "lic_b"}).Draw(t, "licence"),
					PlanCode:  rapid.SampledFrom([]string{"PRO", "START", "FREE", "OTHER"}).Draw(t, "plan"),
					PartnerID: rapid.SampledFrom([]string{"par_a", "par_b", ""}).Draw(t, "partner"), Payer: payer,
					Total: euros(rapid.Int64Range(-3000, 10_000).Draw(t, "total")), On: at.Today, DueOn: at.Today.AddDays(payment.DueDays),
				}
				charges = append(charges, c)
				a = a.Charge(c)
				m.charge(c)
			case 4, 5, 6: // a payment
				named := ""
				if len(charges) > 0 && rapid.Bool().Draw(t, "named") {
					named = rapid.SampledFrom(charges).Draw(t, "charge").ID
				}
				gross := rapid.Int64Range(1, 15_000).Draw(t, "gross")
				r := payment.Report{
					ExternalID: fmt.Sprint("py", step), CustomerID: "cus_a", Payer: payer, Amount: euros(gross), Tax: euros(rapid.Int64Range(0, gross-1).Draw(t, "tax")),
					ChargeID: named, Failed: rapid.IntRange(0, 5).Draw(t, "fails") == 0,
				}
				e, err := payment.Record(r, a, "par_a", scheme, at)
				if err != nil {
					t.Fatal(err)
				}
				a, payments = e.Account, append(payments, e.Payment)
				book(e.Lines)
				if !r.Failed {
					m.pay(e.Payment.ID, payer, gross-r.Tax.Amount, named)
				}
			default: // something goes back
				if len(payments) == 0 {
					continue
				}
				n := rapid.IntRange(0, len(payments)-1).Draw(t, "payment")
				p := payments[n]
				left := p.Amount.Sub(p.Back).Amount
				amount := left
				if left > 1 && rapid.Bool().Draw(t, "in part") {
					amount = rapid.Int64Range(1, left).Draw(t, "amount")
				}
				kind := rapid.SampledFrom([]payment.Kind{payment.Refunded, payment.CalledBack}).Draw(t, "kind")
				e, err := p.Return(payment.Refund{ExternalID: fmt.Sprint("re", step), Kind: kind, Amount: euros(amount)}, a, at)
				if p.Failed || left == 0 {
					if err == nil {
						t.Fatalf("%+v gave back %d of nothing", p, amount)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				m.back(p, e, kind, at.Today)
				a, payments[n] = e.Account, e.Payment
				if e.Charge != nil {
					charges = append(charges, *e.Charge)
				}
				book(e.Lines)
			}
			m.agrees(t, a, ledger)
		}
		if found := payment.Reconcile(a, charges, payments); len(found) > 0 {
			t.Fatalf("reckoned anew: %+v", found)
		}
		if found := commission.Check(ledger); len(found) > 0 {
			t.Fatalf("reckoned anew: %+v", found)
		}
		for _, p := range payments {
			for _, partner := range []string{"par_a", "par_b"} {
				for month := calendar.YearMonthOf(p.On); !at.Today.Before(month.First()); month = month.Add(1) {
					lines := slices.DeleteFunc(slices.Clone(ledger), func(l commission.Line) bool {
						return l.PartnerID != partner || calendar.YearMonthOf(l.On) != month
					})
					if found := p.Booked(partner, "EUR", month, lines); len(found) > 0 {
						t.Fatalf("%s in %v: %+v", partner, month, found)
					}
				}
			}
		}
	})
}

// charge enters what is to be paid or comes back.
func (m *model) charge(c payment.Charge) {
	m.move("sales", "owed by "+string(c.Payer), c.Total.Amount)
	if c.Total.Amount < 0 {
		left := -c.Total.Amount
		_, left = m.pays(c.Payer, left, func(o owed) bool { return o.licence == c.LicenceID })
		_, left = m.pays(c.Payer, left, func(o owed) bool { return true })
		m.credit[c.Payer] += left
		return
	}
	used := min(m.credit[c.Payer], c.Total.Amount)
	m.credit[c.Payer] -= used
	if left := c.Total.Amount - used; left > 0 {
		m.owes[c.Payer] = append(m.owes[c.Payer], owed{c.ID, c.LicenceID, c.PlanCode, c.PartnerID, left, c.DueOn})
	}
}

// pay enters a payment, before tax, and what it earns.
func (m *model) pay(id string, payer licence.Payer, net int64, named string) {
	m.move("owed by "+string(payer), "cash", net)
	paid, left := m.pays(payer, net, func(o owed) bool { return o.charge == named && named != "" })
	more, left := m.pays(payer, left, func(owed) bool { return true })
	m.credit[payer] += left
	if left > 0 {
		more = append(more, owed{partner: "par_a", cents: left})
	}
	for _, o := range append(paid, more...) {
		at := slices.IndexFunc(m.earned[id], func(e earning) bool { return e.partner == o.partner && e.plan == o.plan })
		if at < 0 {
			at = len(m.earned[id])
			m.earned[id] = append(m.earned[id], earning{partner: o.partner, plan: o.plan, rate: rateOf(o.partner, o.plan)})
		}
		m.earned[id][at].base += o.cents
	}
	for n := range m.earned[id] {
		e := &m.earned[id][n]
		e.commission = half(e.base*e.rate, 10_000)
		m.payable[e.partner] += e.commission
	}
}

// back enters what went back. Over which parts it was shared out follows from the entry, and is checked: never more than there was, nothing
// lost, and of each part's commission the share that has gone back.
func (m *model) back(p payment.Payment, e payment.Entry, kind payment.Kind, today calendar.Date) {
	payer := "owed by " + string(p.Payer)
	var net int64
	gone := map[[2]string]int64{}
	for n, s := range e.Payment.Shares {
		moved := s.Back.Sub(p.Shares[n].Back).Amount
		if moved < 0 || s.Back.Amount > s.Amount.Amount {
			panic(fmt.Sprintf("of %+v went back %d", s, moved))
		}
		net += moved
		partner := s.PartnerID
		if s.ChargeID == "" {
			partner = "par_a"
		}
		gone[[2]string{partner, s.PlanCode}] += moved
		if kind == payment.CalledBack {
			m.reopen(p.Payer, s, moved, today)
		}
	}
	m.move("cash", payer, net)
	if kind == payment.Refunded {
		used := min(m.credit[p.Payer], net)
		m.credit[p.Payer] -= used
		m.move(payer, "sales", net-used) // given, and owed by nobody
	}
	wants := p.Net().Portion(e.Payment.Back.Amount, p.Amount.Amount).Sub(p.Net().Portion(p.Back.Amount, p.Amount.Amount)).Amount
	if net != wants {
		panic(fmt.Sprintf("%d went back, and %d was to", net, wants))
	}
	for n := range m.earned[p.ID] {
		of := &m.earned[p.ID][n]
		of.back += gone[[2]string{of.partner, of.plan}]
		revoked := int64(0)
		if of.base > 0 {
			revoked = half(of.commission*of.back, of.base)
		}
		m.payable[of.partner] -= revoked - of.revoked
		of.revoked = revoked
	}
}

// reopen has something owed again, from today on if its day is over.
func (m *model) reopen(payer licence.Payer, s payment.Share, cents int64, today calendar.Date) {
	used := min(m.credit[payer], cents)
	m.credit[payer] -= used
	cents -= used
	if cents == 0 {
		return
	}
	for n := range m.owes[payer] {
		if o := &m.owes[payer][n]; o.charge == s.ChargeID {
			o.cents += cents
			return
		}
	}
	due := s.DueOn
	if due.Before(today) {
		due = today
	}
	partner := s.PartnerID
	if s.ChargeID == "" {
		partner = "par_a"
	}
	m.owes[payer] = append(m.owes[payer], owed{s.ChargeID, s.LicenceID, s.PlanCode, partner, cents, due})
	slices.SortStableFunc(m.owes[payer], func(a, b owed) int { return a.due.Compare(b.due) })
}

// agrees fails unless the account and the ledger are as in the books.
func (m *model) agrees(t *rapid.T, a payment.Account, ledger []commission.Line) {
	sum := int64(0)
	for _, cents := range m.books {
		sum += cents
	}
	if sum != 0 {
		t.Fatalf("the books don't add up: %v", m.books)
	}
	for _, payer := range []licence.Payer{licence.PaidByPartner, licence.PaidByCustomer} {
		if got, want := a.Balance(payer, "EUR").Amount, m.books["owed by "+string(payer)]; got != want {
			t.Fatalf("the %s owes %d, by the books %d", payer, got, want)
		}
	}
	open := map[string]int64{}
	for _, o := range a.Open {
		if o.Left.Amount <= 0 {
			t.Fatalf("open is %+v", o)
		}
		open[o.ChargeID] += o.Left.Amount
	}
	for _, all := range m.owes {
		for _, o := range all {
			open[o.charge] -= o.cents
		}
	}
	for id, cents := range open {
		if cents != 0 {
			t.Fatalf("of %q %d more is open than by the books", id, cents)
		}
	}
	balance := map[string]int64{}
	for _, l := range ledger {
		balance[l.PartnerID] += l.Amount.Amount
	}
	for _, partner := range []string{"par_a", "par_b"} {
		if balance[partner] != m.payable[partner] {
			t.Fatalf("%s has earned %d, by the books %d", partner, balance[partner], m.payable[partner])
		}
	}
}
