package payment

import (
	"cmp"
	"slices"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/stamp"
)

// Stage is how far an open charge has come.
type Stage int

// How far an open charge has come.
const (
	Fresh     Stage = iota
	Overdue         // somebody was told
	Suspended       // its licence was
)

// Debt is what is owed for: a charge, or nothing but credit that was used and then called back.
type Debt struct {
	ChargeID  string        `json:"c,omitempty"`
	LicenceID string        `json:"l,omitempty"`
	PlanCode  string        `json:"p,omitempty"`
	PartnerID string        `json:"r,omitempty"` // of record, when the charge was made
	Payer     licence.Payer `json:"b"`
	DueOn     calendar.Date `json:"d,omitzero"`
}

// Open is what is left to be paid.
type Open struct {
	Debt
	Left  money.Money `json:"m"` // positive
	Stage Stage       `json:"s,omitempty"`
}

// Credit is what a payer has paid beyond what it owed, or gets back for days not used. Charges to come are paid from it.
type Credit struct {
	Payer  licence.Payer `json:"b"`
	Amount money.Money   `json:"m"` // positive
}

// Account is what the charges of one customer leave to be paid, by whoever is to pay them. It is written with every charge, payment and
// refund, so that these happen one after another. The short names keep it small.
type Account struct {
	stamp.Stamp
	CustomerID string    `json:"customerId"`
	Open       []Open    `json:"open"` // oldest first
	Credits    []Credit  `json:"credits,omitempty"`
	Paused     []string  `json:"paused,omitempty"` // licences that were suspended because of what was open
	DueAt      time.Time `json:"dueAt,omitzero"`   // when somebody has to look after what is open
}

// Share is a part of a payment: what it has paid of a charge or, without one, beyond all charges.
type Share struct {
	Debt
	Amount money.Money `json:"a"`          // positive
	Back   money.Money `json:"z,omitzero"` // of it, what was refunded or called back since
}

// Charge enters a charge. One that is to be paid is paid from the credit there is; one that brings something back settles what is open,
// of the same licence before others, and is credit beyond that.
func (a Account) Charge(c Charge) Account {
	a = a.free()
	if c.Total.Amount < 0 {
		rest := c.Total.Neg()
		for _, same := range []bool{true, false} {
			rest, _ = a.settle(c.Payer, rest, func(o Open) bool { return (o.LicenceID == c.LicenceID) == same })
		}
		a.credit(c.Payer, rest)
		return a
	}
	if left := c.Total.Sub(a.use(c.Payer, c.Total)); left.Amount > 0 {
		debt := Debt{ChargeID: c.ID, LicenceID: c.LicenceID, PlanCode: c.PlanCode, PartnerID: c.PartnerID, Payer: c.Payer, DueOn: c.DueOn}
		a.Open = append(a.Open, Open{Debt: debt, Left: left})
	}
	return a
}

// Pay enters a payment: of one charge first if it names one, then of the others that the payer owes, oldest first. The rest is credit.
func (a Account) Pay(payer licence.Payer, amount money.Money, chargeID string) (Account, []Share) {
	a = a.free()
	rest, shares := a.settle(payer, amount, func(o Open) bool { return o.ChargeID == chargeID && chargeID != "" })
	rest, more := a.settle(payer, rest, func(Open) bool { return true })
	if shares = append(shares, more...); rest.Amount > 0 {
		a.credit(payer, rest)
		shares = append(shares, Share{Debt: Debt{Payer: payer}, Amount: rest})
	}
	return a, shares
}

// Debtor is who pays if nobody says it: whoever a charge was made out to or, if none is named that is open, who alone owes something.
func (a Account) Debtor(chargeID string, otherwise licence.Payer) licence.Payer {
	var alone licence.Payer
	for n, o := range a.Open {
		switch {
		case chargeID != "" && o.ChargeID == chargeID:
			return o.Payer
		case n == 0:
			alone = o.Payer
		case alone != o.Payer:
			alone = ""
		}
	}
	return cmp.Or(alone, otherwise)
}

