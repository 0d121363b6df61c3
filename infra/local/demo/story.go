package demo

import (
	"fmt"
	"strings"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/membership"
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
	seats := enrol(tx, &c, seat.Loaded(nil, nil), s.team(c, 0)...)
	if _, err := tx.Hold(&c, seats, licence.Licence{}, &l, out, at); err != nil {
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

// story is one customer's licence and seats over time: each step is done some days ago.
type story struct {
	s    *seeder
	p    partner.Partner
	c    customer.Customer
	l    licence.Licence
	ids  int
	last time.Time // when the latest step was done

	team  []membership.Membership
	seats seat.Pool
	asked seat.Request // the latest
}

// draft begins a step, after those before it.
func (t *story) draft(days int, operation string, by event.Actor) *table.Tx {
	at := t.s.ago(days)
	if days == 0 {
		at = t.s.now
	}
	if !at.After(t.last) {
		at = t.last.Add(time.Millisecond)
	}
	t.last = at
	organisation := ""
	switch {
	case by.ID == t.team[0].UserID:
		organisation = t.c.ID
	case by.Kind == "person":
		organisation = t.p.ID
	}
	return t.s.draft(at, operation, by, organisation)
}

// unproved is how many customers there are for one whose domain nobody has verified.
const unproved = 8

// prove has the customer's administrator verify its domain, or whoever sells to it.
func (t *story) prove(days int) {
	by := seller(t.p.ID)
	if t.s.number%3 == 0 {
		by = event.Actor{ID: t.team[0].UserID, Kind: "person", Name: t.team[0].Name}
	}
	record, err := t.c.DomainRecord()
	if err != nil {
		panic(err) // all have one
	}
	tx := t.draft(days, "verifyDomain", by)
	c, facts := t.c.Verify([]string{record.Value}, tx.Now)
	tx.Put(&c)
	tx.Record(&c, facts...)
	t.c = c
}

// step decides something about a licence at a moment and writes it.
func (t *story) step(days int, operation string, by event.Actor, decide func(licence.Licence, licence.Moment) (licence.Licence, licence.Outcome, error)) {
	tx, c := t.draft(days, operation, by), t.c
	moment := licence.At(tx.Now, t.s.zone)
	after, out, err := decide(t.l, moment)
	if err != nil {
		panic(fmt.Sprintf("demo: %s of %s: %v", operation, t.c.ID, err)) // stories are ours
	}
	if t.seats, err = tx.Hold(&c, t.seats, t.l, &after, out, moment); err != nil {
		panic(err)
	}
	t.c, t.l = c, after
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

// sizes are how many people customers have.
var sizes = []int{3, 2, 4, 2, 7, 2, 3, 12, 2, 5, 2, 3, 2, 30, 2, 3, 4}

// customer makes the n-th customer of a partner and tells its story; a dozen stories come round.
func (s *seeder) customer(p partner.Partner, n int) *story {
	age := 40 + (n*13)%320
	size := sizes[n%len(sizes)]
	tell, special := seatStories[n]
	switch {
	case special:
		size = 14 + n/6
	case n%24 == 4: // more than their cap will be
		size = 8 + n%11
	}
	t := s.appear(p, size, age)
	ten, off := 5+n%20, false
	month := s.noon.Sub(s.noon.AddDate(0, -1, 0)) / (24 * time.Hour)
	within := n % min(27, int(month)) // days ago that lie within the running month
	operator := event.Actor{ID: "operator", Kind: "machine", Name: "operator"}
	used := []int{40, 85, 100, 60, 90, 20}[n/12%6] // percent of the seats
	switch n % 12 {
	case 0: // a yearly commitment that grew
		t.take(age-10, Pro, calendar.Year, 10, false, true)
		more := 12 + n%5
		t.change(age-30, licence.Change{Quantity: &more})
		if special {
			tell(t)
		} else {
			t.use(5, used)
		}
	case 1: // by the month, flexible
		t.take(within, Start, calendar.Month, ten, false, true)
		t.use(within, used)
	case 2: // on trial
		t.take(within, Pro, calendar.Year, 1+n%3, true, true)
		t.use(within, used)
	case 3: // just taken: the cancellation window is open
		t.take(n%6, Payroll, calendar.Year, 2+n%4, false, true)
		t.use(n%6, used)
	case 4: // fewer units from the renewal on; half of them lose some seats before
		t.take(age-20, Pro, calendar.Year, ten, false, true)
		t.use(age-20, used)
		fewer := ten - 2
		t.change(3, licence.Change{Quantity: &fewer, When: licence.AtRenewal})
		if n%24 == 4 {
			t.limit(2, "expenses", max(1, t.seats.Gauges["expenses"].Used-2))
		}
	case 5: // will not be renewed
		t.take(age-20, Expenses, calendar.Year, ten, false, true)
		t.use(age-20, used)
		t.change(15, licence.Change{AutoRenew: &off})
	case 6: // cancelled, ends with its term
		t.take(age-20, Pro, calendar.Year, ten, false, true)
		t.use(age-20, used)
		t.cancel(9)
	case 7: // suspended by the partner
		t.take(age-20, Payroll, calendar.Year, ten, false, true)
		t.use(age-20, used)
		t.suspend(5, licence.ByPartner, licence.PartnerSide, seller(p.ID))
	case 8: // not paid
		t.take(age-20, Expenses, calendar.Year, ten, false, true)
		t.use(age-20, used)
		t.suspend(2, licence.Unpaid, licence.PublisherSide, operator)
	case 9: // given back inside the window
		t.take(30, Pro, calendar.Year, ten, false, true)
		t.use(29, used)
		t.cancel(26)
	case 10: // not renewed: expired
		t.take(38, Start, calendar.Month, ten, false, false)
		t.use(38, used)
	case 11: // two licences, or none yet
		if n%24 == 11 {
			return t
		}
		t.take(age-15, Pro, calendar.Year, ten, false, true)
		t.take(within, Expenses, calendar.Month, 3, false, true)
		t.use(within, used)
	}
	s.settle(t)
	return t
}

// seatStories are what some customers that grew did with their seats, by n.
var seatStories = map[int]func(*story){
	0: func(t *story) { // near its cap, which is less than its licence funds
		t.give(9, "compta", 5)
		t.limit(8, "expenses", 10)
		t.give(7, "expenses", 7)
	},
	12: func(t *story) { // full, and waits for an answer
		t.use(6, 100)
		t.ask(4, "expenses", 5, "Five people join us next month.")
	},
	24: func(t *story) { // was full, and got what it asked for
		t.limit(9, "expenses", 12)
		t.use(8, 100)
		t.ask(6, "expenses", 4, "For the new shop.")
		t.answer(5, true, "")
	},
	36: func(t *story) { // is full, and was told no
		t.use(8, 100)
		t.ask(6, "expenses", 20, "")
		t.answer(5, false, "Let us talk about a larger licence first.")
	},
}

// settle brings the customer's row up to today: what has ended since shows.
func (s *seeder) settle(t *story) {
	today := calendar.On(s.now, s.zone)
	t.c = t.c.Hold(t.l, today)
	s.draft(s.now, "seed", system, "").Put(&t.c)
}
