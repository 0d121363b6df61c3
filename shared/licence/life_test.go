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
	k := &desk{l: l}
	k.note(m, out)
	return k
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

// work lets the worker come.
func (k *desk) work(m licence.Moment) (facts int) {
	l, out := k.l.FallDue(m)
	k.l = l
	k.note(m, out)
	return len(out.Facts)
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
	k.l = l
	k.note(m, out)
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
	for i := range want.statuses {
		if i < len(got.statuses) && got.statuses[i] != want.statuses[i] {
			return fmt.Sprintf("is %s on day %d, want %s", got.statuses[i], i, want.statuses[i])
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
	first, years20 := years.dates["2024-01-01"], date(20*366)
	for _, months := range []int{1, 12} {
		lot := rand.New(rand.NewPCG(uint64(months), 1))
		for taken := first; taken < first+366; taken++ {
			until := taken + years20
			plain := anyDeal(lot, taken, months)
			for _, d := range []deal{plain, anyEventful(lot, plain, until)} {
				want := d.live(until, everyDay)
				got, err := live(d, until, everyDay)
				if err != nil {
					t.Fatalf("%+v\n%v", d, err)
				}
				if off := differs(got, want); off != "" {
					t.Fatalf("taken on %v: %s\n%+v", taken, off, d)
				}
			}
		}
	}
}

// anyEventful is the deal with a trial or not, renewing or not, and all that happens to it later.
func anyEventful(lot *rand.Rand, d deal, until date) deal {
	if lot.IntN(3) == 0 {
		d.trial = 1 + lot.IntN(40)
	}
	d.renews = lot.IntN(4) > 0
	return d.eventful(lot, until)
}
