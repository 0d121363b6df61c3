package licence_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/plan"
)

// A desk is the licence of a deal under the code's own rules, with what its outcomes said.
type desk struct {
	life
	l licence.Licence
}

func (b bargain) sold(d deal) plan.Plan {
	return plan.Plan{
		Code: b.plan, Name: b.plan, Commitment: plan.Committed, TrialDays: d.trial, Reminders: d.before,
		Modules: map[string]int{"expenses": 1},
		Prices:  map[calendar.Term]money.Money{calendar.Month: eur(b.prices[1]), calendar.Year: eur(b.prices[12])},
	}
}

func (b bargain) term() calendar.Term {
	if b.months == 12 {
		return calendar.Year
	}
	return calendar.Month
}

// opened is the desk after the deal's licence was taken.
func opened(d deal, m licence.Moment) *desk {
	o := order(func(o *licence.Order) {
		o.Quantity, o.Term, o.Trial, o.AutoRenew = d.first.units, d.first.term(), d.trial > 0, d.renews
	})
	l, out, err := licence.Take(o, d.first.sold(d), m)
	if err != nil {
		panic(err)
	}
	k := &desk{}
	k.keep(l, out, m)
	return k
}

// keep is what the table does with a licence, and a note of what an outcome says.
func (k *desk) keep(l licence.Licence, out licence.Outcome, m licence.Moment) {
	k.l = l.Await(m.Zone)
	k.note(m, out)
}

// note writes down what an outcome says.
func (k *desk) note(m licence.Moment, out licence.Outcome) {
	for _, line := range out.Lines {
		k.Paid = append(k.Paid, stretch{
			line.From.String(), line.To.String(), line.PlanCode, line.Quantity, line.UnitPrice.Amount, line.Amount.Amount,
		})
	}
	for _, fact := range out.Facts {
		switch fact.Kind {
		case "licence.renewed":
			k.Renewals++
		case "licence.trialConverted":
			k.Trials++
		case licence.Reminded, licence.Muted:
			k.Notices = append(k.Notices, notice{m.Today.String(), fact.Kind == licence.Muted})
		}
	}
}

// work is what a worker does that comes: it looks after the licence if it is due.
func (k *desk) work(m licence.Moment) {
	if !k.l.DueAt.IsZero() && !m.Now.Before(k.l.DueAt) {
		l, out := k.l.FallDue(m)
		k.keep(l, out, m)
	}
}

// do has the code do what somebody did.
func (k *desk) do(d deal, a act, m licence.Moment) error {
	if a.what == "mute" {
		k.l.MutedUntil = day(a.till.String())
		return nil
	}
	l, out, err := a.operation(d, k.l, m)(k.l)
	if err != nil {
		return fmt.Errorf("%s on %v: %w", a.what, m.Today, err)
	}
	k.keep(l, out, m)
	return nil
}

func (a act) operation(d deal, l licence.Licence, m licence.Moment) operation {
	switch a.what {
	case "schedule":
		p := a.to.sold(d)
		return change(dropping(atRenewal(licence.Change{Plan: &p, Quantity: &a.to.units, Term: a.to.term()})), m)
	case "add":
		return change(units(l.Quantity+a.to.units), m)
	case "stop":
		return change(dropping(renewing(false)), m)
	case "renew":
		return change(renewing(true), m)
	case "cancel":
		return cancel(licence.AtRenewal, m)
	case "suspend":
		return suspend(licence.ByPartner, licence.PartnerSide, m)
	default:
		return resume(licence.ByPartner, licence.PartnerSide, m)
	}
}

// clock is when the day begins in UTC, a little later.
func (d date) clock() licence.Moment {
	return licence.At(time.Unix(int64(d)*24*3600+300, 0).UTC(), time.UTC)
}

// live has the code go through all days of a deal.
func live(d deal, until date, comes func(date) bool) (life, error) {
	k := opened(d, d.taken.clock())
	acts := d.acts
	for today := d.taken; today < until; today++ {
		m := today.clock()
		if comes(today) {
			k.work(m)
		}
		for ; len(acts) > 0 && acts[0].on == today; acts = acts[1:] {
			if err := k.do(d, acts[0], m); err != nil {
				return k.life, err
			}
		}
		k.statuses = append(k.statuses, string(k.l.Status(m.Today)))
	}
	return k.life, nil
}

