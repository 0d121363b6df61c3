package table

import "comptoir/shared/partner"

// Partner
//
//	PK PARTNER#p   SK PARTNER
var _ = describe("partner", func(p partner.Partner) keys {
	return keys{primary: Partner(p.ID).Key}
})

// Partner is a partner by its id.
func Partner(partnerID string) Ref[partner.Partner] {
	return Ref[partner.Partner]{Key{partnerPartition(partnerID), "PARTNER"}}
}

func partnerPartition(partnerID string) string { return "PARTNER#" + partnerID }
