// Package calendar counts in civil days: dates without a time of day, and the monthly or yearly
// terms that licences run in (requirements: row E2, rule "Terms").
//
// It reads no clock and knows no default time zone. A caller that holds an instant says in whose
// zone its day is meant: the publisher's, for everything that is sold.
package calendar

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// Date is a day of the Gregorian calendar. Dates can be compared with == and be keys of a map. The
// zero value is no date; it sorts before all others, and to count from it or to it is a programming
// error that panics.
//
// Dates are made in the years 0001 to 9999. Arithmetic may leave them, for example to the end of
// the term that holds 31 December 9999: such a date compares and counts, but has no text form.
type Date struct {
	year  int
	month time.Month
	day   int
}

var errText = errors.New("not a date of the form YYYY-MM-DD, from 0001-01-01 to 9999-12-31")

// Of returns the given day, or an error if the years 0001 to 9999 have no such day.
func Of(y int, m time.Month, d int) (Date, error) {
	if date := from(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)); date == (Date{y, m, d}) && date.hasText() {
		return date, nil
	}
	return Date{}, fmt.Errorf("the years 0001 to 9999 have no day %04d-%02d-%02d", y, m, d)
}

// Parse reads YYYY-MM-DD and nothing else.
func Parse(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || !from(t).hasText() {
		return Date{}, errText
	}
	return from(t), nil
}

// On returns the day that the calendar on the wall shows in the zone at the instant.
func On(t time.Time, zone *time.Location) Date {
	return from(t.In(zone))
}

// Start returns the first instant, in UTC, at which the calendar on the wall in the zone shows the
// day. That isn't midnight where the clocks jump over it. Where they jump over the whole day, it is
// the instant of the jump.
func (d Date) Start(zone *time.Location) time.Time {
	midnight := d.midnight()
	// No zone is a day or more away from UTC: here the day hasn't begun. Every round looks at one
	// stretch of time with the same offset; it holds the start of the day unless it ends before.
	for t := midnight.Add(-24 * time.Hour).In(zone); ; {
		_, offset := t.Zone()
		_, end := t.ZoneBounds()
		start := midnight.Add(-time.Duration(offset) * time.Second)
		if start.Before(t) {
			start = t // the jump that began this stretch went past midnight
		}
		if end.IsZero() || start.Before(end) {
			return start.UTC()
		}
		t = end
	}
}

// AddDays returns the day n days later, or earlier if n is negative.
func (d Date) AddDays(n int) Date {
	return from(d.midnight().AddDate(0, 0, n))
}

// DaysUntil returns how many days later the other date is; negative if it is earlier.
func (d Date) DaysUntil(other Date) int {
	const day = 24 * 60 * 60
	return int((other.midnight().Unix() - d.midnight().Unix()) / day)
}

// Before tells whether d is earlier than the other date.
func (d Date) Before(other Date) bool { return d.Compare(other) < 0 }

// After tells whether d is later than the other date.
func (d Date) After(other Date) bool { return d.Compare(other) > 0 }

// Compare returns -1, 0 or +1 as d is earlier than, the same as or later than the other date.
func (d Date) Compare(other Date) int {
	return cmp.Or(
		cmp.Compare(d.year, other.year),
		cmp.Compare(d.month, other.month),
		cmp.Compare(d.day, other.day),
	)
}

// IsZero tells whether d is no date.
func (d Date) IsZero() bool { return d == Date{} }

// String returns YYYY-MM-DD, or nothing for the zero value.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.year, d.month, d.day)
}

// MarshalText returns YYYY-MM-DD, or nothing for the zero value. A date outside of the years 0001 to
// 9999 is an error.
func (d Date) MarshalText() ([]byte, error) {
	if !d.IsZero() && !d.hasText() {
		return nil, errText
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what MarshalText wrote.
func (d *Date) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	*d, err = Parse(string(text))
	return err
}

func (d Date) hasText() bool { return 1 <= d.year && d.year <= 9999 }

// midnight is the day's midnight in UTC, where every day has 24 hours.
func (d Date) midnight() time.Time {
	if d.IsZero() {
		panic("calendar: counting with no date")
	}
	return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC)
}

func from(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}
