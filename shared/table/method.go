package table

import (
	"comptoir/shared/billing"
	"comptoir/shared/licence"
	"comptoir/shared/partner"
)

// Payment methods are written together, so that there are never too many and one is the default.
//
//	PK CUSTOMER#c or PARTNER#p   SK METHODS
var _ = describe("methods", func(m billing.Methods) keys { return keys{primary: MethodsOf(m.Owner).Key} })

// MethodsOf are the payment methods of a customer or a partner.
func MethodsOf(owner string) Ref[billing.Methods] {
	partition := customerPartition(owner)
	if partner.IsID(owner) {
		partition = partnerPartition(owner)
	}
	return Ref[billing.Methods]{Key{partition, "METHODS"}}
}

// LicencesPaidBy are a partner's licences that one of its payment methods pays for, until they are over. All that are not over are looked
// at, a moment ago.
func LicencesPaidBy(partnerID, paymentMethodID string) List[licence.Licence] {
	q := within(renewalsPartition(partnerID), "", Page{Limit: 1000})
	q.index, q.whole = 2, true
	q.where[0] = condition{"paymentMethodId", "=", paymentMethodID}
	return List[licence.Licence]{q}
}
