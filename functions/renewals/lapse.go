package renewals

import (
	"context"
	"time"

	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/event"
	"comptoir/shared/notice"
	"comptoir/shared/table"
)

// digest sends a partner's reminders on their way, which were gathered, unless they are on it already or it is too early.
func (d Desk) digest(ctx context.Context, due table.Due) error {
	return ofPartner(ctx, d, due, "gatherReminders", notice.Digest.Close)
}

// invitation says that an invitation has expired which nobody has answered, unless that was said, or it was answered or removed.
func (d Desk) invitation(ctx context.Context, due table.Due) error {
	return ofPartner(ctx, d, due, "lapseInvitation", collaborator.Collaborator.Lapse)
}

// ofPartner has a rule look at something of a partner's. Where there is nothing to say, nothing is done.
func ofPartner[T any](ctx context.Context, d Desk, due table.Due, operation string, rule func(T, time.Time) (T, []event.Fact)) error {
	ref, of := table.Of[T](due), table.Partner(due.Owner())
	return table.Work(ctx, d.Table, operation, []table.Load{ref, of}, func(tx *table.Tx) error {
		before, _ := ref.Find(tx)
		after, facts := rule(before, tx.Now)
		if len(facts) == 0 {
			return nil
		}
		p, err := of.Get(tx)
		if err != nil {
			return err
		}
		tx.Put(&after)
		tx.Record(&p, facts...)
		return nil
	})
}

// consent says that a consent is over whose end has come. Of one to a partner that isn't the customer's any more, nobody has to hear.
func (d Desk) consent(ctx context.Context, due table.Due) error {
	ref, of := table.Of[consent.Consent](due), table.Customer(due.Owner())
	return table.Work(ctx, d.Table, "lapseConsent", []table.Load{ref, of}, func(tx *table.Tx) error {
		before, _ := ref.Find(tx)
		to := table.Partner(before.PartnerID)
		if before.DueAt().IsZero() {
			return nil // said already, or withdrawn
		}
		if err := tx.Load(to); err != nil {
			return err
		}
		p, _ := to.Find(tx)
		after, facts, isDue := before.Lapse(p.SupportTerm(), tx.Now)
		if !isDue {
			return nil // given for longer
		}
		c, err := of.Get(tx)
		if err != nil {
			return err
		}
		tx.Put(&after)
		if c.PartnerID == p.ID {
			tx.Record(&c, facts...)
		}
		return nil
	})
}
