package calendar

import (
	"fmt"
	"time"
)

// Term is how long a licence runs before it is renewed (requirements: row E2). To count in a term
// that isn't valid is a programming error that panics.
type Term string

// The terms that plans are sold for.
const (
	Month Term = "month"
	Year  Term = "year"
)

// Valid tells whether t is one of the terms.
func (t Term) Valid() bool { return t == Month || t == Year }

// Nth returns the day on which the n-th period starts, by the rule "Terms": anchor + n terms, the day
// clamped to the month. It is always counted from the anchor, never from a clamped date, so that
// 31 Jan 2024 goes on to 29 Feb, 31 Mar, 30 Apr. Period 0 starts on the anchor; n may be negative.
func (t Term) Nth(anchor Date, n int) Date {
	y, m, _ := anchor.midnight().Date()
	first := time.Date(y, m+time.Month(n*t.months()), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1)
	return from(first.AddDate(0, 0, min(anchor.day, last.Day())-1))
}

// Containing returns the number, the start and the end of the period that holds the day. Periods are
// half-open: the end is the first day of the next one. A day before the anchor has a negative n.
func (t Term) Containing(anchor, day Date) (n int, start, end Date) {
	first, its := anchor.midnight(), day.midnight()
	months := (its.Year()-first.Year())*12 + int(its.Month()-first.Month())
	n = months / t.months() // right, or one too many when the day comes before that month's start
	if t.Nth(anchor, n).After(day) {
		n--
	}
	return n, t.Nth(anchor, n), t.Nth(anchor, n+1)
}

func (t Term) months() int {
	switch t {
	case Month:
		return 1
	case Year:
		return 12
	}
	panic(fmt.Sprintf("calendar: no term %q", string(t)))
}
