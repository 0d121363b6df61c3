package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/setting"
)

// A clock is the time of the local cloud: the real one, or ahead of it. Its file keeps by how much, for every process
// that goes by it: functions, queues and mail. It never goes back.
type clock struct {
	file string
	zone *time.Location // the publisher's
}

// start begins with the real time, unless the clock was moved before.
func (c clock) start() error {
	_, err := setting.Ahead(c.file)
	if errors.Is(err, fs.ErrNotExist) {
		return c.set(0)
	}
	return err
}

// now is what the clock shows. A file that is gone takes the time back to the real one.
func (c clock) now() time.Time {
	ahead, _ := setting.Ahead(c.file)
	return time.Now().Add(ahead).In(c.zone)
}

// moveTo moves the clock to an instant, if that is to come.
func (c clock) moveTo(t time.Time) error {
	if !t.After(c.now()) {
		return nil
	}
	return c.set(time.Until(t) + time.Millisecond) // the file has no smaller parts
}

// set writes the file in one step: nobody reads half of it.
func (c clock) set(ahead time.Duration) error {
	next := c.file + ".next"
	if err := os.WriteFile(next, []byte(strconv.FormatInt(ahead.Milliseconds(), 10)), 0o644); err != nil {
		return err
	}
	return os.Rename(next, c.file)
}

// today is the publisher's day.
func (c clock) today() calendar.Date { return calendar.On(c.now(), c.zone) }

// A span is how far a clock is moved: hours, or days and years of the calendar.
type span struct{ hours, days, years int }

var (
	errSpan = errors.New("say how far: 6h, 31d, 2w or 1y")
	errFar  = errors.New("that is too far: the clock moves by two years at the most")
)

func parseSpan(text string) (s span, err error) {
	if text == "" {
		return s, errSpan
	}
	count, unit := text[:len(text)-1], text[len(text)-1]
	n, err := strconv.ParseUint(count, 10, 16)
	if err != nil && !errors.Is(err, strconv.ErrRange) || n == 0 {
		return s, fmt.Errorf("%q is no time to come: %w", text, errSpan)
	}
	switch unit {
	case 'h':
		s.hours = int(n)
	case 'd':
		s.days = int(n)
	case 'w':
		s.days = 7 * int(n)
	case 'y':
		s.years = int(n)
	default:
		return s, fmt.Errorf("%q is no time to come: %w", text, errSpan)
	}
	if zero := time.Unix(0, 0).UTC(); err != nil || s.after(zero).After(zero.AddDate(2, 0, 1)) { // two years may have a leap day
		return s, errFar
	}
	return s, nil
}

// after is the instant so far after another, by the calendar of its zone.
func (s span) after(t time.Time) time.Time {
	return t.AddDate(s.years, 0, s.days).Add(time.Duration(s.hours) * time.Hour)
}

// stops are the instants at which something is done on the way, day by day: the beginning of each day, and the end.
func stops(from, to time.Time) (days [][]time.Time) {
	zone, today := from.Location(), calendar.On(from, from.Location())
	last := calendar.On(to, zone)
	for day := today.AddDays(1); !day.After(last); day = day.AddDays(1) {
		days = append(days, []time.Time{day.Start(zone)})
	}
	if len(days) == 0 {
		return [][]time.Time{{to}}
	}
	if end := &days[len(days)-1]; (*end)[0].Before(to) {
		*end = append(*end, to)
	}
	return days
}
