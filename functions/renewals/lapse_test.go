package renewals_test

import (
	"strings"
	"testing"
	"time"

	"comptoir/functions/apitest"
	"comptoir/functions/notices"
	"comptoir/functions/renewals"
	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
	"comptoir/shared/table"
)

// look has what falls due looked after, of one item, twice.
func look[T any](t *testing.T, w *apitest.World, ref table.Ref[T]) {
	t.Helper()
	for range 2 {
		if err := (renewals.Desk{Table: w.Table, Zone: apitest.Env.Zone}).Handle(t.Context(), table.Due{Type: table.TypeOf[T](), Key: ref.Key}); err != nil {
			t.Fatal(err)
		}
	}
}

// entries are how many items of a type wait in the index of what falls due.
func entries(w *apitest.World, kind string) (n int) {
	for _, line := range w.Contents() {
		if strings.Contains(line, "GSI5PK:DUE#") && strings.Contains(line, " type:"+kind) {
			n++
		}
	}
	return n
}

func told(t *testing.T, w *apitest.World, by apitest.Client, path string, all ...event.Event) string {
	t.Helper()
	for _, e := range all {
		if err := notices.Handler(w.Table)(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	return by.Do("GET "+path+"/notifications", nil).Is(t, 200).String("items.0.text")
}

func TestInvitationsThatNobodyAnswers(t *testing.T) {
	t.Parallel()
	const mail = "lea@new.example"
	id := collaborator.ID(apitest.Martin, mail)
	lea := martin + "/collaborators/" + id
	admin := func(w *apitest.World) apitest.Client {
		return w.As(apitest.Martin, membership.GlobalAdmin).Signed("claire@martin.example")
	}
	for name, c := range map[string]struct {
		then   func(*testing.T, *apitest.World)
		waits  int // in the index, when that was done
		lapses int
	}{
		"are said to have expired, once": {func(*testing.T, *apitest.World) {}, 1, 1},
		"unless they were revoked":       {func(t *testing.T, w *apitest.World) { admin(w).Do("DELETE "+lea+"/invitation", nil).Is(t, 200) }, 0, 0},
		"unless the person was removed":  {func(t *testing.T, w *apitest.World) { admin(w).Do("DELETE "+lea, nil).Is(t, 200) }, 0, 0},
		"unless another was sent": {func(t *testing.T, w *apitest.World) {
			w.Advance(time.Hour)
			admin(w).Do("POST "+lea+"/invitation", nil).Is(t, 200)
			w.Advance(-time.Hour)
		}, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apitest.New(t)
			admin(w).Do("POST "+martin+"/collaborators", map[string]any{"mail": mail, "name": "Léa", "roles": []string{"accountant"}}).Is(t, 201)
			ref := table.Collaborator(apitest.Martin, id)
			look(t, w, ref)
			c.then(t, w)
			if n := entries(w, "collaborator"); n != c.waits {
				t.Errorf("%d wait in the index", n)
			}
			w.Advance(collaborator.Lifetime)
			look(t, w, ref)
			all := w.Happened(collaborator.InvitationLapsed)
			if len(all) != c.lapses {
				t.Fatalf("it is said %d times", len(all))
			}
			if c.lapses == 0 {
				return
			}
			if e := all[0]; e.Subject != apitest.Martin || e.Actor.Kind != "system" || entries(w, "collaborator") != 0 {
				t.Errorf("%+v", e)
			}
			if got := told(t, w, w.As(apitest.Martin, membership.Viewer), martin, all[0], all[0]); got != "Léa has not answered your invitation, and it has expired." {
				t.Error(got)
			}
			admin(w).Do("POST "+lea+"/invitation", nil).Is(t, 200)
			w.Advance(collaborator.Lifetime)
			look(t, w, ref)
			if n := len(w.Happened(collaborator.InvitationLapsed)); n != 2 {
				t.Errorf("of the next it is said %d times", n)
			}
		})
	}
}

func TestConsentsWhoseEndComes(t *testing.T) {
	t.Parallel()
	const path = "/v1/customers/" + apitest.Durand + "/consents/" + apitest.Martin
	admin := func(w *apitest.World) apitest.Client { return w.As(apitest.Durand, membership.Admin) }
	grant := func(t *testing.T, w *apitest.World, until string) {
		body := map[string]any{}
		if until != "" {
			body["until"] = until
		}
		admin(w).Do("PUT "+path, body).Is(t, 200)
	}
	for name, c := range map[string]struct {
		then   func(*testing.T, *apitest.World)
		waits  int
		lapses int
	}{
		"are said to be over, once":        {func(*testing.T, *apitest.World) {}, 1, 1},
		"unless they were withdrawn":       {func(t *testing.T, w *apitest.World) { admin(w).Do("DELETE "+path, nil).Is(t, 200) }, 0, 0},
		"unless they are given for longer": {func(t *testing.T, w *apitest.World) { grant(t, w, "2026-04-30") }, 1, 0},
		"unless they have no end any more": {func(t *testing.T, w *apitest.World) { grant(t, w, "") }, 0, 0},
		"unless they were over with the partner's support": {func(t *testing.T, w *apitest.World) {
			w.As(apitest.Martin, membership.GlobalAdmin).Do("PATCH "+martin, map[string]any{"firstLineSupport": false}).Is(t, 200)
		}, 1, 0},
		"unless the partner is another by now": {func(t *testing.T, w *apitest.World) {
			call := table.Call{Load: []table.Load{table.Customer(apitest.Durand)}, Allow: table.Unasked}
			if _, _, err := table.Write(t.Context(), w.Table, call, func(tx *table.Tx) (*partner.Partner, error) {
				cust, _ := table.Customer(apitest.Durand).Find(tx)
				cust.PartnerID = apitest.Nuage
				tx.Put(&cust)
				return nil, nil
			}); err != nil {
				t.Fatal(err)
			}
		}, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apitest.New(t)
			grant(t, w, "2026-03-12")
			ref := table.Consent(apitest.Durand, apitest.Martin)
			c.then(t, w)
			if n := entries(w, "consent"); n != c.waits {
				t.Errorf("%d wait in the index", n)
			}
			w.Advance(time.Date(2026, 3, 12, 23, 0, 0, 0, time.UTC).Add(-time.Millisecond).Sub(w.Now()))
			look(t, w, ref)
			if n := len(w.Happened(consent.Ended)); n != 0 {
				t.Errorf("it is said before the last day is over")
			}
			w.Advance(time.Millisecond)
			look(t, w, ref)
			all := w.Happened(consent.Ended)
			if len(all) != c.lapses {
				t.Fatalf("it is said %d times", len(all))
			}
			if c.lapses == 0 {
				return
			}
			if e := all[0]; e.Subject != apitest.Durand || e.PartnerID != apitest.Martin || e.Actor.Kind != "system" || entries(w, "consent") != 0 {
				t.Errorf("%+v", e)
			}
			if got := told(t, w, w.As(apitest.Martin, membership.Viewer), martin, all[0], all[0]); got != "The consent of Maison Durand to your support has ended." {
				t.Error(got)
			}
			if got := told(t, w, admin(w), "/v1/customers/"+apitest.Durand); got != "Your consent to the support of Cabinet Martin has ended." {
				t.Error(got)
			}
		})
	}
}
