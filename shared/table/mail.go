package table

import "time"

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
