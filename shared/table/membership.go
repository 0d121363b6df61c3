package table

import "comptoir/shared/membership"

// Membership
//
//	PK USER#u   SK ORG#o
var _ = describe("membership", func(m membership.Membership) keys {
	return keys{primary: Membership(m.UserID, m.OrganisationID).Key}
})

// Membership is a user's place in an organisation.
func Membership(userID, organisationID string) Ref[membership.Membership] {
	return Ref[membership.Membership]{Key{"USER#" + userID, "ORG#" + organisationID}}
}

// Memberships are all organisations of a user, up to a hundred.
func Memberships(userID string) List[membership.Membership] {
	return List[membership.Membership]{within("USER#"+userID, "ORG#", Page{Limit: 100})}
}
