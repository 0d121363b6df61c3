package functions_test

import (
	"strings"
	"testing"

	"comptoir/functions/apitest"
)

// sane fails on an answer that is a failure of ours, or a refusal without its code.
func sane(t *testing.T, a apitest.Answer, err error) {
	t.Helper()
	if err != nil || a.Status >= 500 || a.Status >= 400 && a.String("code") == "" {
		t.Fatalf("answered %d %s, %v", a.Status, a.Text, err)
	}
}

// Whatever comes as a body, the answer is a success or a refusal with a code.
func FuzzBodies(f *testing.F) {
	w := apitest.New(f)
	calls := []struct {
		by      apitest.Client
		request string
	}{
		{seller(w), "POST " + durands},
		{seller(w), changeDurand},
		{seller(w), previewForDurand},
		{w.Machine("operator"), putPro},
		{w.Machine("product"), account},
		{seller(w), "POST " + oneOfDurand + "/suspend"},
	}
	for n, body := range []string{
		`{"planCode":"COMPTA-PRO","term":"month","quantity":1,"trial":false,"autoRenew":true,"billTo":"customer","paymentMethodId":"pay_1"}`,
		`{"quantity":11,"planCode":"COMPTA-PRO","term":"year","when":"atRenewal","dropScheduled":true,"autoRenew":null,"paymentMethodId":""}`,
		`{"licenceId":"lic_durand","change":{"quantity":12},"take":null}`,
		`{"name":"Pro","commitment":"flexible","prices":{"month":{"amount":1,"currency":"EUR"}},"modules":{"expenses":1},"trialDays":0}`,
		`{"accountId":"a","partnerId":"par_martin","name":"N","domain":"n.example","siren":"732829320","administrator":{"name":"A","mail":"a@n.example","userId":"u"}}`,
		`{"reason":"partner","note":"é"}`,
	} {
		f.Add(byte(n), body)
	}
	f.Fuzz(func(t *testing.T, n byte, body string) {
		c := calls[int(n)%len(calls)]
		a, err := c.by.Try(c.request, body)
		sane(t, a, err)
	})
}

// Whatever comes as a query, the list answers or refuses it.
func FuzzQueries(f *testing.F) {
	by := viewer(apitest.New(f))
	for _, query := range []string{
		"limit=1", "q=maison+dur", "status=active&plan=COMPTA-YEARLY", "renewsAfter=2026-01-01&renewsBefore=2028-01-01", "sort=renewsOn&limit=100",
		"cursor=eyJzIjoiIn0", "q=%00", "q=%ff", "plan=%23", "renewsAfter=9999-12-31", "q=&&=&q=x", "limit=1;q=x", "plan=" + strings.Repeat("A", 40),
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		a, err := by.Try("GET "+martin+"/customers?"+query, nil)
		sane(t, a, err)
	})
}
