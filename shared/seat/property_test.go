package seat_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/problem"
	"comptoir/shared/seat"
)

var (
	begin, _ = calendar.Of(2026, 3, 10)
	noon     = time.Date(2026, 3, 10, 11, 0, 0, 0, time.UTC)
	names    = []string{"ada", "bob", "cleo", "mia", "dora", "eli"} // Cleo and Mia in one part of the roster
	modules  = []string{"expenses", "payroll"}
)

// plain is a customer's seats, said as plainly as possible.
type plain struct {
	seats    map[string]map[string]bool // of each member, by module
	licences []customer.Holding
	limits   map[string]int // 0 for none
	known    map[string]bool
}

func (p plain) used(module string) int {
	n := 0
	for _, seats := range p.seats {
		if seats[module] {
			n++
		}
	}
	return n
}

// funded is what the licences give to a module, and why there is nothing to give.
func (p plain) funded(module string, today calendar.Date) (int, seat.Reason) {
	sum, open, why := 0, false, seat.NoLicence
	for _, l := range p.licences {
		units, has := l.Modules[module]
		switch inForce := l.EndsOn.IsZero() || today.Before(l.EndsOn); {
		case !has:
		case inForce && l.Status != licence.Suspended:
			sum, open = sum+units*l.Quantity, true
		case inForce:
			why = seat.LicenceSuspended
		case why == seat.NoLicence:
			why = seat.LicenceEnded
		}
	}
	switch {
	case !open:
		return 0, why
	case sum == 0:
		return 0, seat.CapImpossible
	}
	return sum, ""
}

// reading says D7, D8, D11 and D13 in their own words.
func (p plain) reading(module string, today calendar.Date) seat.Reading {
	used := p.used(module)
	limit, why := p.funded(module, today)
	if why != "" {
		return seat.Reading{Used: used, State: seat.Misconfigured, Reason: why}
	}
	if set := p.limits[module]; set > 0 && set < limit {
		limit = set
	}
	r := seat.Reading{Used: used, Cap: limit, Remaining: limit - used, State: seat.OK}
	switch {
	case used > limit:
		r.State, r.Remaining = seat.OverLimit, 0
	case used == limit:
		r.State = seat.Full
	case used*100 >= 80*limit:
		r.State = seat.Warning
	}
	return r
}

// verdict is whether a member may use a module.
func (p plain) verdict(name, module string, today calendar.Date) seat.Verdict {
	seats, is := p.seats[name]
	_, why := p.funded(module, today)
	switch {
	case !is:
		return seat.Verdict{Reason: seat.NotAMember}
	case why != "" && why != seat.CapImpossible:
		return seat.Verdict{Reason: why}
	case !seats[module]:
		return seat.Verdict{Reason: seat.NoSeat}
	}
	return seat.Verdict{Allowed: true}
}

func misconfigured(r seat.Reading) bool { return r.State == seat.Misconfigured }

// limit predicts what setting a cap says.
func (p plain) limit(module string, to int, today calendar.Date) (code string) {
	funded, why := p.funded(module, today)
	switch {
	case why != "" && why != seat.CapImpossible:
		return "seat_pool_misconfigured"
	case to > funded:
		return "seat_cap_not_funded"
	case to == funded:
		to = 0
	}
	p.limits[module] = to
	return ""
}

// crossings are the thresholds that facts tell of, in words.
func crossings(facts []event.Fact) (all []string) {
	for _, f := range facts {
		if f.Kind == "seat.threshold" {
			all = append(all, fmt.Sprint(f.Data["module"], f.Data["threshold"], f.Data["state"], f.Data["used"], f.Data["cap"]))
		}
	}
	return all
}

// crossing is what has to be told when a gauge went up.
func crossing(module string, before, after seat.Reading) []string {
	order := []seat.State{seat.OK, seat.Warning, seat.Full, seat.OverLimit}
	if misconfigured(after) || misconfigured(before) && after.State != seat.OverLimit || slices.Index(order, after.State) <= slices.Index(order, before.State) {
		return nil
	}
	threshold := 100
	if after.State == seat.Warning {
		threshold = 80
	}
	return []string{fmt.Sprint(module, threshold, string(after.State), after.Used, after.Cap)}
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func textOf(p seat.Pool) string { return text(p.Gauges) + text(p.Rosters) }

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return problem.Of(err).Code // or it is none that callers are told of
}

func some[T any](t *rapid.T, label string, of []T) T { return rapid.SampledFrom(of).Draw(t, label) }

// operations are drawn from as often as they stand here.
var operations = []string{"add", "add", "add", "add", "remove", "join", "join", "leave", "cap", "raise", "licence", "licence", "licence", "wait"}

