package table

import (
	"fmt"
	"slices"
	"strings"

	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/money"
)

// Scheme of commissions
//
//	PK PUBLISHER   SK SCHEME          as it is
//	PK PUBLISHER   SK SCHEME#<n>      each of its versions, for good
var (
	_ = describe("scheme", func(commission.Scheme) keys { return keys{primary: TheScheme().Key} })
	_ = describe("edition", func(e commission.Edition) keys { return keys{primary: Edition(e.Scheme.Version).Key} })
)

// TheScheme is the scheme by which commissions are earned.
func TheScheme() Ref[commission.Scheme] {
	return Ref[commission.Scheme]{Key{publisherPartition, "SCHEME"}}
}

// Edition is the scheme as it was at one of its versions.
func Edition(version int64) Ref[commission.Edition] {
	return Ref[commission.Edition]{Key{publisherPartition, fmt.Sprintf("SCHEME#%06d", version)}}
}

// PutScheme writes the scheme, and what it says now for good.
func (tx *Tx) PutScheme(s *commission.Scheme) {
	tx.Put(s)
	tx.Put(&commission.Edition{Scheme: *s})
}

// Line of a partner's commission ledger
//
//	PK LEDGER#p#<currency>#<month>   SK <id>, which sorts by time
var _ = describe("ledger", func(l commission.Line) keys {
	return keys{primary: Key{ledgerPartition(l.PartnerID, l.Amount.Currency, calendar.YearMonthOf(l.On)), l.ID}}
})

func ledgerPartition(partnerID, currency string, m calendar.YearMonth) string {
	return "LEDGER#" + partnerID + "#" + currency + "#" + m.String()
}

// Ledger are the lines of a partner's commission ledger in a month, in the order of time; those of a customer, if one is given.
func Ledger(partnerID, currency string, m calendar.YearMonth, customerID string, p Page) List[commission.Line] {
	q := within(ledgerPartition(partnerID, currency, m), "", p)
	if customerID != "" {
		q.where[0] = condition{"customerId", "=", customerID}
	}
	return List[commission.Line]{q}
}

// WholeLedger are all lines of a partner's commission ledger in a month.
func WholeLedger(partnerID, currency string, m calendar.YearMonth) List[commission.Line] {
	l := Ledger(partnerID, currency, m, "", Page{Limit: everything})
	l.query.whole = true
	return l
}

// Book writes a line of a partner's commission ledger, today, and counts it in the balances.
func (tx *Tx) Book(l commission.Line, today calendar.Date) commission.Line {
	l.ID, l.At, l.On = tx.NewOrderedID("com"), tx.Now, today
	if l.DueOn.IsZero() {
		l.DueOn = today
	}
	tx.Put(&l)
	booked, due := byBooking, byDue
	if l.Kind == commission.PaidOut || l.Kind == commission.Returned {
		due = byPayout
	}
	tx.balance(l, booked, l.On)
	tx.balance(l, due, l.DueOn)
	return l
}

// Balances of a partner: for each day, what was booked (b), what becomes due (d) and what was paid out (p), in minor units.
//
//	PK PARTNER#p#BALANCE   SK <currency>#<yyyy-mm>#<shard>   attributes b01 to b31, d01 to d31, p01 to p31
const (
	byBooking = "b"
	byDue     = "d"
	byPayout  = "p"
)

func (tx *Tx) balance(l commission.Line, what string, day calendar.Date) {
	key, attribute := daily(balancePartition(l.PartnerID), l.Amount.Currency+"#", l.CustomerID, what, day)
	tx.add(key, attribute, l.Amount.Amount)
}

func balancePartition(partnerID string) string { return partnerPartition(partnerID) + "#BALANCE" }

// Balances are what a partner's ledger comes to, in all currencies.
type Balances struct{ rows []map[string]any }

// BalancesOf announces the balances of a partner.
func BalancesOf(partnerID string) List[map[string]any] {
	q := within(balancePartition(partnerID), "", Page{Limit: everything})
	q.whole = true
	return List[map[string]any]{q}
}

// Balances are those of a partner, as they were loaded.
func (tx *Tx) Balances(partnerID string) Balances {
	rows, _ := BalancesOf(partnerID).Rows(tx)
	return Balances{rows}
}

// Booked is the balance at the end of a day: what the publisher owes the partner, negative if the partner owes.
func (b Balances) Booked(currency string, day calendar.Date) money.Money {
	return b.sum(currency, byBooking, day.String())
}

// Payable is what can be paid out of what has become due by the end of a day: less all that was paid out, whenever that was.
func (b Balances) Payable(currency string, day calendar.Date) money.Money {
	return b.sum(currency, byDue, day.String()).Add(b.sum(currency, byPayout, endless))
}

// Pending is what was booked by the end of a day and becomes due later.
func (b Balances) Pending(currency string, day calendar.Date) money.Money {
	paidOut := b.sum(currency, byPayout, day.String())
	return b.Booked(currency, day).Sub(b.sum(currency, byDue, day.String())).Sub(paidOut)
}

// Currencies are those of the balances, in order.
func (b Balances) Currencies() []string {
	var all []string
	for _, it := range b.rows {
		sk, _ := it[SortKey].(string)
		if currency, _, _ := strings.Cut(sk, "#"); !slices.Contains(all, currency) {
			all = append(all, currency)
		}
	}
	return all
}

const endless = "9999-12-31"

// sum adds up the days of a kind until the end of a day.
func (b Balances) sum(currency, what, until string) money.Money {
	sum := 0.0
	for _, it := range b.rows {
		if sk, _ := it[SortKey].(string); strings.HasPrefix(sk, currency+"#") {
			sum += sumDays(it, strings.TrimPrefix(sk, currency+"#"), what, until)
		}
	}
	return money.Money{Amount: int64(sum), Currency: currency}
}
