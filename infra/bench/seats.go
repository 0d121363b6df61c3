package main

import (
	"context"
	"fmt"

	"comptoir/shared/seat"
)

// The operations on seats are those of a crowd of 1,000; some come once more with a crowd of 100, so that
// it shows what grows with the members.

const ofCrowd = "/v1/customers/cus_crowd1000"

var seatReads = []operation{
	{name: "checkSeat", by: product, request: checkSeat(1000, "")},
	{name: "checkSeat, 100 members", by: product, request: checkSeat(100, "")},
	{name: "checkSeat exact", by: product, request: checkSeat(1000, "?exact=true")},
	{name: "getSeatGauge", request: get(ofCrowd + "/seats/" + module)},
	{name: "listSeatGauges", request: get(ofCrowd + "/seats")},
	{name: "listSeats", by: product, request: get(ofCrowd + "/seats/" + module + "/members?limit=100")},
	{name: "listMembers", by: product, request: get(ofCrowd + "/members?limit=100")},
	{name: "listSeatRequests", request: get(ofCrowd + "/seats/" + module + "/requests")},
}

var seatWrites = []operation{
	{name: "addSeats of 1", by: product, request: addSeats(1000, 1), prepare: []step{first(product, removeSeat)}},
	{name: "addSeats of 90", by: product, request: addSeats(1000, seat.MaxAtOnce), prepare: []step{restored(1000)}},
	{name: "addSeats of 90, 100 members", by: product, request: addSeats(100, seat.MaxAtOnce), prepare: []step{restored(100)}},
	{name: "removeSeat", by: product, request: removeSeat, prepare: []step{first(product, addSeats(1000, 1))}},
	{name: "setSeatCap", request: setSeatCap},
	{name: "putMember", by: product, request: putMember, prepare: []step{first(product, removeMember)}},
	{
		name: "removeMember", by: product, request: removeMember, // who holds a seat
		prepare: []step{first(product, putMember), first(product, func(_ *bench, n int) (string, any) { return seated(1000, newcomer(n)) })},
	},
	{name: "requestSeats", by: product, request: requestSeats, prepare: []step{first(operator, answer(false))}},
	{name: "answerSeatRequest", request: answer(true), prepare: []step{first(operator, setSeatCap), first(operator, answer(false)), first(product, requestSeats)}},
}

// restored puts the seats of a crowd back.
func restored(members int) step {
	return func(ctx context.Context, b *bench, _ int) error { return b.restore(ctx, crowdID(members)) }
}

// checkSeat asks about one of those who hold a seat.
func checkSeat(members int, query string) request {
	return func(_ *bench, n int) (string, any) {
		return fmt.Sprintf("GET /v1/customers/%s/seats/%s/members/%s%s", crowdID(members), module, memberID(n%(members-seat.MaxAtOnce)), query), nil
	}
}

// addSeats is for some of those who hold none.
func addSeats(members, count int) request {
	return func(_ *bench, n int) (string, any) { return seated(members, lastMembers(members, n, count)...) }
}

func seated(members int, ids ...string) (string, any) {
	return fmt.Sprintf("POST /v1/customers/%s/seats/%s/members", crowdID(members), module), map[string]any{"memberIds": ids}
}

func removeSeat(_ *bench, n int) (string, any) {
	return "DELETE " + ofCrowd + "/seats/" + module + "/members/" + lastMembers(1000, n, 1)[0], nil
}

// lastMembers are some of a crowd's members without a seat.
func lastMembers(members, n, count int) []string {
	return memberIDs(members-count-n%(seat.MaxAtOnce-count+1), count)
}

// newcomer is somebody who is not of a crowd yet.
func newcomer(n int) string { return memberID(10_000 + n%50) }

func putMember(_ *bench, n int) (string, any) {
	return "PUT " + ofCrowd + "/members/" + newcomer(n), map[string]any{"name": memberName(n), "mail": fmt.Sprintf("new%d@crowd.example", n)}
}

func removeMember(_ *bench, n int) (string, any) {
	return "DELETE " + ofCrowd + "/members/" + newcomer(n), nil
}

func setSeatCap(_ *bench, n int) (string, any) {
	return "PUT " + ofCrowd + "/seats/" + module + "/cap", map[string]any{"cap": crowdSeats/2 + n}
}

func requestSeats(b *bench, _ int) (string, any) {
	b.requests++
	return "POST " + ofCrowd + "/seats/" + module + "/requests", map[string]any{"seats": 1, "note": "We are growing."}
}

// answer is given to the latest request; accepting it raises the cap.
func answer(accept bool) request {
	return func(b *bench, _ int) (string, any) {
		body := map[string]any{"accept": accept}
		if !accept {
			body["note"] = "Not this year."
		}
		return fmt.Sprintf("POST %s/seats/%s/requests/req_%d/answer", ofCrowd, module, b.requests), body
	}
}
