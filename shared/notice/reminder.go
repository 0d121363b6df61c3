package notice

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"comptoir/shared/calendar"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/phrase"
)

// Reminder is what a fact of the kind licence.Reminded says: what comes of a licence, and the last day to act (F3).
type Reminder struct {
	LicenceID string        `json:"licenceId"`
	BillTo    licence.Payer `json:"billTo"`
	Days      int           `json:"days"` // to the end of the term
	On        calendar.Date `json:"on"`   // the renewal date
	LastDay   calendar.Date `json:"lastDay"`
	What      licence.What  `json:"what"`
	Next      struct {
		PlanCode string        `json:"planCode"`
		Quantity int           `json:"quantity"`
		Term     calendar.Term `json:"term"`
		Price    money.Money   `json:"price"`
	} `json:"next"`
	UnusedSeats map[string]int `json:"unusedSeats,omitempty"` // by module
}

// ReminderOf reads the fact.
func ReminderOf(f event.Fact) Reminder { return read[Reminder](f) }

// read reads what a fact says, whether it was just recorded or comes from a queue or the table.
func read[T any](f event.Fact) (v T) {
	text, err := json.Marshal(f.Data)
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err != nil {
		panic(fmt.Sprintf("notice: a %s that can't be read: %v", f.Kind, err)) // it was written by us
	}
	return v
}

// DueOn is the day on which the reminder was due.
func (r Reminder) DueOn() calendar.Date { return r.On.AddDays(-r.Days) }

// toCustomer tells whether the customer is reminded too: it pays, or no partner manages it.
func (r Reminder) toCustomer(partnerID string) bool {
	return partnerID == "" || r.BillTo == licence.PaidByCustomer
}

// Coming is what comes, as the licence said it.
func (r Reminder) Coming() licence.Coming {
	return licence.Coming{
		On: r.On, LastDay: r.LastDay, What: r.What, PlanCode: r.Next.PlanCode, Quantity: r.Next.Quantity, Term: r.Next.Term, Price: r.Next.Price,
	}
}

// Licence is which licence comes next: the plan and how many units.
func (r Reminder) Licence() phrase.Text { return units(r.Coming()) }

// Price is that of the term that comes next, or empty if none does.
func (r Reminder) Price() phrase.Text { return price(r.Coming()) }

func units(c licence.Coming) phrase.Text { return phrase.Say("%s × %d", c.PlanCode, c.Quantity) }

func price(c licence.Coming) phrase.Text {
	switch {
	case c.Price.Amount == 0:
		return phrase.Text{}
	case c.Term == calendar.Month:
		return phrase.Say("%s a month, before tax", phrase.Amount(c.Price))
	}
	return phrase.Say("%s a year, before tax", phrase.Amount(c.Price))
}

// Unused are the modules with seats that nobody has, each with how many.
func (r Reminder) Unused() string {
	var all []string
	for _, module := range slices.Sorted(maps.Keys(r.UnusedSeats)) {
		if n := r.UnusedSeats[module]; n > 0 {
			all = append(all, fmt.Sprintf("%s\u00a0%d", module, n))
		}
	}
	return strings.Join(all, ", ")
}

// Text says what comes, and until when something can be done about it.
func (r Reminder) Text() phrase.Text {
	if unused := r.Unused(); unused != "" {
		return phrase.Say("%s Seats that nobody has: %s.", Coming(r.Coming()), unused)
	}
	return Coming(r.Coming())
}

// Coming says what a licence comes to, and until when something can be done about it.
func Coming(c licence.Coming) phrase.Text {
	what, on, last := units(c), phrase.Day(c.On), phrase.Day(c.LastDay)
	switch c.What {
	case licence.Renews:
		return phrase.Say("%s is renewed on %s for %s; until %s it can be changed or called off.", what, on, price(c), last)
	case licence.Converts:
		return phrase.Say("the trial of %s becomes the paid licence on %s, for %s; until %s it can be changed or called off.", what, on, price(c), last)
	case licence.Suspends:
		return phrase.Say("the trial of %s ends on %s, and it is suspended; until %s it can be kept.", what, on, last)
	}
	return phrase.Say("%s ends on %s; until %s it can be kept.", what, on, last)
}

// Outcome says in a word or two what becomes of the licence.
func (r Reminder) Outcome() phrase.Text {
	switch r.What {
	case licence.Renews:
		return phrase.Say("is renewed")
	case licence.Converts:
		return phrase.Say("the trial becomes the paid licence")
	case licence.Suspends:
		return phrase.Say("the trial ends, and it is suspended")
	}
	return phrase.Say("ends")
}

// Sent is the proof that the reminder was mailed: to how many people of the partner, or of the customer, and the ids that the
// mail service gave the mails.
func (r Reminder) Sent(to string, m Mailing) event.Fact {
	return event.New(licence.ReminderSent, map[string]any{
		"licenceId": r.LicenceID, "days": r.Days, "on": r.On.String(), "channel": "mail", "to": to, "people": m.People, "at": m.At, "mails": m.IDs,
	})
}
