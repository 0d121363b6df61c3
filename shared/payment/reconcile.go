package payment

import (
	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/licence"
	"comptoir/shared/money"
)

// side is a payer's side of an account, in one currency.
type side struct {
	payer    licence.Payer
	currency string
}

// Reconcile reckons an account anew from all charges and payments of the customer: what is charged and given back, less what was paid, is
// what is open, less the credit.
func Reconcile(a Account, charges []Charge, payments []Payment) []commission.Discrepancy {
	want := map[side]money.Money{}
	var sides []side
	add := func(payer licence.Payer, amount money.Money) {
		of := side{payer, amount.Currency}
		if _, known := want[of]; !known {
			sides = append(sides, of)
		}
		want[of] = want[of].Add(amount)
	}
	for _, c := range charges {
		add(c.Payer, c.Total)
	}
	for _, p := range payments {
		if !p.Failed {
			add(p.Payer, p.Net().Portion(p.Back.Amount, p.Amount.Amount).Sub(p.Net()))
		}
	}
	for _, o := range a.Open {
		add(o.Payer, o.Left.Sub(o.Left))
	}
	for _, c := range a.Credits {
		add(c.Payer, c.Amount.Sub(c.Amount))
	}
	var all []commission.Discrepancy
	for _, of := range sides {
		if is := a.Balance(of.payer, of.currency); is != want[of] {
			all = append(all, commission.Discrepancy{What: "account", ID: a.CustomerID, Expected: want[of], Found: is})
		}
	}
	return all
}

// Booked compares what the payment has earned a partner, and what was taken back, with the lines of a ledger's month: of what was collected
// when the payment was recorded in that month, and of what went back in it.
func (p Payment) Booked(partnerID, currency string, m calendar.YearMonth, lines []commission.Line) []commission.Discrepancy {
	none := money.Money{Currency: currency}
	want, is := none, none
	in := func(d calendar.Date) bool { return calendar.YearMonthOf(d) == m }
	for _, l := range lines {
		if l.PaymentID == p.ID && l.Kind == commission.Collected {
			is = is.Add(l.Amount)
		}
	}
	if in(p.On) && p.Amount.Currency == currency {
		for _, e := range p.Earned {
			if e.PartnerID == partnerID && partnerID != "" {
				want = want.Add(e.Line(commission.Collected).Amount)
			}
		}
	}
	var all []commission.Discrepancy
	if want != is {
		all = append(all, commission.Discrepancy{What: "payment", ID: p.ID, Expected: want, Found: is})
	}
	for _, r := range p.Returned {
		if !in(r.On) || p.Amount.Currency != currency {
			continue
		}
		booked := none
		for _, l := range lines {
			if l.RefundID == r.ID {
				booked = booked.Add(l.Amount)
			}
		}
		if want := r.TakenFrom(partnerID, none); booked != want {
			all = append(all, commission.Discrepancy{What: "payment", ID: p.ID, Expected: want, Found: booked})
		}
	}
	return all
}

// TakenFrom is what was taken back from a partner, as a negative amount.
func (r Refund) TakenFrom(partnerID string, none money.Money) money.Money {
	for _, t := range r.Taken {
		if t.PartnerID == partnerID {
			none = none.Add(t.Amount)
		}
	}
	return none
}