// Whatever happens to seats, members, caps and licences: the pool says what a plain model says, refuses what it
// refuses, tells of the thresholds that it crosses, and alters nothing that it was asked of.
func TestPoolIsAsThePlainModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		model := plain{seats: map[string]map[string]bool{}, limits: map[string]int{}, known: map[string]bool{}}
		c, today := customer.Customer{ID: "cus_1"}, begin
		pool := seat.Loaded(nil, nil)
		for range rapid.IntRange(10, 60).Draw(t, "operations") {
			pool = seat.Loaded(slices.Collect(maps.Values(pool.Gauges)), slices.Collect(maps.Values(pool.Rosters)))
			module, name := some(t, "module", modules), some(t, "member", names)
			readings := map[string]seat.Reading{}
			for _, module := range modules {
				readings[module] = model.reading(module, today)
			}
			var facts []event.Fact
			var err error
			after, want := pool, ""
			loaded := textOf(pool)
			switch some(t, "operation", operations) {
			case "add":
				ids := rapid.SliceOfN(rapid.SampledFrom(names), 1, 3).Draw(t, "members")
				var added, got []string
				for _, id := range ids {
					if _, is := model.seats[id]; !is && want == "" {
						want = "invalid_input"
					}
					if !model.seats[id][module] && !slices.Contains(added, id) {
						added = append(added, id)
					}
				}
				switch r := readings[module]; {
				case want != "" || added == nil:
				case misconfigured(r):
					want = "seat_pool_misconfigured"
				case r.Used+len(added) > r.Cap:
					want = "seat_limit_reached"
				}
				after, got, facts, err = pool.Add(module, ids, noon, today)
				if want == "" {
					for _, id := range added {
						model.seats[id][module] = true
					}
					if !slices.Equal(got, added) {
						t.Fatalf("added %v, want %v", got, added)
					}
					if r := after.Gauges[module].On(today); len(added) > 0 && r.Used > r.Cap {
						t.Fatalf("%d of %d", r.Used, r.Cap)
					}
				}
			case "remove":
				var removed bool
				after, removed, facts, err = pool.Remove(module, name, today)
				if seats, is := model.seats[name]; !is {
					want = "not_found"
				} else if removed != seats[module] {
					t.Fatalf("removed: %v, want %v", removed, seats[module])
				}
				delete(model.seats[name], module)
			case "join":
				after, c, err = pool.Join(c, name, some(t, "name", []string{"A.", "B."}))
				if model.seats[name] == nil {
					model.seats[name] = map[string]bool{}
				}
			case "leave":
				var freed []string
				after, freed, err = pool.Leave(name, today)
				if _, is := model.seats[name]; !is {
					want = "not_found"
				}
				if had := slices.Sorted(maps.Keys(model.seats[name])); !slices.Equal(freed, had) {
					t.Fatalf("freed %v, want %v", freed, had)
				}
				delete(model.seats, name)
			case "cap":
				to := rapid.IntRange(1, 6).Draw(t, "cap")
				after, facts, err = pool.SetCap(module, to, today)
				want = model.limit(module, to, today)
			case "raise":
				to := rapid.IntRange(1, 6).Draw(t, "cap")
				after, facts, err = pool.Raise(module, to, today)
				if r := readings[module]; misconfigured(r) || r.Cap < to {
					want = model.limit(module, to, today)
				}
			case "licence":
				model.licences = c.Held
				next := licences(t, model.licences, today)
				fits := true
				for module := range model.known {
					was, _ := model.funded(module, today)
					now, _ := plain{licences: next}.funded(module, today)
					fits = fits && (now >= was || now >= model.used(module))
				}
				model.licences, c.Held = next, next
				after, facts, err = pool.Follow(c, today)
				if code := codeOf(after.Fits(today)); (code == "") != fits {
					t.Fatalf("%q, but the seats in use fit: %v", code, fits)
				}
				for _, module := range modules {
					_, why := model.funded(module, today)
					model.known[module] = model.known[module] || why != seat.NoLicence
				}
			case "wait":
				today = today.AddDays(rapid.IntRange(1, 20).Draw(t, "days"))
				for _, module := range modules {
					readings[module] = model.reading(module, today) // nobody is told when a day ends a licence
				}
			}
			if textOf(pool) != loaded {
				t.Fatalf("the rule altered the pool that it was asked of:\n%s\n%s", loaded, textOf(pool))
			}
			if got := codeOf(err); got != want {
				t.Fatalf("refused with %q, want %q", got, want)
			}
			if err != nil && (textOf(after) != loaded || facts != nil) {
				t.Fatalf("the refusal %v changed something: %v\n%s\n%s", err, facts, loaded, textOf(after))
			}
			var told []string
			for _, module := range modules {
				r := model.reading(module, today)
				told = append(told, crossing(module, readings[module], r)...)
				if got := after.Gauges[module].On(today); got != r {
					t.Fatalf("the gauge of %s says %+v, want %+v", module, got, r)
				}
				for _, name := range names {
					if got, want := after.Rosters[seat.PartOf(name)].Check(name, module, today), model.verdict(name, module, today); got != want {
						t.Fatalf("%s of %s: %+v, want %+v", module, name, got, want)
					}
				}
			}
			if got := crossings(facts); !slices.Equal(got, told) {
				t.Fatalf("told of %v, want %v", got, told)
			}
			pool = after
		}
	})
}

