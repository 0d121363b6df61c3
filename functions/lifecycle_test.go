package functions_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"comptoir/functions/apitest"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
)

const day = 24 * time.Hour

// shows asserts values within an answer, by their paths.
func shows(t *testing.T, a apitest.Answer, want map[string]any) {
	t.Helper()
	for path, value := range want {
		if got := a.Get(path); fmt.Sprint(got) != fmt.Sprint(value) {
			t.Errorf("%s is %v, want %v: %s", path, got, value, a.Text)
		}
	}
}

// row asserts what the partner's list says of Dupont.
func row(t *testing.T, w *apitest.World, want map[string]any) {
	t.Helper()
	shows(t, viewer(w).Do("GET "+martin+"/customers?q=dupont", nil).Is(t, 200), want)
}

func TestTakingAndCancelling(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	row(t, w, set{"items.0.status": "none", "items.0.licences": 0})
	taken := seller(w).Do(takeForDupont, order(apitest.Yearly, "year", 10)).Is(t, 201)
	shows(t, taken, set{
		"status": "active", "periodStart": "2026-03-10", "periodEnd": "2027-03-10", "renewsOn": "2027-03-10", "autoRenew": true, "origin": "manual",
		"billTo": "partner", "cancellationAllowedUntil": "2026-03-17T11:00:00Z", "price.amount": 1200_00, "charge.total.amount": 1200_00, "version": 1,
	})
	row(t, w, set{
		"items.0.status": "active", "items.0.planCode": apitest.Yearly, "items.0.renewsOn": "2027-03-10", "items.0.licences": 1, "items.0.quantity": 10,
	})
	cancel := "POST /v1/customers/" + apitest.Dupont + "/licences/" + taken.String("id") + "/cancel"

	w.Advance(5 * day)
	gone := seller(w).Do(cancel, set{}).Is(t, 200)
	shows(t, gone, set{"status": "cancelled", "endsOn": "2026-03-15", "charge.total.amount": -1183_56, "charge.lines.0.days": 360, "charge.lines.0.ofDays": 365})
	row(t, w, set{"items.0.status": "cancelled", "items.0.licences": 0, "items.0.quantity": 0, "items.0.renewsOn": nil})
	for _, act := range []string{"cancel", "change", "suspend", "resume"} {
		seller(w).Do("POST /v1/customers/"+apitest.Dupont+"/licences/"+taken.String("id")+"/"+act, bodies[act+"Licence"]("")).Is(t, 409, "licence_already_ended")
	}

	later := seller(w).Do(takeForDupont, order(apitest.Yearly, "year", 10)).Is(t, 201)
	cancel = "POST /v1/customers/" + apitest.Dupont + "/licences/" + later.String("id") + "/cancel"
	w.Advance(7*day - time.Millisecond)
	seller(w).Do("POST /v1/customers/"+apitest.Dupont+"/licences/preview", set{"licenceId": later.String("id"), "cancel": set{"when": "now"}}).Is(t, 201)
	w.Advance(time.Millisecond)
	seller(w).Do(cancel, set{"when": "now"}).Is(t, 409, "cancellation_window_closed")
	ends := seller(w).Do(cancel, set{}).Is(t, 200)
	shows(t, ends, set{"status": "active", "endsOn": "2027-03-15", "autoRenew": false, "charge.total.amount": 0})
	seller(w).Do(cancel, set{}).Is(t, 409, "cancellation_scheduled")
}

func TestChanging(t *testing.T) {
	t.Parallel()
	w := apitest.New(t) // 30 of 365 days of Durand's ten units at 120.00 have passed
	more := seller(w).Do(changeDurand, set{"quantity": 12}).Is(t, 200)
	shows(t, more, set{"quantity": 12, "charge.total.amount": 220_27, "charge.lines.0.days": 335, "batches.1.quantity": 2, "version": 2})
	less := seller(w).Do(changeDurand, set{"quantity": 11}).Is(t, 200)
	shows(t, less, set{"quantity": 11, "charge.total.amount": -110_14, "batches.1.quantity": 1})
	seller(w).Do(changeDurand, set{"quantity": 9}).Is(t, 409, "cancellation_window_closed")

	scheduled := seller(w).Do(changeDurand, set{"quantity": 5, "planCode": apitest.Pro, "when": "atRenewal"}).Is(t, 200)
	shows(t, scheduled, set{
		"quantity": 11, "planCode": apitest.Yearly, "scheduledChange.quantity": 5, "scheduledChange.planCode": apitest.Pro,
		"scheduledChange.on": "2027-02-08", "scheduledChange.unitPrice.amount": 200_00, "charge.total.amount": 0,
	})
	seller(w).Do(changeDurand, set{"quantity": 12}).Is(t, 409, "scheduled_change_exists")
	dropped := seller(w).Do(changeDurand, set{"quantity": 12, "dropScheduled": true}).Is(t, 200)
	shows(t, dropped, set{"quantity": 12, "scheduledChange": nil})
}

