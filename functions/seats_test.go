package functions_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"comptoir/functions/apitest"
	"comptoir/shared/membership"
	"comptoir/shared/seat"
	"comptoir/shared/table"
	"comptoir/shared/table/proxy"
)

const (
	holders  = expenses + "/members"
	capOf    = expenses + "/cap"
	requests = expenses + "/requests"
	members  = ofDurand + "/members"
)

func giving(ids ...string) map[string]any { return map[string]any{"memberIds": ids} }

// staff makes n more members of Durand's and gives their ids.
func staff(t *testing.T, w *apitest.World, n int) []string {
	t.Helper()
	var ids []string
	for i := range n {
		id := fmt.Sprintf("user-%03d", i)
		w.Machine("product").Do("PUT "+members+"/"+id, map[string]any{"name": fmt.Sprintf("Member %03d", i)}).Is(t, 201)
		ids = append(ids, id)
	}
	return ids
}

// gauge is what the gauge says, as "used/cap state".
func gauge(t *testing.T, by apitest.Client, path string) string {
	t.Helper()
	a := by.Do("GET "+path, nil).Is(t, 200)
	return fmt.Sprintf("%v/%v %v", a.Get("used"), a.Get("cap"), a.Get("state"))
}

func wantGauge(t *testing.T, w *apitest.World, want string) {
	t.Helper()
	if got := gauge(t, viewer(w), expenses); got != want {
		t.Errorf("the gauge says %s, want %s", got, want)
	}
}

// seated is how many members the list of holders has.
func seated(t *testing.T, w *apitest.World) int {
	t.Helper()
	return len(manager(w).Do("GET "+holders+"?limit=100", nil).Is(t, 200).Items())
}

func verdict(t *testing.T, w *apitest.World, member string) string {
	t.Helper()
	a := w.Machine("product").Do("GET "+holders+"/"+member+"?exact=true", nil).Is(t, 200)
	if a.Get("allowed") == true {
		return "allowed"
	}
	return a.String("reason")
}

// D3, D4: the gauge is the same for everybody and exact at once; D6: a seat that is taken away is free at once.
func TestSeatsComeAndGo(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	wantGauge(t, w, "0/10 ok")
	a := manager(w).Do("POST "+holders, giving("ada", "bob")).Is(t, 201)
	if fmt.Sprint(a.Get("added"), a.Get("alreadyHeld")) != "[ada bob] []" {
		t.Error(a.Text)
	}
	a = manager(w).Do("POST "+holders, giving("bob", "cleo")).Is(t, 201)
	if fmt.Sprint(a.Get("added"), a.Get("alreadyHeld")) != "[cleo] [bob]" {
		t.Error(a.Text)
	}
	manager(w).Do("POST "+holders, giving("bob", "cleo")).Is(t, 200)
	for name, by := range map[string]apitest.Client{"a viewer": viewer(w), "the customer": manager(w), "the product": w.Machine("product"), "the operator": w.Machine("operator")} {
		if got := gauge(t, by, expenses); got != "3/10 ok" {
			t.Errorf("%s reads %s", name, got)
		}
	}
	if a := manager(w).Do("POST "+holders, giving("ada", "eve", "mallory")).Is(t, 422, "invalid_input"); a.String("errors.1.field") != "body.memberIds[2]" {
		t.Error(a.Text)
	}
	for member, want := range map[string]string{"ada": "allowed", "eve": "notAMember", apitest.UserOf(apitest.Durand, membership.Admin): "noSeat"} {
		if got := verdict(t, w, member); got != want {
			t.Errorf("%s: %s, want %s", member, got, want)
		}
	}
	for _, want := range []bool{true, false} {
		if a := manager(w).Do("DELETE "+holders+"/ada", nil).Is(t, 200); a.Get("removed") != want {
			t.Error(a.Text)
		}
		wantGauge(t, w, "2/10 ok")
	}
	manager(w).Do("DELETE "+holders+"/eve", nil).Is(t, 404, "not_found")
	if got := verdict(t, w, "ada"); got != "noSeat" {
		t.Errorf("without the seat: %s", got)
	}
}

// D5, D7, D8: up to the cap, all or none.
func TestNothingGoesOverTheCap(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	ids := staff(t, w, 11)
	manager(w).Do("POST "+holders, giving(ids...)).Is(t, 409, "seat_limit_reached")
	wantGauge(t, w, "0/10 ok")
	manager(w).Do("POST "+holders, giving(ids[:8]...)).Is(t, 201)
	wantGauge(t, w, "8/10 warning")
	manager(w).Do("POST "+holders, giving(ids[7:11]...)).Is(t, 409, "seat_limit_reached")
	manager(w).Do("POST "+holders, giving(ids[8:10]...)).Is(t, 201)
	wantGauge(t, w, "10/10 full")
	manager(w).Do("POST "+holders, giving(ids[10])).Is(t, 409, "seat_limit_reached")
	if n := seated(t, w); n != 10 {
		t.Errorf("%d hold a seat", n)
	}
}

