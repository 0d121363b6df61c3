// Package payments answers the operations on what customers and partners owe and pay: charges, accounts and payments, which the
// publisher's payment provider reports.
package payments

import (
	"net/http"
	"time"

	"comptoir/shared/api"
	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/partner"
	"comptoir/shared/payment"
	"comptoir/shared/table"
)

type service struct{ api.Env }

// Operations are those of the area.
func Operations(env api.Env) []api.Operation {
	s := service{env}
	const of = "/v1/customers/{customerId}"
	return []api.Operation{
		api.Read("listCharges", "GET "+of+"/charges", "List what a customer's licences were charged, latest first", listCharges).Says(
			"A charge is the net of one operation on a licence. Its lines say what for, from when to when, and how many of the days of the term. Amounts are before tax."),
		api.Read("getAccount", "GET "+of+"/account", "Read what a customer's charges leave to be paid", getAccount),
		api.Read("listPayments", "GET "+of+"/payments", "List what was paid for a customer's licences, latest first", listPayments),
		api.Write("recordPayment", "POST /v1/payments", "Report a payment, or one that failed", http.StatusCreated, s.record).Says(
			"Each is recorded once, by the name that the payment provider has for it: a report that comes again is answered with the payment. It pays the charge that it names, then the oldest; " +
				"what is beyond all charges is credit. A licence that was suspended because nobody had paid is resumed within moments."),
		api.Write("recordRefund", "POST /v1/payments/{paymentId}/refunds", "Report that something of a payment was given back or called back", http.StatusCreated, s.refund).Says(
			"Each is recorded once, by the name that the payment provider has for it. What the publisher gives back is taken from the payer's credit, and beyond that nobody owes it again; what a bank calls back is owed again. " +
				"Either way the commission on it is taken back in proportion."),
	}
}

// shown tells whether the caller may see what a payer was charged for something that a partner has sold. A partner sees what it has sold
// itself, and a customer what it is to pay.
func shown(organisation string, payer licence.Payer, partnerID string) bool {
	switch {
	case partner.IsID(organisation):
		return partnerID == organisation
	case customer.IsID(organisation):
		return payer == licence.PaidByCustomer
	}
	return true // machines
}

type chargesInput struct {
	api.OnCustomer
	api.Paged
}

// Load announces the page, and the account.
func (in *chargesInput) Load() []table.Load {
	return []table.Load{in.page(), table.AccountOf(in.CustomerID)}
}

func (in *chargesInput) page() table.List[payment.Charge] {
	f := table.ChargeFilter{}
	if partner.IsID(in.Organisation) {
		f.PartnerID = in.Organisation
	}
	if customer.IsID(in.Organisation) {
		f.Payer = licence.PaidByCustomer
	}
	return table.Charges(in.CustomerID, f, in.Page())
}

// customerChargeView is a charge as the contract has it.
type customerChargeView struct {
	ID        string         `json:"id" example:"chg_1"`
	LicenceID string         `json:"licenceId,omitempty"`
	PlanCode  string         `json:"planCode,omitempty"`
	BillTo    licence.Payer  `json:"billTo" enum:"partner,customer"`
	Operation string         `json:"operation" doc:"That made it." example:"takeLicence"`
	Lines     []licence.Line `json:"lines" doc:"Empty where something was refunded beyond all credit."`
	Total     money.Money    `json:"total" doc:"The sum of the lines, before tax; negative for what it brings back."`
	Open      money.Money    `json:"open" doc:"What is left to be paid of it."`
	MadeAt    time.Time      `json:"madeAt"`
	On        calendar.Date  `json:"on" format:"date" doc:"The publisher's day."`
	DueOn     calendar.Date  `json:"dueOn" format:"date" doc:"The last day on which it is to be paid."`
}

