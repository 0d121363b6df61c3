package functions_test

import (
	"encoding/json"
	"strings"
	"testing"

	"comptoir/functions/apitest"
	"comptoir/shared/api"
	"comptoir/shared/billing"
	"comptoir/shared/table"
)

// A7: the row shows the customer's default payment method, in the list and by itself, as soon as it is another.
func TestTheRowShowsTheDefaultPaymentMethod(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	shows := func(id, kind, last4 string) {
		t.Helper()
		for _, a := range []apitest.Answer{
			viewer(w).Do("GET "+ofDurand, nil).Is(t, 200), viewer(w).Do("GET "+martin+"/customers?q=durand", nil).Is(t, 200),
		} {
			at := "paymentMethod."
			if len(a.Items()) > 0 {
				at = "items.0.paymentMethod."
			}
			if a.Text == "" || a.String(at+"id") != id || a.String(at+"kind") != kind || a.String(at+"last4") != last4 {
				t.Errorf("it shows %s, want %s %s %s", a.Text, id, kind, last4)
			}
		}
		if row := w.Customer(apitest.Durand); row.PaysBy().ID != id {
			t.Errorf("the row keeps %v", row.PaysBy())
		}
	}
	shows("", "", "")
	debit := manager(w).Do(debits.request, debits.body).Is(t, 201)
	if debit.Get("default") != true {
		t.Errorf("the first is no default: %s", debit.Text)
	}
	shows(debit.String("id"), "sepa", "2606")
	transfer := manager(w).Do(debits.request, set{"kind": "transfer"}).Is(t, 201).String("id")
	shows(debit.String("id"), "sepa", "2606")
	manager(w).Do("PUT "+methodsAt+"/"+transfer+"/default", nil).Is(t, 200)
	shows(transfer, "transfer", "")
	manager(w).Do("DELETE "+methodsAt+"/"+transfer, nil).Is(t, 200)
	shows(debit.String("id"), "sepa", "2606")
	seller(w).Do("POST "+durands, order(apitest.Monthly, "month", 3)).Is(t, 201)
	shows(debit.String("id"), "sepa", "2606")
	manager(w).Do("DELETE "+methodsAt+"/"+debit.String("id"), nil).Is(t, 200)
	shows("", "", "")
	for kind, n := range map[string]int{billing.MethodAdded: 2, billing.MethodDefaultSet: 2, billing.MethodRemoved: 2} {
		if got := w.Happened(kind); len(got) != n || got[0].Subject != apitest.Durand || got[0].PartnerID != apitest.Martin {
			t.Errorf("%s happened: %v", kind, got)
		}
	}
}

// Of an IBAN that is said with a payment method nothing is kept that leads to the account: neither in an item, nor in an event, nor
// in what a repeated request is known by. That of billing details lies in these alone.
func TestAnIBANLiesNowhereElse(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	const account = "20041010050500013M02"
	where := func() (all []string) {
		for _, it := range w.Items() {
			if text := string(it.Image); strings.Contains(strings.ReplaceAll(text, " ", ""), account) {
				all = append(all, it.Type)
			}
		}
		return all
	}
	first := manager(w).Do(debits.request, debits.body, onlyKey).Is(t, 201)
	if got := where(); len(got) > 0 {
		t.Errorf("it lies in %v", got)
	}
	again := manager(w).Do(debits.request, debits.body, onlyKey).Is(t, 201)
	if again.Text != first.Text {
		t.Errorf("first %s, then %s", first.Text, again.Text)
	}
	manager(w).Do(debits.request, with(debits.body, set{"iban": "DE89370400440532013000"}), onlyKey).Is(t, 422, "idempotency_key_reused")

	if a := biller(w).Do(bills.request, bills.body, onlyKey).Is(t, 200); strings.Contains(a.Text, account) {
		t.Error(a.Text)
	}
	if got := where(); strings.Join(got, " ") != "billing" {
		t.Errorf("it lies in %v", got)
	}
	changed := w.Happened(billing.Changed)
	if len(changed) != 1 || changed[0].Text("ibanLast4") != "2606" {
		t.Errorf("told %v", changed)
	}
}

