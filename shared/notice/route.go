package notice

import (
	"cmp"

	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/licence"
	"comptoir/shared/profile"
)

// Route says how the letters of a kind of event reach people.
type Route struct {
	Address   profile.Which // which of the addresses that they have set (C15, C16); none: the letter's own
	Topic     profile.Topic // by which they refuse it; none: it can't be refused
	Uncounted bool          // nobody can have many of it sent: it isn't held back when much else goes to an address
}

// Routes are those of all kinds of events that somebody is written to because of.
var Routes = map[string]Route{
	collaborator.InvitationSent: {},
	profile.AddressGiven:        {},
	PasswordReset:               {},
	collaborator.RoleGiven:      {Address: profile.Notification},
	consent.Asked:               {Address: profile.Notification},
	licence.Reminded:            {Address: profile.Notification, Topic: profile.Renewals, Uncounted: true},
	licence.Muted:               {Address: profile.Notification, Topic: profile.Renewals, Uncounted: true}, // to customers alone
	RemindersGathered:           {Address: profile.Notification, Topic: profile.Renewals, Uncounted: true},
	InvoiceOverdue:              {Address: profile.Fallback},
	PaymentLate:                 {Address: profile.Fallback},
}

// To is where somebody of a known address is written to, or nowhere.
func (r Route) To(p profile.Profile, known string) string {
	switch {
	case !p.Wants(r.Topic):
		return ""
	case r.Address == profile.Fallback: // to no other (C16)
		return p.Addresses[profile.Fallback].Mail
	case r.Address == profile.Notification:
		return cmp.Or(p.Addresses[profile.Notification].Mail, known)
	}
	return known
}
