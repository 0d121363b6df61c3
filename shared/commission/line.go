// Package commission holds what partners earn on what is collected (B9, F2, rule "Commission"): schemes of rates, and an append-only
// ledger whose every line explains itself.
package commission

import (
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/money"
)

// Kind is what a line of the ledger stands for.
type Kind string

// What a line of the ledger stands for.
const (
	Collected Kind = "collected" // a payment
	Refunded  Kind = "refunded"
	Failed    Kind = "failed"   // a payment that was collected and then called back
	PaidOut   Kind = "payout"   // to the partner
	Returned  Kind = "returned" // a payout that came back
)

// Line is a line of a partner's commission ledger. It is never changed. Amounts are before tax.
type Line struct {
	ID           string        `json:"id"` // sorts by time
	PartnerID    string        `json:"partnerId"`
	Kind         Kind          `json:"kind"`
	On           calendar.Date `json:"on"` // the publisher's day on which it was booked
	At           time.Time     `json:"at"`
	CustomerID   string        `json:"customerId,omitempty"`
	CustomerName string        `json:"customerName,omitempty"`
	PaymentID    string        `json:"paymentId,omitempty"`
	RefundID     string        `json:"refundId,omitempty"`
	PayoutID     string        `json:"payoutId,omitempty"`
	Base         money.Money   `json:"base"`   // that was collected, or went back: negative then; zero for payouts
	Amount       money.Money   `json:"amount"` // the sum of the parts; of payouts, what was paid, negative
	Parts        []Part        `json:"parts,omitempty"`
	DueOn        calendar.Date `json:"dueOn"` // when its hold period is over
}

// Part is what was earned on a part of a payment under one rule (F2). The commission is base × rate ÷ 10,000, rounded half away from
// zero; Rounding is what the rounding added, in ten-thousandths of a minor unit. What is taken back is the share of what was earned: see Take.
type Part struct {
	PlanCode string      `json:"planCode,omitempty"` // none of what was paid beyond the charges
	Base     money.Money `json:"base"`
	Rule     string      `json:"rule"`    // deal, plan, tier or default
	Of       string      `json:"of"`      // which: the deal's name, the plan's code, the tier's name
	Version  int64       `json:"version"` // of the scheme
	Rate     int         `json:"rate"`    // basis points
	Amount   money.Money `json:"amount"`
	Rounding int64       `json:"rounding"`
}
