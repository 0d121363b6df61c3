package functions_test

import (
	"fmt"
	"strings"
	"testing"

	"comptoir/functions/apitest"
	"comptoir/shared/customer"
	"comptoir/shared/membership"
)

// A name that comes twice in an object would be read from the first and checked in the last.
func TestNoNameComesTwice(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	for _, body := range []string{
		`{"take":{"planCode":"COMPTA-YEARLY","billTo":"nobody","quantity":1,"term":"year"},"take":{"quantity":1}}`,
		`{"take":{"planCode":"COMPTA-YEARLY","quantity":1,"term":"year","quantity":2}}`,
	} {
		seller(w).Do("POST "+durands+"/preview", body).Is(t, 400, "invalid_input")
	}
}

// What stands in a parameter leads to no other route, and to nothing that doesn't exist.
func TestAParameterIsNoPath(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	e, err := seller(w).Event("POST "+dupont+"/licences/preview", map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	e.RouteKey = "POST /v1/customers/{customerId}/licences/preview"
	e.PathParameters = map[string]string{"customerId": apitest.Durand + "/licences/" + apitest.DurandLicence + "/suspend?"}
	e.RawPath = "/v1/customers/" + e.PathParameters["customerId"] + "/licences/preview"
	answer, err := w.Invoke(e)
	if err != nil || answer.StatusCode != 422 {
		t.Fatalf("answered %d %s, %v", answer.StatusCode, answer.Body, err)
	}
	if status := viewer(w).Do("GET "+oneOfDurand, nil).String("status"); status != "active" {
		t.Errorf("the licence is %s", status)
	}
}

// Whatever a member is called, it is that member and no step within the path.
func TestAnIDIsNoStep(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	for _, id := range []string{".", "..", "a//b", "%2e%2e", "../..", "{customerId}"} {
		e, err := w.Machine("product").Event("PUT "+members+"/x", map[string]any{"name": "Odd"})
		if err != nil {
			t.Fatal(err)
		}
		e.RouteKey = "PUT /v1/customers/{customerId}/members/{memberId}"
		e.PathParameters = map[string]string{"customerId": apitest.Durand, "memberId": id}
		answer, err := w.Invoke(e)
		if err != nil || answer.StatusCode != 201 || !strings.Contains(answer.Body, fmt.Sprintf("%q", id)) {
			t.Errorf("%s: answered %d %s, %v", id, answer.StatusCode, answer.Body, err)
		}
	}
}

// Nothing comes back for a licence that the publisher suspends, however it is asked for.
func TestNoRefundWhileThePublisherSuspends(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	id := w.Licence(seller(w), apitest.Dupont, apitest.Yearly, "year", 5)
	w.Machine("operator").Do("POST "+dupont+"/licences/"+id+"/suspend", map[string]any{"reason": "abuse"}).Is(t, 200)
	seller(w).Do("POST "+dupont+"/licences/"+id+"/cancel", map[string]any{"when": "now"}).Is(t, 409, "licence_not_active")
	later := seller(w).Do("POST "+dupont+"/licences/"+id+"/cancel", map[string]any{}).Is(t, 200)
	if total := later.Get("charge.total.amount"); total != 0.0 || later.String("status") != "suspended" {
		t.Errorf("%v comes back: %s", total, later.Text)
	}
}

// A customer's row holds what it can; one licence more is refused before it is too large.
func TestACustomerHoldsSoManyLicences(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	take := func() apitest.Answer {
		return seller(w).Do("POST "+dupont+"/licences", order(apitest.Monthly, "month", 1))
	}
	for range customer.MaxLicences {
		take().Is(t, 201)
	}
	take().Is(t, 409, "limit_reached")
}

// An Idempotency-Key is what was sent: no two keys are read as one.
func TestKeysAreVisible(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	for _, key := range []string{"\xff", "a b", "clé"} {
		seller(w).Do("POST "+dupont+"/licences", order(apitest.Monthly, "month", 1), "Idempotency-Key: "+key).Is(t, 422, "invalid_input")
	}
}

// A query that nobody asks for is a mistake, not a list of everything.
func TestUnknownQueriesAreRefused(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	viewer(w).Do("GET "+martin+"/customers?state=active", nil).Is(t, 422, "invalid_input")
}

// A sandbox's licences are not counted as sold (A5).
func TestSandboxesDontCount(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	count := func() any { return viewer(w).Do("GET "+martin+"/licences/count", nil).Get("count") }
	sold := count()
	account := w.Machine("product").Do("POST /v1/accounts", map[string]any{
		"accountId": "sandbox", "partnerId": apitest.Martin, "name": "Essai", "sandbox": true,
		"administrator": map[string]any{"name": "Ada", "mail": "ada@essai.example"},
	}).Is(t, 201)
	w.Licence(w.As(apitest.Martin, membership.Sales), account.String("customerId"), apitest.Monthly, "month", 3)
	if now := count(); fmt.Sprint(now) != fmt.Sprint(sold) {
		t.Errorf("%v licences are counted, %v were sold", now, sold)
	}
	if told := viewer(w).Do("GET "+martin+"/customers?q=essai", nil); !strings.Contains(told.Text, `"livemode":false`) {
		t.Errorf("the sandbox is listed as %s", told.Text)
	}
}
