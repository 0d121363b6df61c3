package api

import (
	"context"
	"strings"

	"comptoir/shared/authz"
	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
	"comptoir/shared/problem"
	"comptoir/shared/table"
)

// Claims are what is known of the caller from its verified token. A token that carries one of
// Comptoir's scopes is a machine's: the issuer grants these to machine clients alone.
type Claims struct {
	ID   string // the token's subject, or the client's id
	Role string // of a machine: product or operator
	Mail string // of a person, if the token says so

	MailVerified bool // the issuer vouches for it
}

// Machine tells machines from people.
func (c Claims) Machine() bool { return c.Role != "" }

// claims reads a token's claims, as the gateway's authorizer has verified them.
func claims(verified map[string]string) Claims {
	c := Claims{ID: verified["sub"], Mail: verified["email"], MailVerified: verified["email_verified"] == "true"}
	for scope := range strings.FieldsSeq(verified["scope"]) {
		switch scope {
		case "comptoir/operator":
			c.Role = authz.Operator
		case "comptoir/product":
			if c.Role == "" {
				c.Role = authz.Product
			}
		}
	}
	return c
}

// Link is what is known of who comes with a link: whose it is. The gateway's authorizer has found it by the link's secret.
type Link struct {
	PartnerID string
	UserID    string // who made it
	Language  string // in which it was made, for programs that ask for none
}

// The names under which an authorizer passes a link on.
const (
	linkPartner  = "partnerId"
	linkUser     = "userId"
	linkLanguage = "language"
)

// Context is the link as an authorizer passes it on.
func (l Link) Context() map[string]any {
	return map[string]any{linkPartner: l.PartnerID, linkUser: l.UserID, linkLanguage: l.Language}
}

// linkIn reads the link that an authorizer has passed on.
func linkIn(context map[string]any) Link {
	text := func(name string) string { s, _ := context[name].(string); return s }
	return Link{text(linkPartner), text(linkUser), text(linkLanguage)}
}

// organisation is the one that the caller acts for: the one it names, or the only one it has. Machines
// and operations that concern nobody's organisation need none.
func (c *Common) organisation(ctx context.Context, t *table.Table, on resource) (string, error) {
	if c.caller.Machine() {
		return "", nil
	}
	if c.Organisation != "" || !on.within && (on.kind == authz.Self || on.kind == authz.Publisher) {
		return c.Organisation, nil
	}
	all, err := t.MembershipsOf(ctx, c.caller.ID)
	switch {
	case err != nil:
		return "", err
	case len(all) == 0:
		return "", problem.NotFound()
	case len(all) > 1:
		return "", problem.Invalid("header.X-Organisation", "You belong to several organisations; name the one that you act for.")
	}
	return all[0].OrganisationID, nil
}

// access is one request's question to the policies.
type access struct {
	who          Claims
	organisation string
	on           resource
}

func (a access) actsForPartner() bool { return partner.IsID(a.organisation) }

// elsewhere tells that the organisation has nothing to do with the resource, whatever is kept of it.
// Then nothing of it is read: not even the time that takes tells whether it exists.
func (a access) elsewhere() bool {
	switch {
	case a.who.Machine():
		return false
	case a.on.kind == authz.Partner:
		return a.organisation != a.on.id
	case a.on.kind == authz.Customer:
		return a.organisation != a.on.id && !a.actsForPartner()
	}
	return false
}

// load is what the question needs to know.
func (a access) load() []table.Load {
	var all []table.Load
	if a.organisation != "" {
		all = append(all, a.membership())
	}
	if a.elsewhere() {
		return all
	}
	if a.actsForPartner() {
		all = append(all, table.Partner(a.organisation))
	}
	switch {
	case a.unread():
	case a.on.kind == authz.Partner:
		all = append(all, table.Partner(a.on.id))
	case a.on.kind == authz.Customer:
		all = append(all, table.Customer(a.on.id))
		if a.actsForPartner() {
			all = append(all, a.portfolio(), a.consent())
		}
	}
	return all
}

// portfolio is the part of the caller's that the customer would be in.
func (a access) portfolio() table.Ref[collaborator.Part] {
	return table.PortfolioPart(collaborator.Collaborator{PartnerID: a.organisation, UserID: a.who.ID}, a.on.id)
}

func (a access) consent() table.Ref[consent.Consent] { return table.Consent(a.on.id, a.organisation) }

func (a access) unread() bool { return a.on.unread && a.who.Machine() }

func (a access) membership() table.Ref[membership.Membership] {
	return table.Membership(a.who.ID, a.organisation)
}

// allow asks, and notes who acts for whom. Who holds a link is told that there is nothing, or let in.
func (a access) allow(tx *table.Tx, operation string) error {
	err := a.ask(tx, operation)
	if a.on.byLink && err != nil {
		return problem.NotFound()
	}
	return err
}

func (a access) ask(tx *table.Tx, operation string) error {
	caller := authz.Caller{ID: a.who.ID, Machine: a.who.Machine()}
	tx.Operation, tx.Actor, tx.Organisation = operation, event.Actor{ID: a.who.ID, Kind: "person"}, a.organisation
	if a.who.Machine() {
		caller.Roles = []string{a.who.Role}
		tx.Actor = event.Actor{ID: a.who.ID, Kind: "machine", Name: a.who.Role}
	}
	if a.organisation != "" {
		m, ok := a.membership().Find(tx)
		if !ok {
			return problem.Forbidden("You don't belong to the organisation that X-Organisation names.")
		}
		if a.elsewhere() {
			return problem.NotFound()
		}
		tx.Actor.Name, tx.OrganisationName = m.Name, m.OrganisationName
		for _, role := range m.Roles {
			caller.Roles = append(caller.Roles, string(role))
		}
		if a.actsForPartner() {
			caller.PartnerID = a.organisation
		} else {
			caller.CustomerID = a.organisation
		}
	}
	tx.Roles = caller.Roles
	on, err := a.find(tx)
	if err != nil {
		return err
	}
	if caller.PartnerID != "" {
		a.reach(tx, &caller, &on)
	}
	return authz.Allow(operation, caller, on)
}

// reach completes the question for a partner's people: what their partner may do, and how they reach the customer.
func (a access) reach(tx *table.Tx, caller *authz.Caller, on *authz.Resource) {
	p, _ := table.Partner(a.organisation).Find(tx)
	caller.Capabilities = p.Capabilities
	if a.on.kind != authz.Customer {
		return
	}
	m, _ := a.membership().Find(tx)
	part, _ := a.portfolio().Find(tx)
	given, _ := a.consent().Find(tx)
	by := collaborator.Reach{Partner: p, Person: m, Boxes: part.Customers[a.on.id], Consent: given, Now: tx.Now}
	for _, role := range by.Roles() {
		caller.Roles = append(caller.Roles, string(role))
	}
	on.Consents = by.Consents()
}

// find is the resource as the policies know it. Errors: problem.NotFound.
func (a access) find(tx *table.Tx) (authz.Resource, error) {
	r := authz.Resource{Kind: a.on.kind, ID: a.on.id}
	var err error
	switch {
	case a.unread():
	case a.on.kind == authz.Partner:
		_, err = table.Partner(a.on.id).Get(tx)
	case a.on.kind == authz.Customer:
		var c customer.Customer
		c, err = table.Customer(a.on.id).Get(tx)
		r.PartnerID, r.Verified = c.PartnerID, c.Verified()
	}
	return r, err
}