// D9: whoever comes at the same time.
func TestManyAtOnceForTheLastSeats(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	ids := staff(t, w, 24)
	seller(w).Do("PUT "+capOf, map[string]any{"cap": 5}).Is(t, 200)
	busy, p := w.Through(t)
	p.Conflicts, p.HoldWrites = true, 2*time.Millisecond // as AWS refuses transactions that meet
	var all sync.WaitGroup
	answers := make([]apitest.Answer, len(ids))
	for i, id := range ids {
		all.Go(func() { answers[i] = manager(busy).Do("POST "+holders, giving(id)) })
	}
	all.Wait()
	added := 0
	for _, a := range answers {
		if a.Status == 201 {
			added++
		} else {
			a.Is(t, 409, "seat_limit_reached")
		}
	}
	wantGauge(t, w, "5/5 full")
	if n := seated(t, w); n != 5 || added != 5 {
		t.Errorf("%d were told that they got a seat, and %d hold one", added, n)
	}
}

// D11: the very next reading shows the cap; under what is used nobody is thrown out and nothing is added.
func TestThePartnersCap(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	manager(w).Do("POST "+holders, giving("ada", "bob")).Is(t, 201)
	tag := viewer(w).Do("GET "+expenses, nil).Header["etag"]
	a := sales(w).Do("PUT "+capOf, map[string]any{"cap": 1}, "If-Match: "+tag).Is(t, 200)
	if a.Get("cap") != 1.0 || a.Get("funded") != 10.0 {
		t.Error(a.Text)
	}
	wantGauge(t, w, "2/1 overLimit")
	sales(w).Do("PUT "+capOf, map[string]any{"cap": 3}, "If-Match: "+tag).Is(t, 412, "version_mismatch")
	manager(w).Do("POST "+holders, giving("cleo")).Is(t, 409, "seat_limit_reached")
	if got := verdict(t, w, "ada"); got != "allowed" {
		t.Errorf("over the limit: %s", got)
	}
	sales(w).Do("PUT "+capOf, map[string]any{"cap": 11}).Is(t, 409, "seat_cap_not_funded")
	sales(w).Do("PUT "+capOf, map[string]any{"cap": 0}).Is(t, 422, "invalid_input")
	sales(w).Do("PUT "+capOf, map[string]any{"cap": 10}).Is(t, 200)
	wantGauge(t, w, "2/10 ok")
}

// The gauges follow the licences in the same transaction, and so does every check.
func TestGaugesFollowTheLicences(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	manager(w).Do("POST "+holders, giving("ada", "bob")).Is(t, 201)
	seller(w).Do("POST "+oneOfDurand+"/change", map[string]any{"quantity": 12}).Is(t, 200)
	wantGauge(t, w, "2/12 ok")
	second := w.Licence(seller(w), apitest.Durand, apitest.Monthly, "month", 3)
	wantGauge(t, w, "2/15 ok")
	seller(w).Do("POST "+oneOfDurand+"/suspend", map[string]any{}).Is(t, 200)
	wantGauge(t, w, "2/3 ok")
	if got := verdict(t, w, "ada"); got != "allowed" {
		t.Errorf("with one licence left: %s", got)
	}
	seller(w).Do("POST "+durands+"/"+second+"/suspend", map[string]any{}).Is(t, 200)
	wantGauge(t, w, "2/0 misconfigured")
	if got := verdict(t, w, "ada"); got != "licenceSuspended" {
		t.Errorf("with none left: %s", got)
	}
	manager(w).Do("POST "+holders, giving("cleo")).Is(t, 409, "seat_pool_misconfigured")
	seller(w).Do("POST "+durands+"/"+second+"/resume", map[string]any{}).Is(t, 200)
	seller(w).Do("POST "+durands+"/"+second+"/cancel", map[string]any{"when": "now"}).Is(t, 200)
	if got := verdict(t, w, "ada"); got != "licenceSuspended" {
		t.Errorf("with one suspended and one over: %s", got)
	}
	seller(w).Do("POST "+oneOfDurand+"/resume", map[string]any{}).Is(t, 200)
	seller(w).Do("POST "+oneOfDurand+"/cancel", map[string]any{}).Is(t, 200) // ends with its term
	wantGauge(t, w, "2/12 ok")
	w.Advance(365 * 24 * time.Hour)
	wantGauge(t, w, "2/0 misconfigured") // nobody had to touch it
	if got := verdict(t, w, "ada"); got != "licenceEnded" {
		t.Errorf("once it is over: %s", got)
	}
}

// D13: a misconfigured gauge says why, and whom to contact.
func TestMisconfiguredGaugesSayWhomToTurnTo(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	for request, want := range map[string]string{
		"GET " + dupont + "/seats/expenses":                           "partner contact@martin.example +33 1 00 00 00 00",
		"GET /v1/customers/" + apitest.Direct + "/seats/expenses":     "publisher support@publisher.example <nil>",
		"GET /v1/customers/" + apitest.Direct + "/seats/neverHeardOf": "publisher support@publisher.example <nil>",
	} {
		a := w.Machine("product").Do(request, nil).Is(t, 200)
		got := fmt.Sprint(a.Get("contact.kind"), " ", a.Get("contact.mail"), " ", a.Get("contact.phone"))
		if got != want || a.String("state") != "misconfigured" || a.String("reason") != "noLicence" {
			t.Errorf("%s: %s", request, a.Text)
		}
	}
	if a := viewer(w).Do("GET "+expenses, nil); a.Get("contact") != nil || a.Get("reason") != nil {
		t.Errorf("a gauge in order: %s", a.Text)
	}
}

