package seat

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/problem"
)

var noon = time.Date(2026, 3, 10, 11, 0, 0, 0, time.UTC)

const module = "expenses"

// firm is a customer with members, and licences of so many seats.
func firm(t *testing.T, seats int, members ...string) (customer.Customer, Pool) {
	t.Helper()
	c := customer.Customer{ID: "cus_1", Held: []customer.Holding{{
		LicenceID: "lic_1", Quantity: seats, Status: licence.Active, Modules: map[string]int{module: 1},
	}}}
	p := Loaded(nil, nil)
	var err error
	for _, id := range members {
		if p, c, err = p.Join(c, id, strings.ToUpper(id)); err != nil {
			t.Fatal(err)
		}
	}
	if p, _, err = p.Follow(c, today); err != nil {
		t.Fatal(err)
	}
	return c, p
}

func add(t *testing.T, p Pool, ids ...string) (Pool, []string, []event.Fact) {
	t.Helper()
	after, added, facts, err := p.Add(module, ids, noon, today)
	if err != nil {
		t.Fatal(err)
	}
	return after, added, facts
}

func code(err error) string {
	if p := problem.Of(err); p != nil {
		return p.Code
	}
	return fmt.Sprint(err)
}

func kinds(facts []event.Fact) string {
	var all []string
	for _, f := range facts {
		all = append(all, f.Kind)
	}
	return strings.Join(all, " ")
}

// D5, D8, D9: all of them, or none when they don't fit.
func TestAddIsAllOrNothing(t *testing.T) {
	t.Parallel()
	_, p := firm(t, 2, "ada", "bob", "cleo")
	if _, _, _, err := p.Add(module, []string{"ada", "bob", "cleo"}, noon, today); code(err) != "seat_limit_reached" {
		t.Errorf("three on two seats: %v", err)
	}
	p, added, facts := add(t, p, "ada", "bob")
	if !slices.Equal(added, []string{"ada", "bob"}) || kinds(facts) != "seat.added seat.threshold" || p.Gauges[module].Used != 2 {
		t.Errorf("added %v, told %s, used %d", added, kinds(facts), p.Gauges[module].Used)
	}
	if _, _, _, err := p.Add(module, []string{"cleo"}, noon, today); code(err) != "seat_limit_reached" {
		t.Errorf("a third: %v", err)
	}
}

func TestAddingAHolderTakesNoSecondSeat(t *testing.T) {
	t.Parallel()
	_, p := firm(t, 2, "ada", "bob")
	p, _, _ = add(t, p, "ada")
	p, added, _ := add(t, p, "ada", "bob", "bob")
	if !slices.Equal(added, []string{"bob"}) || p.Gauges[module].Used != 2 {
		t.Errorf("added %v, used %d", added, p.Gauges[module].Used)
	}
	if _, added, facts := add(t, p, "ada", "bob"); added != nil || facts != nil {
		t.Errorf("of a full gauge, added %v and told %v", added, facts)
	}
}

func TestAddRefusesStrangersByTheirPlace(t *testing.T) {
	t.Parallel()
	_, p := firm(t, 2, "ada")
	_, _, _, err := p.Add(module, []string{"ada", "eve", "mallory"}, noon, today)
	if refused := problem.Of(err); refused == nil || len(refused.Fields) != 2 || refused.Fields[1].Name != "body.memberIds[2]" {
		t.Errorf("refused with %v", err)
	}
}

// D13: without a cap nothing is added.
func TestAddRefusesWithoutACap(t *testing.T) {
	t.Parallel()
	c, p := firm(t, 2, "ada")
	c.Held[0].Status = licence.Suspended
	p, _, _ = p.Follow(c, today)
	for _, m := range []string{module, "unheardOf"} {
		if _, _, _, err := p.Add(m, []string{"ada"}, noon, today); code(err) != "seat_pool_misconfigured" {
			t.Errorf("%s: %v", m, err)
		}
	}
}

// D6: a seat is free at once.
func TestRemove(t *testing.T) {
	t.Parallel()
	_, p := firm(t, 1, "ada", "bob")
	p, _, _ = add(t, p, "ada")
	p, removed, facts, err := p.Remove(module, "ada", today)
	if err != nil || !removed || kinds(facts) != "seat.removed" || p.Gauges[module].Used != 0 {
		t.Errorf("removed %t, told %s, used %d, %v", removed, kinds(facts), p.Gauges[module].Used, err)
	}
	if _, removed, facts, err := p.Remove(module, "ada", today); err != nil || removed || facts != nil {
		t.Errorf("once more: removed %t, told %v, %v", removed, facts, err)
	}
	if _, _, _, err := p.Remove(module, "eve", today); code(err) != "not_found" {
		t.Errorf("of a stranger: %v", err)
	}
	add(t, p, "bob")
}

