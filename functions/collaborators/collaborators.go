// Package collaborators answers the operations on a partner's people: those who serve its customers as accountants or support,
// and the users of its own organisation. The rules are those of the collaborator package.
package collaborators

import (
	"net/http"
	"time"

	"comptoir/shared/api"
	"comptoir/shared/collaborator"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
	"comptoir/shared/phrase"
	"comptoir/shared/table"
)

type service struct{ api.Env }

// Operations are those of the area.
func Operations(env api.Env) []api.Operation {
	s := service{env}
	const (
		collaborators = "/v1/partners/{partnerId}/collaborators"
		one           = collaborators + "/{collaboratorId}"
		role          = one + "/roles/{role}"
		users         = "/v1/partners/{partnerId}/users"
	)
	return []api.Operation{
		api.Read("listCollaborators", "GET "+collaborators, "List the people who serve a partner's customers, by name", s.list).Says(
			"From an index that may be a second behind. Nobody is there until the first invitation."),
		api.Write("inviteCollaborator", "POST "+collaborators, "Invite somebody to serve customers, by mail", http.StatusCreated, s.invite).Says(
			"The mail carries a link that is good for 14 days, once. An address that is known already is updated instead: the roles are given, and whoever has accepted needs no other invitation."),
		api.Read("getCollaborator", "GET "+one, "Read one of a partner's people", s.get),
		api.Write("removeCollaborator", "DELETE "+one, "Take all roles on customers from a collaborator, with all that followed", http.StatusOK, s.remove).Says(
			"Whoever also has a role or a grant as a user stays as such; removeUser takes everything."),
		api.Write("resendInvitation", "POST "+one+"/invitation", "Send the invitation once more; links sent before end", http.StatusOK, s.resend),
		api.Write("revokeInvitation", "DELETE "+one+"/invitation", "Make the links that were sent useless", http.StatusOK, s.revoke),
		api.Write("giveRole", "PUT "+role, "Give a collaborator a role on customers", http.StatusOK, s.giveRole).Says(
			"accountant is for accounting firms, support for partners that give first-line support: role_not_allowed. The role reaches no customer until customers are set."),
		api.Write("takeRole", "DELETE "+role, "Take a role away, with the customers that it was for", http.StatusOK, s.takeRole).Says(
			"Whoever has nothing left belongs to the partner no more."),
		api.Read("listCollaboratorCustomers", "GET "+role+"/customers", "List the customers that a collaborator works on in a role", s.customers).Says(
			"In the order of their ids, which is that of every list of ids here."),
		api.Write("setCustomers", "PUT "+role+"/customers", "Set the customers that a collaborator works on in a role, in one save", http.StatusOK, s.setCustomers).Larger(512 << 10).Says(
			"All or nothing, also to those who read meanwhile: up to 5,000 customers in one transaction. The role has to be held (role_not_held) and still be the partner's right (role_not_allowed). The answer is the difference. Send If-Match with the collaborator's ETag so that two people who edit the same boxes notice."),
		api.Write("bulkAssign", "POST "+collaborators+"/assignments", "Let collaborators into customers, or out of them, item by item", http.StatusOK, s.assign).Says(
			"Up to 30 items, each with a result of its own; what is refused hinders none of the others. To set many customers of one person use setCustomers."),
		api.Read("listUsers", "GET "+users, "List the users of the partner's own organisation, by name", s.users),
		api.Write("inviteUser", "POST "+users, "Invite somebody into the partner's own organisation, by mail", http.StatusCreated, s.inviteUser).Says(
			"Two independent grants: roles in the own organisation, and access to all customers that consent to the partner's support, full or limited."),
		api.Write("setUser", "PUT "+users+"/{collaboratorId}", "Set what a user may do", http.StatusOK, s.setUser).Says(
			"A partner always keeps a global administrator who has accepted: last_global_admin. Who is to have nothing is removed instead."),
		api.Write("removeUser", "DELETE "+users+"/{collaboratorId}", "Remove somebody from the partner, with all that was given", http.StatusOK, s.removeUser),
		api.Write("acceptInvitation", "POST /v1/invitations/accept", "Accept an invitation, with the token of its link", http.StatusOK, s.accept).Says(
			"Sign in with the address that was invited: the token of your sign-in has to carry email and email_verified (with Cognito, the ID token), or it is mail_not_verified. The refusals invitation_other_address, invitation_expired and invitation_ended (used, replaced or revoked) say what to ask for."),
	}
}

