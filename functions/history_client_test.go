package functions_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/anishathalye/porcupine"

	"comptoir/functions/apitest"
	"comptoir/shared/table/proxy"
)

// historyClient does one operation after another, each through its process.
type historyClient struct {
	*history
	t       *testing.T
	id      int
	process *process
	rng     *rand.Rand
}

func (c *historyClient) anybody() people { return person(names[c.rng.IntN(len(names))]) }

// aCap draws a cap, low ones more often: then clients are refused and collide.
func aCap(rng *rand.Rand) int { return 1 + min(rng.IntN(mostSeats), rng.IntN(mostSeats)) }

// request is how a question is asked over HTTP.
type request struct {
	module string // none for what concerns all
	line   string
	body   any
	read   bool
}

// anything draws a question and how to ask it.
func (c *historyClient) anything() (question, request) {
	module, someone := c.modules[c.rng.IntN(len(c.modules))], c.anybody()
	of := "/v1/customers/" + c.customer
	seats := of + "/seats/" + module
	switch n := c.rng.IntN(20); {
	case n < 10:
		switch c.rng.IntN(4) {
		case 0: // alone
		case 1:
			for range 2 {
				someone |= c.anybody()
			}
		default:
			someone = neighbours(someone)
		}
		ids := someone.names()
		c.rng.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
		return question{operation: "addSeats", of: someone}, request{module: module, line: "POST " + seats + "/members", body: giving(ids...)}
	case n < 12:
		return question{operation: "removeSeat", of: someone}, request{module: module, line: "DELETE " + seats + "/members/" + someone.names()[0]}
	case n < 14:
		limit := aCap(c.rng)
		return question{operation: "setSeatCap", cap: limit}, request{module: module, line: "PUT " + seats + "/cap", body: map[string]any{"cap": limit}}
	case n < 15:
		return question{operation: "checkSeat", of: someone}, request{module: module, line: "GET " + seats + "/members/" + someone.names()[0] + "?exact=true", read: true}
	case n < 17:
		return question{operation: "getSeatGauge"}, request{module: module, line: "GET " + seats, read: true}
	case n < 18:
		return question{operation: "removeMember", of: someone}, request{line: "DELETE " + of + "/members/" + someone.names()[0]}
	default:
		name := someone.names()[0]
		body := map[string]any{"name": name + []string{"", " the Second"}[c.rng.IntN(2)]}
		return question{operation: "putMember", of: someone}, request{line: "PUT " + of + "/members/" + name, body: body}
	}
}

// act does one operation. One with a key is sent again when nobody answered, by another process if need be.
func (c *historyClient) act(n int) {
	q, r := c.anything()
	var headers []string
	if !r.read && c.rng.IntN(2) == 0 {
		headers = []string{fmt.Sprintf("Idempotency-Key: %s-%d-%d", c.customer, c.id, n)}
	}
	if r.read {
		if c.rng.IntN(6) == 0 {
			c.process.proxy.Arm("BatchGetItem", 1, proxy.DropAfter)
		}
	} else {
		c.mishap()
	}
	saw := &c.run.saw
	saw.calls.Add(1)
	called := c.clock.Add(1)
	a, known := c.ask(r, headers)
	for again := 0; !known && headers != nil && again < 2; again++ {
		a, known = c.ask(r, headers)
	}
	switch {
	case !known && r.read:
		return
	case !known:
		saw.unanswered.Add(1)
		c.record(c.id, called, q, c.each(r, func(string) answered { return answered{unknown: true} }), never)
		return
	case a.Status == 500:
		c.t.Errorf("HISTORY_SEED=%d: %s: answered %s", c.seed, r.line, a.Text)
		return
	case a.Body["code"] == "conflict":
		saw.changed.Add(1) // and is not done
		return
	}
	if a.Header["idempotency-replayed"] != "" {
		saw.replayed.Add(1)
	}
	answers := c.each(r, func(module string) answered { return heard(q, module, a) })
	c.record(c.id, called, q, answers, c.clock.Add(1))
	for _, each := range answers {
		switch each.says {
		case "seat_limit_reached":
			saw.full.Add(1)
		case "overLimit":
			saw.overLimit.Add(1)
		}
	}
}

func (c *historyClient) mishap() {
	sum := 0
	for _, m := range mishaps {
		sum += m.weight
	}
	n := c.rng.IntN(sum)
	for _, m := range mishaps {
		if n -= m.weight; n < 0 {
			m.arm(c.process)
			return
		}
	}
}

// ask sends a request. Known tells that there was an answer which says whether it was done.
func (c *historyClient) ask(r request, headers []string) (answer apitest.Answer, known bool) {
	var a apitest.Answer
	p, done := c.process, make(chan error, 1)
	before := p.commits.Load()
	go func() {
		var err error
		a, err = p.Machine("operator").Try(r.line, r.body, headers...)
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			c.t.Errorf("HISTORY_SEED=%d: %s: %v", c.seed, r.line, err)
		}
		return a, a.Status != 429 && a.Status != 503
	case <-p.proxy.Killed():
		if p.commits.Load() == before {
			c.run.saw.killedBefore.Add(1)
		} else {
			c.run.saw.killedAfter.Add(1)
		}
		p.end()
		c.process = c.run.process(c.t)
		return apitest.Answer{}, false
	}
}

// each makes the answers for the gauges that a request concerns.
func (h *history) each(r request, answer func(module string) answered) map[string]answered {
	all := map[string]answered{}
	for _, module := range h.modules {
		if r.module == "" || r.module == module {
			all[module] = answer(module)
		}
	}
	return all
}

// record notes an operation in the history of each gauge that it concerns.
func (h *history) record(client int, called int64, q question, answers map[string]answered, returned int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for module, a := range answers {
		h.gauges[module] = append(h.gauges[module], porcupine.Operation{ClientId: client, Call: called, Input: q, Output: a, Return: returned})
	}
}

// heard is what an answer says of a gauge.
func heard(q question, module string, a apitest.Answer) answered {
	says := answered{status: a.Status, says: a.String("code")}
	among := func(field string) (p people) {
		list, _ := a.Body[field].([]any)
		for _, name := range list {
			p |= person(name.(string))
		}
		return p
	}
	integer := func(field string) int {
		n, _ := a.Body[field].(float64)
		return int(n)
	}
	if a.Status/100 != 2 {
		return says
	}
	switch q.operation {
	case "addSeats":
		says.who, says.held = among("added"), among("alreadyHeld")
	case "removeSeat":
		if a.Body["removed"] == true {
			says.who = q.of
		}
	case "removeMember":
		if freed, _ := a.Body["freed"].([]any); slices.Contains(freed, any(module)) {
			says.who = q.of
		}
	case "setSeatCap":
		says.cap, says.capVersion = integer("cap"), integer("capVersion")
	case "checkSeat":
		if says.says = a.String("reason"); a.Body["allowed"] == true {
			says.says += "allowed"
		}
	case "getSeatGauge":
		says.used, says.cap, says.capVersion, says.says = integer("used"), integer("cap"), integer("capVersion"), a.String("state")
	}
	return says
}
