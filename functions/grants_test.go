package functions_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"comptoir/functions"
	"comptoir/functions/apitest"
	"comptoir/functions/notices"
	"comptoir/functions/renewals"
	"comptoir/functions/trail"
	"comptoir/functions/webhooks"
	"comptoir/shared/api"
	"comptoir/shared/calendar"
	"comptoir/shared/collaborator"
	"comptoir/shared/commission"
	"comptoir/shared/consent"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/membership"
	"comptoir/shared/notice"
	"comptoir/shared/partner"
	"comptoir/shared/profile"
	"comptoir/shared/queue"
	"comptoir/shared/statement"
	"comptoir/shared/table"
	"comptoir/shared/webhook"
)

// work is what a function does in all the ways that touch the table differently.
var work = map[string]func(t *testing.T, w *apitest.World){
	"accounts": func(t *testing.T, w *apitest.World) {
		automatic(t, w, apitest.Martin, &partner.AutomaticLicence{PlanCode: apitest.Yearly, Quantity: 1, Term: "year"})
		machine("product")(w).Do("POST /v1/accounts", map[string]any{
			"accountId": "acc-petit", "partnerId": apitest.Martin, "name": "Petit",
			"administrator": map[string]any{"userId": "ada", "name": "Ada", "mail": "ada@petit.example"},
		}).Is(t, 201)
	},
	"customers": func(t *testing.T, w *apitest.World) {
		for _, request := range []string{
			martin + "/customers", martin + "/customers?sort=renewsOn", martin + "/customers?status=active", martin + "/customers?plan=" + apitest.Yearly,
			martin + "/customers?q=maison", dupont, dupont + "/activity",
		} {
			viewer(w).For("").Do("GET "+request, nil).Is(t, 200)
		}
	},
	"domains": func(t *testing.T, w *apitest.World) {
		w.Proves(apitest.Durand)
		seller(w).For("").Do("GET "+ofDurand+"/domain", nil).Is(t, 200)
		did(verifies, verifies)(t, w)
	},
	"licences": func(t *testing.T, w *apitest.World) {
		id := previewed(map[string]any{"licenceId": apitest.DurandLicence, "change": map[string]any{"quantity": 12}})(t, w)
		seller(w).Do("POST "+oneOfDurand+"/change", committing(id)).Is(t, 200)
		seller(w).Do("POST "+durands, order(apitest.Yearly, "year", 1)).Is(t, 201)
		for _, act := range []string{"suspend", "resume", "cancel"} {
			seller(w).Do("POST "+oneOfDurand+"/"+act, map[string]any{}).Is(t, 200)
		}
		flexible := w.Licence(seller(w), apitest.Durand, apitest.Monthly, "month", 2)
		did(action{manager, "POST " + holders, giving(apitest.Members...), nil}, action{seller, "POST " + oneOfDurand + "/suspend", map[string]any{}, nil})(t, w)
		did(mutes)(t, w)
		seller(w).Do("POST "+durands+"/"+flexible+"/change", map[string]any{"quantity": 1}).Is(t, 409, "below_seats_in_use")
		for _, request := range []string{durands, oneOfDurand, martin + "/licences/count"} {
			viewer(w).For("").Do("GET "+request, nil).Is(t, 200)
		}
	},
	"me": func(t *testing.T, w *apitest.World) {
		for _, of := range []func(*apitest.World) apitest.Client{viewer, admin} {
			for _, request := range []string{"/v1/me", "/v1/me/companies", "/v1/me/permissions"} {
				of(w).Do("GET "+request, nil).Is(t, 200)
			}
		}
		addressGiven(t, w)
		allDone(t, w, confirms)
		w.As(apitest.Martin, membership.Accountant).Do("GET /v1/me/customers", nil).Is(t, 200)
	},
	"partners": func(t *testing.T, w *apitest.World) {
		allDone(t, w, endsSupport)
		linked(t, w)
		allDone(t, w, links, revokes)
		viewer(w).Do("GET "+calendarOf+"/links", nil).Is(t, 200)
		allDone(t, w, bills, billsPublisher)
		biller(w).Do("GET "+billingOf, nil).Is(t, 200)
		for _, request := range []string{martin, martin + "/activity", martin + "/activity?actor=usr-martin-globalAdmin"} {
			seller(w).For("").Do("GET "+request, nil).Is(t, 200)
		}
	},
	"calendars": func(t *testing.T, w *apitest.World) {
		for _, query := range []string{"", "?from=2027-01-01&to=2027-12-31", "?from=2027-01-01&to=2027-12-31&what=renews"} {
			viewer(w).For("").Do("GET "+calendarOf+query, nil).Is(t, 200)
			viewer(w).Do("GET "+calendarOf+query, nil, "Accept: text/calendar").Is(t, 200)
		}
		subscriber(w).Do("GET /v1/calendars/renewals?token="+token, nil).Is(t, 200)
	},
	"calendarauth": func(t *testing.T, w *apitest.World) {
		linked(t, w)
		if !w.Whose(token).IsAuthorized || w.Whose(proof).IsAuthorized {
			t.Error("the links are others'")
		}
	},
	"collaborators": func(t *testing.T, w *apitest.World) {
		invited(t, w)
		person, own := personOf(membership.Accountant), user(membership.Viewer)
		allDone(t, w,
			invitesLeaAsUser, action{seller, revokesLea.request, nil, nil}, action{seller, "POST " + lea + "/invitation", nil, nil},
			action{seller, "PUT " + person + "/roles/support", nil, nil}, action{seller, "PUT " + person + "/roles/support/customers", customersAre(apitest.Dupont), nil},
			action{seller, "DELETE " + person + "/roles/support", nil, nil}, setsAccountant, action{seller, "POST " + team + "/assignments", assignments, nil},
			action{seller, "PUT " + own, map[string]any{"roles": []string{"globalAdmin"}}, nil}, action{seller, "DELETE " + own, nil, nil},
			action{seller, "DELETE " + person, nil, nil},
		)
		accepts.on(w).Is(t, 409, "invitation_ended") // it was replaced
		for _, request := range []string{team, users, personOf(membership.Support), personOf(membership.Support) + "/roles/support/customers"} {
			seller(w).For("").Do("GET "+request, nil).Is(t, 200)
		}
	},
	"accesses": func(t *testing.T, w *apitest.World) {
		allDone(t, w, grants, endsAccountant, action{manager, "DELETE " + ofDurand + "/accesses/" + col(membership.Full), nil, nil}, withdraws, campaigns)
		for _, request := range []string{ofDurand + "/accesses", ofDurand + "/consents"} {
			manager(w).For("").Do("GET "+request, nil).Is(t, 200)
		}
		w.Machine("product").Do("GET "+ofDurand+"/collaborators/usr-martin-full", nil).Is(t, 200)
		for _, state := range []string{"", "?state=withdrawn"} {
			seller(w).Do("GET "+martin+"/consents"+state, nil).Is(t, 200)
		}
	},
	"scan": func(t *testing.T, w *apitest.World) {
		w.Advance(275 * day)
		var queued fakeSQS
		if err := scanning(w, &queued).Handle(t.Context()); err != nil || len(queued.sent) == 0 {
			t.Fatal("sent", queued.sent, err)
		}
	},
	"renewals": func(t *testing.T, w *apitest.World) { // reminds, renews, suspends and ends
		direct := *w
		direct.Serve(table.New(w.Storage.Client, w.Storage.TableName, w.Always()...)) // what happens before is none of its own
		trial := direct.Licence(seller(&direct), apitest.Durand, apitest.Yearly, "year", 1)
		edit(t, w, table.Licence(apitest.Durand, trial), func(l *licence.Licence) { l.OnTrial, l.AutoRenew = true, false })
		ends := direct.Licence(seller(&direct), apitest.Durand, apitest.Monthly, "month", 1)
		direct.Advance(8 * day)
		seller(&direct).Do("POST "+durands+"/"+ends+"/cancel", map[string]any{}).Is(t, 200)
		for range 2 {
			direct.Advance(285 * day)
			for _, id := range []string{apitest.DurandLicence, trial, ends} {
				due := table.Due{Type: "licence", Key: table.Licence(apitest.Durand, id).Key}
				if err := (renewals.Desk{Table: w.Table, Zone: apitest.Env.Zone}).Handle(t.Context(), due); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, kind := range []string{licence.Reminded, "licence.renewed", "licence.suspended", "licence.ended"} {
			if len(w.Happened(kind)) == 0 {
				t.Errorf("there was no %s", kind)
			}
		}
	},
	"methods": func(t *testing.T, w *apitest.World) {
		pays(t, w)
		for _, path := range []string{methodsAt, methodsAtMartin} {
			by := seller(w).For("")
			one := path + "/" + by.Do("POST "+path, debits.body).Is(t, 201).String("id")
			for _, request := range []string{"GET " + path, "PUT " + one + "/default", "DELETE " + one} {
				by.Do(request, nil).Is(t, 200)
			}
		}
	},
	"endpoints": func(t *testing.T, w *apitest.World) {
		listens(t, w)
		for _, of := range []struct {
			by   apitest.Client
			path string
		}{{seller(w).For(""), endpointsOfMartin}, {w.Machine("operator"), endpointsOfPublisher}} {
			one := of.path + "/" + of.by.Do("POST "+of.path, createsEndpoint.body).Is(t, 201).String("id")
			sent := one + "/deliveries/" + of.by.Do("POST "+one+"/test", nil).Is(t, 201).String("id")
			for _, request := range []string{"GET " + of.path, "GET " + one, "GET " + one + "/deliveries", "POST " + sent + "/replay", "POST " + one + "/secret", "DELETE " + one} {
				of.by.Do(request, nil).Is(t, 200)
			}
		}
	},
	"webhooks": func(t *testing.T, w *apitest.World) {
		listens(t, w)
		desk := webhooks.Desk{Table: w.Table, Post: webhooks.NewPost(nil, time.Second), Queue: queue.Sender{SQS: nowhereElse{}}}
		happened := w.Happened("licence.taken")
		for _, m := range []webhooks.Message{{Event: happened[0]}, {Event: happened[0]}, {Due: table.DueDelivery(webhook.Delivery{Owner: apitest.Martin, EndpointID: "whe_kept", ID: "whd_kept"})}} {
			if err := desk.Handle(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
	},
	"trail": func(t *testing.T, w *apitest.World) {
		direct := *w
		direct.Serve(table.New(w.Storage.Client, w.Storage.TableName, w.Always()...)) // what happens before is none of its own
		allDone(t, &direct, setsAccountant, campaigns, endsSupport)
		for _, kind := range []string{collaborator.CustomersSet, consent.Campaign, partner.RightEnded} {
			for _, e := range w.Happened(kind) {
				if err := trail.Handler(w.Table)(t.Context(), e); err != nil {
					t.Fatal(err)
				}
			}
		}
	},
	"payments": func(t *testing.T, w *apitest.World) {
		direct := *w
		direct.Serve(table.New(w.Storage.Client, w.Storage.TableName, w.Always()...)) // what happens before is none of its own
		allDone(t, &direct, setsScheme, takesAnother)
		for _, a := range []action{remits, refunds} {
			if answer := a.on(w); answer.Status != 201 {
				t.Fatalf("%s: answered %d %s", a.request, answer.Status, answer.Text)
			}
		}
		for _, what := range []string{"/charges", "/account", "/payments"} {
			seller(w).For("").Do("GET "+ofDurand+what, nil).Is(t, 200)
		}
	},
	"commissions": func(t *testing.T, w *apitest.World) {
		direct := *w
		direct.Serve(table.New(w.Storage.Client, w.Storage.TableName, w.Always()...))
		allDone(t, &direct, takesAnother, remits)
		machine("operator")(w).Do(setsScheme.request, setsScheme.body).Is(t, 200)
		machine("operator")(w).Do("GET /v1/scheme?version=1", nil).Is(t, 200)
		for _, what := range []string{"/commissions", "/reconciliation"} {
			seller(w).For("").Do("GET "+martin+what, nil).Is(t, 200)
		}
	},
	"statements": func(t *testing.T, w *apitest.World) {
		direct := *w
		direct.Serve(table.New(w.Storage.Client, w.Storage.TableName, w.Always()...)) // what happens before is none of its own
		settled(t, &direct)
		for _, path := range []string{"", "/2026-01", "/2026-03"} {
			biller(w).For("").Do("GET "+statementsOf+path, nil).Is(t, 200)
		}
		for _, a := range []action{gathers, sends, confirmsBatch, comesBack} {
			if answer := a.on(w); answer.Status/100 != 2 {
				t.Fatalf("%s: answered %d %s", a.request, answer.Status, answer.Text)
			}
		}
		for _, path := range []string{"", "/pba_sent"} {
			w.Machine("operator").Do("GET "+batchesAt+path, nil).Is(t, 200)
		}
	},
	"closings": func(t *testing.T, w *apitest.World) {
		direct := *w
		direct.Serve(table.New(w.Storage.Client, w.Storage.TableName, w.Always()...))
		allDone(t, &direct, setsScheme, bills, remits)
		for _, days := range []time.Duration{25, 7} { // past the end of the month, and past the 10th
			w.Advance(days * day)
			closes(t, w)
		}
		if len(w.Happened(statement.Made)) != 1 || len(w.Happened(commission.BatchMade)) != 1 {
			t.Error("no statement was made, or no payout gathered")
		}
	},
	"plans": func(t *testing.T, w *apitest.World) {
		machine("operator")(w).Do("PUT /v1/plans/"+apitest.Yearly, bodies["putPlan"]("Edited")).Is(t, 200)
		viewer(w).Do("GET /v1/plans", nil).Is(t, 200)
	},
	"seats": func(t *testing.T, w *apitest.World) {
		for _, a := range []action{
			lowersCap, seatsAda,
			{manager, "DELETE " + expenses + "/members/ada", nil, nil},
			asks,
			{seller, declines.request, map[string]any{"accept": true}, nil},
			renamesAda,
			{machine("product"), "PUT /v1/customers/" + apitest.Durand + "/members/dora", bodies["putMember"](""), nil},
			{manager, "DELETE " + ada, nil, nil},
		} {
			if answer := a.on(w); answer.Status/100 != 2 {
				t.Fatalf("%s: answered %d %s", a.request, answer.Status, answer.Text)
			}
		}
		many := map[string]any{"memberIds": []string{"bob", "cleo"}}
		manager(w).Do("POST "+expenses+"/members", many).Is(t, 201)
		manager(w).Do("POST "+expenses+"/members", many).Is(t, 200)          // rests on two items, which are read again
		manager(w).Do("POST "+expenses+"/members", many, onlyKey).Is(t, 200) // and are checked, with a mark to be written
		for _, request := range []string{"/members", "/seats", "/seats/expenses", "/seats/expenses/members", "/seats/expenses/requests"} {
			manager(w).For("").Do("GET /v1/customers/"+apitest.Durand+request, nil).Is(t, 200)
		}
	},
	"seatcheck": func(t *testing.T, w *apitest.World) {
		for _, by := range []apitest.Client{w.Machine("product"), manager(w).For("")} {
			by.Do("GET "+expenses+"/members/ada", nil).Is(t, 200)
			by.Do("GET "+expenses+"/members/ada?exact=true", nil).Is(t, 200)
		}
	},
	"notifications": func(t *testing.T, w *apitest.World) {
		isTold(apitest.Martin)(t, w)
		viewer(w).For("").Do("GET "+martin+"/notifications", nil).Is(t, 200)
		seller(w).Do("PATCH "+martin+"/notifications", reads).Is(t, 200)
	},
	"overlimit": func(t *testing.T, w *apitest.World) {
		e := event.Event{Fact: event.New("seat.threshold", nil), ID: "evt_1", Subject: apitest.Durand, PartnerID: apitest.Martin, Livemode: true}
		if err := notices.Handler(w.Table)(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	},
	"notices": func(t *testing.T, w *apitest.World) {
		post := apitest.NewPost(t)
		desk := notices.Desk{Table: w.Table, Post: post.Sender, ResetURL: "https://sign-in.example/reset"}
		direct := *w
		direct.Serve(table.New(w.Storage.Client, w.Storage.TableName, w.Always()...)) // what happens before is none of its own
		addressGiven(t, &direct)
		allDone(t, &direct, invitesLea, resets, action{seller, "PUT " + personOf(membership.Accountant) + "/roles/support", nil, nil}, takesAnother, campaigns)
		for _, e := range w.Happened(consent.Campaign) {
			if err := trail.Handler(table.New(w.Storage.Client, w.Storage.TableName, w.Always()...))(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		told := func(kind string) {
			for _, e := range w.Happened(kind) {
				if err := desk.Handle(t.Context(), e); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, kind := range []string{
			"licence.taken", collaborator.InvitationSent, "collaborator.roleGiven", profile.AddressGiven, consent.Asked, notice.PasswordReset,
		} {
			told(kind)
		}
		if n := len(post.Mails()); n != 6 {
			t.Errorf("%d mails, want one of each kind, and two customers asked", n)
		}
		looks := renewals.Desk{Table: table.New(w.Storage.Client, w.Storage.TableName, w.Always()...), Zone: apitest.Env.Zone}
		due := func(kind string, key table.Key) {
			if err := looks.Handle(t.Context(), table.Due{Type: kind, Key: key}); err != nil {
				t.Fatal(err)
			}
		}
		w.Advance(275 * day)
		due("licence", table.Licence(apitest.Durand, apitest.DurandLicence).Key)
		told(licence.Reminded)
		on := calendar.On(w.Now(), apitest.Env.Zone)
		w.Advance(time.Hour)
		due(table.TypeOf[notice.Digest](), table.Digest(notice.DigestID{PartnerID: apitest.Martin, Day: on, Number: 1}).Key)
		told(notice.RemindersGathered)
		if n := len(post.Mails()); n <= 6 {
			t.Error("nobody is mailed the digest")
		}
	},
}

// nowhereElse is a queue that takes everything.
type nowhereElse struct{}

func (nowhereElse) SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	return &sqs.SendMessageOutput{}, nil
}

// allDone fails unless all calls succeed.
func allDone(t *testing.T, w *apitest.World, all ...action) {
	t.Helper()
	did(all...)(t, w)
}

// A function may do in the table what it does, and nothing else.
func TestFunctionsMayDoWhatTheyDo(t *testing.T) {
	t.Parallel()
	for _, f := range functions.All(api.Env{}) {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			granted := slices.Clone(f.Table)
			for _, index := range f.Queries {
				name, _, _ := table.Index(index)
				granted = append(granted, "Query "+name)
			}
			slices.Sort(granted)
			does, ok := work[f.Name]
			if !ok {
				if len(granted) > 0 {
					t.Fatalf("is granted %v; what does it do?", granted)
				}
				return
			}
			w, p := apitest.New(t).Through(t)
			does(t, w)
			used := slices.DeleteFunc(p.Usage().Actions, func(a string) bool { return a == "DescribeTable" })
			if !slices.Equal(used, granted) {
				t.Errorf("uses    %v\nis granted %v", used, granted)
			}
		})
	}
}

// withDomain gives a customer another domain.
func withDomain(customerID, domain string) func(*testing.T, *apitest.World) {
	return func(t *testing.T, w *apitest.World) {
		edit(t, w, table.Customer(customerID), func(c *customer.Customer) { c.Domain = domain })
	}
}

func withoutDomain(customerID string) func(*testing.T, *apitest.World) {
	return withDomain(customerID, "")
}

// automatic gives a partner the policy of taking a licence for its new customers, past any proxy.
func automatic(t *testing.T, w *apitest.World, partnerID string, policy *partner.AutomaticLicence) {
	t.Helper()
	edit(t, w, table.Partner(partnerID), func(p *partner.Partner) { p.Automatic = policy })
}

// rejoin gives the person who had a role in an organisation others instead.
func rejoin(t *testing.T, w *apitest.World, organisation string, had membership.Role, roles []membership.Role) {
	t.Helper()
	edit(t, w, table.Membership(apitest.UserOf(organisation, had), organisation), func(m *membership.Membership) { m.Roles = roles })
}

// edit changes what no operation changes yet, past any proxy.
func edit[T any](t *testing.T, w *apitest.World, ref table.Ref[T], change func(*T)) {
	t.Helper()
	direct := table.New(w.Storage.Client, w.Storage.TableName, w.Always()...)
	call := table.Call{Load: []table.Load{ref}, Allow: func(*table.Tx) error { return nil }}
	_, _, err := table.Write(context.Background(), direct, call, func(tx *table.Tx) (*struct{}, error) {
		v, ok := ref.Find(tx)
		if !ok {
			return nil, fmt.Errorf("%v is not there", ref.Key)
		}
		change(&v)
		tx.Put(&v)
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
