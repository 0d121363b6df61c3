package table

import "comptoir/shared/licence"

// Licence
//
//	PK CUSTOMER#c   SK LICENCE#l
var _ = describe("licence", func(l licence.Licence) keys {
	return keys{primary: Licence(l.CustomerID, l.ID).Key}
})

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
