package collaborators

import (
	"net/http"
	"slices"

	"comptoir/shared/api"
	"comptoir/shared/collaborator"
	"comptoir/shared/id"
	"comptoir/shared/identifier"
	"comptoir/shared/membership"
	"comptoir/shared/problem"
	"comptoir/shared/table"
)

// Invitee is who is invited.
type Invitee struct {
	Mail     string `json:"mail" format:"email" maxLength:"254" example:"lea@cabinet-martin.example"`
	Name     string `json:"name,omitempty" maxLength:"200" doc:"Whoever accepts may say another."`
	Language string `json:"language,omitempty" enum:"fr,en" doc:"Of mails; that of the request if left out."`
}

// check reads address and name.
func (i *Invitee) check(denied func(string) bool) (err error) {
	if i.Mail, err = identifier.Mail(i.Mail); err != nil {
		return problem.Invalid("body.mail", "This is not a plain mail address.")
	}
	if denied(i.Mail) {
		return problem.Invalid("body.mail", "No mail is sent to this domain; give another address.")
	}
	if i.Name != "" {
		if i.Name, err = identifier.Person(i.Name); err != nil {
			return problem.Invalid("body.name", "This is not a name.")
		}
	}
	return nil
}

// Inviting is an invitation of somebody by mail address, who may be known already.
type Inviting struct {
	api.OnPartner
	api.Once
}

func (in *Inviting) ref(i Invitee) table.Ref[collaborator.Collaborator] {
	return table.Collaborator(in.PartnerID, collaborator.ID(in.PartnerID, i.Mail))
}

// invite gives something to somebody, and invites whoever has not accepted yet.
func (in *Inviting) invite(tx *table.Tx, i Invitee, denied func(string) bool, give func(*person) error) (*api.Reply[CollaboratorView], error) {
	if err := i.check(denied); err != nil {
		return nil, err
	}
	ref := in.ref(i)
	if err := tx.Load(ref); err != nil {
		return nil, err
	}
	p, err := table.Partner(in.PartnerID).Get(tx)
	if err != nil {
		return nil, err
	}
	c, known := ref.Find(tx)
	h := &person{partner: p, before: collaborator.New(p.ID, i.Mail, i.Name, languageOr(i.Language, &in.Common))}
	h.after = h.before
	if known {
		if err := mayInvite(tx, c); err != nil {
			return nil, err
		}
		if h, err = load(tx, p.ID, c); err != nil {
			return nil, err
		}
	}
	if err := give(h); err != nil {
		return nil, err
	}
	if !h.after.Active() {
		if i.Name != "" {
			h.after.Name = i.Name
		}
		if i.Language != "" {
			h.after.Language = i.Language
		}
		after, sent, err := h.after.Invite(tx.Actor.Name, tx.Now)
		if err != nil {
			return nil, err
		}
		h.after, h.facts = after, append(h.facts, sent)
	}
	if err := h.write(tx); err != nil {
		return nil, err
	}
	out := reply(h.after, h.partner, tx.Now)
	if known {
		out.Status = http.StatusOK
	}
	return out, nil
}

type inviteInput struct {
	Inviting
	Body struct {
		Invitee
		Roles []membership.Role `json:"roles" enum:"accountant,support" minItems:"1" maxItems:"2" uniqueItems:"true" doc:"On customers, which are set afterwards."`
	}
}

func (s service) invite(tx *table.Tx, in *inviteInput) (*api.Reply[CollaboratorView], error) {
	return in.Inviting.invite(tx, in.Body.Invitee, s.Denied, func(h *person) error {
		for _, role := range in.Body.Roles {
			if err := h.serve(tx, role); err != nil {
				return err
			}
		}
		return nil
	})
}

type inviteUserInput struct {
	Inviting
	Body struct {
		Invitee
		Grants
	}
}

// Check refuses an invitation to nothing.
func (in *inviteUserInput) Check() error {
	if in.Body.nothing() {
		return noGrant()
	}
	return nil
}

func (s service) inviteUser(tx *table.Tx, in *inviteUserInput) (*api.Reply[CollaboratorView], error) {
	return in.Inviting.invite(tx, in.Body.Invitee, s.Denied, func(h *person) error {
		after, facts := h.after.Appoint(in.Body.Roles, in.Body.grant(), tx.Actor.Name, tx.Now)
		h.after, h.facts = after, append(h.facts, facts...)
		return nil
	})
}

// mayInvite keeps those who look after collaborators from inviting users, or from taking their invitations back.
func mayInvite(tx *table.Tx, c collaborator.Collaborator) error {
	user := !c.Active() && (len(c.Roles) > 0 || c.Grant != "")
	if user && slices.Contains(tx.Roles, string(membership.AccountAdmin)) && !slices.Contains(tx.Roles, string(membership.GlobalAdmin)) {
		return problem.Forbidden("Users of the partner are its global administrators' affair.")
	}
	return nil
}