// The units of a flexible licence never fall under the seats in use; a committed one's may, and the gauge says so.
func TestFlexibleUnitsStayAboveTheSeatsInUse(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	seller(w).Do("POST "+oneOfDurand+"/suspend", map[string]any{}).Is(t, 200)
	flexible := durands + "/" + w.Licence(seller(w), apitest.Durand, apitest.Monthly, "month", 5)
	manager(w).Do("POST "+holders, giving("ada", "bob", "cleo")).Is(t, 201)
	down := func(to int) map[string]any { return map[string]any{"quantity": to} }
	preview := seller(w).Do("POST "+durands+"/preview", map[string]any{"licenceId": flexible[len(durands)+1:], "change": down(3)}).Is(t, 201)
	if !strings.Contains(preview.Text, `"code":"seatCap","detail":"The module expenses has a cap of 3; seats used: 3."`) {
		t.Error(preview.Text)
	}
	seller(w).Do("POST "+durands+"/preview", map[string]any{"licenceId": flexible[len(durands)+1:], "change": down(2)}).Is(t, 409, "below_seats_in_use")
	seller(w).Do("PUT "+capOf, map[string]any{"cap": 4}).Is(t, 200)
	kept := seller(w).Do("POST "+durands+"/preview", map[string]any{"licenceId": flexible[len(durands)+1:], "change": down(9)}).Is(t, 201)
	if !strings.Contains(kept.Text, "The module expenses keeps the cap of 4 that you have set; 9 seats are funded.") {
		t.Error(kept.Text)
	}
	seller(w).Do("PUT "+capOf, map[string]any{"cap": 5}).Is(t, 200)
	seller(w).Do("POST "+flexible+"/change", down(2)).Is(t, 409, "below_seats_in_use")
	wantGauge(t, w, "3/5 ok")
	id := staff(t, w, 1)[0]
	manager(w).Do("POST "+holders, giving(id)).Is(t, 201)
	seller(w).Do("POST "+flexible+"/change", committing(preview.String("previewId"))).Is(t, 409, "below_seats_in_use")
	manager(w).Do("DELETE "+holders+"/"+id, nil).Is(t, 200)
	seller(w).Do("POST "+flexible+"/change", committing(preview.String("previewId"))).Is(t, 200)
	wantGauge(t, w, "3/3 full")
	seller(w).Do("POST "+flexible+"/change", map[string]any{"quantity": 1, "when": "atRenewal"}).Is(t, 200)
	seller(w).Do("POST "+flexible+"/cancel", map[string]any{"when": "now"}).Is(t, 200)

	committed := durands + "/" + w.Licence(seller(w), apitest.Durand, apitest.Pro, "year", 4)
	seller(w).Do("POST "+committed+"/change", down(2)).Is(t, 200) // within its window
	wantGauge(t, w, "3/2 overLimit")
}

