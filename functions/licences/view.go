package licences

import (
	"time"

	"golang.org/x/text/language"

	"comptoir/shared/calendar"
	"comptoir/shared/licence"
	"comptoir/shared/money"
)

type moneyView = money.Money

// LicenceView is a licence as the contract has it.
type LicenceView struct {
	ID                       string           `json:"id" example:"lic_dupont"`
	CustomerID               string           `json:"customerId" example:"cus_dupont"`
	PlanCode                 string           `json:"planCode" example:"COMPTA-PRO"`
	Quantity                 int              `json:"quantity" example:"10"`
	Term                     calendar.Term    `json:"term" enum:"month,year"`
	Commitment               string           `json:"commitment" enum:"committed,flexible"`
	Status                   licence.Status   `json:"status" enum:"trial,active,suspended,cancelled,expired"`
	SuspensionReasons        []licence.Reason `json:"suspensionReasons"`
	StartedAt                time.Time        `json:"startedAt"`
	PeriodStart              calendar.Date    `json:"periodStart" format:"date"`
	PeriodEnd                calendar.Date    `json:"periodEnd,omitzero" format:"date" doc:"Exclusive. Absent on licences without end."`
	RenewsOn                 calendar.Date    `json:"renewsOn,omitzero" format:"date" doc:"The renewal date: when the running term ends, renewed or not. Absent when the licence has ended."`
	EndsOn                   calendar.Date    `json:"endsOn,omitzero" format:"date" doc:"The first day on which it is no longer in force, once that is known."`
	AutoRenew                bool             `json:"autoRenew"`
	ScheduledChange          *scheduledView   `json:"scheduledChange,omitempty"`
	Origin                   licence.Origin   `json:"origin" enum:"automatic,manual"`
	PaymentMethodID          string           `json:"paymentMethodId,omitempty"`
	BillTo                   licence.Payer    `json:"billTo" enum:"partner,customer"`
	CancellationAllowedUntil *time.Time       `json:"cancellationAllowedUntil,omitempty" doc:"Until then all of it can be cancelled at once, with a refund. Absent on trials, which can be at any time, and on licences that have ended."`
	Batches                  []batchView      `json:"batches" doc:"Units by when they were taken, oldest first."`
	UnitPrice                moneyView        `json:"unitPrice" doc:"Of one unit for one term, before tax, as agreed when taken."`
	Price                    moneyView        `json:"price" doc:"Of all units for one term, before tax."`
	Modules                  map[string]int   `json:"modules" doc:"Seats that one unit opens, by module."`
	Coming                   *comingView      `json:"coming,omitempty" doc:"What comes at the end of the term, if nobody does anything. Absent on licences that have ended or never do."`
	Reminders                []int            `json:"reminders" doc:"When people are reminded of the end of the term, in days before it."`
	MutedUntil               calendar.Date    `json:"mutedUntil,omitzero" format:"date" doc:"The last day on which nobody is reminded."`
	Version                  int64            `json:"version"`
}

type scheduledView struct {
	On        calendar.Date `json:"on" format:"date"`
	PlanCode  string        `json:"planCode"`
	Quantity  int           `json:"quantity"`
	Term      calendar.Term `json:"term" enum:"month,year"`
	UnitPrice moneyView     `json:"unitPrice"`
}

// comingView is what comes at the end of a term.
type comingView struct {
	On       calendar.Date `json:"on" format:"date" doc:"The renewal date."`
	LastDay  calendar.Date `json:"lastDay" format:"date" doc:"The last day on which something can be done about it."`
	What     licence.What  `json:"what" enum:"renews,converts,suspends,ends,waits" doc:"converts: a trial becomes a paid licence; suspends: one doesn't; waits: a suspended licence is neither renewed nor ended."`
	PlanCode string        `json:"planCode"`
	Quantity int           `json:"quantity"`
	Term     calendar.Term `json:"term" enum:"month,year"`
	Price    moneyView     `json:"price" doc:"Of the term that follows, before tax; 0 if none does."`
}

type batchView struct {
	Quantity        int       `json:"quantity"`
	TakenAt         time.Time `json:"takenAt"`
	RefundableUntil time.Time `json:"refundableUntil"`
	Paid            moneyView `json:"paid" doc:"For the running period, before tax."`
}

// writtenView is a licence after an operation, and what the operation costs.
type writtenView struct {
	LicenceView
	Charge chargeView `json:"charge"`
}

type chargeView struct {
	Lines []lineView `json:"lines"`
	Total moneyView  `json:"total" doc:"The sum of the lines, before tax."`
}

// lineView is one amount and how it was reckoned.
type lineView = licence.Line

type effectView struct {
	Code   string `json:"code" example:"windowOpens"`
	Detail string `json:"detail"`
}

func show(l licence.Licence, today calendar.Date) LicenceView {
	v := LicenceView{
		ID: l.ID, CustomerID: l.CustomerID, PlanCode: l.PlanCode, Quantity: l.Quantity, Term: l.Term,
		Commitment: string(l.Commitment), Status: l.Status(today), SuspensionReasons: append([]licence.Reason{}, l.Reasons...),
		StartedAt: l.StartedAt, PeriodStart: l.Start, PeriodEnd: l.End, RenewsOn: l.RenewsOn(today), EndsOn: l.EndsOn,
		AutoRenew: l.AutoRenew, Origin: l.Origin, PaymentMethodID: l.PaymentID, BillTo: l.BillTo,
		Batches: []batchView{}, UnitPrice: l.Prices[l.Term], Price: l.Price(), Modules: l.Modules, Version: l.Version,
		Reminders: append([]int{}, l.Reminders...),
	}
	if !v.RenewsOn.IsZero() {
		coming := comingView(l.Coming())
		v.Coming = &coming
	}
	if l.Muted(today) {
		v.MutedUntil = l.MutedUntil
	}
	if until := l.CancellableUntil(today); !until.IsZero() {
		v.CancellationAllowedUntil = &until
	}
	for _, b := range l.Batches {
		v.Batches = append(v.Batches, batchView{b.Quantity, b.TakenAt, b.RefundableUntil(), b.Paid})
	}
	if s := l.Scheduled; s != nil {
		v.ScheduledChange = &scheduledView{s.On, s.PlanCode, s.Quantity, s.Term, s.Prices[s.Term]}
	}
	return v
}

func showLines(out licence.Outcome) chargeView {
	return chargeView{Lines: append([]lineView{}, out.Lines...), Total: out.Total}
}

func showEffects(out licence.Outcome, lang language.Tag) []effectView {
	all := []effectView{}
	for _, e := range out.Effects {
		all = append(all, effectView{e.Code, e.Detail.In(lang)})
	}
	return all
}
