package authz

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/schema"

	"comptoir/shared/partner"
)

//go:embed schema.cedarschema
var schemaText []byte

// Actions are the ids of all operations, in order.
func Actions() []string { return slices.Sorted(maps.Keys(kinds())) }

// kinds is what each operation is on, as the schema says. Requests don't need it.
var kinds = sync.OnceValue(func() map[string]ResourceKind {
	var s schema.Schema
	if err := s.UnmarshalCedar(schemaText); err != nil {
		panic(err) // embedded, and tested
	}
	all := map[string]ResourceKind{}
	for name, action := range s.AST().Actions {
		if name != "see" {
			all[string(name)] = ResourceKind(action.AppliesTo.Resources[0])
		}
	}
	return all
})

// AllCapabilities are what a partner can be authorised to do at the most.
var AllCapabilities = []partner.Capability{partner.SellLicences}

// Operations are those that a role gives by itself, on the organisation that it is held in and, to a
// partner's people, on its customers (C1, C18).
func Operations(r Role, capabilities []partner.Capability) []string {
	key := fmt.Sprint(r, capabilities)
	if known, ok := given.Load(key); ok {
		return slices.Clone(known.([]string))
	}
	all := slices.DeleteFunc(Actions(), func(operation string) bool { return !gives(policies, r, capabilities, operation) })
	given.Store(key, all)
	return slices.Clone(all)
}

// Gives tells whether a role gives an operation by itself, to a partner that may do everything.
func Gives(role, operation string) bool {
	for _, r := range Roles {
		if r.Name == role {
			return gives(policies, r, AllCapabilities, operation)
		}
	}
	return false
}

// given are the operations of the roles that were asked for: policies don't change while a function runs.
var given sync.Map

// gives tries a role on what the operation is on, in the relation that suits the role best.
func gives(by *cedar.PolicySet, r Role, capabilities []partner.Capability, operation string) bool {
	caller := Caller{ID: "caller", Roles: []string{r.Name}}
	on := Resource{Kind: kinds()[operation], ID: "own", Consents: true, Verified: true}
	switch r.Of {
	case PartnerPeople:
		caller.PartnerID, caller.Capabilities, on.PartnerID = "own", capabilities, "own"
	case CustomerPeople:
		caller.CustomerID = "own"
	case Machines:
		caller.Machine = true
	}
	if on.Kind == Self {
		on.ID = caller.ID
	}
	return allowed(by, operation, caller, on)
}