func TestMembers(t *testing.T) {
	t.Parallel()
	t.Run("who leaves loses every seat and the sign-in", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		manager(w).Do("POST "+holders, giving("ada", "bob")).Is(t, 201)
		ada := w.Person("ada").For(apitest.Durand)
		ada.Do("GET "+expenses, nil).Is(t, 200)
		if a := manager(w).Do("DELETE "+members+"/ada", nil).Is(t, 200); fmt.Sprint(a.Get("freed")) != "[expenses]" {
			t.Error(a.Text)
		}
		wantGauge(t, w, "1/10 ok")
		ada.Do("GET "+expenses, nil).Is(t, 403, "forbidden")
		if got := verdict(t, w, "ada"); got != "notAMember" {
			t.Errorf("the product is told %s", got)
		}
		manager(w).Do("DELETE "+members+"/ada", nil).Is(t, 404, "not_found")
		manager(w).Do("POST "+holders, giving("ada")).Is(t, 422, "invalid_input")
	})
	t.Run("who comes back comes without a seat", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		did(seatsAda, action{manager, "DELETE " + ada, nil, nil})(t, w)
		w.Machine("product").Do("PUT "+ada, map[string]any{"name": "Ada"}).Is(t, 201)
		if got := verdict(t, w, "ada"); got != "noSeat" {
			t.Errorf("the product is told %s", got)
		}
	})
	t.Run("a new administrator may act at once, one who is no longer may not", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		bob := w.Person("bob").For(apitest.Durand)
		bob.Do("PUT "+ada, map[string]any{"name": "Ada"}).Is(t, 403, "forbidden")
		manager(w).Do("PUT "+members+"/bob", map[string]any{"name": "Bob", "roles": []string{"admin"}}).Is(t, 200)
		bob.Do("PUT "+ada, map[string]any{"name": "Ada B."}).Is(t, 200)
		manager(w).Do("PUT "+members+"/bob", map[string]any{"name": "Bob", "roles": []string{"member"}}).Is(t, 200)
		bob.Do("PUT "+ada, map[string]any{"name": "Ada"}).Is(t, 403, "forbidden")
	})
	t.Run("nobody takes the own place or role away", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		self := members + "/" + apitest.UserOf(apitest.Durand, membership.Admin)
		manager(w).Do("DELETE "+self, nil).Is(t, 409, "own_membership")
		manager(w).Do("PUT "+self, map[string]any{"name": "Me", "roles": []string{"member"}}).Is(t, 409, "own_membership")
		manager(w).Do("PUT "+self, map[string]any{"name": "Me"}).Is(t, 200)
		w.Machine("product").Do("DELETE "+self, nil).Is(t, 200)
	})
	t.Run("nobody is made a member but by the product", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		stranger := members + "/" + apitest.UserOf(apitest.Martin, membership.Sales)
		manager(w).Do("PUT "+stranger, map[string]any{"name": "Somebody"}).Is(t, 403, "forbidden")
		if a := sales(w).For("").Do("GET /v1/me/companies", nil).Is(t, 200); len(a.Items()) != 0 {
			t.Error(a.Text)
		}
		w.Machine("operator").Do("PUT "+members+"/dora", map[string]any{"name": "Dora"}).Is(t, 201)
	})
	t.Run("who is put again as before is not changed", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		put := func() apitest.Answer {
			return w.Machine("product").Do("PUT "+ada, map[string]any{"name": "Ada D."}).Is(t, 200)
		}
		first := put()
		before := w.Contents()
		if again := put(); again.Text != first.Text {
			t.Errorf("%s\nand %s", first.Text, again.Text)
		}
		if after := w.Contents(); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Error("something was written")
		}
	})
	t.Run("what is left out stays, and an older version is not written over", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		first := w.Machine("product").Do("PUT "+members+"/dora", map[string]any{"name": "Dora", "mail": "dora@durand.example", "roles": []string{"admin"}}).Is(t, 201)
		second := manager(w).Do("PUT "+members+"/dora", map[string]any{"name": "Dora D."}, "If-Match: "+first.Header["etag"]).Is(t, 200)
		if second.String("mail") != "dora@durand.example" || fmt.Sprint(second.Get("roles")) != "[admin]" {
			t.Error(second.Text)
		}
		manager(w).Do("PUT "+members+"/dora", map[string]any{"name": "X"}, "If-Match: "+first.Header["etag"]).Is(t, 412, "version_mismatch")
	})
	t.Run("are listed by name, page by page", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		names, cursor := []string{}, ""
		for page := 0; page == 0 || cursor != ""; page++ {
			a := manager(w).Do("GET "+members+"?limit=2"+cursor, nil).Is(t, 200)
			for i := range a.Items() {
				names = append(names, a.String(fmt.Sprintf("items.%d.name", i)))
			}
			if cursor = a.String("nextCursor"); cursor != "" {
				cursor = "&cursor=" + cursor
			}
		}
		if want := "[P. ada P. bob P. cleo P. usr-durand-admin]"; fmt.Sprint(names) != want {
			t.Errorf("%v, want %s", names, want)
		}
	})
	t.Run("have ids of any visible signs", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		const odd = "auth0%7C5f%2F7c%25"
		w.Machine("product").Do("PUT "+members+"/"+odd, map[string]any{"name": "Odd"}).Is(t, 201)
		manager(w).Do("POST "+holders, giving("auth0|5f/7c%")).Is(t, 201)
		if got := verdict(t, w, odd); got != "allowed" {
			t.Errorf("it is told %s", got)
		}
		manager(w).Do("DELETE "+members+"/"+odd, nil).Is(t, 200)
		manager(w).Do("PUT "+members+"/a%23b", map[string]any{"name": "Odd"}).Is(t, 422, "invalid_input")
		manager(w).Do("PUT "+members+"/%C3%A9", map[string]any{"name": "Odd"}).Is(t, 422, "invalid_input")
	})
}

// The administrator that an account is reported with is its first member.
func TestTheFirstAdministratorIsAMember(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	id := w.Machine("product").Do("POST /v1/accounts", petit).Is(t, 201).String("customerId")
	w.Licence(seller(w), id, apitest.Monthly, "month", 2)
	w.Machine("product").Do("POST /v1/customers/"+id+"/seats/expenses/members", giving("auth0|5f7c")).Is(t, 201)
	a := w.Machine("product").Do("GET /v1/customers/"+id+"/seats/expenses/members/auth0%7C5f7c", nil).Is(t, 200)
	if a.Get("allowed") != true {
		t.Error(a.Text)
	}
}

func TestHoldersArePagedByName(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	seller(w).Do("POST "+oneOfDurand+"/change", map[string]any{"quantity": 50}).Is(t, 200)
	ids := staff(t, w, 31)
	manager(w).Do("POST "+holders, giving(ids...)).Is(t, 201)
	var seen []string
	cursor := ""
	for page := 0; page == 0 || cursor != ""; page++ {
		a := manager(w).Do("GET "+holders+"?limit=10"+cursor, nil).Is(t, 200)
		for i := range a.Items() {
			seen = append(seen, a.String(fmt.Sprintf("items.%d.memberId", i)))
		}
		if cursor = a.String("nextCursor"); cursor != "" {
			manager(w).Do("GET "+ofDurand+"/seats/payroll/members?cursor="+cursor, nil).Is(t, 422, "invalid_input")
			w.Machine("product").Do("GET "+dupont+"/seats/expenses/members?cursor="+cursor, nil).Is(t, 422, "invalid_input")
			cursor = "&cursor=" + cursor
		}
	}
	if fmt.Sprint(seen) != fmt.Sprint(ids) {
		t.Errorf("listed %v", seen)
	}
}