// differs is the first thing in which a life is not as it should be, or nothing.
func differs(got, want life) string {
	for i := range max(len(got.Paid), len(want.Paid)) {
		if i >= len(got.Paid) || i >= len(want.Paid) || got.Paid[i] != want.Paid[i] {
			return fmt.Sprintf("payment %d is %v, want %v", i, rest(got.Paid, i), rest(want.Paid, i))
		}
	}
	switch {
	case got.Renewals != want.Renewals:
		return fmt.Sprintf("told of %d renewals, want %d", got.Renewals, want.Renewals)
	case got.Trials != want.Trials:
		return fmt.Sprintf("told of %d trials that became the paid plan, want %d", got.Trials, want.Trials)
	case !slices.Equal(got.Notices, want.Notices):
		return fmt.Sprintf("reminded %v, want %v", got.Notices, want.Notices)
	}
	for i, status := range want.statuses {
		if got.statuses[i] != status {
			return fmt.Sprintf("is %s on day %d, want %s", got.statuses[i], i, status)
		}
	}
	return ""
}

func rest(all []stretch, from int) []stretch {
	if from >= len(all) {
		return nil
	}
	return all[from:min(len(all), from+2)]
}

// anyDeal is a licence taken on a day, with figures drawn by lot.
func anyDeal(lot *rand.Rand, taken date, months int) deal {
	d := deal{
		taken: taken, renews: true, before: []int{60, 30, 7, 1},
		first: bargain{"TEAM", months, 1 + lot.IntN(30), map[int]int64{1: 1 + lot.Int64N(20_00), 12: 1 + lot.Int64N(200_00)}},
	}
	return d
}

// Rule "Terms": taken on any day of a leap year, with a worker that comes every day, a licence has the periods,
// the charges, the reminders and the status that the model gives it, for twenty years.
func TestTwentyYearsFromEveryDayOfALeapYear(t *testing.T) {
	t.Parallel()
	first, seen, renewals := years.dates["2024-01-01"], map[string]int{}, 0
	for _, months := range []int{1, 12} {
		lot := rand.New(rand.NewPCG(uint64(months), 1))
		for taken := first; taken < first+366; taken++ {
			until := taken.months(20*12) + 1
			plain := anyDeal(lot, taken, months)
			for _, d := range []deal{plain, anyEventful(lot, plain, until, everyDay)} {
				want := d.live(until, everyDay)
				got, err := live(d, until, everyDay)
				if err != nil {
					t.Fatalf("%+v\n%v", d, err)
				}
				if off := differs(got, want); off != "" {
					t.Fatalf("taken on %v: %s\n%+v", taken, off, d)
				}
				renewals += want.Renewals
				seen["trial bought"] += want.Trials
				for _, a := range d.acts {
					seen[a.what]++
				}
			}
		}
	}
	for _, what := range []string{"schedule", "add", "stop", "renew", "cancel", "suspend", "resume", "mute", "trial bought"} {
		if seen[what] < 100 {
			t.Errorf("%s: only %d times", what, seen[what])
		}
	}
	if renewals < 366*(240+20) {
		t.Errorf("only %d renewals", renewals)
	}
}

// anyEventful is the deal with a trial or not, renewing or not, and all that happens to it later.
func anyEventful(lot *rand.Rand, d deal, until date, comes func(date) bool) deal {
	if lot.IntN(3) == 0 {
		d.trial = 1 + lot.IntN(40)
	}
	d.renews = lot.IntN(4) > 0
	return d.eventful(lot, until, comes)
}

