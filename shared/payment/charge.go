// Package payment holds what customers and partners owe the publisher and what they pay (B8): charges, which come from operations on
// licences; the account of a customer, which knows what is open; and payments, refunds and failures, as the publisher's payment provider
// reports them. Charges are before tax; the tax of a payment is what its report says.
package payment

import (
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/licence"
	"comptoir/shared/money"
)

// When a charge is to be paid, and what happens to a licence for which nobody pays.
const (
	DueDays   = 30 // after it was made
	GraceDays = 15 // after that the licence is suspended
)

// Charge is what one operation on a licence costs, or brings back: the net of its lines. It is never changed.
type Charge struct {
	ID           string         `json:"id"` // sorts by time
	CustomerID   string         `json:"customerId"`
	CustomerName string         `json:"customerName"`
	PartnerID    string         `json:"partnerId,omitempty"` // of record, when it was made
	LicenceID    string         `json:"licenceId"`
	PlanCode     string         `json:"planCode"`
	Payer        licence.Payer  `json:"payer"`
	Operation    string         `json:"operation"` // that made it
	Lines        []licence.Line `json:"lines"`     // none for what was refunded beyond all credit
	Total        money.Money    `json:"total"`     // the sum of the lines, before tax; negative for a credit
	At           time.Time      `json:"at"`
	On           calendar.Date  `json:"on"` // the publisher's day
	DueOn        calendar.Date  `json:"dueOn"`
}

// For is the charge for an operation on a licence, and whether there is one: what costs nothing and brings nothing back makes none, nor do the
// licences of a partner's own companies (A4, A5).
func For(l licence.Licence, out licence.Outcome, at licence.Moment) (Charge, bool) {
	return Charge{
		CustomerID: l.CustomerID, PartnerID: l.PartnerID, LicenceID: l.ID, PlanCode: l.PlanCode, Payer: l.Payer(),
		Lines: out.Lines, Total: out.Total, At: at.Now, On: at.Today, DueOn: at.Today.AddDays(DueDays),
	}, len(out.Lines) > 0 && !l.Permanent()
}
