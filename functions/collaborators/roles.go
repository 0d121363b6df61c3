package collaborators

import (
	"comptoir/shared/api"
	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/problem"
	"comptoir/shared/table"
)

// InRole is on a role that collaborators hold on customers.
type InRole struct {
	Role membership.Role `path:"role" enum:"accountant,support" example:"accountant"`
}

type roleInput struct {
	OnPerson
	api.Once
	api.IfMatch
	InRole
}

func (s service) giveRole(tx *table.Tx, in *roleInput) (*api.Reply[CollaboratorView], error) {
	h, err := in.change(tx, func(h *person) error {
		if err := in.Match(h.before.Version); err != nil {
			return err
		}
		return h.serve(tx, in.Role)
	})
	if err != nil {
		return nil, err
	}
	return reply(h.after, h.partner, tx.Now), nil
}

// serve gives a role. What is left of an earlier term of the partner's right is cleared away.
func (h *person) serve(tx *table.Tx, role membership.Role) error {
	after, facts, err := h.after.Serve(h.partner, role, tx.Now)
	if err != nil || len(facts) == 0 {
		return err
	}
	h.clear(role)
	h.after, h.facts = after, append(h.facts, facts...)
	return nil
}

// rest takes a role away, with its customers.
func (h *person) rest(role membership.Role) {
	after, facts := h.after.Rest(role)
	if len(facts) > 0 {
		h.clear(role)
		h.after, h.facts = after, append(h.facts, facts...)
	}
}

func (s service) takeRole(tx *table.Tx, in *roleInput) (*api.Reply[CollaboratorView], error) {
	h, err := in.change(tx, func(h *person) error {
		if err := in.Match(h.before.Version); err != nil {
			return err
		}
		h.rest(in.Role)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return reply(h.after, h.partner, tx.Now), nil
}

type removeInput struct {
	OnPerson
	api.Once
}

// RemovedCollaboratorView is what was taken from somebody.
type RemovedCollaboratorView struct {
	ID   string `json:"id"`
	Gone bool   `json:"gone" doc:"False for a collaborator who stays as a user of the partner."`
}

func (s service) remove(tx *table.Tx, in *removeInput) (*api.Reply[RemovedCollaboratorView], error) {
	return in.removed(in.change(tx, func(h *person) error {
		h.restAll()
		return nil
	}))
}

func (h *person) restAll() {
	for _, role := range membership.CollaboratorRoles {
		h.rest(role)
	}
}

func (in *removeInput) removed(h *person, err error) (*api.Reply[RemovedCollaboratorView], error) {
	if err != nil {
		return nil, err
	}
	return &api.Reply[RemovedCollaboratorView]{Body: RemovedCollaboratorView{in.CollaboratorID, !h.after.Holds()}}, nil
}

func (s service) removeUser(tx *table.Tx, in *removeInput) (*api.Reply[RemovedCollaboratorView], error) {
	return in.removed(in.change(tx, func(h *person) error {
		h.restAll()
		after, facts := h.after.Appoint(nil, "", tx.Actor.Name, tx.Now)
		h.after, h.facts = after, append(h.facts, facts...)
		return nil
	}))
}

// Grants are what a user may do: in the partner's own organisation, and on all customers that consent.
type Grants struct {
	Roles     []membership.Role `json:"roles" enum:"globalAdmin,accountAdmin,sales,billing,viewer" maxItems:"5" uniqueItems:"true" doc:"In the partner's own organisation."`
	Customers string            `json:"customers,omitempty" enum:"none,limited,full" doc:"On all customers that consent to the partner's support; none if left out."`
}

func (g Grants) nothing() bool { return len(g.Roles) == 0 && g.grant() == "" }

func noGrant() error { return problem.Invalid("body.roles", "Give a role, or access to customers.") }

func (g Grants) grant() membership.Role {
	if g.Customers == "none" {
		return ""
	}
	return membership.Role(g.Customers)
}

type setUserInput struct {
	OnPerson
	api.Once
	api.IfMatch
	Body Grants
}

func (s service) setUser(tx *table.Tx, in *setUserInput) (*api.Reply[CollaboratorView], error) {
	h, err := in.change(tx, func(h *person) error {
		if err := in.Match(h.before.Version); err != nil {
			return err
		}
		if in.Body.nothing() && len(h.before.Serves) == 0 {
			return noGrant()
		}
		var facts []event.Fact
		h.after, facts = h.after.Appoint(in.Body.Roles, in.Body.grant(), tx.Actor.Name, tx.Now)
		h.facts = append(h.facts, facts...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return reply(h.after, h.partner, tx.Now), nil
}
