package table

import (
	"reflect"

	"comptoir/shared/calendar"
	"comptoir/shared/licence"
	"comptoir/shared/payment"
)

// Charge
//
//	PK CUSTOMER#c                        SK CHARGE#<id>, which sorts by time
//	GSI1 SALES#p#<currency>#<month>      <id>    of what a partner has sold
var _ = describe("charge", func(c payment.Charge) keys {
	k := keys{primary: Key{customerPartition(c.CustomerID), "CHARGE#" + c.ID}}
	if c.PartnerID != "" {
		k.index[0] = Key{salesPartition(c.PartnerID, c.Total.Currency, calendar.YearMonthOf(c.On)), c.ID}
	}
	return k
})

// ChargeFilter says which charges are meant; what is empty means all.
type ChargeFilter struct {
	PartnerID string // that has sold what was charged
	Payer     licence.Payer
}

// Charges are what a customer was charged, latest first.
func Charges(customerID string, f ChargeFilter, p Page) List[payment.Charge] {
	q := within(customerPartition(customerID), "CHARGE#", p)
	q.backward = true
	if f.PartnerID != "" {
		q.where[0] = condition{"partnerId", "=", f.PartnerID}
	}
	if f.Payer != "" {
		q.where[1] = condition{"payer", "=", string(f.Payer)}
	}
	return List[payment.Charge]{q}
}

// AllCharges are all that a customer was ever charged.
func AllCharges(customerID string) List[payment.Charge] {
	q := within(customerPartition(customerID), "CHARGE#", Page{Limit: everything})
	q.whole = true
	return List[payment.Charge]{q}
}

// Sales are the charges for what a partner has sold in a month, in the order of time.
func Sales(partnerID, currency string, m calendar.YearMonth) List[payment.Charge] {
	q := within(salesPartition(partnerID, currency, m), "", Page{Limit: everything})
	q.index, q.whole = 1, true
	return List[payment.Charge]{q}
}

// everything is more than there is of anything that is read whole.
const everything = 1_000_000

func salesPartition(partnerID, currency string, m calendar.YearMonth) string {
	return "SALES#" + partnerID + "#" + currency + "#" + m.String()
}

// Account of a customer
//
//	PK CUSTOMER#c   SK ACCOUNT    falls due when somebody has to look after what is open
var _ = describe("account", func(a payment.Account) keys {
	return keys{primary: AccountOf(a.CustomerID).Key, due: a.DueAt}
})

// AccountOf is the account of a customer; one that was never charged has none.
func AccountOf(customerID string) Ref[payment.Account] {
	return Ref[payment.Account]{Key{customerPartition(customerID), "ACCOUNT"}}
}

// DueAccount is the account of a customer as the scan tells of it.
func DueAccount(customerID string) Due {
	return Due{Type: TypeOf[payment.Account](), Key: AccountOf(customerID).Key}
}

// Account is the account of a customer, as it was loaded.
func (tx *Tx) Account(customerID string) payment.Account {
	a, _ := AccountOf(customerID).Find(tx)
	a.CustomerID = customerID
	return a
}

// Payment
//
//	PK PAYMENT#<id>        SK PAYMENT    the id follows from the provider's name for it
//	GSI1 PAYMENTS#c        <instant>#<id>
//	GSI2 RECEIVED#p#<month>   <id>    by the partner of record
var _ = describe("payment", func(p payment.Payment) keys {
	k := keys{primary: PaymentOf(p.ID).Key}
	k.index[0] = Key{paymentsPartition(p.CustomerID), p.At.UTC().Format(dueTime) + "#" + p.ID}
	if p.PartnerID != "" {
		k.index[1] = Key{receivedPartition(p.PartnerID, calendar.YearMonthOf(p.On)), p.ID}
	}
	return k
})

// PaymentOf is a payment by its id.
func PaymentOf(paymentID string) Ref[payment.Payment] {
	return Ref[payment.Payment]{Key{"PAYMENT#" + paymentID, "PAYMENT"}}
}

// Payments are those of a customer, latest first.
func Payments(customerID string, p Page) List[payment.Payment] {
	q := within(paymentsPartition(customerID), "", p)
	q.index, q.backward = 1, true
	return List[payment.Payment]{q}
}

// AllPayments are all that were ever recorded for a customer.
func AllPayments(customerID string) List[payment.Payment] {
	q := within(paymentsPartition(customerID), "", Page{Limit: everything})
	q.index, q.whole = 1, true
	return List[payment.Payment]{q}
}

// Received are the payments of a month of a partner's customers.
func Received(partnerID string, m calendar.YearMonth) List[payment.Payment] {
	q := within(receivedPartition(partnerID, m), "", Page{Limit: everything})
	q.index, q.whole = 2, true
	return List[payment.Payment]{q}
}

func receivedPartition(partnerID string, m calendar.YearMonth) string {
	return "RECEIVED#" + partnerID + "#" + m.String()
}

func paymentsPartition(customerID string) string { return "PAYMENTS#" + customerID }

// bill charges what an operation on a licence costs, or brings back, to the holder's account, and says so in its facts.
func (tx *Tx) bill(h *Holder, l licence.Licence, out licence.Outcome, at licence.Moment) {
	if c, is := payment.For(l, out, at); is {
		h.Account.CustomerID = l.CustomerID
		c = tx.Charge(c, h.Customer.Name)
		h.Account = h.Account.Charge(c)
		for _, f := range out.Facts {
			f.Data["chargeId"] = c.ID
		}
	}
	tx.Owe(&h.Account, at)
}

// Charge writes a charge of a customer of a name, and gives it its id.
func (tx *Tx) Charge(c payment.Charge, name string) payment.Charge {
	c.ID, c.CustomerName, c.Operation = tx.NewOrderedID("chg"), name, tx.Operation
	tx.Put(&c)
	return c
}

// Owe writes an account, given by pointer, if it is not as it was loaded.
func (tx *Tx) Owe(a *payment.Account, at licence.Moment) {
	*a = a.Await(at)
	read := payment.Account{CustomerID: a.CustomerID}
	if ref := AccountOf(a.CustomerID); tx.items[ref.Key] != nil {
		read, _ = ref.Find(tx)
	}
	if !reflect.DeepEqual(*a, read) {
		tx.Put(a)
	}
}
