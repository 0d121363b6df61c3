package table

import (
	"comptoir/shared/collaborator"
	"comptoir/shared/customer"
)

// Collaborator
//
//	PK PARTNER#p               SK COLLABORATOR#col
//	GSI1 COLLABORATORS#p       <name>#col    those who serve customers, by name
//	GSI2 USERS#p               <name>#col    those who have a role or a grant, by name
//	GSI5 when an invitation that nobody has answered expires
var _ = describe("collaborator", func(c collaborator.Collaborator) keys {
	k := keys{primary: Collaborator(c.PartnerID, c.ID).Key, due: c.DueAt()}
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
