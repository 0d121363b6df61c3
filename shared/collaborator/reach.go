package collaborator

import (
	"time"

	"comptoir/shared/consent"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
)

// Reach is how a person of a partner reaches one customer, beside what the own roles give: all that has to be known of it.
type Reach struct {
	Partner partner.Partner
	Person  membership.Membership
	Boxes   map[membership.Role]Box // the customer's in the person's portfolio
	Consent consent.Consent         // the customer's to the partner
	Now     time.Time
}

// Roles are those that the person holds on the customer: as collaborator, if the customer is in the portfolio and the partner
// still has the right to the role, and the grant on all customers.
func (r Reach) Roles() []membership.Role {
	var all []membership.Role
	for _, role := range Serving(r.Person, r.Partner) {
		if _, in := r.Boxes[role]; in {
			all = append(all, role)
		}
	}
	if r.Person.Grant != "" {
		all = append(all, r.Person.Grant)
	}
	return all
}

// Consents tells whether the customer lets the person in as support and by grants (A17).
func (r Reach) Consents() bool {
	return r.Consent.Covers(r.Person.CollaboratorID, r.Person.UserID, r.Partner.SupportTerm(), r.Now)
}

// Serving are the roles on customers that a membership holds and its partner still has the right to.
func Serving(m membership.Membership, p partner.Partner) []membership.Role {
	var all []membership.Role
	for _, role := range membership.CollaboratorRoles {
		if term, holds := m.Serves[role]; holds && p.Has(role, term) {
			all = append(all, role)
		}
	}
	return all
}
