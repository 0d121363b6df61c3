package renewals_test

import (
	"fmt"
	"sync"
	"testing"

	"comptoir/functions/apitest"
	"comptoir/functions/renewals"
	"comptoir/shared/calendar"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/payment"
	"comptoir/shared/table"
)

// collect has the desk look after what Durand leaves open, twice: the second time there is nothing left to do.
func collect(t *testing.T, w *apitest.World) {
	t.Helper()
	desk := renewals.Desk{Table: w.Table, Zone: apitest.Env.Zone}
	if err := desk.Handle(t.Context(), table.DueAccount(apitest.Durand)); err != nil {
		t.Fatal(err)
	}
	before := contents(w)
	if err := desk.Handle(t.Context(), table.DueAccount(apitest.Durand)); err != nil {
		t.Fatal(err)
	}
	if contents(w) != before {
		t.Error("a message handled again changed something")
	}
}

func pay(t *testing.T, w *apitest.World, name string, cents int) apitest.Answer {
	t.Helper()
	body := set{"externalId": name, "customerId": apitest.Durand, "amount": set{"amount": cents, "currency": "EUR"}}
	return w.Machine("product").Do("POST /v1/payments", body).Is(t, 201)
}

// owes is what Durand's partner is to pay.
func owes(t *testing.T, w *apitest.World) any {
	t.Helper()
	return admin(w).Do("GET /v1/customers/"+apitest.Durand+"/account", nil).Is(t, 200).Get("balances.0.amount.amount")
}

func TestWhatIsNotPaidSuspendsALicenceAndIsResumed(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	id := take(t, w, apitest.Yearly, "year", 2)
	collect(t, w)
	until(t, w, "2026-04-09") // the last day
	collect(t, w)
	if n := len(w.Happened(payment.InvoiceOverdue)); n != 0 {
		t.Fatalf("%d were told too early", n)
	}
	until(t, w, "2026-04-10")
	collect(t, w)
	told := w.Happened(payment.InvoiceOverdue)
	if len(told) != 1 || told[0].Subject != apitest.Durand || told[0].PartnerID != apitest.Martin || told[0].Text("dueOn") != "2026-04-09" {
		t.Fatalf("told was %+v", told)
	}
	until(t, w, "2026-04-23")
	collect(t, w)
	theLicence(t, w, id, set{"status": "active"})
	until(t, w, "2026-04-24")
	collect(t, w)
	theLicence(t, w, id, set{"status": "suspended", "suspensionReasons": []any{"unpaid"}})
	theRow(t, w, set{"items.0.status": "suspended"})
	theLicence(t, w, apitest.DurandLicence, set{"status": "active"}) // nothing is open for it

	if a := pay(t, w, "py_1", 239_99); a.Get("paid.0.amount.amount") != 23999.0 {
		t.Errorf("it has paid %s", a.Text)
	}
	collect(t, w)
	theLicence(t, w, id, set{"status": "suspended"})
	pay(t, w, "py_2", 1)
	if e := w.Happened(payment.Received); len(e) != 2 || e[0].Data["resumes"] != nil || e[1].Data["resumes"] != true {
		t.Errorf("happened %+v", e)
	}
	collect(t, w)
	theLicence(t, w, id, set{"status": "active", "suspensionReasons": []any{}})
	if got := owes(t, w); got != nil {
		t.Errorf("open is %v", got)
	}

	w.Machine("product").Do("POST /v1/payments/"+payment.IDOf("py_1")+"/refunds", set{"externalId": "re_1", "kind": "calledBack"}).Is(t, 201)
	if got := owes(t, w); got != 23999.0 {
		t.Errorf("after the bank has called it back open is %v", got)
	}
	until(t, w, "2026-05-09") // fifteen days of grace, anew
	collect(t, w)
	theLicence(t, w, id, set{"status": "suspended"})
}

// More charges than one transaction takes can be overdue on one day.
func TestManyChargesOverdueAtOnceAreAllToldOf(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	w.Have(func(tx *table.Tx) {
		a := payment.Account{CustomerID: apitest.Durand}
		for n := range 130 {
			a = a.Charge(payment.Charge{
				ID: fmt.Sprint("chg_", n), Payer: licence.PaidByPartner, Total: money.Money{Amount: 1_00, Currency: "EUR"}, DueOn: calendar.On(tx.Now, apitest.Env.Zone),
			})
		}
		tx.Put(&a)
	})
	w.Advance(2 * day)
	collect(t, w)
	if n := len(w.Happened(payment.InvoiceOverdue)); n != 130 {
		t.Errorf("%d were told of", n)
	}
}

// What can't be suspended any more is left alone, and somebody else's reason stays when the money has come.
func TestOnlyTheReasonUnpaidComesAndGoes(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	ended, held := take(t, w, apitest.Yearly, "year", 1, "no autoRenew"), take(t, w, apitest.Yearly, "year", 1)
	until(t, w, "2026-04-24")
	act(t, w, held, "suspend", set{})
	w.Machine("operator").Do("POST "+licences+"/"+ended+"/suspend", set{"reason": "unpaid"}).Is(t, 200)
	collect(t, w)
	theLicence(t, w, held, set{"suspensionReasons": []any{"partner", "unpaid"}})
	theLicence(t, w, ended, set{"suspensionReasons": []any{"unpaid"}})
	pay(t, w, "py_1", 1000_00)
	collect(t, w)
	theLicence(t, w, held, set{"status": "suspended", "suspensionReasons": []any{"partner"}})
	theLicence(t, w, ended, set{"suspensionReasons": []any{"unpaid"}}) // who has given it lifts it
	if got := owes(t, w); got != -76000.0 {
		t.Errorf("the credit is %v", got)
	}
}

// Renewals, payments and the looking after happen one after another, however many do them at once: the account adds up.
func TestAnAccountAddsUpUnderContention(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	var ids []string
	for range 4 {
		ids = append(ids, take(t, w, apitest.Monthly, "month", 1))
	}
	until(t, w, "2026-04-24")
	var all sync.WaitGroup
	for n, id := range ids {
		all.Go(func() { workers(t, w, []string{id, id}) })
		all.Go(func() {
			body := set{"externalId": fmt.Sprint("py_", n), "customerId": apitest.Durand, "amount": set{"amount": 7_00, "currency": "EUR"}}
			for range 8 { // as a provider repeats what isn't answered well
				if w.Machine("product").Do("POST /v1/payments", body).Status/100 == 2 {
					return
				}
			}
			t.Error("the payment was in everybody's way")
		})
		all.Go(func() {
			for range 5 {
				if (renewals.Desk{Table: w.Table, Zone: apitest.Env.Zone}).Handle(t.Context(), table.DueAccount(apitest.Durand)) == nil {
					return
				}
			}
			t.Error("the account was in everybody's way")
		})
	}
	all.Wait()
	if a := admin(w).Do("GET "+martin+"/reconciliation?period=2026-04", nil).Is(t, 200); len(a.Get("differences").([]any)) != 0 || a.Get("customers") != 1.0 {
		t.Errorf("reckoned anew it is %s", a.Text)
	}
	want := 0.0
	for _, item := range admin(w).Do("GET /v1/customers/"+apitest.Durand+"/charges?limit=100", nil).Is(t, 200).Items() {
		want += item.(map[string]any)["total"].(map[string]any)["amount"].(float64)
	}
	if got := owes(t, w); got != want-4*7_00 {
		t.Errorf("open is %v of %v", got, want)
	}
}
