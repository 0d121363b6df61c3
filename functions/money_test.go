package functions_test

import (
	"fmt"
	"strings"
	"testing"

	"comptoir/functions/apitest"
	"comptoir/shared/customer"
	"comptoir/shared/membership"
	"comptoir/shared/notice"
	"comptoir/shared/payment"
	"comptoir/shared/table"
)

// Who may not see what customers are charged is told no amounts: neither where they are listed, nor in what happened or was told.
func TestViewersSeeNoAmounts(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	allDone(t, w, setsScheme, takesAnother, remits, refunds)
	w.Have(func(tx *table.Tx) {
		tx.Put(&notice.Notification{EventID: "evt_late", OrganisationID: apitest.Martin, Kind: payment.Late, CustomerID: apitest.Durand, Data: set{"amount": euros(1)}})
	})
	for _, path := range []string{ofDurand + "/charges", ofDurand + "/account", ofDurand + "/payments", martin + "/commissions", martin + "/reconciliation"} {
		viewer(w).Do("GET "+path, nil).Is(t, 403)
		w.As(apitest.Martin, membership.Accountant).Do("GET "+path, nil).Is(t, 403)
		seller(w).Do("GET "+path, nil).Is(t, 200)
	}
	seen := seller(w).Do("GET "+ofDurand+"/activity", nil).Is(t, 200)
	if !strings.Contains(seen.Text, `"amount"`) || !strings.Contains(seen.Text, payment.Received) {
		t.Fatalf("the global administrator is told %s", seen.Text)
	}
	for _, by := range []apitest.Client{viewer(w), w.As(apitest.Martin, membership.Accountant)} {
		a := by.Do("GET "+ofDurand+"/activity", nil).Is(t, 200)
		a.Lacks(t, `"currency"`)
		if !strings.Contains(a.Text, payment.Received) {
			t.Errorf("it isn't told that something was paid: %s", a.Text)
		}
	}
	if a := seller(w).Do("GET "+martin+"/notifications", nil).Is(t, 200); !strings.Contains(a.Text, payment.Late) {
		t.Errorf("the global administrator is told %s", a.Text)
	}
	viewer(w).Do("GET "+martin+"/notifications", nil).Is(t, 200).Lacks(t, payment.Late)

	mine := manager(w).Do("GET "+ofDurand+"/activity", nil).Is(t, 200) // the partner pays
	for _, item := range mine.Items() {
		e := item.(map[string]any)
		if strings.HasPrefix(e["kind"].(string), "payment.") && strings.Contains(fmt.Sprint(e["data"]), "currency") {
			t.Errorf("the customer is told what its partner pays: %v", e)
		}
	}
}

// A customer sees what it is to pay itself; a partner what it has sold itself, and nothing of what another has.
func TestEachSeesItsOwnMoney(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	allDone(t, w, setsScheme, takesAnother, action{seller, "POST " + durands, with(order(apitest.Monthly, "month", 1), set{"billTo": "customer"}), nil}, remits)
	mine := manager(w).Do("GET "+ofDurand+"/charges", nil).Is(t, 200).Items()
	if len(mine) != 1 || mine[0].(map[string]any)["billTo"] != "customer" {
		t.Errorf("the customer sees %v", mine)
	}
	if a := manager(w).Do("GET "+ofDurand+"/account", nil).Is(t, 200); len(a.Get("open").([]any)) != 1 || len(a.Get("credits").([]any)) != 0 {
		t.Errorf("the customer's account is %s", a.Text)
	}
	if a := manager(w).Do("GET "+ofDurand+"/payments", nil).Is(t, 200); len(a.Items()) != 0 {
		t.Errorf("the customer sees %s", a.Text)
	}
	if a := seller(w).Do("GET "+ofDurand+"/charges", nil).Is(t, 200); len(a.Items()) != 2 {
		t.Errorf("the partner sees %s", a.Text)
	}
	edit(t, w, table.Customer(apitest.Durand), func(c *customer.Customer) { c.PartnerID = apitest.Nuage }) // it has gone over
	nuage := w.As(apitest.Nuage, membership.GlobalAdmin)
	for _, path := range []string{"/charges", "/payments"} {
		if a := nuage.Do("GET "+ofDurand+path, nil).Is(t, 200); len(a.Items()) != 0 {
			t.Errorf("the next partner sees %s", a.Text)
		}
	}
	nuage.Do("GET "+ofDurand+"/account", nil).Is(t, 200).Lacks(t, "chg_")
	nuage.Do("GET "+ofDurand+"/activity", nil).Is(t, 200).Lacks(t, `"currency"`)
	seller(w).Do("GET "+ofDurand+"/charges", nil).Is(t, 404)
	nuage.Do("GET "+martin+"/commissions", nil).Is(t, 404)
	for _, a := range []apitest.Answer{nuage.Do("GET /v1/partners/"+apitest.Nuage+"/commissions", nil), nuage.Do("GET /v1/partners/"+apitest.Nuage+"/reconciliation", nil)} {
		a.Is(t, 200).Lacks(t, apitest.Durand)
	}
}

