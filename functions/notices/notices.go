// Package notices tells people of facts: one message of the notice queue, one notification.
package notices

import (
	"context"

	"comptoir/shared/event"
	"comptoir/shared/notice"
	"comptoir/shared/table"
)

// Handler keeps the notification of an event, once however often the event comes.
func Handler(t *table.Table) func(context.Context, event.Event) error {
	return func(ctx context.Context, e event.Event) error {
		if !notice.Wanted(e) {
			return nil
		}
		ref, customer := table.Notification(e.PartnerID, e.ID), table.Customer(e.Subject)
		call := table.Call{Load: []table.Load{ref, customer}, Allow: func(*table.Tx) error { return nil }}
		_, _, err := table.Write(ctx, t, call, func(tx *table.Tx) (*struct{}, error) {
			if _, told := ref.Find(tx); told {
				return nil, nil
			}
			c, err := customer.Get(tx)
			if err != nil {
				return nil, err
			}
			n := notice.Of(e, c.Name)
			tx.Put(&n)
			return nil, nil
		})
		return err
	}
}
