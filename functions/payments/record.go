package payments

import (
	"net/http"
	"time"

	"comptoir/shared/api"
	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/payment"
	"comptoir/shared/problem"
	"comptoir/shared/table"
)

// paymentView is a payment as the contract has it.
type paymentView struct {
	ID         string          `json:"id" example:"pmt_1"`
	ExternalID string          `json:"externalId" doc:"The payment provider's name for it."`
	CustomerID string          `json:"customerId"`
	BillTo     licence.Payer   `json:"billTo" enum:"partner,customer" doc:"Who has paid."`
	Status     string          `json:"status" enum:"succeeded,failed"`
	Reason     string          `json:"reason,omitempty" doc:"Why it failed."`
	Amount     money.Money     `json:"amount" doc:"With tax."`
	Tax        money.Money     `json:"tax" doc:"In it."`
	Net        money.Money     `json:"net" doc:"Before tax: what it pays of charges."`
	Paid       []paidShareView `json:"paid" doc:"What it has paid, before tax."`
	Refunded   money.Money     `json:"refunded" doc:"What was given back or called back, with tax."`
	Refunds    []refundView    `json:"refunds"`
	ReceivedOn calendar.Date   `json:"receivedOn" format:"date"`
	RecordedAt time.Time       `json:"recordedAt"`
	Version    int64           `json:"version"`
}

type paidShareView struct {
	ChargeID  string      `json:"chargeId,omitempty" doc:"Absent for credit."`
	LicenceID string      `json:"licenceId,omitempty"`
	Amount    money.Money `json:"amount"`
}

type refundView struct {
	ID         string        `json:"id" example:"rfd_1"`
	ExternalID string        `json:"externalId"`
	Kind       payment.Kind  `json:"kind" enum:"refund,calledBack"`
	Amount     money.Money   `json:"amount" doc:"With tax."`
	Reason     string        `json:"reason,omitempty"`
	On         calendar.Date `json:"on" format:"date"`
}

// show is a payment, with what it has paid that an organisation may see; everything for machines.
func show(p payment.Payment, organisation string) paymentView {
	v := paymentView{
		ID: p.ID, ExternalID: p.ExternalID, CustomerID: p.CustomerID, BillTo: p.Payer, Status: "succeeded", Reason: p.Reason,
		Amount: p.Amount, Tax: p.Tax, Net: p.Net(), Paid: []paidShareView{}, Refunded: p.Back, Refunds: []refundView{},
		ReceivedOn: p.ReceivedOn, RecordedAt: p.At, Version: p.Version,
	}
	if p.Failed {
		v.Status = "failed"
	}
	for _, s := range p.Shares {
		if s.ChargeID == "" || shown(organisation, s.Payer, s.PartnerID) {
			v.Paid = append(v.Paid, paidShareView{s.ChargeID, s.LicenceID, s.Amount})
		}
	}
	for _, r := range p.Returned {
		v.Refunds = append(v.Refunds, refundView{r.ID, r.ExternalID, r.Kind, r.Amount, r.Reason, r.On})
	}
	return v
}

type recordInput struct {
	api.OnPublisher
	api.Once
	Body struct {
		ExternalID string        `json:"externalId" minLength:"1" maxLength:"200" pattern:"^[!-~]+$" doc:"The payment provider's name for it." example:"py_3Q1"`
		CustomerID string        `json:"customerId" maxLength:"64" pattern:"^cus_[0-9a-z]+$" example:"cus_dupont"`
		BillTo     licence.Payer `json:"billTo,omitempty" enum:"partner,customer" doc:"Who has paid. If left out, whoever the charge that is named was made out to, or who alone owes something; otherwise the partner of record, or the customer where there is none."`
		Status     string        `json:"status,omitempty" enum:"succeeded,failed" doc:"succeeded if left out."`
		Amount     money.Money   `json:"amount" doc:"With tax."`
		Tax        *money.Money  `json:"tax,omitempty" doc:"In the amount; none if left out."`
		ChargeID   string        `json:"chargeId,omitempty" maxLength:"64" pattern:"^chg_[0-9a-z]+$" doc:"That is paid first; the oldest if left out."`
		ReceivedOn calendar.Date `json:"receivedOn,omitzero" format:"date" doc:"For people; it is booked today. Today if left out."`
		Reason     string        `json:"reason,omitempty" maxLength:"500" doc:"Why it failed."`
	}
}

func (in *recordInput) ref() table.Ref[payment.Payment] {
	return table.PaymentOf(payment.IDOf(in.Body.ExternalID))
}

// Load announces the payment, for one that was recorded, and what it changes.
func (in *recordInput) Load() []table.Load {
	return []table.Load{in.ref(), table.Customer(in.Body.CustomerID), table.AccountOf(in.Body.CustomerID), table.TheScheme().Lately()}
}