func TestSuspendingAndResuming(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	operator, suspend, resume := w.Machine("operator"), "POST "+oneOfDurand+"/suspend", "POST "+oneOfDurand+"/resume"
	get := func(want map[string]any) { t.Helper(); shows(t, viewer(w).Do("GET "+oneOfDurand, nil), want) }

	seller(w).Do(suspend, set{"note": "on holiday"}).Is(t, 200)
	seller(w).Do(suspend, set{}).Is(t, 409, "licence_already_suspended")
	operator.Do(suspend, set{"reason": "unpaid"}).Is(t, 200)
	get(set{"status": "suspended", "suspensionReasons": "[partner unpaid]"})
	seller(w).Do(changeDurand, set{"quantity": 11}).Is(t, 409, "licence_not_active")

	seller(w).Do(resume, set{"reason": "unpaid"}).Is(t, 403, "forbidden")
	operator.Do(resume, set{"reason": "partner"}).Is(t, 403, "forbidden")
	operator.Do(resume, set{}).Is(t, 409, "licence_not_suspended") // for the reason publisher
	seller(w).Do(resume, set{}).Is(t, 200)
	get(set{"status": "suspended", "suspensionReasons": "[unpaid]"})
	operator.Do(resume, set{"reason": "unpaid"}).Is(t, 200)
	get(set{"status": "active", "suspensionReasons": "[]", "version": 5})
}

// The count follows each licence from the day it was taken to the day it ends, whenever one asks (A10).
func TestCounting(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	counts := func(want map[string]int) {
		t.Helper()
		for asOf, n := range want {
			query := "?asOf=" + asOf
			if asOf == "now" {
				query = ""
			}
			if got := viewer(w).Do("GET "+martin+"/licences/count"+query, nil).Is(t, 200).Get("count"); got != float64(n) {
				t.Errorf("%s: %v licences, want %d", asOf, got, n)
			}
		}
	}
	counts(map[string]int{"now": 1, "2026-02-07": 0, "2026-02-08": 1, "2030-01-01": 1, "0001-01-01": 0, "9999-12-31": 1})

	taken := w.Licence(seller(w), apitest.Dupont, apitest.Yearly, "year", 10)
	seller(w).Do(takeForDupont, with(order(apitest.Monthly, "month", 1), set{"autoRenew": false})).Is(t, 201)
	seller(w).Do(takeForDupont, with(order(apitest.Yearly, "year", 1), set{"trial": true})).Is(t, 201)
	counts(map[string]int{"2026-03-09": 1, "now": 4, "2026-04-09": 4, "2026-04-10": 3, "2030-01-01": 3})

	seller(w).Do("POST "+oneOfDurand+"/suspend", set{}).Is(t, 200)
	counts(map[string]int{"now": 4}) // suspended ones are still held

	w.Advance(5 * day)
	seller(w).Do("POST /v1/customers/"+apitest.Dupont+"/licences/"+taken+"/cancel", set{}).Is(t, 200)
	counts(map[string]int{"2026-03-10": 4, "2026-03-14": 4, "2026-03-15": 3, "now": 3, "2026-04-10": 2})

	seller(w).Do("POST "+oneOfDurand+"/resume", set{}).Is(t, 200)
	seller(w).Do("POST "+oneOfDurand+"/cancel", set{}).Is(t, 200) // at the end of its term
	counts(map[string]int{"now": 3, "2027-02-07": 2, "2027-02-08": 1})
	seller(w).Do(changeDurand, set{"autoRenew": true}).Is(t, 200) // called off
	counts(map[string]int{"now": 3, "2027-02-08": 2})
	if nuages := w.As(apitest.Nuage, membership.GlobalAdmin).Do("GET /v1/partners/par_nuage/licences/count", nil); nuages.Get("count") != 1.0 {
		t.Errorf("another partner has %s", nuages.Text)
	}
}

// Who acted, and for whom, stays on the record (B14).
func TestActivityHasBothNames(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	w.Advance(time.Minute)
	seller(w).Do("POST "+oneOfDurand+"/suspend", set{"note": "on holiday"}).Is(t, 200)
	w.Advance(time.Minute)
	w.Machine("operator").Do("POST "+oneOfDurand+"/suspend", set{"reason": "abuse"}).Is(t, 200)
	activity := viewer(w).Do("GET /v1/customers/"+apitest.Durand+"/activity", nil).Is(t, 200)
	shows(t, activity, set{
		"items.0.kind": "licence.suspended", "items.0.operation": "suspendLicence", "items.0.actor.kind": "machine", "items.0.actor.name": "operator",
		"items.0.onBehalfOf": apitest.Durand, "items.0.data.reason": "abuse", "items.0.data.licenceVersion": 3, "items.0.version": 2, // the row says the same
		"items.1.kind": "licence.suspended", "items.1.actor.id": apitest.UserOf(apitest.Martin, membership.GlobalAdmin), "items.1.actor.kind": "person",
		"items.1.organisation": apitest.Martin, "items.1.onBehalfOf": apitest.Durand, "items.1.data.note": "on holiday", "items.1.version": 2,
	})
}

