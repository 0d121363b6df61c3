package collaborator

import (
	"time"

	"comptoir/shared/event"
	"comptoir/shared/problem"
)

// Invitation is how somebody is asked to join. Its link carries a token that is made when the mail is sent and kept as a
// hash; a new invitation ends the links of those before.
type Invitation struct {
	Number    int64     `json:"number"` // higher than any before, also than those of a record that was removed since: milliseconds since 1970
	By        string    `json:"by"`     // who invites, by name
	SentAt    time.Time `json:"sentAt"`
	ExpiresAt time.Time `json:"expiresAt"`
	RevokedAt time.Time `json:"revokedAt,omitzero"`
	LapsedAt  time.Time `json:"lapsedAt,omitzero"` // when it was said to have expired
}

// Lifetime is how long an invitation is good for.
const Lifetime = 14 * 24 * time.Hour

// State is where somebody stands.
type State string

// The states of a partner's people.
const (
	Active  State = "active"
	Invited State = "invited"
	Expired State = "expired" // the invitation is; another can be sent
	Revoked State = "revoked" // the invitation is; another can be sent
)

// State is where the person stands at a moment.
func (c Collaborator) State(now time.Time) State {
	switch {
	case c.Active():
		return Active
	case !c.Invitation.RevokedAt.IsZero():
		return Revoked
	case !now.Before(c.Invitation.ExpiresAt):
		return Expired
	}
	return Invited
}

// InvitationSent is the kind of the events that have an invitation mailed.
const InvitationSent = "collaborator.invited"

// Invite invites the person, once more if it was done before. Errors: problem.Conflict already_accepted.
func (c Collaborator) Invite(by string, now time.Time) (Collaborator, event.Fact, error) {
	if c.Active() {
		return c, event.Fact{}, accepted()
	}
	number := max(now.UnixMilli(), c.Invitation.Number+1)
	c.Invitation = Invitation{Number: number, By: by, SentAt: now, ExpiresAt: now.Add(Lifetime)}
	return c, event.New(InvitationSent, map[string]any{
		"collaboratorId": c.ID, "name": c.Name, "number": c.Invitation.Number, "expiresAt": c.Invitation.ExpiresAt,
	}), nil
}

// Revoke makes the links that were sent useless. Errors: problem.Conflict already_accepted.
func (c Collaborator) Revoke(now time.Time) (Collaborator, []event.Fact, error) {
	switch {
	case c.Active():
		return c, nil, accepted()
	case !c.Invitation.RevokedAt.IsZero():
		return c, nil, nil
	}
	c.Invitation.RevokedAt = now
	return c, []event.Fact{event.New("collaborator.invitationRevoked", map[string]any{"collaboratorId": c.ID, "name": c.Name})}, nil
}

// DueAt is when the invitation expires that nobody has answered, until that was said; the zero time for never.
func (c Collaborator) DueAt() time.Time {
	if i := c.Invitation; c.Active() || !i.RevokedAt.IsZero() || !i.LapsedAt.IsZero() {
		return time.Time{}
	}
	return c.Invitation.ExpiresAt
}

// InvitationLapsed is the kind of the events of invitations that have expired unanswered.
const InvitationLapsed = "collaborator.invitationLapsed"

// Lapse says that the invitation has expired, once. Nothing due changes nothing.
func (c Collaborator) Lapse(now time.Time) (Collaborator, []event.Fact) {
	if due := c.DueAt(); due.IsZero() || now.Before(due) {
		return c, nil
	}
	c.Invitation.LapsedAt = now
	return c, []event.Fact{event.New(InvitationLapsed, map[string]any{"collaboratorId": c.ID, "name": c.Name})}
}

func accepted() error {
	return problem.Conflict("already_accepted", "The invitation was accepted already.")
}

// Accept binds the person to the user who has signed in with the invited address, by the link of an invitation of a number.
// Errors: problem.Conflict invitation_other_address, invitation_ended, invitation_expired.
func (c Collaborator) Accept(number int64, userID, mail, name string, now time.Time) (Collaborator, event.Fact, error) {
	state := c.State(now)
	switch {
	case ID(c.PartnerID, mail) != c.ID:
		return c, event.Fact{}, problem.Conflict("invitation_other_address", "The invitation is for another address; sign in with the one that it was sent to.")
	case state == Active, state == Revoked, number != c.Invitation.Number:
		return c, event.Fact{}, problem.Conflict("invitation_ended", "The invitation was used, replaced or revoked; ask for another.")
	case state == Expired:
		return c, event.Fact{}, problem.Conflict("invitation_expired", "The invitation has expired; ask for another.")
	}
	c.UserID, c.JoinedAt = userID, now
	if name != "" {
		c.Name = name
	}
	return c, event.New("collaborator.accepted", map[string]any{"collaboratorId": c.ID, "name": c.Name}), nil
}