// report is what the provider says, of a customer.
func (in *recordInput) report(c customer.Customer) payment.Report {
	b := in.Body
	r := payment.Report{
		ExternalID: b.ExternalID, CustomerID: c.ID, Payer: b.BillTo, Amount: b.Amount, Tax: money.Money{Currency: b.Amount.Currency},
		ChargeID: b.ChargeID, ReceivedOn: b.ReceivedOn, Failed: b.Status == "failed", Reason: b.Reason,
	}
	if b.Tax != nil {
		r.Tax = *b.Tax
	}
	return r
}

func (s service) record(tx *table.Tx, in *recordInput) (*api.Reply[paymentView], error) {
	c, exists := table.Customer(in.Body.CustomerID).Find(tx)
	if !exists || !c.Livemode || c.OwnedBy != "" {
		return nil, problem.Invalid("body.customerId", "There is no customer of this id who is charged anything.")
	}
	r, account := in.report(c), tx.Account(c.ID)
	known, recorded := in.ref().Find(tx)
	switch {
	case r.Payer == "" && recorded:
		r.Payer = known.Payer
	case r.Payer == "":
		r.Payer = account.Debtor(r.ChargeID, licence.PayerOf(c.PartnerID))
	}
	if recorded && !known.Follows(r) {
		if !known.Says(r) {
			return nil, problem.Conflict("payment_recorded", "A payment of this name was recorded before, and differs.")
		}
		return &api.Reply[paymentView]{Status: http.StatusOK, ETag: api.ETag(known.Version), Body: show(known, "")}, nil
	}
	scheme, _ := table.TheScheme().Find(tx)
	at := licence.At(tx.Now, s.Zone)
	e, err := payment.Record(r, account, c.PartnerID, scheme, at)
	if err != nil {
		return nil, err
	}
	e.Payment.Stamp = known.Stamp
	return enter(tx, c, e, at)
}

// enter writes what a payment or a refund changes.
func enter(tx *table.Tx, c customer.Customer, e payment.Entry, at licence.Moment) (*api.Reply[paymentView], error) {
	a := e.Account
	if e.Charge != nil {
		tx.Charge(*e.Charge, c.Name)
	}
	if step, _ := a.Next(at.Today); step == payment.Resume {
		e.Fact.Data["resumes"] = true
	}
	tx.Owe(&a, at)
	for _, l := range e.Lines {
		l.CustomerName = c.Name
		tx.Book(l, at.Today)
	}
	tx.Put(&e.Payment)
	tx.Record(&c, e.Fact)
	return &api.Reply[paymentView]{ETag: api.ETag(e.Payment.Version), Body: show(e.Payment, "")}, nil
}

type refundInput struct {
	api.OnPublisher
	api.Once
	PaymentID string `path:"paymentId" maxLength:"64" pattern:"^pmt_[0-9a-z]+$" example:"pmt_1"`
	Body      struct {
		ExternalID string       `json:"externalId" minLength:"1" maxLength:"200" pattern:"^[!-~]+$" doc:"The payment provider's name for it." example:"re_3Q1"`
		Kind       payment.Kind `json:"kind,omitempty" enum:"refund,calledBack" doc:"refund: the publisher gives back; calledBack: a bank, or the holder of a card, does. refund if left out."`
		Amount     *money.Money `json:"amount,omitempty" doc:"With tax; all that is left of the payment if left out."`
		Reason     string       `json:"reason,omitempty" maxLength:"500"`
	}
}

// Load announces the payment.
func (in *refundInput) Load() []table.Load { return []table.Load{table.PaymentOf(in.PaymentID)} }

func (s service) refund(tx *table.Tx, in *refundInput) (*api.Reply[paymentView], error) {
	p, err := table.PaymentOf(in.PaymentID).Get(tx)
	if err != nil {
		return nil, err
	}
	r := payment.Refund{ExternalID: in.Body.ExternalID, Kind: payment.Refunded, Amount: p.Amount.Sub(p.Back), Reason: in.Body.Reason}
	if in.Body.Kind != "" {
		r.Kind = in.Body.Kind
	}
	if in.Body.Amount != nil {
		r.Amount = *in.Body.Amount
	}
	if known, recorded := p.Refund(r.ExternalID); recorded {
		if known.Kind != r.Kind || in.Body.Amount != nil && known.Amount != r.Amount {
			return nil, problem.Conflict("refund_recorded", "A refund of this name was recorded before, and differs.")
		}
		return &api.Reply[paymentView]{Status: http.StatusOK, ETag: api.ETag(p.Version), Body: show(p, "")}, nil
	}
	if err := tx.Load(table.Customer(p.CustomerID), table.AccountOf(p.CustomerID)); err != nil {
		return nil, err
	}
	c, err := table.Customer(p.CustomerID).Get(tx)
	if err != nil {
		return nil, err
	}
	at := licence.At(tx.Now, s.Zone)
	e, err := p.Return(r, tx.Account(c.ID), at)
	if err != nil {
		return nil, err
	}
	return enter(tx, c, e, at)
}
