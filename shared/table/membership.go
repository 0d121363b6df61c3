package table

import (
	"context"

	"comptoir/shared/customer"
	"comptoir/shared/membership"
)

// Membership
//
//	PK USER#u           SK ORG#o
//	GSI1 MEMBERS#o      <name>#u    of an organisation, by name
var _ = describe("membership", func(m membership.Membership) keys {
	k := keys{primary: Membership(m.UserID, m.OrganisationID).Key}
	k.index[0] = Key{"MEMBERS#" + m.OrganisationID, cut(customer.SortName(m.Name)) + "#" + m.UserID}
	return k
})

// Members are an organisation's people, by name.
func Members(organisationID string, p Page) List[membership.Membership] {
	q := within("MEMBERS#"+organisationID, "", p)
	q.index = 1
	return List[membership.Membership]{q}
}

// Membership is a user's place in an organisation.
func Membership(userID, organisationID string) Ref[membership.Membership] {
	return Ref[membership.Membership]{Key{userPartition(userID), "ORG#" + organisationID}}
}

// Memberships are all organisations of a user, up to a hundred.
func Memberships(userID string) List[membership.Membership] {
	return List[membership.Membership]{within(userPartition(userID), "ORG#", Page{Limit: 100})}
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