func listCharges(tx *table.Tx, in *chargesInput) (*api.Listed[customerChargeView], error) {
	rows, next := in.page().Rows(tx)
	open := map[string]money.Money{}
	for _, o := range tx.Account(in.CustomerID).Open {
		open[o.ChargeID] = o.Left
	}
	return api.List(rows, next, func(c payment.Charge) customerChargeView {
		return customerChargeView{
			ID: c.ID, LicenceID: c.LicenceID, PlanCode: c.PlanCode, BillTo: c.Payer, Operation: c.Operation, Lines: c.Lines, Total: c.Total,
			Open: open[c.ID].Add(money.Money{Currency: c.Total.Currency}), MadeAt: c.At, On: c.On, DueOn: c.DueOn,
		}
	}), nil
}

type accountInput struct{ api.OnCustomer }

// Load announces the account.
func (in *accountInput) Load() []table.Load { return []table.Load{table.AccountOf(in.CustomerID)} }

// customerAccountView is what is to be paid.
type customerAccountView struct {
	Open     []openChargeView `json:"open" doc:"What is left to be paid, oldest first."`
	Credits  []creditView     `json:"credits" doc:"What was paid beyond all charges, or comes back: charges to come are paid from it."`
	Balances []balanceView    `json:"balances" doc:"What is open less the credit."`
	Paused   []string         `json:"suspendedLicences" doc:"Licences that are suspended because nobody has paid."`
	Version  int64            `json:"version"`
}

type openChargeView struct {
	ChargeID   string        `json:"chargeId,omitempty" doc:"Absent for credit that was used and then called back."`
	LicenceID  string        `json:"licenceId,omitempty"`
	BillTo     licence.Payer `json:"billTo" enum:"partner,customer"`
	Left       money.Money   `json:"left"`
	DueOn      calendar.Date `json:"dueOn" format:"date"`
	SuspendsOn calendar.Date `json:"suspendsOn,omitzero" format:"date" doc:"The day on which the licence is suspended if nobody pays."`
}

type creditView struct {
	BillTo licence.Payer `json:"billTo" enum:"partner,customer"`
	Amount money.Money   `json:"amount"`
}

type balanceView struct {
	BillTo licence.Payer `json:"billTo" enum:"partner,customer"`
	Amount money.Money   `json:"amount" doc:"Negative for credit."`
}

func getAccount(tx *table.Tx, in *accountInput) (*api.Reply[customerAccountView], error) {
	a := tx.Account(in.CustomerID)
	v := customerAccountView{Open: []openChargeView{}, Credits: []creditView{}, Balances: []balanceView{}, Paused: []string{}, Version: a.Version}
	c, err := table.Customer(in.CustomerID).Get(tx)
	if err != nil {
		return nil, err
	}
	sum := func(payer licence.Payer, amount money.Money) {
		for n := range v.Balances {
			if b := &v.Balances[n]; b.BillTo == payer && b.Amount.Currency == amount.Currency {
				b.Amount = b.Amount.Add(amount)
				return
			}
		}
		v.Balances = append(v.Balances, balanceView{payer, amount})
	}
	for _, o := range a.Open {
		if shown(in.Organisation, o.Payer, o.PartnerID) {
			v.Open = append(v.Open, openChargeView{o.ChargeID, o.LicenceID, o.Payer, o.Left, o.DueOn, o.PausesOn()})
			sum(o.Payer, o.Left)
		}
	}
	for _, credit := range a.Credits {
		if shown(in.Organisation, credit.Payer, c.PartnerID) {
			v.Credits = append(v.Credits, creditView{credit.Payer, credit.Amount})
			sum(credit.Payer, credit.Amount.Neg())
		}
	}
	v.Paused = append(v.Paused, a.Paused...)
	return &api.Reply[customerAccountView]{Body: v}, nil
}

type paymentsInput struct {
	api.OnCustomer
	api.Paged
}

// Load announces the page.
func (in *paymentsInput) Load() []table.Load {
	return []table.Load{table.Payments(in.CustomerID, in.Page())}
}

func listPayments(tx *table.Tx, in *paymentsInput) (*api.Listed[paymentView], error) {
	rows, next := table.Payments(in.CustomerID, in.Page()).Rows(tx)
	views := []paymentView{}
	for _, p := range rows {
		if shown(in.Organisation, p.Payer, p.PartnerID) {
			views = append(views, show(p, in.Organisation))
		}
	}
	return api.List(views, next, func(v paymentView) paymentView { return v }), nil
}
