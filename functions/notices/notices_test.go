package notices_test

import (
	"strings"
	"sync"
	"testing"

	"comptoir/functions/apitest"
	"comptoir/functions/notices"
	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/notice"
)

func taken(livemode bool) event.Event {
	return event.Event{
		Fact: event.New("licence.taken", map[string]any{"quantity": 10}), ID: "evt_1", At: apitest.Start,
		Subject: apitest.Dupont, PartnerID: apitest.Martin, Livemode: livemode,
	}
}

func told(t *testing.T, w *apitest.World) apitest.Answer {
	t.Helper()
	return w.As(apitest.Martin, membership.Viewer).Do("GET /v1/partners/"+apitest.Martin+"/notifications", nil).Is(t, 200)
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
