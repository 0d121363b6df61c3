package collaborator_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
)

// A15, A17, E6: roles reach by portfolio and right, grants reach all, and what consent lets in waits for it.
func TestReachIsLikeThePlainRules(t *testing.T) {
	t.Parallel()
	terms := rapid.IntRange(0, 1)
	rapid.Check(t, func(t *rapid.T) {
		firmly, integrated, chosen := rapid.Bool().Draw(t, "firm"), rapid.Bool().Draw(t, "integrated"), rapid.Bool().Draw(t, "first line")
		now := map[membership.Role]int{membership.Accountant: terms.Draw(t, "accountant term"), membership.Support: terms.Draw(t, "support term")}
		r := collaborator.Reach{
			Partner: partner.Partner{ID: "par_1", Kind: partner.Distributor, Mode: partner.NoCode, FirstLine: chosen, Terms: now},
			Person:  membership.Membership{CollaboratorID: "col_1", Serves: map[membership.Role]int{}},
			Boxes:   map[membership.Role]collaborator.Box{}, Now: noon,
		}
		if firmly {
			r.Partner.Kind = partner.AccountingFirm
		}
		if integrated {
			r.Partner.Mode = partner.Integrated
		}
		right := map[membership.Role]bool{membership.Accountant: firmly, membership.Support: integrated || chosen}
		want := []membership.Role{}
		for _, role := range []membership.Role{membership.Accountant, membership.Support} {
			holds, in, term := rapid.Bool().Draw(t, "holds"), rapid.Bool().Draw(t, "in"), terms.Draw(t, "term")
			if holds {
				r.Person.Serves[role] = term
			}
			if in {
				r.Boxes[role] = collaborator.Box{At: noon}
			}
			if holds && in && right[role] && term == now[role] {
				want = append(want, role)
			}
		}
		if grant := rapid.SampledFrom([]membership.Role{"", membership.Full, membership.Limited}).Draw(t, "grant"); grant != "" {
			r.Person.Grant = grant
			want = append(want, grant)
		}
		if got := r.Roles(); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}

		r.Consent.Answer = rapid.SampledFrom([]consent.State{"", consent.Requested, consent.Granted, consent.Granted, consent.Declined, consent.Withdrawn}).Draw(t, "answer")
		r.Consent.Term = terms.Draw(t, "consent's term")
		over, shut := rapid.Bool().Draw(t, "over"), rapid.Bool().Draw(t, "shut out")
		switch {
		case over:
			r.Consent.EndsAt = noon
		case rapid.Bool().Draw(t, "ends"):
			r.Consent.EndsAt = noon.Add(time.Millisecond)
		}
		r.Consent.Shut = map[string]time.Time{"col_2": noon}
		if shut {
			r.Consent.Shut["col_1"] = noon
		}
		lets := r.Consent.Answer == consent.Granted && r.Consent.Term == now[membership.Support] && right[membership.Support] && !over && !shut
		if got := r.Consents(); got != lets {
			t.Fatalf("consents: %t, want %t", got, lets)
		}
	})
}
