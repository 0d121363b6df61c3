// Package methods answers the operations on payment methods: of a customer, and of a partner in the same way.
package methods

import (
	"net/http"
	"time"

	"comptoir/shared/api"
	"comptoir/shared/billing"
	"comptoir/shared/calendar"
	"comptoir/shared/event"
	"comptoir/shared/table"
)

type service struct{ api.Env }

// Operations are those of the area.
func Operations(env api.Env) []api.Operation {
	s := service{env}
	const (
		ofCustomer, ofPartner = "/v1/customers/{customerId}/paymentMethods", "/v1/partners/{partnerId}/paymentMethods"
		one, preferred        = "/{paymentMethodId}", "/{paymentMethodId}/default"

		kept  = "Neither an IBAN nor the number of a card is kept. The first is the default. There are 20 at the most."
		inUse = "Not while a licence in force is paid by it. If it was the default, the oldest that is left is."
	)
	return []api.Operation{
		api.Read("listPaymentMethods", "GET "+ofCustomer, "List a customer's payment methods, oldest first",
			func(tx *table.Tx, in *customerList) (*api.Listed[methodView], error) { return list(tx, in) }),
		api.Write("addPaymentMethod", "POST "+ofCustomer, "Add a payment method of a customer", http.StatusCreated,
			func(tx *table.Tx, in *customerAdd) (*api.Reply[methodView], error) { return s.add(tx, in, in.Terms) }).Says(kept),
		api.Write("setDefaultPaymentMethod", "PUT "+ofCustomer+preferred, "Make a payment method a customer's default", http.StatusOK,
			func(tx *table.Tx, in *customerAct) (*api.Reply[methodView], error) { return s.prefer(tx, in) }),
		api.Write("removePaymentMethod", "DELETE "+ofCustomer+one, "Remove a payment method of a customer", http.StatusOK,
			func(tx *table.Tx, in *customerAct) (*api.Reply[methodView], error) { return s.remove(tx, in) }).Says(inUse),

		api.Read("listPartnerPaymentMethods", "GET "+ofPartner, "List a partner's payment methods, oldest first",
			func(tx *table.Tx, in *partnerList) (*api.Listed[methodView], error) { return list(tx, in) }),
		api.Write("addPartnerPaymentMethod", "POST "+ofPartner, "Add a payment method of a partner", http.StatusCreated,
			func(tx *table.Tx, in *partnerAdd) (*api.Reply[methodView], error) { return s.add(tx, in, in.Terms) }).Says(kept),
		api.Write("setDefaultPartnerPaymentMethod", "PUT "+ofPartner+preferred, "Make a payment method a partner's default", http.StatusOK,
			func(tx *table.Tx, in *partnerAct) (*api.Reply[methodView], error) { return s.prefer(tx, in) }),
		api.Write("removePartnerPaymentMethod", "DELETE "+ofPartner+one, "Remove a payment method of a partner", http.StatusOK,
			func(tx *table.Tx, in *partnerAct) (*api.Reply[methodView], error) { return s.remove(tx, in) }).Says(inUse),
	}
}

type methodView struct {
	ID        string       `json:"id" example:"pay_7f3k"`
	Kind      billing.Kind `json:"kind" enum:"sepa,card,transfer"`
	Default   bool         `json:"default"`
	Last4     string       `json:"last4,omitempty" doc:"Of the IBAN or the card's number." example:"2606"`
	Country   string       `json:"country,omitempty" doc:"Of the IBAN." example:"FR"`
	Mandate   string       `json:"mandate,omitempty" doc:"The reference of the direct debit mandate."`
	SignedOn  string       `json:"signedOn,omitempty" doc:"The day on which the mandate was signed." example:"2026-03-10"`
	Reference string       `json:"reference,omitempty" doc:"Of the card, at its provider."`
	Brand     string       `json:"brand,omitempty" doc:"Of the card."`
	Expires   string       `json:"expires,omitempty" doc:"The last month in which the card is good." example:"2028-11"`
	AddedAt   time.Time    `json:"addedAt"`
}

func show(m billing.Methods, one billing.Method) methodView {
	return methodView{
		ID: one.ID, Kind: one.Kind, Default: m.Default == one.ID, Last4: one.Last4, Country: one.Country, Mandate: one.Mandate,
		SignedOn: one.SignedOn.String(), Reference: one.Reference, Brand: one.Brand, Expires: one.Expires.String(), AddedAt: one.AddedAt,
	}
}

func methodsOf(tx *table.Tx, in owned) billing.Methods {
	m, some := table.MethodsOf(in.owner()).Find(tx)
	if !some {
		m.Owner = in.owner()
	}
	return m
}

func list(tx *table.Tx, in owned) (*api.Listed[methodView], error) {
	m := methodsOf(tx, in)
	return api.List(m.All, "", func(one billing.Method) methodView { return show(m, one) }), nil
}

func (s service) today(tx *table.Tx) calendar.Date { return calendar.On(tx.Now, s.Zone) }

func (s service) add(tx *table.Tx, in owned, terms Terms) (*api.Reply[methodView], error) {
	said, err := terms.said()
	if err != nil {
		return nil, err
	}
	m, one, facts, err := methodsOf(tx, in).Add(said, tx.NewID("pay"), tx.Now, s.today(tx))
	return answer(tx, in, m, one, facts, err)
}

func (s service) prefer(tx *table.Tx, in one) (*api.Reply[methodView], error) {
	m, one, facts, err := methodsOf(tx, in).Prefer(in.method(), s.today(tx))
	return answer(tx, in, m, one, facts, err)
}

func (s service) remove(tx *table.Tx, in one) (*api.Reply[methodView], error) {
	m := methodsOf(tx, in)
	if _, err := m.Find(in.method()); err != nil {
		return nil, err
	}
	inUse, err := in.inUse(tx, s.today(tx))
	if err != nil {
		return nil, err
	}
	m, one, facts, err := m.Remove(in.method(), inUse)
	return answer(tx, in, m, one, facts, err)
}

// answer keeps what was decided.
func answer(tx *table.Tx, in owned, m billing.Methods, one billing.Method, facts []event.Fact, err error) (*api.Reply[methodView], error) {
	if err != nil {
		return nil, err
	}
	if len(facts) > 0 {
		tx.Put(&m)
		if err := in.record(tx, m, facts); err != nil {
			return nil, err
		}
	}
	return &api.Reply[methodView]{Body: show(m, one)}, nil
}