// D12: who leaves loses every seat.
func TestLeave(t *testing.T) {
	t.Parallel()
	c, p := firm(t, 5, "ada", "bob")
	c.Held[0].Modules = map[string]int{module: 1, "payroll": 1}
	p, _, _ = p.Follow(c, today)
	p, _, _ = add(t, p, "ada", "bob")
	p, _, _, err := p.Add("payroll", []string{"ada"}, noon, today)
	if err != nil {
		t.Fatal(err)
	}
	p, freed, err := p.Leave("ada", today)
	if err != nil || !slices.Equal(freed, []string{module, "payroll"}) {
		t.Errorf("freed %v, %v", freed, err)
	}
	if p.Gauges[module].Used != 1 || p.Gauges["payroll"].Used != 0 {
		t.Errorf("used %d and %d", p.Gauges[module].Used, p.Gauges["payroll"].Used)
	}
	if _, is := p.Member("ada"); is {
		t.Error("still a member")
	}
	if _, _, err := p.Leave("ada", today); code(err) != "not_found" {
		t.Errorf("once more: %v", err)
	}
}

// D11: the partner's cap, within what the licences fund.
func TestTheOwnCap(t *testing.T) {
	t.Parallel()
	c, p := firm(t, 5, "ada", "bob")
	p, _, _ = add(t, p, "ada", "bob")
	lowered, facts, err := p.SetCap(module, 1, today)
	if err != nil || kinds(facts) != "seat.capChanged seat.threshold" || facts[1].Data["state"] != "overLimit" {
		t.Errorf("told %v, %v", facts, err)
	}
	if r := lowered.Gauges[module].On(today); r != (Reading{2, 1, 0, OverLimit, ""}) || lowered.Gauges[module].CapVersion != p.Gauges[module].CapVersion+1 {
		t.Errorf("reads %v", r)
	}
	if _, facts, err := lowered.SetCap(module, 1, today); err != nil || facts != nil {
		t.Errorf("once more it tells %v, %v", facts, err)
	}
	if _, _, err := p.SetCap(module, 6, today); code(err) != "seat_cap_not_funded" {
		t.Errorf("more than is funded: %v", err)
	}
	lifted, _, err := lowered.SetCap(module, 5, today)
	if err != nil {
		t.Fatal(err)
	}
	c.Held[0].Quantity = 9
	if lifted, _, _ = lifted.Follow(c, today); lifted.Gauges[module].On(today).Cap != 9 {
		t.Errorf("a cap that is lifted doesn't follow the licence: %v", lifted.Gauges[module].On(today))
	}
	if still, _, _ := lowered.Follow(c, today); still.Gauges[module].On(today).Cap != 1 {
		t.Errorf("the partner's cap is gone: %v", still.Gauges[module].On(today))
	}
}

func TestRaiseLeavesAHigherCapAlone(t *testing.T) {
	t.Parallel()
	_, p := firm(t, 5, "ada")
	if after, facts, err := p.Raise(module, 3, today); err != nil || facts != nil || after.Gauges[module].On(today).Cap != 5 {
		t.Errorf("told %v, %v", facts, err)
	}
	lowered, _, _ := p.SetCap(module, 2, today)
	if after, facts, err := lowered.Raise(module, 3, today); err != nil || len(facts) != 1 || after.Gauges[module].On(today).Cap != 3 {
		t.Errorf("told %v, %v", facts, err)
	}
	if _, _, err := lowered.Raise(module, 6, today); code(err) != "seat_cap_not_funded" {
		t.Errorf("more than is funded: %v", err)
	}
}

func TestFollowTouchesWhatChanged(t *testing.T) {
	t.Parallel()
	c, p := firm(t, 5, "ada", "bob")
	read := Loaded(slices.Collect(maps.Values(p.Gauges)), slices.Collect(maps.Values(p.Rosters)))
	if after, facts, _ := read.Follow(c, today); facts != nil || after.Gauges[module].CapVersion != read.Gauges[module].CapVersion {
		t.Errorf("nothing changed, and it tells %v", facts)
	}
	c.Held[0].Status = licence.Suspended
	after, _, _ := read.Follow(c, today)
	for part, r := range after.Rosters {
		if why := r.Modules[module].Why(today); why != LicenceSuspended {
			t.Errorf("part %d says %q", part, why)
		}
	}
}

func TestFollowRefusesTooManyModules(t *testing.T) {
	t.Parallel()
	c, p := firm(t, 1)
	for n := range MaxModules {
		c.Held[0].Modules[fmt.Sprint("module", n)] = 1
	}
	if _, _, err := p.Follow(c, today); code(err) != "limit_reached" {
		t.Errorf("%v", err)
	}
}

