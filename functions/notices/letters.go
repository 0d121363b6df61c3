package notices

import (
	"cmp"
	"slices"

	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/mail"
	"comptoir/shared/membership"
	"comptoir/shared/notice"
	"comptoir/shared/phrase"
	"comptoir/shared/profile"
	"comptoir/shared/table"
)

// letters are what an event has posted, and to whom; none if it is out of date.
func (d Desk) letters(tx *table.Tx, e event.Event) ([]posting, error) {
	switch e.Kind {
	case collaborator.InvitationSent, collaborator.RoleGiven:
		return one(d.toCollaborator(tx, e))
	case profile.AddressGiven:
		return one(d.toAddress(tx, e))
	case consent.Asked:
		return one(d.toAsked(tx, e))
	case notice.PasswordReset:
		return one(d.toMember(tx, e))
	case licence.Reminded, licence.Muted:
		return one(d.toPayer(tx, e))
	case notice.RemindersGathered:
		return d.toSellers(tx, e)
	case notice.InvoiceOverdue, notice.PaymentLate:
		return d.toBilling(tx, e)
	}
	return nil, nil
}

// one are the postings of an event that writes to one person at the most.
func one(p *posting, err error) ([]posting, error) {
	if p == nil || err != nil {
		return nil, err
	}
	return []posting{*p}, nil
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
		return d.prefers(tx, e, c.UserID, c.Mail, c.Language, mail.Letter{
			Subject: phrase.Say("%s: you have a new role", p.Name), Greeting: hello,
			Paragraphs: []phrase.Text{phrase.Say("%s has given you the role %s on customers of %s.", e.Actor.Name, roleName(role), p.Name)},
			Action:     &mail.Action{Label: phrase.Say("See your customers"), URL: d.Post.Link("customers")},
			Why:        phrase.Say("You get this mail because you work for %s here.", p.Name),
		})
	}
	if !there || c.State(tx.Now) != collaborator.Invited || c.Invitation.Number != int64(e.Number("number")) {
		return nil, nil
	}
	token := table.Token{Number: c.Invitation.Number, ExpiresAt: c.Invitation.ExpiresAt, PartnerID: p.ID, CollaboratorID: c.ID}
	return &posting{to: c.Mail, lang: c.Language, token: &token, letter: mail.Letter{
		Subject: phrase.Say("%s invites you", p.Name), Greeting: hello,
		Paragraphs: []phrase.Text{
			phrase.Say("%s invites you to work for %s with its customers.", c.Invitation.By, p.Name),
			phrase.Say("Sign in with this address, %s, to accept. The link is good once, for 14 days.", c.Mail),
		},
		Action: &mail.Action{Label: phrase.Say("Accept the invitation"), URL: d.Post.Link("invitation")},
		Why:    phrase.Say("You get this mail because %s has entered your address at %s. If you don't expect it, do nothing: nothing happens.", c.Invitation.By, p.Name),
	}}, nil
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
	token := table.Token{Number: int64(a.Number), ExpiresAt: a.AskedAt.Add(profile.Lifetime), UserID: p.UserID, Which: string(which)}
	use := phrase.Say("You want to get notices at this address.")
	if which == profile.Fallback {
		use = phrase.Say("You want to get overdue and late-payment notices at this address.")
	}
	return &posting{to: a.Wanted, lang: p.Language, token: &token, letter: mail.Letter{
		Subject: phrase.Say("Confirm your address"), Greeting: hello,
		Paragraphs: []phrase.Text{use, phrase.Say("It counts once you confirm it. The link is good once, for 3 days.")},
		Action:     &mail.Action{Label: phrase.Say("Confirm the address"), URL: d.Post.Link("address")},
		Why:        phrase.Say("You get this mail because somebody who is signed in has entered this address. If it wasn't you, do nothing: nothing happens."),
	}}, nil
}

// toAsked asks a customer for its consent.
func (d Desk) toAsked(tx *table.Tx, e event.Event) (*posting, error) {
	ref, asked := table.Customer(e.Subject), table.Consent(e.Subject, e.Text("partnerId"))
	if err := tx.Load(ref, asked); err != nil {
		return nil, err
	}
	c, _ := ref.Find(tx)
	if a, there := asked.Find(tx); !there || a.Answer != consent.Requested {
		return nil, nil
	}
	partner := e.Text("partnerName")
	return d.toAdministrator(tx, e, c, mail.Letter{
		Subject: phrase.Say("%s asks for your consent", partner), Greeting: hello,
		Paragraphs: []phrase.Text{
			phrase.Say("%s would like to help you with %s, and to act there for you. Nobody does before you consent.", partner, c.Name),
			phrase.Say("You decide until when, you see who did what, and you can withdraw at any time."),
		},
		Action: &mail.Action{Label: phrase.Say("Read and decide"), URL: d.Post.Link("consents", e.Text("partnerId"))},
		Why:    phrase.Say("You get this mail because you administer %s.", c.Name),
	})
}

// toAdministrator is a letter to who administers a customer.
func (d Desk) toAdministrator(tx *table.Tx, e event.Event, c customer.Customer, letter mail.Letter) (*posting, error) {
	user, address, err := administrator(tx, c)
	if err != nil || address == "" {
		return nil, err
	}
	return d.prefers(tx, e, user, address, "", letter)
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

// prefers is a letter to somebody, where and in the language that they want it, or nothing if they don't.
func (d Desk) prefers(tx *table.Tx, e event.Event, userID, address, lang string, letter mail.Letter) (*posting, error) {
	p, err := profileOf(tx, userID)
	if err != nil {
		return nil, err
	}
	to := notice.Routes[e.Kind].To(p, address)
	if to == "" {
		return nil, nil
	}
	return &posting{to: to, lang: cmp.Or(p.Language, lang), letter: letter}, nil
}

// roleName is a collaborator role in words.
func roleName(r membership.Role) phrase.Text {
	if r == membership.Accountant {
		return phrase.Say("accountant")
	}
	return phrase.Say("support")
}