// D10: a customer asks, its partner is told and answers, and the very next reading shows it.
func TestRequestsForSeats(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	sales(w).Do("PUT "+capOf, map[string]any{"cap": 2}).Is(t, 200)
	manager(w).Do("POST "+holders, giving("ada", "bob")).Is(t, 201)
	manager(w).Do("POST "+holders, giving("cleo")).Is(t, 409, "seat_limit_reached")
	asked := manager(w).Do("POST "+requests, map[string]any{"seats": 3, "note": "We are growing."}).Is(t, 201)
	if asked.String("id") != "req_1" || asked.Get("wanted") != 5.0 || asked.String("by") == "" {
		t.Error(asked.Text)
	}
	if again := manager(w).Do("POST "+requests, map[string]any{"seats": 3, "note": "We are growing."}).Is(t, 200); again.Text != asked.Text {
		t.Errorf("the same once more: %s", again.Text)
	}
	// Whoever answers what was read answers that: another request has another name.
	manager(w).Do("POST "+requests, map[string]any{"seats": 2}).Is(t, 201)
	sales(w).Do("POST "+requests+"/req_1/answer", map[string]any{"accept": true}).Is(t, 409, "seat_request_answered")
	manager(w).Do("POST "+requests, map[string]any{"seats": 3}).Is(t, 201)
	answer := "POST " + requests + "/req_3/answer"
	sales(w).Do(answer, map[string]any{"accept": true, "cap": 99}).Is(t, 409, "seat_cap_not_funded")
	sales(w).Do(answer, map[string]any{"accept": true, "cap": 2}).Is(t, 422, "invalid_input")
	sales(w).Do(answer, map[string]any{"accept": false}).Is(t, 422, "invalid_input")
	sales(w).Do(answer, map[string]any{"accept": false, "note": "No.", "cap": 4}).Is(t, 422, "invalid_input")
	sales(w).Do("POST "+requests+"/req_4/answer", map[string]any{"accept": true}).Is(t, 404, "not_found")
	if a := sales(w).Do(answer, map[string]any{"accept": true}).Is(t, 200); a.String("status") != "accepted" || a.Get("answer.cap") != 5.0 {
		t.Error(a.Text)
	}
	wantGauge(t, w, "2/5 ok")
	sales(w).Do(answer, map[string]any{"accept": true}).Is(t, 409, "seat_request_answered")
	manager(w).Do("POST "+holders, giving("cleo")).Is(t, 201)

	manager(w).Do("POST "+requests, map[string]any{"seats": 5}).Is(t, 201)
	sales(w).Do("POST "+requests+"/req_4/answer", map[string]any{"accept": false, "note": "Not this year."}).Is(t, 200)
	wantGauge(t, w, "3/5 ok")
	list := manager(w).Do("GET "+requests, nil).Is(t, 200)
	var states []any
	for i := range list.Items() {
		states = append(states, list.Get(fmt.Sprintf("items.%d.status", i)))
	}
	if fmt.Sprint(states, list.Get("items.0.answer.note")) != "[declined accepted replaced replaced]Not this year." {
		t.Error(list.Text)
	}
	manager(w).Do("POST "+ofDurand+"/seats/payroll/requests", map[string]any{"seats": 1}).Is(t, 409, "seat_pool_misconfigured")
	w.Machine("product").Do("POST /v1/customers/"+apitest.Direct+"/seats/expenses/requests", map[string]any{"seats": 1}).Is(t, 409, "no_partner")
}

// Crossing a threshold is written once, with its figures, in the transaction that crosses it.
func TestThresholdsAreWrittenOnce(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	ids := staff(t, w, 10)
	crossings := func() (all []string) {
		a := manager(w).Do("GET "+ofDurand+"/activity?limit=100", nil).Is(t, 200)
		for i := len(a.Items()) - 1; i >= 0; i-- {
			if at := fmt.Sprintf("items.%d.", i); a.String(at+"kind") == "seat.threshold" {
				all = append(all, fmt.Sprintf("%v%% %v/%v", a.Get(at+"data.threshold"), a.Get(at+"data.used"), a.Get(at+"data.cap")))
			}
		}
		return all
	}
	for _, step := range []action{
		{manager, "POST " + holders, giving(ids[:7]...), nil},
		{manager, "POST " + holders, giving(ids[7]), nil},
		{manager, "POST " + holders, giving(ids[8]), nil},
		{manager, "POST " + holders, giving(ids[9]), nil},
		{manager, "POST " + holders, giving(ids[9]), nil}, // holds it already
		{manager, "DELETE " + holders + "/" + ids[9], nil, nil},
		{manager, "POST " + holders, giving(ids[9]), nil},
		{sales, "PUT " + capOf, map[string]any{"cap": 4}, nil},
	} {
		w.Advance(time.Second) // the activity is in order of time
		did(step)(t, w)
	}
	if got := fmt.Sprint(crossings()); got != "[80% 8/10 100% 10/10 100% 10/10 100% 10/4]" {
		t.Errorf("crossed %s", got)
	}
}

