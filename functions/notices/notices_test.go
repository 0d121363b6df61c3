package notices_test

import (
	"log/slog"
	"maps"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"comptoir/functions/apitest"
	"comptoir/functions/notices"
	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/id"
	"comptoir/shared/membership"
	"comptoir/shared/notice"
	"comptoir/shared/profile"
	"comptoir/shared/table"
)

func taken(livemode bool) event.Event {
	return event.Event{
		Fact: event.New("licence.taken", map[string]any{"quantity": 10}), ID: "evt_1", At: apitest.Start,
		Subject: apitest.Dupont, PartnerID: apitest.Martin, Livemode: livemode,
	}
}

func told(t *testing.T, w *apitest.World) apitest.Answer {
	t.Helper()
	return w.As(apitest.Martin, membership.Billing).Do("GET /v1/partners/"+apitest.Martin+"/notifications", nil).Is(t, 200)
}

func TestNotices(t *testing.T) {
	t.Parallel()
	t.Run("an event that comes twice, or often at once, is told of once", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		handle := notices.Handler(w.Table)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := handle(t.Context(), taken(true)); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		before := strings.Join(w.Contents(), "\n")
		if err := handle(t.Context(), taken(true)); err != nil {
			t.Fatal(err)
		}
		if after := strings.Join(w.Contents(), "\n"); after != before {
			t.Errorf("a message handled again changed something:\n%s\nwas\n%s", after, before)
		}
		answer := told(t, w)
		if len(answer.Items()) != 1 || answer.String("items.0.text") != "A licence was taken for Maison Dupont." {
			t.Error(answer.Text)
		}
	})
	for name, e := range map[string]event.Event{
		"nobody is told of what happens in sandboxes":   taken(false),
		"nobody is told of the publisher's own":         {Fact: event.New("licence.taken", nil), ID: "evt_1", Subject: apitest.Direct, Livemode: true},
		"nobody is told of what is nobody's to be told": {Fact: event.New("plan.changed", nil), ID: "evt_1", Subject: apitest.Yearly, PartnerID: apitest.Martin, Livemode: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apitest.New(t)
			if err := notices.Handler(w.Table)(t.Context(), e); err != nil {
				t.Fatal(err)
			}
			if answer := told(t, w); len(answer.Items()) != 0 {
				t.Error(answer.Text)
			}
		})
	}
	t.Run("both sides are told of seats near the cap, once each, in whatever order and however often", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		crossing := func(id string, percent, used int, state string) event.Event {
			return event.Event{
				Fact: event.New(notice.Threshold, map[string]any{"module": "expenses", "threshold": percent, "state": state, "used": used, "cap": 10}),
				ID:   id, At: apitest.Start, Subject: apitest.Durand, PartnerID: apitest.Martin, Livemode: true,
			}
		}
		warning, full := crossing("evt_1", 80, 8, "warning"), crossing("evt_2", 100, 10, "full")
		var all sync.WaitGroup
		for _, e := range []event.Event{full, warning, full, warning, warning, full} {
			all.Go(func() {
				if err := notices.Handler(w.Table)(t.Context(), e); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		want := "Maison Durand: the cap of 10 is reached for expenses. Maison Durand: 8 of 10 seats of expenses are used."
		for _, answer := range []apitest.Answer{
			told(t, w), w.As(apitest.Durand, membership.Admin).Do("GET /v1/customers/"+apitest.Durand+"/notifications", nil).Is(t, 200),
		} {
			if got := answer.String("items.0.text") + " " + answer.String("items.1.text"); got != want || len(answer.Items()) != 2 {
				t.Error(answer.Text)
			}
		}
	})
	t.Run("what was marked as read stays so when the event comes again", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		if err := notices.Handler(w.Table)(t.Context(), taken(true)); err != nil {
			t.Fatal(err)
		}
		by, path := w.As(apitest.Martin, membership.Sales), "/v1/partners/"+apitest.Martin+"/notifications"
		mark := func(read bool, want float64) {
			t.Helper()
			if a := by.Do("PATCH "+path, map[string]any{"ids": []string{"evt_1"}, "read": read}).Is(t, 200); a.Get("changed") != want {
				t.Error(a.Text)
			}
		}
		mark(true, 1)
		mark(true, 0)
		if err := notices.Handler(w.Table)(t.Context(), taken(true)); err != nil {
			t.Fatal(err)
		}
		if a := by.Do("GET "+path, nil); a.Get("items.0.read") != true {
			t.Error(a.Text)
		}
		if a := by.Do("GET "+path+"?unread=true", nil).Is(t, 200); len(a.Items()) != 0 {
			t.Error(a.Text)
		}
		mark(false, 1)
		if a := by.Do("GET "+path+"?unread=true", nil).Is(t, 200); len(a.Items()) != 1 {
			t.Error(a.Text)
		}
	})
	t.Run("an event of a customer that isn't there fails, and comes again", func(t *testing.T) {
		t.Parallel()
		e := taken(true)
		e.Subject = "cus_nobody"
		if err := notices.Handler(apitest.New(t).Table)(t.Context(), e); err == nil {
			t.Error("it passes for handled")
		}
	})
}

