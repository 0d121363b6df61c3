package functions_test

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"
)

// people are some of the members that there may be, a bit each.
type people uint8

// names are those that histories speak of. Cleo and Mia lie in the same part of the roster, and so do Dora and Pia.
var names = []string{"ada", "cleo", "mia", "dora", "pia"}

const (
	everybody people = 1<<5 - 1
	mostSeats        = 6 // that the licence funds
)

func person(name string) people { return 1 << max(slices.Index(names, name), 0) }

// neighbours are somebody and who lies in the same part of the roster: one item with the entries of both.
func neighbours(p people) people {
	for _, pair := range []people{person("cleo") | person("mia"), person("dora") | person("pia")} {
		if p&pair != 0 {
			return pair
		}
	}
	return p
}

func (p people) count() int { return bits.OnesCount8(uint8(p)) }

func (p people) names() (all []string) {
	for _, name := range names {
		if p&person(name) != 0 {
			all = append(all, name)
		}
	}
	return all
}

// state is a gauge as the model has it: the customer's members, those who hold a seat, the cap and its version.
type state struct {
	members, holders people
	cap, capVersion  int
}

// question is an operation with its input, as far as the model cares.
type question struct {
	operation string
	of        people
	cap       int
}

// answered is what was said to it, or that nobody knows.
type answered struct {
	unknown               bool
	status                int
	says                  string // a problem's code, a verdict's reason, a gauge's state
	who, held             people
	used, cap, capVersion int
}

// next is the only true answer to a question in a state, and the state then.
func (s state) next(q question) (answered, state) {
	then, had, strangers := s, s.holders&q.of, q.of&^s.members
	switch q.operation {
	case "addSeats":
		then.holders |= q.of
		switch {
		case strangers != 0:
			return answered{status: 422, says: "invalid_input"}, s
		case had == q.of:
			return answered{status: 200, held: had}, s
		case then.holders.count() > s.cap:
			return answered{status: 409, says: "seat_limit_reached"}, s
		}
		return answered{status: 201, who: q.of &^ had, held: had}, then
	case "removeSeat", "removeMember":
		if strangers != 0 {
			return answered{status: 404, says: "not_found"}, s
		}
		then.holders &^= q.of
		if q.operation == "removeMember" {
			then.members &^= q.of
		}
		return answered{status: 200, who: had}, then
	case "putMember":
		if then.members |= q.of; strangers != 0 {
			return answered{status: 201}, then
		}
		return answered{status: 200}, then
	case "setSeatCap":
		if then.cap = q.cap; then.cap != s.cap {
			then.capVersion++
		}
		return answered{status: 200, cap: then.cap, capVersion: then.capVersion}, then
	case "checkSeat":
		switch {
		case strangers != 0:
			return answered{status: 200, says: "notAMember"}, s
		case had == 0:
			return answered{status: 200, says: "noSeat"}, s
		}
		return answered{status: 200, says: "allowed"}, s
	case "getSeatGauge":
		return s.gauge(), s
	case "listSeats":
		return answered{status: 200, who: s.holders}, s
	case "listMembers":
		return answered{status: 200, who: s.members}, s
	}
	panic("no model of " + q.operation)
}

// gauge is what the gauge says, by D7, D8 and D11.
func (s state) gauge() answered {
	used := s.holders.count()
	a := answered{status: 200, says: "ok", used: used, cap: s.cap, capVersion: s.capVersion}
	switch {
	case used > s.cap:
		a.says = "overLimit"
	case used == s.cap:
		a.says = "full"
	case used*100 >= 80*s.cap:
		a.says = "warning"
	}
	return a
}

// modelFrom accepts an operation if its answer is the true one, or unknown. One that was never done is done
// last, where nobody sees it.
func modelFrom(begin state) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return begin },
		Step: func(s, in, out any) (bool, any) {
			want, after := s.(state).next(in.(question))
			return out.(answered).unknown || out == want, after
		},
	}
}

// never is when an operation ends whose outcome nobody knows.
const never = math.MaxInt64

// told is a history for people to read.
func told(operations []porcupine.Operation) string {
	var all []string
	for _, o := range slices.SortedFunc(slices.Values(operations), func(a, b porcupine.Operation) int { return int(a.Call - b.Call) }) {
		q, a, end := o.Input.(question), o.Output.(answered), fmt.Sprint(o.Return)
		if o.Return == never {
			end = "?"
		}
		answer := fmt.Sprintf("%d %s who=%v held=%v used=%d cap=%d version=%d", a.status, a.says, a.who.names(), a.held.names(), a.used, a.cap, a.capVersion)
		if a.unknown {
			answer = "nobody knows"
		}
		all = append(all, fmt.Sprintf("%3d to %3s  client %d  %s %v %d: %s", o.Call, end, o.ClientId, q.operation, q.of.names(), q.cap, answer))
	}
	return strings.Join(all, "\n")
}
