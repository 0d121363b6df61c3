package renewals

import (
	"context"

	"comptoir/shared/licence"
	"comptoir/shared/payment"
	"comptoir/shared/table"
)

// account looks after what a customer leaves open: tells of what is overdue, suspends the licences that nobody pays for, and resumes those
// that are paid. It does one after another, each in a transaction of its own, until nothing is left to be done now.
func (d Desk) account(ctx context.Context, due table.Due) error {
	return table.WorkOff(ctx, d.Table, "collectCharges", table.HolderOf(due.Owner()), func(tx *table.Tx) (bool, error) {
		return d.collect(tx, due.Owner())
	})
}

// collect does what is to be done next, and tells whether there was something.
func (d Desk) collect(tx *table.Tx, customerID string) (bool, error) {
	at := licence.At(tx.Now, d.Zone)
	step, licenceID := tx.Account(customerID).Next(at.Today)
	if step == "" {
		return false, nil
	}
	h, err := tx.Holder(customerID)
	if err != nil {
		return false, err
	}
	if step == payment.Tell {
		told, facts := h.Account.Told(at.Today)
		tx.Owe(&told, at)
		tx.Record(&h.Customer, facts...)
		return true, nil
	}
	ref := table.Licence(customerID, licenceID)
	if err := tx.Load(ref); err != nil {
		return false, err
	}
	l, _ := ref.Find(tx)
	after, out, refused := l.Suspend(licence.Unpaid, licence.PublisherSide, "", at)
	if step == payment.Resume {
		after, out, refused = l.Resume(licence.Unpaid, licence.PublisherSide, "", at)
		h.Account = h.Account.Resuming(licenceID)
	} else {
		h.Account = h.Account.Pausing(licenceID, refused == nil, at.Today)
	}
	if refused != nil { // it has ended, or somebody was quicker
		tx.Owe(&h.Account, at)
		return true, nil
	}
	return true, tx.Hold(&h, l, &after, out, at)
}
