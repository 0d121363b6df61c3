package table

import (
	"strings"
	"time"

	"comptoir/shared/id"
	"comptoir/shared/stamp"
)

// Sent says what became of the mail that an event asks for: it is written once the mail is on its way, so that the event
// mails nobody twice unless a function ends between the two.
//
//	PK MAIL#<event id>   SK MAIL   expires a year later
type Sent struct {
	EventID string    `json:"eventId"`
	At      time.Time `json:"at"`
	State   string    `json:"state"`        // sent; suppressed, to a denied domain; refused, by the mail service
	ID      string    `json:"id,omitempty"` // at the mail service
}

var _ = describe("mail", func(s Sent) keys {
	return keys{primary: MailOf(s.EventID).Key, until: s.At.AddDate(1, 0, 0)}
})

// MailOf is what became of the mail of an event.
func MailOf(eventID string) Ref[Sent] { return Ref[Sent]{Key{"MAIL#" + eventID, "MAIL"}} }

// Hourly counts the mails to an address within an hour, whoever asks for them.
//
//	PK MAILS#<hash of the address>   SK HOUR#<instant>   expires a day later
type Hourly struct {
	stamp.Stamp
	Address string    `json:"address"` // its hash
	Hour    time.Time `json:"hour"`
	Mails   int       `json:"mails"`
}

var _ = describe("hourly", func(h Hourly) keys {
	return keys{primary: Key{"MAILS#" + h.Address, "HOUR#" + h.Hour.Format(time.RFC3339)}, until: h.Hour.AddDate(0, 0, 1)}
})

// MailsTo are the mails to an address within the hour of a moment, and the count of an hour without any.
func MailsTo(address string, at time.Time) (ref Ref[Hourly], first Hourly) {
	first = Hourly{Address: id.Hash(strings.ToLower(address)), Hour: at.Truncate(time.Hour)}
	return Ref[Hourly]{kindOf(&first).keys(&first).primary}, first
}