// A refusal that rests on the gauge and on members is given only if both were so at one moment. Between the load and
// the confirmation a seat is freed: what was refused is decided anew, and fits.
func TestRefusalsAreConfirmed(t *testing.T) {
	t.Parallel()
	s := apitest.New(t)
	sales(s).Do("PUT "+capOf, map[string]any{"cap": 1}).Is(t, 200)
	manager(s).Do("POST "+holders, giving("ada")).Is(t, 201)
	through, p := s.Through(t)
	var once sync.Once
	p.Before = func(operation string, _ []byte) {
		if operation == "TransactGetItems" {
			once.Do(func() { manager(s).Do("DELETE "+holders+"/ada", nil).Is(t, 200) })
		}
	}
	manager(through).Do("POST "+holders, giving("bob")).Is(t, 201)
	wantGauge(t, s, "1/1 full")
}

// A licence that is suspended while somebody joins: whoever comes last, the newcomer's part of the roster knows.
func TestANewPartOfTheRosterKnowsHowModulesStand(t *testing.T) {
	t.Parallel()
	join := action{machine("product"), "PUT " + members + "/dora", map[string]any{"name": "Dora"}, nil}
	suspend := action{seller, "POST " + oneOfDurand + "/suspend", map[string]any{}, nil}
	for name, pair := range map[string][2]action{"joins while it is suspended": {join, suspend}, "is suspended while one joins": {suspend, join}} {
		for _, step := range []string{"TransactWriteItems", "Query", "BatchGetItem"} {
			t.Run(name+", before "+step, func(t *testing.T) {
				t.Parallel()
				w := apitest.New(t)
				through, p := w.Through(t)
				var once sync.Once
				p.Before = func(operation string, _ []byte) {
					if operation == step {
						once.Do(func() { pair[1].on(w) })
					}
				}
				if a := pair[0].on(through); a.Status/100 != 2 {
					t.Fatal(a.Text)
				}
				seller(w).Do("POST "+durands, order(apitest.Monthly, "month", 1)).Is(t, 201)
				manager(w).Do("POST "+holders, giving("dora")).Is(t, 201)
				if got := verdict(t, w, "dora"); got != "allowed" {
					t.Errorf("with a second licence: %s", got)
				}
				checkStandings(t, w)
			})
		}
	}
}

