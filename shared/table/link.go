package table

import "comptoir/shared/partner"

// Links are written together, so that a partner never has more than it may.
//
//	PK PARTNER#p   SK LINKS
var _ = describe("links", func(l partner.Links) keys { return keys{primary: Links(l.PartnerID).Key} })

// Links are a partner's links to its calendar.
func Links(partnerID string) Ref[partner.Links] {
	return Ref[partner.Links]{Key{partnerPartition(partnerID), "LINKS"}}
}

// Link is found by the hash of its secret, for as long as it isn't revoked.
//
//	PK LINK#<hash>   SK LINK
var _ = describe("link", func(l partner.Link) keys { return keys{primary: LinkOf(l.Hash).Key} })

// LinkOf is a link by the hash of its secret.
func LinkOf(hash string) Ref[partner.Link] { return Ref[partner.Link]{Key{"LINK#" + hash, "LINK"}} }
