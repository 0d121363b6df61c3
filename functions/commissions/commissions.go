// Package commissions answers the operations on what partners earn: the scheme by which they do, their ledger line by line, and whether
// charges, payments and ledger agree.
package commissions

import (
	"net/http"
	"time"

	"comptoir/shared/api"
	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/money"
	"comptoir/shared/table"
)

type service struct{ api.Env }

// Operations are those of the area.
func Operations(env api.Env) []api.Operation {
	s := service{env}
	return []api.Operation{
		api.Read("getScheme", "GET /v1/scheme", "Read the scheme by which commissions are earned, as it is or as it was", getScheme),
		api.Write("putScheme", "PUT /v1/scheme", "Edit the scheme; what was earned keeps its rates", http.StatusOK, putScheme).Larger(512 << 10).Says(
			"Of the rates that fit the first counts: a deal's, the plan's, that of the partner's tier, the default. Each version is kept."),
		api.Read("listCommissions", "GET /v1/partners/{partnerId}/commissions", "List the partner's commission ledger of a month, line by line", s.list).Says(
			"A line is what one payment has earned, what was taken back of it, or what was paid out. Each part of it says by which rule, of which version of the scheme, at which rate, and what rounding has added."),
		api.Read("reconcile", "GET /v1/partners/{partnerId}/reconciliation", "Compare the charges, payments, ledger and payouts of a partner's month", s.reconcile).Says(
			"It reads everything again and reckons it anew. Where all agree the differences are empty; otherwise each names what differs."),
	}
}

// SchemeTerms are what the operator says of the scheme.
type SchemeTerms struct {
	Default  int               `json:"default" minimum:"0" maximum:"10000" doc:"Basis points." example:"1000"`
	Tiers    map[string]int    `json:"tiers,omitempty" doc:"Basis points by the tier's name."`
	Partners map[string]string `json:"partners,omitempty" doc:"The tier of each partner that has one."`
	Plans    map[string]int    `json:"plans,omitempty" doc:"Basis points by the plan's code."`
	Deals    []DealTerms       `json:"deals,omitempty" doc:"Agreed with one partner; the closest counts: for a customer and a plan, for a customer, for a plan, for all."`
	HoldDays *int              `json:"holdDays,omitempty" minimum:"0" maximum:"365" doc:"How many days after the payment it can be paid out: once the payment can no longer be given back. 7 if left out."`
	Minimum  money.Money       `json:"minimum" doc:"The least that is paid out; less is carried over."`
}

// DealTerms are those of one deal.
type DealTerms struct {
	Name       string        `json:"name" minLength:"1" maxLength:"60" example:"Dupont 2026"`
	PartnerID  string        `json:"partnerId" maxLength:"64"`
	CustomerID string        `json:"customerId,omitempty" maxLength:"64" doc:"All customers if left out."`
	PlanCode   string        `json:"planCode,omitempty" maxLength:"40" doc:"All plans if left out."`
	Rate       int           `json:"rate" minimum:"0" maximum:"10000" doc:"Basis points."`
	From       calendar.Date `json:"from,omitzero" format:"date" doc:"The first day; from the beginning if left out."`
	Until      calendar.Date `json:"until,omitzero" format:"date" doc:"Exclusive; without end if left out."`
}

type schemeView struct {
	SchemeTerms
	Version int64 `json:"version" doc:"0 while nobody has said anything: nothing is earned then."`
}

func show(s commission.Scheme) schemeView {
	v := schemeView{Version: s.Version, SchemeTerms: SchemeTerms{
		Default: s.Default, Tiers: s.Tiers, Partners: s.Partners, Plans: s.Plans, HoldDays: &s.HoldDays, Minimum: s.Minimum,
	}}
	for _, d := range s.Deals {
		v.Deals = append(v.Deals, DealTerms(d))
	}
	return v
}

type getInput struct {
	api.OnPublisher
	Version int64 `query:"version" minimum:"0" doc:"As it was at this version; as it is if left out."`
}

// Load announces the scheme, or one of its versions.
func (in *getInput) Load() []table.Load {
	if in.Version > 0 {
		return []table.Load{table.Edition(in.Version)}
	}
	return []table.Load{table.TheScheme()}
}

func getScheme(tx *table.Tx, in *getInput) (*api.Reply[schemeView], error) {
	if in.Version > 0 {
		was, err := table.Edition(in.Version).Get(tx)
		return &api.Reply[schemeView]{Body: show(was.Scheme)}, err
	}
	s, _ := table.TheScheme().Find(tx)
	return &api.Reply[schemeView]{ETag: api.ETag(s.Version), Body: show(s)}, nil
}

type putInput struct {
	api.OnPublisher
	api.Once
	api.IfMatch
	Body SchemeTerms
}

// Load announces the scheme.
func (in *putInput) Load() []table.Load { return []table.Load{table.TheScheme()} }

