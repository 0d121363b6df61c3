package seat

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/phrase"
	"comptoir/shared/problem"
)

// Pool is what an operation sees of a customer's seats: some or all of its gauges and of the parts of its
// roster. Each rule gives the pool as it is afterwards.
type Pool struct {
	Gauges  map[string]Gauge // by module
	Rosters map[int]Roster   // by part

	// What the answer rests on, whatever it is: it is true only if all of this was so at one moment. Of a module that is
	// its cap or, where the value says so, what is used too; of members, their entries.
	RestsOnModules map[string]bool
	RestsOnMembers map[string]bool

	read *Pool // as it was loaded
}

// MaxAtOnce is how many members are given a seat at once: one transaction holds a hundred items.
const MaxAtOnce = 90

// MaxModules is how many modules of a customer are in use, or funded: with all parts of its roster they fit into one
// transaction.
const MaxModules = 40

// Loaded is the pool of gauges and rosters as they were read, or of none for a new customer.
func Loaded(gauges []Gauge, rosters []Roster) Pool {
	p := Pool{Gauges: map[string]Gauge{}, Rosters: map[int]Roster{}, RestsOnModules: map[string]bool{}, RestsOnMembers: map[string]bool{}}
	for _, g := range gauges {
		p.Gauges[g.Module] = g
	}
	for _, r := range rosters {
		p.Rosters[r.Part] = r
	}
	read := p.clone()
	p.read = &read
	return p
}

func (p Pool) clone() Pool {
	return Pool{maps.Clone(p.Gauges), maps.Clone(p.Rosters), maps.Clone(p.RestsOnModules), maps.Clone(p.RestsOnMembers), p.read}
}

// Read is the pool as it was loaded, before any rule.
func (p Pool) Read() Pool { return *p.read }

// Member is a member's entry, if there is one.
func (p Pool) Member(memberID string) (Member, bool) {
	m, ok := p.Rosters[PartOf(memberID)].Members[memberID]
	return m, ok
}

// look notes what a rule rests on and gives it.
func (p Pool) look(memberID string) (Member, bool) {
	p.RestsOnMembers[memberID] = true
	return p.Member(memberID)
}

func (p Pool) put(memberID string, m *Member) {
	part := PartOf(memberID)
	p.Rosters[part] = p.Rosters[part].with(memberID, m)
}

// gauge sets a gauge, and tells of the threshold that it crosses.
func (p Pool) gauge(after Gauge, today calendar.Date) []event.Fact {
	before := p.Gauges[after.Module]
	p.Gauges[after.Module] = after
	r := after.On(today)
	percent, up := crossed(before.On(today), r)
	if !up {
		return nil
	}
	return []event.Fact{event.New("seat.threshold", map[string]any{
		"module": after.Module, "threshold": percent, "state": string(r.State),
		"used": r.Used, "cap": r.Cap, "capVersion": after.CapVersion,
	})}
}

// Add gives members a seat of a module: all of them, or none if they don't fit (D5). Those who hold one
// keep it and take no second. Added are those who got one, in order, and the others held one before.
// Errors: problem.Invalid for who is not a member; problem.Conflict seat_limit_reached,
// seat_pool_misconfigured, limit_reached.
func (p Pool) Add(module string, memberIDs []string, at time.Time, today calendar.Date) (after Pool, added []string, facts []event.Fact, err error) {
	after = p.clone()
	var strangers []problem.Field
	for i, id := range memberIDs {
		m, is := after.look(id)
		switch _, holds := m.Seats[module]; {
		case !is:
			strangers = append(strangers, problem.Field{
				Name: fmt.Sprintf("body.memberIds[%d]", i), Detail: phrase.Say("%s is not a member of this customer.", id),
			})
		case !holds && !slices.Contains(added, id):
			added = append(added, id)
		}
	}
	if strangers != nil {
		return after, nil, nil, problem.InvalidFields(strangers...)
	}
	if added == nil {
		return after, nil, nil, nil
	}
	after.RestsOnModules[module] = true
	gauge := p.Gauges[module]
	if err := gauge.room(module, len(added), today); err != nil {
		return after, nil, nil, err
	}
	gauge.Used += len(added)
	facts = append([]event.Fact{event.New("seat.added", map[string]any{"module": module, "memberIds": added})}, after.gauge(gauge, today)...)
	for _, id := range added {
		m, _ := p.Member(id)
		m.Seats = maps.Clone(m.Seats)
		if m.Seats == nil {
			m.Seats = map[string]int64{}
		}
		m.Seats[module] = at.Unix()
		after.put(id, &m)
		if after.Rosters[PartOf(id)].weight() > maxWeight {
			return after, nil, nil, crowded()
		}
	}
	return after, added, facts, nil
}

