package collaborators

import (
	"reflect"

	"comptoir/shared/collaborator"
	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
	"comptoir/shared/table"
)

// A person is one of a partner's people with all that has to be written when what it may do changes.
type person struct {
	partner   partner.Partner
	before    collaborator.Collaborator
	place     membership.Membership  // of somebody who has accepted
	portfolio collaborator.Portfolio // as it was loaded
	after     collaborator.Collaborator
	shelf     collaborator.Portfolio // as it will be
	facts     []event.Fact
}

// load reads the rest of a person: the membership and the portfolio. It takes a round trip of its own.
func load(tx *table.Tx, partnerID string, c collaborator.Collaborator) (*person, error) {
	p, err := table.Partner(partnerID).Get(tx)
	if err != nil {
		return nil, err
	}
	parts := table.PortfolioOf(c)
	needed := []table.Load{parts}
	if c.Active() {
		needed = append(needed, table.Membership(c.UserID, c.PartnerID))
	}
	if err := tx.Load(needed...); err != nil {
		return nil, err
	}
	rows, _ := parts.Rows(tx)
	h := &person{partner: p, before: c, after: c, portfolio: collaborator.Loaded(rows)}
	h.shelf = h.portfolio
	if c.Active() {
		h.place, _ = table.Membership(c.UserID, c.PartnerID).Find(tx)
	}
	return h, nil
}

// change loads a person and changes it by a rule.
func (in *OnPerson) change(tx *table.Tx, rule func(*person) error) (*person, error) {
	c, err := in.ref().Get(tx)
	if err != nil {
		return nil, err
	}
	h, err := load(tx, in.PartnerID, c)
	if err != nil {
		return nil, err
	}
	if err := rule(h); err != nil {
		return nil, err
	}
	return h, h.write(tx)
}

// clear takes all customers of a role out of the portfolio.
func (h *person) clear(role membership.Role) {
	shelf, _, removed, _ := h.shelf.Set(h.after, role, nil, collaborator.Box{}) // fewer customers are never too many
	h.shelf = shelf
	h.facts = append(h.facts, h.after.Differ(role, nil, removed)...)
}

// write writes what has changed; whoever has nothing any more is removed.
func (h *person) write(tx *table.Tx) error {
	if len(h.facts) == 0 {
		return nil
	}
	if !h.after.Holds() {
		h.facts = append(h.facts, h.before.Removed())
	}
	p, err := collaborator.Count(h.partner, h.before, h.after)
	if err != nil {
		return err
	}
	if p.GlobalAdmins != h.partner.GlobalAdmins {
		tx.Put(&p)
	}
	tx.Shelve(h.portfolio, h.shelf)
	place := h.after.Place(h.place, p)
	switch {
	case h.after.Holds():
		tx.Put(&h.after)
		if h.after.Active() && !reflect.DeepEqual(place, h.place) {
			tx.Put(&place)
		}
	default:
		tx.Remove(&h.before)
		if h.before.Active() {
			tx.Remove(&place)
		}
	}
	tx.Record(&p, h.facts...)
	return nil
}
