package renewals

import (
	"context"

	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/notice"
	"comptoir/shared/table"
)

// digest sends a partner's reminders on their way, which were gathered.
func (d Desk) digest(ctx context.Context, due table.Due) error {
	ref, of := table.Of[notice.Digest](due), table.Partner(due.Owner())
	return d.work(ctx, "gatherReminders", []table.Load{ref, of}, func(tx *table.Tx) error {
		before, _ := ref.Find(tx)
		after, facts := before.Close(tx.Now)
		if len(facts) == 0 {
			return nil // on its way already, or not yet due
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

// invitation says that an invitation has expired which nobody has answered.
func (d Desk) invitation(ctx context.Context, due table.Due) error {
	ref, of := table.Of[collaborator.Collaborator](due), table.Partner(due.Owner())
	return d.work(ctx, "lapseInvitation", []table.Load{ref, of}, func(tx *table.Tx) error {
		before, _ := ref.Find(tx)
		after, facts := before.Lapse(tx.Now)
		if len(facts) == 0 {
			return nil // said already, answered, or removed
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
	return d.work(ctx, "lapseConsent", []table.Load{ref, of}, func(tx *table.Tx) error {
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
