// Package notices tells organisations of facts: for each message, one notification to everyone concerned. Two
// functions do this, so that neither waits for the other: notices for the changes of subscriptions, overlimit for seats near the cap.
package notices

import (
	"context"

	"comptoir/shared/event"
	"comptoir/shared/notice"
	"comptoir/shared/table"
)

// Handler keeps the notifications of an event, once however often and in whatever order events come.
func Handler(t *table.Table) func(context.Context, event.Event) error {
	return func(ctx context.Context, e event.Event) error {
		told := notice.Told(e)
		if len(told) == 0 {
			return nil
		}
		customer := table.Customer(e.Subject)
		call := table.Call{Load: []table.Load{customer}, Allow: func(*table.Tx) error { return nil }}
		for _, organisation := range told {
			call.Load = append(call.Load, table.Notification(organisation, e.ID))
		}
		_, _, err := table.Write(ctx, t, call, func(tx *table.Tx) (*struct{}, error) {
			c, err := customer.Get(tx)
			if err != nil {
				return nil, err
			}
			for _, organisation := range told {
				if _, done := table.Notification(organisation, e.ID).Find(tx); !done {
					n := notice.Of(e, organisation, c.Name)
					tx.Put(&n)
				}
			}
			return nil, nil
		})
		return err
	}
}
