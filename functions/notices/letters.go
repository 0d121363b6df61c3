package notices

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"golang.org/x/text/language"

	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/mail"
	"comptoir/shared/membership"
	"comptoir/shared/notice"
	"comptoir/shared/phrase"
	"comptoir/shared/profile"
	"comptoir/shared/table"
)

// Desk writes and posts the letters.
type Desk struct {
	Table    *table.Table
	Post     *mail.Sender
	ResetURL string // where people set a new password, at their sign-in
}

// A posting is a letter to somebody.
type posting struct {
	to     string
	lang   string // fr, en, or empty for the publisher's
	letter mail.Letter
	flood  bool // of mails to this address
}

// hourly is how many mails go to one address in an hour: whoever asks for them, nobody is flooded.
const hourly = 30

var errFlood = errors.New("notices: too many mails to this address within the hour")

// count counts the mail.
func (p *posting) count(tx *table.Tx) error {
	ref, first := table.MailsTo(p.to, tx.Now)
	if err := tx.Load(ref); err != nil {
		return err
	}
	h, some := ref.Find(tx)
	if !some {
		h = first
	}
	if p.flood = h.Mails >= hourly; !p.flood {
		h.Mails++
		tx.Put(&h)
	}
	return nil
}

// mail posts what an event asks for, unless it was posted or nobody wants it any more.
func (d Desk) mail(ctx context.Context, e event.Event) error {
	post, _, err := table.Write(ctx, d.Table, table.Call{Load: []table.Load{table.MailOf(e.ID)}, Allow: table.Unasked}, func(tx *table.Tx) (*posting, error) {
		if _, done := table.MailOf(e.ID).Find(tx); done {
			return nil, nil
		}
		post, err := d.letter(tx, e)
		if err != nil || post == nil {
			return nil, err
		}
		return post, post.count(tx)
	})
	if err != nil || post == nil {
		return err
	}
	post.letter.Sender = d.Post.Name()
	sent := table.Sent{EventID: e.ID, State: "sent"}
	if err = errFlood; !post.flood {
		sent.ID, err = d.Post.Send(ctx, post.to, post.letter.In(spoken(post.lang)))
	}
	switch {
	case errors.Is(err, mail.ErrDenied), errors.Is(err, errFlood):
		slog.WarnContext(ctx, "mail suppressed", "eventId", e.ID, "kind", e.Kind, "reason", err)
		sent.State = "suppressed"
	case mail.Refused(err): // it would be refused again
		slog.ErrorContext(ctx, "mail refused", "eventId", e.ID, "kind", e.Kind, "error", err)
		sent.State = "refused"
	case err != nil:
		return err
	}
	_, _, err = table.Write(ctx, d.Table, table.Call{Load: []table.Load{table.MailOf(e.ID)}, Allow: table.Unasked}, func(tx *table.Tx) (*struct{}, error) {
		if _, done := table.MailOf(e.ID).Find(tx); !done {
			sent.At = tx.Now
			tx.Put(&sent)
		}
		return nil, nil
	})
	return err
}

// spoken is a language that people are written to in: French, which is the publisher's, unless they prefer English.
func spoken(lang string) language.Tag {
	if lang == "en" {
		return language.English
	}
	return language.French
}

// letter is what an event has posted, or nil if it is out of date.
func (d Desk) letter(tx *table.Tx, e event.Event) (*posting, error) {
	switch e.Kind {
	case collaborator.InvitationSent, collaborator.RoleGiven:
		return d.toCollaborator(tx, e)
	case profile.AddressGiven:
		return d.toAddress(tx, e)
	case consent.Asked:
		return d.toAdministrator(tx, e)
	case notice.PasswordReset:
		return d.toMember(tx, e)
	}
	return nil, nil
}

var hello = phrase.Say("Hello,")

