package notices_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"comptoir/functions/apitest"
	"comptoir/functions/notices"
	"comptoir/functions/renewals"
	"comptoir/functions/trail"
	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/membership"
	"comptoir/shared/notice"
	"comptoir/shared/profile"
	"comptoir/shared/table"
	"comptoir/shared/table/proxy"
)

// reminder is that of a licence of Durand's, as a queue brings it.
func reminder(id string, with ...func(*event.Event)) event.Event {
	e := event.Event{
		Fact: event.New(licence.Reminded, map[string]any{
			"licenceId": "lic_" + id, "days": 30.0, "on": "2026-04-09", "lastDay": "2026-04-08", "what": "renews", "billTo": "partner",
			"next":        map[string]any{"planCode": apitest.Yearly, "quantity": 10.0, "term": "year", "price": map[string]any{"amount": 120000.0, "currency": "EUR"}},
			"unusedSeats": map[string]any{apitest.Expenses: 3.0},
		}),
		ID: "evt_" + id, At: apitest.Start, Subject: apitest.Durand, PartnerID: apitest.Martin, Livemode: true,
	}
	for _, w := range with {
		w(&e)
	}
	return e
}

func byCustomer(e *event.Event) { e.Data["billTo"] = "customer" }

func of(customerID, partnerID string) func(*event.Event) {
	return func(e *event.Event) { e.Subject, e.PartnerID = customerID, partnerID }
}

// look has what falls due looked after, of one item.
func look[T any](t *testing.T, w *apitest.World, ref table.Ref[T]) {
	t.Helper()
	if err := (renewals.Desk{Table: w.Table, Zone: apitest.Env.Zone}).Handle(t.Context(), table.Due{Type: table.TypeOf[T](), Key: ref.Key}); err != nil {
		t.Fatal(err)
	}
}

// day is that of the reminders.
var day = calendar.On(apitest.Start, apitest.Env.Zone)

func digest(number int) table.Ref[notice.Digest] {
	return table.Digest(notice.DigestID{PartnerID: apitest.Martin, Day: day, Number: number})
}