// CollaboratorView is one of a partner's people.
type CollaboratorView struct {
	ID                  string             `json:"id" example:"col_lea"`
	Mail                string             `json:"mail"`
	Name                string             `json:"name,omitempty"`
	Language            string             `json:"language" enum:"fr,en" doc:"Of mails."`
	State               collaborator.State `json:"state" enum:"active,invited,expired,revoked"`
	UserID              string             `json:"userId,omitempty" doc:"The subject of the person's tokens, once the invitation is accepted."`
	Serves              []serviceView      `json:"serves" doc:"Roles on customers."`
	Roles               []membership.Role  `json:"roles" enum:"globalAdmin,accountAdmin,sales,billing,viewer" doc:"In the partner's own organisation."`
	Customers           string             `json:"customers" enum:"none,limited,full" doc:"Access to all customers that consent to the partner's support."`
	InvitedBy           string             `json:"invitedBy,omitempty"`
	InvitedAt           time.Time          `json:"invitedAt,omitzero"`
	InvitationExpiresAt time.Time          `json:"invitationExpiresAt,omitzero" doc:"While invited."`
	JoinedAt            time.Time          `json:"joinedAt,omitzero"`
	Version             int64              `json:"version"`
}

type serviceView struct {
	Role      membership.Role `json:"role" enum:"accountant,support"`
	Since     time.Time       `json:"since"`
	Customers int             `json:"customers" doc:"How many the person works on in this role."`
}

func show(c collaborator.Collaborator, p partner.Partner, now time.Time) CollaboratorView {
	v := CollaboratorView{
		ID: c.ID, Mail: c.Mail, Name: c.Name, Language: c.Language, State: c.State(now), UserID: c.UserID,
		Serves: []serviceView{}, Roles: append([]membership.Role{}, c.Roles...), Customers: "none",
		InvitedBy: c.Invitation.By, InvitedAt: c.Invitation.SentAt, JoinedAt: c.JoinedAt, Version: c.Version,
	}
	for _, role := range membership.CollaboratorRoles {
		if c.ServesAs(p, role) {
			v.Serves = append(v.Serves, serviceView{role, c.Serves[role].Since, c.Serves[role].Customers})
		}
	}
	if c.Grant != "" {
		v.Customers = string(c.Grant)
	}
	if v.State == collaborator.Invited {
		v.InvitationExpiresAt = c.Invitation.ExpiresAt
	}
	return v
}

func reply(c collaborator.Collaborator, p partner.Partner, now time.Time) *api.Reply[CollaboratorView] {
	return &api.Reply[CollaboratorView]{ETag: api.ETag(c.Version), Body: show(c, p, now)}
}

// Listing is a page of a partner's people.
type Listing struct {
	api.OnPartner
	api.Paged
}

type servingInput struct{ Listing }

func (in *servingInput) page() table.List[collaborator.Collaborator] {
	return table.Serving(in.PartnerID, in.Page())
}

// Load announces the page.
func (in *servingInput) Load() []table.Load { return []table.Load{in.page()} }

func (s service) list(tx *table.Tx, in *servingInput) (*api.Listed[CollaboratorView], error) {
	out, err := s.people(tx, in.PartnerID, in.page())
	if err == nil && len(out.Body.Items) == 0 && in.Cursor == "" {
		out.Body.Note = phrase.Say("Nobody serves your customers yet; invite the first collaborator.").In(in.Language())
	}
	return out, err
}

type usersInput struct{ Listing }

func (in *usersInput) page() table.List[collaborator.Collaborator] {
	return table.Users(in.PartnerID, in.Page())
}

// Load announces the page.
func (in *usersInput) Load() []table.Load { return []table.Load{in.page()} }

func (s service) users(tx *table.Tx, in *usersInput) (*api.Listed[CollaboratorView], error) {
	return s.people(tx, in.PartnerID, in.page())
}

func (s service) people(tx *table.Tx, partnerID string, page table.List[collaborator.Collaborator]) (*api.Listed[CollaboratorView], error) {
	p, err := table.Partner(partnerID).Get(tx)
	if err != nil {
		return nil, err
	}
	rows, next := page.Rows(tx)
	return api.List(rows, next, func(c collaborator.Collaborator) CollaboratorView { return show(c, p, tx.Now) }), nil
}

// OnPerson is an operation on one of a partner's people.
type OnPerson struct {
	api.OnPartner
	api.OfCollaborator
}

func (in OnPerson) ref() table.Ref[collaborator.Collaborator] {
	return table.Collaborator(in.PartnerID, in.CollaboratorID)
}

// Load announces the person.
func (in *OnPerson) Load() []table.Load { return []table.Load{in.ref()} }

type getInput struct{ OnPerson }

func (s service) get(tx *table.Tx, in *getInput) (*api.Reply[CollaboratorView], error) {
	p, err := table.Partner(in.PartnerID).Get(tx)
	if err != nil {
		return nil, err
	}
	c, err := in.ref().Get(tx)
	if err != nil {
		return nil, err
	}
	return reply(c, p, tx.Now), nil
}

// languageOr is a language that people are written to in: the one that is wanted, or that of the request.
func languageOr(wanted string, c *api.Common) string {
	if wanted != "" {
		return wanted
	}
	base, _ := c.Language().Base()
	return base.String()
}