// toCollaborator invites somebody, or tells who belongs to the partner already of a new role.
func (d Desk) toCollaborator(tx *table.Tx, e event.Event) (*posting, error) {
	person, partner := table.Collaborator(e.PartnerID, e.Text("collaboratorId")), table.Partner(e.PartnerID)
	if err := tx.Load(person, partner); err != nil {
		return nil, err
	}
	c, there := person.Find(tx)
	p, _ := partner.Find(tx)
	if e.Kind == collaborator.RoleGiven {
		role := membership.Role(e.Text("role"))
		if !there || !c.Active() || !e.At.After(c.JoinedAt) || !c.ServesAs(p, role) { // the invitation has told of what it gives
			return nil, nil
		}
		to, lang, err := d.prefers(tx, c.UserID, c.Mail, c.Language)
		return &posting{to: to, lang: lang, letter: mail.Letter{
			Subject: phrase.Say("%s: you have a new role", p.Name), Greeting: hello,
			Paragraphs: []phrase.Text{phrase.Say("%s has given you the role %s on customers of %s.", e.Actor.Name, roleName(role), p.Name)},
			Action:     &mail.Action{Label: phrase.Say("See your customers"), URL: d.Post.Link("customers")},
			Why:        phrase.Say("You get this mail because you work for %s here.", p.Name),
		}}, err
	}
	if !there || c.State(tx.Now) != collaborator.Invited || c.Invitation.Number != int64(e.Number("number")) {
		return nil, nil
	}
	link := d.link(tx, "invitation", table.Token{
		Number: c.Invitation.Number, ExpiresAt: c.Invitation.ExpiresAt, PartnerID: p.ID, CollaboratorID: c.ID,
	})
	return &posting{to: c.Mail, lang: c.Language, letter: mail.Letter{
		Subject: phrase.Say("%s invites you", p.Name), Greeting: hello,
		Paragraphs: []phrase.Text{
			phrase.Say("%s invites you to work for %s with its customers.", c.Invitation.By, p.Name),
			phrase.Say("Sign in with this address, %s, to accept. The link is good once, for 14 days.", c.Mail),
		},
		Action: &mail.Action{Label: phrase.Say("Accept the invitation"), URL: link},
		Why:    phrase.Say("You get this mail because %s has entered your address at %s. If you don't expect it, do nothing: nothing happens.", c.Invitation.By, p.Name),
	}}, nil
}

// link is that of a new token, which is written with it. Nobody else ever sees the secret.
func (d Desk) link(tx *table.Tx, page string, t table.Token) string {
	secret, hash := tx.NewSecret()
	t.Hash = hash
	tx.Put(&t)
	return d.Post.Link(page) + "#" + secret // behind the sign, where neither servers nor other pages see it
}

// toAddress asks whether an address is its user's.
func (d Desk) toAddress(tx *table.Tx, e event.Event) (*posting, error) {
	ref, which := table.Profile(e.Subject), profile.Which(e.Text("which"))
	if err := tx.Load(ref); err != nil {
		return nil, err
	}
	p, _ := ref.Find(tx)
	a := p.Addresses[which]
	if a.Wanted == "" || a.Number != e.Number("number") {
		return nil, nil
	}
	link := d.link(tx, "address", table.Token{Number: int64(a.Number), ExpiresAt: a.AskedAt.Add(profile.Lifetime), UserID: p.UserID, Which: string(which)})
	use := phrase.Say("You want to get notices at this address.")
	if which == profile.Fallback {
		use = phrase.Say("You want to get overdue and late-payment notices at this address.")
	}
	return &posting{to: a.Wanted, lang: p.Language, letter: mail.Letter{
		Subject: phrase.Say("Confirm your address"), Greeting: hello,
		Paragraphs: []phrase.Text{use, phrase.Say("It counts once you confirm it. The link is good once, for 3 days.")},
		Action:     &mail.Action{Label: phrase.Say("Confirm the address"), URL: link},
		Why:        phrase.Say("You get this mail because somebody who is signed in has entered this address. If it wasn't you, do nothing: nothing happens."),
	}}, nil
}