// B8: a licence is paid by a method of whom it is billed to, and the method stays for as long as the licence is in force.
func TestALicenceIsPaidByAMethodOfWhoIsBilled(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	pays(t, w)
	w.Have(func(tx *table.Tx) {
		m := billing.Methods{Owner: apitest.Durand, Default: "pay_durands", All: []billing.Method{{ID: "pay_durands", Kind: billing.Transfer}, {ID: "pay_spare", Kind: billing.Transfer}}}
		tx.Put(&m)
	})
	takes := func(billTo, id string) apitest.Answer {
		return seller(w).Do("POST "+durands, with(order(apitest.Yearly, "year", 1), set{"billTo": billTo, "paymentMethodId": id}))
	}
	for _, c := range []struct{ billTo, id string }{{"customer", "pay_kept"}, {"partner", "pay_durands"}, {"customer", "pay_none"}} {
		if a := takes(c.billTo, c.id).Is(t, 422, "invalid_input"); a.String("errors.0.field") != "body.paymentMethodId" {
			t.Error(a.Text)
		}
	}
	licence := takes("customer", "pay_durands").Is(t, 201).String("id")
	if got := viewer(w).Do("GET "+durands+"/"+licence, nil).String("paymentMethodId"); got != "pay_durands" {
		t.Errorf("it is paid by %s", got)
	}
	change := func(body set) apitest.Answer { return seller(w).Do("POST "+durands+"/"+licence+"/change", body) }
	remove := func(id string) apitest.Answer { return manager(w).Do("DELETE "+methodsAt+"/"+id, nil) }
	t.Run("which stays while it is in force", func(t *testing.T) { remove("pay_durands").Is(t, 409, "payment_method_in_use") })
	t.Run("and can't go to another payer with it", func(t *testing.T) {
		if a := change(set{"billTo": "partner"}).Is(t, 422, "invalid_input"); a.String("errors.0.field") != "body.paymentMethodId" {
			t.Error(a.Text)
		}
	})
	t.Run("a preview is no longer good when its method is gone", func(t *testing.T) {
		preview := seller(w).Do("POST "+durands+"/preview", set{"take": with(order(apitest.Yearly, "year", 1), set{"billTo": "customer", "paymentMethodId": "pay_spare"})}).Is(t, 201).String("previewId")
		remove("pay_spare").Is(t, 200)
		seller(w).Do("POST "+durands, committing(preview)).Is(t, 409, "preview_expired")
	})
	t.Run("the partner's own stays too", func(t *testing.T) {
		change(set{"billTo": "partner", "paymentMethodId": "pay_kept"}).Is(t, 200)
		biller(w).Do(removesMartins.request, nil).Is(t, 409, "payment_method_in_use")
		remove("pay_durands").Is(t, 200)
	})
	t.Run("until the licence has ended", func(t *testing.T) {
		seller(w).Do("POST "+durands+"/"+licence+"/cancel", set{}).Is(t, 200)
		biller(w).Do(removesMartins.request, nil).Is(t, 200)
	})
	t.Run("or is paid otherwise", func(t *testing.T) {
		licence = takes("partner", "pay_last").Is(t, 201).String("id")
		biller(w).Do("DELETE "+methodsAtMartin+"/pay_last", nil).Is(t, 409, "payment_method_in_use")
		change(set{"paymentMethodId": ""}).Is(t, 200)
		biller(w).Do("DELETE "+methodsAtMartin+"/pay_last", nil).Is(t, 200)
	})
}

// What a repeated request is known by is a hash of what it means. An IBAN goes into it by its ends alone, or the account could be found by
// trying all that there are.
func TestARequestIsNotKnownByItsIBAN(t *testing.T) {
	t.Parallel()
	for said, known := range map[api.IBAN]string{
		"FR14 2004 1010 0505 0001 3M02 606": `"FR142606"`, "DE89370400440532013000": `"DE893000"`, "": `""`, "FR1420041010050500013M02607": `"none"`,
	} {
		if got, err := json.Marshal(said); err != nil || string(got) != known {
			t.Errorf("%q is known as %s, %v", said, got, err)
		}
	}
}
