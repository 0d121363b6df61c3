// Package accesses answers what customers ask about those whom they let in: who of their partner reaches them, with whose
// consent, and to end it (F5, A17).
package accesses

import (
	"cmp"
	"net/http"
	"time"

	"comptoir/shared/api"
	"comptoir/shared/calendar"
	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/notice"
	"comptoir/shared/partner"
	"comptoir/shared/problem"
	"comptoir/shared/table"
)

type service struct{ api.Env }

// Operations are those of the area.
func Operations(env api.Env) []api.Operation {
	s := service{env}
	const (
		one      = "/v1/customers/{customerId}"
		consents = one + "/consents"
		partners = "/v1/partners/{partnerId}/consents"
	)
	return []api.Operation{
		api.Read("listAccesses", "GET "+one+"/accesses", "List who of the partner reaches a customer, and how", s.list).Says(
			"As it is at this moment, one row for each person. What somebody did is in the activity: listActivity with actor. A page can hold fewer rows than asked for while there are more."),
		api.Write("endAccess", "DELETE "+one+"/accesses/{accessId}", "End what lets a person of the partner in", http.StatusOK, s.end).Says(
			"The person is taken out of the customer, and whom consent lets in stays out until consent is given anew. What the contract needs (the partner's own roles) ends with the contract: access_by_contract. Where nothing lets the person in any more, no role is answered, and nothing changes."),
		api.Read("checkAccess", "GET "+one+"/collaborators/{userId}", "Ask whether a person may enter a customer's file, as what", s.check).Says(
			"For the product, each time somebody of the partner opens a file. Collaborators take no seat."),
		api.Read("listConsents", "GET "+consents, "List the consents that a customer was asked for or has given", s.consents),
		api.Write("grantConsent", "PUT "+consents+"/{partnerId}", "Consent to a partner's support", http.StatusOK, s.grant).Says(
			"Until the end of a day, or until it is withdrawn. Given anew, it lets in those who were shut out one by one."),
		api.Write("withdrawConsent", "DELETE "+consents+"/{partnerId}", "Withdraw a consent, or decline what was asked", http.StatusOK, s.withdraw).Says(
			"Whom it let in is out with the next request."),
		api.Read("listPartnerConsents", "GET "+partners, "List what a partner's customers have answered", s.answers).Says(
			"By answer, then by name. From an index that may be a second behind."),
		api.Write("askConsents", "POST "+partners, "Ask many customers for consent to support", http.StatusCreated, s.ask).Says(
			"Up to 1,000 at once. Each is asked by notification and mail within moments; who has consented already, or was asked and has not answered, is not asked again."),
	}
}

// AccessState is how far an access is.
type AccessState string

// The states of an access.
const (
	active         AccessState = "active"
	pendingConsent AccessState = "pendingConsent"
	invited        AccessState = "invited"
	shutOut        AccessState = "shutOut"
	unverified     AccessState = "domainNotVerified" // may read, and manage nothing
)

// accessView is a person who reaches the customer.
type accessView struct {
	ID          string    `json:"id" doc:"For endAccess." example:"col_lea"`
	Name        string    `json:"name" doc:"Empty of somebody invited who has not said it."`
	UserID      string    `json:"userId,omitempty" doc:"The actor in the activity."`
	PartnerID   string    `json:"partnerId"`
	PartnerName string    `json:"partnerName"`
	Ways        []wayView `json:"ways" doc:"How the person reaches the customer."`
	CanEnd      bool      `json:"canEnd" doc:"Whether endAccess ends one of the ways."`
}

type wayView struct {
	Role    membership.Role `json:"role" enum:"accountant,support,full,limited,globalAdmin,accountAdmin,sales,billing,viewer"`
	By      string          `json:"by" enum:"assignment,consent,contract" doc:"What it rests on."`
	State   AccessState     `json:"state" enum:"active,pendingConsent,invited,shutOut,domainNotVerified" doc:"domainNotVerified: may read; manages nothing, and isn't let into the file, until the domain is verified."`
	Since   time.Time       `json:"since"`
	GivenBy string          `json:"givenBy,omitempty" doc:"By name as it was then."`
	Until   calendar.Date   `json:"until,omitzero" format:"date" doc:"The last day, if the consent has one."`
}

type listInput struct {
	api.OnCustomer
	api.Paged
}

const (
	peopleAtOnce = 100 // read together
	peopleLooked = 500 // looked at for one page
)