// Refund enters what was given back. What is beyond the payer's credit is returned: nobody owes it again.
func (a Account) Refund(payer licence.Payer, amount money.Money) (Account, money.Money) {
	a = a.free()
	return a, amount.Sub(a.use(payer, amount))
}

// CallBack enters that a part of a payment never came. It is taken from the payer's credit; beyond that the charge is open again, from today on if its day
// is over, and so is credit that was used meanwhile.
func (a Account) CallBack(of Debt, amount money.Money, today calendar.Date) Account {
	a = a.free()
	amount = amount.Sub(a.use(of.Payer, amount))
	if amount.Amount == 0 {
		return a
	}
	at := slices.IndexFunc(a.Open, func(o Open) bool {
		return o.ChargeID == of.ChargeID && o.Payer == of.Payer && o.Left.Currency == amount.Currency
	})
	if at >= 0 {
		a.Open[at].Left = a.Open[at].Left.Add(amount)
		return a
	}
	if of.DueOn.Before(today) {
		of.DueOn = today
	}
	a.Open = append(a.Open, Open{Debt: of, Left: amount})
	slices.SortStableFunc(a.Open, func(a, b Open) int { return a.DueOn.Compare(b.DueOn) })
	return a
}

// Balance is what a payer owes in a currency, less its credit.
func (a Account) Balance(payer licence.Payer, currency string) money.Money {
	sum := money.Money{Currency: currency}
	for _, o := range a.Open {
		if o.Payer == payer && o.Left.Currency == currency {
			sum = sum.Add(o.Left)
		}
	}
	for _, c := range a.Credits {
		if c.Payer == payer && c.Amount.Currency == currency {
			sum = sum.Sub(c.Amount)
		}
	}
	return sum
}

// settle pays what a payer has open from an amount, oldest first, and returns what is left of the amount.
func (a *Account) settle(payer licence.Payer, amount money.Money, which func(Open) bool) (money.Money, []Share) {
	var shares []Share
	for n := range a.Open {
		o := &a.Open[n]
		if o.Payer != payer || o.Left.Currency != amount.Currency || !which(*o) {
			continue
		}
		paid := money.Money{Amount: min(o.Left.Amount, amount.Amount), Currency: amount.Currency}
		if paid.Amount <= 0 {
			continue
		}
		shares = append(shares, Share{Debt: o.Debt, Amount: paid})
		o.Left, amount = o.Left.Sub(paid), amount.Sub(paid)
	}
	a.Open = slices.DeleteFunc(a.Open, func(o Open) bool { return o.Left.Amount == 0 })
	return amount, shares
}

// use takes as much of an amount as there is from a payer's credit.
func (a *Account) use(payer licence.Payer, amount money.Money) money.Money {
	used := money.Money{Currency: amount.Currency}
	for n := range a.Credits {
		if c := &a.Credits[n]; c.Payer == payer && c.Amount.Currency == amount.Currency {
			used.Amount = min(c.Amount.Amount, amount.Amount)
			c.Amount = c.Amount.Sub(used)
		}
	}
	a.Credits = slices.DeleteFunc(a.Credits, func(c Credit) bool { return c.Amount.Amount == 0 })
	return used
}

func (a *Account) credit(payer licence.Payer, amount money.Money) {
	if amount.Amount == 0 {
		return
	}
	for n := range a.Credits {
		if c := &a.Credits[n]; c.Payer == payer && c.Amount.Currency == amount.Currency {
			c.Amount = c.Amount.Add(amount)
			return
		}
	}
	a.Credits = append(a.Credits, Credit{payer, amount})
}

// free is a copy that shares no slice with the original.
func (a Account) free() Account {
	a.Open, a.Credits, a.Paused = slices.Clone(a.Open), slices.Clone(a.Credits), slices.Clone(a.Paused)
	return a
}
