package trail_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"comptoir/functions/apitest"
	"comptoir/functions/trail"
	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
	"comptoir/shared/table"
	"comptoir/shared/table/proxy"
)

const martin = "/v1/partners/" + apitest.Martin

func admin(w *apitest.World) apitest.Client { return w.As(apitest.Martin, membership.GlobalAdmin) }

func col(partnerID string, role membership.Role) string {
	return collaborator.ID(partnerID, apitest.UserOf(partnerID, role)+"@example.com")
}

// serving is where the customers of Martin's person of a role are.
func serving(role membership.Role) string {
	return martin + "/collaborators/" + col(apitest.Martin, role) + "/roles/" + string(role) + "/customers"
}

func ids(all ...string) map[string]any {
	return map[string]any{"customerIds": append([]string{}, all...)}
}

// many gives Martin n more customers.
func many(w *apitest.World, n int) (all []string) {
	w.Have(func(tx *table.Tx) {
		for i := range n {
			c, _ := customer.Appear(customer.Report{CustomerID: fmt.Sprintf("cus_many%03d", i), PartnerID: apitest.Martin, Name: fmt.Sprintf("Many %03d", i)})
			tx.Put(&c)
			all = append(all, c.ID)
		}
	})
	return all
}

// told are the kinds of a customer's own activity, latest first, with who is concerned and who did it.
func told(t *testing.T, w *apitest.World, customerID string) (all []string) {
	t.Helper()
	a := w.Machine("operator").Do("GET /v1/customers/"+customerID+"/activity", nil).Is(t, 200)
	for n := range a.Items() {
		at := fmt.Sprintf("items.%d.", n)
		if kind := a.String(at + "kind"); strings.HasPrefix(kind, "access.") || strings.HasPrefix(kind, "consent.") {
			all = append(all, strings.TrimSpace(kind+" "+a.String(at+"data.role"))+" by "+a.String(at+"actor.id"))
		}
	}
	return all
}

func want(t *testing.T, what string, got []string, all ...string) {
	t.Helper()
	if !slices.Equal(got, all) {
		t.Errorf("%s: %v, want %v", what, got, all)
	}
}

