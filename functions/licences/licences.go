// Package licences answers the operations on licences: look, preview, take, change, cancel, suspend,
// resume, count. The rules are those of the licence package.
package licences

import (
	"net/http"

	"comptoir/shared/api"
	"comptoir/shared/calendar"
	"comptoir/shared/licence"
	"comptoir/shared/plan"
	"comptoir/shared/seat"
	"comptoir/shared/table"
)

type service struct{ api.Env }

// Operations are those of the area.
func Operations(env api.Env) []api.Operation {
	s := service{env}
	const one = "/v1/customers/{customerId}/licences/{licenceId}"
	const all = "/v1/customers/{customerId}/licences"
	return []api.Operation{
		api.Read("countLicences", "GET /v1/partners/{partnerId}/licences/count", "Count the licences in force, as of a date", s.count),
		api.Read("listLicences", "GET "+all, "List a customer's licences", s.list),
		api.Read("getLicence", "GET "+one, "Read a licence", s.get),
		api.Write("previewLicence", "POST "+all+"/preview", "See what taking, changing or cancelling would do", http.StatusCreated, s.preview),
		api.Write("takeLicence", "POST "+all, "Take a licence", http.StatusCreated, s.take),
		api.Write("changeLicence", "POST "+one+"/change", "Change a licence, now or at renewal", http.StatusOK, s.change),
		api.Write("cancelLicence", "POST "+one+"/cancel", "Cancel a licence", http.StatusOK, s.cancel),
		api.Write("suspendLicence", "POST "+one+"/suspend", "Suspend a licence for a reason", http.StatusOK, s.suspend),
		api.Write("resumeLicence", "POST "+one+"/resume", "Lift a reason of a suspension", http.StatusOK, s.resume),
		api.Write("muteReminders", "PUT "+one+"/reminders", "Have nobody reminded of a licence's renewal for a while", http.StatusOK, s.mute).Says(
			"The licence is renewed or ends as before, and the calendar still shows it. What was not sent is not sent later."),
	}
}

// Path names one licence.
type Path struct {
	api.OnCustomer
	LicenceID string `path:"licenceId" maxLength:"64" pattern:"^lic_[0-9a-z]+$" example:"lic_dupont"`
}

func (p Path) ref() table.Ref[licence.Licence] { return table.Licence(p.CustomerID, p.LicenceID) }

// Load announces the licence.
func (p Path) Load() []table.Load { return []table.Load{p.ref()} }

// change announces the licence and all that follows it.
func (p Path) change() []table.Load { return append(table.HolderOf(p.CustomerID), p.ref()) }

// read is the licence, if it is the version that the caller has read.
func (p Path) read(tx *table.Tx, m api.IfMatch) (licence.Licence, error) {
	l, err := p.ref().Get(tx)
	if err != nil {
		return l, err
	}
	return l, m.Match(l.Version)
}

type countInput struct {
	api.OnPartner
	AsOf calendar.Date `query:"asOf" format:"date" doc:"The day at whose end licences are counted; today if left out. A day to come counts what is known of it."`
}

type countView struct {
	AsOf  calendar.Date `json:"asOf" format:"date"`
	Count int           `json:"count" doc:"Licences taken and not ended, suspended ones included; never those of a partner's own companies or of sandboxes."`
}

// Load announces the ledger up to the day that is named, or all of it.
func (in *countInput) Load() []table.Load {
	return []table.Load{table.InForce(in.PartnerID, in.AsOf)}
}

func (s service) count(tx *table.Tx, in *countInput) (*api.Reply[countView], error) {
	day := in.AsOf
	if day.IsZero() {
		day = calendar.On(tx.Now, s.Zone)
	}
	ledger, _ := table.InForce(in.PartnerID, in.AsOf).Rows(tx)
	return &api.Reply[countView]{Body: countView{day, table.CountInForce(ledger, day)}}, nil
}

type listInput struct {
	api.OnCustomer
	api.Paged
}

func (in *listInput) Load() []table.Load {
	return []table.Load{table.Licences(in.CustomerID, in.Page())}
}

func (s service) list(tx *table.Tx, in *listInput) (*api.Listed[LicenceView], error) {
	rows, next := table.Licences(in.CustomerID, in.Page()).Rows(tx)
	today := calendar.On(tx.Now, s.Zone)
	return api.List(rows, next, func(l licence.Licence) LicenceView { return show(l, today) }), nil
}

type getInput struct{ Path }

func (s service) get(tx *table.Tx, in *getInput) (*api.Reply[LicenceView], error) {
	l, err := in.ref().Get(tx)
	if err != nil {
		return nil, err
	}
	return &api.Reply[LicenceView]{ETag: api.ETag(l.Version), Body: show(l, calendar.On(tx.Now, s.Zone))}, nil
}

type reasonInput struct {
	Path
	api.Once
	api.IfMatch
	Body struct {
		Reason licence.Reason `json:"reason,omitempty" enum:"unpaid,partner,publisher,abuse" doc:"partner for a partner's people, publisher for the publisher, if left out."`
		Note   string         `json:"note,omitempty" maxLength:"500" doc:"In your own words, for the activity."`
	}
}

// Load announces the licence and all that follows it.
func (in *reasonInput) Load() []table.Load { return in.change() }

type decideReason func(licence.Licence, licence.Reason, licence.Side, string, licence.Moment) (licence.Licence, licence.Outcome, error)

func (s service) suspend(tx *table.Tx, in *reasonInput) (*api.Reply[writtenView], error) {
	return s.reasoned(tx, in, licence.Licence.Suspend)
}

func (s service) resume(tx *table.Tx, in *reasonInput) (*api.Reply[writtenView], error) {
	return s.reasoned(tx, in, licence.Licence.Resume)
}

func (s service) reasoned(tx *table.Tx, in *reasonInput, decide decideReason) (*api.Reply[writtenView], error) {
	before, err := in.read(tx, in.IfMatch)
	if err != nil {
		return nil, err
	}
	side, reason := licence.PartnerSide, in.Body.Reason
	if in.Caller().Machine() {
		side = licence.PublisherSide
	}
	if reason == "" {
		reason = side.DefaultReason()
	}
	at := licence.At(tx.Now, s.Zone)
	after, out, err := decide(before, reason, side, in.Body.Note, at)
	if err != nil {
		return nil, err
	}
	return s.settle(tx, before, after, out, at)
}

// settle writes what was decided about a licence: the licence, the customer's row, the ledger of
// licences in force, the gauges and the facts. The units of a flexible licence never fall under the seats in use.
func (s service) settle(tx *table.Tx, before, after licence.Licence, out licence.Outcome, at licence.Moment) (*api.Reply[writtenView], error) {
	h, err := tx.Holder(after.CustomerID)
	if err != nil {
		return nil, err
	}
	if err := tx.Hold(&h, before, &after, out, at); err != nil {
		return nil, err
	}
	if err := fits(before, after, h.Seats, at.Today); err != nil {
		return nil, err
	}
	body := writtenView{LicenceView: show(after, at.Today), Charge: showLines(out)}
	return &api.Reply[writtenView]{ETag: api.ETag(after.Version), Body: body}, nil
}

// fits refuses to lower a flexible licence under the seats in use. One that ends takes its seats with it.
func fits(before, after licence.Licence, seats seat.Pool, today calendar.Date) error {
	if before.Commitment != plan.Flexible || after.Ended(today) || len(after.Reasons) > 0 {
		return nil
	}
	return seats.Fits(today)
}
