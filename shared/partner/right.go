package partner

import (
	"maps"
	"slices"

	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/problem"
)

// GivesSupport tells whether the partner gives first-line support: always if it distributes integrated, otherwise by choice
// (A18).
func (p Partner) GivesSupport() bool { return p.Mode == Integrated || p.FirstLine }

// Right is the partner's right to a collaborator role (A15, A19). What was given under it ends with it: it carries the right's
// term, and a right that comes back has another.
// Errors: problem.Conflict role_not_allowed, which names the rule.
func (p Partner) Right(role membership.Role) (term int, err error) {
	switch {
	case role == membership.Accountant && p.Kind != AccountingFirm:
		return 0, notAllowed("The role accountant is for accounting firms.")
	case role == membership.Support && !p.GivesSupport():
		return 0, notAllowed("The role support is for partners that give first-line support.")
	case !slices.Contains(membership.CollaboratorRoles, role):
		panic("partner: " + string(role) + " is no role of collaborators")
	}
	return p.Terms[role], nil
}

// Has tells whether the right is still the one of a term.
func (p Partner) Has(role membership.Role, term int) bool {
	now, err := p.Right(role)
	return err == nil && now == term
}

// SupportTerm is the term of the partner's right to give support, -1 without the right: no consent is of that term.
func (p Partner) SupportTerm() int {
	if term, err := p.Right(membership.Support); err == nil {
		return term
	}
	return -1
}

func notAllowed(format string) error { return problem.Conflict("role_not_allowed", format) }

// Change is what may be edited of a partner; nil stays as it is.
type Change struct {
	Contact   *Contact
	FirstLine *bool
	Kind      *Kind
	Mode      *Mode
	Inactive  *bool
}

// Edit changes the partner. Rights to roles that it loses by that are over for good.
// Errors: problem.Conflict support_mandatory.
func (p Partner) Edit(c Change) (after Partner, facts []event.Fact, err error) {
	after = p
	set(&after.Contact, c.Contact)
	set(&after.FirstLine, c.FirstLine)
	set(&after.Kind, c.Kind)
	set(&after.Mode, c.Mode)
	set(&after.Inactive, c.Inactive)
	if after.Mode == Integrated && c.FirstLine != nil && !*c.FirstLine {
		return p, nil, problem.Conflict("support_mandatory", "First-line support belongs to integrated distribution and can't be turned off.")
	}
	if same(p, after) {
		return p, nil, nil
	}
	facts = append(facts, event.New("partner.changed", map[string]any{
		"kind": after.Kind, "mode": after.Mode, "firstLineSupport": after.GivesSupport(), "active": !after.Inactive, "contact": after.Contact,
	}))
	after.Terms = maps.Clone(p.Terms)
	for _, role := range membership.CollaboratorRoles {
		term, err := p.Right(role)
		if err == nil && !after.Has(role, term) {
			if after.Terms == nil {
				after.Terms = map[membership.Role]int{}
			}
			after.Terms[role]++
			facts = append(facts, event.New(RightEnded, map[string]any{"role": role}))
		}
	}
	return after, facts, nil
}

// RightEnded is the kind of the events of a partner that may no longer have collaborators of a role.
const RightEnded = "partner.rightEnded"

func set[T any](to, v *T) {
	if v != nil {
		*to = *v
	}
}

func same(a, b Partner) bool {
	return a.Contact == b.Contact && a.FirstLine == b.FirstLine && a.Kind == b.Kind && a.Mode == b.Mode && a.Inactive == b.Inactive
}
