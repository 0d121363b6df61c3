package renewals_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"comptoir/functions/apitest"
	"comptoir/functions/renewals"
	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/membership"
	"comptoir/shared/money"
	"comptoir/shared/plan"
	"comptoir/shared/table"
)

const (
	day      = 24 * time.Hour
	licences = "/v1/customers/" + apitest.Durand + "/licences"
	martin   = "/v1/partners/" + apitest.Martin
)

func admin(w *apitest.World) apitest.Client { return w.As(apitest.Martin, membership.GlobalAdmin) }

func message(customerID, licenceID string) table.Due {
	return table.Due{Type: table.TypeOf[licence.Licence](), Key: table.Licence(customerID, licenceID).Key}
}

// due has the desk look after a licence of Durand's.
func due(t *testing.T, w *apitest.World, licenceID string) {
	t.Helper()
	if err := (renewals.Desk{Table: w.Table, Zone: apitest.Env.Zone}).Handle(t.Context(), message(apitest.Durand, licenceID)); err != nil {
		t.Fatal(err)
	}
}

// until moves the world to noon of a day, by which nobody has looked after anything.
func until(t *testing.T, w *apitest.World, on string) {
	t.Helper()
	date, err := calendar.Parse(on)
	if err != nil {
		t.Fatal(err)
	}
	w.Advance(date.Start(apitest.Env.Zone).Add(12 * time.Hour).Sub(w.Now()))
}

// take has Durand take a licence by the operation.
func take(t *testing.T, w *apitest.World, planCode, term string, quantity int, with ...string) string {
	body := map[string]any{"planCode": planCode, "term": term, "quantity": quantity}
	for _, name := range with {
		body[strings.TrimPrefix(name, "no ")] = !strings.HasPrefix(name, "no ")
	}
	return admin(w).Do("POST "+licences, body).Is(t, 201).String("id")
}

func act(t *testing.T, w *apitest.World, licenceID, what string, body map[string]any) {
	admin(w).Do("POST "+licences+"/"+licenceID+"/"+what, body).Is(t, 200)
}

// shows asserts values within the answer to a request, by their paths.
func shows(t *testing.T, a apitest.Answer, want map[string]any) {
	t.Helper()
	for path, value := range want {
		if got := a.Get(path); fmt.Sprint(got) != fmt.Sprint(value) {
			t.Errorf("%s is %v, want %v: %s", path, got, value, a.Text)
		}
	}
}

type set = map[string]any

func theLicence(t *testing.T, w *apitest.World, id string, want set) {
	t.Helper()
	shows(t, admin(w).Do("GET "+licences+"/"+id, nil).Is(t, 200), want)
}

func theRow(t *testing.T, w *apitest.World, want set) {
	t.Helper()
	shows(t, admin(w).Do("GET "+martin+"/customers?q=durand", nil).Is(t, 200), want)
}

func theGauge(t *testing.T, w *apitest.World, want set) {
	t.Helper()
	shows(t, admin(w).Do("GET /v1/customers/"+apitest.Durand+"/seats/"+apitest.Expenses, nil).Is(t, 200), want)
}

// verdict is what the product is told of ada's seat.
func verdict(t *testing.T, w *apitest.World) string {
	t.Helper()
	a := w.Machine("product").Do("GET /v1/customers/"+apitest.Durand+"/seats/"+apitest.Expenses+"/members/ada", nil).Is(t, 200)
	return fmt.Sprint(a.Get("allowed"), " ", a.String("reason"))
}

func inForce(t *testing.T, w *apitest.World, on string) any {
	t.Helper()
	return admin(w).Do("GET "+martin+"/licences/count?asOf="+on, nil).Is(t, 200).Get("count")
}

