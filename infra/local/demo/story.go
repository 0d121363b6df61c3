package demo

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
	"comptoir/shared/payment"
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
	if err := tx.Hold(&table.Holder{Customer: c, Seats: seats}, licence.Licence{}, &l, out, at); err != nil {
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

// story is one customer's licences and seats over time: each step is done some days ago, and what falls due before it is done
// on its day.
type story struct {
	s    *seeder
	p    partner.Partner
	c    customer.Customer
	held []licence.Licence // the latest is the one that steps are about
	last time.Time         // when the latest step was done

	team     []membership.Membership
	seats    seat.Pool
	account  payment.Account
	stingy   bool            // nothing is paid
	remitted payment.Payment // the latest
	asked    seat.Request    // the latest
}

// draft begins a step, after those before it.
func (t *story) draft(days int, operation string, by event.Actor) *table.Tx {
	at := t.s.ago(days)
	if days == 0 {
		at = t.s.now
	}
	t.pass(at)
	return t.begin(at, operation, by)
}

// draftAt is a morning some days ago, once all that falls due before is done.
func (t *story) draftAt(days int) time.Time {
	at := t.s.ago(days)
	t.pass(at)
	return at
}

// begin begins a step at an instant, or after the one before it.
func (t *story) begin(at time.Time, operation string, by event.Actor) *table.Tx {
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

// pass does all that falls due up to an instant, each some minutes after it does if there are as many.
func (t *story) pass(until time.Time) {
	for {
		next, any := t.collects()
		if pays, due := t.settles(); due && (!any || pays.at.Before(next.at)) {
			next, any = pays, true
		}
		for n, l := range t.held {
			at := l.DueAt.Add(minutes)
			if !l.DueAt.IsZero() && (!any || at.Before(next.at)) {
				next, any = duty{at, func(at time.Time) { t.fallDue(at, n) }}, true
			}
		}
		if !any || next.at.Add(-minutes).After(until) {
			return
		}
		if next.at.After(until) {
			next.at = until
		}
		next.do(next.at)
	}
}

// fallDue does what is due of a licence.
func (t *story) fallDue(at time.Time, n int) {
	t.hold(t.begin(at, "renewLicence", system), n, func(l licence.Licence, at licence.Moment) (licence.Licence, licence.Outcome, error) {
		l, out := l.FallDue(at)
		return l, out, nil
	})
}

const minutes = 20 * time.Minute

// step decides something about the latest licence at a moment and writes it.
func (t *story) step(days int, operation string, by event.Actor, decide func(licence.Licence, licence.Moment) (licence.Licence, licence.Outcome, error)) {
	t.hold(t.draft(days, operation, by), len(t.held)-1, decide)
}

func (t *story) hold(tx *table.Tx, n int, decide func(licence.Licence, licence.Moment) (licence.Licence, licence.Outcome, error)) {
	moment := licence.At(tx.Now, t.s.zone)
	after, out, err := decide(t.held[n], moment)
	if err != nil {
		panic(fmt.Sprintf("demo: %s of %s: %v", tx.Operation, t.c.ID, err)) // stories are ours
	}
	h := table.Holder{Customer: t.c, Seats: t.seats, Account: t.account}
	if err = tx.Hold(&h, t.held[n], &after, out, moment); err != nil {
		panic(err)
	}
	t.c, t.seats, t.account, t.held[n] = h.Customer, h.Seats, h.Account, after
}

func (t *story) take(days int, code string, term calendar.Term, quantity int, trial, autoRenew bool) {
	order := licence.Order{
		LicenceID: fmt.Sprintf("lic_%s", strings.TrimPrefix(t.c.ID, "cus_")), CustomerID: t.c.ID, PartnerID: t.p.ID, Origin: licence.Manual,
		Quantity: quantity, Term: term, Trial: trial, AutoRenew: autoRenew, BillTo: licence.PaidByPartner,
	}
	if len(t.held) > 0 {
		order.LicenceID += fmt.Sprint(len(t.held) + 1)
	}
	if a := t.p.Automatic; a != nil && a.PlanCode == code {
		order.Origin = licence.Automatic
	} else {
		t.paid(&order)
	}
	t.held = append(t.held, licence.Licence{})
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

// customer makes the n-th customer of a partner and tells its story; a dozen stories come round, and two of each sort: one whose
// term ends within weeks, and one with months to go.
func (s *seeder) customer(p partner.Partner, n int) *story {
	age, round := 40+(n*13)%320, n/12
	ends := 2 + (n*7)%75 // days until a yearly term ends that ends soon
	soon := round%2 == 0 && slices.Contains([]int{4, 5, 6, 7}, n%12)
	if soon {
		age = s.daysSince(0, 12) - ends + 20
	}
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
	within := n % min(27, s.daysSince(0, 1))        // days ago that lie within the running month
	monthly := s.daysSince(within, 1+round%2)       // days ago, the same day of a month before
	used := []int{40, 85, 100, 60, 90, 20}[round%6] // percent of the seats
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
	case 1: // by the month, flexible: renewed since, and fewer now or from the next month on
		t.take(min(monthly, age), Start, calendar.Month, ten, false, true)
		t.use(within, used)
		if fewer := max(ten-2, t.seats.Gauges["compta"].Used); fewer < ten {
			when := []licence.When{licence.Now, licence.AtRenewal}[round%2]
			t.change(within/2, licence.Change{Quantity: &fewer, When: when})
		}
	case 2: // on trial: it becomes the paid plan, or not; some did a while ago
		days := within
		if round%3 == 2 {
			days = 32 + n%7
		}
		t.take(days, Pro, calendar.Year, 1+n%3, true, round%2 == 0)
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
	case 8: // not paid: suspended since a while, or told so far
		t.stingy = true
		days := 33 + n%20
		t.take(min(age-1, days), Expenses, calendar.Year, ten, false, true)
		t.use(min(age-1, days), used)
	case 9: // given back inside the window, paid already or not
		t.take(30, Pro, calendar.Year, ten, false, true)
		t.use(29, used)
		if soon := round%2 == 0; soon {
			t.pay(t.draftAt(28))
			t.cancel(26)
			t.refund(24)
		} else {
			t.cancel(26)
		}
	case 10: // not renewed: expired, or about to
		days := within
		if round%2 == 0 {
			days = 38
		}
		t.take(days, Start, calendar.Month, ten, false, false)
		t.use(days, used)
	case 11: // two licences, or none yet
		if n%24 == 11 {
			return t
		}
		t.take(age-15, Pro, calendar.Year, ten, false, true)
		t.take(within, Expenses, calendar.Month, 3, false, true)
		t.use(within, used)
	}
	t.pass(s.now)
	return t
}

// daysSince is how many days ago the day was that lies some months before a day some days ago.
func (s *seeder) daysSince(days, months int) int {
	today := calendar.On(s.now, s.zone)
	return calendar.On(s.ago(days).AddDate(0, -months, 0), s.zone).DaysUntil(today)
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