func (s service) list(tx *table.Tx, in *listInput) (*api.Listed[accessView], error) {
	c, err := table.Customer(in.CustomerID).Get(tx)
	if err != nil {
		return nil, err
	}
	if c.PartnerID == "" {
		return api.Rows[accessView](nil, ""), nil
	}
	var rows []accessView
	next := in.Cursor
	for looked := 0; looked < peopleLooked; looked += peopleAtOnce {
		people := table.Collaborators(c.PartnerID, table.Page{Limit: peopleAtOnce, Cursor: next})
		all := []table.Load{people}
		if looked == 0 {
			all = append(all, table.Partner(c.PartnerID), table.Consent(c.ID, c.PartnerID))
		}
		if err := tx.Load(all...); err != nil {
			return nil, err
		}
		found, more := people.Rows(tx)
		if err := tx.Load(parts(found, c.ID)...); err != nil {
			return nil, err
		}
		for n, person := range found {
			if v := show(tx, person, c); len(v.Ways) > 0 {
				rows = append(rows, v)
			}
			if len(rows) == in.Limit && (n < len(found)-1 || more != "") {
				return api.Rows(rows, people.After(&person)), nil
			}
		}
		if next = more; next == "" {
			break
		}
	}
	return api.Rows(rows, next), nil
}

func parts(people []collaborator.Collaborator, customerID string) []table.Load {
	var all []table.Load
	for _, c := range people {
		if len(c.Serves) > 0 {
			all = append(all, table.PortfolioPart(c, customerID))
		}
	}
	return all
}

// show is how a person reaches a customer. Partner, consent and the part of the portfolio are loaded.
func show(tx *table.Tx, person collaborator.Collaborator, c customer.Customer) accessView {
	p, _ := table.Partner(person.PartnerID).Find(tx)
	given, _ := table.Consent(c.ID, p.ID).Find(tx)
	covered := covers(given, p, person, tx.Now)
	v := accessView{ID: person.ID, Name: person.Name, UserID: person.UserID, PartnerID: p.ID, PartnerName: p.Name, Ways: []wayView{}}
	add := func(w wayView) {
		if w.State == "" {
			w.State = active
		}
		if !person.Active() {
			w.State = invited
		}
		v.Ways = append(v.Ways, w)
		v.CanEnd = v.CanEnd || w.By == "assignment" || w.By == "consent" && covered
	}
	consented := func(w wayView) wayView {
		if w.State, w.Until = consentState(given, p, person, tx.Now), given.Until; w.State == active && !c.Verified() {
			w.State = unverified
		}
		return w
	}
	for _, role := range membership.CollaboratorRoles {
		if !person.ServesAs(p, role) {
			continue
		}
		part, _ := table.PortfolioPart(person, c.ID).Find(tx)
		if box, in := part.Box(c.ID, role); in {
			w := wayView{Role: role, By: "assignment", Since: box.At, GivenBy: box.Of}
			if role == membership.Support {
				w = consented(w)
			}
			add(w)
		}
	}
	if person.Grant != "" {
		add(consented(wayView{Role: person.Grant, By: "consent", Since: person.Appointed.At, GivenBy: person.Appointed.By}))
	}
	for _, role := range person.Roles {
		add(wayView{Role: role, By: "contract", Since: person.Appointed.At, GivenBy: person.Appointed.By})
	}
	return v
}

// covers tells whether a customer's consent lets somebody of a partner in.
func covers(c consent.Consent, p partner.Partner, who collaborator.Collaborator, now time.Time) bool {
	return c.Covers(who.ID, who.UserID, p.SupportTerm(), now)
}

func consentState(c consent.Consent, p partner.Partner, who collaborator.Collaborator, now time.Time) AccessState {
	switch {
	case covers(c, p, who, now):
		return active
	case c.State(p.SupportTerm(), now) == consent.Granted:
		return shutOut
	}
	return pendingConsent
}

type endInput struct {
	api.OnCustomer
	api.Once
	AccessID string `path:"accessId" maxLength:"64" pattern:"^col_[0-9a-z]+$" example:"col_lea"`
}

type endedView struct {
	ID    string            `json:"id"`
	Roles []membership.Role `json:"roles" doc:"That reach the customer no more."`
}

