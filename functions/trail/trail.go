// Package trail tells customers, each in its own activity, what their partner did for many of them at once: who was let in and
// who was taken out, that they are asked for consent, and that their licences were reminded of. It also cleans up when a partner loses a right.
package trail

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"comptoir/functions/collaborators"
	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/event"
	"comptoir/shared/id"
	"comptoir/shared/membership"
	"comptoir/shared/notice"
	"comptoir/shared/partner"
	"comptoir/shared/table"
)

// atOnce is how many customers are told side by side.
const atOnce = 8

// Handler follows an event of a partner, with the same result however often it comes.
func Handler(t *table.Table) func(context.Context, event.Event) error {
	return func(ctx context.Context, e event.Event) error {
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(atOnce)
		each := func(name string, do func(customerID string) error) {
			for _, id := range texts(e.Data[name]) {
				group.Go(func() error { return do(id) })
			}
		}
		switch e.Kind {
		case collaborator.CustomersSet:
			each("added", func(id string) error { return access(ctx, t, e, id, notice.AccessGiven) })
			each("removed", func(id string) error { return access(ctx, t, e, id, notice.AccessEnded) })
		case consent.Campaign:
			each("customers", func(id string) error { return ask(ctx, t, e, id) })
		case partner.RightEnded:
			return collaborators.EndRole(ctx, t, e, membership.Role(e.Text("role")))
		case notice.RemindersMailed:
			return prove(ctx, t, e)
		}
		return group.Wait()
	}
}

func texts(list any) []string {
	var all []string
	values, _ := list.([]any) // as it comes from JSON
	for _, v := range values {
		all = append(all, fmt.Sprint(v))
	}
	return all
}

// access tells one customer who works on it from now on, or no more.
func access(ctx context.Context, t *table.Table, e event.Event, customerID, kind string) error {
	data := map[string]any{}
	for _, name := range []string{"collaboratorId", "userId", "name", "role"} {
		data[name] = e.Data[name]
	}
	return tell(ctx, t, e, customerID, customerID+kind, event.New(kind, data))
}

// linesAtOnce is how many lines of a digest are read together.
const linesAtOnce = 100

// prove keeps for each licence of a digest, with its customer, that it was reminded of, to how many people and when (F3).
func prove(ctx context.Context, t *table.Table, e event.Event) error {
	mailing := notice.MailingOf(e)
	for page := (table.Page{Limit: linesAtOnce}); ; {
		list := table.Lines(notice.DigestOf(e), page)
		lines, err := table.Read(ctx, t, table.Call{Load: []table.Load{list}, Allow: table.Unasked}, func(tx *table.Tx) (*[]notice.Line, error) {
			rows, next := list.Rows(tx)
			page.Cursor = next
			return &rows, nil
		})
		if err != nil {
			return err
		}
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(atOnce)
		for _, l := range *lines {
			group.Go(func() error { return tell(ctx, t, e, l.CustomerID, l.EventID, l.Sent("partner", mailing)) })
		}
		if err := group.Wait(); err != nil || page.Cursor == "" {
			return err
		}
	}
}

// tell keeps what an event means for one customer, among the customer's own events, once under a name.
func tell(ctx context.Context, t *table.Table, e event.Event, customerID, name string, fact event.Fact) error {
	copied := id.Copied(e.ID, name)
	ref, partner := table.Customer(customerID), table.Partner(e.PartnerID)
	call := table.Call{Load: []table.Load{ref, partner, table.EventOf(customerID, copied)}, Allow: table.Unasked}
	_, _, err := table.Write(ctx, t, call, func(tx *table.Tx) (*struct{}, error) {
		c, exists := ref.Find(tx)
		p, _ := partner.Find(tx)
		if _, done := table.EventOf(customerID, copied).Find(tx); done || !exists || c.PartnerID != e.PartnerID { // no more its customer
			return nil, nil
		}
		own := e // the same actor, at the same time, about the customer
		own.Fact, own.ID, own.Subject, own.OnBehalfOf = fact, copied, c.ID, c.ID
		own.Version, own.Livemode = c.Version, c.Livemode
		if e.Organisation != "" {
			own.Names = &event.Names{Organisation: p.Name, OnBehalfOf: c.Name}
		}
		tx.Copy(own)
		return nil, nil
	})
	return err
}

// ask asks one customer of a campaign for its consent.
func ask(ctx context.Context, t *table.Table, e event.Event, customerID string) error {
	c, p, given := table.Customer(customerID), table.Partner(e.PartnerID), table.Consent(customerID, e.PartnerID)
	call := table.Call{Load: []table.Load{c, p, given}, Allow: table.Unasked}
	_, _, err := table.Write(ctx, t, call, func(tx *table.Tx) (*struct{}, error) {
		of, exists := c.Find(tx)
		by, _ := p.Find(tx)
		term, err := by.Right(membership.Support)
		if !exists || of.PartnerID != by.ID || err != nil { // no more
			return nil, nil
		}
		before, _ := given.Find(tx)
		before.CustomerID, before.CustomerName, before.PartnerID, before.PartnerName = of.ID, of.Name, by.ID, by.Name
		if !before.AnsweredAt.Before(e.At) || !before.RequestedAt.Before(e.At) { // answered, or asked again, since
			return nil, nil
		}
		tx.Actor, tx.Organisation, tx.OrganisationName, tx.Operation = e.Actor, e.Organisation, by.Name, e.Operation
		if after, facts := before.Ask(e.Actor.Name, term, e.At); len(facts) > 0 {
			tx.Put(&after)
			tx.Record(&of, facts...)
		}
		return nil, nil
	})
	return err
}
