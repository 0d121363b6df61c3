package functions_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"comptoir/functions/apitest"
	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/membership"
	"comptoir/shared/money"
	"comptoir/shared/plan"
	"comptoir/shared/seat"
	"comptoir/shared/table"
	"comptoir/shared/table/proxy"
)

// How many histories a run has and what the first one is drawn from may be said: HISTORIES=3000, HISTORY_SEED=17.
const (
	historiesByDefault = 200
	clients            = 4
	callsOfClient      = 5
	historiesAtOnce    = 8
	checkTime          = 20 * time.Second // of one gauge; it takes milliseconds
)

// F4, D9: what many clients were answered while calls failed, replies were lost and callers were killed can be
// explained by doing one operation after another, each between its call and its answer. What nobody was answered
// may have been done at any time after its call, or never.
func TestHistoriesOfSeatsAreExplained(t *testing.T) {
	t.Parallel()
	wanted, seed := numberOf(t, "HISTORIES", historiesByDefault), numberOf(t, "HISTORY_SEED", rand.Uint64()>>1)
	run := newHistoryRun(t)
	var next atomic.Uint64
	var working sync.WaitGroup
	for range historiesAtOnce {
		working.Go(func() {
			var processes [clients]*process
			for i := range processes {
				processes[i] = run.process(t)
			}
			for n := next.Add(1); n <= wanted && !t.Failed(); n = next.Add(1) {
				run.history(t, seed+n-1, &processes)
			}
			for _, p := range processes {
				p.end()
			}
		})
	}
	working.Wait()
	run.saw.conflicts.Store(run.sent.Load() - run.passed.Load())
	run.saw.happened(t, wanted >= historiesByDefault)
}

// historyRun is a world for many histories. All processes reach its engine through one proxy, where their
// transactions meet.
type historyRun struct {
	w            *apitest.World
	shared       *proxy.Proxy
	sent, passed atomic.Int64 // transactions
	saw          historySightings
}

func newHistoryRun(t *testing.T) *historyRun {
	w := apitest.New(t)
	_, shared := w.Through(t)
	run := &historyRun{w: w, shared: shared}
	shared.Counting, shared.Conflicts = false, true
	shared.Before = func(operation string, _ []byte) {
		if operation == "TransactWriteItems" {
			run.passed.Add(1)
		}
	}
	return run
}