// desk is the mailing of a world.
func desk(t *testing.T, w *apitest.World) (notices.Desk, *apitest.Post) {
	p := apitest.NewPost(t)
	return notices.Desk{Table: w.Table, Post: p.Sender, ResetURL: "https://sign-in.example/reset"}, p
}

func seller(w *apitest.World) apitest.Client {
	return w.As(apitest.Martin, membership.GlobalAdmin).Signed("claire@martin.example")
}

const (
	martin = "/v1/partners/" + apitest.Martin
	durand = "/v1/customers/" + apitest.Durand
)

func col(mail string) string {
	return martin + "/collaborators/" + collaborator.ID(apitest.Martin, mail)
}

// accountant is where Martin's accountant is.
var accountant = col(apitest.UserOf(apitest.Martin, membership.Accountant) + "@example.com")

func invites(w *apitest.World, with map[string]any) {
	body := map[string]any{"mail": "lea@new.example", "roles": []string{"accountant"}, "language": "fr"}
	maps.Copy(body, with)
	seller(w).Do("POST "+martin+"/collaborators", body)
}

// link is the secret in the link of a mail.
var link = regexp.MustCompile(`https://desk\.example/(\w+)#([A-Za-z0-9_-]{43})`)

func secret(t *testing.T, m apitest.Mail) (page, token string) {
	t.Helper()
	found := link.FindStringSubmatch(m.Text)
	if found == nil || !strings.Contains(m.HTML, found[0]) {
		t.Fatalf("there is no link in %q and %q", m.Text, m.HTML)
	}
	return found[1], found[2]
}

