package calendars

import (
	"fmt"
	"time"

	"golang.org/x/text/language"

	"comptoir/shared/api"
	"comptoir/shared/calendar"
	"comptoir/shared/ical"
	"comptoir/shared/licence"
	"comptoir/shared/notice"
	"comptoir/shared/phrase"
	"comptoir/shared/table"
)

// MaxEvents is the most licences that a calendar holds: the first ones by renewal date.
const MaxEvents = 5000

// A calendar that is subscribed to holds so many days before and after today, and is read again after a while.
const (
	before  = 31
	after   = 366
	refresh = 4 * time.Hour
)

type feedInput struct{ api.ByLink }

func (s service) feed(tx *table.Tx, in *feedInput) (*api.Document, error) {
	today := calendar.On(tx.Now, s.Zone)
	all, more, err := renewals(tx, in.Organisation, span{today.AddDays(-before), today.AddDays(after)}, func(licence.Licence) bool { return true })
	if err != nil {
		return nil, err
	}
	kept := api.Document{Cache: fmt.Sprintf("private, max-age=%.0f", refresh.Seconds())}
	return document(all, more, in.Language(), kept), nil
}

// renewals are a partner's of some days, up to MaxEvents of those wanted among the first that are examined, and whether there are more. They can be megabytes: they are read once the
// caller is known to be allowed them.
func renewals(tx *table.Tx, partnerID string, days span, wanted func(licence.Licence) bool) (all []renewal, more bool, err error) {
	var rows []licence.Licence
	page, pages := table.Page{Limit: examined}, 0
	for {
		list := table.Renewals(partnerID, days.from, days.to, page)
		if err := tx.Load(list); err != nil {
			return nil, false, err
		}
		found, next := list.Rows(tx)
		rows = append(rows, filter(found, wanted)...)
		if more = len(rows) > MaxEvents; more {
			rows = rows[:MaxEvents]
		}
		pages++
		more = more || next != "" && pages == maxPages
		if page.Cursor = next; next == "" || more {
			all, err = named(tx, rows)
			return all, more, err
		}
	}
}

// document makes a calendar of renewals, in a language.
func document(all []renewal, more bool, lang language.Tag, as api.Document) *api.Document {
	c := ical.Calendar{Name: phrase.Say("Renewals").In(lang), Refresh: refresh}
	for _, r := range all {
		c.Events = append(c.Events, r.event(lang))
	}
	as.Type = ical.Type + "; charset=utf-8"
	as.Content = c.Document(func(events int) string {
		if !more && events == len(all) {
			return ""
		}
		return phrase.Say("There are more renewals than the calendar holds: it has the first %d, up to %s.", events, phrase.Day(all[events-1].End)).In(lang)
	})
	return &as
}

// event is that of the end of one term: the next term's is another.
func (r renewal) event(lang language.Tag) ical.Event {
	c := r.Coming()
	return ical.Event{
		UID: r.ID + "-" + r.Start.String() + "@comptoir", On: c.On, Changed: r.UpdatedAt,
		Summary: r.title(c).In(lang), Description: phrase.Say("%s: %s", r.customer, notice.Coming(c)).In(lang),
	}
}

func (r renewal) title(c licence.Coming) phrase.Text {
	switch c.What {
	case licence.Renews:
		return phrase.Say("%s: renewal of %s", r.customer, c.PlanCode)
	case licence.Converts:
		return phrase.Say("%s: the trial of %s becomes a paid licence", r.customer, r.PlanCode)
	case licence.Suspends:
		return phrase.Say("%s: end of the trial of %s", r.customer, r.PlanCode)
	case licence.Waits:
		return phrase.Say("%s: %s is suspended and isn't renewed", r.customer, r.PlanCode)
	}
	return phrase.Say("%s: end of %s", r.customer, r.PlanCode)
}