// checkStandings compares what every part of the roster says of the modules with what the gauges say.
func checkStandings(t *testing.T, w *apitest.World) {
	t.Helper()
	customer, rosters := table.Customer(apitest.Durand), table.Rosters(apitest.Durand)
	_, err := table.Read(t.Context(), w.Table, table.Call{
		Load: []table.Load{customer, rosters}, Allow: func(*table.Tx) error { return nil },
	}, func(tx *table.Tx) (*struct{}, error) {
		c, _ := customer.Find(tx)
		parts, _ := rosters.Rows(tx)
		for _, r := range parts {
			if !c.HasRoster(r.Part) {
				t.Errorf("the customer's row doesn't know part %d", r.Part)
			}
			if s := fmt.Sprint(r.Modules[apitest.Expenses]); s != fmt.Sprint(parts[0].Modules[apitest.Expenses]) {
				t.Errorf("part %d says %s, part %d %v", r.Part, s, parts[0].Part, parts[0].Modules)
			}
		}
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What another customer's or partner's people do reaches nothing of it, whatever they name.
func TestOthersReachNoSeats(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	manager(w).Do("POST "+holders, giving("ada")).Is(t, 201)
	before := w.Contents()
	stranger, neighbour := w.As(apitest.Nuage, membership.GlobalAdmin), w.As(apitest.Nuit, membership.Admin)
	for _, by := range []apitest.Client{stranger, neighbour, admin(w)} {
		for request, body := range map[string]any{
			"GET " + members: nil, "PUT " + ada: map[string]any{"name": "Eve"}, "DELETE " + ada: nil, "GET " + ofDurand + "/seats": nil, "GET " + expenses: nil,
			"GET " + holders: nil, "POST " + holders: giving("bob"), "DELETE " + holders + "/ada": nil, "GET " + holders + "/ada": nil, "PUT " + capOf: map[string]any{"cap": 1},
			"GET " + requests: nil, "POST " + requests: map[string]any{"seats": 1}, "GET " + ofDurand + "/notifications": nil,
			"PATCH " + ofDurand + "/notifications": reads,
		} {
			by.Do(request, body).Is(t, 404, "not_found")
		}
	}
	if after := w.Contents(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Error("something was changed")
	}
}

// The check is asked at every sign-in: one round trip, half a unit, or one for the exact answer, whatever it says.
func TestWhatACheckCosts(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	staff(t, w, 60)
	manager(w).Do("POST "+holders, giving("ada")).Is(t, 201)
	through, p := w.Through(t)
	for _, member := range []string{"ada", "bob", "eve"} {
		for query, units := range map[string]float64{"": 0.5, "?exact=true": 1} {
			p.Reset()
			through.Machine("product").Do("GET "+holders+"/"+member+query, nil).Is(t, 200)
			if u := p.Usage(); u.RoundTrips != 1 || u.ReadUnits > units {
				t.Errorf("%s%s: %d round trips, %v units", member, query, u.RoundTrips, u.ReadUnits)
			}
		}
	}
}

// Ninety members in one transaction, for no more than 200 units.
func TestNinetyAtOnce(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	seller(w).Do("POST "+oneOfDurand+"/change", map[string]any{"quantity": 100}).Is(t, 200)
	ids := staff(t, w, 91)
	through, p := w.Through(t)
	p.Reset()
	manager(through).Do("POST "+holders, giving(ids[:90]...)).Is(t, 201)
	if u := p.Usage(); u.RoundTrips != 2 || u.WriteUnits > 200 {
		t.Errorf("%d round trips, %v units", u.RoundTrips, u.WriteUnits)
	}
	manager(w).Do("POST "+holders, giving(ids...)).Is(t, 422, "invalid_input")
	manager(w).Do("POST "+holders, giving()).Is(t, 422, "invalid_input")
	wantGauge(t, w, "90/100 warning")
}

// Ninety whom chance has put into the same part of the roster, with ids as long as can be: one item, one expression.
func TestNinetyOfOnePart(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	seller(w).Do("POST "+oneOfDurand+"/change", map[string]any{"quantity": 100}).Is(t, 200)
	var ids []string
	for n := 0; len(ids) < 90; n++ {
		if id := fmt.Sprintf("%0128d", n); seat.PartOf(id) == 7 {
			ids = append(ids, id)
			w.Machine("product").Do("PUT "+members+"/"+id, map[string]any{"name": "Twin"}).Is(t, 201)
		}
	}
	manager(w).Do("POST "+holders, giving(ids...)).Is(t, 201)
	manager(w).Do("POST "+holders, giving(ids...)).Is(t, 200)
	wantGauge(t, w, "90/100 warning")
}

// A16: a partner's people look after the customer without a seat once it consents and its domain is verified, and can't be given one.
func TestThePartnersPeopleTakeNoSeat(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	w.Verify(apitest.Durand)
	manager(w).Do("PUT "+ofDurand+"/consents/"+apitest.Martin, map[string]any{}).Is(t, 200)
	partners := w.As(apitest.Martin, membership.Full)
	w.Advance(time.Second) // the activity is in order of time
	partners.Do("POST "+holders, giving("ada")).Is(t, 201)
	partners.Do("DELETE "+holders+"/ada", nil).Is(t, 200)
	wantGauge(t, w, "0/10 ok")
	partners.Do("POST "+holders, giving(apitest.UserOf(apitest.Martin, membership.Full))).Is(t, 422, "invalid_input")
	events := manager(w).Do("GET "+ofDurand+"/activity", nil).Is(t, 200)
	if events.String("items.0.organisation") != apitest.Martin || events.String("items.0.onBehalfOf") != apitest.Durand {
		t.Errorf("who did it for whom: %s", events.Text)
	}
}

// Replies get lost and the request comes again: a seat is taken once.
func TestSeatsAreGivenOnce(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	through, p := w.Through(t)
	p.Arm("TransactWriteItems", 4, proxy.DropAfter)
	for range 2 {
		a := manager(through).Do("POST "+holders, giving("ada"), onlyKey).Is(t, 201)
		if fmt.Sprint(a.Get("added")) != "[ada]" {
			t.Error(a.Text)
		}
	}
	wantGauge(t, w, "1/10 ok")
	manager(w).Do("DELETE "+holders+"/ada", nil, onlyKey).Is(t, 200)
	manager(w).Do("POST "+holders, giving("ada"), onlyKey).Is(t, 201) // the first answer, and nothing happens
	wantGauge(t, w, "0/10 ok")
}

// Three don't fit on what is left of five. Meanwhile two seats are freed, without a threshold between: they fit.
func TestARefusalIsOfTheSeatsThatWereLeft(t *testing.T) {
	t.Parallel()
	s := apitest.New(t)
	ids := staff(t, s, 6)
	manager(s).Do("POST "+holders, giving(ids[:3]...)).Is(t, 201)
	sales(s).Do("PUT "+capOf, map[string]any{"cap": 5}).Is(t, 200)
	through, p := s.Through(t)
	var once sync.Once
	p.Before = func(operation string, _ []byte) {
		if operation == "TransactGetItems" {
			once.Do(func() {
				for _, id := range ids[:2] {
					manager(s).Do("DELETE "+holders+"/"+id, nil).Is(t, 200)
				}
			})
		}
	}
	manager(through).Do("POST "+holders, giving(ids[3:]...)).Is(t, 201)
	wantGauge(t, s, "4/5 warning")
}

// A batch of reads is no snapshot: an item that is made between two of its reads shows up in one of them alone. Whatever is
// read first, what is decided belongs together in the end.
func TestWhatIsReadInPartsIsDecidedAnew(t *testing.T) {
	t.Parallel()
	put := action{machine("product"), "PUT " + members + "/dora", map[string]any{"name": "Dora"}, nil}
	t.Run("who joins while being removed is gone in the end, or there with everything", func(t *testing.T) {
		t.Parallel()
		for range 5 {
			w := apitest.New(t)
			did(put)(t, w) // so that there is something to remove, whoever comes first
			var both sync.WaitGroup
			both.Go(func() { put.on(w) })
			both.Go(func() { w.Machine("product").Do("DELETE "+members+"/dora", nil) })
			both.Wait()
			signsIn := w.Person("dora").For(apitest.Durand).Do("GET "+expenses, nil).Status == 200
			if listed := verdict(t, w, "dora") != "notAMember"; listed != signsIn {
				t.Errorf("on the roster %t, signs in %t", listed, signsIn)
			}
		}
	})
	t.Run("an answer about two of one part holds only while both are as they were", func(t *testing.T) {
		t.Parallel()
		s := apitest.New(t)
		var twin string
		for n := 0; twin == ""; n++ {
			if id := fmt.Sprint("twin", n); seat.PartOf(id) == seat.PartOf("ada") {
				twin = id
			}
		}
		s.Machine("product").Do("PUT "+members+"/"+twin, map[string]any{"name": "Twin"}).Is(t, 201)
		manager(s).Do("POST "+holders, giving("ada")).Is(t, 201)
		through, p := s.Through(t)
		var once sync.Once
		p.Before = func(operation string, _ []byte) {
			if operation == "TransactWriteItems" {
				once.Do(func() { manager(s).Do("DELETE "+holders+"/ada", nil).Is(t, 200) })
			}
		}
		if a := manager(through).Do("POST "+holders, giving("ada", twin)).Is(t, 201); len(a.Get("added").([]any)) != 2 {
			t.Error(a.Text)
		}
		wantGauge(t, s, "2/10 ok")
	})
}

// The largest change of a licence, from twelve modules to twelve others with every part of the roster there, is one transaction.
func TestTheLargestChangeIsOneTransaction(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	for _, plan := range []string{"WIDE", "BROAD"} {
		modules := map[string]int{}
		for n := range 12 {
			modules[fmt.Sprint(strings.ToLower(plan), n)] = 1
		}
		w.Machine("operator").Do("PUT /v1/plans/"+plan, map[string]any{
			"name": plan, "commitment": "flexible", "modules": modules, "prices": map[string]any{"month": euros(10_00)},
		}).Is(t, 201)
	}
	parts := map[int]bool{}
	for n := 0; len(parts) < seat.Parts; n++ {
		if id := fmt.Sprint("user-", n); !parts[seat.PartOf(id)] {
			parts[seat.PartOf(id)] = true
			w.Machine("product").Do("PUT "+members+"/"+id, map[string]any{"name": "Member"}).Is(t, 201)
		}
	}
	id := w.Licence(seller(w), apitest.Durand, "WIDE", "month", 1)
	for n := range 12 {
		w.Machine("product").Do(fmt.Sprintf("POST %s/seats/wide%d/members", ofDurand, n), giving("ada")).Is(t, 201)
	}
	seller(w).Do("POST "+durands+"/"+id+"/change", map[string]any{"planCode": "BROAD"}).Is(t, 409, "below_seats_in_use")
	if a := manager(w).Do("DELETE "+ada, nil).Is(t, 200); len(a.Get("freed").([]any)) != 12 {
		t.Error(a.Text)
	}
	seller(w).Do("POST "+durands+"/"+id+"/change", map[string]any{"planCode": "BROAD"}).Is(t, 200)
	if got := gauge(t, viewer(w), ofDurand+"/seats/broad11"); got != "0/1 ok" {
		t.Errorf("a module of the new plan: %s", got)
	}
	checkStandings(t, w)
}

// However a member is called, and whatever the product calls it, lists can be read to their end.
func TestListsOfOddNamesCanBeReadToTheEnd(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	odd := []string{strings.Repeat("&", 128), strings.Repeat("<", 128), strings.Repeat("a", 128)}
	for _, id := range odd {
		w.Machine("product").Do("PUT "+members+"/"+url.PathEscape(id), map[string]any{"name": "A" + strings.Repeat("\ufdfa", 199)}).Is(t, 201)
	}
	manager(w).Do("POST "+holders, giving(odd...)).Is(t, 201)
	for _, list := range []string{members, holders} {
		seen, cursor := 0, ""
		for page := 0; page == 0 || cursor != ""; page++ {
			a := manager(w).Do("GET "+list+"?limit=1"+cursor, nil).Is(t, 200)
			seen += len(a.Items())
			if cursor = a.String("nextCursor"); cursor != "" {
				cursor = "&cursor=" + cursor
			}
		}
		if seen < 3 {
			t.Errorf("%s ends after %d", list, seen)
		}
	}
}

// Of a large roster nothing is read for those who may not see it.
func TestALargeRosterIsReadForThoseWhoMay(t *testing.T) {
	t.Parallel()
	through, p := apitest.New(t).Through(t)
	for _, by := range []apitest.Client{through.As(apitest.Nuage, membership.GlobalAdmin), viewer(through)} {
		p.Reset()
		if a := by.Do("GET "+holders, nil); a.Status/100 != 4 || p.Usage().Calls["Query"] > 0 {
			t.Errorf("answered %d after %v", a.Status, p.Usage().Calls)
		}
	}
}

// A licence is refused to fall under the seats in use only if they are in use: one is freed before the refusal is given.
func TestRefusalsOfLicencesAreConfirmed(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	seller(w).Do("POST "+oneOfDurand+"/suspend", map[string]any{}).Is(t, 200)
	flexible := durands + "/" + w.Licence(seller(w), apitest.Durand, apitest.Monthly, "month", 2)
	manager(w).Do("POST "+holders, giving("ada", "bob")).Is(t, 201)
	through, p := w.Through(t)
	var once sync.Once
	p.Before = func(operation string, _ []byte) {
		if operation == "TransactGetItems" {
			once.Do(func() { manager(w).Do("DELETE "+holders+"/ada", nil).Is(t, 200) })
		}
	}
	seller(through).Do("POST "+flexible+"/change", map[string]any{"quantity": 1}).Is(t, 200)
	wantGauge(t, w, "1/1 full")
}
