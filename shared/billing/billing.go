// Package billing holds whom documents are made out to, and how organisations pay and are paid (C13, B8): billing details of
// partners and of the publisher, and the methods by which charges are paid.
package billing

import (
	"comptoir/shared/event"
	"comptoir/shared/partner"
	"comptoir/shared/stamp"
)

// Publisher owns the billing details of the publisher itself.
const Publisher = event.Publisher

// Party is an organisation as documents name it.
type Party struct {
	LegalName    string  `json:"legalName"`
	Address      Address `json:"address"`
	Registration string  `json:"registration,omitempty"` // SIREN or SIRET in France
	VATNumber    string  `json:"vatNumber,omitempty"`
}

// Address is a postal address.
type Address struct {
	Lines      []string `json:"lines"` // one to three
	PostalCode string   `json:"postalCode"`
	City       string   `json:"city"`
	Country    string   `json:"country"` // ISO 3166-1 alpha-2
}

// Details are the billing details of a partner or of the publisher.
type Details struct {
	stamp.Stamp
	Owner string `json:"owner"` // a partner's id, or Publisher
	Party
	PurchaseOrder string `json:"purchaseOrder,omitempty"` // that statements have to name
	Currency      string `json:"currency"`                // ISO 4217, in which statements are made
	IBAN          string `json:"iban,omitempty"`          // payouts go there, or come from there; shown to nobody in full
	BIC           string `json:"bic,omitempty"`
	SelfBilling   bool   `json:"selfBilling"` // the partner has mandated the publisher to make out its invoices
}

// About says what events of the details are about: the partner, or the publisher.
func (d *Details) About() event.About { return partner.Owned(d.Owner, d.Version) }