// Every kind of event that somebody is written to because of: to whom, in which language, with which link.
func TestMails(t *testing.T) {
	t.Parallel()
	english := func(by func(*apitest.World) apitest.Client) func(*apitest.World) {
		return func(w *apitest.World) { by(w).Do("PATCH /v1/me", map[string]any{"language": "en"}) }
	}
	manager := func(w *apitest.World) apitest.Client { return w.As(apitest.Durand, membership.Admin) }
	nobody := func(*apitest.World) {}
	asks := func(w *apitest.World) {
		asked, facts := consent.Consent{CustomerID: apitest.Durand, CustomerName: "Maison Durand", PartnerID: apitest.Martin, PartnerName: "Cabinet Martin"}.Ask("P.", 0, apitest.Start)
		c := customer.Customer{ID: apitest.Durand, PartnerID: apitest.Martin, Livemode: true}
		w.Have(func(tx *table.Tx) {
			tx.Put(&asked)
			tx.Record(&c, facts...)
		})
	}
	asksLonely := func(w *apitest.World) {
		c, _ := customer.Appear(customer.Report{
			CustomerID: "cus_lonely", AccountID: "acc-lonely", PartnerID: apitest.Martin, Name: "Lonely",
			Administrator: customer.Administrator{Name: "Ada", Mail: "ada@lonely.example"},
		})
		asked, facts := consent.Consent{CustomerID: c.ID, CustomerName: c.Name, PartnerID: apitest.Martin, PartnerName: "Cabinet Martin"}.Ask("P.", 0, apitest.Start)
		w.Have(func(tx *table.Tx) {
			tx.Put(&c)
			tx.Put(&asked)
			tx.Record(&c, facts...)
		})
	}
	administers := func(w *apitest.World) { // whose administrator is a user
		edit(t, w, table.Customer(apitest.Durand), func(c *customer.Customer) { c.Administrator.UserID = apitest.UserOf(apitest.Durand, membership.Admin) })
	}
	gives := func(w *apitest.World) { seller(w).Do("PUT "+accountant+"/roles/support", nil) }
	address := func(which, mail string) func(*apitest.World) {
		return func(w *apitest.World) { seller(w).Do("PATCH /v1/me", map[string]any{which: mail}) }
	}
	confirmed := func(user string) func(*apitest.World) {
		return func(w *apitest.World) {
			w.Have(func(tx *table.Tx) {
				tx.Put(&profile.Profile{UserID: user, Language: "fr", Addresses: map[profile.Which]profile.Address{
					profile.Notification: {Mail: "me@private.example", ConfirmedAt: apitest.Start, Wanted: "not@yet.example", Number: 2},
					profile.Fallback:     {Mail: "late@private.example", ConfirmedAt: apitest.Start},
				}})
			})
		}
	}
	resets := func(member string) func(*apitest.World) {
		return func(w *apitest.World) { manager(w).Do("POST "+durand+"/members/"+member+"/passwordReset", nil) }
	}
	for name, c := range map[string]struct {
		kind    string
		before  func(*apitest.World)
		what    func(*apitest.World)
		to      string
		subject string
		link    string // that the mail leads to, or its start
	}{
		"an invitation, in its language": {
			collaborator.InvitationSent, nobody, func(w *apitest.World) { invites(w, nil) }, "lea@new.example", "Cabinet Martin vous invite", "https://desk.example/invitation#",
		},
		"an invitation in English": {
			collaborator.InvitationSent, nobody, func(w *apitest.World) { invites(w, map[string]any{"language": "en"}) }, "lea@new.example", "Cabinet Martin invites you", "https://desk.example/invitation#",
		},
		"an invitation of a user": {
			collaborator.InvitationSent, nobody, func(w *apitest.World) {
				seller(w).Do("POST "+martin+"/users", map[string]any{"mail": "lea@new.example", "roles": []string{"sales"}}, "Accept-Language: en")
			}, "lea@new.example", "Cabinet Martin invites you", "https://desk.example/invitation#",
		},
		"a new role, as the person was invited": {
			"collaborator.roleGiven", nobody, gives, apitest.UserOf(apitest.Martin, membership.Accountant) + "@example.com", "Cabinet Martin: you have a new role", "https://desk.example/customers",
		},
		"a new role, where and in the language that the person prefers": {
			"collaborator.roleGiven", confirmed(apitest.UserOf(apitest.Martin, membership.Accountant)), gives, "me@private.example", "Cabinet Martin : vous avez un nouveau rôle", "https://desk.example/customers",
		},
		"an address to confirm": {
			profile.AddressGiven, nobody, address("notificationMail", "claire@private.example"), "claire@private.example", "Confirmez votre adresse", "https://desk.example/address#",
		},
		"a fallback address to confirm, in English": {
			profile.AddressGiven, english(seller), address("fallbackMail", "late@private.example"), "late@private.example", "Confirm your address", "https://desk.example/address#",
		},
		"a consent that is asked for": {
			consent.Asked, nobody, asks, "usr-durand-admin@example.com", "Cabinet Martin demande votre consentement", "https://desk.example/consents/par_martin",
		},
		"a consent that is asked for, in the administrator's language": {
			consent.Asked, func(w *apitest.World) { administers(w); english(manager)(w) }, asks, "usr-durand-admin@example.com", "Cabinet Martin asks for your consent", "https://desk.example/consents/par_martin",
		},
		"a consent that is asked for, where the administrator wants it": {
			consent.Asked, func(w *apitest.World) {
				administers(w)
				confirmed(apitest.UserOf(apitest.Durand, membership.Admin))(w)
			}, asks, "me@private.example", "Cabinet Martin demande votre consentement", "https://desk.example/consents/par_martin",
		},
		"a consent that is asked for, of a customer whose people are not known here": {
			consent.Asked, nobody, asksLonely, "ada@lonely.example", "Cabinet Martin demande votre consentement", "https://desk.example/consents/par_martin",
		},
		"a password to set anew": {
			notice.PasswordReset, nobody, resets("ada"), "ada@example.com", "Choisissez un nouveau mot de passe", "https://sign-in.example/reset",
		},
		"a password to set anew: to the address of the member, not to one that it prefers": {
			notice.PasswordReset, confirmed("ada"), resets("ada"), "ada@example.com", "Choisissez un nouveau mot de passe", "https://sign-in.example/reset",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apitest.New(t)
			d, p := desk(t, w)
			c.before(w)
			known := len(w.Happened(c.kind))
			c.what(w)
			happened := w.Happened(c.kind)[known:]
			if len(happened) != 1 {
				t.Fatalf("%d events of the kind %s", len(happened), c.kind)
			}
			for range 2 {
				if err := d.Handle(t.Context(), happened[0]); err != nil {
					t.Fatal(err)
				}
			}
			all := p.Mails()
			if len(all) != 1 {
				t.Fatalf("%d mails for one event that came twice", len(all))
			}
			if m := all[0]; m.To != c.to || plain.Replace(m.Subject) != c.subject || !strings.Contains(m.Text, c.link) {
				t.Errorf("to %s: %s\n%s\nwant to %s: %s … %s", m.To, m.Subject, m.Text, c.to, c.subject, c.link)
			}
		})
	}
}

