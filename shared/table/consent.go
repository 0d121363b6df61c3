package table

import (
	"comptoir/shared/consent"
	"comptoir/shared/customer"
)

// Consent
//
//	PK CUSTOMER#c         SK CONSENT#p
//	GSI1 CONSENTS#p       <answer>#<customer's name>#c    of a partner
//	GSI5 when one with an end is over
var _ = describe("consent", func(c consent.Consent) keys {
	k := keys{primary: Consent(c.CustomerID, c.PartnerID).Key, due: c.DueAt()}
	k.index[0] = Key{"CONSENTS#" + c.PartnerID, string(c.Answer) + "#" + cut(customer.SortName(c.CustomerName)) + "#" + c.CustomerID}
	return k
})

// Consent is what a customer allows a partner.
func Consent(customerID, partnerID string) Ref[consent.Consent] {
	return Ref[consent.Consent]{Key{customerPartition(customerID), "CONSENT#" + partnerID}}
}

// ConsentsTo are what customers allow a partner, by how they have answered and by name; of one answer, if one is given.
func ConsentsTo(partnerID string, answer consent.State, p Page) List[consent.Consent] {
	prefix := ""
	if answer != "" {
		prefix = string(answer) + "#"
	}
	q := within("CONSENTS#"+partnerID, prefix, p)
	q.index = 1
	return List[consent.Consent]{q}
}

// ConsentsOf are what a customer allows partners.
func ConsentsOf(customerID string, p Page) List[consent.Consent] {
	return List[consent.Consent]{within(customerPartition(customerID), "CONSENT#", p)}
}
