// Package notices tells people of facts: for each message one notification to every organisation concerned, and the mail that
// the fact asks for. Two functions do this, so that neither waits for the other: notices, and overlimit for seats near the cap.
package notices

import (
	"context"

	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/mail"
	"comptoir/shared/notice"
	"comptoir/shared/setting"
	"comptoir/shared/table"
)

// Handler keeps the notifications of an event, once however often and in whatever order events come.
func Handler(t *table.Table) func(context.Context, event.Event) error {
	return func(ctx context.Context, e event.Event) error { return notify(ctx, t, e) }
}

// Mailing is Handler for the function that also mails. It stops a function whose settings don't say how.
func Mailing(t *table.Table) func(context.Context, event.Event) error {
	post, err := mail.Open()
	if err != nil {
		setting.Stop(err)
	}
	reset, err := setting.Need(setting.PasswordResetURL)
	if err != nil {
		setting.Stop(err)
	}
	return Desk{Table: t, Post: post, ResetURL: reset}.Handle
}

// Handle keeps the notifications of an event, and mails what it asks for: to each address at least once, and once unless the function ends
// between a sending and its note (a few milliseconds), or the same message is handled twice at one time.
func (d Desk) Handle(ctx context.Context, e event.Event) error {
	if err := notify(ctx, d.Table, e); err != nil {
		return err
	}
	if !notice.Mailed(e) {
		return nil
	}
	return d.mail(ctx, e)
}

func notify(ctx context.Context, t *table.Table, e event.Event) error {
	told := notice.Told(e)
	if len(told) == 0 {
		return nil
	}
	call := table.Call{Allow: table.Unasked}
	ofCustomer := e.Subject != e.PartnerID
	if ofCustomer {
		call.Load = append(call.Load, table.Customer(e.Subject))
	}
	for _, organisation := range told {
		call.Load = append(call.Load, table.Notification(organisation, e.ID))
	}
	_, _, err := table.Write(ctx, t, call, func(tx *table.Tx) (*struct{}, error) {
		var name string
		if ofCustomer {
			c, err := table.Customer(e.Subject).Get(tx)
			if err != nil {
				return nil, err
			}
			name = c.Name
		}
		for _, organisation := range told {
			if _, done := table.Notification(organisation, e.ID).Find(tx); done {
				continue
			}
			n := notice.Of(e, organisation, name)
			tx.Put(&n)
			if n.Kind == licence.Reminded && organisation == e.PartnerID {
				if err := gather(tx, n); err != nil {
					return nil, err
				}
			}
		}
		return nil, nil
	})
	return err
}

// gather adds a reminder to the digest of its partner and day, in the transaction that notifies of it. It begins one where
// none takes any more; whoever loses that race finds the winner's.
func gather(tx *table.Tx, n notice.Notification) error {
	id := notice.DigestID{PartnerID: n.OrganisationID, Day: n.Reminder().DueOn(), Number: 1}
	for ; ; id.Number++ {
		if err := tx.Load(table.Digest(id)); err != nil {
			return err
		}
		d, begun := table.Digest(id).Find(tx)
		if !begun {
			d = id.Begin(tx.Now)
			tx.Put(&d)
		}
		if d.Open(tx.Now) {
			line := id.Line(n)
			tx.Put(&line)
			return nil
		}
	}
}