// happened are the facts of the system's about a licence, in order.
func happened(w *apitest.World, licenceID string, kinds ...string) (all []event.Event) {
	for _, kind := range kinds {
		for _, e := range w.Happened(kind) {
			if e.Text("licenceId") == licenceID && e.Operation == "renewLicence" {
				all = append(all, e)
			}
		}
	}
	slices.SortFunc(all, func(a, b event.Event) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// kinds are those of all facts of the system's.
func kinds(w *apitest.World, licenceID string) (all []string) {
	for _, e := range happened(w, licenceID, licence.Reminded, licence.Muted, "licence.renewed", "licence.trialConverted", "licence.suspended", "licence.ended") {
		all = append(all, e.Kind)
	}
	return all
}

func contents(w *apitest.World) string { return strings.Join(w.Contents(), "\n") }

// again fails if the message, handled once more, changes something.
func again(t *testing.T, w *apitest.World, licenceID string) {
	t.Helper()
	before := contents(w)
	due(t, w, licenceID)
	if contents(w) != before {
		t.Error("a message handled again changed something")
	}
}

func wantKinds(t *testing.T, w *apitest.World, licenceID string, want ...string) {
	t.Helper()
	if got := kinds(w, licenceID); !slices.Equal(got, want) {
		t.Errorf("happened %v, want %v", got, want)
	}
}

// Durand's licence is on a yearly plan since 8 February 2026.
func TestALicenceIsRenewed(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	until(t, w, "2027-02-08")
	due(t, w, apitest.DurandLicence)
	again(t, w, apitest.DurandLicence)
	wantKinds(t, w, apitest.DurandLicence, "licence.renewed")
	theLicence(t, w, apitest.DurandLicence, set{"status": "active", "periodStart": "2027-02-08", "periodEnd": "2028-02-08", "version": 2})
	theRow(t, w, set{"items.0.renewsOn": "2028-02-08", "items.0.status": "active"})
	theGauge(t, w, set{"cap": 10, "state": "ok", "capVersion": 1})
	for on, want := range map[string]int{"2027-02-07": 1, "2027-02-08": 1, "2030-01-01": 1} {
		if got := inForce(t, w, on); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%v in force on %s, want %d", got, on, want)
		}
	}
	e := happened(w, apitest.DurandLicence, "licence.renewed")[0]
	if e.Actor.Kind != "system" || e.OnBehalfOf != apitest.Durand || e.PartnerID != apitest.Martin || !e.Livemode || e.Version != 1 || e.Number("licenceVersion") != 2 {
		t.Errorf("the fact is %+v", e)
	}
	list := admin(w).Do("GET "+martin+"/customers?renewsAfter=2028-02-07&renewsBefore=2028-02-09", nil).Is(t, 200)
	if len(list.Items()) != 1 {
		t.Errorf("by its renewal date the list shows %s", list.Text)
	}
}

func TestALicenceEnds(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]struct {
		end  func(*testing.T, *apitest.World) string
		want string
	}{
		"that was cancelled": {func(t *testing.T, w *apitest.World) string {
			id := take(t, w, apitest.Yearly, "year", 3)
			w.Advance(8 * day)
			act(t, w, id, "cancel", set{})
			return id
		}, "cancelled"},
		"that is not renewed": {func(t *testing.T, w *apitest.World) string {
			return take(t, w, apitest.Yearly, "year", 3, "no autoRenew")
		}, "expired"},
		"that is suspended, too": {func(t *testing.T, w *apitest.World) string {
			id := take(t, w, apitest.Yearly, "year", 3, "no autoRenew")
			act(t, w, id, "suspend", set{})
			return id
		}, "expired"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apitest.New(t)
			id := how.end(t, w)
			until(t, w, "2027-03-10")
			due(t, w, id)
			again(t, w, id)
			wantKinds(t, w, id, "licence.ended")
			theLicence(t, w, id, set{"status": how.want, "endsOn": "2027-03-10"})
			theGauge(t, w, set{"cap": 10})
			for on, want := range map[string]int{"2027-03-09": 2, "2027-03-10": 1} {
				if got := inForce(t, w, on); fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%v in force on %s, want %d", got, on, want)
				}
			}
		})
	}
}

// When the last licence with a module ends, its seats open it no more, and the row says so.
func TestTheLastLicenceEnds(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	admin(w).Do("POST "+licences+"/"+apitest.DurandLicence+"/cancel", set{}).Is(t, 200)
	w.Machine("product").Do("POST /v1/customers/"+apitest.Durand+"/seats/"+apitest.Expenses+"/members", set{"memberIds": []string{"ada"}}).Is(t, 201)
	until(t, w, "2027-02-07")
	if got := verdict(t, w); got != "true " {
		t.Errorf("on the last day: %s", got)
	}
	until(t, w, "2027-02-08")
	due(t, w, apitest.DurandLicence)
	again(t, w, apitest.DurandLicence)
	if got := verdict(t, w); got != "false licenceEnded" {
		t.Errorf("on the day after: %s", got)
	}
	theGauge(t, w, set{"state": "misconfigured", "reason": "licenceEnded"})
	theRow(t, w, set{"items.0.status": "cancelled", "items.0.renewsOn": nil, "items.0.licences": 0})
	if list := admin(w).Do("GET "+martin+"/customers?status=cancelled", nil).Is(t, 200); len(list.Items()) != 1 {
		t.Errorf("by its status the list shows %s", list.Text)
	}
}

