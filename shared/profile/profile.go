// Package profile holds what people prefer, whichever organisations they belong to: their language, and where they are
// written to (C15, C16).
package profile

import (
	"slices"
	"time"

	"comptoir/shared/event"
	"comptoir/shared/problem"
	"comptoir/shared/stamp"
)

// Profile is what one user prefers.
type Profile struct {
	stamp.Stamp
	UserID    string            `json:"userId"`
	Language  string            `json:"language,omitempty"` // of mails, fr or en; empty: the publisher's
	Addresses map[Which]Address `json:"addresses,omitempty"`
	Refused   []Topic           `json:"refused,omitempty"` // what the user doesn't want to be mailed about
}

// Topic is what mails are about that people can refuse. Those that somebody asks for, or that let somebody in, can't be.
type Topic string

// Renewals are the reminders of licences whose term is about to end.
const Renewals Topic = "renewals"

// Wants tells whether the user is to be mailed about a topic: everybody is who hasn't refused it.
func (p Profile) Wants(t Topic) bool { return !slices.Contains(p.Refused, t) }

// Choose sets whether the user is mailed about a topic.
func (p Profile) Choose(t Topic, wanted bool) (Profile, []event.Fact) {
	if p.Wants(t) == wanted {
		return p, nil
	}
	p.Refused = slices.DeleteFunc(slices.Clone(p.Refused), func(other Topic) bool { return other == t })
	if !wanted {
		p.Refused = append(p.Refused, t)
	}
	return p, []event.Fact{event.New("user.mailsChosen", map[string]any{"about": t, "wanted": wanted})}
}

// Which tells a user's addresses apart.
type Which string

// The addresses of a user.
const (
	Notification Which = "notification" // for notices
	Fallback     Which = "fallback"     // for overdue and late-payment notices only
)

// Address is a mail address, used once its owner has followed the link that was sent there.
type Address struct {
	Mail        string    `json:"mail,omitempty"` // confirmed
	ConfirmedAt time.Time `json:"confirmedAt,omitzero"`
	Wanted      string    `json:"wanted,omitempty"` // to be confirmed
	Number      int       `json:"number"`           // of addresses wanted so far: links of those before have ended
	AskedAt     time.Time `json:"askedAt,omitzero"`
}

// AddressGiven is the kind of the events that have a confirmation mailed.
const AddressGiven = "user.addressGiven"

// Lifetime is how long the link is good for that confirms an address.
const Lifetime = 3 * 24 * time.Hour

// Want sets an address, which counts once it is confirmed; an empty one takes it away. The one that counts already is kept.
// The same once more sends another link.
func (p Profile) Want(which Which, mail string, now time.Time) (Profile, []event.Fact) {
	a := p.Addresses[which]
	switch mail {
	case "":
		if a.Mail == "" && a.Wanted == "" {
			return p, nil
		}
		return p.with(which, Address{Number: a.Number}), []event.Fact{event.New("user.addressRemoved", map[string]any{"which": which})}
	case a.Mail:
		if a.Wanted == "" {
			return p, nil
		}
		a.Wanted = ""
		return p.with(which, a), []event.Fact{event.New("user.addressKept", map[string]any{"which": which})}
	}
	a.Wanted, a.AskedAt = mail, now
	a.Number++
	return p.with(which, a), []event.Fact{event.New(AddressGiven, map[string]any{"which": which, "number": a.Number})}
}

// Confirm makes the address count that the link of a number was sent to. Errors: problem.Conflict link_ended, link_expired.
func (p Profile) Confirm(which Which, number int, now time.Time) (Profile, event.Fact, error) {
	a := p.Addresses[which]
	switch {
	case a.Wanted == "", number != a.Number:
		return p, event.Fact{}, problem.Conflict("link_ended", "The link was used or replaced; set the address again to get another.")
	case !now.Before(a.AskedAt.Add(Lifetime)):
		return p, event.Fact{}, problem.Conflict("link_expired", "The link has expired; set the address again to get another.")
	}
	a.Mail, a.Wanted, a.ConfirmedAt = a.Wanted, "", now
	return p.with(which, a), event.New("user.addressConfirmed", map[string]any{"which": which}), nil
}

// Speak sets the language.
func (p Profile) Speak(language string) (Profile, []event.Fact) {
	if p.Language == language {
		return p, nil
	}
	p.Language = language
	return p, []event.Fact{event.New("user.languageSet", map[string]any{"language": language})}
}

// with copies the addresses: the profile that was loaded stays as it was.
func (p Profile) with(which Which, a Address) Profile {
	all := map[Which]Address{which: a}
	for other, address := range p.Addresses {
		if other != which {
			all[other] = address
		}
	}
	p.Addresses = all
	return p
}

// About says what events of the user are about.
func (p *Profile) About() event.About {
	return event.About{Kind: "user", ID: p.UserID, Version: p.Version, Livemode: true}
}
