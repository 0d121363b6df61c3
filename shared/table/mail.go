package table

import (
	"strings"
	"time"

	"comptoir/shared/id"
	"comptoir/shared/stamp"
)

// Sent says what became of a mail that an event asks for: it is written once the mail is on its way, so that the event
// mails no address twice unless a function ends between the two.
//
//	PK MAIL#<event id>   SK TO#<hash of the address>   expires a year later
type Sent struct {
	EventID string    `json:"eventId"`
	Address string    `json:"address"` // its hash
	At      time.Time `json:"at"`
	State   string    `json:"state"`        // sent; suppressed, to a denied domain or to one too many; refused, by the mail service
	ID      string    `json:"id,omitempty"` // at the mail service
}

var _ = describe("mail", func(s Sent) keys {
	return keys{primary: Key{"MAIL#" + s.EventID, "TO#" + s.Address}, until: s.At.AddDate(1, 0, 0)}
})

// MailOf is what became of the mail of an event to an address, and the note of one that was sent.
func MailOf(eventID, address string) (ref Ref[Sent], sent Sent) {
	sent = Sent{EventID: eventID, Address: id.Hash(strings.ToLower(address)), State: "sent"}
	return Ref[Sent]{kindOf(&sent).keys(&sent).primary}, sent
}

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
