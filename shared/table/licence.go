package table

import (
	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/licence"
)

// Licence
//
//	PK CUSTOMER#c   SK LICENCE#l
var _ = describe("licence", func(l licence.Licence) keys {
	return keys{primary: Licence(l.CustomerID, l.ID).Key}
})

// Hold writes a licence that was decided about, with all that follows from it: the customer's row, the
// ledger of licences in force unless it is a sandbox's (A5), and the facts.
func (tx *Tx) Hold(c *customer.Customer, before licence.Licence, after *licence.Licence, out licence.Outcome, today calendar.Date) {
	if c.Livemode {
		tx.recount(before, *after)
	}
	*c = c.Hold(*after, today)
	tx.Put(after)
	tx.Put(c)
	tx.Record(c, out.Facts...)
}

// Licence is a customer's licence.
func Licence(customerID, licenceID string) Ref[licence.Licence] {
	return Ref[licence.Licence]{Key{customerPartition(customerID), "LICENCE#" + licenceID}}
}

// Licences are a customer's licences, ended ones too.
func Licences(customerID string, p Page) List[licence.Licence] {
	return List[licence.Licence]{within(customerPartition(customerID), "LICENCE#", p)}
}

// Preview
//
//	PK CUSTOMER#c   SK PREVIEW#id   expires when it can no longer be committed
var _ = describe("preview", func(p licence.Preview) keys {
	return keys{primary: Preview(p.CustomerID, p.ID).Key, until: p.ValidUntil}
})

// Preview is a preview of a customer's licence.
func Preview(customerID, previewID string) Ref[licence.Preview] {
	return Ref[licence.Preview]{Key{customerPartition(customerID), "PREVIEW#" + previewID}}
}