func handled(t *testing.T, on *table.Table, all ...event.Event) {
	t.Helper()
	for _, e := range all {
		if err := trail.Handler(on)(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
}

func contents(w *apitest.World) string { return strings.Join(w.Contents(), "\n") }

const (
	given = "access.given accountant by usr-martin-globalAdmin"
	ended = "access.ended accountant by usr-martin-globalAdmin"
)

func TestCustomersAreToldWhoWorksOnThem(t *testing.T) {
	t.Parallel()
	t.Run("each once, whoever was let in and whoever was taken out", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		admin(w).Do("PUT "+serving(membership.Accountant), ids(apitest.Durand)).Is(t, 200)
		more := many(w, 1)[0]
		admin(w).Do("PUT "+serving(membership.Accountant), ids(apitest.Durand, more)).Is(t, 200)
		set := w.Happened(collaborator.CustomersSet)
		handled(t, w.Table, set...)
		want(t, "who was taken out", told(t, w, apitest.Dupont), ended)
		want(t, "who stays", told(t, w, apitest.Durand))
		want(t, "who was let in", told(t, w, more), given)
		before := contents(w)
		handled(t, w.Table, set[1], set[0], set[1])
		if contents(w) != before {
			t.Error("a message handled again changed something")
		}
		a := w.As(apitest.Dupont, membership.Admin).Do("GET /v1/customers/"+apitest.Dupont+"/activity?limit=1", nil).Is(t, 200)
		for path, value := range map[string]any{
			"items.0.data.collaboratorId": col(apitest.Martin, membership.Accountant),
			"items.0.data.userId":         apitest.UserOf(apitest.Martin, membership.Accountant),
			"items.0.organisation":        apitest.Martin, "items.0.onBehalfOf": apitest.Dupont, "items.0.subject": apitest.Dupont,
			"items.0.partnerId": apitest.Martin, "items.0.operation": "setCustomers", "items.0.livemode": true,
			"items.0.at": apitest.Start.Format(time.RFC3339),
		} {
			if a.Get(path) != value {
				t.Errorf("%s is %v, want %v", path, a.Get(path), value)
			}
		}
		if s := a.Text; strings.Contains(s, more) || strings.Contains(s, apitest.Durand) {
			t.Errorf("a customer is told of others: %s", s)
		}
	})
	t.Run("once by ten workers at once, and in the other order too", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		admin(w).Do("PUT "+serving(membership.Accountant), ids()).Is(t, 200)
		w.Advance(time.Minute)
		admin(w).Do("PUT "+serving(membership.Accountant), ids(apitest.Dupont, apitest.Durand)).Is(t, 200)
		set := w.Happened(collaborator.CustomersSet)
		slices.Reverse(set)
		var all sync.WaitGroup
		for range 5 {
			for _, e := range set {
				all.Go(func() {
					if err := trail.Handler(w.Table)(t.Context(), e); err != nil {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		for _, id := range []string{apitest.Dupont, apitest.Durand} {
			want(t, id, told(t, w, id), given, ended) // the latest first, as it happened
		}
	})
	t.Run("every one once, when the worker ends half-way", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		all := many(w, 40)
		admin(w).Do("PUT "+serving(membership.Accountant), ids(all...)).Is(t, 200)
		e := w.Happened(collaborator.CustomersSet)[0]
		through, p := w.Through(t)
		var mu sync.Mutex
		commits := 0
		p.Before = func(operation string, _ []byte) {
			mu.Lock()
			defer mu.Unlock()
			if operation != "TransactWriteItems" {
				return
			}
			if commits++; commits == 12 {
				p.Arm("TransactWriteItems", 10_000, proxy.FailBefore)
			}
		}
		if err := trail.Handler(through.Table)(t.Context(), e); err == nil {
			t.Fatal("it passes for handled")
		}
		done := len(w.Happened("access.given"))
		if done == 0 || done == len(all) {
			t.Fatalf("%d were told before the end, and it was to be half of them", done)
		}
		handled(t, w.Table, e)
		for _, id := range all {
			want(t, id, told(t, w, id), given)
		}
		for _, id := range []string{apitest.Dupont, apitest.Durand} {
			want(t, id, told(t, w, id), ended)
		}
	})
	t.Run("bulkAssign's too", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		item := func(id string, remove bool) map[string]any {
			return map[string]any{"collaboratorId": col(apitest.Martin, membership.Accountant), "role": "accountant", "customerId": id, "remove": remove}
		}
		more := many(w, 1)[0]
		admin(w).Do("POST "+martin+"/collaborators/assignments", map[string]any{"items": []any{item(apitest.Dupont, true), item(more, false), item(apitest.Nuit, false)}}).Is(t, 200)
		handled(t, w.Table, w.Happened(collaborator.CustomersSet)...)
		want(t, "who was taken out", told(t, w, apitest.Dupont), ended)
		want(t, "who was let in", told(t, w, more), given)
		want(t, "another partner's", told(t, w, apitest.Nuit))
	})
	t.Run("nobody who is another partner's meanwhile", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		e := event.Event{
			Fact: event.New(collaborator.CustomersSet, map[string]any{"role": "accountant", "added": []any{apitest.Nuit, apitest.Dupont}}),
			ID:   "evt_06edestqg000000000000000", PartnerID: apitest.Martin, Organisation: apitest.Martin, Livemode: true,
		}
		e.Actor.ID = apitest.UserOf(apitest.Martin, membership.GlobalAdmin)
		handled(t, w.Table, e)
		want(t, "whose partner is another", told(t, w, apitest.Nuit))
		want(t, "whose partner it is", told(t, w, apitest.Dupont), given)
	})
	t.Run("a customer that isn't there any more hinders nobody", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		handled(t, w.Table, event.Event{
			Fact: event.New(collaborator.CustomersSet, map[string]any{"role": "accountant", "added": []any{"cus_gone", apitest.Dupont}, "removed": []any{}}),
			ID:   "evt_06edestqg0023tw4at7xq5a4", At: apitest.Start, Subject: apitest.Martin, PartnerID: apitest.Martin, Livemode: true,
		})
		want(t, "the other", told(t, w, apitest.Dupont), "access.given accountant by ")
		if n := len(w.Happened("access.given")); n != 1 {
			t.Errorf("%d were told", n)
		}
	})
}

const asked = "consent.asked by usr-martin-globalAdmin"

func TestCampaigns(t *testing.T) {
	t.Parallel()
	campaign := func(t *testing.T, w *apitest.World, all ...string) event.Event {
		t.Helper()
		admin(w).Do("POST "+martin+"/consents", ids(all...)).Is(t, 201)
		sent := w.Happened(consent.Campaign)
		return sent[len(sent)-1]
	}
	consents := func(w *apitest.World, id string) string { return "/v1/customers/" + id + "/consents/" + apitest.Martin }
	state := func(t *testing.T, w *apitest.World, id string) string {
		t.Helper()
		return w.Machine("operator").Do("GET /v1/customers/"+id+"/consents", nil).Is(t, 200).String("items.0.state")
	}
	t.Run("ask each customer once, however often the message comes", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		e := campaign(t, w, apitest.Dupont, apitest.Durand)
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() {
				if err := trail.Handler(w.Table)(t.Context(), e); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, id := range []string{apitest.Dupont, apitest.Durand} {
			want(t, id, told(t, w, id), asked)
		}
		before := contents(w)
		w.Advance(time.Hour)
		handled(t, w.Table, e)
		if contents(w) != before {
			t.Error("a message handled again changed something")
		}
	})
	t.Run("ask nobody again who has yet to answer, or has consented", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		handled(t, w.Table, campaign(t, w, apitest.Dupont))
		w.As(apitest.Durand, membership.Admin).Do("PUT "+consents(w, apitest.Durand), map[string]any{}).Is(t, 200)
		w.Advance(24 * time.Hour)
		handled(t, w.Table, campaign(t, w, apitest.Dupont, apitest.Durand))
		want(t, "has yet to answer", told(t, w, apitest.Dupont), asked)
		if got := state(t, w, apitest.Durand); got != "granted" {
			t.Errorf("a consent that was given is %s", got)
		}
	})
	for name, answer := range map[string]struct {
		request string
		state   string
	}{"consented": {"PUT", "granted"}, "declined": {"DELETE", "declined"}} {
		t.Run("ask nobody who has "+name+" since, when the message comes late", func(t *testing.T) {
			t.Parallel()
			w := apitest.New(t)
			e := campaign(t, w, apitest.Dupont)
			w.Advance(time.Minute)
			handled(t, w.Table, e)
			var body any
			if answer.request == "PUT" {
				body = map[string]any{}
			}
			w.As(apitest.Dupont, membership.Admin).Do(answer.request+" "+consents(w, apitest.Dupont), body).Is(t, 200)
			before := contents(w)
			w.Advance(time.Minute)
			handled(t, w.Table, e)
			if got := state(t, w, apitest.Dupont); got != answer.state || contents(w) != before {
				t.Errorf("it is %s, want %s", got, answer.state)
			}
		})
	}
	t.Run("ask those who declined before once more, and not by the older message", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		first := campaign(t, w, apitest.Dupont)
		handled(t, w.Table, first)
		w.Advance(time.Minute)
		w.As(apitest.Dupont, membership.Admin).Do("DELETE "+consents(w, apitest.Dupont), nil).Is(t, 200)
		w.Advance(time.Minute)
		second := campaign(t, w, apitest.Dupont)
		handled(t, w.Table, first, second, first, second)
		want(t, "asked", told(t, w, apitest.Dupont), asked, "consent.declined by usr-dupont-admin", asked)
	})
	t.Run("ask nobody once the partner gives no support", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		e := campaign(t, w, apitest.Dupont)
		admin(w).Do("PATCH "+martin, map[string]any{"firstLineSupport": false}).Is(t, 200)
		handled(t, w.Table, e)
		want(t, "asked", told(t, w, apitest.Dupont))
	})
	t.Run("ask no customer of others", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		e := campaign(t, w, apitest.Dupont)
		e.Data["customers"] = []any{apitest.Nuit, apitest.Direct, "cus_gone", apitest.Dupont}
		handled(t, w.Table, e)
		want(t, "its own", told(t, w, apitest.Dupont), asked)
		for _, id := range []string{apitest.Nuit, apitest.Direct} {
			want(t, id, told(t, w, id))
		}
	})
}