func TestATrialIsOver(t *testing.T) {
	t.Parallel()
	t.Run("and becomes the paid licence", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		id := take(t, w, apitest.Yearly, "year", 3, "trial", "autoRenew")
		until(t, w, "2026-04-09")
		due(t, w, id)
		again(t, w, id)
		wantKinds(t, w, id, "licence.trialConverted")
		theLicence(t, w, id, set{"status": "active", "periodStart": "2026-04-09", "periodEnd": "2027-04-09"})
		e := happened(w, id, "licence.trialConverted")[0]
		if total, _ := e.Data["total"].(map[string]any); fmt.Sprint(total["amount"]) != "36000" {
			t.Errorf("it costs %v", e.Data["total"])
		}
	})
	t.Run("and suspends it, with its seats", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		edit(t, w, table.Licence(apitest.Durand, apitest.DurandLicence), func(l *licence.Licence) {
			l.OnTrial, l.AutoRenew = true, false
		})
		w.Machine("product").Do("POST /v1/customers/"+apitest.Durand+"/seats/"+apitest.Expenses+"/members", set{"memberIds": []string{"ada"}}).Is(t, 201)
		until(t, w, "2027-02-08")
		due(t, w, apitest.DurandLicence)
		again(t, w, apitest.DurandLicence)
		wantKinds(t, w, apitest.DurandLicence, "licence.suspended")
		theLicence(t, w, apitest.DurandLicence, set{"status": "suspended", "suspensionReasons": []any{"trialEnded"}})
		theRow(t, w, set{"items.0.status": "suspended"})
		theGauge(t, w, set{"state": "misconfigured", "reason": "licenceSuspended"})
		if got := verdict(t, w); got != "false licenceSuspended" {
			t.Errorf("the product is told %s", got)
		}
		if list := admin(w).Do("GET "+martin+"/customers?status=suspended", nil).Is(t, 200); len(list.Items()) != 1 {
			t.Errorf("by its status the list shows %s", list.Text)
		}
	})
}

func TestAChangeComesWithTheRenewal(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	act(t, w, apitest.DurandLicence, "change", set{"quantity": 4, "when": "atRenewal"})
	until(t, w, "2027-02-08")
	due(t, w, apitest.DurandLicence)
	again(t, w, apitest.DurandLicence)
	theLicence(t, w, apitest.DurandLicence, set{"quantity": 4, "scheduledChange": nil})
	theGauge(t, w, set{"cap": 4, "capVersion": 2})
	theRow(t, w, set{"items.0.quantity": 4})
}

// A reminder changes nothing but what was reminded of. It says how many seats nobody has.
func TestAReminderIsSent(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	w.Machine("product").Do("POST /v1/customers/"+apitest.Durand+"/seats/"+apitest.Expenses+"/members", set{"memberIds": []string{"ada", "bob"}}).Is(t, 201)
	row := admin(w).Do("GET /v1/customers/"+apitest.Durand, nil).Is(t, 200).Text
	for n, on := range []string{"2026-12-10", "2027-01-09", "2027-02-01", "2027-02-07"} {
		until(t, w, on)
		due(t, w, apitest.DurandLicence)
		again(t, w, apitest.DurandLicence)
		all := happened(w, apitest.DurandLicence, licence.Reminded)
		if len(all) != n+1 {
			t.Fatalf("on %s there were %d reminders", on, len(all))
		}
		e := all[n]
		unused, _ := e.Data["unusedSeats"].(map[string]any)
		if e.Number("days") != []int{60, 30, 7, 1}[n] || e.Text("what") != "renews" || e.Text("lastDay") != "2027-02-07" || fmt.Sprint(unused) != "map[expenses:8]" {
			t.Errorf("on %s it says %v", on, e.Data)
		}
	}
	wantKinds(t, w, apitest.DurandLicence, slices.Repeat([]string{licence.Reminded}, 4)...)
	if after := admin(w).Do("GET /v1/customers/"+apitest.Durand, nil).Is(t, 200).Text; after != row {
		t.Errorf("the customer's row was\n%s\nand is\n%s", row, after)
	}
	theLicence(t, w, apitest.DurandLicence, set{"periodEnd": "2027-02-08", "version": 5})
}

