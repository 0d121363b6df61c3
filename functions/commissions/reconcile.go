package commissions

import (
	"slices"

	"comptoir/shared/api"
	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/money"
	"comptoir/shared/payment"
	"comptoir/shared/statement"
	"comptoir/shared/table"
)

type reconcileInput struct {
	api.OnPartner
	OfMonth
}

// reconciliation is what charges, payments and ledger come to, and where they disagree.
type reconciliation struct {
	Period      calendar.YearMonth       `json:"period" format:"year-month"`
	Currency    string                   `json:"currency"`
	Charged     money.Money              `json:"charged" doc:"In the month, for what the partner has sold."`
	Collected   money.Money              `json:"collected" doc:"In the month, less what went back, before tax."`
	Commissions money.Money              `json:"commissions" doc:"Earned in the month, less what was taken back."`
	PaidOut     money.Money              `json:"paidOut" doc:"In the month, as the ledger has it: negative."`
	Lines       int                      `json:"lines" doc:"Of the ledger."`
	Charges     int                      `json:"charges"`
	Customers   int                      `json:"customers" doc:"Whose accounts were reckoned anew, from all their charges and payments."`
	Differences []commission.Discrepancy `json:"differences" doc:"Empty if all agree."`
}

func (s service) reconcile(tx *table.Tx, in *reconcileInput) (*api.Reply[reconciliation], error) {
	m := in.Period
	if m.IsZero() {
		m = calendar.YearMonthOf(calendar.On(tx.Now, s.Zone))
	}
	ledger, sales := table.WholeLedger(in.PartnerID, in.Currency, m), table.Sales(in.PartnerID, in.Currency, m)
	received := table.Received(in.PartnerID, m)
	statements := table.StatementsOf(in.PartnerID, m)
	if err := tx.Load(ledger, sales, received, statements, table.BalancesOf(in.PartnerID)); err != nil {
		return nil, err
	}
	lines, _ := ledger.Rows(tx)
	charges, _ := sales.Rows(tx)
	none := money.Money{Currency: in.Currency}
	r := reconciliation{
		Period: m, Currency: in.Currency, Charged: none, Collected: none, Commissions: none, PaidOut: none, Lines: len(lines), Charges: len(charges),
		Differences: []commission.Discrepancy{},
	}
	var customers []string
	payments, _ := received.Rows(tx)
	for _, p := range payments {
		customers = append(customers, p.CustomerID)
	}
	for _, c := range charges {
		r.Charged = r.Charged.Add(c.Total)
		customers = append(customers, c.CustomerID)
	}
	for _, l := range lines {
		switch l.Kind {
		case commission.PaidOut, commission.Returned:
			r.PaidOut = r.PaidOut.Add(l.Amount)
		default:
			r.Collected, r.Commissions = r.Collected.Add(l.Base), r.Commissions.Add(l.Amount)
			customers = append(customers, l.CustomerID)
		}
	}
	r.Differences = append(r.Differences, commission.Check(lines)...)
	r.Differences = append(r.Differences, agree(tx.Balances(in.PartnerID), lines, in.Currency, m)...)
	if heads, _ := statements.Rows(tx); len(heads) > 0 {
		r.Differences = append(r.Differences, stated(heads, r)...)
	}
	found, err := paidOut(tx, in.PartnerID, lines)
	if err != nil {
		return nil, err
	}
	r.Differences = append(r.Differences, found...)
	slices.Sort(customers)
	customers = slices.Compact(customers)
	r.Customers = len(customers)
	for some := range slices.Chunk(customers, 50) {
		if found, err = s.accounts(tx, in, m, some, lines); err != nil {
			return nil, err
		}
		r.Differences = append(r.Differences, found...)
	}
	return &api.Reply[reconciliation]{Body: r}, nil
}

// stated compares what the statement of a closed month says with its lines.
func stated(heads []statement.Head, r reconciliation) []commission.Discrepancy {
	var all []commission.Discrepancy
	for _, h := range heads {
		if h.Currency != r.Currency {
			continue
		}
		for _, c := range []struct{ says, is money.Money }{
			{h.Sales, r.Charged},
			{h.Received, r.Collected},
			{h.Commissions.Add(h.Clawbacks), r.Commissions},
			{h.Payouts, r.PaidOut},
			{h.Closing.Sub(h.Opening), r.Commissions.Add(r.PaidOut)},
		} {
			if c.says != c.is {
				all = append(all, commission.Discrepancy{What: "statement", ID: h.Number, Expected: c.is, Found: c.says})
			}
		}
	}
	return all
}

// paidOut compares the lines of payouts with the payouts.
func paidOut(tx *table.Tx, partnerID string, lines []commission.Line) ([]commission.Discrepancy, error) {
	var load []table.Load
	for _, l := range lines {
		if l.PayoutID != "" {
			load = append(load, table.PayoutOf(partnerID, l.PayoutID))
		}
	}
	if err := tx.Load(load...); err != nil {
		return nil, err
	}
	var all []commission.Discrepancy
	for _, l := range lines {
		if l.PayoutID == "" {
			continue
		}
		p, _ := table.PayoutOf(partnerID, l.PayoutID).Find(tx)
		want := p.Net.Neg()
		if l.Kind == commission.Returned {
			want = p.Net
		}
		if l.Amount != want {
			all = append(all, commission.Discrepancy{What: "payout", ID: l.PayoutID, Expected: want, Found: l.Amount})
		}
	}
	return all, nil
}

// agree compares the balances of a month with its lines.
func agree(b table.Balances, lines []commission.Line, currency string, m calendar.YearMonth) []commission.Discrepancy {
	sum := money.Money{Currency: currency}
	for _, l := range lines {
		sum = sum.Add(l.Amount)
	}
	moved := b.Booked(currency, m.Last()).Sub(b.Booked(currency, m.First().AddDays(-1)))
	if moved == sum {
		return nil
	}
	return []commission.Discrepancy{{What: "balance", ID: m.String(), Expected: sum, Found: moved}}
}

// accounts reckons some customers' accounts anew, and the partner's lines of the month from their payments.
func (s service) accounts(tx *table.Tx, in *reconcileInput, m calendar.YearMonth, customers []string, lines []commission.Line) ([]commission.Discrepancy, error) {
	var load []table.Load
	for _, id := range customers {
		load = append(load, table.AccountOf(id), table.AllCharges(id), table.AllPayments(id))
	}
	if err := tx.Load(load...); err != nil {
		return nil, err
	}
	var all []commission.Discrepancy
	for _, id := range customers {
		charges, _ := table.AllCharges(id).Rows(tx)
		payments, _ := table.AllPayments(id).Rows(tx)
		all = append(all, payment.Reconcile(tx.Account(id), charges, payments)...)
		for _, p := range payments {
			all = append(all, p.Booked(in.PartnerID, in.Currency, m, lines)...)
		}
	}
	return all, nil
}
