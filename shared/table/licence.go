package table

import (
	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/payment"
	"comptoir/shared/seat"
)

// Licence
//
//	PK CUSTOMER#c          SK LICENCE#l
//	GSI2 RENEWALS#p        <renewal date>#c#l    of a partner, until it is over; after them customers without
//	GSI5 when it next falls due
var _ = describe("licence", func(l licence.Licence) keys {
	k := keys{primary: Licence(l.CustomerID, l.ID).Key, due: l.DueAt}
	if l.PartnerID != "" && !l.Over && !l.End.IsZero() {
		k.index[1] = Key{renewalsPartition(l.PartnerID), l.End.String() + "#" + l.CustomerID + "#" + l.ID}
	}
	return k
})

// Renewals are a partner's licences whose term ends on one of some days, both inclusive, by day.
func Renewals(partnerID string, from, to calendar.Date, p Page) List[licence.Licence] {
	q := within(renewalsPartition(partnerID), "", p)
	q.index, q.from, q.to = 2, from.String(), to.String()+"#"+last
	return List[licence.Licence]{q}
}

// Holder is a customer with all that follows its licences: its row, its seats and its account.
type Holder struct {
	Customer customer.Customer
	Seats    seat.Pool
	Account  payment.Account
}

// HolderOf announces a customer with all that follows its licences.
func HolderOf(customerID string) []Load {
	return []Load{Customer(customerID), SeatsOf(customerID), AccountOf(customerID)}
}

// Holder is a customer with all that follows its licences, as it was loaded. Errors: problem.NotFound.
func (tx *Tx) Holder(customerID string) (Holder, error) {
	c, err := Customer(customerID).Get(tx)
	if err != nil {
		return Holder{}, err
	}
	return Holder{c, SeatsOf(customerID).Pool(tx), tx.Account(customerID)}, nil
}

// Hold writes a licence that was decided about, with all that follows from it: the customer's row, the ledger of licences in force and what
// it costs unless it is a sandbox's (A5), the gauges, how the modules stand, and the facts. The holder comes back as it is then. Errors:
// problem limit_reached.
func (tx *Tx) Hold(h *Holder, before licence.Licence, after *licence.Licence, out licence.Outcome, at licence.Moment) error {
	*after = after.Await(at.Zone)
	c := &h.Customer
	read := *c
	holds := c.Hold(*after, at.Today)
	seats, told, err := h.Seats.Follow(holds, at.Today)
	if err != nil {
		return err
	}
	*c, h.Seats = holds, seats
	if c.Livemode {
		tx.recount(before, *after)
		tx.bill(h, *after, out, at)
	}
	if read.Version > 0 && !tx.draft && c.Like(read) {
		*c = read
	} else {
		tx.Put(c)
		tx.restsOn(Customer(c.ID).Key) // if it is refused after all
	}
	tx.Settle(c.ID, seats, at.Today)
	if read.Version > 0 { // the parts of a new customer are in the pool
		tx.stand(read, *c)
	}
	tx.Keep(c, after, out.Facts)
	tx.Record(c, told...)
	return nil
}

// Keep writes a licence of which nothing changes that the customer's row tells of, and its facts. They say which version of the licence they made:
// the row, whose version orders the customer's facts, may stay as it is.
func (tx *Tx) Keep(c *customer.Customer, l *licence.Licence, facts []event.Fact) {
	tx.Put(l)
	for _, f := range facts {
		f.Data["licenceVersion"] = l.Version
	}
	tx.Record(c, facts...)
}

// Licence is a customer's licence.
func Licence(customerID, licenceID string) Ref[licence.Licence] {
	return Ref[licence.Licence]{Key{customerPartition(customerID), "LICENCE#" + licenceID}}
}

// Licences are a customer's licences, ended ones too.
func Licences(customerID string, p Page) List[licence.Licence] {
	return List[licence.Licence]{within(customerPartition(customerID), "LICENCE#", p)}
}

// Preview
//
//	PK CUSTOMER#c   SK PREVIEW#id   expires when it can no longer be committed
var _ = describe("preview", func(p licence.Preview) keys {
	return keys{primary: Preview(p.CustomerID, p.ID).Key, until: p.ValidUntil}
})

// Preview is a preview of a customer's licence.
func Preview(customerID, previewID string) Ref[licence.Preview] {
	return Ref[licence.Preview]{Key{customerPartition(customerID), "PREVIEW#" + previewID}}
}
