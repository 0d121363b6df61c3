package table

import (
	"cmp"
	"slices"

	"comptoir/shared/billing"
	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/partner"
	"comptoir/shared/payment"
	"comptoir/shared/statement"
)

// Closing of a partner's months
//
//	PK PARTNER#p   SK CLOSING    falls due when its next month is to be closed
var _ = describe("closing", func(c statement.Closing) keys {
	return keys{primary: ClosingOf(c.PartnerID).Key, due: c.DueAt}
})

// ClosingOf says which month of a partner is closed next.
func ClosingOf(partnerID string) Ref[statement.Closing] {
	return Ref[statement.Closing]{Key{partnerPartition(partnerID), "CLOSING"}}
}

// begin writes beside a new partner that its months are to be closed. Put does so: whoever makes a partner can't forget it.
func (tx *Tx) begin(p *partner.Partner) {
	c := statement.Begin(p.ID, tx.Now)
	tx.Put(&c)
}

// Head of a statement. It is never changed.
//
//	PK PARTNER#p   SK STATEMENT#<month>#<currency>
var _ = describe("statement", func(h statement.Head) keys {
	return keys{primary: Key{partnerPartition(h.PartnerID), "STATEMENT#" + h.Period.String() + "#" + h.Currency}}
})

// Statements are the heads of a partner's, latest first.
func Statements(partnerID string, p Page) List[statement.Head] {
	q := within(partnerPartition(partnerID), "STATEMENT#", p)
	q.backward = true
	return List[statement.Head]{q}
}

// StatementsOf are the heads of a partner's for one month, one for each currency.
func StatementsOf(partnerID string, m calendar.YearMonth) List[statement.Head] {
	q := within(partnerPartition(partnerID), "STATEMENT#"+m.String()+"#", Page{Limit: everything})
	q.whole = true
	return List[statement.Head]{q}
}

// Payout to a partner
//
//	PK PARTNER#p                    SK PAYOUT#<id>
//	GSI1 PAYOUTS#<currency>         <instant>#<id>    while it is in no batch
var _ = describe("payout", func(p commission.Payout) keys {
	k := keys{primary: PayoutOf(p.PartnerID, p.ID).Key}
	if p.BatchID == "" {
		k.index[0] = Key{"PAYOUTS#" + p.Net.Currency, p.ProposedAt.UTC().Format(dueTime) + "#" + p.ID}
	}
	return k
})

// PayoutOf is a payout to a partner.
func PayoutOf(partnerID, payoutID string) Ref[commission.Payout] {
	return Ref[commission.Payout]{Key{partnerPartition(partnerID), "PAYOUT#" + payoutID}}
}

// ProposedPayouts are those in a currency that are in no batch, oldest first. They are found by an index: one that was put into a batch
// a moment ago may still be among them.
func ProposedPayouts(currency string) List[commission.Payout] {
	q := within("PAYOUTS#"+currency, "", Page{Limit: everything})
	q.index, q.whole = 1, true
	return List[commission.Payout]{q}
}

// Batch of payouts
//
//	PK PUBLISHER   SK PAYOUTBATCH#<id>, which sorts by time
var _ = describe("payoutBatch", func(b commission.Batch) keys { return keys{primary: PayoutBatch(b.ID).Key} })

// PayoutBatch is a batch of payouts by its id.
func PayoutBatch(batchID string) Ref[commission.Batch] {
	return Ref[commission.Batch]{Key{publisherPartition, "PAYOUTBATCH#" + batchID}}
}

// PayoutBatches are the batches, latest first.
func PayoutBatches(p Page) List[commission.Batch] {
	q := within(publisherPartition, "PAYOUTBATCH#", p)
	q.backward = true
	return List[commission.Batch]{q}
}

// Calendar of payouts
//
//	PK PUBLISHER   SK PAYOUTS    falls due when payouts are gathered into batches
var _ = describe("payouts", func(c commission.Calendar) keys { return keys{primary: PayoutCalendar().Key, due: c.DueAt} })

