package licence

import (
	"comptoir/shared/calendar"
	"comptoir/shared/phrase"
	"comptoir/shared/plan"
	"comptoir/shared/problem"
)

// Order is a licence to be taken.
type Order struct {
	LicenceID  string
	CustomerID string
	PartnerID  string // of record; none when the publisher manages the customer
	Origin     Origin
	Quantity   int
	Term       calendar.Term
	Trial      bool
	AutoRenew  bool
	BillTo     Payer
	PaymentID  string
}

// Take makes a licence on a plan from today on (A9, E2). A trial lasts the plan's trial days and
// costs nothing; then it turns into the paid plan if it renews by itself, or suspends.
// Errors: problem.Invalid.
func Take(o Order, p plan.Plan, at Moment) (Licence, Outcome, error) {
	if err := sellable(p, o.Term, o.Quantity); err != nil {
		return Licence{}, Outcome{}, err
	}
	if o.Trial && p.TrialDays == 0 {
		return Licence{}, Outcome{}, problem.Invalid("body.trial", "The plan %s has no trial.", p.Code)
	}
	if err := payable(o.BillTo, o.PartnerID); err != nil {
		return Licence{}, Outcome{}, err
	}
	l := Licence{
		Offer: offerOf(p), ID: o.LicenceID, CustomerID: o.CustomerID, PartnerID: o.PartnerID,
		Quantity: o.Quantity, Term: o.Term, Origin: o.Origin, BillTo: o.BillTo, PaymentID: o.PaymentID,
		StartedAt: at.Now, StartedOn: at.Today, OnTrial: o.Trial, Reasons: []Reason{}, Batches: []Batch{},
	}
	out := l.outcome()
	if o.Trial {
		l.Start, l.End = at.Today, at.Today.AddDays(p.TrialDays)
		l.Anchor = l.End // the first paid period starts when the trial ends
		out.effect("trialStarts", "A trial starts today and ends on %s.", l.End)
	} else {
		l.begin(at.Today)
		l.charge(o.Quantity, at, &out)
		out.effect("windowOpens", "It can be cancelled with a refund until %s.", instant(l.CancellableUntil(at.Today)))
	}
	l.renew(o.AutoRenew, &out)
	out.record("licence.taken", l, map[string]any{"origin": string(o.Origin), "trial": o.Trial})
	return l, out, nil
}

// Permanent makes the licence of one of a partner's own two companies: free, without end (A4, A5).
func Permanent(licenceID, customerID string, p plan.Plan, at Moment) (Licence, Outcome) {
	l := Licence{
		Offer: offerOf(p), ID: licenceID, CustomerID: customerID, Quantity: 1, Term: calendar.Year,
		Origin: Automatic, BillTo: PaidByPartner, StartedAt: at.Now, StartedOn: at.Today,
		Start: at.Today, Anchor: at.Today, AutoRenew: true, Reasons: []Reason{}, Batches: []Batch{},
	}
	out := l.outcome()
	out.record("licence.taken", l, map[string]any{"origin": string(Automatic)})
	return l, out
}

func sellable(p plan.Plan, term calendar.Term, quantity int) error {
	_, offered := p.Price(term)
	switch {
	case p.Permanent() || p.Retired:
		return problem.Invalid("body.planCode", "The plan %s is not for sale.", p.Code)
	case !offered:
		return problem.Invalid("body.term", "The plan %s is not offered by the %s.", p.Code, termName(term))
	}
	return saleableQuantity(quantity)
}

// payable refuses to bill a partner where there is none.
func payable(by Payer, partnerID string) error {
	if by == PaidByPartner && partnerID == "" {
		return problem.Invalid("body.billTo", "There is no partner to bill: the publisher manages this customer.")
	}
	return nil
}

// termName is a term in words.
func termName(t calendar.Term) phrase.Text {
	if t == calendar.Year {
		return phrase.Say("year")
	}
	return phrase.Say("month")
}

func saleableQuantity(n int) error {
	if n < 1 || n > MaxQuantity {
		return problem.Invalid("body.quantity", "The quantity is from 1 to %d.", MaxQuantity)
	}
	return nil
}

// begin starts the first period of the licence's term on a day.
func (l *Licence) begin(day calendar.Date) {
	l.Anchor, l.TermIndex = day, 0
	l.Start, l.End = day, l.Term.Nth(day, 1)
}

// charge adds a batch of n units, paid for from today to the end of the period.
func (l *Licence) charge(n int, at Moment, out *Outcome) {
	line := charge(l.PlanCode, l.Prices[l.Term], n, at.Today, l.Start, l.End)
	out.add(line)
	l.Batches = append(l.Batches, Batch{Quantity: n, TakenAt: at.Now, From: at.Today, Paid: line.Amount})
}

// renew turns automatic renewal on or off. Off, a paid licence ends with its period; a trial suspends then.
func (l *Licence) renew(on bool, out *Outcome) {
	l.AutoRenew = on
	switch {
	case on:
		l.EndsOn, l.Ending = calendar.Date{}, ""
		out.effect("renews", "It renews by itself on %s.", l.End)
	case l.OnTrial:
		out.effect("trialSuspends", "It is suspended when the trial ends on %s.", l.End)
	case l.Ending == Cancelled: // it ends already
	default:
		l.EndsOn, l.Ending = l.End, Expired
		out.effect("ends", "It ends on %s.", l.End)
	}
}