// Whatever the worker's outages, of a day to forty: each term has the dates and the amount that it would have had
// without, and is charged once. People find the worker at work again when they do something.
func TestOutagesChangeNoTerm(t *testing.T) {
	t.Parallel()
	first := years.dates["2024-01-01"]
	for _, months := range []int{1, 12} {
		lot := rand.New(rand.NewPCG(uint64(months), 2))
		for taken := first; taken < first+366; taken++ {
			until := taken + 6*365
			d := anyEventful(lot, anyDeal(lot, taken, months), until, everyDay)
			away := map[date]bool{}
			for from := taken + 1; from < until; from += date(lot.IntN(100)) {
				for back := from + 1 + date(lot.IntN(40)); from < back; from++ {
					away[from] = true
				}
			}
			for _, a := range d.acts {
				delete(away, a.on)
			}
			for on := until - 1; away[on]; on-- {
				delete(away, on)
			}
			comes := func(on date) bool { return !away[on] }
			got, err := live(d, until, comes)
			if err != nil {
				t.Fatalf("%+v\n%v", d, err)
			}
			late, want := d.live(until, comes), d.live(until, everyDay)
			if off := differs(got, late); off != "" {
				t.Fatalf("taken on %v: %s\n%+v", taken, off, d)
			}
			want.Notices, want.statuses = got.Notices, got.statuses // late
			if off := differs(got, want); off != "" {
				t.Fatalf("taken on %v: %s\n%+v", taken, off, d)
			}
		}
	}
}

// The days are the publisher's, whatever its clocks do: a worker that comes every hour finds all that is due in the
// day's first hour, and one that is away for some hours does the same later on the day.
func TestEveryHourAcrossChangesOfTheClocks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, from string }{
		{"UTC", "2024-01-29"},
		{"Europe/Paris", "2024-01-29"},
		{"America/Sao_Paulo", "2016-09-29"}, // where clocks jump from midnight to one
		{"Pacific/Apia", "2011-09-29"},      // where there was no 30 December 2011
	} {
		t.Run(c.zone, func(t *testing.T) {
			t.Parallel()
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			lot := rand.New(rand.NewPCG(3, 3))
			for n := range 40 {
				taken := years.dates[c.from] + date(n*n/16) // day by day at first, then up to four months later
				until := taken + 500
				hours := hoursOf(taken, until, zone)
				shown := map[date]bool{}
				for _, h := range hours {
					shown[h.day] = true
				}
				comes := func(on date) bool { return shown[on] }
				d := anyEventful(lot, anyDeal(lot, taken, []int{1, 12}[n%2]), until, comes)
				want := d.live(until, comes)
				want.statuses = nil
				for _, outages := range []bool{false, true} {
					got, err := liveByHours(d, hours, zone, lot, outages)
					if err != nil {
						t.Fatalf("%+v\n%v", d, err)
					}
					if off := differs(got, want); off != "" {
						t.Fatalf("taken on %v: %s\n%+v", taken, off, d)
					}
				}
			}
		})
	}
}

// An hour is an instant, and the day that the clocks show.
type hour struct {
	at  time.Time
	day date
}

// hoursOf lists the hours of the days from one to another in a zone.
func hoursOf(from, until date, zone *time.Location) []hour {
	var all []hour
	for at := time.Unix(int64(from-2)*24*3600, 0).UTC(); ; at = at.Add(time.Hour) {
		y, m, d := at.In(zone).Date()
		on := years.dates[fmt.Sprintf("%04d-%02d-%02d", y, m, d)]
		switch {
		case on >= until:
			return all
		case on >= from:
			all = append(all, hour{at, on})
		}
	}
}

// liveByHours has the code go through all hours of a deal. With outages, the worker is away for up to twelve hours at a time.
// People do things in a day's last hour.
func liveByHours(d deal, hours []hour, zone *time.Location, lot *rand.Rand, outages bool) (life, error) {
	k := opened(d, licence.At(hours[0].at, zone))
	acts, away := d.acts, 0
	for n, h := range hours {
		m := licence.At(h.at, zone)
		if away--; outages && away < -24 && lot.IntN(48) == 0 {
			away = 1 + lot.IntN(12)
		}
		if away <= 0 {
			k.work(m)
			if due := k.l.DueOn(); !due.IsZero() && !due.After(m.Today) {
				return k.life, fmt.Errorf("due on %v, not done by %v", due, h.at)
			}
		}
		if n+1 < len(hours) && hours[n+1].day == h.day {
			continue
		}
		for ; len(acts) > 0 && acts[0].on == h.day; acts = acts[1:] {
			if err := k.do(d, acts[0], m); err != nil {
				return k.life, err
			}
		}
	}
	return k.life, nil
}
