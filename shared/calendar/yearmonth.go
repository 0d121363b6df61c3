package calendar

import (
	"errors"
	"fmt"
)

// YearMonth is a month of the Gregorian calendar, in the years 0001 to 9999. The zero value is no month.
type YearMonth struct{ first Date }

var errMonth = errors.New("not a month of the form YYYY-MM, from 0001-01 to 9999-12")

// YearMonthOf is the month that holds a day.
func YearMonthOf(d Date) YearMonth { return YearMonth{Date{d.year, d.month, 1}} }

// ParseYearMonth reads YYYY-MM and nothing else.
func ParseYearMonth(s string) (YearMonth, error) {
	d, err := Parse(s + "-01")
	if err != nil {
		return YearMonth{}, errMonth
	}
	return YearMonth{d}, nil
}

// First is the month's first day.
func (m YearMonth) First() Date { return m.first }

// End is the day after the month's last.
func (m YearMonth) End() Date { return m.Add(1).first }

// Last is the month's last day.
func (m YearMonth) Last() Date { return m.End().AddDays(-1) }

// Add is the month n months later, or earlier if n is negative.
func (m YearMonth) Add(n int) YearMonth { return YearMonth{from(m.first.midnight().AddDate(0, n, 0))} }

// Before tells whether m is earlier than the other month.
func (m YearMonth) Before(other YearMonth) bool { return m.first.Before(other.first) }

// IsZero tells whether m is no month.
func (m YearMonth) IsZero() bool { return m.first.IsZero() }

// String returns YYYY-MM, or nothing for the zero value.
func (m YearMonth) String() string {
	if m.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d", m.first.year, m.first.month)
}

// MarshalText returns YYYY-MM, or nothing for the zero value.
func (m YearMonth) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (m *YearMonth) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*m = YearMonth{}
		return nil
	}
	*m, err = ParseYearMonth(string(text))
	return err
}
