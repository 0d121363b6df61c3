package calendar_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"comptoir/shared/calendar"
)

var terms = []calendar.Term{calendar.Month, calendar.Year}

// naiveLength is the number of days of a month, by the almanac.
func naiveLength(year, month int) int {
	if month == 2 && (year%400 == 0 || year%4 == 0 && year%100 != 0) {
		return 29
	}
	return [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
}

// naiveNth goes on month by month, and then back to a day that exists.
func naiveNth(year, month, day int, term calendar.Term, n int) (d calendar.Date, clamped bool) {
	if term == calendar.Year {
		n *= 12
	}
	for ; n > 0; n-- {
		if month++; month > 12 {
			year, month = year+1, 1
		}
	}
	for ; n < 0; n++ {
		if month--; month < 1 {
			year, month = year-1, 12
		}
	}
	for ; day > naiveLength(year, month); day-- {
		clamped = true
	}
	d, err := calendar.Of(year, time.Month(month), day)
	if err != nil {
		panic(err)
	}
	return d, clamped
}

// anyDate leaves room for a few hundred terms on both sides.
func anyDate() *rapid.Generator[calendar.Date] {
	return rapid.Custom(func(t *rapid.T) calendar.Date {
		y := rapid.IntRange(1000, 9000).Draw(t, "year")
		m := rapid.IntRange(1, 12).Draw(t, "month")
		d, err := calendar.Of(y, time.Month(m), rapid.IntRange(1, naiveLength(y, m)).Draw(t, "day"))
		if err != nil {
			t.Fatal(err)
		}
		return d
	})
}

func TestPeriodsStartOnTheAnchorsDayClampedToTheMonth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		term   calendar.Term
		anchor string
		from   int
		want   []string
	}{
		{"monthly from the 31st", calendar.Month, "2024-01-31", 0, []string{"2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"}},
		{"yearly from 29 February", calendar.Year, "2024-02-29", 0, []string{"2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"}},
		{"backwards", calendar.Month, "2024-03-31", -2, []string{"2024-01-31", "2024-02-29", "2024-03-31"}},
		{"across a century that doesn't leap", calendar.Year, "2096-02-29", 3, []string{"2099-02-28", "2100-02-28", "2101-02-28"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for i, want := range c.want {
				if got := c.term.Nth(date(t, c.anchor), c.from+i); got != date(t, want) {
					t.Errorf("period %d from %s starts on %v, want %s", c.from+i, c.anchor, got, want)
				}
			}
		})
	}
}

func TestPeriodOfADay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		term        calendar.Term
		anchor, day string
		n           int
		start, end  string
	}{
		{"the anchor itself", calendar.Month, "2024-01-31", "2024-01-31", 0, "2024-01-31", "2024-02-29"},
		{"the last day", calendar.Month, "2024-01-31", "2024-02-28", 0, "2024-01-31", "2024-02-29"},
		{"a clamped start", calendar.Month, "2024-01-31", "2024-02-29", 1, "2024-02-29", "2024-03-31"},
		{"a clamped start of a year", calendar.Year, "2024-02-29", "2027-02-28", 3, "2027-02-28", "2028-02-29"},
		{"before it in a leap year", calendar.Year, "2024-02-29", "2028-02-28", 3, "2027-02-28", "2028-02-29"},
		{"before the anchor", calendar.Year, "2024-06-15", "2024-06-14", -1, "2023-06-15", "2024-06-15"},
		{"the last of all", calendar.Month, "2024-01-31", "9999-12-31", 95711, "9999-12-31", "10000-01-31"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n, start, end := c.term.Containing(date(t, c.anchor), date(t, c.day))
			if n != c.n || start.String() != c.start || end.String() != c.end {
				t.Errorf("%s lies in %d [%v, %v), want %d [%s, %s)", c.day, n, start, end, c.n, c.start, c.end)
			}
		})
	}
}

