package authz

import (
	"slices"
	"testing"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"

	"comptoir/shared/problem"
)

// Policies speak only of what the schema knows: no misspelt action, attribute or kind.
func TestPoliciesFitTheSchema(t *testing.T) {
	t.Parallel()
	var s schema.Schema
	if err := s.UnmarshalCedar(schemaText); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	v := validate.New(resolved)
	for id, p := range policies.All() {
		if err := v.Policy(string(id), (*ast.Policy)(p.AST())); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestEveryOperationHasAPolicy(t *testing.T) {
	t.Parallel()
	for _, operation := range Actions() {
		if !slices.ContainsFunc(Roles, func(r Role) bool { return gives(policies, r, AllCapabilities, operation) }) {
			t.Errorf("nobody may use %s", operation)
		}
	}
}

// What is missing is told in an order: first that there is nothing for the caller, then the consent, then the domain. Whom
// neither would help is told that the role is missing.
func TestRefusalsSayWhatIsMissing(t *testing.T) {
	t.Parallel()
	support := Caller{ID: "lea", Roles: []string{"support"}, PartnerID: "own"}
	for name, test := range map[string]struct {
		who       Caller
		operation string
		partner   string
		in        circumstance
		code      string
	}{
		"nothing at others":               {support, "addSeats", "other", circumstance{}, "not_found"},
		"nothing without a role":          {Caller{ID: "lea", PartnerID: "own"}, "addSeats", "own", circumstance{}, "not_found"},
		"the consent, then the domain":    {support, "addSeats", "own", circumstance{}, "consent_required"},
		"the consent":                     {support, "addSeats", "own", circumstance{verified: true}, "consent_required"},
		"the domain":                      {support, "addSeats", "own", circumstance{consents: true}, "domain_not_verified"},
		"nothing":                         {support, "addSeats", "own", circumstance{consents: true, verified: true}, ""},
		"the domain, only to manage":      {support, "listSeats", "own", circumstance{consents: true}, ""},
		"the role, whatever else is":      {support, "putMember", "own", circumstance{}, "forbidden"},
		"the role, whatever is there":     {support, "putMember", "own", circumstance{consents: true, verified: true}, "forbidden"},
		"the role, not an authorisation":  {support, "takeLicence", "own", circumstance{sells: true}, "forbidden"},
		"the authorisation, as if a role": {holder(Roles[0], false), "takeLicence", "own", circumstance{}, "forbidden"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := Allow(test.operation, test.who, Resource{Customer, "own", test.partner, test.in.consents, test.in.verified})
			code := ""
			if p := problem.Of(err); p != nil {
				code = p.Code
			}
			if code != test.code {
				t.Errorf("answered %q, want %q", code, test.code)
			}
		})
	}
}

// A policy that could be taken away without a difference says nothing, or is not tested.
func TestEveryPolicyMatters(t *testing.T) {
	t.Parallel()
	all := questions()
	for i := range all {
		all[i].allowed = all[i].ask(policies)
	}
	for id := range policies.All() {
		without := cedar.NewPolicySet()
		for other, p := range policies.All() {
			if other != id {
				without.Add(other, p)
			}
		}
		if !slices.ContainsFunc(all, func(q question) bool { return q.ask(without) != q.allowed }) {
			t.Errorf("%q can be taken away without a difference", id)
		}
	}
}

type question struct {
	operation string
	who       Caller
	on        Resource
	allowed   bool // by all policies
}

func (q question) ask(by *cedar.PolicySet) bool { return allowed(by, q.operation, q.who, q.on) }

// A circumstance is what decides beside roles and relations.
type circumstance struct{ sells, consents, verified bool }

// circumstances are all that can matter to what an operation is on.
func circumstances(kind ResourceKind) []circumstance {
	either := []bool{true, false}
	var all []circumstance
	for _, sells := range either {
		if kind != Customer {
			all = append(all, circumstance{sells: sells})
			continue
		}
		for _, consents := range either {
			for _, verified := range either {
				all = append(all, circumstance{sells, consents, verified})
			}
		}
	}
	return all
}

// questions are every operation for every role in every relation: with and without the partner's authorisation, the
// customer's consent and the proof of its domain.
func questions() []question {
	var all []question
	for _, operation := range append(Actions(), "see") {
		for _, kind := range []ResourceKind{Self, Publisher, Partner, Customer} {
			if operation != "see" && kinds()[operation] != kind {
				continue
			}
			for _, c := range circumstances(kind) {
				for _, relation := range []string{"own", "other"} {
					for _, r := range Roles {
						on := Resource{Kind: kind, ID: relation, PartnerID: relation, Consents: c.consents, Verified: c.verified}
						all = append(all, question{operation: operation, who: holder(r, c.sells), on: on})
					}
				}
			}
		}
	}
	return all
}

// holder is somebody with one role.
func holder(r Role, sells bool) Caller {
	caller := Caller{ID: "own", Roles: []string{r.Name}}
	if sells {
		caller.Capabilities = AllCapabilities
	}
	switch r.Of {
	case PartnerPeople:
		caller.PartnerID = "own"
	case CustomerPeople:
		caller.CustomerID = "own"
	case Machines:
		caller.Machine = true
	}
	return caller
}
