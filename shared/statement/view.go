package statement

import (
	"time"

	"comptoir/shared/billing"
	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/licence"
	"comptoir/shared/money"
)

// StatementView is a statement as the contract has it.
type StatementView struct {
	PartnerID   string             `json:"partnerId" example:"par_lumen"`
	Period      calendar.YearMonth `json:"period" format:"year-month" example:"2026-09" doc:"The month, in the publisher's time zone."`
	Currency    string             `json:"currency" example:"EUR" doc:"ISO 4217; all amounts have it."`
	Number      string             `json:"number,omitempty" example:"LUMEN-2026-0007" doc:"Absent while the statement is provisional."`
	Provisional bool               `json:"provisional" doc:"The month isn't over: amounts and lines may change."`
	MadeAt      time.Time          `json:"madeAt"`
	Publisher   StatementPartyView `json:"publisher"`
	Partner     StatementPartyView `json:"partner"`
	Opening     money.Money        `json:"opening" doc:"What the publisher owed the partner before the period. Like all amounts before tax, unless said otherwise."`
	Commissions money.Money        `json:"commissions" doc:"Earned in the period."`
	Clawbacks   money.Money        `json:"clawbacks" doc:"Taken back in the period for refunds and failed payments: zero or negative."`
	Payouts     money.Money        `json:"payouts" doc:"Paid out in the period, less what came back: zero or negative."`
	Closing     money.Money        `json:"closing" doc:"The sum of opening, commissions, clawbacks and payouts."`
	Pending     money.Money        `json:"pending" doc:"What of the closing balance is still within its hold period."`
	Sales       money.Money        `json:"sales" doc:"Charged in the period: the sum of the sales."`
	Received    money.Money        `json:"received" doc:"Collected in the period, less refunds and failed payments: the sum of what payments collected."`
	Payout      StatementDueView   `json:"payout"`
	Lines       StatementLinesView `json:"lines"`
}

// StatementPartyView is an organisation as documents name it.
type StatementPartyView struct {
	LegalName    string               `json:"legalName" example:"Lumen Conseil SARL"`
	Address      StatementAddressView `json:"address"`
	Registration string               `json:"registration,omitempty" example:"552100554" doc:"SIREN or SIRET in France."`
	VATNumber    string               `json:"vatNumber,omitempty" example:"FR18552100554"`
}

// StatementAddressView is a postal address.
type StatementAddressView struct {
	Lines      []string `json:"lines"`
	PostalCode string   `json:"postalCode" example:"67000"`
	City       string   `json:"city" example:"Strasbourg"`
	Country    string   `json:"country" example:"FR" doc:"ISO 3166-1 alpha-2."`
}

// StatementDueView is what is paid to the partner for the period.
type StatementDueView struct {
	Net       money.Money   `json:"net" doc:"Before tax; zero if nothing is paid."`
	Treatment Treatment     `json:"treatment" enum:"domestic,reverseCharge,outsideEU" doc:"How tax on it is treated."`
	Rate      int           `json:"rate" example:"2000" doc:"Of tax, in basis points."`
	Tax       money.Money   `json:"tax"`
	Gross     money.Money   `json:"gross" doc:"With tax: what is paid."`
	By        calendar.Date `json:"by,omitzero" format:"date" doc:"The day by which it is paid."`
	Why       string        `json:"why,omitempty" enum:"belowThreshold,negativeBalance,noIBAN,nothingDue,otherCurrency" doc:"Why nothing is paid."`
	Account   string        `json:"account,omitempty" example:"0189" doc:"The last four characters of the IBAN that it goes to."`
}

// StatementLinesView are the lines that the amounts are made of, each list in the order of time.
type StatementLinesView struct {
	Sales    []StatementSaleView    `json:"sales"`
	Payments []StatementPaymentView `json:"payments"`
	Payouts  []StatementPayoutView  `json:"payouts"`
}

// StatementSaleView is a line of a charge, and how it was reckoned: unit price × quantity × days ÷ ofDays.
type StatementSaleView struct {
	On           calendar.Date    `json:"on" format:"date"`
	ChargeID     string           `json:"chargeId"`
	CustomerID   string           `json:"customerId" example:"cus_dupont"`
	CustomerName string           `json:"customerName" example:"Dupont & Fils"`
	LicenceID    string           `json:"licenceId" example:"lic_dupont"`
	BillTo       licence.Payer    `json:"billTo" enum:"partner,customer"`
	Kind         licence.LineKind `json:"kind" enum:"charge,credit"`
	PlanCode     string           `json:"planCode" example:"COMPTA-PRO"`
	Quantity     int              `json:"quantity"`
	UnitPrice    money.Money      `json:"unitPrice" doc:"For a whole term."`
	From         calendar.Date    `json:"from,omitzero" format:"date"`
	To           calendar.Date    `json:"to,omitzero" format:"date" doc:"Exclusive."`
	Days         int              `json:"days" doc:"From from to to."`
	OfDays       int              `json:"ofDays" doc:"That the price or payment covers."`
	Amount       money.Money      `json:"amount" doc:"Negative for a credit."`
}