// Every day of a leap year as the anchor, and twenty years of periods from it.
func TestEveryAnchorForTwentyYears(t *testing.T) {
	t.Parallel()
	const years = 20
	for month := 1; month <= 12; month++ {
		for day := 1; day <= naiveLength(2024, month); day++ {
			anchor, err := calendar.Of(2024, time.Month(month), day)
			if err != nil {
				t.Fatal(err)
			}
			for _, term := range terms {
				periods := years
				if term == calendar.Month {
					periods *= 12
				}
				total := 0
				for n := range periods {
					start, end := term.Nth(anchor, n), term.Nth(anchor, n+1)
					want, clamped := naiveNth(2024, month, day, term, n)
					if start != want {
						t.Fatalf("%s %d from %v: %v, want %v", term, n, anchor, start, want)
					}
					if !start.Before(end) {
						t.Fatalf("%s %d from %v: [%v, %v) is empty", term, n, anchor, start, end)
					}
					if lastOfMonth := start.AddDays(1).String()[8:] == "01"; clamped && !lastOfMonth {
						t.Fatalf("%s %d from %v: %v was clamped too far", term, n, anchor, start)
					} else if !clamped && start.String()[8:] != anchor.String()[8:] {
						t.Fatalf("%s %d from %v: %v was clamped in a long month", term, n, anchor, start)
					}
					length := start.DaysUntil(end)
					for _, in := range []calendar.Date{start, start.AddDays(length / 2), end.AddDays(-1)} {
						if gotN, gotStart, gotEnd := term.Containing(anchor, in); gotN != n || gotStart != start || gotEnd != end {
							t.Fatalf("from %v: %v lies in %s %d [%v, %v), want %d [%v, %v)",
								anchor, in, term, gotN, gotStart, gotEnd, n, start, end)
						}
					}
					total += length
				}
				if want := anchor.DaysUntil(term.Nth(anchor, periods)); total != want {
					t.Fatalf("%d periods (%s) from %v have %d days, want %d", periods, term, anchor, total, want)
				}
			}
		}
	}
}

func TestEveryDayLiesInThePeriodThatContainsIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		checkPeriod(t, rapid.SampledFrom(terms).Draw(t, "term"), anyDate().Draw(t, "anchor"),
			rapid.IntRange(-40_000, 40_000).Draw(t, "days"))
	})
}

// FuzzTerm draws the anchor as days after 1000-01-01, within eight thousand years.
func FuzzTerm(f *testing.F) {
	first := date(f, "1000-01-01")
	f.Fuzz(func(t *testing.T, anchor, days int32, yearly bool) {
		term := calendar.Month
		if yearly {
			term = calendar.Year
		}
		checkPeriod(t, term, first.AddDays(int(uint32(anchor)%2_900_000)), int(days%300_000))
	})
}

// checkPeriod looks at the period that holds the day so many days after the anchor.
func checkPeriod(t interface{ Fatalf(string, ...any) }, term calendar.Term, anchor calendar.Date, days int) {
	day := anchor.AddDays(days)
	n, start, end := term.Containing(anchor, day)
	if day.Before(start) || !day.Before(end) {
		t.Fatalf("%v is outside of its period (%s %d from %v), [%v, %v)", day, term, n, anchor, start, end)
	}
	if (n >= 0) != (days >= 0) {
		t.Fatalf("%d days from the anchor %v, the period (%s) is number %d", days, anchor, term, n)
	}
	var y, m, d int
	for i, part := range []*int{&y, &m, &d} {
		for _, r := range [...]string{anchor.String()[:4], anchor.String()[5:7], anchor.String()[8:]}[i] {
			*part = *part*10 + int(r-'0')
		}
	}
	for _, c := range []struct {
		n   int
		got calendar.Date
	}{{n, start}, {n + 1, end}} {
		if want, _ := naiveNth(y, m, d, term, c.n); c.got != want || term.Nth(anchor, c.n) != want {
			t.Fatalf("%s %d from %v: %v and %v, want %v", term, c.n, anchor, c.got, term.Nth(anchor, c.n), want)
		}
	}
}

func TestTwoTermsAreValid(t *testing.T) {
	t.Parallel()
	for term, want := range map[calendar.Term]bool{"month": true, "year": true, "": false, "Month": false, "week": false} {
		if term.Valid() != want {
			t.Errorf("%q valid: %t", term, !want)
		}
	}
}
