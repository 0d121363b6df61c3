package api

import (
	"slices"
	"time"

	"comptoir/shared/collaborator"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
	"comptoir/shared/table"
)

// CustomerInPortfolioView is a customer that a collaborator works on.
type CustomerInPortfolioView struct {
	CustomerID string            `json:"customerId"`
	Name       string            `json:"name"`
	Roles      []membership.Role `json:"roles" enum:"accountant,support"`
	Since      time.Time         `json:"since" doc:"In the first of the roles."`
	GivenBy    string            `json:"givenBy" doc:"By whom, by name as it was then."`
}

// InPortfolio is a page of the customers in a portfolio, in the order of their ids. Their names take a round trip of their own.
func InPortfolio(tx *table.Tx, of collaborator.Collaborator, portfolio collaborator.Portfolio, roles []membership.Role, page table.Page) (*Listed[CustomerInPortfolioView], error) {
	var ids []string
	for _, role := range roles {
		ids = append(ids, portfolio.Of(role)...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	ids, next, err := table.PageOf(ids, "portfolio of "+of.PartnerID+of.ID+of.UserID, page)
	if err != nil {
		return nil, err
	}
	var load []table.Load
	for _, id := range ids {
		load = append(load, table.Customer(id).Lately())
	}
	if err := tx.Load(load...); err != nil {
		return nil, err
	}
	return List(ids, next, func(id string) CustomerInPortfolioView {
		c, _ := table.Customer(id).Find(tx)
		v := CustomerInPortfolioView{CustomerID: id, Name: c.Name, Roles: []membership.Role{}}
		for _, role := range roles {
			if box, in := portfolio.Box(id, role); in {
				v.Roles = append(v.Roles, role)
				if v.GivenBy == "" {
					v.Since, v.GivenBy = box.At, box.Of
				}
			}
		}
		return v
	}), nil
}

// RolesOf are all roles that a membership gives: in the organisation itself and, of a partner's people, on its customers, as
// far as the partner still has the right to them.
func RolesOf(m membership.Membership, p partner.Partner) []membership.Role {
	all := append([]membership.Role{}, m.Roles...)
	all = append(all, collaborator.Serving(m, p)...)
	if m.Grant != "" {
		all = append(all, m.Grant)
	}
	return all
}