func handles(t *testing.T, d notices.Desk, all ...event.Event) {
	t.Helper()
	for _, e := range all {
		if err := d.Handle(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
}

// gathered closes Martin's first digest and gives the event that has it mailed.
func gathered(t *testing.T, w *apitest.World) event.Event {
	t.Helper()
	w.Advance(50 * time.Minute)
	for range 2 {
		look(t, w, digest(1))
	}
	all := w.Happened(notice.RemindersGathered)
	if len(all) != 1 {
		t.Fatalf("%d digests are on their way", len(all))
	}
	return all[0]
}

// proofs are those that were written once what follows from the mailing was, twice.
func proofs(t *testing.T, w *apitest.World) []event.Event {
	t.Helper()
	for range 2 {
		for _, e := range w.Happened(notice.RemindersMailed) {
			if err := trail.Handler(w.Table)(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
	}
	return w.Happened(licence.ReminderSent)
}

func to(all []apitest.Mail) []string {
	var addresses []string
	for _, m := range all {
		addresses = append(addresses, m.To)
	}
	slices.Sort(addresses)
	return addresses
}

func staff(roles ...membership.Role) (all []string) {
	for _, r := range roles {
		all = append(all, apitest.UserOf(apitest.Martin, r)+"@example.com")
	}
	return all
}

var sellers = staff(membership.AccountAdmin, membership.GlobalAdmin, membership.Sales)

func prefers(w *apitest.World, role membership.Role, body map[string]any) {
	w.As(apitest.Martin, role).Do("PATCH /v1/me", body)
}

// having gives the person of a role in Martin addresses that are confirmed.
func having(w *apitest.World, role membership.Role, addresses map[profile.Which]string) {
	p := profile.Profile{UserID: apitest.UserOf(apitest.Martin, role), Addresses: map[profile.Which]profile.Address{}}
	for which, mail := range addresses {
		p.Addresses[which] = profile.Address{Mail: mail, ConfirmedAt: apitest.Start}
	}
	w.Have(func(tx *table.Tx) { tx.Put(&p) })
}

// F3, from the day that is due to the proof in the customer's activity.
func TestAReminderFromItsDayToItsProof(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	d, p := desk(t, w)
	ref := table.Licence(apitest.Durand, apitest.DurandLicence)
	l := load(t, w, ref)
	w.Advance(l.End.AddDays(-30).Start(apitest.Env.Zone).Sub(w.Now()))
	for range 2 {
		look(t, w, ref)
	}
	reminded := w.Happened(licence.Reminded)
	if len(reminded) != 1 {
		t.Fatalf("reminded %d times", len(reminded))
	}
	handles(t, d, reminded[0], reminded[0])
	if all := p.Mails(); len(all) > 0 {
		t.Errorf("a partner's people are mailed before the digest: %v", to(all))
	}
	a := told(t, w)
	const text = "Maison Durand: COMPTA-YEARLY × 10 is renewed on 8 February 2027 for €1,200.00 a year, before tax; until 7 February 2027 it can be changed or called off. Seats that nobody has: expenses\u00a010."
	if len(a.Items()) != 1 || a.String("items.0.text") != text {
		t.Error(a.Text)
	}
	w.Advance(49 * time.Minute)
	id := notice.DigestID{PartnerID: apitest.Martin, Day: calendar.On(w.Now(), apitest.Env.Zone), Number: 1}
	look(t, w, table.Digest(id))
	if n := len(w.Happened(notice.RemindersGathered)); n > 0 {
		t.Error("a digest goes out while reminders may still be added")
	}
	w.Advance(time.Minute)
	for range 2 {
		look(t, w, table.Digest(id))
	}
	onWay := w.Happened(notice.RemindersGathered)
	if len(onWay) != 1 {
		t.Fatalf("%d digests are on their way", len(onWay))
	}
	handles(t, d, onWay[0], onWay[0])
	if got := to(p.Mails()); !slices.Equal(got, sellers) {
		t.Errorf("mailed to %v, want %v", got, sellers)
	}
	all := proofs(t, w)
	if len(all) != 1 {
		t.Fatalf("%d proofs", len(all))
	}
	proof := all[0]
	if f := proof.Fact; proof.Subject != apitest.Durand || f.Text("licenceId") != apitest.DurandLicence || f.Number("days") != 30 || f.Text("channel") != "mail" ||
		f.Text("to") != "partner" || f.Number("people") != 3 || fmt.Sprint(f.Data["mails"]) != "[mail-1 mail-2 mail-3]" || f.Text("at") != w.Now().Format(time.RFC3339) || strings.Contains(fmt.Sprint(f), "@") {
		t.Errorf("%+v", proof)
	}
	handles(t, d, proof)
	if a := told(t, w); len(a.Items()) != 1 {
		t.Errorf("the proof is told: %s", a.Text)
	}
	if a := w.Machine("operator").Do("GET /v1/customers/"+apitest.Durand+"/activity?limit=1", nil).Is(t, 200); a.String("items.0.kind") != licence.ReminderSent {
		t.Errorf("the customer's activity begins with %s", a.Text)
	}
}

func TestManyRemindersMakeOneDigest(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	d, p := desk(t, w)
	var all sync.WaitGroup
	for n := range 104 {
		e := reminder(fmt.Sprintf("%03d", n), func(e *event.Event) {
			if n == 103 { // the soonest comes last, and is of another
				e.Subject, e.Data["on"], e.Data["days"] = apitest.Dupont, "2026-03-17", 7.0
			}
		})
		if all.Go(func() { handles(t, d, e) }); n%13 == 12 {
			all.Wait()
		}
	}
	all.Wait()
	handles(t, d, gathered(t, w))
	mails := p.Mails()
	if got := to(mails); !slices.Equal(got, sellers) {
		t.Fatalf("mailed to %v", got)
	}
	m := mails[0]
	if m.Subject != "Cabinet Martin: 104 licences come to their renewal dates" {
		t.Error(m.Subject)
	}
	if n := strings.Count(m.Text, "\nMaison Du"); n != 100 || strings.Count(m.HTML, "<tr>") != 101 {
		t.Errorf("%d licences are listed", n)
	}
	if first := strings.Index(m.Text, "Maison Dupont"); first < 0 || first > strings.Index(m.Text, "Maison Durand") {
		t.Errorf("the soonest isn't the first: %s", m.Text)
	}
	if !strings.Contains(strings.ReplaceAll(m.Text, "\n", " "), "There are 4 more") || !strings.Contains(m.Text, "\nhttps://desk.example/renewals\n") {
		t.Errorf("the rest is not spoken of: %s", m.Text[:400])
	}
	if n := len(proofs(t, w)); n != 104 {
		t.Errorf("%d proofs of 104 reminders", n)
	}
	if n := len(w.Happened(licence.ReminderSent)); n != 104 {
		t.Errorf("%d proofs", n)
	}
}

// Who gets a digest, where, and in which language.
func TestWhoGetsADigest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before func(*testing.T, *apitest.World)
		with   func(*event.Event)
		to     []string
		proves int // people, of whom a proof speaks
	}{
		"those who look after licences, and no others": {to: sellers, proves: 3},
		"not who wants no reminders": {before: func(_ *testing.T, w *apitest.World) {
			prefers(w, membership.Sales, map[string]any{"mails": map[string]any{"renewals": false}})
		}, to: sellers[:2], proves: 2},
		"who wants them again": {before: func(_ *testing.T, w *apitest.World) {
			prefers(w, membership.Sales, map[string]any{"mails": map[string]any{"renewals": false}})
			prefers(w, membership.Sales, map[string]any{"mails": map[string]any{"renewals": true}})
		}, to: sellers, proves: 3},
		"nobody, and nothing is proved, when nobody wants them": {before: func(_ *testing.T, w *apitest.World) {
			for _, r := range []membership.Role{membership.Sales, membership.GlobalAdmin, membership.AccountAdmin} {
				prefers(w, r, map[string]any{"mails": map[string]any{"renewals": false}})
			}
		}},
		"not somebody who hasn't accepted": {before: func(t *testing.T, w *apitest.World) {
			seller(w).Do("POST "+martin+"/users", map[string]any{"mail": "lea@new.example", "roles": []string{"sales"}}).Is(t, 201)
		}, to: sellers, proves: 3},
		"each at the address that was confirmed for notices": {before: func(_ *testing.T, w *apitest.World) {
			having(w, membership.Sales, map[profile.Which]string{profile.Notification: "me@private.example", profile.Fallback: "late@private.example"})
		}, to: append([]string{"me@private.example"}, sellers[:2]...), proves: 2 + 1},
		"nobody of a denied domain (C17)": {before: func(_ *testing.T, w *apitest.World) {
			having(w, membership.Sales, map[profile.Which]string{profile.Notification: "me@martin.onmicrosoft.com"})
		}, to: sellers[:2], proves: 2},
		"all, whatever else was mailed to them within the hour": {before: func(_ *testing.T, w *apitest.World) {
			w.Have(func(tx *table.Tx) {
				for _, mail := range sellers {
					for _, at := range []time.Time{apitest.Start, apitest.Start.Add(time.Hour)} {
						_, full := table.MailsTo(mail, at)
						full.Mails = 30
						tx.Put(&full)
					}
				}
			})
		}, to: sellers, proves: 3},
		"nobody of a sandbox's (A5)":         {with: func(e *event.Event) { e.Livemode = false }},
		"nobody of a reminder that is muted": {with: func(e *event.Event) { e.Kind = licence.Muted }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apitest.New(t)
			d, p := desk(t, w)
			if c.before != nil {
				c.before(t, w)
			}
			e := reminder("1")
			if c.with != nil {
				c.with(&e)
			}
			handles(t, d, e, e)
			if c.with != nil {
				if kept := strings.Join(w.Contents(), "\n"); strings.Contains(kept, "DIGEST#") || strings.Contains(kept, "NOTIFICATION#") {
					t.Error("it is told, or gathered")
				}
				return
			}
			g := gathered(t, w)
			handles(t, d, g, g)
			want := slices.Sorted(slices.Values(c.to))
			if got := to(p.Mails()); !slices.Equal(got, want) {
				t.Errorf("mailed to %v, want %v", got, want)
			}
			all := proofs(t, w)
			if len(all) != min(1, c.proves) || c.proves > 0 && all[0].Number("people") != c.proves {
				t.Errorf("the proof is %v", all)
			}
		})
	}
}

func TestADigestIsInTheLanguageOfEach(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	d, p := desk(t, w)
	prefers(w, membership.Sales, map[string]any{"language": "fr"})
	handles(t, d, reminder("1"))
	handles(t, d, gathered(t, w))
	for _, m := range p.Mails() {
		subject, says := "Cabinet Martin: a licence of Maison Durand comes to its renewal date", []string{
			"Maison Durand (COMPTA-YEARLY × 10)\n- Renewal date: 9 April 2026 (last day to act: 8 April 2026)\n- What happens: is renewed (€1,200.00 a year, before tax)\n- Seats that nobody has: expenses 3",
		}
		if m.To == sellers[2] {
			subject, says = "Cabinet Martin : une licence de Maison Durand arrive à échéance", []string{
				"Maison Durand (COMPTA-YEARLY × 10)\n- Échéance : 9 avril 2026 (dernier jour pour agir : 8 avril 2026)\n- Ce qui se passe : se renouvelle (1 200,00 € par an, hors taxes)\n- Sièges sans titulaire : expenses 3",
			}
		}
		if got := plain.Replace(m.Subject); got != subject {
			t.Errorf("%s: %s, want %s", m.To, got, subject)
		}
		for _, s := range says {
			if !strings.Contains(plain.Replace(m.Text), s) {
				t.Errorf("%s: %q isn't in\n%s", m.To, s, plain.Replace(m.Text))
			}
		}
	}
}

// What comes after a digest is on its way has another, and none is lost.
func TestRemindersThatComeLater(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	d, p := desk(t, w)
	handles(t, d, reminder("1"))
	w.Advance(45*time.Minute - time.Millisecond)
	handles(t, d, reminder("2"))
	w.Advance(time.Millisecond)
	handles(t, d, reminder("3"))
	handles(t, d, reminder("1")) // once more
	w.Advance(time.Hour)
	for number, size := range map[int]string{1: "2 licences", 2: "a licence of"} {
		look(t, w, digest(number))
		all := w.Happened(notice.RemindersGathered)
		known := len(p.Mails())
		handles(t, d, all[slices.IndexFunc(all, func(e event.Event) bool { return e.Number("number") == number })])
		if mails := p.Mails()[known:]; len(mails) != 3 || !strings.Contains(mails[0].Subject, size) {
			t.Errorf("digest %d: %v", number, mails)
		}
	}
	if n := len(proofs(t, w)); n != 3 {
		t.Errorf("%d proofs of three reminders", n)
	}
}

func TestADigestThatIsInterrupted(t *testing.T) {
	t.Parallel()
	t.Run("a mail that fails keeps none of the others, and is sent when the message comes again", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		d, p := desk(t, w)
		handles(t, d, reminder("1"))
		g := gathered(t, w)
		p.Fails(3)
		if err := d.Handle(t.Context(), g); err == nil || len(p.Mails()) != 2 {
			t.Fatalf("%v, and %d mails", err, len(p.Mails()))
		}
		if n := len(proofs(t, w)); n != 0 {
			t.Error("it passes for mailed")
		}
		handles(t, d, g, g)
		if got := to(p.Mails()); !slices.Equal(got, sellers) {
			t.Errorf("mailed to %v", got)
		}
		if all := proofs(t, w); len(all) != 1 || all[0].Number("people") != 3 {
			t.Errorf("the proof is %v", all)
		}
	})
	t.Run("when it ends between a mail and its note, that one is sent again, and none that was noted", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		d, p := desk(t, w)
		handles(t, d, reminder("1"))
		g := gathered(t, w)
		through, proxied := w.Through(t)
		proxied.Before = func(operation string, _ []byte) {
			if operation == "TransactWriteItems" { // the first note; no other is kept
				proxied.Arm("TransactWriteItems", 100, proxy.FailBefore)
			}
		}
		if err := (notices.Desk{Table: through.Table, Post: d.Post, ResetURL: d.ResetURL}).Handle(t.Context(), g); err == nil || len(p.Mails()) != 2 {
			t.Fatalf("%v, and %d mails", err, len(p.Mails()))
		}
		noted := p.Mails()[0].To
		handles(t, d, g, g)
		again := to(p.Mails()[2:])
		if len(again) != 2 || slices.Contains(again, noted) {
			t.Errorf("mailed again to %v, and %s had been noted", again, noted)
		}
	})
	t.Run("two that mail at once prove once", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		d, _ := desk(t, w)
		handles(t, d, reminder("1"))
		g := gathered(t, w)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if err := d.Handle(t.Context(), g); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := len(w.Happened(notice.RemindersMailed)); n != 1 {
			t.Errorf("it was mailed %d times", n)
		}
		if n := len(proofs(t, w)); n != 1 {
			t.Errorf("%d proofs", n)
		}
	})
}

