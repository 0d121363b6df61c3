package me

import (
	"comptoir/shared/api"
	"comptoir/shared/collaborator"
	"comptoir/shared/partner"
	"comptoir/shared/problem"
	"comptoir/shared/table"
)

type customersInput struct {
	api.OnSelfInPartner
	api.Paged
}

func (in *customersInput) parts() table.List[collaborator.Part] {
	return table.PortfolioOfUser(in.Organisation, in.Caller().ID)
}

// Check wants a partner.
func (in *customersInput) Check() error {
	if !in.Caller().Machine() && !partner.IsID(in.Organisation) {
		return problem.Invalid("header.X-Organisation", "Name the partner that you act for.")
	}
	return nil
}

// Load announces the caller's portfolio.
func (in *customersInput) Load() []table.Load { return []table.Load{in.parts()} }

// customers need a second round trip for their names.
func (s service) customers(tx *table.Tx, in *customersInput) (*api.Listed[api.CustomerInPortfolioView], error) {
	rows, _ := in.parts().Rows(tx)
	m, _ := table.Membership(in.Caller().ID, in.Organisation).Find(tx)
	p, _ := table.Partner(in.Organisation).Find(tx)
	me := collaborator.Collaborator{PartnerID: in.Organisation, UserID: in.Caller().ID}
	return api.InPortfolio(tx, me, collaborator.Loaded(rows), collaborator.Serving(m, p), in.Page())
}
