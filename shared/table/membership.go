package table

import (
	"context"

	"comptoir/shared/membership"
)

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

// MembershipsOf reads them at once, for callers who don't say for which organisation they act.
func (t *Table) MembershipsOf(ctx context.Context, userID string) ([]membership.Membership, error) {
	tx, all := t.begin(ctx), Memberships(userID)
	if err := tx.Load(all); err != nil {
		return nil, err
	}
	rows, _ := all.Rows(tx)
	return rows, nil
}