// However often and however many at once report an account, its customer appears once (A13), with the
// one licence that the partner's policy takes (A8).
func TestAnAccountReportedOftenAppearsOnce(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	automatic(t, w, apitest.Martin, &partner.AutomaticLicence{PlanCode: apitest.Yearly, Quantity: 3, Term: "year"})
	report := with(bodies["reportAccount"]("petit"), set{"partnerId": apitest.Martin, "siren": "732 829 320"})
	answers := make([]apitest.Answer, 10)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = w.Machine("product").Do(account, report) })
	}
	all.Wait()
	statuses, customer := map[int]int{}, answers[0].String("customerId")
	for _, a := range answers {
		statuses[a.Status]++
		if a.String("customerId") != customer {
			t.Errorf("%s and %s", a.String("customerId"), customer)
		}
	}
	if statuses[201] != 1 || statuses[200] != 9 {
		t.Errorf("statuses %v", statuses)
	}
	shows(t, viewer(w).Do("GET /v1/customers/"+customer+"/licences", nil), set{
		"items.0.origin": "automatic", "items.0.quantity": 3, "items.0.planCode": apitest.Yearly, "items.1": nil,
	})
	shows(t, viewer(w).Do("GET /v1/customers/"+customer+"/activity", nil), set{
		"items.0.kind": "licence.taken", "items.1.kind": "customer.appeared", "items.1.organisation": nil, "items.2": nil,
	})
	shows(t, viewer(w).Do("GET "+martin+"/customers?q=732+829", nil), set{"items.0.id": customer, "items.0.quantity": 3, "items.1": nil})
	w.Machine("product").Do(account, with(report, set{"partnerId": apitest.Nuage})).Is(t, 409, "account_known")
	w.Machine("product").Do(account, with(report, set{"partnerId": nil})).Is(t, 409, "account_known")
}

// A licence keeps the terms that were agreed, whatever becomes of its plan.
func TestEditingAPlanAltersNoLicenceTaken(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	before := viewer(w).Do("GET "+oneOfDurand, nil).Is(t, 200)
	dearer := set{"name": "Dearer", "commitment": "flexible", "prices": set{"year": euros(999_00)}, "modules": set{"payroll": 9}, "retired": true}
	w.Machine("operator").Do("PUT /v1/plans/"+apitest.Yearly, dearer).Is(t, 200)
	if after := viewer(w).Do("GET "+oneOfDurand, nil).Is(t, 200); after.Text != before.Text {
		t.Errorf("before %s\nafter %s", before.Text, after.Text)
	}
	more := seller(w).Do(changeDurand, set{"quantity": 12}).Is(t, 200)
	shows(t, more, set{"unitPrice.amount": 120_00, "commitment": "committed", "charge.total.amount": 220_27, "modules.payroll": nil})
}

// A7: by renewal date each customer comes once, by the licence that its row tells of; those without one come last.
func TestListingByRenewal(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	listed := func(query string) string {
		t.Helper()
		all := ""
		for path := "/customers?limit=1&" + query; path != ""; {
			page := viewer(w).Do("GET "+martin+path, nil).Is(t, 200)
			for _, item := range page.Body["items"].([]any) {
				row := item.(map[string]any)
				all += fmt.Sprint(row["id"], " ", row["renewsOn"], "; ")
			}
			next, more := page.Get("nextCursor").(string)
			if path = ""; more {
				path = "/customers?limit=1&" + query + "&cursor=" + next
			}
		}
		return all
	}
	want := func(query, want string) {
		t.Helper()
		if got := listed(query); got != want {
			t.Errorf("%s: %s\nwant %s", query, got, want)
		}
	}
	want("sort=renewsOn", "cus_durand 2027-02-08; cus_dupont <nil>; ")
	yearly := seller(w).Do(takeForDupont, order(apitest.Yearly, "year", 10)).Is(t, 201).String("id")
	monthly := seller(w).Do(takeForDupont, order(apitest.Monthly, "month", 1)).Is(t, 201).String("id")
	want("sort=renewsOn", "cus_dupont 2026-04-10; cus_durand 2027-02-08; ")
	want("renewsBefore=2026-04-11", "cus_dupont 2026-04-10; ")
	want("renewsBefore=2026-04-10", "")
	want("renewsAfter=2026-04-10", "cus_durand 2027-02-08; ") // Dupont's other licence isn't the one that its row tells of
	want("sort=renewsOn&plan="+apitest.Monthly, "cus_dupont 2026-04-10; ")
	for _, id := range []string{yearly, monthly} {
		seller(w).Do("POST /v1/customers/"+apitest.Dupont+"/licences/"+id+"/cancel", set{}).Is(t, 200)
	}
	want("sort=renewsOn", "cus_durand 2027-02-08; cus_dupont <nil>; ")
	want("renewsAfter=2026-01-01", "cus_durand 2027-02-08; ")
}