// Licences that are renewed follow what their plan says of reminders then; their prices stay.
func TestARenewalFollowsThePlan(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	edit(t, w, table.Plan(apitest.Yearly), func(p *plan.Plan) {
		p.Reminders = []int{10}
		for term, price := range p.Prices {
			price.Amount *= 2
			p.Prices[term] = price
		}
	})
	read := func() licence.Licence { return get(t, w, table.Licence(apitest.Durand, apitest.DurandLicence)) }
	if l := read(); !slices.Equal(l.Reminders, plan.DefaultReminders) {
		t.Fatal(l.Reminders)
	}
	prices := read().Prices
	until(t, w, "2027-02-08")
	due(t, w, apitest.DurandLicence)
	l := read()
	if want := time.Date(2028, 1, 28, 23, 0, 0, 0, time.UTC); !slices.Equal(l.Reminders, []int{10}) || !l.DueAt.Equal(want) {
		t.Errorf("reminders %v, next due %v, want %v", l.Reminders, l.DueAt, want)
	}
	if !maps.Equal(l.Prices, prices) {
		t.Errorf("prices %v, they were %v", l.Prices, prices)
	}
	until(t, w, "2028-01-29")
	due(t, w, apitest.DurandLicence)
	wantKinds(t, w, apitest.DurandLicence, "licence.renewed", licence.Reminded)
}

// What comes too early, too late or of what is gone does nothing.
func TestWhatIsNotDueStaysAsItIs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before func(t *testing.T, w *apitest.World)
		on     string
	}{
		"before the day": {func(*testing.T, *apitest.World) {}, "2026-12-09"},
		"a licence that was cancelled at once": {func(t *testing.T, w *apitest.World) {
			edit(t, w, table.Licence(apitest.Durand, apitest.DurandLicence), func(l *licence.Licence) { l.Batches[0].TakenAt = w.Now() })
			act(t, w, apitest.DurandLicence, "cancel", set{})
		}, "2027-02-08"},
		"one that is suspended": {func(t *testing.T, w *apitest.World) { act(t, w, apitest.DurandLicence, "suspend", set{}) }, "2027-02-08"},
		"one that was renewed":  {func(t *testing.T, w *apitest.World) { until(t, w, "2027-02-08"); due(t, w, apitest.DurandLicence) }, "2027-03-01"},
		"one whose term ends later now": {func(t *testing.T, w *apitest.World) {
			edit(t, w, table.Licence(apitest.Durand, apitest.DurandLicence), func(l *licence.Licence) {
				l.End = l.End.AddDays(90)
				*l = l.Await(apitest.Env.Zone)
			})
		}, "2027-02-08"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apitest.New(t)
			c.before(t, w)
			until(t, w, c.on)
			again(t, w, apitest.DurandLicence)
		})
	}
	t.Run("one that is not there", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		again(t, w, "lic_nothing")
	})
	t.Run("of a kind that nobody looks after, it fails", func(t *testing.T) {
		t.Parallel()
		err := renewals.Desk{Zone: apitest.Env.Zone}.Handle(t.Context(), table.Due{Type: "partner"})
		if err == nil || !strings.Contains(err.Error(), "partner") {
			t.Error(err)
		}
	})
}

// Whatever comes at once, a licence is renewed once.
func TestEightWorkersRenewOnce(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	until(t, w, "2027-02-08")
	workers(t, w, slices.Repeat([]string{apitest.DurandLicence}, 8))
	wantKinds(t, w, apitest.DurandLicence, "licence.renewed")
	again(t, w, apitest.DurandLicence)
	theLicence(t, w, apitest.DurandLicence, set{"version": 2, "periodEnd": "2028-02-08"})
}

// workers handle messages side by side, each until it succeeds, as the queue has them do.
func workers(t *testing.T, w *apitest.World, ids []string) {
	t.Helper()
	var all sync.WaitGroup
	for _, id := range ids {
		all.Go(func() {
			var err error
			for range 5 {
				if err = (renewals.Desk{Table: w.Table, Zone: apitest.Env.Zone}).Handle(t.Context(), message(apitest.Durand, id)); err == nil {
					return
				}
			}
			t.Errorf("%s: %v", id, err)
		})
	}
	all.Wait()
}

