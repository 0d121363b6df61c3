package methods

import (
	"slices"

	"comptoir/shared/api"
	"comptoir/shared/billing"
	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/problem"
	"comptoir/shared/table"
)

// owned is an input on the payment methods of somebody.
type owned interface {
	owner() string
	record(*table.Tx, billing.Methods, []event.Fact) error
}

// one is an input on one of them.
type one interface {
	owned
	method() string
	inUse(*table.Tx, calendar.Date) (bool, error)
}

// OfCustomer is about a customer's payment methods.
type OfCustomer struct{ api.OnCustomer }

func (in *OfCustomer) owner() string { return in.CustomerID }

// Load announces the methods.
func (in *OfCustomer) Load() []table.Load { return []table.Load{table.MethodsOf(in.owner())} }

// record keeps the facts, and the row, which shows the default. The row is written whenever a method goes, too: a licence that is being given
// the method at the same time writes the row as well, so that one of the two is decided anew.
func (in *OfCustomer) record(tx *table.Tx, m billing.Methods, facts []event.Fact) error {
	c, err := table.Customer(in.CustomerID).Get(tx)
	if err != nil {
		return err
	}
	shown, goes := rowOf(m), slices.ContainsFunc(facts, func(f event.Fact) bool { return f.Kind == billing.MethodRemoved })
	if goes || shown != c.PaysBy() {
		c = c.PayBy(shown)
		tx.Put(&c)
	}
	tx.Record(&c, facts...)
	return nil
}

// rowOf is what the row shows of the default.
func rowOf(m billing.Methods) customer.Method {
	one, some := m.Preferred()
	if !some {
		return customer.Method{}
	}
	return customer.Method{ID: one.ID, Kind: string(one.Kind), Last4: one.Last4}
}

func (in *OfCustomer) uses(tx *table.Tx, id string, today calendar.Date) (bool, error) {
	c, err := table.Customer(in.CustomerID).Get(tx)
	return c.UsesMethod(id, today), err
}

// OfPartner is about a partner's.
type OfPartner struct{ api.OnPartner }

func (in *OfPartner) owner() string { return in.PartnerID }

// Load announces the methods.
func (in *OfPartner) Load() []table.Load { return []table.Load{table.MethodsOf(in.owner())} }

func (in *OfPartner) record(tx *table.Tx, _ billing.Methods, facts []event.Fact) error {
	p, err := table.Partner(in.PartnerID).Get(tx)
	tx.Record(&p, facts...)
	return err
}

// uses looks at the licences of all customers of the partner: as they were a moment ago, and once it is known that the caller may.
func (in *OfPartner) uses(tx *table.Tx, id string, today calendar.Date) (bool, error) {
	paid := table.LicencesPaidBy(in.PartnerID, id)
	if err := tx.Load(paid); err != nil {
		return false, err
	}
	rows, _ := paid.Rows(tx)
	return slices.ContainsFunc(rows, func(l licence.Licence) bool { return l.BillTo == licence.PaidByPartner && !l.Ended(today) }), nil
}

// ToMethod names one of them.
type ToMethod struct {
	MethodID string `path:"paymentMethodId" maxLength:"64" pattern:"^pay_[0-9a-z]+$" example:"pay_7f3k"`
}

func (in *ToMethod) method() string { return in.MethodID }

// Terms are what is said of a new one.
type Terms struct {
	Body struct {
		Kind      billing.Kind `json:"kind" enum:"sepa,card,transfer" example:"sepa"`
		IBAN      api.IBAN     `json:"iban,omitempty" maxLength:"50" doc:"Of a sepa method, within the Single Euro Payments Area. It is checked, and not kept." example:"FR1420041010050500013M02606"`
		Mandate   string       `json:"mandate,omitempty" maxLength:"35" doc:"Of a sepa method: the reference of the mandate." example:"DUPONT-2026-1"`
		SignedOn  string       `json:"signedOn,omitempty" maxLength:"10" doc:"Of a sepa method: the day on which the mandate was signed." example:"2026-03-10"`
		Reference string       `json:"reference,omitempty" maxLength:"100" doc:"Of a card: what its provider calls it; never its number." example:"card_1NsQ"`
		Last4     string       `json:"last4,omitempty" maxLength:"4" doc:"Of a card: the last four digits of its number." example:"4242"`
		Brand     string       `json:"brand,omitempty" maxLength:"40" doc:"Of a card." example:"Visa"`
		Expires   string       `json:"expires,omitempty" maxLength:"7" doc:"Of a card: the last month in which it is good." example:"2028-11"`
	}
}

// said is what is said, read.
func (in *Terms) said() (billing.NewMethod, error) {
	b := in.Body
	said := billing.NewMethod{Kind: b.Kind, IBAN: string(b.IBAN), Mandate: b.Mandate, Reference: b.Reference, Last4: b.Last4, Brand: b.Brand}
	if err := said.SignedOn.UnmarshalText([]byte(b.SignedOn)); err != nil {
		return said, problem.Invalid("body.signedOn", "This is no day of the form YYYY-MM-DD.")
	}
	if err := said.Expires.UnmarshalText([]byte(b.Expires)); err != nil {
		return said, problem.Invalid("body.expires", "This is no month of the form YYYY-MM.")
	}
	return said, nil
}

type (
	customerList struct{ OfCustomer }
	customerAdd  struct {
		OfCustomer
		api.Once
		Terms
	}
	customerAct struct {
		OfCustomer
		ToMethod
		api.Once
	}

	partnerList struct{ OfPartner }
	partnerAdd  struct {
		OfPartner
		api.Once
		Terms
	}
	partnerAct struct {
		OfPartner
		ToMethod
		api.Once
	}
)

func (in *customerAct) inUse(tx *table.Tx, today calendar.Date) (bool, error) {
	return in.uses(tx, in.MethodID, today)
}

func (in *partnerAct) inUse(tx *table.Tx, today calendar.Date) (bool, error) {
	return in.uses(tx, in.MethodID, today)
}