func TestARightThatEnds(t *testing.T) {
	t.Parallel()
	const supported = "access.ended support by usr-martin-globalAdmin"
	ends := func(t *testing.T, w *apitest.World) event.Event {
		t.Helper()
		admin(w).Do("PATCH "+martin, map[string]any{"firstLineSupport": false}).Is(t, 200)
		all := w.Happened(partner.RightEnded)
		return all[len(all)-1]
	}
	holds := func(t *testing.T, w *apitest.World, id string) apitest.Answer {
		t.Helper()
		return w.Machine("operator").Do("GET "+martin+"/collaborators/"+id, nil)
	}
	t.Run("takes its role from all who hold it, and their customers are told", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		// Beside the one of the world: one who is accountant too, one who is a user too, and one who hasn't accepted.
		both, sales := col(apitest.Martin, membership.Accountant), col(apitest.Martin, membership.Sales)
		for _, id := range []string{both, sales} {
			admin(w).Do("PUT "+martin+"/collaborators/"+id+"/roles/support", nil).Is(t, 200)
			admin(w).Do("PUT "+martin+"/collaborators/"+id+"/roles/support/customers", ids(apitest.Dupont)).Is(t, 200)
		}
		invited := admin(w).Do("POST "+martin+"/collaborators", map[string]any{"mail": "lea@new.example", "roles": []string{"support"}}).Is(t, 201).String("id")
		admin(w).Do("PUT "+martin+"/collaborators/"+invited+"/roles/support/customers", ids(apitest.Durand)).Is(t, 200)
		others := w.Machine("operator").Do("GET /v1/partners/"+apitest.Nuage+"/users", nil).Is(t, 200).Text

		w.Advance(time.Minute)
		e := ends(t, w)
		known := len(w.Happened(collaborator.CustomersSet)) // of an earlier time
		handled(t, w.Table, e)
		taken := w.Happened(collaborator.CustomersSet)[known:]
		if len(taken) != 4 {
			t.Fatalf("the customers of %d people were taken, want 4", len(taken))
		}
		handled(t, w.Table, taken...)
		want(t, "Dupont", told(t, w, apitest.Dupont), supported, supported, supported)
		want(t, "Durand", told(t, w, apitest.Durand), supported, supported)
		for id, stays := range map[string]bool{both: true, sales: true, col(apitest.Martin, membership.Support): false, invited: false} {
			a := holds(t, w, id)
			if (a.Status == 200) != stays || strings.Contains(a.Text, `"role":"support"`) {
				t.Errorf("%s: %d %s", id, a.Status, a.Text)
			}
		}
		if a := holds(t, w, both); a.String("serves.0.role") != "accountant" || a.Get("serves.0.customers") != 2.0 {
			t.Errorf("the other role was touched: %s", a.Text)
		}
		w.As(apitest.Martin, membership.Support).Do("GET "+martin, nil).Is(t, 403)
		if got := w.Machine("operator").Do("GET /v1/partners/"+apitest.Nuage+"/users", nil).Text; got != others {
			t.Errorf("another partner's people: %s", got)
		}
		before := contents(w)
		handled(t, w.Table, append(taken, e)...)
		if contents(w) != before {
			t.Error("messages handled again changed something")
		}
	})
	t.Run("leaves alone who was given the role anew", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		e, id := ends(t, w), col(apitest.Martin, membership.Accountant)
		admin(w).Do("PATCH "+martin, map[string]any{"firstLineSupport": true}).Is(t, 200)
		admin(w).Do("PUT "+martin+"/collaborators/"+id+"/roles/support", nil).Is(t, 200)
		admin(w).Do("PUT "+martin+"/collaborators/"+id+"/roles/support/customers", ids(apitest.Durand)).Is(t, 200)
		for range 2 {
			handled(t, w.Table, e)
			if a := holds(t, w, id).Is(t, 200); a.String("serves.1.role") != "support" || a.Get("serves.1.customers") != 1.0 {
				t.Errorf("it was taken: %s", a.Text)
			}
			holds(t, w, col(apitest.Martin, membership.Support)).Is(t, 404, "not_found")
		}
	})
	t.Run("ends for all, when the worker ends half-way", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		for _, role := range []membership.Role{membership.Sales, membership.Viewer, membership.Billing} {
			admin(w).Do("PUT "+martin+"/collaborators/"+col(apitest.Martin, role)+"/roles/support", nil).Is(t, 200)
		}
		e := ends(t, w)
		through, p := w.Through(t)
		var commits int
		p.Before = func(operation string, _ []byte) { // one person after the other
			if operation == "TransactWriteItems" {
				if commits++; commits == 2 {
					p.Arm("TransactWriteItems", 10_000, proxy.FailBefore)
				}
			}
		}
		if err := trail.Handler(through.Table)(t.Context(), e); err == nil {
			t.Fatal("it passes for handled")
		}
		some := len(w.Happened("collaborator.roleTaken"))
		handled(t, w.Table, e)
		if all := len(w.Happened("collaborator.roleTaken")); some == 0 || some == all || all != 4 {
			t.Errorf("%d roles were taken before the end and %d in all, want some of 4", some, all)
		}
	})
}

func TestWhatConcernsNobodyElseChangesNothing(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	before := contents(w)
	handled(t, w.Table, event.Event{Fact: event.New("partner.changed", map[string]any{"added": []any{apitest.Dupont}}), ID: "evt_1", Subject: apitest.Martin, PartnerID: apitest.Martin, Livemode: true})
	if contents(w) != before {
		t.Error("it did")
	}
}
