package functions_test

import (
	"strings"
	"testing"

	"comptoir/functions/apitest"
	"comptoir/shared/membership"
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
		{w.Machine("operator"), confirmsBatch.request},
		{w.Machine("operator"), comesBack.request},
		{w.Machine("product"), account},
		{seller(w), "POST " + oneOfDurand + "/suspend"},
		{manager(w), "PUT " + ada},
		{manager(w), "POST " + holders},
		{seller(w), "PUT " + capOf},
		{manager(w), "POST " + requests},
		{seller(w), "POST " + requests + "/req_1/answer"},
		{seller(w), "PATCH " + martin + "/notifications"},
		{seller(w), verifies.request},
		{seller(w), mutes.request},
		{seller(w), createsEndpoint.request},
		{w.Machine("operator"), "POST " + endpointsOfPublisher},
		{biller(w), bills.request},
		{manager(w), debits.request},
	}
	for n, body := range []string{
		`{"planCode":"COMPTA-PRO","term":"month","quantity":1,"trial":false,"autoRenew":true,"billTo":"customer","paymentMethodId":"pay_1"}`,
		`{"quantity":11,"planCode":"COMPTA-PRO","term":"year","when":"atRenewal","dropScheduled":true,"autoRenew":null,"paymentMethodId":""}`,
		`{"licenceId":"lic_durand","change":{"quantity":12},"take":null}`,
		`{"name":"Pro","commitment":"flexible","prices":{"month":{"amount":1,"currency":"EUR"}},"modules":{"expenses":1},"trialDays":0}`,
		`{"accountId":"a","partnerId":"par_martin","name":"N","domain":"n.example","siren":"732829320","administrator":{"name":"A","mail":"a@n.example","userId":"u"}}`,
		`{"reason":"partner","note":"é"}`,
		`{"name":"Ada","mail":"ada@durand.example","roles":["admin","member"]}`,
		`{"memberIds":["ada","bob","ada"]}`,
		`{"cap":5}`,
		`{"seats":5,"note":"é"}`,
		`{"accept":true,"cap":5,"note":"é"}`,
		`{"ids":["evt_1"],"read":false}`,
		`{"contact":{"mail":"a@b.example","phone":"+33 1"},"firstLineSupport":true,"kind":null}`,
		`{"mail":"Lea@new.example","name":"Léa","language":"fr","roles":["accountant","support"]}`,
		`{"customerIds":["cus_dupont","cus_durand","cus_dupont"]}`,
		`{"items":[{"collaboratorId":"col_0","role":"support","customerId":"cus_dupont","remove":true}]}`,
		`{"mail":"tom@new.example","roles":["sales"],"customers":"limited"}`,
		`{"roles":["viewer","billing"],"customers":"none"}`,
		`{"token":"ttttttttttttttttttttttttttttttttttttttttttt","name":"Léa"}`,
		`{"until":"2026-12-31"}`,
		`{"customerIds":["cus_dupont"]}`,
		`{"language":"fr","notificationMail":"a@b.example","fallbackMail":""}`,
		`{"token":"ppppppppppppppppppppppppppppppppppppppppppp"}`,
		`{"domain":"elsewhere.example"}`,
		`{"mutedUntil":"2026-12-31"}`,
		`{"url":"https://hooks.example.com:8443/a?b=c","kinds":["licence.taken","seat.added"]}`,
		`{"url":"https://[::ffff:127.0.0.1]/","kinds":[]}`,
		`{"kind":"sepa","iban":"FR1420041010050500013M02606","mandate":"M-1","signedOn":"2026-03-10"}`,
		`{"kind":"card","reference":"card_1","last4":"4242","brand":"Visa","expires":"2028-11"}`,
		`{"legalName":"Martin","address":{"lines":["a"],"postalCode":"1","city":"B","country":"FR"},"iban":"FR1420041010050500013M02606","vatNumber":"FR44732829320"}`,
	} {
		f.Add(byte(n), body)
	}
	f.Fuzz(func(t *testing.T, n byte, body string) {
		c := calls[int(n)%len(calls)]
		a, err := c.by.Try(c.request, body)
		sane(t, a, err)
	})
}

// Whatever comes as an id of a member or a module, it is answered or refused.
func FuzzIDs(f *testing.F) {
	w := apitest.New(f)
	for _, id := range []string{"ada", "auth0%7C5f", "%00", "%2F..%2F", "a%23b", "%25", "%C3%A9", "a b", "..", ""} {
		f.Add(id, "expenses")
		f.Add("ada", id)
	}
	f.Fuzz(func(t *testing.T, member, module string) {
		for _, request := range []string{
			"GET " + ofDurand + "/seats/" + module + "/members/" + member, "PUT " + members + "/" + member, "DELETE " + ofDurand + "/seats/" + module + "/members/" + member,
			"POST " + members + "/" + member + "/passwordReset", "GET " + ofDurand + "/collaborators/" + member, "GET " + ofDurand + "/collaborators/ada?partnerId=" + module,
		} {
			var body any
			if strings.HasPrefix(request, "PUT") {
				body = map[string]any{"name": "Somebody"}
			}
			a, err := w.Machine("product").Try(request, body)
			sane(t, a, err)
		}
	})
}

// Whatever comes as a query, the list answers or refuses it.
func FuzzQueries(f *testing.F) {
	by := seller(apitest.New(f))
	for _, query := range []string{
		"limit=1", "q=maison+dur", "status=active&plan=COMPTA-YEARLY", "renewsAfter=2026-01-01&renewsBefore=2028-01-01", "sort=renewsOn&limit=100",
		"cursor=eyJzIjoiIn0", "q=%00", "q=%ff", "plan=%23", "renewsAfter=9999-12-31", "q=&&=&q=x", "limit=1;q=x", "plan=" + strings.Repeat("A", 40),
	} {
		f.Add(query)
	}
	for _, query := range []string{"state=granted&limit=1", "actor=%00", "partnerId=par_martin", "from=2026-01-01&to=2027-01-02&what=waits", "from=0001-01-01", "from=9999-12-31", "to=%ff"} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, list := range []string{
			martin + "/customers", martin + "/activity", team, users, martin + "/consents", calendarOf, personOf(membership.Accountant) + "/roles/accountant/customers",
		} {
			a, err := by.Try("GET "+list+"?"+query, nil)
			sane(t, a, err)
		}
	})
}
