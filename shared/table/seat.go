package table

import (
	"fmt"
	"slices"

	"comptoir/shared/customer"
	"comptoir/shared/seat"
)

// Gauge
//
//	PK CUSTOMER#c   SK MODULE#m
var _ = describe("gauge", func(g seat.Gauge) keys {
	return keys{primary: Gauge(g.CustomerID, g.Module).Key}
})

// Gauge counts the seats of a customer's module.
func Gauge(customerID, module string) Ref[seat.Gauge] {
	return Ref[seat.Gauge]{Key{customerPartition(customerID), "MODULE#" + module}}
}

// Gauges are all gauges of a customer, by module.
func Gauges(customerID string) List[seat.Gauge] {
	return List[seat.Gauge]{within(customerPartition(customerID), "MODULE#", Page{Limit: 1000})}
}

// Roster
//
//	PK CUSTOMER#c   SK ROSTER#<part, two digits>
var _ = describe("roster", func(r seat.Roster) keys {
	return keys{primary: Roster(r.CustomerID, r.Part).Key}
})

// Roster is a part of a customer's members with their seats.
func Roster(customerID string, part int) Ref[seat.Roster] {
	return Ref[seat.Roster]{Key{customerPartition(customerID), fmt.Sprintf("ROSTER#%02d", part)}}
}

// Rosters are all parts of a customer's roster.
func Rosters(customerID string) List[seat.Roster] {
	return List[seat.Roster]{within(customerPartition(customerID), "ROSTER#", Page{Limit: seat.Parts})}
}

// Holders are the members who hold a seat of a customer's module, by name. The roster is in no order, so that
// all of it is read for each page.
type Holders struct {
	CustomerID, Module string
	Page               Page
}

func (h Holders) load(to *loads) { Rosters(h.CustomerID).load(to) }

// Rows are the holders of the page and the cursor of the next one. Errors: problem.Invalid for a cursor of another list.
func (h Holders) Rows(tx *Tx) ([]seat.Holder, string, error) {
	rosters, _ := Rosters(h.CustomerID).Rows(tx)
	var all []seat.Holder
	for _, r := range rosters {
		all = append(all, r.Holders(h.Module)...)
	}
	names := make(map[string]string, len(all))
	for _, h := range all {
		names[h.MemberID] = cut(customer.SortName(h.Name))
	}
	key := func(h seat.Holder) Key { return Key{names[h.MemberID], h.MemberID} }
	slices.SortFunc(all, func(a, b seat.Holder) int { return compareKeys(key(a), key(b)) })

	list := within(customerPartition(h.CustomerID), "ROSTER#", h.Page) // what the cursor belongs to
	list.where[0] = condition{"module", "=", h.Module}
	start, err := list.start()
	if err != nil {
		return nil, "", err
	}
	if start != nil {
		from := keyOf(start)
		all = slices.DeleteFunc(all, func(h seat.Holder) bool { return compareKeys(key(h), from) <= 0 })
	}
	if len(all) <= h.Page.Limit {
		return all, "", nil
	}
	all = all[:h.Page.Limit]
	return all, list.after(key(all[len(all)-1]).attributes()), nil
}

// Request
//
//	PK CUSTOMER#c   SK REQUEST#<module>#<number, eight digits>
var _ = describe("request", func(r seat.Request) keys {
	return keys{primary: SeatRequest(r.CustomerID, r.Module, r.Number).Key}
})

// SeatRequest is a customer's wish for more seats of a module.
func SeatRequest(customerID, module string, number int) Ref[seat.Request] {
	return Ref[seat.Request]{Key{customerPartition(customerID), fmt.Sprintf("REQUEST#%s#%08d", module, number)}}
}

// SeatRequests are what a customer asked for a module, latest first.
func SeatRequests(customerID, module string, p Page) List[seat.Request] {
	q := within(customerPartition(customerID), "REQUEST#"+module+"#", p)
	q.backward = true
	return List[seat.Request]{q}
}

// Seats are the gauges and the parts of the roster that an operation needs.
type Seats struct {
	customerID string
	gauges     []string // modules
	parts      []int
	allGauges  bool
}

// SeatsOf are all gauges of a customer, for what changes its licences.
func SeatsOf(customerID string) Seats { return Seats{customerID: customerID, allGauges: true} }

// SeatsIn are the seats of a module, as far as some members are concerned.
func SeatsIn(customerID, module string, memberIDs ...string) Seats {
	s := Seats{customerID: customerID, gauges: []string{module}}
	for _, id := range memberIDs {
		if part := seat.PartOf(id); !slices.Contains(s.parts, part) {
			s.parts = append(s.parts, part)
		}
	}
	return s
}

// SeatsHeldBy are the seats of a member, whatever the modules.
func SeatsHeldBy(customerID, memberID string) Seats {
	return Seats{customerID: customerID, allGauges: true, parts: []int{seat.PartOf(memberID)}}
}

func (s Seats) load(to *loads) {
	for _, module := range s.gauges {
		Gauge(s.customerID, module).load(to)
	}
	for _, part := range s.parts {
		Roster(s.customerID, part).load(to)
	}
	if s.allGauges {
		Gauges(s.customerID).load(to)
	}
}

// Pool is what was loaded.
func (s Seats) Pool(tx *Tx) seat.Pool {
	var gauges []seat.Gauge
	var rosters []seat.Roster
	if s.allGauges {
		gauges, _ = Gauges(s.customerID).Rows(tx)
	}
	for _, module := range s.gauges {
		if g, ok := Gauge(s.customerID, module).Find(tx); ok {
			gauges = append(gauges, g)
		}
	}
	for _, part := range s.parts {
		if r, ok := Roster(s.customerID, part).Find(tx); ok {
			rosters = append(rosters, r)
		}
	}
	return seat.Loaded(gauges, rosters)
}