func muted(e *event.Event) { e.Kind = licence.Muted }

// Who pays for a licence is reminded of it, whoever wants to hear nothing; so is who has no partner to do it.
func TestCustomersThatAreReminded(t *testing.T) {
	t.Parallel()
	const admin = "usr-durand-admin@example.com"
	for name, c := range map[string]struct {
		e       event.Event
		before  func(*apitest.World)
		to      string
		partner bool // is told as well
		state   string
	}{
		"one that pays itself, and its partner":                 {reminder("1", byCustomer), nil, admin, true, "sent"},
		"one that pays itself, though its partner has muted it": {reminder("1", byCustomer, muted), nil, admin, false, "sent"},
		"one that no partner manages":                           {reminder("1", byCustomer, of(apitest.Direct, "")), nil, "ada@direct.example", false, "sent"},
		"one that pays itself, in the digest alone when its administrator wants no reminders": {reminder("1", byCustomer), func(w *apitest.World) {
			w.As(apitest.Durand, membership.Admin).Do("PATCH /v1/me", map[string]any{"mails": map[string]any{"renewals": false}})
		}, "", true, ""},
		"one of a denied domain, which is noted": {reminder("1", byCustomer, of(apitest.Direct, "")), func(w *apitest.World) {
			edit(t, w, table.Customer(apitest.Direct), func(c *customer.Customer) { c.Administrator.Mail = "ada@direct.onmicrosoft.com" })
		}, "", false, "suppressed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apitest.New(t)
			d, p := desk(t, w)
			if c.before != nil {
				c.before(w)
			}
			handles(t, d, c.e, c.e)
			var want []string
			if c.to != "" {
				want = []string{c.to}
			}
			if got := to(p.Mails()); !slices.Equal(got, want) {
				t.Errorf("mailed to %v, want %v", got, want)
			}
			for _, m := range p.Mails() {
				for _, s := range []string{"arrive à échéance le 9 avril 2026", "dernier jour pour agir : 8 avril 2026", "1 200,00 € par an, hors taxes", "expenses 3"} {
					if !strings.Contains(plain.Replace(m.Subject+m.Text), s) {
						t.Errorf("%q isn't in %s\n%s", s, m.Subject, m.Text)
					}
				}
			}
			address := c.to
			if c.state == "suppressed" {
				address = "ada@direct.onmicrosoft.com"
			}
			if got := state(t, w, c.e.ID, address); got != c.state {
				t.Errorf("noted as %q", got)
			}
			all := w.Happened(licence.ReminderSent)
			if len(all) != len(want) {
				t.Fatalf("%d proofs", len(all))
			}
			for _, proof := range all {
				if f := proof.Fact; proof.Subject != c.e.Subject || f.Text("to") != "customer" || f.Number("people") != 1 || fmt.Sprint(f.Data["mails"]) != "[mail-1]" || proof.Actor.Kind != "system" {
					t.Errorf("%+v", proof)
				}
			}
			a := w.Machine("operator").Do("GET /v1/customers/"+c.e.Subject+"/notifications", nil)
			if a.Status == 200 && len(a.Items()) != 1 {
				t.Errorf("the customer is told: %s", a.Text)
			}
			if n := len(told(t, w).Items()); (n == 1) != c.partner {
				t.Errorf("the partner is told of %d", n)
			}
			if begun := load(t, w, digest(1)).Number == 1; begun != c.partner {
				t.Errorf("a digest was begun: %t", begun)
			}
		})
	}
	t.Run("none that its partner pays for", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		d, p := desk(t, w)
		handles(t, d, reminder("1"))
		a := w.As(apitest.Durand, membership.Admin).Do("GET "+durand+"/notifications", nil).Is(t, 200)
		if len(a.Items()) != 0 || len(p.Mails()) != 0 {
			t.Errorf("%s, %v", a.Text, p.Mails())
		}
	})
}