// Renewals leave a customer's one row alone, so that those due at once are in nobody's way.
func TestLicencesOfOneCustomerFallDueAtOnce(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	var ids []string
	for n := range 6 {
		ids = append(ids, take(t, w, apitest.Monthly, "month", n+1))
	}
	until(t, w, "2026-04-10")
	workers(t, w, append(ids, ids...))
	for n, id := range ids {
		wantKinds(t, w, id, "licence.renewed")
		theLicence(t, w, id, set{"periodEnd": "2026-05-10", "quantity": n + 1})
	}
	theRow(t, w, set{"items.0.licences": 7, "items.0.quantity": 31, "items.0.renewsOn": "2026-05-10"})
	theGauge(t, w, set{"cap": 31})
	c := get(t, w, table.Customer(apitest.Durand))
	for _, id := range ids {
		if e := happened(w, id, "licence.renewed")[0]; c.Version != 7 || e.Version != 7 || e.Number("licenceVersion") != 2 {
			t.Errorf("the row has version %d, the fact is %+v", c.Version, e)
		}
	}
}

// What happens in a sandbox counts nowhere, and nobody is told (A5).
func TestASandboxIsRenewedToo(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	edit(t, w, table.Customer(apitest.Durand), func(c *customer.Customer) { c.Livemode = false })
	count := inForce(t, w, "2027-03-01")
	until(t, w, "2027-02-08")
	due(t, w, apitest.DurandLicence)
	e := happened(w, apitest.DurandLicence, "licence.renewed")
	if len(e) != 1 || e[0].Livemode {
		t.Errorf("happened %+v", e)
	}
	if got := inForce(t, w, "2027-03-01"); got != count {
		t.Errorf("the ledger said %v, and says %v", count, got)
	}
}

// edit changes what no operation changes.
func edit[T any](t *testing.T, w *apitest.World, ref table.Ref[T], change func(*T)) {
	t.Helper()
	call := table.Call{Load: []table.Load{ref}, Allow: table.Unasked}
	_, _, err := table.Write(t.Context(), w.Table, call, func(tx *table.Tx) (*struct{}, error) {
		v, err := ref.Get(tx)
		change(&v)
		tx.Put(&v)
		return nil, err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func get[T any](t *testing.T, w *apitest.World, ref table.Ref[T]) T {
	t.Helper()
	v, err := table.Read(t.Context(), w.Table, table.Call{Load: []table.Load{ref}, Allow: table.Unasked}, func(tx *table.Tx) (*T, error) {
		v, err := ref.Get(tx)
		return &v, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return *v
}

// A change that brings more modules than a customer may have is no reason not to be renewed: the licence goes on as it is.
func TestAChangeThatCannotBeAppliedIsGivenUp(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	w.Have(func(tx *table.Tx) {
		for _, letter := range "ABCD" {
			p := plan.Plan{
				Code: "WIDE-" + string(letter), Name: "Wide", Commitment: plan.Flexible, Modules: map[string]int{},
				Prices: map[calendar.Term]money.Money{calendar.Year: {Amount: 100_00, Currency: "EUR"}},
			}
			for n := range plan.MaxModules {
				p.Modules[fmt.Sprint("module", string(letter), n)] = 1
			}
			tx.Put(&p)
		}
	})
	for _, code := range []string{"WIDE-A", "WIDE-B", "WIDE-C"} {
		take(t, w, code, "year", 1)
	}
	change := map[string]any{"planCode": "WIDE-D", "when": "atRenewal"}
	admin(w).Do("POST "+licences+"/"+apitest.DurandLicence+"/change", change).Is(t, 200)
	until(t, w, "2027-02-08")
	due(t, w, apitest.DurandLicence)
	again(t, w, apitest.DurandLicence)
	if n := len(happened(w, apitest.DurandLicence, "licence.renewed")); n != 1 {
		t.Errorf("it was renewed %d times", n)
	}
	theLicence(t, w, apitest.DurandLicence, set{"planCode": apitest.Yearly, "periodStart": "2027-02-08", "quantity": 10, "scheduledChange": nil})
}