type invitationInput struct {
	OnPerson
	api.Once
}

// ofInvited changes somebody who has not accepted; nothing else has to be read.
func (in *invitationInput) ofInvited(tx *table.Tx, rule func(*person) error) (*api.Reply[CollaboratorView], error) {
	p, err := table.Partner(in.PartnerID).Get(tx)
	if err != nil {
		return nil, err
	}
	c, err := in.ref().Get(tx)
	if err != nil {
		return nil, err
	}
	if err := mayInvite(tx, c); err != nil {
		return nil, err
	}
	h := &person{partner: p, before: c, after: c}
	if err := rule(h); err != nil {
		return nil, err
	}
	if err := h.write(tx); err != nil {
		return nil, err
	}
	return reply(h.after, p, tx.Now), nil
}

func (s service) resend(tx *table.Tx, in *invitationInput) (*api.Reply[CollaboratorView], error) {
	return in.ofInvited(tx, func(h *person) error {
		after, sent, err := h.after.Invite(tx.Actor.Name, tx.Now)
		h.after, h.facts = after, append(h.facts, sent)
		return err
	})
}

func (s service) revoke(tx *table.Tx, in *invitationInput) (*api.Reply[CollaboratorView], error) {
	return in.ofInvited(tx, func(h *person) (err error) {
		h.after, h.facts, err = h.after.Revoke(tx.Now)
		return err
	})
}

type acceptInput struct {
	api.OnSelf
	api.Once
	Body struct {
		Token string `json:"token" minLength:"43" maxLength:"43" pattern:"^[A-Za-z0-9_-]+$" doc:"From the link of the mail."`
		Name  string `json:"name,omitempty" maxLength:"200" doc:"Yours, as others see it; that of the invitation if left out."`
	}
}

func (in *acceptInput) token() table.Ref[table.Token] { return table.TokenOf(id.Hash(in.Body.Token)) }

// Load announces the token.
func (in *acceptInput) Load() []table.Load { return []table.Load{in.token()} }

// Check reads the name.
func (in *acceptInput) Check() (err error) {
	if in.Body.Name != "" {
		if in.Body.Name, err = identifier.Person(in.Body.Name); err != nil {
			return problem.Invalid("body.name", "This is not a name.")
		}
	}
	return nil
}

type acceptedView struct {
	OrganisationID string            `json:"organisationId" doc:"For X-Organisation."`
	Name           string            `json:"name" doc:"Of the partner."`
	Roles          []membership.Role `json:"roles" doc:"All that you hold there."`
}

func (s service) accept(tx *table.Tx, in *acceptInput) (*api.Reply[acceptedView], error) {
	t, known := in.token().Find(tx)
	if !known || t.CollaboratorID == "" {
		return nil, problem.NotFound()
	}
	me := in.Caller()
	mail, err := identifier.Mail(me.Mail)
	if err != nil || !me.MailVerified {
		return nil, problem.Conflict("mail_not_verified", "Your sign-in doesn't vouch for your mail address; accept with a token that carries it.")
	}
	ref, partner, place := table.Collaborator(t.PartnerID, t.CollaboratorID), table.Partner(t.PartnerID), table.Membership(me.ID, t.PartnerID)
	if err := tx.Load(ref, partner, place); err != nil {
		return nil, err
	}
	c, there := ref.Find(tx)
	p, err := partner.Get(tx)
	if err != nil || !there { // removed since: there is nothing to accept
		return nil, problem.Conflict("invitation_ended", "The invitation was used, replaced or revoked; ask for another.")
	}
	after, accepted, err := c.Accept(t.Number, me.ID, mail, in.Body.Name, tx.Now)
	if err != nil {
		return nil, err
	}
	if _, belongs := place.Find(tx); belongs {
		return nil, problem.Conflict("already_collaborator", "You belong to this partner already, by another address.")
	}
	boxes := table.PortfolioOf(c)
	if err := tx.Load(boxes); err != nil { // after the person, whose version guards it
		return nil, err
	}
	rows, _ := boxes.Rows(tx)
	h := &person{partner: p, before: c, after: after, portfolio: collaborator.Loaded(rows)}
	h.shelf = h.portfolio.Move(me.ID)
	h.facts = append(h.facts, accepted)
	tx.Actor.Name, tx.Organisation, tx.OrganisationName = after.Called(), p.ID, p.Name
	if err := h.write(tx); err != nil {
		return nil, err
	}
	m := after.Place(h.place, p)
	return &api.Reply[acceptedView]{Body: acceptedView{p.ID, p.Name, api.RolesOf(m, p)}}, nil
}
