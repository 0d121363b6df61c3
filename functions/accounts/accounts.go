// Package accounts hears from the publisher's product: a customer account was created, and its
// customer appears, once (A13).
package accounts

import (
	"net/http"

	"comptoir/shared/api"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/id"
	"comptoir/shared/identifier"
	"comptoir/shared/licence"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
	"comptoir/shared/plan"
	"comptoir/shared/problem"
	"comptoir/shared/seat"
	"comptoir/shared/table"
)

type service struct{ api.Env }

// Operations are those of the area.
func Operations(env api.Env) []api.Operation {
	s := service{env}
	return []api.Operation{
		api.Write("reportAccount", "POST /v1/accounts", "Report that a customer account was created", http.StatusCreated, s.report),
	}
}

type reportInput struct {
	api.OnPublisher
	api.Once
	Body struct {
		AccountID     string        `json:"accountId" minLength:"1" maxLength:"100" pattern:"^[\\pL\\pN\\pP\\pS]([\\pL\\pN\\pP\\pS ]*[\\pL\\pN\\pP\\pS])?$" doc:"The product's name for the account. Reported again, it changes nothing."`
		PartnerID     string        `json:"partnerId,omitempty" maxLength:"64" pattern:"^par_[0-9a-z]+$" doc:"The partner of record; if left out, the publisher manages the customer."`
		Name          string        `json:"name" minLength:"1" maxLength:"200"`
		Domain        string        `json:"domain,omitempty" maxLength:"253" example:"dupont.example"`
		SIREN         string        `json:"siren,omitempty" maxLength:"20" example:"732829320"`
		Administrator administrator `json:"administrator"`
		Sandbox       bool          `json:"sandbox,omitempty" doc:"For tests: its events carry livemode false."`
	}
}

type administrator struct {
	UserID string `json:"userId,omitempty" maxLength:"128" pattern:"^[!-\"$-~]+$" doc:"The subject of the person's tokens; becomes the customer's first administrator here."`
	Name   string `json:"name" minLength:"1" maxLength:"200"`
	Mail   string `json:"mail" format:"email" maxLength:"254"`
}

// Check reads names and identifiers.
func (in *reportInput) Check() (err error) {
	b := &in.Body
	if b.Name, err = identifier.Name(b.Name); err != nil {
		return problem.Invalid("body.name", "This is not a name.")
	}
	if b.Administrator.Name, err = identifier.Name(b.Administrator.Name); err != nil {
		return problem.Invalid("body.administrator.name", "This is not a name.")
	}
	if b.Administrator.Mail, err = identifier.Mail(b.Administrator.Mail); err != nil {
		return problem.Invalid("body.administrator.mail", "This is not a plain mail address.")
	}
	if b.SIREN != "" {
		if b.SIREN, err = identifier.SIREN(b.SIREN); err != nil {
			return problem.Invalid("body.siren", "This is not a SIREN.")
		}
	}
	if b.Domain != "" {
		if b.Domain, err = identifier.Domain(b.Domain); err != nil {
			return problem.Invalid("body.domain", "This is not a domain name.")
		}
	}
	return nil
}

// customerID always makes the same customer of the same account.
func (in *reportInput) customerID() string { return id.Derived("cus", in.Body.AccountID) }

// Load announces the customer that may be there, the partner, and the plans, of which its policy may
// want one.
func (in *reportInput) Load() []table.Load {
	all := []table.Load{table.Customer(in.customerID())}
	if in.Body.PartnerID != "" {
		all = append(all, table.Partner(in.Body.PartnerID), table.AllPlans())
	}
	return all
}

type accountView struct {
	CustomerID string `json:"customerId" example:"cus_dupont"`
	AccountID  string `json:"accountId"`
	PartnerID  string `json:"partnerId,omitempty"`
	Name       string `json:"name"`
	LicenceID  string `json:"licenceId,omitempty" doc:"Of the licence taken automatically, by the partner's policy; only in the first answer."`
}

func (s service) report(tx *table.Tx, in *reportInput) (*api.Reply[accountView], error) {
	if known, ok := table.Customer(in.customerID()).Find(tx); ok {
		if known.PartnerID != in.Body.PartnerID {
			return nil, problem.Conflict("account_known", "The account was reported before, with another partner.")
		}
		return &api.Reply[accountView]{Status: http.StatusOK, Body: show(known)}, nil
	}
	var policy *partner.AutomaticLicence
	if in.Body.PartnerID != "" {
		p, ok := table.Partner(in.Body.PartnerID).Find(tx)
		if !ok {
			return nil, problem.Invalid("body.partnerId", "There is no such partner.")
		}
		policy = p.Automatic
	}
	b := in.Body
	c, appeared := customer.Appear(customer.Report{
		CustomerID: in.customerID(), AccountID: b.AccountID, PartnerID: b.PartnerID, Name: b.Name,
		Domain: b.Domain, SIREN: b.SIREN, Administrator: customer.Administrator(b.Administrator), Sandbox: b.Sandbox,
	})
	at := licence.At(tx.Now, s.Zone)
	c.AsOf = at.Today
	reply := &api.Reply[accountView]{Body: show(c)}
	tx.Record(&c, appeared)
	seats := seat.Loaded(nil, nil)
	if b.Administrator.UserID != "" {
		var err error
		if seats, c, err = seats.Join(c, b.Administrator.UserID, b.Administrator.Name); err != nil {
			return nil, err
		}
		tx.Put(&membership.Membership{
			UserID: b.Administrator.UserID, OrganisationID: c.ID, OrganisationName: c.Name,
			Name: b.Administrator.Name, Mail: b.Administrator.Mail, Roles: []membership.Role{membership.Admin},
		})
	}
	if c.PartnerID != "" {
		tx.PutWords(c)
	}
	l, out, err := automatic(tx, c, policy, at)
	if err != nil { // the customer appears all the same, and its activity tells why it got nothing
		tx.Record(&c, event.New("customer.automaticLicenceRefused", map[string]any{"planCode": policy.PlanCode, "because": err.Error()}))
	}
	if l.ID == "" {
		tx.Put(&c)
		tx.Settle(c.ID, seats, at.Today)
		return reply, nil
	}
	reply.Body.LicenceID = l.ID
	holder := table.Holder{Customer: c, Seats: seats}
	return reply, tx.Hold(&holder, licence.Licence{}, &l, out, at)
}

// automatic is the licence that the partner's policy wants, or the zero licence if it wants none.
func automatic(tx *table.Tx, c customer.Customer, policy *partner.AutomaticLicence, at licence.Moment) (licence.Licence, licence.Outcome, error) {
	if policy == nil {
		return licence.Licence{}, licence.Outcome{}, nil
	}
	plans, _ := table.AllPlans().Rows(tx)
	var p plan.Plan
	for _, each := range plans {
		if each.Code == policy.PlanCode {
			p = each
		}
	}
	return licence.Take(licence.Order{
		LicenceID: tx.NewID("lic"), CustomerID: c.ID, PartnerID: c.PartnerID, Origin: licence.Automatic,
		Quantity: policy.Quantity, Term: policy.Term, Trial: policy.Trial, AutoRenew: !policy.Trial,
		BillTo: licence.PayerOf(c.PartnerID),
	}, p, at)
}

func show(c customer.Customer) accountView {
	return accountView{CustomerID: c.ID, AccountID: c.AccountID, PartnerID: c.PartnerID, Name: c.Name}
}
