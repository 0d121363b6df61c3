package collaborators

import (
	"slices"

	"comptoir/shared/api"
	"comptoir/shared/collaborator"
	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
	"comptoir/shared/problem"
	"comptoir/shared/table"
)

type customersInput struct {
	OnPerson
	InRole
	api.Paged
}

// customers are read after the person, whose portfolio they are in, and before their names.
func (s service) customers(tx *table.Tx, in *customersInput) (*api.Listed[api.CustomerInPortfolioView], error) {
	c, err := in.ref().Get(tx)
	if err != nil {
		return nil, err
	}
	parts := table.PortfolioOf(c)
	if err := tx.Load(parts); err != nil {
		return nil, err
	}
	p, err := table.Partner(in.PartnerID).Get(tx)
	if err != nil {
		return nil, err
	}
	rows, _ := parts.Rows(tx)
	portfolio := collaborator.Loaded(rows)
	if !c.ServesAs(p, in.Role) {
		portfolio = nil
	}
	return api.InPortfolio(tx, collaborator.Collaborator{PartnerID: c.PartnerID, ID: c.ID}, portfolio, []membership.Role{in.Role}, in.Page())
}

type setCustomersInput struct {
	OnPerson
	api.Once
	api.IfMatch
	InRole
	Body struct {
		CustomerIDs api.CustomerIDs `json:"customerIds" maxItems:"5000" doc:"All customers that the collaborator works on in this role, in any order."`
	}
}

// Check refuses what can't be a customer's id.
func (in *setCustomersInput) Check() error { return in.Body.CustomerIDs.Check() }

// differenceView is what a save has changed.
type differenceView struct {
	Added     []string `json:"added"`
	Removed   []string `json:"removed"`
	Customers int      `json:"customers" doc:"That the collaborator works on in this role now."`
}