func putScheme(tx *table.Tx, in *putInput) (*api.Reply[schemeView], error) {
	s, _ := table.TheScheme().Find(tx)
	if err := in.Match(s.Version); err != nil {
		return nil, err
	}
	b := in.Body
	to := commission.Scheme{
		Default: b.Default, Tiers: b.Tiers, Partners: b.Partners, Plans: b.Plans, HoldDays: commission.DefaultHoldDays, Minimum: b.Minimum,
	}
	if b.HoldDays != nil {
		to.HoldDays = *b.HoldDays
	}
	for _, d := range b.Deals {
		to.Deals = append(to.Deals, commission.Deal(d))
	}
	s, fact, err := s.Edit(to)
	if err != nil {
		return nil, err
	}
	tx.PutScheme(&s)
	tx.Record(&s, fact)
	return &api.Reply[schemeView]{ETag: api.ETag(s.Version), Body: show(s)}, nil
}

// OfMonth names a month of a partner's ledger.
type OfMonth struct {
	Period   calendar.YearMonth `query:"period" format:"year-month" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"The running month if left out." example:"2026-03"`
	Currency string             `query:"currency" pattern:"^[A-Z]{3}$" default:"EUR"`
}

type listInput struct {
	api.OnPartner
	api.Paged
	OfMonth
	CustomerID string `query:"customerId" maxLength:"64" pattern:"^cus_[0-9a-z]+$" doc:"Only what this customer has paid; a page can then hold fewer rows than asked for while there are more."`
}

// ledgerLineView is a line of the ledger as the contract has it.
type ledgerLineView struct {
	ID           string           `json:"id" example:"com_1"`
	Kind         commission.Kind  `json:"kind" enum:"collected,refunded,failed,payout,returned" doc:"failed: a payment that was called back; returned: a payout that came back."`
	On           calendar.Date    `json:"on" format:"date" doc:"The publisher's day on which it was booked."`
	CustomerID   string           `json:"customerId,omitempty"`
	CustomerName string           `json:"customerName,omitempty"`
	PaymentID    string           `json:"paymentId,omitempty"`
	RefundID     string           `json:"refundId,omitempty"`
	PayoutID     string           `json:"payoutId,omitempty"`
	Base         money.Money      `json:"base" doc:"What was collected, before tax; negative for what went back."`
	Amount       money.Money      `json:"amount" doc:"The commission: the sum of the parts."`
	Parts        []ledgerPartView `json:"parts"`
	State        string           `json:"state" enum:"pending,due,paid" doc:"pending: within the hold period; due: it can be paid out; paid: a payout."`
	DueOn        calendar.Date    `json:"dueOn" format:"date" doc:"When its hold period is over."`
	BookedAt     time.Time        `json:"bookedAt"`
}

// ledgerPartView is what was earned under one rule.
type ledgerPartView struct {
	PlanCode string      `json:"planCode,omitempty" doc:"Absent for what was paid beyond all charges."`
	Base     money.Money `json:"base"`
	Rule     string      `json:"rule" enum:"deal,plan,tier,default"`
	Of       string      `json:"of,omitempty" doc:"The deal's name, the plan's code or the tier's name."`
	Version  int64       `json:"schemeVersion"`
	Rate     int         `json:"rate" doc:"Basis points."`
	Amount   money.Money `json:"amount"`
	Rounding int64       `json:"rounding" doc:"What rounding has added, in ten-thousandths of a minor unit: amount × 10,000 − base × rate."`
}

func view(l commission.Line, today calendar.Date) ledgerLineView {
	v := ledgerLineView{
		ID: l.ID, Kind: l.Kind, On: l.On, CustomerID: l.CustomerID, CustomerName: l.CustomerName, PaymentID: l.PaymentID, RefundID: l.RefundID,
		PayoutID: l.PayoutID, Base: l.Base, Amount: l.Amount, Parts: []ledgerPartView{}, State: "pending", DueOn: l.DueOn, BookedAt: l.At,
	}
	for _, p := range l.Parts {
		v.Parts = append(v.Parts, ledgerPartView(p))
	}
	switch {
	case l.Kind == commission.PaidOut || l.Kind == commission.Returned:
		v.State = "paid"
	case !today.Before(l.DueOn):
		v.State = "due"
	}
	return v
}

// Load announces the page, if the month is named; which one runs is known later.
func (in *listInput) Load() []table.Load {
	if in.Period.IsZero() {
		return nil
	}
	return []table.Load{in.page(in.Period)}
}

func (in *listInput) page(m calendar.YearMonth) table.List[commission.Line] {
	return table.Ledger(in.PartnerID, in.Currency, m, in.CustomerID, in.Page())
}

func (s service) list(tx *table.Tx, in *listInput) (*api.Listed[ledgerLineView], error) {
	today := calendar.On(tx.Now, s.Zone)
	m := in.Period
	if m.IsZero() {
		m = calendar.YearMonthOf(today)
	}
	page := in.page(m)
	if err := tx.Load(page); err != nil {
		return nil, err
	}
	rows, next := page.Rows(tx)
	return api.List(rows, next, func(l commission.Line) ledgerLineView { return view(l, today) }), nil
}
