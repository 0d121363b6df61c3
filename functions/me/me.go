// Package me answers what people ask about themselves: who they are, their companies, what they may do.
package me

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"comptoir/shared/api"
	"comptoir/shared/authz"
	"comptoir/shared/calendar"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
	"comptoir/shared/phrase"
	"comptoir/shared/table"
)

type service struct{ api.Env }

// Operations are those of the area.
func Operations(env api.Env) []api.Operation {
	s := service{env}
	return []api.Operation{
		api.Read("getMe", "GET /v1/me", "Read who you are, what you prefer and the organisations that you belong to", s.get),
		api.Write("updateMe", "PATCH /v1/me", "Set your language, the addresses that you are written to, and what you are mailed about", http.StatusOK, s.update).Says(
			"An address counts once you have followed the link that is mailed there; until then the one before does. The same address once more sends another link."),
		api.Write("confirmAddress", "POST /v1/me/addresses/confirm", "Confirm an address, with the token of its link", http.StatusOK, s.confirm),
		api.Read("listMyCompanies", "GET /v1/me/companies", "List your companies, with plan and dashboard", s.companies),
		api.Read("listMyPermissions", "GET /v1/me/permissions", "List your roles and the operations that they give", s.permissions),
		api.Read("listMyCustomers", "GET /v1/me/customers", "List the customers that you work on as a collaborator", s.customers).Says(
			"Of the partner that X-Organisation names, in the order of their ids."),
	}
}

// Mine is on the caller; its memberships come with it.
type Mine struct{ api.OnSelf }

func (in *Mine) memberships() table.List[membership.Membership] {
	return table.Memberships(in.Caller().ID)
}

// Load announces the caller's memberships.
func (in *Mine) Load() []table.Load { return []table.Load{in.memberships()} }

type meInput struct{ Mine }

// Load announces memberships and preferences.
func (in *meInput) Load() []table.Load {
	return []table.Load{in.memberships(), table.Profile(in.Caller().ID)}
}

type meView struct {
	UserID        string             `json:"userId"`
	Mail          string             `json:"mail,omitempty" doc:"As the sign-in says; absent from tokens that don't."`
	Preferences   preferencesView    `json:"preferences"`
	Organisations []organisationView `json:"organisations"`
}

type organisationView struct {
	ID    string            `json:"id" doc:"For X-Organisation."`
	Kind  string            `json:"kind" enum:"partner,company"`
	Name  string            `json:"name"`
	Roles []membership.Role `json:"roles"`
}

func (s service) get(tx *table.Tx, in *meInput) (*api.Reply[meView], error) {
	rows, _ := in.memberships().Rows(tx)
	prefers, _ := table.Profile(in.Caller().ID).Find(tx)
	out := meView{UserID: in.Caller().ID, Mail: in.Caller().Mail, Preferences: show(prefers), Organisations: []organisationView{}}
	for _, m := range rows {
		kind := "company"
		if ofPartner(m) {
			kind = "partner"
		}
		out.Organisations = append(out.Organisations, organisationView{m.OrganisationID, kind, m.OrganisationName, held(m)})
	}
	return &api.Reply[meView]{ETag: api.ETag(prefers.Version), Body: out}, nil
}

func ofPartner(m membership.Membership) bool { return partner.IsID(m.OrganisationID) }

// companyView is a company of which the caller is a member (A2).
type companyView struct {
	ID           string            `json:"id" doc:"For X-Organisation."`
	Name         string            `json:"name"`
	PlanCode     string            `json:"planCode,omitempty"`
	Roles        []membership.Role `json:"roles"`
	DashboardURL string            `json:"dashboardUrl" format:"uri" doc:"The company in the product."`
	Livemode     bool              `json:"livemode"`
}

// companies needs a second round trip: a plan is the company's, not the membership's.
func (s service) companies(tx *table.Tx, in *Mine) (*api.Listed[companyView], error) {
	rows, _ := in.memberships().Rows(tx)
	rows = slices.DeleteFunc(rows, ofPartner)
	var refs []table.Load
	for _, m := range rows {
		refs = append(refs, table.Customer(m.OrganisationID))
	}
	if err := tx.Load(refs...); err != nil {
		return nil, err
	}
	today := calendar.On(tx.Now, s.Zone)
	return api.List(rows, "", func(m membership.Membership) companyView {
		c, _ := table.Customer(m.OrganisationID).Find(tx)
		return companyView{
			ID: c.ID, Name: c.Name, PlanCode: c.Summary(today).PlanCode, Roles: m.Roles, Livemode: c.Livemode,
			DashboardURL: strings.ReplaceAll(s.DashboardURL, "{accountId}", url.PathEscape(c.AccountID)),
		}
	}), nil
}

type permissionsView struct {
	OrganisationID string     `json:"organisationId"`
	Name           string     `json:"name"`
	Roles          []roleView `json:"roles"`
}

type roleView struct {
	Role       membership.Role `json:"role"`
	Meaning    string          `json:"meaning" doc:"In the caller's language."`
	Operations []string        `json:"operations" doc:"By their ids, on the organisation or, for a partner's people, on its customers."`
}

// meanings are the roles in words.
var meanings = map[membership.Role]string{
	membership.GlobalAdmin:  "Everything in your partner's organisation, its users included, and the contracts of all its customers.",
	membership.AccountAdmin: "Collaborators and consents; reads all customers.",
	membership.Sales:        "Licences and caps of all customers.",
	membership.Billing:      "Suspends and resumes licences; reads all customers.",
	membership.Viewer:       "Reads all customers.",
	membership.Accountant:   "Reads the customers that you work on, with their people.",
	membership.Support:      "Helps the customers that you work on, once they consent: their people's seats and passwords.",
	membership.Full:         "All that the administrators of customers that consent can do, but for their consents.",
	membership.Limited:      "Password resets at customers that consent.",
	membership.Admin:        "Everything in your organisation: its people, their seats, and whom it lets in.",
	membership.Member:       "Knows who manages your contract, and what is left of it.",
}

// held are all roles of a membership, whether or not the partner still has the right to them.
func held(m membership.Membership) []membership.Role {
	all := append([]membership.Role{}, m.Roles...)
	all = append(all, slices.Sorted(maps.Keys(m.Serves))...)
	if m.Grant != "" {
		all = append(all, m.Grant)
	}
	return all
}

func (s service) permissions(tx *table.Tx, in *Mine) (*api.Listed[permissionsView], error) {
	rows, _ := in.memberships().Rows(tx)
	var partners []table.Load
	for _, m := range rows {
		if ofPartner(m) {
			partners = append(partners, table.Partner(m.OrganisationID))
		}
	}
	if err := tx.Load(partners...); err != nil { // what they are authorised to do
		return nil, err
	}
	return api.List(rows, "", func(m membership.Membership) permissionsView {
		out := permissionsView{m.OrganisationID, m.OrganisationName, []roleView{}}
		of := authz.CustomerPeople
		var p partner.Partner
		if ofPartner(m) {
			of = authz.PartnerPeople
			p, _ = table.Partner(m.OrganisationID).Find(tx)
		}
		for _, role := range api.RolesOf(m, p) {
			gives := authz.Operations(authz.Role{Name: string(role), Of: of}, p.Capabilities)
			out.Roles = append(out.Roles, roleView{role, phrase.Say(meanings[role]).In(in.Language()), gives})
		}
		return out
	}), nil
}
