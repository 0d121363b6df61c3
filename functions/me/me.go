// Package me answers what people ask about themselves: who they are, their companies, what they may do.
package me

import (
	"net/url"
	"slices"
	"strings"

	"comptoir/shared/api"
	"comptoir/shared/authz"
	"comptoir/shared/calendar"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
	"comptoir/shared/table"
)

type service struct{ api.Env }

// Operations are those of the area.
func Operations(env api.Env) []api.Operation {
	s := service{env}
	return []api.Operation{
		api.Read("getMe", "GET /v1/me", "Read who you are and the organisations that you belong to", s.get),
		api.Read("listMyCompanies", "GET /v1/me/companies", "List your companies, with plan and dashboard", s.companies),
		api.Read("listMyPermissions", "GET /v1/me/permissions", "List your roles and the operations that they give", s.permissions),
	}
}

// input is on the caller; its memberships come with it.
type input struct{ api.OnSelf }

func (in *input) memberships() table.List[membership.Membership] {
	return table.Memberships(in.Caller().ID)
}

// Load announces the caller's memberships.
func (in *input) Load() []table.Load { return []table.Load{in.memberships()} }

type meView struct {
	UserID        string             `json:"userId"`
	Mail          string             `json:"mail,omitempty" doc:"As the sign-in says; absent from tokens that don't."`
	Organisations []organisationView `json:"organisations"`
}

type organisationView struct {
	ID    string            `json:"id" doc:"For X-Organisation."`
	Kind  string            `json:"kind" enum:"partner,company"`
	Name  string            `json:"name"`
	Roles []membership.Role `json:"roles"`
}

func (s service) get(tx *table.Tx, in *input) (*api.Reply[meView], error) {
	rows, _ := in.memberships().Rows(tx)
	out := meView{UserID: in.Caller().ID, Mail: in.Caller().Mail, Organisations: []organisationView{}}
	for _, m := range rows {
		kind := "company"
		if ofPartner(m) {
			kind = "partner"
		}
		out.Organisations = append(out.Organisations, organisationView{m.OrganisationID, kind, m.OrganisationName, m.Roles})
	}
	return &api.Reply[meView]{Body: out}, nil
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
func (s service) companies(tx *table.Tx, in *input) (*api.Listed[companyView], error) {
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
	Operations []string        `json:"operations" doc:"By their ids, on the organisation or, for a partner's people, on its customers."`
}

func (s service) permissions(tx *table.Tx, in *input) (*api.Listed[permissionsView], error) {
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
		var capabilities []partner.Capability
		if ofPartner(m) {
			of = authz.PartnerPeople
			p, _ := table.Partner(m.OrganisationID).Find(tx)
			capabilities = p.Capabilities
		}
		for _, role := range m.Roles {
			gives := authz.Operations(authz.Role{Name: string(role), Of: of}, capabilities)
			out.Roles = append(out.Roles, roleView{role, gives})
		}
		return out
	}), nil
}
