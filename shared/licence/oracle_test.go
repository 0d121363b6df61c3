package licence_test

import (
	"fmt"
	"math/rand/v2"
)

// This file says a second time what becomes of a licence, day by day and apart from the code under
// test: from the requirements alone, slowly, with an almanac instead of arithmetic. The tests in
// life_test.go compare the two.
//
//   - A period starts on the anchor's day of the month, n terms later, or on the month's last day where
//     it has no such day. It ends on the day on which the next one starts.
//   - A licence that renews is charged its price for all units at the start of each period, once. Ends
//     that were missed are worked off one by one, so a late worker changes no date and no amount.
//   - A change scheduled for the renewal applies at the first end of a term after it. Another term
//     starts a new anchor on that day. Prices stay as agreed until another plan comes.
//   - A trial's first paid period starts on the day the trial ends, which is the anchor. A trial that
//     isn't to renew is suspended instead, and becomes the paid plan on the day on which renewal is
//     turned on; that day is then the anchor.
//   - A licence that doesn't renew has expired on the day its term ends; a cancelled one is cancelled
//     from then on. An end that is set comes, whether the licence is suspended or not.
//   - A licence suspended at its end waits. When it is resumed, it goes on within the period of its
//     anchor that holds the day, charged by the day from then on. What starts an anchor of its own, a
//     trial's first paid period or another term, starts it on the day it is resumed.
//   - Reminders come on the plan's days before the end, if they lie after the period's start; of
//     several that were missed only the latest, and none from the end on. Nobody is reminded of a
//     licence that is suspended. On days up to the one that it is muted until, the reminder is only noted.

// A date is a page of the almanac: the number of days since 1 January 1970.
type date int

type leaf struct {
	year, month, day int
	sheet            int // of the almanac: its month
}

// A sheet is a month of the almanac.
type sheet struct {
	first  date
	length int
}

type almanac struct {
	leaves []leaf
	sheets []sheet
	texts  []string
	dates  map[string]date
}

// years is an almanac long enough for all tests: 1970 to 2059.
var years = func() almanac {
	a := almanac{dates: map[string]date{}}
	for year := 1970; year < 2060; year++ {
		lengths := []int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
		if year%4 == 0 { // so it is in these years: 2000 was a leap year
			lengths[1] = 29
		}
		for i, length := range lengths {
			a.sheets = append(a.sheets, sheet{date(len(a.leaves)), length})
			for d := 1; d <= length; d++ {
				text := fmt.Sprintf("%04d-%02d-%02d", year, i+1, d)
				a.dates[text] = date(len(a.leaves))
				a.texts = append(a.texts, text)
				a.leaves = append(a.leaves, leaf{year, i + 1, d, len(a.sheets) - 1})
			}
		}
	}
	return a
}()

func (d date) String() string { return years.texts[d] }

// months is the day that comes some months after d.
func (d date) months(n int) date {
	at := years.leaves[d]
	s := years.sheets[at.sheet+n]
	return s.first + date(min(at.day, s.length)) - 1
}

// A bargain is what is sold: units of a plan, for terms of so many months.
type bargain struct {
	plan   string
	months int // 1 or 12
	units  int
	prices map[int]int64 // of a unit, by months
}

// An act is what somebody did with a licence on a day, after the worker had come.
type act struct {
	on   date
	what string
	to   bargain // schedule: all of it; add: the units
	till date    // mute
}

// A deal is a licence as it was taken, and what people did with it.
type deal struct {
	taken  date
	trial  int // days; 0 for none
	first  bargain
	renews bool
	before []int // days before an end on which people are reminded
	acts   []act
}

// A stretch is a number of days paid for together: a term, or what was left of one.
type stretch struct {
	From, To string
	Plan     string
	Units    int
	Price    int64 // of a unit, for a whole term
	Amount   int64
}

// A notice is a reminder, on the day on which it was sent or only noted.
type notice struct {
	On    string
	Muted bool
}

// A life is all that became of a licence up to a day.
type life struct {
	Paid     []stretch
	Renewals int // terms begun because the one before had ended
	Trials   int // that became the paid plan
	Notices  []notice
	statuses []string // by day, from the day it was taken
}

// A model is a licence as the words above have it.
type model struct {
	bargain
	life
	today, anchor     date
	n                 int // the running period is the n-th of the anchor
	start, end        date
	trial, renews     bool
	scheduled         *bargain
	closing           string // the status that it has from the end of its term on
	partner, tried    bool   // suspended by the partner, because the trial is over
	before            []int
	reminded, mutedTo date
}

// begun is the licence on the day it was taken.
func begun(d deal) *model {
	m := &model{bargain: d.first, today: d.taken, anchor: d.taken, renews: d.renews, before: d.before}
	if d.trial > 0 {
		m.trial, m.start, m.end = true, d.taken, d.taken+date(d.trial)
		return m
	}
	if !d.renews {
		m.closing = "expired"
	}
	m.begin(d.taken, 0, d.taken)
	return m
}

// begin starts the n-th period of an anchor, and has it paid from a day on.
func (m *model) begin(anchor date, n int, from date) {
	m.anchor, m.n, m.trial = anchor, n, false
	m.start, m.end = anchor.months(n*m.months), anchor.months((n+1)*m.months)
	m.pay(from, m.units)
}

