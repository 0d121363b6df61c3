// Package plans answers the operations on plans: the list for all, editing for operators.
package plans

import (
	"net/http"

	"comptoir/shared/api"
	"comptoir/shared/calendar"
	"comptoir/shared/money"
	"comptoir/shared/plan"
	"comptoir/shared/table"
)

// Operations are those of the area.
func Operations(api.Env) []api.Operation {
	return []api.Operation{
		api.Read("listPlans", "GET /v1/plans", "List the plans", list),
		api.Write("putPlan", "PUT /v1/plans/{code}", "Make or edit a plan; licences already taken keep their terms", http.StatusOK, put),
	}
}

// Terms are what the operator says of a plan.
type Terms struct {
	Name       string                        `json:"name" minLength:"1" maxLength:"100" example:"Compta Pro"`
	Commitment plan.Commitment               `json:"commitment" enum:"committed,flexible"`
	Prices     map[calendar.Term]money.Money `json:"prices" minProperties:"1" maxProperties:"2" doc:"Of one unit, by term (month, year), before tax, in minor units."`
	Modules    map[string]int                `json:"modules" maxProperties:"20" doc:"Seats that one unit opens, by module."`
	TrialDays  *int                          `json:"trialDays,omitempty" minimum:"0" maximum:"365" doc:"0 for no trial; 30 if left out."`
	Retired    bool                          `json:"retired,omitempty" doc:"No longer to be taken."`
	Reminders  []int                         `json:"reminders,omitempty" maxItems:"8" doc:"How many days before the end of a term people are reminded of it, each from 1 to 365; 60, 30, 7 and 1 if left out. Licences follow at their next renewal."`
}

type planView struct {
	Code string `json:"code" example:"COMPTA-PRO"`
	Terms
	ForSale bool  `json:"forSale" doc:"Whether licences can be taken: not of retired plans, nor of those of a partner's own companies."`
	Version int64 `json:"version"`
}

func show(p plan.Plan) planView {
	v := planView{Code: p.Code, ForSale: !p.Permanent() && !p.Retired, Version: p.Version, Terms: Terms{
		Name: p.Name, Commitment: p.Commitment, Prices: p.Prices, Modules: p.Modules, TrialDays: &p.TrialDays, Retired: p.Retired,
		Reminders: p.RemindsBefore(),
	}}
	if v.Modules == nil {
		v.Modules = map[string]int{}
	}
	return v
}

type listInput struct {
	api.OnPublisher
	api.Paged
}

// Load announces the page.
func (in *listInput) Load() []table.Load { return []table.Load{table.Plans(in.Page())} }

func list(tx *table.Tx, in *listInput) (*api.Listed[planView], error) {
	rows, next := table.Plans(in.Page()).Rows(tx)
	return api.List(rows, next, show), nil
}

type putInput struct {
	api.OnPublisher
	api.Once
	api.IfMatch
	Code string `path:"code" maxLength:"40" example:"COMPTA-PRO"`
	Body Terms
}

// Load announces the plan.
func (in *putInput) Load() []table.Load { return []table.Load{table.Plan(in.Code)} }

func put(tx *table.Tx, in *putInput) (*api.Reply[planView], error) {
	p, _ := table.Plan(in.Code).Find(tx)
	if err := in.Match(p.Version); err != nil {
		return nil, err
	}
	p.Code = in.Code
	with := plan.Plan{
		Name: in.Body.Name, Commitment: in.Body.Commitment, Prices: in.Body.Prices, Modules: in.Body.Modules,
		TrialDays: plan.DefaultTrialDays, Retired: in.Body.Retired, Reminders: in.Body.Reminders,
	}
	if in.Body.TrialDays != nil {
		with.TrialDays = *in.Body.TrialDays
	}
	p, facts, err := p.Edit(with)
	if err != nil {
		return nil, err
	}
	reply := &api.Reply[planView]{}
	if p.Version == 0 {
		reply.Status = http.StatusCreated
	}
	tx.Put(&p)
	tx.Record(&p, facts...)
	reply.ETag, reply.Body = api.ETag(p.Version), show(p)
	return reply, nil
}
