// Package calendars shows what becomes of a partner's licences when their terms end, as a list and as a calendar (F3).
package calendars

import (
	"comptoir/shared/api"
	"comptoir/shared/calendar"
	"comptoir/shared/ical"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/problem"
	"comptoir/shared/table"
)

type service struct{ api.Env }

// Operations are those of the area.
func Operations(env api.Env) []api.Operation {
	s := service{env}
	return []api.Operation{
		api.ReadAs("listRenewals", "GET /v1/partners/{partnerId}/renewals", "List what becomes of licences when their terms end, by day, or read it as a calendar", []string{ical.Type}, s.list).Says(
			"With Accept: text/calendar all of it comes at once as an iCalendar document, up to 5,000 licences; limit and cursor don't matter then."),
		api.ReadDocument("readCalendar", "GET "+api.RenewalCalendar, "Read the calendar of renewals by a link", ical.Type, s.feed).Says(
			"For calendar programs, which subscribe to the address that createCalendarLink gives: from 31 days ago to 366 days ahead, up to 5,000 licences."),
	}
}

// RenewalView is what becomes of a licence at the end of its term, if nobody does anything.
type RenewalView struct {
	LicenceID    string         `json:"licenceId" example:"lic_dupont"`
	CustomerID   string         `json:"customerId" example:"cus_dupont"`
	CustomerName string         `json:"customerName"`
	PlanCode     string         `json:"planCode" example:"COMPTA-PRO"`
	Quantity     int            `json:"quantity"`
	Status       licence.Status `json:"status" enum:"trial,active,suspended,cancelled,expired"`
	On           calendar.Date  `json:"on" format:"date" doc:"The renewal date."`
	LastDay      calendar.Date  `json:"lastDay" format:"date" doc:"The last day on which something can be done about it."`
	What         licence.What   `json:"what" enum:"renews,converts,suspends,ends,waits" doc:"converts: a trial becomes a paid licence; suspends: one doesn't; waits: a suspended licence is neither renewed nor ended."`
	Next         nextView       `json:"next"`
	AutoRenew    bool           `json:"autoRenew"`
	MutedUntil   calendar.Date  `json:"mutedUntil,omitzero" format:"date" doc:"The last day on which nobody is reminded."`
}

type nextView struct {
	PlanCode string        `json:"planCode"`
	Quantity int           `json:"quantity"`
	Term     calendar.Term `json:"term" enum:"month,year"`
	Price    money.Money   `json:"price" doc:"Of the term that follows, before tax; 0 if none does."`
}

// renewal is a licence whose term ends, and whose it is.
type renewal struct {
	licence.Licence
	customer string // by name
}

func (r renewal) show(today calendar.Date) RenewalView {
	c := r.Coming()
	v := RenewalView{
		LicenceID: r.ID, CustomerID: r.CustomerID, CustomerName: r.customer, PlanCode: r.PlanCode, Quantity: r.Quantity, Status: r.Status(today),
		On: c.On, LastDay: c.LastDay, What: c.What, Next: nextView{c.PlanCode, c.Quantity, c.Term, c.Price}, AutoRenew: r.AutoRenew,
	}
	if r.Muted(today) {
		v.MutedUntil = r.MutedUntil
	}
	return v
}

const (
	usual   = 90  // days, if it isn't said until when
	longest = 366 // days from the first to the last
)

// span is some days, the first and the last included.
type span struct{ from, to calendar.Date }

type listInput struct {
	api.OnPartner
	api.Paged
	From calendar.Date `query:"from" format:"date" doc:"The first renewal date; today if left out."`
	To   calendar.Date `query:"to" format:"date" doc:"The last renewal date, at most 366 days after the first; 90 days after it if left out."`
	What licence.What  `query:"what" enum:"renews,converts,suspends,ends,waits" doc:"Only these; a page can then hold fewer rows than asked for while there are more."`
}

// days are those asked for. Errors: problem.Invalid.
func (in *listInput) days(today calendar.Date) (span, error) {
	days := span{in.From, in.To}
	if days.from.IsZero() {
		days.from = today
	}
	if days.to.IsZero() {
		days.to = days.from.AddDays(usual)
	}
	if n := days.from.DaysUntil(days.to); n < 0 || n > longest {
		return days, problem.Invalid("query.to", "The last day is 0 to %d days after the first.", longest)
	}
	return days, nil
}

// Check refuses days that are too many, if they are said.
func (in *listInput) Check() error {
	if in.From.IsZero() {
		return nil // the service knows what day it is
	}
	_, err := in.days(in.From)
	return err
}

// examined is how many rows are looked at for a page of one kind.
const examined = 1000

// maxPages is how many times as many are looked at for a calendar.
const maxPages = 10

func (in *listInput) page(days span) table.List[licence.Licence] {
	page := in.Page()
	if in.What != "" {
		page.Limit = examined
	}
	return table.Renewals(in.PartnerID, days.from, days.to, page)
}

func (in *listInput) asCalendar() bool { return in.Prefers("application/json", ical.Type) == ical.Type }

// Load announces the page, if it doesn't take the day of today to know which.
func (in *listInput) Load() []table.Load {
	if in.From.IsZero() || in.asCalendar() {
		return nil
	}
	days, _ := in.days(in.From) // checked
	return []table.Load{in.page(days)}
}

func (s service) list(tx *table.Tx, in *listInput) (*api.Either[api.Listed[RenewalView]], error) {
	today := calendar.On(tx.Now, s.Zone)
	days, err := in.days(today)
	if err != nil {
		return nil, err
	}
	wanted := func(l licence.Licence) bool { return in.What == "" || l.Coming().What == in.What }
	if in.asCalendar() {
		all, more, err := renewals(tx, in.PartnerID, days, wanted)
		if err != nil {
			return nil, err
		}
		return &api.Either[api.Listed[RenewalView]]{Document: document(all, more, in.Language(), api.Document{})}, nil
	}
	page := in.page(days)
	if err := tx.Load(page); err != nil {
		return nil, err
	}
	rows, next := page.Rows(tx)
	rows = filter(rows, wanted)
	if len(rows) > in.Limit {
		rows = rows[:in.Limit]
		next = page.After(&rows[in.Limit-1])
	}
	named, err := named(tx, rows)
	if err != nil {
		return nil, err
	}
	return &api.Either[api.Listed[RenewalView]]{Plain: api.List(named, next, func(r renewal) RenewalView { return r.show(today) })}, nil
}

func filter(rows []licence.Licence, wanted func(licence.Licence) bool) []licence.Licence {
	var kept []licence.Licence
	for _, l := range rows {
		if wanted(l) {
			kept = append(kept, l)
		}
	}
	return kept
}

// named adds the customers' names, in a round trip of its own.
func named(tx *table.Tx, rows []licence.Licence) ([]renewal, error) {
	var customers []table.Load
	for _, l := range rows {
		customers = append(customers, table.Customer(l.CustomerID).Lately())
	}
	if err := tx.Load(customers...); err != nil {
		return nil, err
	}
	all := make([]renewal, len(rows))
	for i, l := range rows {
		c, _ := table.Customer(l.CustomerID).Find(tx)
		all[i] = renewal{l, c.Name}
	}
	return all, nil
}