// pay charges units from a day of the running period to its end.
func (m *model) pay(from date, units int) {
	whole, days := int64(m.end-m.start), int64(m.end-from)
	price := m.prices[m.bargain.months]
	m.Paid = append(m.Paid, stretch{from.String(), m.end.String(), m.plan, units, price, nearest(price*int64(units)*days, whole)})
}

// nearest is a ÷ b to the nearest whole number, halves away from zero; a is not negative.
func nearest(a, b int64) int64 {
	q := a / b
	if 2*(a-q*b) >= b {
		q++
	}
	return q
}

// work is what the worker does when it comes.
func (m *model) work() {
	for m.end <= m.today {
		switch {
		case m.closing != "" || m.partner || m.tried:
			return
		case m.trial && !m.renews:
			m.tried = true
			return
		default:
			m.next(m.end)
		}
	}
	if !m.partner && !m.tried {
		m.remind()
	}
}

// next starts the term after the running one on a day: on its end, or later if the licence was suspended.
func (m *model) next(on date) {
	if m.trial {
		m.Trials++
	} else {
		m.Renewals++
	}
	anchor, n := m.anchor, m.n+1
	if m.trial || m.scheduled != nil && m.scheduled.months != m.months {
		anchor, n = on, 0
	}
	if m.scheduled != nil {
		m.bargain, m.scheduled = *m.scheduled, nil
	}
	for anchor.months((n+1)*m.months) <= on {
		n++
	}
	m.begin(anchor, n, on)
}

func (m *model) remind() {
	latest := date(0)
	for _, days := range m.before {
		if on := m.end - date(days); on > m.start && on <= m.today {
			latest = max(latest, on)
		}
	}
	if latest > m.reminded {
		m.reminded = latest
		m.Notices = append(m.Notices, notice{m.today.String(), m.today <= m.mutedTo})
	}
}

// do is what somebody does today.
func (m *model) do(a act) {
	switch a.what {
	case "schedule":
		m.scheduled = &a.to
	case "add":
		m.units += a.to.units
		m.pay(m.today, a.to.units)
	case "stop":
		m.renews, m.scheduled = false, nil
		if !m.trial {
			m.closing = "expired"
		}
	case "renew":
		m.renews, m.closing = true, ""
		if m.tried {
			m.tried = false
			m.Trials++
			m.begin(m.today, 0, m.today)
		}
	case "cancel":
		m.renews, m.scheduled, m.closing = false, nil, "cancelled"
	case "suspend":
		m.partner = true
	case "resume":
		m.partner = false
		m.resume()
	case "mute":
		m.mutedTo = a.till
	}
}

// resume goes on with a licence whose term has ended while it was suspended.
func (m *model) resume() {
	switch {
	case m.end > m.today:
	case m.trial && !m.renews:
		m.tried = true
	default:
		m.next(m.today)
	}
}

func (m *model) status() string {
	switch {
	case m.closing != "" && m.end <= m.today:
		return m.closing
	case m.partner || m.tried:
		return "suspended"
	case m.trial:
		return "trial"
	}
	return "active"
}

// live goes through all days of a licence; comes says on which of them the worker does.
func (d deal) live(until date, comes func(date) bool) life {
	m := begun(d)
	acts := d.acts
	for ; m.today < until; m.today++ {
		if comes(m.today) {
			m.work()
		}
		for ; len(acts) > 0 && acts[0].on == m.today; acts = acts[1:] {
			m.do(acts[0])
		}
		m.statuses = append(m.statuses, m.status())
	}
	return m.life
}

func everyDay(date) bool { return true }

// eventful is the deal with all kinds of things that people do with a licence, on days drawn by lot.
func (d deal) eventful(lot *rand.Rand, until date, comes func(date) bool) deal {
	m := begun(d)
	for ; m.today < until; m.today++ {
		if !comes(m.today) {
			continue
		}
		m.work()
		if a := m.anyAct(lot); m.today > d.taken && a.what != "" {
			a.on = m.today
			m.do(a)
			d.acts = append(d.acts, a)
		}
	}
	return d
}

// anyAct is something that can be done with the licence as it is today; mostly nothing.
func (m *model) anyAct(lot *rand.Rand) act {
	other := bargain{m.plan, []int{1, 12}[lot.IntN(2)], m.units%9 + 1 + lot.IntN(2), m.prices}
	if lot.IntN(2) == 0 {
		other.plan, other.prices = "OTHER", map[int]int64{1: 9_99, 12: 101_01}
	}
	switch can := lot.IntN(2500); {
	case m.closing != "" && m.end <= m.today:
		return act{}
	case m.tried:
		if can < 50 && !m.partner {
			return act{what: "renew"}
		}
	case m.partner:
		if can < 50 {
			return act{what: "resume"}
		}
	case can < 10 && m.renews && !m.trial:
		return act{what: "schedule", to: other}
	case can < 20 && !m.trial && m.scheduled == nil && m.units < 40:
		return act{what: "add", to: bargain{units: 1 + lot.IntN(5)}}
	case can < 24 && m.renews:
		return act{what: "stop"}
	case can < 80 && !m.renews:
		return act{what: "renew"}
	case can < 82 && m.closing == "" && m.today > m.start+30:
		return act{what: "cancel"}
	case can < 92:
		return act{what: "suspend"}
	case can < 100:
		return act{what: "mute", till: m.today + date(lot.IntN(60))}
	}
	return act{}
}
