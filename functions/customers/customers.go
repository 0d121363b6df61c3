// Package customers answers the operations on customers: the partner's list, one customer, its activity.
package customers

import (
	"comptoir/shared/api"
	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/problem"
	"comptoir/shared/table"
)

type service struct{ api.Env }

// Operations are those of the area.
func Operations(env api.Env) []api.Operation {
	s := service{env}
	return []api.Operation{
		api.Read("listCustomers", "GET /v1/partners/{partnerId}/customers", "List or search a partner's customers", s.list),
		api.Read("getCustomer", "GET /v1/customers/{customerId}", "Read a customer, and who manages its contract", s.get),
		api.Read("listActivity", "GET /v1/customers/{customerId}/activity", "Read what happened to a customer, latest first", s.activity),
	}
}

// CustomerView is a customer as its partner's list shows it (A7, B12, B13).
type CustomerView struct {
	ID              string         `json:"id" example:"cus_dupont"`
	Name            string         `json:"name"`
	Domain          string         `json:"domain,omitempty"`
	SIREN           string         `json:"siren,omitempty"`
	Administrator   personView     `json:"administrator"`
	Status          licence.Status `json:"status" enum:"none,trial,active,suspended,cancelled,expired" doc:"Of the licence that wants to be seen first: suspended, then next to renew; none if there never was one."`
	PlanCode        string         `json:"planCode,omitempty" doc:"Of the same licence."`
	RenewsOn        calendar.Date  `json:"renewsOn,omitzero" format:"date" doc:"Renewal date of the same licence."`
	PaymentMethodID string         `json:"paymentMethodId,omitempty" doc:"Of the same licence."`
	PaymentMethod   *paidByView    `json:"paymentMethod,omitempty" doc:"The customer's default."`
	Licences        int            `json:"licences" doc:"Licences in force."`
	Quantity        int            `json:"quantity" doc:"Units in force, over all licences."`
	Next            customer.Step  `json:"next" enum:"verify,manage" doc:"What comes next: the domain is verified before the customer is managed."`
	Livemode        bool           `json:"livemode"`
	Version         int64          `json:"version"`
}

type personView struct {
	Name string `json:"name"`
	Mail string `json:"mail"`
}

type paidByView struct {
	ID    string `json:"id" example:"pay_7f3k"`
	Kind  string `json:"kind" enum:"sepa,card,transfer"`
	Last4 string `json:"last4,omitempty" example:"2606"`
}

// rowOf is a customer's row on a day.
func rowOf(c customer.Customer, today calendar.Date) CustomerView {
	s := c.Summary(today)
	if s.Status == "" {
		s.Status = table.NoLicence
	}
	v := CustomerView{
		ID: c.ID, Name: c.Name, Domain: c.Domain, SIREN: c.SIREN,
		Administrator: personView{c.Administrator.Name, c.Administrator.Mail},
		Status:        s.Status, PlanCode: s.PlanCode, RenewsOn: s.RenewsOn, PaymentMethodID: s.PaymentID,
		Licences: s.Licences, Quantity: s.Quantity, Next: c.Next(), Livemode: c.Livemode, Version: c.Version,
	}
	if m := c.PaysBy(); m.ID != "" {
		v.PaymentMethod = &paidByView{m.ID, m.Kind, m.Last4}
	}
	return v
}

type listInput struct {
	api.OnPartner
	api.Paged
	Q            string         `query:"q" maxLength:"100" doc:"Starts of words of name, domain, SIREN or administrator; all of them must match. Ordered by the word found."`
	Status       licence.Status `query:"status" enum:"none,trial,active,suspended,cancelled,expired"`
	Plan         string         `query:"plan" maxLength:"40"`
	RenewsBefore calendar.Date  `query:"renewsBefore" format:"date" doc:"Exclusive."`
	RenewsAfter  calendar.Date  `query:"renewsAfter" format:"date" doc:"Exclusive."`
	Sort         string         `query:"sort" enum:"name,renewsOn" doc:"By name if left out; filters on the renewal date order by it."`
}

// Check refuses a search without a word.
func (in *listInput) Check() error {
	if in.Q != "" && len(in.words()) == 0 {
		return problem.Invalid("query.q", "Search for letters or digits.")
	}
	return nil
}

func (in *listInput) words() []string { return customer.Words(in.Q) }

func (in *listInput) found() table.List[table.Word] {
	return table.CustomersFound(in.PartnerID, in.words(), in.Page())
}

