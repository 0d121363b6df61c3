package notice

import (
	"slices"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/event"
	"comptoir/shared/stamp"
)

// Digest is the reminders of a partner's licences that are mailed together (F3): those of a day that come within a while of the first.
// Those that come later have another digest, of the next number.
type Digest struct {
	stamp.Stamp
	DigestID
	Until    time.Time `json:"until"`             // reminders are added
	DueAt    time.Time `json:"dueAt,omitzero"`    // when it is to go out; none once it is on its way
	MailedAt time.Time `json:"mailedAt,omitzero"` // to everybody
}

// DigestID says which digest it is.
type DigestID struct {
	PartnerID string        `json:"partnerId"`
	Day       calendar.Date `json:"day"`    // on which the reminders were due
	Number    int           `json:"number"` // from 1
}

const (
	gathering = 45 * time.Minute // so that it goes out with the scan that follows the reminders' own
	settling  = 5 * time.Minute  // longer than anybody takes to add a reminder after having seen that it may be
)

// Begin is a new digest.
func (id DigestID) Begin(now time.Time) Digest {
	return Digest{DigestID: id, Until: now.Add(gathering), DueAt: now.Add(gathering + settling)}
}

// Open tells whether reminders can still be added.
func (d Digest) Open(now time.Time) bool { return now.Before(d.Until) }

// RemindersGathered is the kind of the events of a partner that have a digest mailed.
const RemindersGathered = "partner.remindersGathered"

// Close sends the digest on its way, once it is due. Nothing due changes nothing.
func (d Digest) Close(now time.Time) (Digest, []event.Fact) {
	if d.DueAt.IsZero() || now.Before(d.DueAt) {
		return d, nil
	}
	d.DueAt = time.Time{}
	return d, []event.Fact{event.New(RemindersGathered, map[string]any{"day": d.Day.String(), "number": d.Number})}
}

// DigestOf is which digest an event of a partner is about.
func DigestOf(e event.Event) DigestID {
	day, err := calendar.Parse(e.Text("day"))
	if err != nil {
		panic("notice: a digest of no day: " + err.Error()) // it was written by us
	}
	return DigestID{e.PartnerID, day, e.Number("number")}
}

// Mailing is the mails about something that were sent.
type Mailing struct {
	People int       `json:"people"`
	At     time.Time `json:"at"`    // when the last one was
	IDs    []string  `json:"mails"` // at the mail service
}

// With is the mailing with one more mail.
func (m Mailing) With(at time.Time, id string) Mailing {
	if at.After(m.At) {
		m.At = at
	}
	m.People++
	m.IDs = append(slices.Clip(m.IDs), id)
	return m
}

// RemindersMailed is the kind of the events of a partner whose digest was mailed. The proof of each customer follows from them.
const RemindersMailed = "partner.remindersMailed"

// Mailed notes that the digest was mailed, once. What nobody got is not.
func (d Digest) Mailed(m Mailing) (Digest, []event.Fact) {
	if !d.MailedAt.IsZero() || m.People == 0 {
		return d, nil
	}
	d.MailedAt = m.At
	return d, []event.Fact{event.New(RemindersMailed, map[string]any{
		"day": d.Day.String(), "number": d.Number, "people": m.People, "at": m.At, "mails": m.IDs,
	})}
}

// MailingOf is the mailing that an event of the kind RemindersMailed tells of.
func MailingOf(e event.Event) Mailing { return read[Mailing](e.Fact) }

// Line is one reminder within a digest.
type Line struct {
	DigestID
	EventID      string `json:"eventId"` // of the reminder
	CustomerID   string `json:"customerId"`
	CustomerName string `json:"customerName"`
	Reminder
}

// Line is the line of what the partner is told of a reminder.
func (id DigestID) Line(n Notification) Line {
	return Line{id, n.EventID, n.CustomerID, n.CustomerName, n.Reminder()}
}
