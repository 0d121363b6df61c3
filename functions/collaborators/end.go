package collaborators

import (
	"context"

	"comptoir/shared/collaborator"
	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/table"
)

// EndRole takes a role from all of a partner's people who hold it by a right that the partner has lost. They can't use it since;
// this says so in their records, and to the customers.
func EndRole(ctx context.Context, t *table.Table, e event.Event, role membership.Role) error {
	for cursor := ""; ; {
		people := table.Collaborators(e.PartnerID, table.Page{Limit: 100, Cursor: cursor})
		var found []collaborator.Collaborator
		_, err := table.Read(ctx, t, table.Call{Load: []table.Load{people}, Allow: table.Unasked}, func(tx *table.Tx) (*struct{}, error) {
			found, cursor = people.Rows(tx)
			return nil, nil
		})
		if err != nil {
			return err
		}
		for _, c := range found {
			if _, holds := c.Serves[role]; !holds {
				continue
			}
			in := OnPerson{}
			in.PartnerID, in.CollaboratorID = c.PartnerID, c.ID
			call := table.Call{Load: []table.Load{in.ref(), table.Partner(c.PartnerID)}, Allow: table.Unasked}
			_, _, err := table.Write(ctx, t, call, func(tx *table.Tx) (*struct{}, error) {
				c, there := in.ref().Find(tx)
				p, _ := table.Partner(in.PartnerID).Find(tx)
				if _, holds := c.Serves[role]; !there || !holds || c.ServesAs(p, role) {
					return nil, nil
				}
				tx.Actor, tx.Organisation, tx.OrganisationName, tx.Operation = e.Actor, e.Organisation, p.Name, e.Operation
				_, err := in.change(tx, func(h *person) error {
					h.rest(role)
					return nil
				})
				return nil, err
			})
			if err != nil {
				return err
			}
		}
		if cursor == "" {
			return nil
		}
	}
}