// licences draws a change to a customer's licences: one more, other units, suspended, resumed, ending.
func licences(t *rapid.T, held []customer.Holding, today calendar.Date) []customer.Holding {
	held = slices.Clone(held)
	if len(held) == 0 || len(held) < 3 && rapid.Bool().Draw(t, "take") {
		gives := map[string]int{"expenses": 1}
		if rapid.Bool().Draw(t, "payroll too") {
			gives["payroll"] = rapid.IntRange(0, 2).Draw(t, "payroll seats")
		}
		return append(held, customer.Holding{
			LicenceID: fmt.Sprint("lic_", len(held)), Quantity: some(t, "units", []int{1, 2, 3, 4, 5}), Status: licence.Active, Modules: gives,
		})
	}
	h := &held[some(t, "licence", []int{0, 1, 2}[:len(held)])]
	switch some(t, "change", []string{"units", "suspend", "resume", "end"}) {
	case "units":
		h.Quantity = some(t, "units", []int{1, 2, 3, 4, 5, 6})
	case "suspend":
		h.Status = licence.Suspended
	case "resume":
		h.Status = licence.Active
	case "end":
		h.EndsOn = today.AddDays(rapid.IntRange(0, 30).Draw(t, "days left"))
	}
	return held
}

// A gauge is moved under the condition that its used count is one of Alike. So within it the states before and
// after are the real ones, and nothing is added above the cap; and it is no narrower than it has to be.
func TestGaugesAlikeAreDecidedAlike(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before := seat.Gauge{CapVersion: 1, Funds: funds(t), OwnCap: max(0, rapid.IntRange(-6, 12).Draw(t, "limit"))}
		limit := before.On(begin).Cap
		before.Used = rapid.IntRange(0, limit+4).Draw(t, "used")
		after, moved := before, 0
		switch rapid.IntRange(0, 3).Draw(t, "change") {
		case 0:
			moved = rapid.IntRange(1, 5).Draw(t, "added")
			if before.On(begin).State == seat.Misconfigured || before.Used+moved > limit {
				t.Skip("refused")
			}
		case 1:
			moved = -1
			if before.Used == 0 {
				t.Skip("nothing to remove")
			}
		case 2:
			after.OwnCap = rapid.IntRange(0, 12).Draw(t, "limit then")
		case 3:
			after.Funds = funds(t)
		}
		after.Used += moved
		same := func(used int) bool {
			b, a := before, after
			b.Used, a.Used = used, used+moved
			return used >= 0 && used+moved >= 0 && (moved <= 0 || used+moved <= limit) &&
				b.On(begin).State == before.On(begin).State && a.On(begin).State == after.On(begin).State
		}
		from, to := before.Alike(after, begin)
		if before.Used < from || before.Used > to {
			t.Fatalf("%d to %d is without the %d that was read", from, to, before.Used)
		}
		for used := from; used <= min(to, 300); used++ {
			if !same(used) {
				t.Fatalf("%d is within %d to %d, and not decided as %d", used, from, to, before.Used)
			}
		}
		if crosses := before.On(begin).State != after.On(begin).State; crosses && from != to {
			t.Fatalf("a threshold is crossed, and %d to %d pass: its figures would not be exact", from, to)
		} else if !crosses && (same(from-1) || to < 300 && same(to+1)) {
			t.Fatalf("%d to %d is narrower than it has to be", from, to)
		}
	})
}

func funds(t *rapid.T) (all []seat.Fund) {
	for range rapid.IntRange(0, 2).Draw(t, "licences") {
		f := seat.Fund{Seats: rapid.OneOf(rapid.IntRange(0, 5), rapid.IntRange(6, 130)).Draw(t, "seats"), Suspended: rapid.IntRange(0, 5).Draw(t, "suspended") == 0}
		if rapid.IntRange(0, 3).Draw(t, "ends") == 0 {
			f.Until = begin.AddDays(rapid.IntRange(-1, 2).Draw(t, "days"))
		}
		all = append(all, f)
	}
	return all
}