// plain are ordinary spaces for the French ones.
var plain = strings.NewReplacer("\u00a0", " ", "\u202f", " ")

// edit changes what no operation changes.
func edit[T any](t *testing.T, w *apitest.World, ref table.Ref[T], change func(*T)) {
	t.Helper()
	call := table.Call{Load: []table.Load{ref}, Allow: func(*table.Tx) error { return nil }}
	_, _, err := table.Write(t.Context(), w.Table, call, func(tx *table.Tx) (*struct{}, error) {
		v, _ := ref.Find(tx)
		change(&v)
		tx.Put(&v)
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// handle has the events of a kind mailed.
func handle(t *testing.T, d notices.Desk, w *apitest.World, kind string) []event.Event {
	t.Helper()
	all := w.Happened(kind)
	for _, e := range all {
		if err := d.Handle(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestLinks(t *testing.T) {
	t.Parallel()
	const accept, confirm = "POST /v1/invitations/accept", "POST /v1/me/addresses/confirm"
	lea := func(w *apitest.World) apitest.Client { return w.Person("usr-lea").Signed("Lea@new.example") }
	t.Run("that of an invitation lets the person in, once", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		d, p := desk(t, w)
		invites(w, nil)
		handle(t, d, w, collaborator.InvitationSent)
		_, token := secret(t, p.Mails()[0])
		w.Person("usr-eve").Signed("eve@new.example").Do(accept, map[string]any{"token": token}).Is(t, 409, "invitation_other_address")
		a := lea(w).Do(accept, map[string]any{"token": token}).Is(t, 200)
		if a.String("organisationId") != apitest.Martin || a.String("roles.0") != "accountant" {
			t.Error(a.Text)
		}
		lea(w).For(apitest.Martin).Do("GET "+martin, nil).Is(t, 200)
		lea(w).Do(accept, map[string]any{"token": token}).Is(t, 409, "invitation_ended")
		lea(w).Do(accept, map[string]any{"token": strings.Repeat("x", 43)}).Is(t, 404, "not_found")
	})
	t.Run("that of the latest invitation alone is good", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		d, p := desk(t, w)
		invites(w, nil)
		handle(t, d, w, collaborator.InvitationSent)
		seller(w).Do("POST "+col("lea@new.example")+"/invitation", nil).Is(t, 200)
		handle(t, d, w, collaborator.InvitationSent)
		all := p.Mails()
		if len(all) != 2 {
			t.Fatalf("%d mails", len(all))
		}
		_, first := secret(t, all[0])
		_, second := secret(t, all[1])
		lea(w).Do(accept, map[string]any{"token": first}).Is(t, 409, "invitation_ended")
		lea(w).Do(accept, map[string]any{"token": second}).Is(t, 200)
	})
	t.Run("that of an invitation is over after 14 days", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		d, p := desk(t, w)
		invites(w, nil)
		handle(t, d, w, collaborator.InvitationSent)
		_, token := secret(t, p.Mails()[0])
		w.Advance(collaborator.Lifetime)
		lea(w).Do(accept, map[string]any{"token": token}).Is(t, 409, "invitation_expired")
	})
	t.Run("that of an address makes it count, for its user alone", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		d, p := desk(t, w)
		seller(w).Do("PATCH /v1/me", map[string]any{"notificationMail": "claire@private.example", "fallbackMail": "late@private.example"}).Is(t, 200)
		handle(t, d, w, profile.AddressGiven)
		for _, m := range p.Mails() {
			_, token := secret(t, m)
			w.As(apitest.Martin, membership.Sales).Do(confirm, map[string]any{"token": token}).Is(t, 404, "not_found")
			lea(w).Do(accept, map[string]any{"token": token}).Is(t, 404, "not_found") // nor is it good for anything else
			a := seller(w).Do(confirm, map[string]any{"token": token}).Is(t, 200)
			if !strings.Contains(a.Text, `"mail":"`+m.To+`"`) {
				t.Error(a.Text)
			}
			seller(w).Do(confirm, map[string]any{"token": token}).Is(t, 409, "link_ended")
		}
	})
}

// Not beside others: the log is everybody's.
func TestSecretsAreToldToNobodyElse(t *testing.T) {
	const accept, confirm = "POST /v1/invitations/accept", "POST /v1/me/addresses/confirm"
	var logged strings.Builder
	log := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
	defer slog.SetDefault(log)
	w := apitest.New(t)
	d, p := desk(t, w)
	invites(w, nil)
	seller(w).Do("PATCH /v1/me", map[string]any{"notificationMail": "claire@private.example"}).Is(t, 200)
	for _, kind := range []string{collaborator.InvitationSent, profile.AddressGiven} {
		handle(t, d, w, kind)
		handle(t, d, w, kind)
	}
	p.Refuses("BadRequestException")
	invites(w, map[string]any{"mail": "refused@new.example"})
	handle(t, d, w, collaborator.InvitationSent)
	for _, m := range p.Mails() {
		page, token := secret(t, m)
		if page == "invitation" {
			w.Person("usr-lea").Signed("lea@new.example").Do(accept, map[string]any{"token": token}).Is(t, 200)
		} else {
			seller(w).Do(confirm, map[string]any{"token": token}).Is(t, 200)
		}
		kept := strings.Join(w.Contents(), "\n")
		if strings.Contains(kept, token) || strings.Contains(logged.String(), token) {
			t.Errorf("the secret of %s is kept", page)
		}
		if !strings.Contains(kept, "TOKEN#"+id.Hash(token)) {
			t.Errorf("the hash of the secret of %s is not", page)
		}
	}
	for _, address := range []string{"lea@new.example", "claire@private.example", "refused@new.example"} {
		if strings.Contains(logged.String(), address) {
			t.Errorf("an address is logged: %s", logged.String())
		}
	}
	if !strings.Contains(logged.String(), "mail refused") {
		t.Errorf("what was refused isn't logged: %s", logged.String())
	}
}

// What nobody wants any more, or may get, isn't sent.
func TestMailsThatAreNotSent(t *testing.T) {
	t.Parallel()
	resent := func(w *apitest.World) { seller(w).Do("POST "+col("lea@new.example")+"/invitation", nil) }
	for name, c := range map[string]struct {
		kind string
		what func(*apitest.World)
		then func(*apitest.World) // after the first event
		sent int
	}{
		"an invitation that was replaced": {collaborator.InvitationSent, func(w *apitest.World) { invites(w, nil) }, resent, 1},
		"an invitation that was revoked": {collaborator.InvitationSent, func(w *apitest.World) { invites(w, nil) }, func(w *apitest.World) {
			seller(w).Do("DELETE "+col("lea@new.example")+"/invitation", nil)
		}, 0},
		"an invitation of who was removed": {collaborator.InvitationSent, func(w *apitest.World) { invites(w, nil) }, func(w *apitest.World) {
			seller(w).Do("DELETE "+col("lea@new.example"), nil)
		}, 0},
		"an invitation that has expired":           {collaborator.InvitationSent, func(w *apitest.World) { invites(w, nil) }, func(w *apitest.World) { w.Advance(collaborator.Lifetime) }, 0},
		"a role to somebody who is invited anyway": {"collaborator.roleGiven", func(w *apitest.World) { invites(w, nil) }, func(*apitest.World) {}, 0},
		"a role that somebody had before accepting, of which the invitation has told": {"collaborator.roleGiven", func(w *apitest.World) { invites(w, nil) }, func(w *apitest.World) {
			tx := w.Table.Draft(w.Now(), "seed", event.Actor{}, "")
			tx.Put(&table.Token{Hash: id.Hash(strings.Repeat("a", 43)), Number: apitest.Start.UnixMilli(), PartnerID: apitest.Martin, CollaboratorID: collaborator.ID(apitest.Martin, "lea@new.example")})
			if err := w.Table.Import(t.Context(), tx); err != nil {
				panic(err)
			}
			w.Person("usr-lea").Signed("lea@new.example").Do("POST /v1/invitations/accept", map[string]any{"token": strings.Repeat("a", 43)}).Is(t, 200)
		}, 0},
		"a role that was taken again": {"collaborator.roleGiven", func(w *apitest.World) { seller(w).Do("PUT "+accountant+"/roles/support", nil) }, func(w *apitest.World) {
			seller(w).Do("DELETE "+accountant+"/roles/support", nil)
		}, 0},
		"a role that the partner has no right to any more": {"collaborator.roleGiven", func(w *apitest.World) { seller(w).Do("PUT "+accountant+"/roles/support", nil) }, func(w *apitest.World) {
			seller(w).Do("PATCH "+martin, map[string]any{"firstLineSupport": false})
		}, 0},
		"an address that was replaced": {profile.AddressGiven, func(w *apitest.World) { seller(w).Do("PATCH /v1/me", map[string]any{"fallbackMail": "a@new.example"}) }, func(w *apitest.World) {
			seller(w).Do("PATCH /v1/me", map[string]any{"fallbackMail": "b@new.example"})
		}, 1},
		"an address that was taken away": {profile.AddressGiven, func(w *apitest.World) { seller(w).Do("PATCH /v1/me", map[string]any{"fallbackMail": "a@new.example"}) }, func(w *apitest.World) {
			seller(w).Do("PATCH /v1/me", map[string]any{"fallbackMail": ""})
		}, 0},
		"a password of who has left": {notice.PasswordReset, func(w *apitest.World) {
			w.As(apitest.Durand, membership.Admin).Do("POST "+durand+"/members/ada/passwordReset", nil)
		}, func(w *apitest.World) {
			w.As(apitest.Durand, membership.Admin).Do("DELETE "+durand+"/members/ada", nil)
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apitest.New(t)
			d, p := desk(t, w)
			c.what(w)
			if n := len(w.Happened(c.kind)); n != 1 {
				t.Fatalf("%d events of the kind %s", n, c.kind)
			}
			c.then(w)
			for range 2 {
				handle(t, d, w, c.kind)
			}
			if all := p.Mails(); len(all) != c.sent {
				t.Errorf("%d mails, want %d: %v", len(all), c.sent, all)
			}
		})
	}
	t.Run("what goes to a denied domain, which is noted", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		d, p := desk(t, w)
		reset := func() apitest.Answer {
			return w.As(apitest.Durand, membership.Admin).Do("POST "+durand+"/members/ada/passwordReset", nil)
		}
		reset().Is(t, 200)
		w.Machine("product").Do("PUT "+durand+"/members/ada", map[string]any{"name": "Ada", "mail": "ada@Durand.onmicrosoft.com"}).Is(t, 200)
		reset().Is(t, 409, "no_mail") // it is refused where that is known already
		e := handle(t, d, w, notice.PasswordReset)[0]
		if all := p.Mails(); len(all) != 0 || state(t, w, e.ID, "ada@durand.onmicrosoft.com") != "suppressed" {
			t.Errorf("%v, and noted %q", all, state(t, w, e.ID, "ada@durand.onmicrosoft.com"))
		}
	})
	t.Run("what the mail service refuses, which is noted and not tried again", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		d, p := desk(t, w)
		invites(w, nil)
		p.Refuses("BadRequestException")
		e := handle(t, d, w, collaborator.InvitationSent)[0]
		p.Refuses("")
		handle(t, d, w, collaborator.InvitationSent)
		if all := p.Mails(); len(all) != 0 || state(t, w, e.ID, "lea@new.example") != "refused" {
			t.Errorf("%v, and noted %q", all, state(t, w, e.ID, "lea@new.example"))
		}
	})
	t.Run("what happens in sandboxes", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		d, p := desk(t, w)
		invites(w, nil)
		e := w.Happened(collaborator.InvitationSent)[0]
		e.Livemode = false
		if err := d.Handle(t.Context(), e); err != nil || len(p.Mails()) != 0 {
			t.Errorf("%v, %v", p.Mails(), err)
		}
	})
}