func (in *listInput) rows() table.List[customer.Customer] {
	return table.CustomersOf(in.PartnerID, table.CustomerFilter{Status: in.Status, Plan: in.Plan}, in.Page())
}

func (in *listInput) byRenewal() bool {
	return in.Sort == "renewsOn" || !in.RenewsAfter.IsZero() || !in.RenewsBefore.IsZero()
}

func (in *listInput) renewing() table.List[table.Renewing] {
	return table.CustomersRenewing(in.PartnerID, in.RenewsAfter, in.RenewsBefore, in.Page())
}

// Load announces the page: of the search, of the licences by renewal date or of the rows.
func (in *listInput) Load() []table.Load {
	switch {
	case in.Q != "":
		return []table.Load{in.found()}
	case in.byRenewal():
		return []table.Load{in.renewing()}
	}
	return []table.Load{in.rows()}
}

func (s service) list(tx *table.Tx, in *listInput) (*api.Listed[CustomerView], error) {
	today := calendar.On(tx.Now, s.Zone)
	show := func(c customer.Customer) CustomerView { return rowOf(c, today) }
	if in.Q == "" && !in.byRenewal() {
		rows, next := in.rows().Rows(tx)
		return api.List(rows, next, show), nil
	}
	entries, next := in.entries(tx)
	var refs []table.Load
	for _, e := range entries {
		refs = append(refs, table.Customer(e.customerID).Lately())
	}
	if err := tx.Load(refs...); err != nil {
		return nil, err
	}
	var rows []customer.Customer
	for _, e := range entries {
		c, ok := table.Customer(e.customerID).Find(tx)
		if first := c.Summary(today); ok && (e.licenceID == "" || e.licenceID == first.LicenceID) && in.matches(rowOf(c, today)) {
			rows = append(rows, c)
		}
	}
	return api.List(rows, next, show), nil
}

// entry leads to a row: by a word that was searched for, or by a licence, which counts if it is the one that the row tells of.
type entry struct{ customerID, licenceID string }

func (in *listInput) entries(tx *table.Tx) (all []entry, next string) {
	if in.Q == "" {
		renewing, next := in.renewing().Rows(tx)
		for _, r := range renewing {
			e := entry{customerID: r.CustomerID()}
			if r.Holder != "" {
				e.licenceID = r.ID
			}
			all = append(all, e)
		}
		return all, next
	}
	words, next := in.found().Rows(tx)
	for _, w := range words {
		if w.First(in.words()) {
			all = append(all, entry{customerID: w.CustomerID})
		}
	}
	return all, next
}

// matches applies the other filters to what a search has found.
func (in *listInput) matches(r CustomerView) bool {
	return (in.Status == "" || r.Status == in.Status) &&
		(in.Plan == "" || r.PlanCode == in.Plan) &&
		(in.RenewsBefore.IsZero() || !r.RenewsOn.IsZero() && r.RenewsOn.Before(in.RenewsBefore)) &&
		(in.RenewsAfter.IsZero() || r.RenewsOn.After(in.RenewsAfter))
}

type getInput struct{ api.OnCustomer }

// customerDetailView is a customer with who manages its contract.
type customerDetailView struct {
	CustomerView
	AccountID string          `json:"accountId" doc:"The product's name for it."`
	ManagedBy api.ManagerView `json:"managedBy"`
}

func (s service) get(tx *table.Tx, in *getInput) (*api.Reply[customerDetailView], error) {
	c, err := table.Customer(in.CustomerID).Get(tx)
	if err != nil {
		return nil, err
	}
	manager, err := s.ManagerOf(tx, c)
	if err != nil {
		return nil, err
	}
	d := customerDetailView{CustomerView: rowOf(c, calendar.On(tx.Now, s.Zone)), AccountID: c.AccountID, ManagedBy: manager}
	return &api.Reply[customerDetailView]{ETag: api.ETag(c.Version), Body: d}, nil
}

type activityInput struct {
	api.OnCustomer
	api.Paged
	api.ByActor
}

// Load announces the page.
func (in *activityInput) Load() []table.Load {
	return []table.Load{table.Activity(in.CustomerID, in.Actor, in.Page())}
}

func (s service) activity(tx *table.Tx, in *activityInput) (*api.Listed[event.Event], error) {
	rows, next := table.Activity(in.CustomerID, in.Actor, in.Page()).Rows(tx)
	api.Discreet(tx, rows)
	return api.Rows(rows, next), nil
}
