// Package statement holds the periodic report of what a partner has sold, what was collected for it, what commission that earned
// and what was paid out (B9, B15, F6). A statement is a value; how it becomes a document is left to its renderings beside it.
package statement

import (
	"time"

	"comptoir/shared/billing"
	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/stamp"
)

// Head is a statement without its lines: what is kept of it for good. All amounts have its currency.
type Head struct {
	stamp.Stamp
	PartnerID   string             `json:"partnerId"`
	Period      calendar.YearMonth `json:"period"`
	Currency    string             `json:"currency"`
	Number      string             `json:"number,omitempty"` // none while it is provisional
	MadeAt      time.Time          `json:"madeAt"`
	Publisher   billing.Details    `json:"publisher"` // as they were when it was made; without IBANs
	Partner     billing.Details    `json:"partner"`
	Opening     money.Money        `json:"opening"`     // what the publisher owed the partner before the period, before tax
	Commissions money.Money        `json:"commissions"` // earned in the period
	Clawbacks   money.Money        `json:"clawbacks"`   // taken back in the period: zero or negative
	Payouts     money.Money        `json:"payouts"`     // paid out in the period: zero or negative
	Closing     money.Money        `json:"closing"`     // the sum of the four before
	Pending     money.Money        `json:"pending"`     // of it, what is still within the hold period
	Sales       money.Money        `json:"sales"`       // charged in the period, before tax
	Received    money.Money        `json:"received"`    // collected in the period less refunds, before tax
	Payout      Payout             `json:"payout"`      // that follows from it
	Lines       int                `json:"lines"`
	Sum         string             `json:"sum,omitempty"` // hash of the lines
}

// Provisional tells whether the period isn't over: the statement has no number yet.
func (h Head) Provisional() bool { return h.Number == "" }

// Payout is what is paid to the partner for a period, and the tax on it. Zero if the balance is under the threshold or negative.
type Payout struct {
	Net       money.Money   `json:"net"`
	Treatment Treatment     `json:"treatment"`
	Rate      int           `json:"rate"` // of tax, in basis points
	Tax       money.Money   `json:"tax"`
	Gross     money.Money   `json:"gross"`
	By        calendar.Date `json:"by"`                // the day by which it is paid
	Why       string        `json:"why,omitempty"`     // why nothing is paid: belowThreshold, negativeBalance, noIBAN, nothingDue, otherCurrency
	Account   string        `json:"account,omitempty"` // the last four characters of the IBAN it goes to
}

// Treatment is how tax on commissions is treated.
type Treatment string

// How tax on commissions is treated.
const (
	Domestic      Treatment = "domestic"      // the publisher's country's rate
	ReverseCharge Treatment = "reverseCharge" // another EU country, with a VAT number
	OutsideEU     Treatment = "outsideEU"     // no French VAT
)

// Statement is a statement with its lines, each list in the order of time.
type Statement struct {
	Head
	Sold      []Sale
	Collected []commission.Line // payments, refunds and failures, with the commission of each
	PaidOut   []commission.Line // payouts and those that came back
}

// Sale is one line of a charge.
type Sale struct {
	On           calendar.Date
	ChargeID     string
	CustomerID   string
	CustomerName string
	LicenceID    string
	BillTo       licence.Payer
	licence.Line
}