// C16: what tells of money that is late goes to the fallback address, and to no other.
func TestMoneyThatIsLate(t *testing.T) {
	t.Parallel()
	late := func(kind, subject string) event.Event {
		return event.Event{
			Fact: event.New(kind, map[string]any{"number": "F-2026-17", "amount": map[string]any{"amount": 120000.0, "currency": "EUR"}, "dueOn": "2026-03-01"}),
			ID:   "evt_late", At: apitest.Start, Subject: subject, PartnerID: apitest.Martin, Livemode: true,
		}
	}
	both := map[profile.Which]string{profile.Notification: "me@private.example", profile.Fallback: "late@private.example"}
	fallback := func(role membership.Role) func(*testing.T, *apitest.World) {
		return func(_ *testing.T, w *apitest.World) { having(w, role, both) }
	}
	for name, c := range map[string]struct {
		kind, subject string
		before        func(*testing.T, *apitest.World)
		to            []string
		title         string
		text          string
	}{
		"an overdue invoice, to who does the billing": {
			notice.InvoiceOverdue, apitest.Martin, fallback(membership.Billing),
			[]string{"late@private.example"},
			"Cabinet Martin: an invoice is overdue",
			"Your invoice F-2026-17 of €1,200.00 was due on 1 March 2026 and is not paid.",
		},
		"a customer's payment that is late, to a global administrator": {
			notice.PaymentLate, apitest.Durand, fallback(membership.GlobalAdmin),
			[]string{"late@private.example"},
			"Maison Durand: a payment is late",
			"Maison Durand: the payment of €1,200.00 was due on 1 March 2026 and has not arrived.",
		},
		"a customer's invoice, also to who wants no reminders": {
			notice.InvoiceOverdue, apitest.Durand, func(t *testing.T, w *apitest.World) {
				fallback(membership.Billing)(t, w)
				edit(t, w, table.Profile(apitest.UserOf(apitest.Martin, membership.Billing)), func(p *profile.Profile) { *p, _ = p.Choose(profile.Renewals, false) })
			},
			[]string{"late@private.example"},
			"Maison Durand: an invoice is overdue",
			"Maison Durand: the invoice F-2026-17 of €1,200.00 was due on 1 March 2026 and is not paid.",
		},
		"nothing to who sells": {
			notice.PaymentLate, apitest.Martin, fallback(membership.Sales), nil, "", "Your payment of €1,200.00 was due on 1 March 2026 and has not arrived.",
		},
		"nothing to who has confirmed no fallback address": {
			notice.InvoiceOverdue, apitest.Martin, func(_ *testing.T, w *apitest.World) {
				having(w, membership.Billing, map[profile.Which]string{profile.Notification: "me@private.example"})
				prefers(w, membership.GlobalAdmin, map[string]any{"fallbackMail": "late@private.example"}) // not confirmed
			}, nil, "", "Your invoice F-2026-17 of €1,200.00 was due on 1 March 2026 and is not paid.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apitest.New(t)
			d, p := desk(t, w)
			c.before(t, w)
			e := late(c.kind, c.subject)
			handles(t, d, e, e)
			if got := to(p.Mails()); !slices.Equal(got, c.to) {
				t.Errorf("mailed to %v, want %v", got, c.to)
			}
			for _, m := range p.Mails() {
				if m.Subject != c.title || !strings.Contains(strings.ReplaceAll(m.Text, "\n", " "), c.text) {
					t.Errorf("%s\n%s", m.Subject, m.Text)
				}
			}
			if a := told(t, w); len(a.Items()) != 1 || a.String("items.0.text") != c.text {
				t.Errorf("told: %s", a.Text)
			}
		})
	}
}
