// Package seats answers the operations on a customer's members and their seats. The rules are those of the
// seat package; asking whether a member may use a module is the function seatcheck's.
package seats

import (
	"net/http"

	"comptoir/shared/api"
	"comptoir/shared/calendar"
	"comptoir/shared/table"
)

type service struct{ api.Env }

// Operations are those of the area.
func Operations(env api.Env) []api.Operation {
	s := service{env}
	const (
		members  = "/v1/customers/{customerId}/members"
		gauges   = "/v1/customers/{customerId}/seats"
		module   = gauges + "/{module}"
		requests = module + "/requests"
	)
	return []api.Operation{
		api.Read("listMembers", "GET "+members, "List a customer's members by name", s.members).Says(
			"By name, from an index that may be a second behind. Somebody who is renamed between two pages can be missed."),
		api.Write("putMember", "PUT "+members+"/{memberId}", "Make somebody a member of a customer, or change one", http.StatusOK, s.putMember).Says(
			"New members come from the product or the operator; a customer's administrators change and remove those who are there. The same once more changes nothing, so that a product may put everybody every night. A customer has room for about 12,000 members."),
		api.Write("resetPassword", "POST "+members+"/{memberId}/passwordReset", "Have a member set a new password", http.StatusOK, s.resetPassword).Says(
			"The member is mailed a link to where passwords are set, at their sign-in. Nothing changes until the member does it."),
		api.Write("removeMember", "DELETE "+members+"/{memberId}", "Remove a member, who loses every seat", http.StatusOK, s.removeMember).Says(
			"The member loses its place, its sign-in here and every seat, at once and together."),

		api.Read("listSeatGauges", "GET "+gauges, "Read the gauges of all modules", s.gauges),
		api.Read("getSeatGauge", "GET "+module, "Read the gauge of a module", s.gauge).Says(
			"Exact at the moment of reading. A module that no licence includes is misconfigured, with whom to contact."),
		api.Write("setSeatCap", "PUT "+module+"/cap", "Set the cap of a module, within what the licences fund", http.StatusOK, s.setCap).Says(
			"Shows in the very next reading. A cap below what is used makes the gauge overLimit: those who hold a seat keep it and may use the module, and nobody is added."),

		api.Read("listSeats", "GET "+module+"/members", "List the members who hold a seat of a module, by name", s.holders),
		api.Write("addSeats", "POST "+module+"/members", "Give members a seat of a module, all or none of them", http.StatusCreated, s.add).Says(
			"Up to 90 members at once: all of them, or none when they don't fit (seat_limit_reached). 201 when somebody got a seat, 200 when all held one before."),
		api.Write("removeSeat", "DELETE "+module+"/members/{memberId}", "Take a seat from a member", http.StatusOK, s.remove).Says(
			"The seat is free at once. A member who held none is no error."),

		api.Read("listSeatRequests", "GET "+requests, "List what was asked for a module, latest first", s.requests),
		api.Write("requestSeats", "POST "+requests, "Ask the partner for more seats", http.StatusCreated, s.request).Says(
			"The partner is told. One request is open at a time: another one replaces it, under an id of its own; the same once more is answered 200 and told to nobody again."),
		api.Write("answerSeatRequest", "POST "+requests+"/{requestId}/answer", "Answer a request: raise the cap, or decline", http.StatusOK, s.answer).Says(
			"Accepting raises the cap to what was wanted, or to another cap that is higher than now, within what the licences fund: take more units first where they don't suffice. All that is funded makes the cap follow the licences. Declining needs words. The customer is told."),
	}
}

// InModule is on one module of a customer.
type InModule struct {
	api.OnCustomer
	api.InModule
}

func (m InModule) seats(memberIDs ...string) table.Seats {
	return table.SeatsIn(m.CustomerID, m.Module, memberIDs...)
}

func (s service) today(tx *table.Tx) calendar.Date { return calendar.On(tx.Now, s.Zone) }
