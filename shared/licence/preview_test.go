package licence_test

import (
	"testing"
	"time"

	"comptoir/shared/licence"
	"comptoir/shared/plan"
	"comptoir/shared/problem"
)

// F1: a preview is committed for what it is of, in time, on the licence as it was.
func TestPreviewCanBeCommitted(t *testing.T) {
	t.Parallel()
	now := at("2026-03-01 10:00").Now
	until := now.Add(licence.PreviewLife)
	l := licence.Licence{ID: "lic_1", End: at("2026-03-02 10:00").Today}
	l.Version = 3
	elder, ended, other := l, l, l
	elder.Version = 4
	ended.EndsOn = at("2026-03-01 10:00").Today
	other.ID = "lic_2"
	of := func(a licence.Action) licence.Preview {
		p := licence.Preview{LicenceID: "lic_1", Version: 3, Intent: licence.Intent{Action: a}, ValidUntil: until}
		if a == licence.ToTake {
			p.Version = 0
		}
		return p
	}
	none := licence.Licence{} // yet
	for _, c := range []struct {
		name   string
		of     licence.Preview
		action licence.Action
		l      licence.Licence
		now    time.Time
		code   string
	}{
		{"a change, at once", of(licence.ToChange), licence.ToChange, l, now, ""},
		{"a cancellation, at once", of(licence.ToCancel), licence.ToCancel, l, now, ""},
		{"a licence to take, at once", of(licence.ToTake), licence.ToTake, none, now, ""},
		{"up to its last instant", of(licence.ToChange), licence.ToChange, l, until.Add(-1), ""},
		{"not when its time is up", of(licence.ToChange), licence.ToChange, l, until, "preview_expired"},
		{"not as another action", of(licence.ToChange), licence.ToCancel, l, now, "invalid_input"},
		{"not a change as a licence to take", of(licence.ToChange), licence.ToTake, none, now, "invalid_input"},
		{"not a licence to take as a change", of(licence.ToTake), licence.ToChange, l, now, "invalid_input"},
		{"not for another licence", of(licence.ToChange), licence.ToChange, other, now, "invalid_input"},
		{"not once the licence has changed", of(licence.ToChange), licence.ToChange, elder, now, "version_mismatch"},
		{"not once the licence has ended", of(licence.ToCancel), licence.ToCancel, ended, now, "licence_already_ended"},
		{"not once the term is over", of(licence.ToChange), licence.ToChange, l, at("2026-03-02 00:00").Now, "renewal_pending"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := c.of
			if c.code == "renewal_pending" {
				p.ValidUntil = c.now.Add(time.Minute)
			}
			err := p.Check(c.action, c.l, licence.At(c.now, paris))
			got := ""
			if p := problem.Of(err); p != nil {
				got = p.Code
			}
			wantEqual(t, "code", got, c.code)
			wantEqual(t, "refused", err != nil, c.code != "")
		})
	}
	t.Run("for a quarter of an hour", func(t *testing.T) {
		t.Parallel()
		wantEqual(t, "life", licence.PreviewLife, 15*time.Minute)
	})
}

// The moment of a preview is its own: committed after midnight, it costs what it said before.
func TestPreviewCommittedOnTheNextDayCostsWhatItSaid(t *testing.T) {
	t.Parallel()
	l := take(team(plan.Committed))
	p := licence.Preview{
		LicenceID: l.ID, Version: l.Version, At: at("2026-06-01 23:59"), Intent: licence.Intent{Action: licence.ToChange, Change: units(15)},
	}
	shown, preview, err := p.Intent.Decide(l, p.At)
	if err != nil {
		t.Fatal(err)
	}
	after, out, err := p.Intent.Decide(l, p.At)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "outcome", out, preview)
	wantEqual(t, "licence", after, shown)
	wantEqual(t, "amounts", amounts(t, out), []int64{448_77})
}

func TestIntentDoesWhatItsActionSays(t *testing.T) {
	t.Parallel()
	p := team(plan.Committed)
	l := take(p)
	for _, c := range []struct {
		kind   string
		intent licence.Intent
		l      licence.Licence
	}{
		{"licence.taken", licence.Intent{Action: licence.ToTake, Order: order(), Plan: &p}, licence.Licence{}},
		{"licence.changed", licence.Intent{Action: licence.ToChange, Change: units(12)}, l},
		{"licence.cancelled", licence.Intent{Action: licence.ToCancel}, l},
	} {
		t.Run(c.kind, func(t *testing.T) {
			t.Parallel()
			_, out, err := c.intent.Decide(c.l, at("2026-03-02 10:00"))
			if err != nil {
				t.Fatal(err)
			}
			wantFact(t, out, c.kind)
		})
	}
}