// room refuses what doesn't fit under the cap.
func (g Gauge) room(module string, n int, today calendar.Date) error {
	r := g.On(today)
	switch {
	case r.State == Misconfigured:
		return misconfigured(module, r.Reason)
	case r.Used+n > r.Cap:
		return problem.Conflict("seat_limit_reached", "The module %s has a cap of %d; seats left: %d.", module, r.Cap, r.Remaining)
	}
	return nil
}

func misconfigured(module string, why Reason) error {
	return problem.Conflict("seat_pool_misconfigured", "The module %s has no cap to go by: %s.", module, why.Text())
}

// Remove takes a seat of a module from a member, which is free at once (D6). Removed is false for a member
// who held none. Errors: problem.NotFound for who is not a member.
func (p Pool) Remove(module, memberID string, today calendar.Date) (after Pool, removed bool, facts []event.Fact, err error) {
	after = p.clone()
	m, is := after.look(memberID)
	if !is {
		return after, false, nil, problem.NotFound()
	}
	if _, holds := m.Seats[module]; !holds {
		return after, false, nil, nil
	}
	m.Seats = maps.Clone(m.Seats)
	delete(m.Seats, module)
	after.put(memberID, &m)
	after.free(module, today)
	return after, true, []event.Fact{event.New("seat.removed", map[string]any{"module": module, "memberIds": []string{memberID}})}, nil
}

// free counts one seat less.
func (p Pool) free(module string, today calendar.Date) {
	gauge := p.Gauges[module]
	gauge.Used--
	p.gauge(gauge, today) // downwards: nothing is told
}

// Join makes somebody a member of the customer, or renames one. The customer's row is told of a new part of its
// roster. Errors: problem.Conflict limit_reached.
func (p Pool) Join(c customer.Customer, memberID, name string) (Pool, customer.Customer, error) {
	after := p.clone()
	m, is := after.look(memberID)
	if is && m.Name == name {
		return after, c, nil
	}
	part := PartOf(memberID)
	if _, read := p.Rosters[part]; !read { // if the row knows of it, it was made meanwhile, and can't be made again
		after.Rosters[part] = newRoster(c, part)
		c = c.WithRoster(part)
	}
	m.Name = name
	if m.Seats == nil {
		m.Seats = map[string]int64{}
	}
	after.put(memberID, &m)
	if after.Rosters[part].weight() > maxWeight {
		return after, c, crowded()
	}
	return after, c, nil
}

func crowded() error {
	return problem.Conflict("limit_reached", "The customer has as many members as a roster can hold.")
}

// Leave takes a member out of the customer, and with that all its seats (D12). Freed are their modules, in order.
// Errors: problem.NotFound.
func (p Pool) Leave(memberID string, today calendar.Date) (after Pool, freed []string, err error) {
	after = p.clone()
	m, is := after.look(memberID)
	if !is {
		return after, nil, problem.NotFound()
	}
	freed = slices.Sorted(maps.Keys(m.Seats))
	for _, module := range freed {
		after.free(module, today)
	}
	after.put(memberID, nil)
	return after, freed, nil
}

// SetCap sets the partner's own cap of a module, within what the licences fund (D11). All that they fund lifts it:
// the cap follows the licences again. It may fall under what is used; then nothing can be added.
// Errors: problem.Conflict seat_pool_misconfigured, seat_cap_not_funded.
func (p Pool) SetCap(module string, limit int, today calendar.Date) (Pool, []event.Fact, error) {
	after := p.clone()
	after.RestsOnModules[module] = false
	gauge := p.Gauges[module]
	before, funded := gauge.On(today), gauge.Funded(today)
	switch {
	case before.State == Misconfigured && before.Reason != CapImpossible:
		return after, nil, misconfigured(module, before.Reason)
	case limit > funded:
		return after, nil, problem.Conflict("seat_cap_not_funded", "The licences fund %d seats of the module %s; take more units first.", funded, module)
	case limit == funded:
		limit = 0
	}
	if limit == gauge.OwnCap {
		return after, nil, nil
	}
	gauge.OwnCap = limit
	gauge.CapVersion++
	told := after.gauge(gauge, today)
	return after, append([]event.Fact{event.New("seat.capChanged", map[string]any{
		"module": module, "before": before.Cap, "after": gauge.On(today).Cap, "capVersion": gauge.CapVersion,
	})}, told...), nil
}