func (s service) setCustomers(tx *table.Tx, in *setCustomersInput) (*api.Reply[differenceView], error) {
	var out differenceView
	h, err := in.change(tx, func(h *person) error {
		if err := in.Match(h.before.Version); err != nil {
			return err
		}
		if err := mayServe(h, in.Role); err != nil {
			return err
		}
		shelf, added, removed, err := h.shelf.Set(h.after, in.Role, in.Body.CustomerIDs, box(tx))
		if err != nil {
			return err
		}
		if err := in.known(tx, added); err != nil {
			return err
		}
		h.facts = h.after.Differ(in.Role, added, removed)
		out.Added, out.Removed, out.Customers = added, removed, len(shelf.Of(in.Role))
		if len(h.facts) > 0 {
			h.shelf, h.after = shelf, h.after.Works(in.Role, out.Customers)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &api.Reply[differenceView]{ETag: api.ETag(h.after.Version), Body: out}, nil
}

func box(tx *table.Tx) collaborator.Box {
	return collaborator.Box{At: tx.Now, By: tx.Actor.ID, Of: tx.Actor.Name}
}

// mayServe refuses a role that the person doesn't hold, or that the partner has no right to any more.
func mayServe(h *person, role membership.Role) error {
	if _, err := h.partner.Right(role); err != nil {
		return err
	}
	if !h.after.ServesAs(h.partner, role) {
		return problem.Conflict("role_not_held", "The collaborator doesn't hold this role; give it first.")
	}
	return nil
}

// known refuses customers that are not the partner's, wherever they stand in the input.
func (in *setCustomersInput) known(tx *table.Tx, added []string) error {
	unknown, err := api.CustomerIDs(added).NotOf(tx, in.PartnerID)
	if err != nil {
		return err
	}
	var fields []problem.Field
	for i, id := range in.Body.CustomerIDs {
		if unknown[id] && len(fields) < 10 {
			fields = append(fields, api.NoCustomer(i))
		}
	}
	if len(fields) > 0 {
		return problem.InvalidFields(fields...)
	}
	return nil
}

type assignInput struct {
	api.OnPartner
	api.Once
	Body struct {
		Items []Assignment `json:"items" minItems:"1" maxItems:"30"`
	}
}

// Assignment lets a collaborator into a customer, or out of it.
type Assignment struct {
	CollaboratorID string          `json:"collaboratorId" maxLength:"64" pattern:"^col_[0-9a-z]+$"`
	Role           membership.Role `json:"role" enum:"accountant,support"`
	CustomerID     string          `json:"customerId" maxLength:"64" pattern:"^cus_[0-9a-z]+$"`
	Remove         bool            `json:"remove,omitempty" doc:"Take the collaborator out of the customer instead."`
}

func (in *assignInput) collaborator(i Assignment) table.Ref[collaborator.Collaborator] {
	return table.Collaborator(in.PartnerID, i.CollaboratorID)
}

// Load announces the people and the customers.
func (in *assignInput) Load() []table.Load {
	var all []table.Load
	for _, i := range in.Body.Items {
		all = append(all, in.collaborator(i), table.Customer(i.CustomerID).Lately())
	}
	return all
}

type resultsView struct {
	Results []resultView `json:"results" doc:"One for each item, in their order."`
}

type resultView struct {
	Assignment
	Result string `json:"result" enum:"done,unchanged,refused"`
	Code   string `json:"code,omitempty" doc:"Of what is refused; the codes of problems."`
	Detail string `json:"detail,omitempty" doc:"The same in words."`
}

func (s service) assign(tx *table.Tx, in *assignInput) (*api.Reply[resultsView], error) {
	p, err := table.Partner(in.PartnerID).Get(tx)
	if err != nil {
		return nil, err
	}
	people, err := in.people(tx, p)
	if err != nil {
		return nil, err
	}
	out := &api.Reply[resultsView]{}
	for _, i := range in.Body.Items {
		r := resultView{Assignment: i, Result: "unchanged"}
		changed, err := in.one(tx, people[i.CollaboratorID], i)
		switch {
		case err != nil:
			refused := problem.Of(err)
			r.Result, r.Code, r.Detail = "refused", refused.Code, refused.Detail.In(in.Language())
		case changed:
			r.Result = "done"
		}
		out.Body.Results = append(out.Body.Results, r)
	}
	for _, i := range in.Body.Items { // in their order, each once
		h := people[i.CollaboratorID]
		delete(people, i.CollaboratorID)
		if h == nil {
			continue
		}
		if facts := h.differ(); len(facts) > 0 {
			tx.Shelve(h.portfolio, h.shelf)
			tx.Put(&h.after)
			tx.Record(&p, facts...)
		}
	}
	return out, nil
}

// people are those of the items, with the parts of their portfolios that the customers are in.
func (in *assignInput) people(tx *table.Tx, p partner.Partner) (map[string]*person, error) {
	people := map[string]*person{}
	var parts []table.Load
	for _, i := range in.Body.Items {
		if c, ok := in.collaborator(i).Find(tx); ok {
			people[i.CollaboratorID] = &person{partner: p, before: c, after: c}
			parts = append(parts, table.PortfolioPart(c, i.CustomerID))
		}
	}
	if err := tx.Load(parts...); err != nil {
		return nil, err
	}
	for _, i := range in.Body.Items {
		if h := people[i.CollaboratorID]; h != nil {
			if part, ok := table.PortfolioPart(h.before, i.CustomerID).Find(tx); ok {
				h.portfolio = h.portfolio.With(part)
				h.shelf = h.portfolio
			}
		}
	}
	return people, nil
}

// one does one item, and tells whether that changes anything. Errors: problem.
func (in *assignInput) one(tx *table.Tx, h *person, i Assignment) (bool, error) {
	c, known := table.Customer(i.CustomerID).Find(tx)
	if h == nil || !known || c.PartnerID != in.PartnerID {
		return false, problem.NotFound()
	}
	if err := mayServe(h, i.Role); err != nil {
		return false, err
	}
	shelf, by, err := h.shelf.Switch(h.after, i.Role, i.CustomerID, !i.Remove, box(tx))
	if err != nil || by == 0 {
		return false, err
	}
	h.shelf, h.after = shelf, h.after.Works(i.Role, h.after.Serves[i.Role].Customers+by)
	return true, nil
}

// differ are the facts of what a person's portfolio has become, role by role.
func (h *person) differ() (facts []event.Fact) {
	for _, role := range membership.CollaboratorRoles {
		added, removed := []string{}, []string{}
		had, has := h.portfolio.Of(role), h.shelf.Of(role)
		for _, id := range has {
			if !slices.Contains(had, id) {
				added = append(added, id)
			}
		}
		for _, id := range had {
			if !slices.Contains(has, id) {
				removed = append(removed, id)
			}
		}
		facts = append(facts, h.after.Differ(role, added, removed)...)
	}
	return facts
}
