// Package closings makes the statements of months that are over, and gathers the payouts that follow into batches. For each message it
// looks after one partner, or after the publisher's calendar of payouts. It decides by what lies there now, so that a message that comes
// twice, late or out of order does nothing twice.
package closings

import (
	"context"
	"fmt"
	"time"

	"comptoir/shared/billing"
	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/setting"
	"comptoir/shared/statement"
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
	case table.TypeOf[statement.Closing]():
		return table.WorkOff(ctx, d.Table, "closeMonth", load(due.Owner()), func(tx *table.Tx) (bool, error) { return d.close(tx, due.Owner()) })
	case table.TypeOf[commission.Calendar]():
		return table.WorkOff(ctx, d.Table, "makePayoutBatch", []table.Load{table.PayoutCalendar()}, d.gather)
	}
	return fmt.Errorf("closings: nobody looks after a %q", due.Type)
}

// load is what a closing takes beside the balances and the lines of its month.
func load(partnerID string) []table.Load {
	return []table.Load{
		table.ClosingOf(partnerID), table.Partner(partnerID), table.BillingOf(partnerID), table.BillingOf(billing.Publisher),
		table.TheScheme(), table.PayoutCalendar(),
	}
}

// close closes the partner's next month, if it is over, and tells whether it did. The version of the closing makes each be closed once;
// months that were missed are closed one after another, and what one pays the next knows of.
func (d Desk) close(tx *table.Tx, partnerID string) (bool, error) {
	c, exists := table.ClosingOf(partnerID).Find(tx)
	if !exists {
		return false, nil
	}
	if due := c.Await(d.Zone); tx.Now.Before(due.DueAt) {
		if !due.DueAt.Equal(c.DueAt) { // it was written by who knows no zone
			tx.Put(&due)
		}
		return false, nil
	}
	p, err := table.Partner(partnerID).Get(tx)
	if err != nil {
		return false, err
	}
	if err := tx.Load(table.BalancesOf(p.ID)); err != nil { // after the closing: they know what the month before has paid
		return false, err
	}
	var lines []table.Load
	currencies := tx.StatementCurrencies(p)
	for _, currency := range currencies {
		lines = append(lines, table.StatementLines(p.ID, currency, c.Next)...)
	}
	if err := tx.Load(lines...); err != nil {
		return false, err
	}
	today := calendar.On(tx.Now, d.Zone)
	for _, currency := range currencies {
		f := tx.StatementFrame(p, currency, c.Next)
		s, err := f.Make(tx.LinesOfStatement(p.ID, currency, c.Next))
		if err != nil {
			return false, err
		}
		c.Number(&s.Head)
		tx.Put(&s.Head)
		tx.Record(&p, s.Fact())
		if pay, is := f.Pays(s.Head); is {
			tx.Put(&pay)
			tx.Book(pay.Line(), today)
			tx.Record(&p, pay.Fact())
		}
	}
	c = c.Close(d.Zone)
	tx.Put(&c)
	if _, exists := table.PayoutCalendar().Find(tx); !exists {
		first := commission.NewCalendar(today.AddDays(-1), d.Zone) // of today, if it is the day
		tx.Put(&first)
	}
	return true, nil
}

// gather puts proposed payouts into batches, if it is the day, and tells whether there may be more. The calendar moves on with the last.
func (d Desk) gather(tx *table.Tx) (bool, error) {
	c, exists := table.PayoutCalendar().Find(tx)
	if !exists || tx.Now.Before(c.DueAt) {
		return false, nil
	}
	today := calendar.On(tx.Now, d.Zone)
	_, left, err := tx.GatherPayouts(today)
	if err != nil {
		return false, err
	}
	if left == 0 {
		c = c.Move(today, d.Zone)
		tx.Put(&c)
	}
	return left > 0, nil
}
