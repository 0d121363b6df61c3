package calendar_test

import (
	"encoding/json"
	"math"
	"regexp"
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine

	"pgregory.net/rapid"

	"comptoir/shared/calendar"
)

func date(t testing.TB, s string) calendar.Date {
	t.Helper()
	d, err := calendar.Parse(s)
	if err != nil {
		t.Fatalf("Parse(%q): %v", s, err)
	}
	return d
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// panics tells whether f does.
func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

func TestOfTakesOnlyDaysThatExist(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		year  int
		month time.Month
		day   int
		want  string // empty: refused
	}{
		{"the first day", 1, time.January, 1, "0001-01-01"},
		{"the last day", 9999, time.December, 31, "9999-12-31"},
		{"29 February of a leap year", 2024, time.February, 29, "2024-02-29"},
		{"29 February of a common year", 2023, time.February, 29, ""},
		{"29 February of a century", 1900, time.February, 29, ""},
		{"29 February of a fourth century", 2000, time.February, 29, "2000-02-29"},
		{"month 13", 2024, 13, 1, ""},
		{"month 0", 2024, 0, 1, ""},
		{"day 0", 2024, time.March, 0, ""},
		{"year 0", 0, time.January, 1, ""},
		{"year 10000", 10000, time.January, 1, ""},
		{"numbers without measure", math.MaxInt, math.MaxInt, math.MaxInt, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, err := calendar.Of(c.year, c.month, c.day)
			if d.String() != c.want || (err != nil) != (c.want == "") {
				t.Errorf("Of(%d, %d, %d) = %q, %v; want %q", c.year, c.month, c.day, d, err, c.want)
			}
		})
	}
}

func TestParseTakesOneForm(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"0001-01-01", "2024-02-29", "9999-12-31"} {
		if d := date(t, s); d.String() != s {
			t.Errorf("Parse(%q) = %v", s, d)
		}
	}
	for _, s := range []string{
		"", "2024", "2024-1-01", "2024-01-1", "24-01-01", "20240101", "2024/01/01", "2024-01-01 ", " 2024-01-01",
		"2024-01-01T00:00:00Z", "2023-02-29", "2024-13-01", "2024-00-01", "2024-01-00", "2024-04-31", "0000-12-31",
		"10000-01-01", "-001-01-01", "+024-01-01", "2024-01-٠١", "\x002024-01-01",
	} {
		if d, err := calendar.Parse(s); err == nil || !d.IsZero() {
			t.Errorf("Parse(%q) = %v, %v; want an error and no date", s, d, err)
		}
	}
}

var form = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)

func FuzzParse(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		d, err := calendar.Parse(s)
		want := form.MatchString(s)
		if want {
			number := func(s string) (n int) {
				for _, r := range s {
					n = n*10 + int(r-'0')
				}
				return n
			}
			y, m, day := number(s[:4]), number(s[5:7]), number(s[8:])
			want = y > 0 && 1 <= m && m <= 12 && 1 <= day && day <= naiveLength(y, m)
		}
		switch {
		case (err == nil) != want:
			t.Fatalf("Parse(%q) = %v, %v", s, d, err)
		case err == nil && d.String() != s:
			t.Fatalf("Parse(%q) reads back as %q", s, d)
		case err != nil && !d.IsZero():
			t.Fatalf("Parse(%q) = %v beside an error", s, d)
		}
	})
}

func TestTextFormComesBack(t *testing.T) {
	t.Parallel()
	type document struct {
		Start calendar.Date `json:"start"`
		End   calendar.Date `json:"end"`
		Trial calendar.Date `json:"trial,omitzero"`
	}
	const text = `{"start":"2024-02-29","end":""}`
	doc := document{End: date(t, "2020-01-01")}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Start != date(t, "2024-02-29") || !doc.End.IsZero() {
		t.Errorf("read %+v", doc)
	}
	if got, err := json.Marshal(doc); err != nil || string(got) != text {
		t.Errorf("wrote %s, %v; want %s", got, err, text)
	}
	if err := json.Unmarshal([]byte(`{"start":"2024-02-30"}`), &doc); err == nil {
		t.Error("30 February was read")
	}
	for _, n := range []int{1, -3_652_059} {
		d := date(t, "9999-12-31").AddDays(n)
		if text, err := json.Marshal(d); err == nil {
			t.Errorf("%v was written as %s", d, text)
		}
	}
}

func TestDaysAreCountedOneByOne(t *testing.T) {
	t.Parallel()
	first := date(t, "1896-01-01")
	d, y, m, day := first, 1896, 1, 1
	for n := range 210 * 366 {
		want, err := calendar.Of(y, time.Month(m), day)
		if err != nil || d != want || first.AddDays(n) != want {
			t.Fatalf("%d days after %v: %v and %v, want %v (%v)", n, first, d, first.AddDays(n), want, err)
		}
		if first.DaysUntil(d) != n || d.DaysUntil(first) != -n || d.AddDays(-n) != first {
			t.Fatalf("from %v to %v: %d days, back %d", first, d, first.DaysUntil(d), d.DaysUntil(first))
		}
		d = d.AddDays(1)
		if day++; day > naiveLength(y, m) {
			day, m = 1, m+1
		}
		if m > 12 {
			m, y = 1, y+1
		}
	}
	if n := date(t, "0001-01-01").DaysUntil(date(t, "9999-12-31")); n != 3_652_058 {
		t.Errorf("the calendar has %d days after its first", n)
	}
}

