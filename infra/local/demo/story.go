package demo

import (
	"fmt"
	"strings"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/partner"
	"comptoir/shared/plan"
	"comptoir/shared/seat"
	"comptoir/shared/table"
)

// own makes one of a partner's own two companies.
func (s *seeder) own(tx *table.Tx, partnerID, id, name, code string) {
	c, appeared := customer.Appear(customer.Report{
		CustomerID: id, AccountID: "acc-" + strings.TrimPrefix(id, "cus_"), Name: name, Sandbox: code == plan.Sandbox,
		Administrator: customer.Administrator{Name: seller(partnerID).Name, Mail: "direction@" + strings.TrimPrefix(partnerID, "par_") + ".example"},
	})
	c.OwnedBy = partnerID
	s.names[id] = name
	at := licence.At(tx.Now, s.zone)
	l, out := licence.Permanent("lic_"+strings.TrimPrefix(id, "cus_"), id, planOf(code), at)
	tx.Record(&c, appeared)
	if _, err := tx.Hold(&c, seat.Loaded(nil, nil), licence.Licence{}, &l, out, at.Today); err != nil {
		panic(err) // the demonstration is ours
	}
}

func planOf(code string) plan.Plan {
	for _, p := range plans() {
		if p.Code == code {
			return p
		}
	}
	panic("demo: no plan " + code)
}

// story is one customer's licence over time: each step is done some days ago.
type story struct {
	s   *seeder
	p   partner.Partner
	c   customer.Customer
	l   licence.Licence
	ids int

	seats seat.Pool
}

// step decides something at a moment and writes it.
func (t *story) step(days int, operation string, by event.Actor, decide func(licence.Licence, licence.Moment) (licence.Licence, licence.Outcome, error)) {
	at := t.s.ago(days)
	if days == 0 {
		at = t.s.now
	}
	moment := licence.At(at, t.s.zone)
	after, out, err := decide(t.l, moment)
	if err != nil {
		panic(fmt.Sprintf("demo: %s of %s: %v", operation, t.c.ID, err)) // stories are ours
	}
	organisation := t.p.ID
	if by.Kind != "person" {
		organisation = ""
	}
	tx := t.s.draft(at, operation, by, organisation)
	if t.seats, err = tx.Hold(&t.c, t.seats, t.l, &after, out, moment.Today); err != nil {
		panic(err)
	}
	t.l = after
}

func (t *story) take(days int, code string, term calendar.Term, quantity int, trial, autoRenew bool) {
	t.l = licence.Licence{}
	t.ids++
	order := licence.Order{
		LicenceID: fmt.Sprintf("lic_%s", strings.TrimPrefix(t.c.ID, "cus_")), CustomerID: t.c.ID, PartnerID: t.p.ID, Origin: licence.Manual,
		Quantity: quantity, Term: term, Trial: trial, AutoRenew: autoRenew, BillTo: licence.PaidByPartner,
	}
	if t.ids > 1 {
		order.LicenceID += fmt.Sprint(t.ids)
	}
	if a := t.p.Automatic; a != nil && a.PlanCode == code {
		order.Origin = licence.Automatic
	}
	t.step(days, "takeLicence", seller(t.p.ID), func(_ licence.Licence, at licence.Moment) (licence.Licence, licence.Outcome, error) {
		return licence.Take(order, planOf(code), at)
	})
}

func (t *story) change(days int, c licence.Change) {
	t.step(days, "changeLicence", seller(t.p.ID), func(l licence.Licence, at licence.Moment) (licence.Licence, licence.Outcome, error) {
		return l.Change(c, at)
	})
}

func (t *story) cancel(days int) {
	t.step(days, "cancelLicence", seller(t.p.ID), func(l licence.Licence, at licence.Moment) (licence.Licence, licence.Outcome, error) {
		return l.Cancel(licence.Cancellation{}, at)
	})
}

func (t *story) suspend(days int, r licence.Reason, side licence.Side, by event.Actor) {
	t.step(days, "suspendLicence", by, func(l licence.Licence, at licence.Moment) (licence.Licence, licence.Outcome, error) {
		return l.Suspend(r, side, "", at)
	})
}

// customer makes the n-th customer of a partner and tells its story; a dozen stories come round.
func (s *seeder) customer(p partner.Partner, n int) {
	age := 40 + (n*13)%320
	c, _ := s.appear(p, age)
	t := &story{s: s, p: p, c: c, seats: seat.Loaded(nil, nil)}
	ten, off := 5+n%20, false
	month := s.noon.Sub(s.noon.AddDate(0, -1, 0)) / (24 * time.Hour)
	within := n % min(27, int(month)) // days ago that lie within the running month
	operator := event.Actor{ID: "operator", Kind: "machine", Name: "operator"}
	switch n % 12 {
	case 0: // a yearly commitment that grew
		t.take(age-10, Pro, calendar.Year, 10, false, true)
		more := 12 + n%5
		t.change(age-30, licence.Change{Quantity: &more})
	case 1: // by the month, flexible
		t.take(within, Start, calendar.Month, ten, false, true)
	case 2: // on trial
		t.take(within, Pro, calendar.Year, 1+n%3, true, true)
	case 3: // just taken: the cancellation window is open
		t.take(n%6, Payroll, calendar.Year, 2+n%4, false, true)
	case 4: // fewer units from the renewal on
		t.take(age-20, Pro, calendar.Year, ten, false, true)
		fewer := ten - 2
		t.change(3, licence.Change{Quantity: &fewer, When: licence.AtRenewal})
	case 5: // will not be renewed
		t.take(age-20, Expenses, calendar.Year, ten, false, true)
		t.change(15, licence.Change{AutoRenew: &off})
	case 6: // cancelled, ends with its term
		t.take(age-20, Pro, calendar.Year, ten, false, true)
		t.cancel(9)
	case 7: // suspended by the partner
		t.take(age-20, Payroll, calendar.Year, ten, false, true)
		t.suspend(5, licence.ByPartner, licence.PartnerSide, seller(p.ID))
	case 8: // not paid
		t.take(age-20, Expenses, calendar.Year, ten, false, true)
		t.suspend(2, licence.Unpaid, licence.PublisherSide, operator)
	case 9: // given back inside the window
		t.take(30, Pro, calendar.Year, ten, false, true)
		t.cancel(26)
	case 10: // not renewed: expired
		t.take(38, Start, calendar.Month, ten, false, false)
	case 11: // two licences, or none yet
		if n%24 == 11 {
			return
		}
		t.take(age-15, Pro, calendar.Year, ten, false, true)
		t.take(within, Expenses, calendar.Month, 3, false, true)
	}
	s.settle(t)
}

// settle brings the customer's row up to today: what has ended since shows.
func (s *seeder) settle(t *story) {
	today := calendar.On(s.now, s.zone)
	t.c = t.c.Hold(t.l, today)
	s.draft(s.now, "seed", system, "").Put(&t.c)
}
