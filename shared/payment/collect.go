package payment

import (
	"slices"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/event"
	"comptoir/shared/licence"
)

// Step is what is to be done next about what is open.
type Step string

// What is to be done about what is open.
const (
	Tell   Step = "tell"   // charges are overdue: whoever is to pay is told
	Pause  Step = "pause"  // nobody has paid within the grace period: a licence is suspended
	Resume Step = "resume" // all that a licence was suspended for is paid
)

// PausesOn is the day on which an open charge's licence is suspended; none if it has none, or was.
func (o Open) PausesOn() calendar.Date {
	if o.LicenceID == "" || o.Stage == Suspended {
		return calendar.Date{}
	}
	return o.DueOn.AddDays(GraceDays)
}

// late tells whether nobody has paid on the last day on which it was to be paid.
func (o Open) late(today calendar.Date) bool { return o.DueOn.Before(today) }

// Next is what is to be done on a day, and about which licence; empty for nothing.
func (a Account) Next(today calendar.Date) (Step, string) {
	for _, id := range a.Paused {
		if !slices.ContainsFunc(a.Open, func(o Open) bool { return o.LicenceID == id && o.Stage == Suspended }) {
			return Resume, id
		}
	}
	for _, o := range a.Open {
		if o.Stage == Fresh && o.late(today) {
			return Tell, ""
		}
	}
	for _, o := range a.Open {
		if on := o.PausesOn(); !on.IsZero() && !today.Before(on) {
			return Pause, o.LicenceID
		}
	}
	return "", ""
}

// Await notes when somebody next has to look after the account; the zero time for never.
func (a Account) Await(at licence.Moment) Account {
	a.DueAt = time.Time{}
	sooner := func(t time.Time) {
		if a.DueAt.IsZero() || t.Before(a.DueAt) {
			a.DueAt = t
		}
	}
	if step, _ := a.Next(at.Today); step != "" {
		sooner(at.Now)
		return a
	}
	for _, o := range a.Open {
		if o.Stage == Fresh {
			sooner(o.DueOn.AddDays(1).Start(at.Zone))
		}
		if on := o.PausesOn(); !on.IsZero() {
			sooner(on.Start(at.Zone))
		}
	}
	return a
}

// InvoiceOverdue is the kind of the events of charges that nobody has paid on their day.
const InvoiceOverdue = "invoice.overdue"

// maxTold is how many charges are told of in one go: each is a fact, and all have to fit into one transaction.
const maxTold = 80

// Told notes that whoever is to pay what is overdue was told, with a fact for each charge. Of many it tells the oldest; Next says that there are more.
func (a Account) Told(today calendar.Date) (Account, []event.Fact) {
	a = a.free()
	var facts []event.Fact
	for n := range a.Open {
		if o := &a.Open[n]; o.Stage == Fresh && o.late(today) && len(facts) < maxTold {
			o.Stage = Overdue
			facts = append(facts, event.New(InvoiceOverdue, map[string]any{
				"number": o.ChargeID, "licenceId": o.LicenceID, "amount": o.Left, "dueOn": o.DueOn.String(), "billTo": string(o.Payer),
				"suspendsOn": o.PausesOn().String(),
			}))
		}
	}
	return a, facts
}

// Pausing notes that a licence was suspended for what nobody has paid within the grace period or, if it can't be, that nothing more is to
// be done.
func (a Account) Pausing(licenceID string, suspended bool, today calendar.Date) Account {
	a = a.free()
	for n := range a.Open {
		o := &a.Open[n]
		if on := o.PausesOn(); o.LicenceID == licenceID && !on.IsZero() && !today.Before(on) {
			o.Stage = Suspended
		}
	}
	if suspended && !slices.Contains(a.Paused, licenceID) {
		a.Paused = append(a.Paused, licenceID)
	}
	return a
}

// Resuming notes that a licence was resumed.
func (a Account) Resuming(licenceID string) Account {
	a = a.free()
	a.Paused = slices.DeleteFunc(a.Paused, func(id string) bool { return id == licenceID })
	return a
}