// The units of a flexible licence never fall under the seats in use.
func TestFits(t *testing.T) {
	t.Parallel()
	c, p := firm(t, 5, "ada", "bob")
	p, _, _ = add(t, p, "ada", "bob")
	read := Loaded(slices.Collect(maps.Values(p.Gauges)), slices.Collect(maps.Values(p.Rosters)))
	for quantity, want := range map[int]string{1: "below_seats_in_use", 2: "<nil>", 9: "<nil>"} {
		c.Held[0].Quantity = quantity
		after, _, _ := read.Follow(c, today)
		if err := after.Fits(today); code(err) != want {
			t.Errorf("%d units: %v, want %s", quantity, err, want)
		}
	}
}

// A roster fits into what one read gives; who comes too much is refused.
func TestARosterIsBounded(t *testing.T) {
	t.Parallel()
	c, p := firm(t, 5)
	name, err, joined := strings.Repeat("é", 200), error(nil), 0
	for n := 0; err == nil && n < 100_000; n++ {
		if p, c, err = p.Join(c, fmt.Sprintf("%0128d", n), name); err == nil {
			joined++
		}
	}
	if code(err) != "limit_reached" || joined < 1000 {
		t.Errorf("%d members joined, then %v", joined, err)
	}
	for part, r := range p.Rosters {
		if w := r.weight(); w > maxWeight+700 {
			t.Errorf("part %d weighs %d", part, w)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	c, p := firm(t, 5, "ada", "bob")
	p, _, _ = add(t, p, "ada")
	ask := func(p Pool, member, module string) Verdict {
		return p.Rosters[PartOf(member)].Check(member, module, today)
	}
	suspended, ended := c, c
	suspended.Held = []customer.Holding{c.Held[0]}
	suspended.Held[0].Status = licence.Suspended
	ended.Held = []customer.Holding{c.Held[0]}
	ended.Held[0].EndsOn = today
	held, _, _ := p.Follow(suspended, today)
	over, _, _ := p.Follow(ended, today)
	for name, c := range map[string]struct{ got, want Verdict }{
		"a holder may":                                       {ask(p, "ada", module), Verdict{Allowed: true}},
		"a member without the seat may not":                  {ask(p, "bob", module), Verdict{Reason: NoSeat}},
		"nor one whose seat is of another":                   {ask(p, "ada", "payroll"), Verdict{Reason: NoLicence}},
		"a stranger may not":                                 {ask(p, "eve", module), Verdict{Reason: NotAMember}},
		"nor anybody where nobody is":                        {Roster{}.Check("ada", module, today), Verdict{Reason: NotAMember}},
		"a holder may not while suspended":                   {ask(held, "ada", module), Verdict{Reason: LicenceSuspended}},
		"a holder may not once it is over":                   {ask(over, "ada", module), Verdict{Reason: LicenceEnded}},
		"who has no seat is told what a seat would not mend": {ask(held, "bob", module), Verdict{Reason: LicenceSuspended}},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
}

// Over the limit nobody is thrown out (D11).
func TestOverTheLimitHoldersGoOn(t *testing.T) {
	t.Parallel()
	_, p := firm(t, 5, "ada", "bob")
	p, _, _ = add(t, p, "ada", "bob")
	p, _, _ = p.SetCap(module, 1, today)
	for _, id := range []string{"ada", "bob"} {
		if v := p.Rosters[PartOf(id)].Check(id, module, today); !v.Allowed {
			t.Errorf("%s: %v", id, v)
		}
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	first, closed, facts := Ask(Request{}, Request{Module: module, Seats: 5}, 10)
	if first.ID() != "req_1" || first.Wanted != 15 || first.Status() != "open" || closed != nil || facts[0].Data["requestId"] != "req_1" {
		t.Errorf("%v %v %v", first, closed, facts)
	}
	if again, closed, facts := Ask(first, Request{Module: module, Seats: 5}, 10); again.Number != 1 || closed != nil || facts != nil {
		t.Errorf("the same once more: %v %v %v", again, closed, facts)
	}
	if second, closed, _ := Ask(first, Request{Module: module, Seats: 6}, 10); second.Number != 2 || closed == nil || closed.Status() != "replaced" || code(closed.Open()) != "seat_request_answered" {
		t.Errorf("another while the first is open: %v %v", second, closed)
	}
	declined, _ := first.Reply(Answer{Note: "No."})
	if declined.Status() != "declined" || code(declined.Open()) != "seat_request_answered" {
		t.Errorf("%s, %v", declined.Status(), declined.Open())
	}
	if second, closed, _ := Ask(declined, Request{Seats: 1}, 10); second.Number != 2 || closed != nil {
		t.Errorf("%v %v", second, closed)
	}
}
