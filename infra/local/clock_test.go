package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/shared/setting"
)

func paris(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestTheClockMovesByTheCalendar(t *testing.T) {
	t.Parallel()
	from := time.Date(2027, 2, 20, 14, 30, 0, 0, paris(t))
	for by, want := range map[string]string{
		"6h": "2027-02-20 20:30", "1d": "2027-02-21 14:30", "2w": "2027-03-06 14:30",
		"36d":  "2027-03-28 14:30", // the day on which summer time begins: the same hour
		"864h": "2027-03-28 15:30", // as many hours
		"1y":   "2028-02-20 14:30", "2y": "2029-02-20 14:30", "731d": "2029-02-20 14:30", "17520h": "2029-02-19 14:30",
	} {
		s, err := parseSpan(by)
		if got := s.after(from).Format("2006-01-02 15:04"); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", by, got, err, want)
		}
	}
}

func TestWhatIsNoTimeToComeIsRefused(t *testing.T) {
	t.Parallel()
	for by, want := range map[string]string{
		"": "say how far", "d": "no time to come", "31": "no time to come", "-1d": "no time to come", "+1d": "no time to come",
		"0d": "no time to come", "1.5d": "no time to come", "1m": "no time to come", "1d6h": "no time to come", " 1d": "no time to come",
		"3y": "too far", "732d": "too far", "105w": "too far", "17600h": "too far", "99999999999999999999d": "too far",
	} {
		if _, err := parseSpan(by); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want to hear %q", by, err, want)
		}
	}
}

func TestEveryDayOnTheWayHasItsBeginning(t *testing.T) {
	t.Parallel()
	const minute = "2006-01-02 15:04"
	for name, c := range map[string]struct{ from, to, want string }{
		"within a day":            {"2027-03-27 08:00", "2027-03-27 14:00", "2027-03-27 14:00"},
		"over a night":            {"2027-03-27 20:00", "2027-03-28 02:00", "2027-03-28 00:00, 2027-03-28 03:00"}, // there is no 02:00
		"to the beginning of one": {"2027-03-27 20:00", "2027-03-28 00:00", "2027-03-28 00:00"},
		"over some":               {"2027-03-27 20:00", "2027-03-30 20:00", "2027-03-28 00:00; 2027-03-29 00:00; 2027-03-30 00:00, 2027-03-30 20:00"},
	} {
		var instants [2]time.Time
		for i, text := range []string{c.from, c.to} {
			var err error
			if instants[i], err = time.ParseInLocation(minute, text, paris(t)); err != nil {
				t.Fatal(err)
			}
		}
		var days []string
		for _, day := range stops(instants[0], instants[1]) {
			var at []string
			for _, stop := range day {
				at = append(at, stop.In(paris(t)).Format(minute))
			}
			days = append(days, strings.Join(at, ", "))
		}
		if got := strings.Join(days, "; "); got != c.want {
			t.Errorf("%s: %s; want %s", name, got, c.want)
		}
	}
}

func TestTheClockNeverGoesBack(t *testing.T) {
	t.Parallel()
	c := clock{file: filepath.Join(t.TempDir(), "clock"), zone: time.UTC}
	if err := c.start(); err != nil {
		t.Fatal(err)
	}
	var ahead []time.Duration
	for _, to := range []time.Duration{0, -time.Hour, 48 * time.Hour, 24 * time.Hour, -time.Hour, 49 * time.Hour} {
		want := time.Now().Add(to)
		if err := c.moveTo(want); err != nil {
			t.Fatal(err)
		}
		if c.now().Before(want) {
			t.Errorf("moved to %v, it is %v", want, c.now())
		}
		is, err := setting.Ahead(c.file)
		if err != nil {
			t.Fatal(err)
		}
		ahead = append(ahead, is)
		if err := c.start(); err != nil { // of the next run: it goes on
			t.Fatal(err)
		}
	}
	if !slices.IsSorted(ahead) || ahead[5]-ahead[2] > time.Hour+time.Second {
		t.Errorf("it was ahead by %v", ahead)
	}
}
