package partners

import (
	"comptoir/shared/api"
	"comptoir/shared/billing"
	"comptoir/shared/table"
)

// OfPartner is about a partner's billing details.
type OfPartner struct{ api.OnPartner }

func (in *OfPartner) owner() string { return in.PartnerID }

// Load announces the details.
func (in *OfPartner) Load() []table.Load { return []table.Load{table.BillingOf(in.owner())} }

// OfPublisher is about the publisher's.
type OfPublisher struct{ api.OnPublisher }

func (in *OfPublisher) owner() string { return billing.Publisher }

// Load announces the details.
func (in *OfPublisher) Load() []table.Load { return []table.Load{table.BillingOf(in.owner())} }

// BillingTerms are what is said of billing details: all of it, each time.
type BillingTerms struct {
	api.IfMatch
	Body struct {
		LegalName     string     `json:"legalName" minLength:"1" maxLength:"200" example:"Cabinet Martin SARL"`
		Address       postalView `json:"address"`
		Registration  string     `json:"registration,omitempty" maxLength:"30" doc:"SIREN or SIRET in France, at most 30 characters elsewhere." example:"732829320"`
		VATNumber     string     `json:"vatNumber,omitempty" maxLength:"30" doc:"Of the European Union, of the country of the address." example:"FR44732829320"`
		PurchaseOrder string     `json:"purchaseOrder,omitempty" maxLength:"60" doc:"A number that statements have to name."`
		Currency      string     `json:"currency,omitempty" maxLength:"3" doc:"By ISO 4217; EUR if left out." example:"EUR"`
		IBAN          *api.IBAN  `json:"iban,omitempty" maxLength:"50" doc:"Within the Single Euro Payments Area. Left out, the one that is kept stays; empty, it is removed." example:"FR1420041010050500013M02606"`
		BIC           string     `json:"bic,omitempty" maxLength:"15" example:"PSSTFRPPPAR"`
		SelfBilling   bool       `json:"selfBilling,omitempty" doc:"The partner has mandated the publisher to make out its invoices; a VAT number or a registration is needed for that."`
	}
}

type postalView struct {
	Lines      []string `json:"lines" minItems:"1" maxItems:"3" maxLength:"100" example:"12 rue de la Paix"`
	PostalCode string   `json:"postalCode" minLength:"1" maxLength:"20" example:"75002"`
	City       string   `json:"city" minLength:"1" maxLength:"100" example:"Paris"`
	Country    string   `json:"country" minLength:"2" maxLength:"2" doc:"By ISO 3166-1." example:"FR"`
}

type billingView struct {
	LegalName     string      `json:"legalName,omitempty"`
	Address       *postalView `json:"address,omitempty"`
	Registration  string      `json:"registration,omitempty"`
	VATNumber     string      `json:"vatNumber,omitempty"`
	PurchaseOrder string      `json:"purchaseOrder,omitempty"`
	Currency      string      `json:"currency"`
	IBANLast4     string      `json:"ibanLast4,omitempty" doc:"The IBAN itself is shown to nobody."`
	BIC           string      `json:"bic,omitempty"`
	SelfBilling   bool        `json:"selfBilling"`
	Missing       []string    `json:"missing" doc:"What statements still need." example:"iban"`
	Version       int64       `json:"version" doc:"0 while nothing was said."`
}

func showBilling(d billing.Details) *api.Reply[billingView] {
	v := billingView{
		LegalName: d.LegalName, Registration: d.Registration, VATNumber: d.VATNumber, PurchaseOrder: d.PurchaseOrder, Currency: d.Currency,
		IBANLast4: d.IBANLast4(), BIC: d.BIC, SelfBilling: d.SelfBilling, Missing: d.Missing(), Version: d.Version,
	}
	if d.Version > 0 {
		a := postalView(d.Address)
		v.Address = &a
	}
	return &api.Reply[billingView]{ETag: api.ETag(d.Version), Body: v}
}

// billed is an input on the billing details of somebody.
type billed interface{ owner() string }

func detailsOf(tx *table.Tx, in billed) billing.Details {
	d, some := table.BillingOf(in.owner()).Find(tx)
	if !some {
		d.Owner, d.Currency = in.owner(), billing.DefaultCurrency
	}
	return d
}

func getBilling(tx *table.Tx, in billed) (*api.Reply[billingView], error) {
	return showBilling(detailsOf(tx, in)), nil
}

func updateBilling(tx *table.Tx, in billed, terms BillingTerms) (*api.Reply[billingView], error) {
	d := detailsOf(tx, in)
	if err := terms.Match(d.Version); err != nil {
		return nil, err
	}
	b := terms.Body
	after, facts, err := d.Update(billing.Details{
		Party: billing.Party{
			LegalName: b.LegalName, Address: billing.Address(b.Address), Registration: b.Registration, VATNumber: b.VATNumber,
		},
		PurchaseOrder: b.PurchaseOrder, Currency: b.Currency, BIC: b.BIC, SelfBilling: b.SelfBilling,
	}, (*string)(b.IBAN))
	if err != nil {
		return nil, err
	}
	if len(facts) > 0 {
		tx.Put(&after)
		tx.Record(&after, facts...)
	}
	return showBilling(after), nil
}

type (
	getBillingInput    struct{ OfPartner }
	updateBillingInput struct {
		OfPartner
		api.Once
		BillingTerms
	}
	getPublisherBillingInput    struct{ OfPublisher }
	updatePublisherBillingInput struct {
		OfPublisher
		api.Once
		BillingTerms
	}
)
