package licence_test

import (
	"slices"
	"testing"

	"comptoir/shared/licence"
	"comptoir/shared/plan"
	"comptoir/shared/problem"
)

var everyReason = []licence.Reason{licence.Unpaid, licence.ByPartner, licence.ByPublisher, licence.TrialEnded, licence.Abuse}

// Rule "Status": each reason is given and lifted only by who may.
func TestWhoSuspendsAndResumes(t *testing.T) {
	t.Parallel()
	m := at("2026-06-01 10:00")
	may := map[licence.Side][]licence.Reason{
		licence.PartnerSide:   {licence.ByPartner},
		licence.PublisherSide: {licence.ByPublisher, licence.Unpaid, licence.Abuse},
		"customer":            {},
	}
	for side, its := range may {
		for _, r := range everyReason {
			t.Run(string(side)+" "+string(r), func(t *testing.T) {
				t.Parallel()
				l := take(team(plan.Committed))
				held := l
				held.Reasons = []licence.Reason{r}
				if !slices.Contains(its, r) {
					wantRefusal(t, "forbidden", l, suspend(r, side, m))
					wantRefusal(t, "forbidden", held, resume(r, side, m))
					return
				}
				after, out, err := l.Suspend(r, side, "why", m)
				if err != nil {
					t.Fatal(err)
				}
				wantEqual(t, "reasons", after.Reasons, []licence.Reason{r})
				wantEqual(t, "status", after.Status(m.Today), licence.Suspended)
				wantFact(t, out, "licence.suspended")
				wantEqual(t, "reason in the fact", out.Facts[0].Data["reason"], any(string(r)))
				wantEqual(t, "note in the fact", out.Facts[0].Data["note"], any("why"))

				back, out, err := after.Resume(r, side, "", m)
				if err != nil {
					t.Fatal(err)
				}
				wantEqual(t, "licence resumed", textOf(back), textOf(l))
				wantFact(t, out, "licence.resumed")
			})
		}
	}
}

func TestReasonMeantWhenNoneIsNamed(t *testing.T) {
	t.Parallel()
	wantEqual(t, "partner", licence.PartnerSide.DefaultReason(), licence.ByPartner)
	wantEqual(t, "publisher", licence.PublisherSide.DefaultReason(), licence.ByPublisher)
}

// The reasons are a set; the licence is active again when it is empty.
func TestReasonsAreASet(t *testing.T) {
	t.Parallel()
	m := at("2026-06-01 10:00")
	both := suspended(suspended(take(team(plan.Committed)), licence.Unpaid, licence.PublisherSide), licence.ByPartner, licence.PartnerSide)
	other := suspended(suspended(take(team(plan.Committed)), licence.ByPartner, licence.PartnerSide), licence.Unpaid, licence.PublisherSide)
	wantEqual(t, "whatever the order", both.Reasons, other.Reasons)

	wantRefusal(t, "licence_already_suspended", both, suspend(licence.Unpaid, licence.PublisherSide, m))
	wantRefusal(t, "licence_not_suspended", both, resume(licence.Abuse, licence.PublisherSide, m))

	one, out, err := both.Resume(licence.Unpaid, licence.PublisherSide, "", m)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "left", one.Reasons, []licence.Reason{licence.ByPartner})
	wantEqual(t, "left in the fact", out.Facts[0].Data["reasons"], any([]licence.Reason{licence.ByPartner}))
	wantEqual(t, "status with one left", one.Status(m.Today), licence.Suspended)

	none, _, err := one.Resume(licence.ByPartner, licence.PartnerSide, "", m)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "status with none left", none.Status(m.Today), licence.Active)
	wantRefusal(t, "licence_not_suspended", none, resume(licence.ByPartner, licence.PartnerSide, m))
}

func TestResumedTrialIsATrialAgain(t *testing.T) {
	t.Parallel()
	m := at("2026-03-10 10:00")
	l, _, err := suspended(take(team(plan.Committed), onTrial), licence.ByPartner, licence.PartnerSide).Resume(licence.ByPartner, licence.PartnerSide, "", m)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "status", l.Status(m.Today), licence.Trial)
}

func TestSuspensionIsForbiddenBeforeAnythingElseIsSaid(t *testing.T) {
	t.Parallel()
	ended := cancelled(take(team(plan.Committed)), at("2026-03-02 10:00"))
	_, _, err := ended.Suspend(licence.Abuse, licence.PartnerSide, "", at("2026-06-01 10:00"))
	wantEqual(t, "kind", problem.Of(err).Kind, problem.KindForbidden)
}

// A9: a transition that the licence's state does not allow is refused with a stable code.
func TestStatesRefuseTransitions(t *testing.T) {
	t.Parallel()
	const early, late = "2026-06-01 10:00", "2027-03-01 00:00" // within the first term; its end
	paid := take(team(plan.Committed))
	over := cancelled(paid, at("2026-03-02 10:00"))
	held := suspended(paid, licence.ByPartner, licence.PartnerSide)
	cancelling := suspended(cancelLater(), licence.ByPartner, licence.PartnerSide)
	type want struct{ change, cancel, suspend, resume string } // codes; none: allowed
	for _, c := range []struct {
		name string
		l    licence.Licence
		at   string
		want want
	}{
		{"active", paid, early, want{resume: "licence_not_suspended"}},
		{"on its last day", paid, "2027-02-28 23:59", want{resume: "licence_not_suspended"}},
		{"on trial", take(team(plan.Committed), onTrial), "2026-03-30 23:59", want{resume: "licence_not_suspended"}},
		{"suspended", held, early, want{change: "licence_not_active", suspend: "licence_already_suspended"}},
		{"ended", over, early, want{"licence_already_ended", "licence_already_ended", "licence_already_ended", "licence_already_ended"}},
		{"ended while suspended", cancelling, late, want{"licence_already_ended", "licence_already_ended", "licence_already_ended", "licence_already_ended"}},
		{"expired with its term", take(team(plan.Committed), once), late, want{"licence_already_ended", "licence_already_ended", "licence_already_ended", "licence_already_ended"}},
		{"permanent", permanent(), early, want{"licence_permanent", "licence_permanent", "licence_permanent", "licence_permanent"}},
		{"about to be renewed", paid, late, want{change: "renewal_pending", cancel: "renewal_pending", resume: "licence_not_suspended"}},
		{"not renewed because it is suspended", held, late, want{change: "licence_not_active", suspend: "licence_already_suspended"}},
		{"on a trial that is over", take(team(plan.Committed), onTrial), "2026-03-31 00:00", want{change: "renewal_pending", cancel: "renewal_pending", resume: "licence_not_suspended"}},
	} {
		m := at(c.at)
		for _, o := range []struct {
			name, code string
			op         operation
		}{
			{"changed", c.want.change, change(units(12), m)},
			{"cancelled", c.want.cancel, cancel("", m)},
			{"suspended", c.want.suspend, suspend(licence.ByPartner, licence.PartnerSide, m)},
			{"resumed", c.want.resume, resume(licence.ByPartner, licence.PartnerSide, m)},
		} {
			name := "one " + c.name + " can be " + o.name
			if o.code != "" {
				name = "one " + c.name + " can't be " + o.name
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				if o.code != "" {
					wantRefusal(t, o.code, c.l, o.op)
				} else if _, _, err := o.op(c.l); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