// PayoutCalendar says when payouts are gathered next.
func PayoutCalendar() Ref[commission.Calendar] {
	return Ref[commission.Calendar]{Key{publisherPartition, "PAYOUTS"}}
}

// StatementCurrencies are those that a partner has statements in: that of its billing details, and those of its balances.
func (tx *Tx) StatementCurrencies(p partner.Partner) []string {
	all := tx.Balances(p.ID).Currencies()
	if own := tx.billing(p).Currency; !slices.Contains(all, own) {
		all = append(all, own)
	}
	return all
}

// billing are the billing details of a partner, as they were loaded; without any it goes by its name alone.
func (tx *Tx) billing(p partner.Partner) billing.Details {
	d, _ := BillingOf(p.ID).Find(tx)
	d.Owner = p.ID
	d.LegalName, d.Currency = cmp.Or(d.LegalName, p.Name), cmp.Or(d.Currency, billing.DefaultCurrency)
	return d
}

// StatementFrame is what a statement of a partner's month is made from beside its lines, from what was loaded: balances, billing details
// and the scheme.
func (tx *Tx) StatementFrame(p partner.Partner, currency string, m calendar.YearMonth) statement.Frame {
	b := tx.Balances(p.ID)
	scheme, _ := TheScheme().Find(tx)
	by, _ := BillingOf(billing.Publisher).Find(tx)
	return statement.Frame{
		PartnerID: p.ID, Period: m, Currency: currency, Publisher: by, Partner: tx.billing(p), Minimum: scheme.Minimum, At: tx.Now,
		Opening: b.Booked(currency, m.First().AddDays(-1)), Closing: b.Booked(currency, m.Last()),
		Pending: b.Pending(currency, m.Last()), Payable: b.Payable(currency, m.Last()),
	}
}

// StatementLines announces the lines of a statement.
func StatementLines(partnerID, currency string, m calendar.YearMonth) []Load {
	return []Load{Sales(partnerID, currency, m), WholeLedger(partnerID, currency, m)}
}

// LinesOfStatement are the lines of a statement, as they were loaded.
func (tx *Tx) LinesOfStatement(partnerID, currency string, m calendar.YearMonth) ([]payment.Charge, []commission.Line) {
	charges, _ := Sales(partnerID, currency, m).Rows(tx)
	lines, _ := WholeLedger(partnerID, currency, m).Rows(tx)
	return charges, lines
}

// GatherPayouts makes a batch of the oldest proposed payouts, if there are any, and tells how many are left. The index is not
// trusted: each is read again. It takes two round trips of its own.
func (tx *Tx) GatherPayouts(today calendar.Date) (b commission.Batch, left int, err error) {
	list := ProposedPayouts(commission.BatchCurrency)
	if err := tx.Load(list); err != nil {
		return b, 0, err
	}
	found, _ := list.Rows(tx)
	var proposed []commission.Payout
	for len(found) > 0 && len(proposed) < commission.MaxBatch {
		some := found[:min(len(found), commission.MaxBatch-len(proposed))]
		found = found[len(some):]
		var refs []Load
		for _, p := range some {
			refs = append(refs, PayoutOf(p.PartnerID, p.ID))
		}
		if err := tx.Load(refs...); err != nil {
			return b, 0, err
		}
		for _, p := range some {
			if p, exists := PayoutOf(p.PartnerID, p.ID).Find(tx); exists && p.BatchID == "" {
				proposed = append(proposed, p)
			}
		}
	}
	if len(proposed) == 0 {
		return b, 0, nil
	}
	b, with, fact := commission.Gather(tx.NewOrderedID("pba"), proposed, today)
	tx.Put(&b)
	for _, p := range with {
		tx.Put(&p)
	}
	tx.Record(&b, fact)
	return b, len(found), nil
}