// What a licence brings back goes to who was charged for it, whoever is to pay the next term.
func TestMoneyComesBackToWhoWasCharged(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	id := seller(w).Do("POST "+durands, with(order(apitest.Yearly, "year", 10), set{"billTo": "customer"})).Is(t, 201).String("id")
	seller(w).Do("POST "+durands+"/"+id+"/change", set{"billTo": "partner"}).Is(t, 200)
	seller(w).Do("POST "+durands+"/"+id+"/cancel", set{}).Is(t, 200)
	a := seller(w).Do("GET "+ofDurand+"/account", nil).Is(t, 200)
	if len(a.Get("open").([]any)) != 0 || len(a.Get("credits").([]any)) != 0 {
		t.Errorf("the account is %s", a.Text)
	}
}

// A report that comes again is answered with the payment, one that differs is refused, and what had failed can come after all.
func TestAPaymentIsRecordedOnce(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	allDone(t, w, setsScheme, takesAnother)
	product := w.Machine("product")
	failed := with(remits.body, set{"status": "failed", "reason": "insufficient funds"})
	product.Do(remits.request, failed).Is(t, 201)
	if e := w.Happened(payment.Late); len(e) != 1 || e[0].Text("reason") != "insufficient funds" {
		t.Errorf("told is %+v", e)
	}
	product.Do(remits.request, failed).Is(t, 200)
	first := product.Do(remits.request, remits.body).Is(t, 201)
	if first.Get("status") != "succeeded" || first.Get("net.amount") != 100000.0 {
		t.Errorf("recorded is %s", first.Text)
	}
	again := product.Do(remits.request, remits.body).Is(t, 200)
	if again.Get("id") != first.Get("id") || again.Get("version") != first.Get("version") {
		t.Errorf("again it is %s", again.Text)
	}
	w.Machine("operator").Do(remits.request, with(remits.body, set{"reason": "for people", "receivedOn": "2026-03-01"})).Is(t, 200)
	product.Do(remits.request, failed).Is(t, 409, "payment_recorded")
	product.Do(remits.request, with(remits.body, set{"amount": euros(1)})).Is(t, 409, "payment_recorded")
	product.Do(remits.request, with(remits.body, set{"customerId": apitest.Nuit})).Is(t, 409, "payment_recorded")
	if n := len(w.Happened(payment.Received)); n != 1 {
		t.Errorf("%d were received", n)
	}
	product.Do(refunds.request, refunds.body).Is(t, 201)
	product.Do(refunds.request, refunds.body).Is(t, 200)
	product.Do(refunds.request, with(refunds.body, set{"kind": "calledBack"})).Is(t, 409, "refund_recorded")
	product.Do(refunds.request, set{"externalId": "re_2", "amount": euros(1080_01)}).Is(t, 409, "refund_exceeds_payment")
	rest := product.Do(refunds.request, set{"externalId": "re_2"}).Is(t, 201)
	if rest.Get("refunded.amount") != 120000.0 {
		t.Errorf("refunded is %s", rest.Text)
	}
	sum := 0.0
	for _, item := range seller(w).Do("GET "+martin+"/commissions?period=2026-03", nil).Is(t, 200).Items() {
		sum += item.(map[string]any)["amount"].(map[string]any)["amount"].(float64)
	}
	if sum != 0 {
		t.Errorf("of what was all given back %v is earned", sum)
	}
	product.Do("POST /v1/payments/pmt_nothing/refunds", set{"externalId": "re_1"}).Is(t, 404)
}