// toAdministrator asks a customer for its consent.
func (d Desk) toAdministrator(tx *table.Tx, e event.Event) (*posting, error) {
	ref, asked := table.Customer(e.Subject), table.Consent(e.Subject, e.Text("partnerId"))
	if err := tx.Load(ref, asked); err != nil {
		return nil, err
	}
	c, _ := ref.Find(tx)
	if a, there := asked.Find(tx); !there || a.Answer != consent.Requested {
		return nil, nil
	}
	user, address, err := administrator(tx, c)
	if err != nil || address == "" {
		return nil, err
	}
	to, lang, err := d.prefers(tx, user, address, "")
	partner := e.Text("partnerName")
	return &posting{to: to, lang: lang, letter: mail.Letter{
		Subject: phrase.Say("%s asks for your consent", partner), Greeting: hello,
		Paragraphs: []phrase.Text{
			phrase.Say("%s would like to help you with %s, and to act there for you. Nobody does before you consent.", partner, c.Name),
			phrase.Say("You decide until when, you see who did what, and you can withdraw at any time."),
		},
		Action: &mail.Action{Label: phrase.Say("Read and decide"), URL: d.Post.Link("consents", e.Text("partnerId"))},
		Why:    phrase.Say("You get this mail because you administer %s.", c.Name),
	}}, err
}

// administrator is who administers a customer now: the one who was reported first, as long as that is so, or another. Of a
// customer whose people are not known here, it is the one who was reported.
func administrator(tx *table.Tx, c customer.Customer) (userID, mail string, err error) {
	people := table.Members(c.ID, table.Page{Limit: 100})
	if err := tx.Load(people); err != nil {
		return "", "", err
	}
	rows, _ := people.Rows(tx)
	for _, m := range rows {
		if !slices.Contains(m.Roles, membership.Admin) || m.Mail == "" {
			continue
		}
		if userID == "" || m.UserID == c.Administrator.UserID {
			userID, mail = m.UserID, m.Mail
		}
	}
	if len(rows) == 0 {
		mail = c.Administrator.Mail
	}
	return userID, mail, nil
}

// toMember leads a member to where a new password is set.
func (d Desk) toMember(tx *table.Tx, e event.Event) (*posting, error) {
	member, customer := table.Membership(e.Text("memberId"), e.Subject), table.Customer(e.Subject)
	if err := tx.Load(member, customer); err != nil {
		return nil, err
	}
	m, there := member.Find(tx)
	c, _ := customer.Find(tx)
	if !there || m.Mail == "" {
		return nil, nil
	}
	p, err := profileOf(tx, m.UserID)
	return &posting{to: m.Mail, lang: p.Language, letter: mail.Letter{
		Subject: phrase.Say("Set a new password"), Greeting: hello,
		Paragraphs: []phrase.Text{phrase.Say("%s asks you to set a new password for your sign-in.", e.Actor.Name)},
		Action:     &mail.Action{Label: phrase.Say("Set a new password"), URL: d.ResetURL},
		Why:        phrase.Say("You get this mail because you are a member of %s.", c.Name),
	}}, err
}

func profileOf(tx *table.Tx, userID string) (p profile.Profile, err error) {
	if userID == "" {
		return p, nil
	}
	err = tx.Load(table.Profile(userID))
	if err == nil {
		p, _ = table.Profile(userID).Find(tx)
	}
	return p, err
}

// prefers is where and how somebody wants to be written to.
func (d Desk) prefers(tx *table.Tx, userID, address, lang string) (to, speaks string, err error) {
	p, err := profileOf(tx, userID)
	if confirmed := p.Addresses[profile.Notification].Mail; confirmed != "" {
		address = confirmed
	}
	if p.Language != "" {
		lang = p.Language
	}
	return address, lang, err
}

// roleName is a collaborator role in words.
func roleName(r membership.Role) phrase.Text {
	if r == membership.Accountant {
		return phrase.Say("accountant")
	}
	return phrase.Say("support")
}
