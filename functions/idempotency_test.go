package functions_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"comptoir/functions/apitest"
	"comptoir/shared/collaborator"
	"comptoir/shared/membership"
	"comptoir/shared/table/proxy"
)

const (
	takeForDupont = "POST /v1/customers/" + apitest.Dupont + "/licences"
	dupontsList   = "GET /v1/customers/" + apitest.Dupont + "/licences"
)

func licencesOf(t *testing.T, c apitest.Client) int {
	t.Helper()
	return len(c.Do(dupontsList, nil).Is(t, 200).Items())
}

func TestARequestSentAgain(t *testing.T) {
	t.Parallel()
	ten := order(apitest.Yearly, "year", 10)
	key := func(k string) string { return "Idempotency-Key: " + k }

	t.Run("is answered as the first time, and says that it is a replay", func(t *testing.T) {
		t.Parallel()
		by := seller(apitest.New(t))
		first := by.Do(takeForDupont, ten, key("order-1")).Is(t, 201)
		again := by.Do(takeForDupont, ten, key("order-1")).Is(t, 201)
		if first.Text != again.Text || first.Header["etag"] != again.Header["etag"] {
			t.Errorf("first %s\nagain %s", first.Text, again.Text)
		}
		if first.Header["idempotency-replayed"] != "" || again.Header["idempotency-replayed"] != "true" {
			t.Errorf("headers: first %v, again %v", first.Header, again.Header)
		}
		if n := licencesOf(t, by); n != 1 {
			t.Errorf("%d licences were taken", n)
		}
	})
	t.Run("twenty times at once takes one licence, and all get the same answer", func(t *testing.T) {
		t.Parallel()
		by := seller(apitest.New(t))
		answers := make([]apitest.Answer, 20)
		var all sync.WaitGroup
		for i := range answers {
			all.Go(func() { answers[i] = by.Do(takeForDupont, ten, key("order-1")) })
		}
		all.Wait()
		first := 0
		for _, a := range answers {
			if a.Is(t, 201).Text != answers[0].Text {
				t.Errorf("%s\nand %s", a.Text, answers[0].Text)
			}
			if a.Header["idempotency-replayed"] == "" {
				first++
			}
		}
		if n := licencesOf(t, by); n != 1 || first != 1 {
			t.Errorf("%d licences were taken by %d first answers", n, first)
		}
	})
	t.Run("with the same key and another body is refused and changes nothing", func(t *testing.T) {
		t.Parallel()
		by := seller(apitest.New(t))
		by.Do(takeForDupont, ten, key("order-1")).Is(t, 201)
		by.Do(takeForDupont, order(apitest.Yearly, "year", 11), key("order-1")).Is(t, 422, "idempotency_key_reused")
		by.Do("POST /v1/customers/"+apitest.Durand+"/licences", ten, key("order-1")).Is(t, 422, "idempotency_key_reused")
		if n := licencesOf(t, by); n != 1 {
			t.Errorf("%d licences", n)
		}
	})
	t.Run("with its fields in another order, other spaces and defaults is the same", func(t *testing.T) {
		t.Parallel()
		by := seller(apitest.New(t))
		first := by.Do(takeForDupont, `{"planCode":"COMPTA-YEARLY","term":"year","quantity":10}`, key("order-1")).Is(t, 201)
		for _, same := range []string{
			`{ "quantity" : 10, "planCode":"COMPTA-YEARLY",` + "\n" + `"term":"year" }`,
			`{"quantity":10,"trial":false,"planCode":"COMPTA\u002dYEARLY","term":"year"}`,
		} {
			if again := by.Do(takeForDupont, same, key("order-1")).Is(t, 201); again.Text != first.Text {
				t.Errorf("%s\nand %s", again.Text, first.Text)
			}
		}
	})
	t.Run("by somebody else under the same key is another request", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		mine := seller(w).Do(takeForDupont, ten, key("order-1")).Is(t, 201)
		theirs := sales(w).Do(takeForDupont, ten, key("order-1")).Is(t, 201)
		if mine.String("id") == theirs.String("id") {
			t.Error("both have the same licence")
		}
	})
	t.Run("to another operation under the same key is another request", func(t *testing.T) {
		t.Parallel()
		by := seller(apitest.New(t))
		by.Do("POST "+oneOfDurand+"/suspend", map[string]any{}, key("order-1")).Is(t, 200)
		by.Do("POST "+oneOfDurand+"/resume", map[string]any{}, key("order-1")).Is(t, 200)
	})
	t.Run("without a key happens again", func(t *testing.T) {
		t.Parallel()
		by := seller(apitest.New(t))
		for range 2 {
			if a := by.Do(takeForDupont, ten).Is(t, 201); a.Header["idempotency-replayed"] != "" {
				t.Error("it passes for a replay")
			}
		}
		if n := licencesOf(t, by); n != 2 {
			t.Errorf("%d licences", n)
		}
	})
	t.Run("by the SDK, because replies got lost, happens once without a key too", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		through, p := w.Through(t)
		p.Arm("TransactWriteItems", 3, proxy.DropAfter)
		a := seller(through).Do(takeForDupont, ten).Is(t, 201)
		if n := licencesOf(t, seller(w)); n != 1 || a.Header["idempotency-replayed"] != "" {
			t.Errorf("%d licences, headers %v", n, a.Header)
		}
	})
	t.Run("after it was refused is decided anew", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		resume := "POST " + oneOfDurand + "/resume"
		seller(w).Do(resume, map[string]any{}, key("order-1")).Is(t, 409, "licence_not_suspended")
		seller(w).Do("POST "+oneOfDurand+"/suspend", map[string]any{}).Is(t, 200)
		seller(w).Do(resume, map[string]any{}, key("order-1")).Is(t, 200)
	})
	t.Run("is not answered once the role is gone", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		first := seller(w).Do(takeForDupont, ten, key("order-1")).Is(t, 201)
		for _, left := range []struct {
			roles  []membership.Role
			status int
			code   string
		}{{[]membership.Role{membership.Viewer}, 403, "forbidden"}, {nil, 404, "not_found"}} { // without any role nothing is seen
			rejoin(t, w, apitest.Martin, membership.GlobalAdmin, left.roles)
			again := seller(w).Do(takeForDupont, ten, key("order-1")).Is(t, left.status, left.code)
			if strings.Contains(again.Text, first.String("id")) {
				t.Errorf("with the roles %v: %s", left.roles, again.Text)
			}
		}
	})
	t.Run("under another key that starts the same is another request", func(t *testing.T) {
		t.Parallel()
		by := seller(apitest.New(t))
		for _, k := range []string{"order,1", "order,2"} {
			by.Do(takeForDupont, ten, key(k)).Is(t, 201)
		}
		if n := licencesOf(t, by); n != 2 {
			t.Errorf("%d licences", n)
		}
	})
	t.Run("has a key of up to 255 characters", func(t *testing.T) {
		t.Parallel()
		by := seller(apitest.New(t))
		by.Do(takeForDupont, ten, key(strings.Repeat("k", 255))).Is(t, 201)
		by.Do(takeForDupont, ten, key(strings.Repeat("k", 256))).Is(t, 422, "invalid_input")
	})
	t.Run("is an invitation once: one mail is asked for, and one number given", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		first := seller(w).Do(invitesLea.request, invitesLea.body, key("lea")).Is(t, 201)
		w.Advance(time.Hour)
		if again := seller(w).Do(invitesLea.request, invitesLea.body, key("lea")).Is(t, 201); again.Text != first.Text {
			t.Errorf("%s\nand %s", again.Text, first.Text)
		}
		if n := len(w.Happened(collaborator.InvitationSent)); n != 1 {
			t.Errorf("%d mails", n)
		}
	})
	t.Run("is an acceptance once, and no token is kept with it", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		invited(t, w)
		first := leaSignedIn(w).Do(accepts.request, accepts.body, key("lea")).Is(t, 200)
		if again := leaSignedIn(w).Do(accepts.request, accepts.body, key("lea")).Is(t, 200); again.Text != first.Text {
			t.Errorf("%s\nand %s", again.Text, first.Text)
		}
		leaSignedIn(w).Do(accepts.request, accepts.body).Is(t, 409, "invitation_ended")
		if strings.Contains(strings.Join(w.Contents(), "\n"), token) {
			t.Error("the token lies in the table")
		}
	})
	t.Run("is a choice of customers once, whatever was chosen since", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		first := seller(w).Do(setsAccountant.request, customersAre(apitest.Dupont), key("boxes")).Is(t, 200)
		seller(w).Do(setsAccountant.request, customersAre(apitest.Durand)).Is(t, 200)
		if again := seller(w).Do(setsAccountant.request, customersAre(apitest.Dupont), key("boxes")).Is(t, 200); again.Text != first.Text {
			t.Errorf("%s\nand %s", again.Text, first.Text)
		}
		if a := seller(w).Do("GET "+personOf(membership.Accountant)+"/roles/accountant/customers", nil); a.String("items.0.customerId") != apitest.Durand {
			t.Error(a.Text)
		}
	})
}
