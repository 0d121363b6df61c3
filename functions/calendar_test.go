package functions_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"

	"comptoir/functions/apitest"
	"comptoir/functions/calendars"
	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/licence"
	"comptoir/shared/membership"
	"comptoir/shared/money"
	"comptoir/shared/partner"
	"comptoir/shared/plan"
	"comptoir/shared/table"
)

func civil(text string) calendar.Date {
	d, err := calendar.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

// ending is a licence of Dupont's whose term of a year ends on a day.
func ending(id, on string) licence.Licence {
	end := civil(on)
	l, _, err := licence.Take(licence.Order{
		LicenceID: id, CustomerID: apitest.Dupont, PartnerID: apitest.Martin, Origin: licence.Manual, Quantity: 2, Term: calendar.Year,
		AutoRenew: true, BillTo: licence.PaidByPartner,
	}, plan.Plan{Code: apitest.Yearly, Commitment: plan.Committed, Prices: map[calendar.Term]money.Money{calendar.Year: euros(120_00)}},
		licence.At(end.AddDays(-365).Start(apitest.Env.Zone), apitest.Env.Zone))
	if err != nil {
		panic(err)
	}
	l.End = end
	return l
}

// have puts licences into the table.
func have(w *apitest.World, all ...licence.Licence) {
	w.Have(func(tx *table.Tx) {
		for _, l := range all {
			tx.Put(&l)
		}
	})
}

// idsIn are the licences of a list, in order.
func idsIn(a apitest.Answer) []string {
	ids := []string{}
	for n := range a.Items() {
		ids = append(ids, a.String(fmt.Sprintf("items.%d.licenceId", n)))
	}
	return ids
}

func wantIDs(t *testing.T, a apitest.Answer, want ...string) {
	t.Helper()
	if got := idsIn(a.Is(t, 200)); !slices.Equal(got, want) {
		t.Errorf("lists %v, want %v", got, want)
	}
}

func TestRenewalsAreThoseOfTheDaysAsked(t *testing.T) {
	t.Parallel()
	w := apitest.New(t) // noon on 10 March in Paris
	have(w, ending("lic_a", "2026-03-09"), ending("lic_b", "2026-03-10"), ending("lic_c", "2026-06-08"), ending("lic_d", "2026-06-09"))
	list := func(query string) apitest.Answer { return viewer(w).Do("GET "+calendarOf+query, nil) }
	t.Run("from today on, for 90 days", func(t *testing.T) { wantIDs(t, list(""), "lic_b", "lic_c") })
	t.Run("the first and the last included", func(t *testing.T) {
		wantIDs(t, list("?from=2026-03-09&to=2026-06-08"), "lic_a", "lic_b", "lic_c")
	})
	t.Run("a single day", func(t *testing.T) { wantIDs(t, list("?from=2026-06-09&to=2026-06-09"), "lic_d") })
	t.Run("90 days from the first", func(t *testing.T) { wantIDs(t, list("?from=2026-03-11"), "lic_c", "lic_d") })
	t.Run("366 days at the most", func(t *testing.T) {
		wantIDs(t, list("?from=2026-03-10&to=2027-03-11"), "lic_b", "lic_c", "lic_d", apitest.DurandLicence)
	})
	t.Run("to the last day from today on", func(t *testing.T) { wantIDs(t, list("?to=2026-03-10"), "lic_b") })
}

// What is sold is counted in the publisher's days, wherever the function runs.
func TestTodayIsThePublishers(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	have(w, ending("lic_b", "2026-03-10"), ending("lic_c", "2026-03-11"))
	w.Advance(11*time.Hour + 59*time.Minute) // 22:59 UTC, 23:59 in Paris
	wantIDs(t, viewer(w).Do("GET "+calendarOf, nil), "lic_b", "lic_c")
	w.Advance(time.Minute)
	wantIDs(t, viewer(w).Do("GET "+calendarOf, nil), "lic_c")
}

// Pages of licences that end on one day bring each once, whatever is filtered.
func TestRenewalsOfOneDayArePaged(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	var all, some []string
	for n := range 7 {
		l := ending(fmt.Sprint("lic_", n), "2026-05-01")
		if n%3 == 0 {
			l.EndsOn, l.Ending, l.AutoRenew = l.End, licence.Expired, false
			some = append(some, l.ID)
		}
		have(w, l)
		all = append(all, l.ID)
	}
	for query, want := range map[string][]string{"": all, "&what=ends": some, "&what=waits": nil} {
		var got []string
		pages := 0
		for cursor := ""; ; pages++ {
			a := viewer(w).Do("GET "+calendarOf+"?from=2026-05-01&to=2026-05-01&limit=2"+query+"&cursor="+cursor, nil).Is(t, 200)
			if len(a.Items()) > 2 {
				t.Errorf("%q: %d rows in a page of two", query, len(a.Items()))
			}
			got = append(got, idsIn(a)...)
			if cursor = a.String("nextCursor"); cursor == "" {
				break
			}
		}
		if !slices.Equal(got, want) || pages > 4 {
			t.Errorf("%q: %v in %d pages, want %v", query, got, pages+1, want)
		}
	}
	a := viewer(w).Do("GET "+calendarOf+"?from=2026-05-01&to=2026-05-01&limit=2", nil).Is(t, 200)
	w.As(apitest.Nuage, membership.GlobalAdmin).Do("GET /v1/partners/"+apitest.Nuage+"/renewals?from=2026-05-01&to=2026-05-01&cursor="+a.String("nextCursor"), nil).Is(t, 422, "invalid_input")
}

func TestRenewalsSayWhatComes(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	scheduled := ending("lic_changes", "2026-05-01")
	scheduled.Scheduled = &licence.Scheduled{Offer: scheduled.Offer, Quantity: 5, Term: calendar.Year, On: scheduled.End}
	trial := ending("lic_converts", "2026-05-01")
	trial.OnTrial = true
	dropped := trial
	dropped.ID, dropped.AutoRenew = "lic_suspends", false
	ends := ending("lic_ends", "2026-05-01")
	ends.EndsOn, ends.Ending, ends.AutoRenew = ends.End, licence.Cancelled, false
	waits := ending("lic_waits", "2026-05-01")
	waits.Reasons = []licence.Reason{licence.Unpaid}
	quiet := ending("lic_quiet", "2026-05-01")
	quiet.MutedUntil = civil("2026-03-10")
	over := ending("lic_z", "2026-05-01")
	over.MutedUntil = civil("2026-03-09")
	have(w, scheduled, trial, dropped, ends, waits, quiet, over)
	a := viewer(w).Do("GET "+calendarOf+"?from=2026-05-01&to=2026-05-01", nil).Is(t, 200)
	got := map[string]string{}
	for n, id := range idsIn(a) {
		at := fmt.Sprintf("items.%d.", n)
		got[id] = fmt.Sprint(a.String(at+"what"), " ", a.String(at+"status"), " ", a.Get(at+"next.quantity"), " ", a.Get(at+"next.price.amount"), " ", a.Get(at+"autoRenew"), " ", a.Get(at+"mutedUntil"))
		for name, want := range map[string]string{"on": "2026-05-01", "lastDay": "2026-04-30", "customerId": apitest.Dupont, "customerName": "Maison Dupont", "planCode": apitest.Yearly} {
			if a.String(at+name) != want {
				t.Errorf("%s: %s is %q", id, name, a.String(at+name))
			}
		}
	}
	want := map[string]string{
		"lic_changes":  "renews active 5 60000 true <nil>",
		"lic_converts": "converts trial 2 24000 true <nil>",
		"lic_suspends": "suspends trial 2 0 false <nil>",
		"lic_ends":     "ends active 2 0 false <nil>",
		"lic_waits":    "waits suspended 2 0 true <nil>",
		"lic_quiet":    "renews active 2 24000 true 2026-03-10",
		"lic_z":        "renews active 2 24000 true <nil>",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// eventsOf are those of a document, by licence and term, as another program reads them.
func eventsOf(t *testing.T, a apitest.Answer) map[string]ical.Event {
	t.Helper()
	if got := a.Is(t, 200).Header["content-type"]; got != "text/calendar; charset=utf-8" {
		t.Fatalf("content type %q", got)
	}
	c, err := ical.NewDecoder(strings.NewReader(a.Text)).Decode()
	if err != nil {
		t.Fatalf("%v\n%s", err, a.Text)
	}
	all := map[string]ical.Event{}
	for _, e := range c.Events() {
		uid, err := e.Props.Text("UID")
		if err != nil || all[uid].Component != nil {
			t.Fatalf("uid %q: %v", uid, err)
		}
		all[uid] = e
	}
	return all
}

func summary(t *testing.T, e ical.Event) string {
	t.Helper()
	if e.Component == nil {
		t.Fatal("there is no such event")
	}
	text, err := e.Props.Text("SUMMARY")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

const asCalendar = "Accept: text/calendar"

func TestRenewalsAreReadAsACalendar(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	name := "Légumes, fleurs; \\n & fils\nEND:VEVENT" + strings.Repeat(" été", 30)
	edit(t, w, table.Customer(apitest.Dupont), func(c *customer.Customer) { c.Name = name })
	have(w, ending("lic_a", "2026-05-01"), ending("lic_b", "2026-05-01"), ending("lic_c", "2026-06-30"))
	asked := "GET " + calendarOf + "?from=2026-05-01&to=2026-05-31&limit=1"
	events := eventsOf(t, viewer(w).Do(asked, nil, asCalendar))
	if len(events) != 2 {
		t.Errorf("%d events: the limit of a page is none of the calendar", len(events))
	}
	e := events["lic_a-2025-05-01@comptoir"]
	if got := summary(t, e); got != name+": renewal of "+apitest.Yearly {
		t.Errorf("%q", got)
	}
	if start := e.Props.Get("DTSTART"); start.Value != "20260501" || start.ValueType() != ical.ValueDate {
		t.Errorf("starts %v", start)
	}
	said, err := e.Props.Text("DESCRIPTION")
	if err != nil || !strings.Contains(said, "until 30 April 2026") || !strings.Contains(said, "COMPTA-YEARLY × 2 is renewed on 1 May 2026") || !strings.Contains(said, "240.00") {
		t.Errorf("says %q, %v", said, err)
	}
	for _, language := range []string{"fr", "fr-CA,en;q=0.5"} {
		french := eventsOf(t, viewer(w).Do(asked, nil, asCalendar, "Accept-Language: "+language))
		if got := summary(t, french["lic_a-2025-05-01@comptoir"]); got != name+"\u00a0: renouvellement de "+apitest.Yearly {
			t.Errorf("%s: %q", language, got)
		}
	}
	t.Run("of one kind", func(t *testing.T) {
		if events := eventsOf(t, viewer(w).Do(asked+"&what=waits", nil, asCalendar)); len(events) != 0 {
			t.Errorf("%d events", len(events))
		}
	})
	t.Run("only by whoever prefers it", func(t *testing.T) {
		for _, accept := range []string{"application/json", "*/*", "text/html", "text/calendar;q=0.5, application/json", "application/json, text/calendar"} {
			if got := viewer(w).Do(asked, nil, "Accept: "+accept).Is(t, 200).Header["content-type"]; got != "application/json" {
				t.Errorf("%s is answered %s", accept, got)
			}
		}
		eventsOf(t, viewer(w).Do(asked, nil, "Accept: application/json;q=0.5, text/calendar; charset=utf-8"))
	})
	t.Run("not by others", func(t *testing.T) {
		w.As(apitest.Nuage, membership.GlobalAdmin).Do(asked, nil, asCalendar).Is(t, 404, "not_found")
		servant(w).Do(asked, nil, asCalendar).Is(t, 403, "forbidden")
	})
}

// The next term's event is another: what people note on the one stays with it.
func TestEachTermHasItsOwnEvent(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	before := ending("lic_a", "2026-03-10")
	after, _ := before.FallDue(licence.At(apitest.Start, apitest.Env.Zone))
	after.ID = "lic_b"
	have(w, before, after)
	events := eventsOf(t, viewer(w).Do("GET "+calendarOf+"?to=2027-03-10", nil, asCalendar))
	if events["lic_a-2025-03-10@comptoir"].Component == nil || events["lic_b-2026-03-10@comptoir"].Component == nil {
		t.Errorf("events %v", events)
	}
}

// linkOf makes a link and gives its address.
func linkOf(t *testing.T, by apitest.Client, headers ...string) string {
	t.Helper()
	return by.Do(links.request, nil, headers...).Is(t, 201).String("url")
}

func TestACalendarIsSubscribedTo(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	have(w, ending("lic_a", "2026-02-06"), ending("lic_b", "2026-02-07"), ending("lic_c", "2027-03-11"), ending("lic_d", "2027-03-12"))
	url := linkOf(t, viewer(w), "Accept-Language: fr")
	a := w.Subscribed(url)
	events := eventsOf(t, a)
	if len(events) != 3 || events["lic_b-2025-02-07@comptoir"].Component == nil || events["lic_c-2026-03-11@comptoir"].Component == nil {
		t.Errorf("31 days before today and 366 after it are %v", events)
	}
	if got := a.Header["cache-control"]; !strings.HasPrefix(got, "private") {
		t.Errorf("is kept: %q", got)
	}
	if !strings.Contains(a.Text, "REFRESH-INTERVAL;VALUE=DURATION:PT4H\r\nX-PUBLISHED-TTL:PT4H\r\n") {
		t.Errorf("doesn't say when to read it again: %s", a.Text)
	}
	t.Run("in the language of its maker, unless the program asks for another", func(t *testing.T) {
		if got := summary(t, events["lic_b-2025-02-07@comptoir"]); !strings.Contains(got, "renouvellement") {
			t.Errorf("%q", got)
		}
		english := eventsOf(t, w.Subscribed(url, "Accept-Language: en"))
		if got := summary(t, english["lic_b-2025-02-07@comptoir"]); !strings.Contains(got, "renewal") {
			t.Errorf("%q", got)
		}
	})
	t.Run("whatever the program takes", func(t *testing.T) { eventsOf(t, w.Subscribed(url, "Accept: application/json")) })
	t.Run("in its partner alone, whatever else is said", func(t *testing.T) {
		eventsOf(t, w.Subscribed(url, "X-Organisation: "+apitest.Nuage))
	})
}

func TestALinkIsOpenOnlyToWhoeverHasIt(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	url := linkOf(t, viewer(w))
	secret := url[strings.LastIndex(url, "=")+1:]
	before := fmt.Sprint(w.Contents())
	if len(secret) != 43 || strings.Contains(before, secret) {
		t.Fatalf("the secret %q lies in the table", secret)
	}
	for name, guess := range map[string]string{
		"nothing": "", "a part of it": secret[:42], "more than it": secret + "A", "another": token, "it in other letters": strings.ToUpper(secret),
		"it twice": secret + "," + secret, "spaces": strings.Repeat(" ", 43), "no ASCII": strings.Repeat("é", 43), "what is kept of it": linkKept(t, w),
	} {
		if who := w.Whose(guess); who.IsAuthorized || who.Context != nil {
			t.Errorf("%s is let in: %v", name, who)
		}
	}
	t.Run("and opens nothing else", func(t *testing.T) {
		holder := viewer(w).Linked(apitest.Martin)
		for _, request := range []string{"GET " + calendarOf, "GET " + martin + "/customers", "GET /v1/me", links.request} {
			holder.Do(request, nil).Is(t, 401, "unauthenticated")
			holder.For(apitest.Martin).Do(request, nil).Is(t, 401, "unauthenticated")
		}
	})
	t.Run("not even to a token, without one", func(t *testing.T) {
		seller(w).Do("GET /v1/calendars/renewals?token="+secret, nil).Is(t, 401, "unauthenticated")
	})
	if after := fmt.Sprint(w.Contents()); after != before {
		t.Error("reading has written something")
	}
}

// linkKept is what is kept of the secret of the only link.
func linkKept(t *testing.T, w *apitest.World) (hash string) {
	t.Helper()
	ref := table.Links(apitest.Martin)
	_, err := table.Read(t.Context(), w.Table, table.Call{Load: []table.Load{ref}, Allow: table.Unasked}, func(tx *table.Tx) (*struct{}, error) {
		l, err := ref.Get(tx)
		hash = l.All[0].Hash
		return nil, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// A request that is repeated makes no second link, and the secret isn't kept to be told again.
func TestALinkIsToldOnce(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	first := viewer(w).Do(links.request, nil, onlyKey).Is(t, 201)
	again := viewer(w).Do(links.request, nil, onlyKey).Is(t, 201)
	if first.String("url") == "" || again.Get("url") != nil || again.String("id") != first.String("id") || again.Header["idempotency-replayed"] != "true" {
		t.Errorf("first %s\nagain %s", first.Text, again.Text)
	}
	list := viewer(w).Do("GET "+calendarOf+"/links", nil).Is(t, 200)
	if len(list.Items()) != 1 || list.String("items.0.by") != "P. usr-martin-viewer" || list.Get("items.0.url") != nil {
		t.Errorf("lists %s", list.Text)
	}
	list.Lacks(t, linkKept(t, w))
	made := w.Happened(partner.LinkMade)
	if len(made) != 1 || strings.Contains(fmt.Sprint(made), linkKept(t, w)) {
		t.Errorf("recorded %v", made)
	}
}

func TestALinkThatIsRevokedIsClosedAtOnce(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	mine, other := linkOf(t, viewer(w)), linkOf(t, viewer(w))
	id := viewer(w).Do("GET "+calendarOf+"/links", nil).String("items.0.id")
	sales(w).Do("DELETE "+calendarOf+"/links/"+id, nil).Is(t, 403, "forbidden")
	w.As(apitest.Nuage, membership.GlobalAdmin).Do("DELETE /v1/partners/"+apitest.Nuage+"/renewals/links/"+id, nil).Is(t, 404, "not_found")
	w.Subscribed(mine).Is(t, 200)
	assistant(w).Do("DELETE "+calendarOf+"/links/"+id, nil).Is(t, 200)
	w.Subscribed(mine).Is(t, 403)
	w.Subscribed(other).Is(t, 200)
	viewer(w).Do("DELETE "+calendarOf+"/links/"+id, nil).Is(t, 404, "not_found")
	if revoked := w.Happened(partner.LinkRevoked); len(revoked) != 1 || revoked[0].Actor.ID != apitest.UserOf(apitest.Martin, membership.AccountAdmin) {
		t.Errorf("recorded %v", revoked)
	}
}

func TestAPartnerHasTwentyLinks(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	for range partner.MaxLinks {
		linkOf(t, viewer(w))
	}
	seller(w).Do(links.request, nil).Is(t, 409, "limit_reached")
	id := viewer(w).Do("GET "+calendarOf+"/links", nil).String("items.7.id")
	viewer(w).Do("DELETE "+calendarOf+"/links/"+id, nil).Is(t, 200)
	linkOf(t, seller(w))
}

// Behind a link is what its maker may see: nothing once that is nothing, without saying why.
func TestALinkEndsWithTheRoleOfItsMaker(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	url, stays := linkOf(t, viewer(w)), linkOf(t, sales(w))
	rejoin(t, w, apitest.Martin, membership.Viewer, []membership.Role{membership.Accountant})
	nothing := w.Subscribed(url).Is(t, 404, "not_found")
	rejoin(t, w, apitest.Martin, membership.Viewer, []membership.Role{membership.Viewer})
	w.Subscribed(url).Is(t, 200)
	seller(w).Do("DELETE "+user(membership.Viewer), nil).Is(t, 200)
	if gone := w.Subscribed(url).Is(t, 404, "not_found"); gone.Text != nothing.Text {
		t.Errorf("who has left is told %s, who may not %s", gone.Text, nothing.Text)
	}
	w.Subscribed(stays).Is(t, 200)
}

// However many there are, a calendar ends, and says so.
func TestACalendarHoldsSoMany(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	var all []licence.Licence
	for n := range calendars.MaxEvents - 1 {
		l := ending(fmt.Sprintf("lic_%04d", n), "2026-05-01")
		l.Prices = nil
		all = append(all, l)
	}
	have(w, append(all, ending("lic_a", "2026-05-02"))...)
	asked := "GET " + calendarOf + "?from=2026-04-01&to=2026-12-31"
	whole := viewer(w).Do(asked, nil, asCalendar)
	if n := len(eventsOf(t, whole)); n != calendars.MaxEvents || strings.Contains(whole.Text, "There are more") {
		t.Errorf("%d events", n)
	}
	have(w, ending("lic_b", "2026-05-03"))
	cut := viewer(w).Do(asked, nil, asCalendar)
	if n := len(eventsOf(t, cut)); n != calendars.MaxEvents || !strings.Contains(cut.Text, "X-WR-CALDESC:There are more renewals than the calendar holds") || !strings.Contains(cut.Text, "2 May 2026.") {
		t.Errorf("%d events: %s", n, cut.Text[:600])
	}
}

func TestRemindersAreMutedAndTheLicenceSaysSo(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	before := seller(w).Do("GET "+oneOfDurand, nil).Is(t, 200)
	w.Advance(time.Second) // so that what follows comes later
	if before.Get("mutedUntil") != nil || fmt.Sprint(before.Get("reminders")) != "[60 30 7 1]" || before.String("coming.what") != "renews" || before.String("coming.lastDay") != "2027-02-07" {
		t.Errorf("before: %s", before.Text)
	}
	a := sales(w).Do(mutes.request, mutes.body).Is(t, 200)
	if a.String("mutedUntil") != "2026-12-31" || a.Header["etag"] != `"2"` {
		t.Errorf("answered %s", a.Text)
	}
	w.Advance(time.Second)
	seller(w).Do(mutes.request, map[string]any{"mutedUntil": ""}, `If-Match: "1"`).Is(t, 412, "version_mismatch")
	lifted := seller(w).Do(mutes.request, map[string]any{"mutedUntil": ""}, `If-Match: "2"`).Is(t, 200)
	if lifted.Get("mutedUntil") != nil {
		t.Errorf("lifted: %s", lifted.Text)
	}
	activity := viewer(w).Do("GET "+ofDurand+"/activity", nil).Is(t, 200)
	if activity.String("items.0.kind") != licence.RemindersUnmuted || activity.String("items.1.kind") != licence.RemindersMuted || activity.String("items.1.data.mutedUntil") != "2026-12-31" {
		t.Errorf("the activity has %s", activity.Text)
	}
	seller(w).Do("POST "+oneOfDurand+"/cancel", map[string]any{"when": "atRenewal"}).Is(t, 200)
	if ends := viewer(w).Do("GET "+oneOfDurand, nil); ends.String("coming.what") != "ends" || ends.Get("coming.price.amount") != 0.0 {
		t.Errorf("comes to its end: %s", ends.Text)
	}
	w.Advance(400 * 24 * time.Hour)
	seller(w).Do(mutes.request, map[string]any{"mutedUntil": ""}).Is(t, 409, "licence_already_ended")
	if ended := viewer(w).Do("GET "+oneOfDurand, nil); ended.Get("coming") != nil {
		t.Errorf("nothing comes any more: %s", ended.Text)
	}
}
