package table

import (
	"maps"
	"slices"

	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/seat"
)

// Settle writes what a rule has made of a customer's seats, and has all that the answer rests on confirmed. Call it also
// when the rule refuses: then nothing is written, and the refusal is confirmed.
func (tx *Tx) Settle(customerID string, after seat.Pool, today calendar.Date) {
	before := after.Read()
	for _, module := range slices.Sorted(maps.Keys(after.Gauges)) {
		if b, a := before.Gauges[module], after.Gauges[module]; b.Used != a.Used || b.CapVersion != a.CapVersion {
			tx.gauge(b, a, today)
		}
	}
	for module, used := range after.RestsOnModules {
		g := before.Gauges[module]
		from, to := 0, seat.Endless
		if used {
			from, to = g.Used, g.Used
		}
		tx.check(Gauge(customerID, module).Key, still(g, from, to))
	}
	restsOn := map[int][]string{}
	for _, id := range slices.Sorted(maps.Keys(after.RestsOnMembers)) {
		restsOn[seat.PartOf(id)] = append(restsOn[seat.PartOf(id)], id)
	}
	for _, part := range slices.Sorted(maps.Keys(after.Rosters)) {
		b, existed := before.Rosters[part]
		tx.roster(b, after.Rosters[part], existed, restsOn[part])
	}
	for part, ids := range restsOn {
		e := absent()
		if r, exists := before.Rosters[part]; exists {
			e = newExpression()
			for _, id := range ids {
				e.unchanged(r, id)
			}
		}
		tx.check(Roster(customerID, part).Key, e)
	}
}

// gauge moves a gauge from what was read to what was decided.
func (tx *Tx) gauge(before, after seat.Gauge, today calendar.Date) {
	switch {
	case after.CapVersion == 0, after.Used < 0: // a seat that was given after the gauge was read
		tx.moved = true
		return
	case before.CapVersion == 0, tx.draft:
		tx.Put(&after)
		return
	}
	from, to := before.Alike(after, today)
	e := still(before, from, to)
	if after.CapVersion != before.CapVersion {
		e.set("capVersion", after.CapVersion)
		e.set("ownCap", after.OwnCap)
		e.set("funds", after.Funds)
	}
	e.add("used", after.Used-before.Used)
	tx.update(Gauge(after.CustomerID, after.Module).Key, e)
}

// still holds while a gauge has the cap that was read, and uses as many seats as one of a range.
func still(g seat.Gauge, from, to int) *expression {
	if g.CapVersion == 0 {
		return absent()
	}
	e := newExpression()
	e.when("%s = %s", e.name("capVersion"), e.value(g.CapVersion))
	e.when("%s BETWEEN %s AND %s", e.name("used"), e.value(from), e.value(to))
	return e
}

// roster writes the entries of a part that differ, if these and those that the answer rests on are as they were read.
func (tx *Tx) roster(before, after seat.Roster, existed bool, restsOn []string) {
	if !existed || tx.draft {
		if !existed || !sameRoster(before, after) {
			tx.Put(&after)
		}
		return
	}
	e := newExpression()
	changed := restsOn
	for _, id := range slices.Sorted(maps.Keys(union(before.Members, after.Members))) {
		b, was := before.Members[id]
		a, is := after.Members[id]
		if was == is && sameMember(a, b) {
			continue
		}
		if !slices.Contains(restsOn, id) {
			changed = append(changed, id)
		}
		if path := e.name("members") + "." + e.name(id); is {
			e.sets = append(e.sets, path+" = "+e.value(a))
		} else {
			e.removes = append(e.removes, path)
		}
	}
	if !e.writes() {
		return
	}
	e.exists()
	for _, id := range changed {
		e.unchanged(before, id)
	}
	tx.update(Roster(after.CustomerID, after.Part).Key, e)
}

// stand tells every part of a customer's roster how the modules stand now, if that differs. Parts are made and told
// of this only together with the customer's row, which knows them all.
func (tx *Tx) stand(before, after customer.Customer) {
	stand := seat.Standings(after)
	if tx.draft || maps.Equal(seat.Standings(before), stand) {
		return // the parts of a draft are written whole
	}
	for part := range seat.Parts {
		if !before.HasRoster(part) {
			continue
		}
		e := newExpression()
		e.exists()
		e.set("modules", stand)
		tx.update(Roster(after.ID, part).Key, e)
	}
}

// unchanged holds while a member's entry is the one that was read.
func (e *expression) unchanged(r seat.Roster, id string) {
	path := e.name("members") + "." + e.name(id)
	if m, is := r.Members[id]; is {
		e.when("%s = %s", path, e.value(m))
	} else {
		e.exists()
		e.when("attribute_not_exists(%s)", path)
	}
}

func sameMember(a, b seat.Member) bool { return a.Name == b.Name && maps.Equal(a.Seats, b.Seats) }

func sameRoster(a, b seat.Roster) bool {
	return maps.Equal(a.Modules, b.Modules) && maps.EqualFunc(a.Members, b.Members, sameMember)
}

func union[V any](a, b map[string]V) map[string]V {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]V{}
	}
	maps.Copy(all, b)
	return all
}
