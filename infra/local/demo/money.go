package demo

import (
	"fmt"
	"time"

	"comptoir/shared/commission"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/payment"
	"comptoir/shared/table"
)

// scheme is what partners earn in the demonstration.
func (s *seeder) scheme() commission.Scheme {
	return commission.Scheme{
		Default: 1000, Plans: map[string]int{Pro: 1200}, Tiers: map[string]int{"Or": 1500}, Partners: map[string]string{"par_integral": "Or"},
		Deals:    []commission.Deal{{Name: "Boulangerie Dupont 2026", PartnerID: "par_martin", CustomerID: "cus_dupont", Rate: 2000}},
		HoldDays: commission.DefaultHoldDays, Minimum: euros(50_00),
	}
}

// money begins with the scheme, so that whatever is paid earns something.
func (s *seeder) money() {
	tx := s.draft(s.ago(399), "putScheme", operator, "")
	fixed, fact, err := s.terms.Edit(s.scheme())
	if err != nil {
		panic(err) // the demonstration is ours
	}
	tx.PutScheme(&fixed)
	tx.Record(&fixed, fact)
	s.terms = fixed
}

var operator = event.Actor{ID: "operator", Kind: "machine", Name: "operator"}

// duty is something that comes by itself at an instant.
type duty struct {
	at time.Time
	do func(at time.Time)
}

// collects is when somebody looks after what is open; nothing if nobody has to.
func (t *story) collects() (duty, bool) {
	return duty{t.account.DueAt.Add(minutes), t.collect}, !t.account.DueAt.IsZero()
}

// settles is when the oldest open charge is paid: most customers pay one to three weeks after it was made, and some don't.
func (t *story) settles() (duty, bool) {
	if t.stingy || len(t.account.Open) == 0 {
		return duty{}, false
	}
	days := 8 + t.s.number%14 - payment.DueDays
	return duty{t.account.Open[0].DueOn.AddDays(days).Start(t.s.zone).Add(10 * time.Hour), func(at time.Time) { t.pay(at) }}, true
}

// pay pays all that is open of who is to pay the oldest.
func (t *story) pay(at time.Time) {
	first := t.account.Open[0]
	net := euros(0)
	for _, o := range t.account.Open {
		if o.Payer == first.Payer {
			net = net.Add(o.Left)
		}
	}
	tax := net.Portion(2000, 10_000)
	tx := t.begin(at, "recordPayment", product)
	moment := licence.At(tx.Now, t.s.zone)
	e, err := payment.Record(payment.Report{
		ExternalID: "py_" + first.ChargeID, CustomerID: t.c.ID, Payer: first.Payer, Amount: net.Add(tax), Tax: tax,
	}, t.account, t.c.PartnerID, t.s.terms, moment)
	if err != nil {
		panic(err)
	}
	t.remitted = e.Payment
	t.enter(tx, e, moment)
}

// refund gives the credit back that was paid.
func (t *story) refund(days int) {
	tx := t.draft(days, "recordRefund", product)
	moment := licence.At(tx.Now, t.s.zone)
	credit := t.account.Balance(t.remitted.Payer, "EUR").Neg()
	e, err := t.remitted.Return(payment.Refund{
		ExternalID: "re_" + t.c.ID, Kind: payment.Refunded, Amount: credit.Add(credit.Portion(2000, 10_000)), Reason: "given back within the window",
	}, t.account, moment)
	if err != nil {
		panic(fmt.Sprintf("demo: %s: %v", t.c.ID, err))
	}
	t.remitted = e.Payment
	t.enter(tx, e, moment)
}

// enter writes what a payment or a refund changes.
func (t *story) enter(tx *table.Tx, e payment.Entry, at licence.Moment) {
	c := t.c
	t.account = e.Account
	tx.Owe(&t.account, at)
	for _, l := range e.Lines {
		l.CustomerName = c.Name
		tx.Book(l, at.Today)
	}
	tx.Put(&e.Payment)
	tx.Record(&c, e.Fact)
	t.remitted.Stamp = e.Payment.Stamp
}

// collect does all that is to be done about what is open.
func (t *story) collect(at time.Time) {
	for {
		moment := licence.At(at, t.s.zone)
		step, id := t.account.Next(moment.Today)
		if step == "" {
			return
		}
		tx := t.begin(at, "collectCharges", system)
		moment.Now = tx.Now
		c, n := t.c, 0
		for n < len(t.held) && t.held[n].ID != id {
			n++
		}
		switch step {
		case payment.Tell:
			told, facts := t.account.Told(moment.Today)
			t.account = told
			tx.Owe(&t.account, moment)
			tx.Record(&c, facts...)
		case payment.Pause:
			if _, _, err := t.held[n].Suspend(licence.Unpaid, licence.PublisherSide, "", moment); err != nil {
				t.account = t.account.Pausing(id, false, moment.Today)
				tx.Owe(&t.account, moment)
				continue
			}
			t.account = t.account.Pausing(id, true, moment.Today)
			t.hold(tx, n, func(l licence.Licence, at licence.Moment) (licence.Licence, licence.Outcome, error) {
				return l.Suspend(licence.Unpaid, licence.PublisherSide, "", at)
			})
		default:
			panic("demo: nobody pays what a licence was suspended for")
		}
	}
}
