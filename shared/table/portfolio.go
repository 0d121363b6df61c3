package table

import (
	"fmt"
	"maps"
	"slices"

	"comptoir/shared/collaborator"
)

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