func numberOf(t *testing.T, variable string, otherwise uint64) uint64 {
	t.Helper()
	text, set := os.LookupEnv(variable)
	if !set {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// historySightings are how often something happened, so that a run of many can't pass because nothing did.
type historySightings struct {
	calls, unanswered, full, conflicts, changed, replayed, killedBefore, killedAfter, overLimit atomic.Int64
}

func (s *historySightings) happened(t *testing.T, many bool) {
	t.Helper()
	var all []string
	for _, each := range []struct {
		what  string
		times *atomic.Int64
		rare  bool
	}{
		{"calls", &s.calls, false},
		{"calls whose outcome nobody knows", &s.unanswered, false},
		{"refusals for want of seats", &s.full, false},
		{"transactions cancelled for others", &s.conflicts, false},
		{"answers that it was changed meanwhile", &s.changed, true},
		{"first answers that came again", &s.replayed, false},
		{"callers killed before the commit", &s.killedBefore, false},
		{"callers killed after it", &s.killedAfter, false},
		{"gauges read over their limit", &s.overLimit, false},
	} {
		all = append(all, fmt.Sprintf("%d %s", each.times.Load(), each.what))
		if many && each.times.Load() == 0 && !each.rare && !t.Failed() {
			t.Errorf("there were no %s", each.what)
		}
	}
	t.Log(strings.Join(all, ", "))
}

// history is a customer of its own, what its clients do at the same time, and what they were answered.
type history struct {
	run      *historyRun
	seed     uint64
	customer string
	modules  []string
	begin    state // of each gauge

	clock  atomic.Int64 // orders calls and answers
	mu     sync.Mutex
	gauges map[string][]porcupine.Operation
}

func (run *historyRun) history(t *testing.T, seed uint64, processes *[clients]*process) {
	h := &history{run: run, seed: seed, customer: fmt.Sprint("cus_", seed), gauges: map[string][]porcupine.Operation{}}
	h.prepare(t)
	var busy sync.WaitGroup
	for i := range processes {
		busy.Go(func() {
			c := &historyClient{history: h, t: t, id: i, process: processes[i], rng: rand.New(rand.NewPCG(seed, uint64(i)))}
			for n := range callsOfClient {
				c.act(n)
			}
			processes[i] = c.process
		})
	}
	busy.Wait()
	h.end(t)
	for module, operations := range h.gauges {
		if got := porcupine.CheckOperationsTimeout(modelFrom(h.begin), operations, checkTime); got != porcupine.Ok {
			t.Errorf("%s: HISTORY_SEED=%d, the gauge of %s from %+v\n%s", got, seed, module, h.begin, told(operations))
		}
	}
}

// prepare imports the customer with its licence, its members and its caps.
func (h *history) prepare(t *testing.T) {
	rng := rand.New(rand.NewPCG(h.seed, clients))
	h.modules = []string{apitest.Expenses, "payroll"}[:1+rng.IntN(3)/2]
	h.begin = state{members: everybody &^ person(names[rng.IntN(len(names))]), cap: aCap(rng)}

	w, at := h.run.w, licence.At(apitest.Start, apitest.Env.Zone)
	tx := w.Table.Draft(apitest.Start, "seed", seed, "")
	c, _ := customer.Appear(customer.Report{CustomerID: h.customer, AccountID: h.customer, PartnerID: apitest.Martin, Name: h.customer})
	pool := seat.Loaded(nil, nil)
	must := func(err error) {
		if err != nil {
			t.Errorf("HISTORY_SEED=%d: %v", h.seed, err)
		}
	}
	var err error
	for _, name := range h.begin.members.names() {
		pool, c, err = pool.Join(c, name, name)
		must(err)
		tx.Put(memberOf(c.ID, name))
	}
	terms := plan.Plan{
		Code: apitest.Monthly, Commitment: plan.Flexible, Prices: map[calendar.Term]money.Money{calendar.Month: euros(10_00)}, Modules: map[string]int{},
	}
	for _, module := range h.modules {
		terms.Modules[module] = 1
	}
	l, out, err := licence.Take(licence.Order{
		LicenceID: "lic_" + c.ID[4:], CustomerID: c.ID, PartnerID: c.PartnerID, Origin: licence.Manual,
		Quantity: mostSeats, Term: calendar.Month, AutoRenew: true, BillTo: licence.PaidByPartner,
	}, terms, at)
	must(err)
	pool, _, err = pool.Follow(c.Hold(l, at.Today), at.Today)
	must(err)
	for _, module := range h.modules {
		pool, _, err = pool.SetCap(module, h.begin.cap, at.Today)
		must(err)
		h.begin.capVersion = int(pool.Gauges[module].CapVersion) // the same of each
	}
	err = tx.Hold(&table.Holder{Customer: c, Seats: pool}, licence.Licence{}, &l, out, at)
	must(err)
	must(w.Table.Import(t.Context(), tx))
}

func memberOf(customerID, name string) *membership.Membership {
	return &membership.Membership{UserID: name, OrganisationID: customerID, OrganisationName: customerID, Name: name, Roles: []membership.Role{membership.Member}}
}

// end reads what the table holds in the end, past all proxies: as the last operation of each history, and to see that
// the gauges count the seats of the roster, and the activity tells of as many.
func (h *history) end(t *testing.T) {
	gauges, rosters, activity := table.Gauges(h.customer), table.Rosters(h.customer), table.Activity(h.customer, "", table.Page{Limit: 100})
	call := table.Call{Load: []table.Load{gauges, rosters, activity}, Allow: func(*table.Tx) error { return nil }}
	_, err := table.Read(t.Context(), h.run.w.Table, call, func(tx *table.Tx) (*struct{}, error) {
		rows, _ := gauges.Rows(tx)
		parts, _ := rosters.Rows(tx)
		events, _ := activity.Rows(tx)
		var members people
		for _, r := range parts {
			for name := range r.Members {
				members |= person(name)
			}
		}
		for _, g := range rows {
			var holders people
			for _, r := range parts {
				for _, holder := range r.Holders(g.Module) {
					holders |= person(holder.MemberID)
				}
			}
			if told := toldOf(events, g.Module); g.Used != holders.count() || g.Used != told {
				t.Errorf("HISTORY_SEED=%d: the gauge of %s says %d, the roster has %v, the activity tells of %d", h.seed, g.Module, g.Used, holders.names(), told)
			}
			r := g.On(calendar.On(tx.Now, apitest.Env.Zone))
			for operation, a := range map[string]answered{
				"listMembers":  {status: 200, who: members},
				"listSeats":    {status: 200, who: holders},
				"getSeatGauge": {status: 200, says: string(r.State), used: r.Used, cap: r.Cap, capVersion: int(g.CapVersion)},
			} {
				h.record(clients, h.clock.Add(1), question{operation: operation}, map[string]answered{g.Module: a}, h.clock.Add(1))
			}
		}
		return nil, nil
	})
	if err != nil {
		t.Errorf("HISTORY_SEED=%d: %v", h.seed, err)
	}
}

// toldOf is how many seats of a module were given and not taken away, by the activity.
func toldOf(events []event.Event, module string) (seats int) {
	for _, e := range events {
		members, _ := e.Data["memberIds"].([]any)
		freed, _ := e.Data["modules"].([]any)
		switch {
		case e.Kind == "seat.added" && e.Data["module"] == module:
			seats += len(members)
		case e.Kind == "seat.removed" && e.Data["module"] == module:
			seats -= len(members)
		case e.Kind == "member.removed" && slices.Contains(freed, any(module)):
			seats--
		}
	}
	return seats
}
