// Package renewals looks after what falls due: for each message one item. Licences are renewed, ended, suspended or reminded of, and what has
// lapsed is said to have. It decides by the item as it is now, so that a message that comes twice, late or out of order does nothing twice.
package renewals

import (
	"context"
	"fmt"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/notice"
	"comptoir/shared/payment"
	"comptoir/shared/problem"
	"comptoir/shared/seat"
	"comptoir/shared/setting"
	"comptoir/shared/table"
)

// Desk does what is due, by the days of a time zone.
type Desk struct {
	Table *table.Table
	Zone  *time.Location
}

// Handler is the handler of a deployment. It stops a function whose settings don't name the time zone.
func Handler(t *table.Table) func(context.Context, table.Due) error {
	zone, err := setting.Zone()
	if err != nil {
		setting.Stop(err)
	}
	return Desk{t, zone}.Handle
}

// Handle looks after one item.
func (d Desk) Handle(ctx context.Context, due table.Due) error {
	switch due.Type {
	case table.TypeOf[licence.Licence]():
		return d.licence(ctx, due)
	case table.TypeOf[notice.Digest]():
		return d.digest(ctx, due)
	case table.TypeOf[collaborator.Collaborator]():
		return d.invitation(ctx, due)
	case table.TypeOf[consent.Consent]():
		return d.consent(ctx, due)
	case table.TypeOf[payment.Account]():
		return d.account(ctx, due)
	}
	return fmt.Errorf("renewals: nobody looks after a %q", due.Type)
}

// licence renews a licence, ends it, suspends it or reminds of it. Its version makes each happen once.
func (d Desk) licence(ctx context.Context, due table.Due) error {
	ref := table.Of[licence.Licence](due)
	return table.Work(ctx, d.Table, "renewLicence", append(table.HolderOf(due.Owner()), ref), func(tx *table.Tx) error {
		before, exists := ref.Find(tx)
		if !exists || before.DueAt.IsZero() || tx.Now.Before(before.DueAt) {
			return nil // done already, or no longer due
		}
		h, err := tx.Holder(due.Owner())
		if err != nil {
			return err
		}
		at := licence.At(tx.Now, d.Zone)
		after, out := before.FallDue(at)
		if after.End == before.End && len(after.Reasons) == len(before.Reasons) && !after.Over { // a reminder: what the customer holds is the same
			after = after.Await(d.Zone)
			tx.Keep(&h.Customer, &after, withUnused(out.Facts, before, h.Seats, at.Today))
			return nil
		}
		if err := followPlan(tx, &after); err != nil {
			return err
		}
		err = tx.Hold(&h, before, &after, out, at)
		if problem.Of(err) != nil && before.Scheduled != nil { // it brings what the customer may not have: the licence goes on as it is
			after, out = before.Unscheduled().FallDue(at)
			err = tx.Hold(&h, before, &after, out, at)
		}
		return err
	})
}

// followPlan reminds from now on when the plan says so today; what was agreed about prices stays.
func followPlan(tx *table.Tx, l *licence.Licence) error {
	ref := table.Plan(l.PlanCode)
	if err := tx.Load(ref.Lately()); err != nil {
		return err
	}
	if p, exists := ref.Find(tx); exists {
		l.Reminders = p.RemindsBefore()
	}
	return nil
}

// withUnused adds to what a reminder says how many seats of the licence's modules nobody has.
func withUnused(facts []event.Fact, l licence.Licence, pool seat.Pool, today calendar.Date) []event.Fact {
	unused := map[string]int{}
	for module := range l.Modules {
		r := pool.Gauges[module].On(today)
		unused[module] = max(0, r.Cap-r.Used)
	}
	for _, f := range facts {
		f.Data["unusedSeats"] = unused
	}
	return facts
}
