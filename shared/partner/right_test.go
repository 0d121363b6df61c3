package partner_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
	"comptoir/shared/problem"
)

func code(err error) string {
	if p := problem.Of(err); p != nil {
		return p.Code
	}
	return fmt.Sprint(err)
}

// told are facts in short: their kinds, with the role of those that have one.
func told(facts []event.Fact) string {
	var all []string
	for _, f := range facts {
		if role, ok := f.Data["role"]; ok {
			all = append(all, fmt.Sprint(f.Kind, "(", role, ")"))
		} else {
			all = append(all, f.Kind)
		}
	}
	return strings.Join(all, " ")
}

var (
	distributor, firm  = partner.Distributor, partner.AccountingFirm
	integrated, noCode = partner.Integrated, partner.NoCode
	yes, no            = true, false
)

// A18: integrated distribution means first-line support, no-code leaves it to the partner. What a right is lost by ends it for good.
func TestEditingAPartner(t *testing.T) {
	t.Parallel()
	contact := partner.Contact{Mail: "aide@martin.example", Phone: "+33 1"}
	for _, c := range []struct {
		name      string
		before    partner.Partner
		change    partner.Change
		err, told string
	}{
		{"integrated support can't be turned off", partner.Partner{Kind: distributor, Mode: integrated}, partner.Change{FirstLine: &no}, "support_mandatory", ""},
		{"nor with something else", partner.Partner{Kind: distributor, Mode: integrated}, partner.Change{FirstLine: &no, Contact: &contact}, "support_mandatory", ""},
		{"nor by becoming integrated", partner.Partner{Kind: distributor, Mode: noCode, FirstLine: true}, partner.Change{FirstLine: &no, Mode: &integrated}, "support_mandatory", ""},
		{"but by becoming no-code", partner.Partner{Kind: distributor, Mode: integrated}, partner.Change{FirstLine: &no, Mode: &noCode}, "<nil>", "partner.changed partner.rightEnded(support)"},
		{"no-code support is turned off", partner.Partner{Kind: distributor, Mode: noCode, FirstLine: true}, partner.Change{FirstLine: &no}, "<nil>", "partner.changed partner.rightEnded(support)"},
		{"and on, which ends nothing", partner.Partner{Kind: distributor, Mode: noCode}, partner.Change{FirstLine: &yes}, "<nil>", "partner.changed"},
		{"integrated support that was also chosen stays without the mode", partner.Partner{Kind: distributor, Mode: integrated, FirstLine: true}, partner.Change{Mode: &noCode}, "<nil>", "partner.changed"},
		{"integrated support that wasn't ends with the mode", partner.Partner{Kind: distributor, Mode: integrated}, partner.Change{Mode: &noCode}, "<nil>", "partner.changed partner.rightEnded(support)"},
		{"accountants end with the firm", partner.Partner{Kind: firm, FirstLine: true}, partner.Change{Kind: &distributor}, "<nil>", "partner.changed partner.rightEnded(accountant)"},
		{"both rights end at once", partner.Partner{Kind: firm, FirstLine: true}, partner.Change{Kind: &distributor, FirstLine: &no}, "<nil>", "partner.changed partner.rightEnded(accountant) partner.rightEnded(support)"},
		{"a contact ends nothing", partner.Partner{Kind: firm}, partner.Change{Contact: &contact}, "<nil>", "partner.changed"},
		{"to be inactive is told", partner.Partner{Kind: firm}, partner.Change{Inactive: &yes}, "<nil>", "partner.changed"},
		{"nothing asked, nothing changed", partner.Partner{Kind: firm}, partner.Change{}, "<nil>", ""},
		{"as it is, nothing changed", partner.Partner{Kind: firm, Mode: noCode, Contact: contact, FirstLine: true}, partner.Change{Kind: &firm, Mode: &noCode, Contact: &contact, FirstLine: &yes, Inactive: &no}, "<nil>", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			after, facts, err := c.before.Edit(c.change)
			if code(err) != c.err || told(facts) != c.told {
				t.Errorf("%s and %v, want %s and %s", told(facts), err, c.told, c.err)
			}
			if c.told == "" && !reflect.DeepEqual(after, c.before) {
				t.Errorf("%+v became %+v", c.before, after)
			}
		})
	}
}