// StatementPaymentView is a payment, or one that went back, and the commission on it.
type StatementPaymentView struct {
	ID           string              `json:"id" doc:"Of the line in the partner's ledger of commissions."`
	Kind         commission.Kind     `json:"kind" enum:"collected,refunded,failed"`
	On           calendar.Date       `json:"on" format:"date"`
	At           time.Time           `json:"at"`
	CustomerID   string              `json:"customerId" example:"cus_dupont"`
	CustomerName string              `json:"customerName" example:"Dupont & Fils"`
	PaymentID    string              `json:"paymentId"`
	RefundID     string              `json:"refundId,omitempty"`
	Base         money.Money         `json:"base" doc:"What was collected; negative for what went back. The sum of the parts' bases."`
	Amount       money.Money         `json:"amount" doc:"The commission: the sum of the parts' amounts."`
	DueOn        calendar.Date       `json:"dueOn,omitzero" format:"date" doc:"When its hold period is over."`
	Parts        []StatementPartView `json:"parts" doc:"What was earned on each part of the payment; none if it earns no commission."`
}

// StatementPartView is the commission on a part of a payment: base × rate ÷ 10,000, rounded half away from zero.
type StatementPartView struct {
	PlanCode      string      `json:"planCode,omitempty" example:"COMPTA-PRO" doc:"Absent for what was paid beyond the charges."`
	Base          money.Money `json:"base"`
	Rule          string      `json:"rule" enum:"deal,plan,tier,default" doc:"The rule that gave the rate; the first of these that applies does."`
	Of            string      `json:"of,omitempty" example:"Gold" doc:"Which: the deal's name, the plan's code or the tier's name."`
	SchemeVersion int64       `json:"schemeVersion" doc:"The version of the scheme of rates."`
	Rate          int         `json:"rate" example:"2000" doc:"In basis points."`
	Amount        money.Money `json:"amount"`
	Rounding      int64       `json:"rounding" doc:"What the rounding added, in ten-thousandths of a minor unit."`
}

// StatementPayoutView is a payout, or one that came back.
type StatementPayoutView struct {
	ID       string          `json:"id" doc:"Of the line in the partner's ledger of commissions."`
	Kind     commission.Kind `json:"kind" enum:"payout,returned"`
	On       calendar.Date   `json:"on" format:"date"`
	At       time.Time       `json:"at"`
	PayoutID string          `json:"payoutId"`
	Amount   money.Money     `json:"amount" doc:"Negative for a payout, positive for one that came back."`
}

// Show is the statement as the contract has it.
func Show(s Statement) StatementView {
	v := StatementView{
		PartnerID: s.PartnerID, Period: s.Period, Currency: s.Currency, Number: s.Number, Provisional: s.Provisional(), MadeAt: s.MadeAt.UTC(),
		Publisher: showParty(s.Publisher.Party), Partner: showParty(s.Partner.Party),
		Opening: s.Opening, Commissions: s.Commissions, Clawbacks: s.Clawbacks, Payouts: s.Payouts, Closing: s.Closing, Pending: s.Pending,
		Sales: s.Sales, Received: s.Received, Payout: StatementDueView(s.Payout),
		Lines: StatementLinesView{[]StatementSaleView{}, []StatementPaymentView{}, []StatementPayoutView{}},
	}
	for _, l := range s.Sold {
		v.Lines.Sales = append(v.Lines.Sales, StatementSaleView{
			On: l.On, ChargeID: l.ChargeID, CustomerID: l.CustomerID, CustomerName: l.CustomerName, LicenceID: l.LicenceID, BillTo: l.BillTo,
			Kind: l.Kind, PlanCode: l.PlanCode, Quantity: l.Quantity, UnitPrice: l.UnitPrice, From: l.From, To: l.To,
			Days: l.Days, OfDays: l.OfDays, Amount: l.Amount,
		})
	}
	for _, l := range s.Collected {
		v.Lines.Payments = append(v.Lines.Payments, showPayment(l))
	}
	for _, l := range s.PaidOut {
		v.Lines.Payouts = append(v.Lines.Payouts, StatementPayoutView{l.ID, l.Kind, l.On, l.At, l.PayoutID, l.Amount})
	}
	return v
}

func showParty(p billing.Party) StatementPartyView {
	v := StatementPartyView{p.LegalName, StatementAddressView(p.Address), p.Registration, p.VATNumber}
	v.Address.Lines = append([]string{}, p.Address.Lines...)
	return v
}

func showPayment(l commission.Line) StatementPaymentView {
	v := StatementPaymentView{
		ID: l.ID, Kind: l.Kind, On: l.On, At: l.At, CustomerID: l.CustomerID, CustomerName: l.CustomerName,
		PaymentID: l.PaymentID, RefundID: l.RefundID, Base: l.Base, Amount: l.Amount, DueOn: l.DueOn, Parts: []StatementPartView{},
	}
	for _, p := range l.Parts {
		v.Parts = append(v.Parts, StatementPartView{p.PlanCode, p.Base, p.Rule, p.Of, p.Version, p.Rate, p.Amount, p.Rounding})
	}
	return v
}
