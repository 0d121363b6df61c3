package table

import (
	"comptoir/shared/billing"
	"comptoir/shared/partner"
)

// Billing details
//
//	PK PARTNER#p or PUBLISHER   SK BILLING
var _ = describe("billing", func(d billing.Details) keys { return keys{primary: BillingOf(d.Owner).Key} })

// BillingOf are the billing details of a partner or of the publisher.
func BillingOf(owner string) Ref[billing.Details] {
	partition := publisherPartition
	if partner.IsID(owner) {
		partition = partnerPartition(owner)
	}
	return Ref[billing.Details]{Key{partition, "BILLING"}}
}
