package collaborator

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/problem"
	"comptoir/shared/stamp"
)

// Portfolio is which customers a person works on, in parts by a hash of the customer's id: a request reads the one part that
// its customer would be in, and however many customers are set, the parts fit into one transaction.
type Portfolio map[int]Part

// Parts is how many parts a portfolio has at the most. Moving one, when its person accepts, deletes and makes each of them
// in one transaction of up to a hundred items.
const Parts = 40

// MaxCustomers is how many customers somebody can work on in one role.
const MaxCustomers = 5000

// Part is a part of a portfolio.
type Part struct {
	stamp.Stamp
	PartnerID      string                             `json:"partnerId"`
	CollaboratorID string                             `json:"collaboratorId"`
	UserID         string                             `json:"userId,omitempty"` // once known: parts are found by it
	Number         int                                `json:"number"`
	Customers      map[string]map[membership.Role]Box `json:"customers"` // by customer
	Givers         map[string]string                  `json:"givers"`    // names of those who have given them, by id
}

// Box says since when somebody works on a customer in a role, and who has given that. There can be thousands: each is kept as a
// short text, with the name beside them all.
type Box struct {
	At time.Time // to the second
	By string    // the id
	Of string    // the name
}

// MarshalText writes the box without the name.
func (b Box) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%d %s", b.At.Unix(), b.By), nil }

// UnmarshalText reads what MarshalText wrote.
func (b *Box) UnmarshalText(text []byte) error {
	at, by, _ := strings.Cut(string(text), " ")
	seconds, err := strconv.ParseInt(at, 10, 64)
	*b = Box{At: time.Unix(seconds, 0).UTC(), By: by}
	return err
}

// PartOf is the number of the part that a customer belongs into.
func PartOf(customerID string) int {
	h := fnv.New32a()
	h.Write([]byte(customerID))
	return int(h.Sum32() % Parts)
}

// Loaded is the portfolio of its parts.
func Loaded(parts []Part) Portfolio {
	p := Portfolio{}
	for _, part := range parts {
		p[part.Number] = part
	}
	return p
}

// Box is that of a customer and role.
func (p Portfolio) Box(customerID string, role membership.Role) (Box, bool) {
	return p[PartOf(customerID)].Box(customerID, role)
}

// Box is that of a customer and role.
func (p Part) Box(customerID string, role membership.Role) (Box, bool) {
	b, in := p.Customers[customerID][role]
	b.Of = p.Givers[b.By]
	return b, in
}

// Of are the customers that are worked on in a role, in the order of their ids.
func (p Portfolio) Of(role membership.Role) []string {
	all := []string{}
	for _, part := range p {
		for id, boxes := range part.Customers {
			if _, in := boxes[role]; in {
				all = append(all, id)
			}
		}
	}
	slices.Sort(all)
	return all
}

// Set makes the customers of a role those that are wanted, and tells what differs. Errors: problem.Conflict limit_reached.
func (p Portfolio) Set(c Collaborator, role membership.Role, wanted []string, box Box) (after Portfolio, added, removed []string, err error) {
	if len(wanted) > MaxCustomers {
		return p, nil, nil, tooMany()
	}
	had, wants := p.Of(role), map[string]bool{}
	for _, id := range wanted {
		wants[id] = true
	}
	after, added, removed = p.clone(), []string{}, []string{}
	for _, id := range had {
		if !wants[id] {
			removed = append(removed, id)
			after.drop(id, role)
		}
		delete(wants, id)
	}
	for _, id := range slices.Sorted(maps.Keys(wants)) {
		added = append(added, id)
		after.put(c, id, role, box)
	}
	return after, added, removed, nil
}

func (p Portfolio) put(c Collaborator, customerID string, role membership.Role, box Box) {
	n := PartOf(customerID)
	part, exists := p[n]
	if !exists {
		part = Part{PartnerID: c.PartnerID, CollaboratorID: c.ID, UserID: c.UserID, Number: n, Customers: map[string]map[membership.Role]Box{}, Givers: map[string]string{}}
		p[n] = part
	}
	if part.Customers[customerID] == nil {
		part.Customers[customerID] = map[membership.Role]Box{}
	}
	part.Customers[customerID][role] = Box{At: box.At.Truncate(time.Second), By: box.By}
	if box.Of != "" {
		part.Givers[box.By] = box.Of
	}
}

func (p Portfolio) drop(customerID string, role membership.Role) {
	customers := p[PartOf(customerID)].Customers
	delete(customers[customerID], role)
	if len(customers[customerID]) == 0 {
		delete(customers, customerID)
	}
}

// clone is deep: what was loaded stays as it was.
func (p Portfolio) clone() Portfolio {
	all := Portfolio{}
	for n, part := range p {
		customers := make(map[string]map[membership.Role]Box, len(part.Customers))
		for id, boxes := range part.Customers {
			customers[id] = maps.Clone(boxes)
		}
		part.Customers, part.Givers = customers, maps.Clone(part.Givers)
		all[n] = part
	}
	return all
}

// Move is the portfolio of the person that has become a user.
func (p Portfolio) Move(userID string) Portfolio {
	moved := p.clone()
	for n, part := range moved {
		part.UserID, part.Stamp = userID, stamp.Stamp{}
		moved[n] = part
	}
	return moved
}

// Same tells whether two parts let into the same customers.
func (p Part) Same(other Part) bool {
	return maps.EqualFunc(p.Customers, other.Customers, func(a, b map[membership.Role]Box) bool { return maps.Equal(a, b) })
}

// CustomersSet is the kind of the events that tell whose customers were set. Those of customers follow from them.
const CustomersSet = "collaborator.customersSet"

// factSize is how many customers one fact names: its event has to fit into a message.
const factSize = 500

// Differ are the facts of a difference.
func (c Collaborator) Differ(role membership.Role, added, removed []string) []event.Fact {
	var facts []event.Fact
	for len(added)+len(removed) > 0 {
		more, less := min(len(added), factSize), min(len(removed), factSize-min(len(added), factSize))
		facts = append(facts, event.New(CustomersSet, map[string]any{
			"collaboratorId": c.ID, "userId": c.UserID, "name": c.Name, "role": role, "added": added[:more], "removed": removed[:less],
		}))
		added, removed = added[more:], removed[less:]
	}
	return facts
}

// With is the portfolio with one more part.
func (p Portfolio) With(part Part) Portfolio {
	all := maps.Clone(p)
	if all == nil {
		all = Portfolio{}
	}
	all[part.Number] = part
	return all
}

// Switch lets the person into one customer, or out of it, and tells by how many the customers of the role have changed.
// Errors: problem.Conflict limit_reached.
func (p Portfolio) Switch(c Collaborator, role membership.Role, customerID string, in bool, box Box) (after Portfolio, by int, err error) {
	if _, is := p.Box(customerID, role); is == in {
		return p, 0, nil
	}
	after = p.clone()
	if !in {
		after.drop(customerID, role)
		return after, -1, nil
	}
	if c.Serves[role].Customers >= MaxCustomers {
		return p, 0, tooMany()
	}
	after.put(c, customerID, role, box)
	return after, 1, nil
}

func tooMany() error {
	return problem.Conflict("limit_reached", "Somebody works on %d customers in one role at the most.", MaxCustomers)
}