// Raise lifts the cap of a module to what a request wanted; a cap that is as high already stays.
// Errors: those of SetCap.
func (p Pool) Raise(module string, to int, today calendar.Date) (Pool, []event.Fact, error) {
	if r := p.Gauges[module].On(today); r.State != Misconfigured && r.Cap >= to {
		after := p.clone()
		after.RestsOnModules[module] = false
		return after, nil, nil
	}
	return p.SetCap(module, to, today)
}

// Ask reads the cap that a request for more seats of a module starts from. Errors: problem.Conflict seat_pool_misconfigured.
func (p Pool) Ask(module string, today calendar.Date) (Pool, int, error) {
	after := p.clone()
	after.RestsOnModules[module] = false
	r := p.Gauges[module].On(today)
	if r.State == Misconfigured {
		return after, 0, misconfigured(module, r.Reason)
	}
	return after, r.Cap, nil
}

// Follow brings the gauges in line with the customer's licences, all of which its row holds, and so the parts of the
// roster that the pool has.
// Errors: problem.Conflict limit_reached.
func (p Pool) Follow(c customer.Customer, today calendar.Date) (Pool, []event.Fact, error) {
	after := p.clone()
	funds := fundsOf(c.Held)
	for module := range p.Gauges {
		if _, funded := funds[module]; !funded {
			funds[module] = nil
		}
	}
	live := 0
	for module, of := range funds {
		if len(of) > 0 || p.Gauges[module].Used > 0 {
			live++
		}
	}
	if live > MaxModules {
		return after, nil, problem.Conflict("limit_reached", "A customer has %d modules at the most.", MaxModules)
	}
	var facts []event.Fact
	for _, module := range slices.Sorted(maps.Keys(funds)) {
		gauge := p.Gauges[module]
		if gauge.CapVersion > 0 && slices.Equal(gauge.Funds, funds[module]) {
			continue
		}
		after.RestsOnModules[module] = true
		gauge.CustomerID, gauge.Module, gauge.Funds = c.ID, module, funds[module]
		gauge.CapVersion++
		facts = append(facts, after.gauge(gauge, today)...)
	}
	stand := Standings(c)
	for part, r := range p.Rosters {
		if !maps.Equal(r.Modules, stand) {
			r.Modules = stand
			after.Rosters[part] = r
		}
	}
	return after, facts, nil
}

// Fits refuses licences that fund fewer seats than when the pool was loaded where more are in use: the units of a
// flexible licence never fall under the seats in use. Errors: problem.Conflict below_seats_in_use.
func (p Pool) Fits(today calendar.Date) error {
	for _, module := range slices.Sorted(maps.Keys(p.Gauges)) {
		before, gauge := p.read.Gauges[module], p.Gauges[module]
		if funded := gauge.Funded(today); funded < before.Funded(today) && funded < gauge.Used {
			return problem.Conflict("below_seats_in_use", "%d seats of the module %s are in use, and %d would be left; remove some first.", gauge.Used, module, funded)
		}
	}
	return nil
}

// CapChanges says, module by module, what becomes of the caps since the pool was loaded.
func (p Pool) CapChanges(today calendar.Date) []phrase.Text {
	var all []phrase.Text
	for _, module := range slices.Sorted(maps.Keys(p.Gauges)) {
		before, after := p.read.Gauges[module].On(today), p.Gauges[module].On(today)
		funded := p.Gauges[module].Funded(today)
		switch {
		case before.Cap == after.Cap && funded != p.read.Gauges[module].Funded(today) && after.State != Misconfigured:
			all = append(all, phrase.Say("The module %s keeps the cap of %d that you have set; %d seats are funded.", module, after.Cap, funded))
		case before.Cap == after.Cap:
		case after.State == Misconfigured:
			all = append(all, phrase.Say("The module %s has no seats any longer: %s.", module, after.Reason.Text()))
		default:
			all = append(all, phrase.Say("The module %s has a cap of %d; seats used: %d.", module, after.Cap, after.Used))
		}
	}
	return all
}