func (s service) end(tx *table.Tx, in *endInput) (*api.Reply[endedView], error) {
	c, err := table.Customer(in.CustomerID).Get(tx)
	if err != nil {
		return nil, err
	}
	person, given := table.Collaborator(c.PartnerID, in.AccessID), table.Consent(c.ID, c.PartnerID)
	if err := tx.Load(person, given, table.Partner(c.PartnerID)); err != nil {
		return nil, err
	}
	who, err := person.Get(tx)
	if err != nil {
		return nil, err
	}
	boxes := table.PortfolioPart(who, c.ID)
	if err := tx.Load(boxes); err != nil {
		return nil, err
	}
	v := show(tx, who, c)
	g, _ := given.Find(tx)
	p, _ := table.Partner(c.PartnerID).Find(tx)
	covered := covers(g, p, who, tx.Now)
	out := endedView{ID: who.ID, Roles: []membership.Role{}}
	var byConsent bool
	for _, w := range v.Ways {
		rests := w.By == "consent" || w.Role == membership.Support
		byConsent = byConsent || rests
		if w.By == "assignment" || rests && covered {
			out.Roles = append(out.Roles, w.Role)
		}
	}
	switch {
	case len(v.Ways) == 0:
		return nil, problem.NotFound()
	case len(out.Roles) == 0 && !byConsent:
		return nil, problem.Conflict("access_by_contract", "This person reaches you for the contract; that ends with the contract.")
	}
	in.takeOut(tx, who, out.Roles)
	if byConsent && covered {
		g = g.ShutOut(who.ID, who.UserID, tx.Now)
		tx.Put(&g)
	}
	for _, role := range out.Roles {
		tx.Record(&c, event.New(notice.AccessEnded, map[string]any{"collaboratorId": who.ID, "userId": who.UserID, "name": who.Name, "role": role}))
	}
	return &api.Reply[endedView]{Body: out}, nil
}

// takeOut takes the customer out of a person's portfolio.
func (in *endInput) takeOut(tx *table.Tx, who collaborator.Collaborator, roles []membership.Role) {
	part, exists := table.PortfolioPart(who, in.CustomerID).Find(tx)
	if !exists {
		return
	}
	before := collaborator.Portfolio{}.With(part)
	shelf, after := before, who
	for _, role := range roles {
		less, by, _ := shelf.Switch(after, role, in.CustomerID, false, collaborator.Box{}) // one less is never too many
		if shelf = less; by != 0 {
			after = after.Works(role, after.Serves[role].Customers+by)
		}
	}
	if !part.Same(shelf[part.Number]) {
		tx.Shelve(before, shelf)
		tx.Put(&after)
	}
}

type checkInput struct {
	api.OnCustomer
	UserID    string `path:"userId" minLength:"1" maxLength:"128" pattern:"^[!-\"$-~]+$" doc:"The subject of the person's tokens."`
	PartnerID string `query:"partnerId" maxLength:"64" pattern:"^par_[0-9a-z]+$" doc:"The partner that the person acts for; naming it saves a round trip."`
}

func (in *checkInput) person() collaborator.Collaborator {
	return collaborator.Collaborator{PartnerID: in.PartnerID, UserID: in.UserID}
}

// Load announces what is known of the partner, if it is named.
func (in *checkInput) Load() []table.Load {
	if in.PartnerID == "" {
		return nil
	}
	return []table.Load{
		table.Partner(in.PartnerID), table.Membership(in.UserID, in.PartnerID), table.PortfolioPart(in.person(), in.CustomerID),
		table.Consent(in.CustomerID, in.PartnerID),
	}
}

// accessVerdictView says whether somebody may enter.
type accessVerdictView struct {
	Allowed bool              `json:"allowed"`
	Roles   []membership.Role `json:"roles" enum:"accountant,support,full,limited" doc:"As what."`
	Reason  string            `json:"reason,omitempty" enum:"noAccess,consentRequired,domainNotVerified" doc:"Why not."`
	Until   calendar.Date     `json:"until,omitzero" format:"date" doc:"The last day of what rests on the customer's consent."`
}

func (s service) check(tx *table.Tx, in *checkInput) (*api.Reply[accessVerdictView], error) {
	c, err := table.Customer(in.CustomerID).Get(tx)
	if err != nil {
		return nil, err
	}
	out := &api.Reply[accessVerdictView]{Body: accessVerdictView{Roles: []membership.Role{}, Reason: "noAccess"}}
	if in.PartnerID = cmp.Or(in.PartnerID, c.PartnerID); in.PartnerID == "" || in.PartnerID != c.PartnerID {
		return out, nil
	}
	if err := tx.Load(in.Load()...); err != nil {
		return nil, err
	}
	p, _ := table.Partner(in.PartnerID).Find(tx)
	m, _ := table.Membership(in.UserID, in.PartnerID).Find(tx)
	part, _ := table.PortfolioPart(in.person(), in.CustomerID).Find(tx)
	given, _ := table.Consent(in.CustomerID, in.PartnerID).Find(tx)
	by := collaborator.Reach{Partner: p, Person: m, Boxes: part.Customers[in.CustomerID], Consent: given, Now: tx.Now}
	for _, role := range by.Roles() {
		switch {
		case role == membership.Accountant:
			out.Body.Roles = append(out.Body.Roles, role)
		case !by.Consents():
			out.Body.Reason = "consentRequired"
		case !c.Verified():
			out.Body.Reason = "domainNotVerified"
		default:
			out.Body.Roles, out.Body.Until = append(out.Body.Roles, role), given.Until
		}
	}
	if len(out.Body.Roles) > 0 {
		out.Body.Allowed, out.Body.Reason = true, ""
	}
	return out, nil
}
