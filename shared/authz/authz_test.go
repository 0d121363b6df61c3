package authz

import (
	"maps"
	"slices"
	"testing"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"
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

// A policy that could be taken away without a difference says nothing, or is not tested.
func TestEveryPolicyMatters(t *testing.T) {
	t.Parallel()
	whole := decisions(policies)
	for id := range policies.All() {
		without := cedar.NewPolicySet()
		for other, p := range policies.All() {
			if other != id {
				without.Add(other, p)
			}
		}
		if maps.Equal(whole, decisions(without)) {
			t.Errorf("%q can be taken away without a difference", id)
		}
	}
}

type question struct {
	role, operation, relation string
	sells                     bool
}

// decisions asks every operation for every role in every relation, with and without the partner's
// authorisation.
func decisions(by *cedar.PolicySet) map[question]bool {
	all := map[question]bool{}
	for _, r := range Roles {
		for _, operation := range append(Actions(), "see") {
			for _, kind := range []ResourceKind{Self, Publisher, Partner, Customer} {
				if operation != "see" && kinds()[operation] != kind {
					continue
				}
				for relation, id := range map[string]string{"own": "own", "other": "other"} {
					for _, sells := range []bool{true, false} {
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
						q := question{r.Name, operation + " on " + string(kind), relation, sells}
						all[q] = allowed(by, operation, caller, Resource{Kind: kind, ID: id, PartnerID: id})
					}
				}
			}
		}
	}
	return all
}
