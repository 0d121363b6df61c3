package payment

import (
	"cmp"
	"slices"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/event"
	"comptoir/shared/id"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/problem"
	"comptoir/shared/stamp"
)

// MaxAmount is the largest payment, in minor units; it keeps every sum far from overflow.
const MaxAmount = 1_000_000_000_00

// Report is what the publisher's payment provider says of a payment.
type Report struct {
	ExternalID string        `json:"externalId"` // its name for it
	CustomerID string        `json:"customerId"`
	Payer      licence.Payer `json:"payer"`
	Amount     money.Money   `json:"amount"`              // with tax
	Tax        money.Money   `json:"tax"`                 // in it
	ChargeID   string        `json:"chargeId,omitempty"`  // that is paid first; none: the oldest
	ReceivedOn calendar.Date `json:"receivedOn,omitzero"` // as the provider has it; what is booked is booked on the day of the report
	Failed     bool          `json:"failed,omitempty"`    // it was tried, and nothing came
	Reason     string        `json:"reason,omitempty"`    // why it failed, for people
}

// Payment is what was paid, or was to be. What is given back of it is noted on it.
type Payment struct {
	stamp.Stamp
	Report
	ID        string               `json:"id"`
	PartnerID string               `json:"partnerId,omitempty"` // of record, when it was recorded
	At        time.Time            `json:"at"`
	On        calendar.Date        `json:"on"` // the publisher's day on which it was recorded
	Shares    []Share              `json:"shares,omitempty"`
	Earned    []commission.Earning `json:"earned,omitempty"`
	Back      money.Money          `json:"back,omitzero"` // refunded or called back, with tax
	Returned  []Refund             `json:"returned,omitempty"`
}

// Refund is what was given back of a payment.
type Refund struct {
	ExternalID string        `json:"externalId"`
	ID         string        `json:"id"`
	Amount     money.Money   `json:"amount"` // with tax
	Kind       Kind          `json:"kind"`
	Reason     string        `json:"reason,omitempty"`
	On         calendar.Date `json:"on"`
	At         time.Time     `json:"at"`
	Taken      []Taken       `json:"taken,omitempty"` // from partners
}

// Taken is what was taken back from a partner because of a refund.
type Taken struct {
	PartnerID string      `json:"partnerId"`
	Amount    money.Money `json:"amount"` // negative
}

// Kind is how money went back.
type Kind string

// How money went back.
const (
	Refunded   Kind = "refund"     // by the publisher's will: nobody owes it again
	CalledBack Kind = "calledBack" // by the bank or the holder of a card: what it had paid is open again
)

// MaxRefunds is how often something can be given back of one payment.
const MaxRefunds = 50

// IDOf is the id of the payment that a provider has a name for: the same report makes the same payment.
func IDOf(externalID string) string { return id.Derived("pmt", externalID) }

// RefundIDOf is the id of a refund of a payment that a provider has a name for.
func RefundIDOf(paymentID, externalID string) string {
	return id.Derived("rfd", paymentID+"\x00"+externalID)
}

// Says tells whether a report says the same as the one that was recorded.
func (p Payment) Says(r Report) bool {
	r.ReceivedOn, r.Reason = p.ReceivedOn, p.Reason // for people
	return p.Report == r
}

// Follows tells whether a report says that what had failed has come after all.
func (p Payment) Follows(r Report) bool {
	came := !r.Failed
	r.Failed = true
	return came && p.Failed && p.Says(r)
}

// Refund is what was given back under a name.
func (p Payment) Refund(externalID string) (Refund, bool) {
	for _, r := range p.Returned {
		if r.ExternalID == externalID {
			return r, true
		}
	}
	return Refund{}, false
}

// Net is the payment before tax.
func (p Payment) Net() money.Money { return p.Amount.Sub(p.Tax) }

// The kinds of the events of payments.
const (
	Received  = "payment.received"
	Late      = "payment.late" // one was tried, and nothing came
	GivenBack = "payment.refunded"
	Reclaimed = "payment.calledBack"
)

// Entry is what recording something changes: the payment, the account, and what goes into the ledgers of partners.
type Entry struct {
	Payment Payment
	Account Account
	Lines   []commission.Line
	Charge  *Charge // of what was refunded beyond all credit
	Fact    event.Fact
}