// state is what became of the mail of an event to an address.
func state(t *testing.T, w *apitest.World, eventID, address string) string {
	t.Helper()
	ref, _ := table.MailOf(eventID, address)
	return load(t, w, ref).State
}

func load[T any](t *testing.T, w *apitest.World, ref table.Ref[T]) T {
	t.Helper()
	call := table.Call{Load: []table.Load{ref}, Allow: table.Unasked}
	v, err := table.Read(t.Context(), w.Table, call, func(tx *table.Tx) (*T, error) {
		v, _ := ref.Find(tx)
		return &v, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return *v
}

func TestAMailThatFails(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	d, p := desk(t, w)
	invites(w, nil)
	e := w.Happened(collaborator.InvitationSent)[0]
	p.Fails(3)
	if err := d.Handle(t.Context(), e); err == nil || len(p.Mails()) != 0 {
		t.Fatalf("it passes for handled: %v", p.Mails())
	}
	if got := state(t, w, e.ID, "lea@new.example"); got != "" {
		t.Errorf("it is noted as %s", got)
	}
	for range 2 {
		if err := d.Handle(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.Mails()) != 1 || state(t, w, e.ID, "lea@new.example") != "sent" {
		t.Fatalf("%d mails, and it is noted as %s", len(p.Mails()), state(t, w, e.ID, "lea@new.example"))
	}
	_, token := secret(t, p.Mails()[0])
	w.Person("usr-lea").Signed("lea@new.example").Do("POST /v1/invitations/accept", map[string]any{"token": token}).Is(t, 200)
}

// Whoever has mails sent to an address, and however often: there is a most in an hour.
func TestNobodyIsFlooded(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	d, p := desk(t, w)
	send := func(times int) {
		for range times {
			w.Advance(time.Millisecond) // events are in the order of their times
			known := len(w.Happened(profile.AddressGiven))
			seller(w).Do("PATCH /v1/me", map[string]any{"fallbackMail": "victim@else.example"}).Is(t, 200)
			if err := d.Handle(t.Context(), w.Happened(profile.AddressGiven)[known]); err != nil {
				t.Fatal(err)
			}
		}
	}
	send(33)
	if n := len(p.Mails()); n != 30 {
		t.Errorf("%d mails within the hour", n)
	}
	w.Advance(time.Hour)
	send(1)
	if n := len(p.Mails()); n != 31 {
		t.Errorf("%d mails with the next hour's", n)
	}
}
