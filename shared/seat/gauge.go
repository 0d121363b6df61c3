// Package seat holds the rules of seats: which of a customer's members may use which module, how many
// seats there are, and what happens near the cap. Nothing is ever added above the cap (D9); that this is so whatever
// happens at the same time is the table package's matter.
package seat

import (
	"cmp"
	"slices"
	"strings"

	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/licence"
)

// Gauge counts the seats of one module at one customer (D2).
type Gauge struct {
	CustomerID string `json:"customerId"`
	Module     string `json:"module"`
	Used       int    `json:"used"`
	OwnCap     int    `json:"ownCap"`     // that the partner has set; 0 for none: all that the licences fund
	Funds      []Fund `json:"funds"`      // always in the same order, to be compared
	CapVersion int64  `json:"capVersion"` // one more with each change of the own cap or the funds; 0 for a gauge that doesn't exist
}

// Fund is what one licence gives to a module.
type Fund struct {
	LicenceID string        `json:"licenceId"`
	Seats     int           `json:"seats"`
	Until     calendar.Date `json:"until"` // exclusive; none while no end is known
	Suspended bool          `json:"suspended"`
}

func (f Fund) ended(today calendar.Date) bool { return !f.Until.IsZero() && !today.Before(f.Until) }

// State is what a gauge says at a glance.
type State string

const (
	OK            State = "ok"
	Warning       State = "warning"       // from 80 % on (D7)
	Full          State = "full"          // at 100 %: nothing can be added (D8)
	OverLimit     State = "overLimit"     // the cap fell below what is used; nobody is thrown out (D11)
	Misconfigured State = "misconfigured" // there is no cap to go by (D13)
)

// Reason is why a module can't be used, or has no cap.
type Reason string

const (
	NoLicence        Reason = "noLicence"        // no licence of the customer has the module
	LicenceEnded     Reason = "licenceEnded"     // the last one that had it is over
	LicenceSuspended Reason = "licenceSuspended" // those that have it are suspended
	CapImpossible    Reason = "capImpossible"    // the cap that is stored can't be one
	NotAMember       Reason = "notAMember"       // of the customer's organisation
	NoSeat           Reason = "noSeat"           // a member, without the seat
)

// Reading is a gauge on a day.
type Reading struct {
	Used      int
	Cap       int
	Remaining int // 0 when over the limit
	State     State
	Reason    Reason // of a misconfigured gauge, which has no cap
}

// On reads the gauge on a day: a licence ends without anybody touching its gauges (D4).
func (g Gauge) On(today calendar.Date) Reading {
	limit, missing := g.capOn(today)
	r := Reading{Used: g.Used, Cap: limit, Remaining: max(limit-g.Used, 0), State: OK, Reason: missing}
	switch {
	case missing != "":
		r.State = Misconfigured
	case r.Used > r.Cap:
		r.State = OverLimit
	case r.Used == r.Cap:
		r.State = Full
	case r.Used*100 >= warningPercent*r.Cap:
		r.State = Warning
	}
	return r
}

const warningPercent = 80

// Funded is how many seats the licences in force and not suspended give on a day.
func (g Gauge) Funded(today calendar.Date) int {
	sum := 0
	for _, f := range g.Funds {
		if !f.ended(today) && !f.Suspended {
			sum += f.Seats
		}
	}
	return sum
}

// capOn is the cap on a day, or why there is none.
func (g Gauge) capOn(today calendar.Date) (int, Reason) {
	funded := g.Funded(today)
	switch s := standing(g.Funds); {
	case s.Why(today) != "":
		return 0, s.Why(today)
	case g.OwnCap < 0 || funded <= 0:
		return 0, CapImpossible
	case g.OwnCap > 0:
		return min(g.OwnCap, funded), ""
	}
	return funded, ""
}

// band is the range of used within which the gauge says the same: no threshold lies in it.
func (g Gauge) band(today calendar.Date) (from, to int) {
	warning := func(limit int) int { return (limit*warningPercent + 99) / 100 } // the first that is 80 % or more
	switch r := g.On(today); r.State {
	case OK:
		return 0, warning(r.Cap) - 1
	case Warning:
		return warning(r.Cap), r.Cap - 1
	case Full:
		return r.Cap, r.Cap
	case OverLimit:
		return r.Cap + 1, Endless
	default:
		return 0, Endless
	}
}

// Endless is more than can be used.
const Endless = 1 << 53

// Alike is the range of used within which a change from this gauge to another would have been decided the
// same, threshold by threshold: exactly what it is when a threshold is crossed, since that is told with its figures.
func (g Gauge) Alike(after Gauge, today calendar.Date) (from, to int) {
	if g.On(today).State != after.On(today).State {
		return g.Used, g.Used
	}
	moved := after.Used - g.Used
	from, to = g.band(today)
	afterFrom, afterTo := after.band(today)
	return max(from, afterFrom-moved), min(to, afterTo-moved)
}

// rank orders states by how near the cap they are.
var rank = map[State]int{OK: 1, Warning: 2, Full: 3, OverLimit: 4}

// crossed tells whether a gauge went up through a threshold, and which: 80 or 100 percent. A cap that is
// lowered crosses too. Where there was no cap nothing is crossed, unless the new one is too low already.
func crossed(before, after Reading) (percent int, up bool) {
	switch {
	case before.State == Misconfigured && after.State != OverLimit, rank[after.State] <= rank[before.State]:
		return 0, false
	}
	if after.State == Warning {
		return warningPercent, true
	}
	return 100, true
}

// Standing is how a module stands with its licences: it is open while one of them is in force and not
// suspended.
type Standing struct {
	OpenUntil      calendar.Date `json:"open"` // exclusive: the last end of those that open it; Forever without an end
	SuspendedUntil calendar.Date `json:"held"` // the same of those that are suspended
}

// Forever is the end of what has no end yet.
var Forever, _ = calendar.Of(9999, 12, 31)

func standing(funds []Fund) Standing {
	var s Standing
	for _, f := range funds {
		end := f.Until
		if end.IsZero() {
			end = Forever
		}
		if f.Suspended {
			s.SuspendedUntil = later(s.SuspendedUntil, end)
		} else {
			s.OpenUntil = later(s.OpenUntil, end)
		}
	}
	return s
}

func later(a, b calendar.Date) calendar.Date {
	if a.After(b) {
		return a
	}
	return b
}

// Why tells why the module can't be used on a day; empty when it can.
func (s Standing) Why(today calendar.Date) Reason {
	switch {
	case today.Before(s.OpenUntil):
		return ""
	case today.Before(s.SuspendedUntil):
		return LicenceSuspended
	case s != Standing{}:
		return LicenceEnded
	}
	return NoLicence
}

// fundsOf are what a customer's licences give, by module.
func fundsOf(held []customer.Holding) map[string][]Fund {
	all := map[string][]Fund{}
	for _, h := range held {
		for module, seats := range h.Modules {
			all[module] = append(all[module], Fund{h.LicenceID, h.Quantity * seats, h.EndsOn, h.Status == licence.Suspended})
		}
	}
	for _, funds := range all {
		slices.SortFunc(funds, func(a, b Fund) int {
			return cmp.Or(a.Until.Compare(b.Until), a.Seats-b.Seats, strings.Compare(a.LicenceID, b.LicenceID))
		})
	}
	return all
}