// Record enters what a provider says of a payment, which was not recorded before. Errors: problem.Invalid.
func Record(r Report, a Account, partnerID string, s commission.Scheme, at licence.Moment) (Entry, error) {
	switch {
	case !money.IsCurrency(r.Amount.Currency):
		return Entry{}, problem.Invalid("body.amount.currency", "A currency is the three capital letters of ISO 4217, for example EUR.")
	case r.Amount.Amount <= 0 || r.Amount.Amount > MaxAmount:
		return Entry{}, problem.Invalid("body.amount", "The amount is from 1 to %d minor units.", MaxAmount)
	case r.Tax.Amount < 0 || r.Tax.Amount >= r.Amount.Amount || r.Tax.Currency != r.Amount.Currency:
		return Entry{}, problem.Invalid("body.tax", "The tax is a part of the amount, in its currency.")
	}
	if r.ReceivedOn.IsZero() {
		r.ReceivedOn = at.Today
	}
	p := Payment{Report: r, ID: IDOf(r.ExternalID), PartnerID: partnerID, At: at.Now, On: at.Today, Back: r.Amount.Sub(r.Amount)}
	data := map[string]any{
		"paymentId": p.ID, "externalId": r.ExternalID, "amount": r.Amount, "tax": r.Tax, "billTo": string(r.Payer),
	}
	if r.Failed {
		due := at.Today
		for _, o := range a.Open {
			if o.Payer == r.Payer && (o.ChargeID == r.ChargeID || r.ChargeID == "") {
				due = o.DueOn
				break
			}
		}
		data["number"], data["dueOn"], data["reason"] = cmp.Or(r.ChargeID, r.ExternalID), due.String(), r.Reason
		return Entry{Payment: p, Account: a, Fact: event.New(Late, data)}, nil
	}
	a, p.Shares = a.Pay(r.Payer, p.Net(), r.ChargeID)
	p.Earned = s.Earn(r.CustomerID, sources(p.Shares, partnerID), at.Today)
	lines := p.lines(p.Earned, commission.Collected)
	data["charges"] = paid(p.Shares)
	return Entry{Payment: p, Account: a, Lines: lines, Fact: event.New(Received, data)}, nil
}

// sources are what commissions are earned on: by the partner that has sold what was paid, or has the customer now.
func sources(shares []Share, partnerID string) []commission.Source {
	var all []commission.Source
	for _, s := range shares {
		of := commission.Source{PartnerID: s.PartnerID, PlanCode: s.PlanCode, Base: s.Amount}
		if s.ChargeID == "" {
			of.PartnerID = partnerID
		}
		all = append(all, of)
	}
	return all
}

// paid are the charges that shares have paid, for a fact.
func paid(shares []Share) []map[string]any {
	all := []map[string]any{}
	for _, s := range shares[:min(len(shares), 20)] {
		all = append(all, map[string]any{"chargeId": s.ChargeID, "amount": s.Amount})
	}
	return all
}

// lines are those of the ledgers, without those that nobody has.
func (p Payment) lines(earned []commission.Earning, kind commission.Kind) []commission.Line {
	var all []commission.Line
	for _, e := range earned {
		if e.PartnerID == "" {
			continue
		}
		l := e.Line(kind)
		l.CustomerID, l.PaymentID = p.CustomerID, p.ID
		all = append(all, l)
	}
	return all
}

