package table

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"comptoir/shared/collaborator"
	"comptoir/shared/customer"
)

// Collaborator
//
//	PK PARTNER#p               SK COLLABORATOR#col
//	GSI1 COLLABORATORS#p       <name>#col    those who serve customers, by name
//	GSI2 USERS#p               <name>#col    those who have a role or a grant, by name
var _ = describe("collaborator", func(c collaborator.Collaborator) keys {
	k := keys{primary: Collaborator(c.PartnerID, c.ID).Key}
	name := cut(customer.SortName(c.Called())) + "#" + c.ID
	if len(c.Serves) > 0 {
		k.index[0] = Key{"COLLABORATORS#" + c.PartnerID, name}
	}
	if len(c.Roles) > 0 || c.Grant != "" {
		k.index[1] = Key{"USERS#" + c.PartnerID, name}
	}
	return k
})

// Collaborator is a person of a partner.
func Collaborator(partnerID, collaboratorID string) Ref[collaborator.Collaborator] {
	return Ref[collaborator.Collaborator]{Key{partnerPartition(partnerID), "COLLABORATOR#" + collaboratorID}}
}

// Serving are a partner's people who serve customers as collaborators, by name.
func Serving(partnerID string, p Page) List[collaborator.Collaborator] {
	q := within("COLLABORATORS#"+partnerID, "", p)
	q.index = 1
	return List[collaborator.Collaborator]{q}
}

// Users are a partner's people who have a role in it or a grant, by name.
func Users(partnerID string, p Page) List[collaborator.Collaborator] {
	q := within("USERS#"+partnerID, "", p)
	q.index = 2
	return List[collaborator.Collaborator]{q}
}

// Collaborators are a partner's people as they are now, in the order of their ids.
func Collaborators(partnerID string, p Page) List[collaborator.Collaborator] {
	return List[collaborator.Collaborator]{within(partnerPartition(partnerID), "COLLABORATOR#", p)}
}

// Part of a portfolio
//
//	PK PORTFOLIO#p#USER#u             SK PART#<two digits>    of somebody who has accepted
//	PK PORTFOLIO#p#COLLABORATOR#col   SK PART#<two digits>    of somebody who hasn't yet
var _ = describe("portfolio", func(p collaborator.Part) keys {
	return keys{primary: Key{portfolioPartition(p.PartnerID, p.CollaboratorID, p.UserID), part(p.Number)}}
})

// PortfolioOf are all parts of somebody's portfolio.
func PortfolioOf(c collaborator.Collaborator) List[collaborator.Part] {
	q := within(portfolioPartition(c.PartnerID, c.ID, c.UserID), "PART#", Page{Limit: collaborator.Parts})
	q.whole = true
	return List[collaborator.Part]{q}
}

// PortfolioOfUser are all parts of a user's.
func PortfolioOfUser(partnerID, userID string) List[collaborator.Part] {
	return PortfolioOf(collaborator.Collaborator{PartnerID: partnerID, UserID: userID})
}

// PortfolioPart is the part of somebody's portfolio that a customer would be in.
func PortfolioPart(c collaborator.Collaborator, customerID string) Ref[collaborator.Part] {
	return Ref[collaborator.Part]{Key{portfolioPartition(c.PartnerID, c.ID, c.UserID), part(collaborator.PartOf(customerID))}}
}

func portfolioPartition(partnerID, collaboratorID, userID string) string {
	if userID != "" {
		return "PORTFOLIO#" + partnerID + "#USER#" + userID
	}
	return "PORTFOLIO#" + partnerID + "#COLLABORATOR#" + collaboratorID
}

func part(number int) string { return fmt.Sprintf("PART#%02d", number) }

// Shelve writes the parts of a portfolio that have changed, and removes those that are empty now. Whoever does so also writes
// the collaborator, whose version says that nobody else did.
func (tx *Tx) Shelve(before, after collaborator.Portfolio) {
	for _, n := range slices.Sorted(maps.Keys(before)) {
		if a, stays := after[n]; !stays || len(a.Customers) == 0 || a.UserID != before[n].UserID {
			b := before[n]
			tx.Remove(&b)
		}
	}
	for _, n := range slices.Sorted(maps.Keys(after)) {
		a, b := after[n], before[n]
		if len(a.Customers) > 0 && (a.UserID != b.UserID || !a.Same(b)) {
			tx.Put(&a)
		}
	}
}

// Token is what a link that was mailed is good for. The link carries the secret, and here is its hash.
//
//	PK TOKEN#<hash>   SK TOKEN   expires a month after the link
type Token struct {
	Hash      string    `json:"hash"`
	Number    int64     `json:"number"` // of the invitation, or of the address wanted
	ExpiresAt time.Time `json:"linkExpiresAt"`

	PartnerID      string `json:"partnerId,omitempty"` // invites a collaborator
	CollaboratorID string `json:"collaboratorId,omitempty"`

	UserID string `json:"userId,omitempty"` // or confirms an address of a user
	Which  string `json:"which,omitempty"`
}

var _ = describe("token", func(t Token) keys {
	return keys{primary: TokenOf(t.Hash).Key, until: t.ExpiresAt.AddDate(0, 1, 0)}
})

// TokenOf is a token by the hash of its secret.
func TokenOf(hash string) Ref[Token] { return Ref[Token]{Key{"TOKEN#" + hash, "TOKEN"}} }
