// Package collaborator holds a partner's people: what each may do in the partner's own organisation, and in which customers'
// files each is let in, as what. They are invited by mail and belong to the partner once they accept.
package collaborator

import (
	"maps"
	"slices"
	"strings"
	"time"

	"comptoir/shared/event"
	"comptoir/shared/id"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
	"comptoir/shared/problem"
	"comptoir/shared/stamp"
)

// Collaborator is a person of a partner. What the person may do is kept here, and copied to the membership that every
// request reads, in the same transaction.
type Collaborator struct {
	stamp.Stamp
	ID         string                      `json:"id"` // derived from partner and address: an address is there once
	PartnerID  string                      `json:"partnerId"`
	Mail       string                      `json:"mail"` // that was invited
	Name       string                      `json:"name,omitempty"`
	Language   string                      `json:"language"`         // of mails: fr or en
	UserID     string                      `json:"userId,omitempty"` // the subject of the person's tokens, from the acceptance on
	JoinedAt   time.Time                   `json:"joinedAt,omitzero"`
	Invitation Invitation                  `json:"invitation"`
	Serves     map[membership.Role]Service `json:"serves,omitempty"` // as accountant, as support (A15)
	Roles      []membership.Role           `json:"roles,omitempty"`  // in the partner's own organisation (E5)
	Grant      membership.Role             `json:"grant,omitempty"`  // on customers that consent: full, limited or none (E6)
	Appointed  Appointment                 `json:"appointed,omitzero"`
}

// Service is a collaborator role that somebody holds.
type Service struct {
	Term      int       `json:"term"` // of the partner's right to the role: over with it
	Since     time.Time `json:"since"`
	Customers int       `json:"customers"` // that the person works on in this role
}

// Appointment says since when somebody has the present roles and grant, and who has given them.
type Appointment struct {
	At time.Time `json:"at"`
	By string    `json:"by"` // by name
}

// ID is that of the person with a mail address.
func ID(partnerID, mail string) string {
	return id.Derived("col", partnerID+"\x00"+strings.ToLower(mail))
}

// New is a person that nothing was given to yet.
func New(partnerID, mail, name, language string) Collaborator {
	return Collaborator{ID: ID(partnerID, mail), PartnerID: partnerID, Mail: mail, Name: name, Language: language}
}

// Called is the person's name or, while nobody knows it, the address, which is for those alone who look after people.
func (c Collaborator) Called() string {
	if c.Name == "" {
		return c.Mail
	}
	return c.Name
}

// Active tells whether the person has accepted.
func (c Collaborator) Active() bool { return c.UserID != "" }

// ServesAs tells whether the person holds a collaborator role that the partner still has a right to.
func (c Collaborator) ServesAs(p partner.Partner, role membership.Role) bool {
	s, holds := c.Serves[role]
	return holds && p.Has(role, s.Term)
}

// Holds tells whether the person has anything at all; without, the record goes.
func (c Collaborator) Holds() bool { return len(c.Serves) > 0 || len(c.Roles) > 0 || c.Grant != "" }

// Serve gives a collaborator role. What was left of an earlier term has to be cleared from the portfolio.
// Errors: problem.Conflict role_not_allowed.
func (c Collaborator) Serve(p partner.Partner, role membership.Role, now time.Time) (Collaborator, []event.Fact, error) {
	term, err := p.Right(role)
	if err != nil {
		return c, nil, err
	}
	if c.ServesAs(p, role) {
		return c, nil, nil
	}
	return c.serving(role, Service{Term: term, Since: now}), []event.Fact{c.fact(RoleGiven, role)}, nil
}

// RoleGiven is the kind of the events of roles on customers that were given.
const RoleGiven = "collaborator.roleGiven"

func (c Collaborator) serving(role membership.Role, s Service) Collaborator {
	serves := maps.Clone(c.Serves)
	if serves == nil {
		serves = map[membership.Role]Service{}
	}
	serves[role] = s
	c.Serves = serves
	return c
}

// Rest takes a collaborator role away; the customers of that role have to be cleared from the portfolio.
func (c Collaborator) Rest(role membership.Role) (Collaborator, []event.Fact) {
	if _, holds := c.Serves[role]; !holds {
		return c, nil
	}
	c.Serves = maps.Clone(c.Serves)
	delete(c.Serves, role)
	return c, []event.Fact{c.fact("collaborator.roleTaken", role)}
}

// Works notes how many customers the person works on in a role.
func (c Collaborator) Works(role membership.Role, customers int) Collaborator {
	s := c.Serves[role]
	s.Customers = customers
	return c.serving(role, s)
}

// Appoint sets what the person may do in the partner's own organisation and on all customers that consent.
func (c Collaborator) Appoint(roles []membership.Role, grant membership.Role, by string, now time.Time) (Collaborator, []event.Fact) {
	roles = slices.Compact(slices.Sorted(slices.Values(roles)))
	if slices.Equal(c.Roles, roles) && c.Grant == grant {
		return c, nil
	}
	c.Roles, c.Grant, c.Appointed = roles, grant, Appointment{now, by}
	return c, []event.Fact{event.New("user.changed", map[string]any{
		"collaboratorId": c.ID, "name": c.Name, "roles": roles, "customers": grant,
	})}
}

// Place is the membership that says the same, made from the one that is there.
func (c Collaborator) Place(before membership.Membership, p partner.Partner) membership.Membership {
	m := before
	m.UserID, m.OrganisationID, m.OrganisationName = c.UserID, p.ID, p.Name
	m.Name, m.Mail, m.CollaboratorID, m.Roles, m.Grant = c.Called(), c.Mail, c.ID, append([]membership.Role{}, c.Roles...), c.Grant
	m.Serves = nil // as it is read where there are none
	for role, s := range c.Serves {
		if m.Serves == nil {
			m.Serves = map[membership.Role]int{}
		}
		m.Serves[role] = s.Term
	}
	return m
}

// Count keeps the number of the partner's global administrators, which never falls to none.
// Errors: problem.Conflict last_global_admin.
func Count(p partner.Partner, before, after Collaborator) (partner.Partner, error) {
	n := p.GlobalAdmins + administers(after) - administers(before)
	if n < 1 && n < p.GlobalAdmins {
		return p, problem.Conflict("last_global_admin", "A partner always has a global administrator; make somebody else one first.")
	}
	p.GlobalAdmins = n
	return p, nil
}

func administers(c Collaborator) int {
	if c.Active() && slices.Contains(c.Roles, membership.GlobalAdmin) {
		return 1
	}
	return 0
}

// Removed is the fact that the person belongs to the partner no more.
func (c Collaborator) Removed() event.Fact {
	return event.New("collaborator.removed", map[string]any{"collaboratorId": c.ID, "name": c.Name})
}

func (c Collaborator) fact(kind string, role membership.Role) event.Fact {
	return event.New(kind, map[string]any{"collaboratorId": c.ID, "name": c.Name, "role": role})
}
