// Package seatcheck answers the question that the product asks at every sign-in: may this member use this
// module? It is a function of its own, reads one item and writes nothing.
package seatcheck

import (
	"comptoir/shared/api"
	"comptoir/shared/calendar"
	"comptoir/shared/seat"
	"comptoir/shared/table"
)

type service struct{ api.Env }

// Operations are those of the area.
func Operations(env api.Env) []api.Operation {
	s := service{env}
	return []api.Operation{
		api.Read("checkSeat", "GET /v1/customers/{customerId}/seats/{module}/members/{memberId}", "Ask whether a member may use a module", s.check).Says(
			"For every sign-in: a verdict, not a failure, says no and why. Of several reasons the first in this order is told: not a member, no licence in force, no seat. " +
				"Members over a cap that was lowered may go on. To machines a customer that doesn't exist has no members."),
	}
}

type input struct {
	api.OnCustomerUnread
	api.InModule
	api.OfMember
	Exact bool `query:"exact" doc:"Exact at the moment of reading, at twice the price; otherwise the answer may be about a second old."`
}

func (in *input) roster() table.Ref[seat.Roster] {
	return table.Roster(in.CustomerID, seat.PartOf(in.MemberID))
}

// Load announces the part of the roster that the member belongs to.
func (in *input) Load() []table.Load {
	if in.Exact {
		return []table.Load{in.roster()}
	}
	return []table.Load{in.roster().Lately()}
}

// verdictView says yes, or no with the reason.
type verdictView struct {
	Allowed bool        `json:"allowed"`
	Reason  seat.Reason `json:"reason,omitempty" enum:"notAMember,noSeat,noLicence,licenceSuspended,licenceEnded" doc:"Why not."`
}

func (s service) check(tx *table.Tx, in *input) (*api.Reply[verdictView], error) {
	r, _ := in.roster().Find(tx) // nobody is a member where nothing is
	v := r.Check(in.MemberID, in.Module, calendar.On(tx.Now, s.Zone))
	return &api.Reply[verdictView]{Body: verdictView(v)}, nil
}
