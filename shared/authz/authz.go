// Package authz says who may do what, by Cedar policies evaluated in process. The action is the
// operation's id. Roles come from the table with each request, not from the token, so that taking one
// away works at once; who belongs where is the api package's matter.
package authz

import (
	_ "embed"
	"slices"
	"sync"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/schema"

	"comptoir/shared/membership"
	"comptoir/shared/partner"
	"comptoir/shared/problem"
)

//go:embed policies.cedar
var policyText []byte

//go:embed schema.cedarschema
var schemaText []byte

// policies are parsed once, at the start.
var policies = parse(policyText)

func parse(text []byte) *cedar.PolicySet {
	list, err := cedar.NewPolicyListFromBytes("policies.cedar", text)
	if err != nil {
		panic(err) // embedded, and tested
	}
	set := cedar.NewPolicySet()
	for _, p := range list {
		if !set.Add(cedar.PolicyID(p.Annotations()["id"]), p) {
			panic("authz: two policies are called " + string(p.Annotations()["id"]))
		}
	}
	return set
}

// The roles of machines. Those of people are the membership package's.
const (
	Product  = "product"
	Operator = "operator"
)

// Role is a role and who holds it.
type Role struct {
	Name string
	Of   Holder
}

// Holder is who holds a role.
type Holder string

// The holders of roles.
const (
	PartnerPeople  Holder = "partner"
	CustomerPeople Holder = "customer"
	Machines       Holder = "machine"
)

// Roles lists every role, in the order of roles.md.
var Roles = []Role{
	{string(membership.GlobalAdmin), PartnerPeople},
	{string(membership.AccountAdmin), PartnerPeople},
	{string(membership.Sales), PartnerPeople},
	{string(membership.Billing), PartnerPeople},
	{string(membership.Support), PartnerPeople},
	{string(membership.Viewer), PartnerPeople},
	{string(membership.Admin), CustomerPeople},
	{string(membership.Member), CustomerPeople},
	{Product, Machines},
	{Operator, Machines},
}

// Caller is who asks, in the one organisation that it acts for.
type Caller struct {
	ID           string
	Machine      bool
	Roles        []string
	PartnerID    string // acting for a partner
	Capabilities []partner.Capability
	CustomerID   string // acting for a customer
}

// ResourceKind is what sort of thing an operation is on.
type ResourceKind string

// The kinds of resources.
const (
	Self      ResourceKind = "Person"
	Publisher ResourceKind = "Publisher"
	Partner   ResourceKind = "Partner"
	Customer  ResourceKind = "Customer"
)

// Resource is what an operation is on.
type Resource struct {
	Kind      ResourceKind
	ID        string
	PartnerID string // of record, of a customer
}

// Allow says whether the caller may. Errors: problem.NotFound for what it can't see, as if it did not
// exist; problem.Forbidden for what its roles don't allow.
func Allow(action string, c Caller, r Resource) error {
	switch {
	case allowed(policies, action, c, r):
		return nil
	case !allowed(policies, "see", c, r):
		return problem.NotFound()
	}
	return problem.Forbidden("Your roles don't allow this operation.")
}

// Operations are those of the given ones that a role gives by itself, on the organisation that it is
// held in and, to a partner's people, on its customers (C18).
func Operations(r Role, capabilities []partner.Capability, operations []string) []string {
	return slices.DeleteFunc(slices.Clone(operations), func(operation string) bool {
		return !gives(policies, r, capabilities, operation)
	})
}

// AllCapabilities are what a partner can be authorised to do at the most.
var AllCapabilities = []partner.Capability{partner.SellLicences}

// gives tries a role on one resource of each kind that it can be in a relation to.
func gives(by *cedar.PolicySet, r Role, capabilities []partner.Capability, operation string) bool {
	caller := Caller{ID: "caller", Roles: []string{r.Name}}
	customer := Resource{Kind: Customer, ID: "cus"}
	switch r.Of {
	case PartnerPeople:
		caller.PartnerID, caller.Capabilities, customer.PartnerID = "par", capabilities, "par"
	case CustomerPeople:
		caller.CustomerID = customer.ID
	case Machines:
		caller.Machine = true
	}
	return slices.ContainsFunc([]Resource{
		customer,
		{Kind: Partner, ID: "par"},
		{Kind: Publisher, ID: "publisher"},
		{Kind: Self, ID: caller.ID},
	}, func(r Resource) bool { return allowed(by, operation, caller, r) })
}

func allowed(by *cedar.PolicySet, action string, c Caller, r Resource) bool {
	principal, entities := world(c, r)
	decision, _ := by.IsAuthorized(entities, cedar.Request{
		Principal: principal,
		Action:    cedar.NewEntityUID("Action", cedar.String(action)),
		Resource:  uid(string(r.Kind), r.ID),
		Context:   cedar.NewRecord(nil),
	})
	return decision == cedar.Allow
}

// world is the caller and the resource as entities.
func world(c Caller, r Resource) (cedar.EntityUID, cedar.EntityMap) {
	entities := cedar.EntityMap{}
	put := func(e cedar.Entity) { entities[e.UID] = e }

	if r.Kind != Self {
		attributes := cedar.RecordMap{}
		switch {
		case r.Kind == Partner:
			attributes["capabilities"] = cedar.NewSet()
		case r.Kind == Customer && r.PartnerID != "":
			attributes["partner"] = uid("Partner", r.PartnerID)
		}
		put(cedar.Entity{UID: uid(string(r.Kind), r.ID), Attributes: cedar.NewRecord(attributes)})
	}
	var roles []cedar.EntityUID
	for _, role := range c.Roles {
		roles = append(roles, uid("Role", role))
	}
	principal := cedar.Entity{UID: uid("Person", c.ID), Parents: cedar.NewEntityUIDSet(roles...)}
	attributes := cedar.RecordMap{}
	switch {
	case c.Machine:
		principal.UID = uid("Machine", c.ID)
	case c.PartnerID != "":
		var capabilities []cedar.Value
		for _, capability := range c.Capabilities {
			capabilities = append(capabilities, cedar.String(capability))
		}
		attributes["partner"] = uid("Partner", c.PartnerID)
		put(cedar.Entity{UID: uid("Partner", c.PartnerID), Attributes: cedar.NewRecord(cedar.RecordMap{
			"capabilities": cedar.NewSet(capabilities...),
		})})
	case c.CustomerID != "":
		attributes["customer"] = uid("Customer", c.CustomerID)
	}
	principal.Attributes = cedar.NewRecord(attributes)
	put(principal)
	return principal.UID, entities
}

func uid(kind, id string) cedar.EntityUID {
	return cedar.NewEntityUID(cedar.EntityType(kind), cedar.String(id))
}

// Actions are the ids of all operations, as the schema has them.
var Actions = sync.OnceValue(func() []string {
	var s schema.Schema
	if err := s.UnmarshalCedar(schemaText); err != nil {
		panic(err) // embedded, and tested
	}
	var all []string
	for name := range s.AST().Actions {
		if name != "see" {
			all = append(all, string(name))
		}
	}
	slices.Sort(all)
	return all
})