// partners are of any kind, mode and choice.
func anyPartner(t *rapid.T) partner.Partner {
	return partner.Partner{
		Kind: rapid.SampledFrom([]partner.Kind{distributor, firm}).Draw(t, "kind"), FirstLine: rapid.Bool().Draw(t, "first line"),
		Mode: rapid.SampledFrom([]partner.Mode{"", integrated, noCode}).Draw(t, "mode"),
	}
}

// maybe is a value or nothing.
func maybe[T any](t *rapid.T, label string, from ...T) *T {
	if rapid.Bool().Draw(t, label+" stays") {
		return nil
	}
	v := rapid.SampledFrom(from).Draw(t, label)
	return &v
}

// What was given under a right is over once the right is, however often it comes back.
func TestARightThatComesBackIsAnother(t *testing.T) {
	t.Parallel()
	type grant struct {
		role membership.Role
		term int
	}
	rapid.Check(t, func(t *rapid.T) {
		p := anyPartner(t)
		alive := map[grant]bool{}
		for range rapid.IntRange(1, 12).Draw(t, "edits") {
			for _, role := range membership.CollaboratorRoles {
				if term, err := p.Right(role); err == nil {
					if was, known := alive[grant{role, term}]; known && !was {
						t.Fatalf("%s of term %d is back", role, term)
					}
					alive[grant{role, term}] = true
				}
			}
			before := fmt.Sprint(p)
			after, facts, err := p.Edit(partner.Change{
				FirstLine: maybe(t, "first line", true, false), Kind: maybe(t, "kind", distributor, firm), Mode: maybe(t, "mode", integrated, noCode),
				Inactive: maybe(t, "inactive", true, false),
			})
			if fmt.Sprint(p) != before {
				t.Fatalf("what was loaded has changed: %s, %v", before, p)
			}
			if err != nil {
				continue
			}
			ended := ""
			for _, role := range membership.CollaboratorRoles {
				_, had := p.Right(role)
				if _, has := after.Right(role); had == nil && has != nil {
					ended += fmt.Sprint(" partner.rightEnded(", role, ")")
					for g := range alive {
						alive[g] = alive[g] && g.role != role
					}
				}
			}
			if len(facts) > 0 && told(facts) != "partner.changed"+ended || len(facts) == 0 && !reflect.DeepEqual(after, p) {
				t.Fatalf("%s, want%s; %v became %v", told(facts), ended, p, after)
			}
			p = after
			for g, is := range alive {
				if p.Has(g.role, g.term) != is {
					t.Fatalf("%v: %t, want %t, at %+v", g, !is, is, p)
				}
			}
		}
	})
}

// The stored choice is not what counts: the effective one is told.
func TestWhatIsToldOfAPartner(t *testing.T) {
	t.Parallel()
	_, facts, err := partner.Partner{Kind: distributor, Mode: integrated}.Edit(partner.Change{Inactive: &yes})
	want := map[string]any{"kind": distributor, "mode": integrated, "firstLineSupport": true, "active": false, "contact": partner.Contact{}}
	if err != nil || !reflect.DeepEqual(facts, []event.Fact{{Kind: "partner.changed", Data: want}}) {
		t.Errorf("%v, %v", facts, err)
	}
}

func TestPartnersAndCustomersAreToldApart(t *testing.T) {
	t.Parallel()
	for id, is := range map[string]bool{"par_1": true, "cus_1": false, "": false, "cus_par_1": false} {
		if partner.IsID(id) != is {
			t.Errorf("%q: %t", id, !is)
		}
	}
	p := partner.Partner{ID: "par_1", Name: "Martin"}
	p.Version = 3
	if want := (event.About{Kind: "partner", ID: "par_1", Name: "Martin", Organisation: "par_1", PartnerID: "par_1", Version: 3, Livemode: true}); p.About() != want {
		t.Errorf("%+v", p.About())
	}
}