// Return enters that something of the payment was given back, which was not recorded before. A refund takes from the payer's credit; beyond
// it, it is a charge that brings back. What was called back is owed again. Either way the commission is taken back in proportion. Errors:
// problem.Invalid; problem.Conflict refund_exceeds_payment, limit_reached.
func (p Payment) Return(r Refund, a Account, at licence.Moment) (Entry, error) {
	left := p.Amount.Sub(p.Back)
	switch {
	case p.Failed:
		return Entry{}, problem.Conflict("refund_exceeds_payment", "Nothing came of this payment: nothing can go back.")
	case r.Amount.Currency != p.Amount.Currency || r.Amount.Amount <= 0:
		return Entry{}, problem.Invalid("body.amount", "The amount is positive, in the payment's currency.")
	case r.Amount.Amount > left.Amount:
		return Entry{}, problem.Conflict("refund_exceeds_payment", "%s is left of this payment.", left.String())
	case len(p.Returned) >= MaxRefunds:
		return Entry{}, problem.Conflict("limit_reached", "A payment is given back in %d parts at the most.", MaxRefunds)
	}
	r.ID, r.At, r.On = RefundIDOf(p.ID, r.ExternalID), at.Now, at.Today
	before := p.Net().Portion(p.Back.Amount, p.Amount.Amount)
	p.Back = p.Back.Add(r.Amount)
	net := p.Net().Portion(p.Back.Amount, p.Amount.Amount).Sub(before)
	back := p.back(net)
	entry := Entry{}
	data := map[string]any{"paymentId": p.ID, "refundId": r.ID, "externalId": r.ExternalID, "amount": r.Amount, "billTo": string(p.Payer), "reason": r.Reason}
	if r.Kind == CalledBack {
		for n, amount := range back {
			a = a.CallBack(p.Shares[n].Debt, amount, at.Today)
		}
		entry.Fact = event.New(Reclaimed, data)
	} else {
		var beyond money.Money
		if a, beyond = a.Refund(p.Payer, net); beyond.Amount > 0 {
			entry.Charge = p.goodwill(beyond, at)
		}
		entry.Fact = event.New(GivenBack, data)
	}
	p, entry.Lines = p.take(back, r)
	for _, l := range entry.Lines {
		r.Taken = append(r.Taken, Taken{l.PartnerID, l.Amount})
	}
	p.Returned = append(slices.Clone(p.Returned), r)
	entry.Payment, entry.Account = p, a
	return entry, nil
}

// take takes back from partners what they have earned on what goes back of each share, and gives the lines of it. These are due at once if
// what was earned is.
func (p Payment) take(back []money.Money, r Refund) (Payment, []commission.Line) {
	var sources []commission.Source
	p.Shares = slices.Clone(p.Shares)
	for n, amount := range back {
		sources = append(sources, p.source(n, amount))
		p.Shares[n].Back = p.Shares[n].Back.Add(amount)
	}
	var given []commission.Earning
	p.Earned, given = commission.Take(p.Earned, sources)
	kind := commission.Refunded
	if r.Kind == CalledBack {
		kind = commission.Failed
	}
	lines := p.lines(given, kind)
	for n := range lines {
		l := &lines[n]
		l.RefundID = r.ID
		if l.DueOn.Before(r.On) {
			l.DueOn = r.On
		}
	}
	return p, lines
}

// back is how an amount before tax that goes back is shared out: over what the shares still hold, in proportion.
func (p Payment) back(net money.Money) []money.Money {
	var weights []int64
	for _, s := range p.Shares {
		weights = append(weights, s.Amount.Sub(s.Back).Amount)
	}
	if net.Amount == 0 {
		return make([]money.Money, len(weights))
	}
	return money.Split(net, weights)
}

// source is the part of the commission that a share has earned: credit has earned the partner that the customer had then.
func (p Payment) source(n int, amount money.Money) commission.Source {
	s := p.Shares[n]
	of := commission.Source{PartnerID: s.PartnerID, PlanCode: s.PlanCode, Base: amount}
	if s.ChargeID != "" {
		return of
	}
	for _, e := range p.Earned {
		for _, part := range e.Parts {
			if part.PlanCode == "" {
				of.PartnerID = e.PartnerID
			}
		}
	}
	return of
}

// goodwill is a charge for what was refunded beyond all credit: it brings it back, so that nobody owes it.
func (p Payment) goodwill(amount money.Money, at licence.Moment) *Charge {
	c := Charge{
		CustomerID: p.CustomerID, Payer: p.Payer, Lines: []licence.Line{}, Total: amount.Neg(), At: at.Now, On: at.Today, DueOn: at.Today,
	}
	for _, s := range p.Shares {
		if s.ChargeID != "" {
			c.PartnerID, c.LicenceID, c.PlanCode = s.PartnerID, s.LicenceID, s.PlanCode
			break
		}
	}
	return &c
}