func TestOrderIsThatOfTheDays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := anyDate().Draw(t, "a")
		n := rapid.IntRange(-800, 800).Draw(t, "n")
		b := a.AddDays(n)
		if a.Before(b) != (n > 0) || a.After(b) != (n < 0) || (a == b) != (n == 0) || a.Compare(b) != -b.Compare(a) {
			t.Fatalf("%v and %v, %d days later: %d", a, b, n, a.Compare(b))
		}
	})
	if none := (calendar.Date{}); !none.Before(date(t, "0001-01-01")) {
		t.Error("no date doesn't sort first")
	}
}

func TestCountingWithNoDatePanics(t *testing.T) {
	t.Parallel()
	var none calendar.Date
	some := date(t, "2024-01-31")
	for name, f := range map[string]func(){
		"add days":           func() { none.AddDays(1) },
		"days from":          func() { none.DaysUntil(some) },
		"days to":            func() { some.DaysUntil(none) },
		"start":              func() { none.Start(time.UTC) },
		"period":             func() { calendar.Month.Nth(none, 1) },
		"period from":        func() { calendar.Month.Containing(none, some) },
		"period to":          func() { calendar.Month.Containing(some, none) },
		"unknown term":       func() { calendar.Term("week").Nth(some, 1) },
		"unknown term's day": func() { calendar.Term("").Containing(some, some) },
	} {
		if !panics(f) {
			t.Errorf("%s: no panic", name)
		}
	}
}

func TestOnIsTheDayInTheZone(t *testing.T) {
	t.Parallel()
	late := time.Date(2024, 12, 31, 23, 30, 0, 0, time.UTC)
	for name, want := range map[string]string{
		"UTC": "2024-12-31", "Europe/Paris": "2025-01-01", "America/Sao_Paulo": "2024-12-31", "Pacific/Apia": "2025-01-01",
	} {
		if got := calendar.On(late, zone(t, name)); got != date(t, want) {
			t.Errorf("on %v in %s it is %v, want %s", late, name, got, want)
		}
	}
}

func TestStartIsTheFirstInstantOfTheDay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, zone, day, want string }{
		{"in winter", "Europe/Paris", "2024-01-15", "2024-01-14T23:00:00Z"},
		{"in summer", "Europe/Paris", "2024-07-15", "2024-07-14T22:00:00Z"},
		{"when the clocks go forward", "Europe/Paris", "2024-03-31", "2024-03-30T23:00:00Z"},
		{"after they went forward", "Europe/Paris", "2024-04-01", "2024-03-31T22:00:00Z"},
		{"when the clocks go back", "Europe/Paris", "2024-10-27", "2024-10-26T22:00:00Z"},
		{"after they went back", "Europe/Paris", "2024-10-28", "2024-10-27T23:00:00Z"},
		{"beyond the table of changes", "Europe/Paris", "2090-07-15", "2090-07-14T22:00:00Z"},
		{"before mean time was law", "Europe/Paris", "1800-01-01", "1799-12-31T23:50:39Z"},
		{"when midnight is jumped over", "America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"},
		{"when the hour before midnight comes twice", "America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z"},
		{"when midnight comes twice", "America/Havana", "2024-11-03", "2024-11-03T04:00:00Z"},
		{"when the day begins, stops and begins again", "America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z"},
		{"before the missing day", "Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z"},
		{"when the day is missing", "Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"},
		{"after the missing day", "Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"},
		{"in a zone without changes", "UTC", "2024-02-29", "2024-02-29T00:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := date(t, c.day).Start(zone(t, c.zone))
			if got.Format(time.RFC3339Nano) != c.want {
				t.Errorf("%s starts at %s in %s, want %s", c.day, got.Format(time.RFC3339Nano), c.zone, c.want)
			}
		})
	}
}

// No earlier instant shows the day: looked for minute by minute, across all changes since 1970.
func TestNoInstantBeforeStartShowsTheDay(t *testing.T) {
	t.Parallel()
	names := []string{
		"Europe/Paris", "America/Sao_Paulo", "Pacific/Apia", "Pacific/Kiritimati", "America/Havana", "America/St_Johns",
		"Australia/Lord_Howe", "Asia/Kathmandu", "Asia/Beirut", "Africa/Cairo", "Antarctica/Casey",
	}
	rapid.Check(t, func(t *rapid.T) {
		in, err := time.LoadLocation(rapid.SampledFrom(names).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(0, 2_500_000_000).Draw(t, "at"), 0).In(in)
		if _, change := at.ZoneBounds(); !change.IsZero() && rapid.Bool().Draw(t, "near a change") {
			at = change
		}
		day := calendar.On(at, in).AddDays(rapid.IntRange(-1, 1).Draw(t, "days"))
		start := day.Start(in)
		if calendar.On(start, in).Before(day) {
			t.Fatalf("at its start %v it isn't yet %v", start, day)
		}
		for before := start.Add(-1); start.Sub(before) < 26*time.Hour; before = before.Add(-time.Minute) {
			if !calendar.On(before, in).Before(day) {
				t.Fatalf("%v starts at %v, but at %v it is %v", day, start, before, calendar.On(before, in))
			}
		}
	})
}
