package seat

import (
	"hash/fnv"
	"maps"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/customer"
)

// Roster is a part of a customer's members with the seats that each holds, and how the modules stand: all
// that a check has to know of them.
type Roster struct {
	CustomerID string              `json:"customerId"`
	Part       int                 `json:"part"`
	Modules    map[string]Standing `json:"modules"`
	Members    map[string]Member   `json:"members"` // by id
}

// Member is a person of a customer's organisation, as the roster has it. Rosters are read at every sign-in:
// the short names keep them small.
type Member struct {
	Name  string           `json:"n"`
	Seats map[string]int64 `json:"s"` // since when, in seconds since 1970, by module
}

// Parts is how many parts a customer's roster has at the most. They all fit into one transaction.
const Parts = 32

// PartOf is the part that a member belongs to.
func PartOf(memberID string) int {
	h := fnv.New32a()
	h.Write([]byte(memberID))
	return int(h.Sum32() % Parts)
}

// Verdict answers whether a member may use a module, and if not, why. It is an answer, not a failure.
type Verdict struct {
	Allowed bool
	Reason  Reason
}

// Check asks whether a member may use a module on a day.
func (r Roster) Check(memberID, module string, today calendar.Date) Verdict {
	member, is := r.Members[memberID]
	_, holds := member.Seats[module]
	switch why := r.Modules[module].Why(today); {
	case !is:
		return Verdict{Reason: NotAMember}
	case why != "": // a seat would not help
		return Verdict{Reason: why}
	case !holds:
		return Verdict{Reason: NoSeat}
	}
	return Verdict{Allowed: true}
}

// newRoster is an empty part that knows how the customer's modules stand.
func newRoster(c customer.Customer, part int) Roster {
	return Roster{CustomerID: c.ID, Part: part, Modules: Standings(c), Members: map[string]Member{}}
}

// Standings are how a customer's modules stand, as its row says: every part of its roster has a copy.
func Standings(c customer.Customer) map[string]Standing {
	all := map[string]Standing{}
	for module, funds := range fundsOf(c.Held) {
		all[module] = standing(funds)
	}
	return all
}

// with is the roster with a member's entry; without one the member is gone.
func (r Roster) with(memberID string, m *Member) Roster {
	r.Members = maps.Clone(r.Members)
	if m == nil {
		delete(r.Members, memberID)
	} else {
		r.Members[memberID] = *m
	}
	return r
}

// Holder is a member who holds a seat of a module.
type Holder struct {
	MemberID string
	Name     string
	Since    time.Time
}

// Holders are the members of a part who hold a seat of a module, in no order.
func (r Roster) Holders(module string) []Holder {
	var all []Holder
	for id, m := range r.Members {
		if since, holds := m.Seats[module]; holds {
			all = append(all, Holder{id, m.Name, time.Unix(since, 0).UTC()})
		}
	}
	return all
}

// maxWeight is how many bytes a part may have, so that the whole roster fits into one read of a megabyte.
const maxWeight = 30_000

// weight is about how many bytes the part has.
func (r Roster) weight() int {
	sum := 0
	for id, m := range r.Members {
		sum += len(id) + len(m.Name) + 12
		for module := range m.Seats {
			sum += len(module) + 8
		}
	}
	return sum
}
