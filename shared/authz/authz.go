// Package authz says who may do what, by Cedar policies evaluated in process. The action is the
// operation's id. Roles come from the table with each request, not from the token, so that taking one
// away works at once; who belongs where is the api package's matter.
package authz

import (
	_ "embed"

	"github.com/cedar-policy/cedar-go"

	"comptoir/shared/membership"
	"comptoir/shared/partner"
	"comptoir/shared/problem"
)

//go:embed policies.cedar
var policyText []byte

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
	{string(membership.Viewer), PartnerPeople},
	{string(membership.Accountant), PartnerPeople},
	{string(membership.Support), PartnerPeople},
	{string(membership.Full), PartnerPeople},
	{string(membership.Limited), PartnerPeople},
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
	Consents  bool   // a customer does, to what the caller may do there only with its consent (A17)
	Verified  bool   // a customer's domain is (B13)
}

// Allow says whether the caller may. Errors: problem.NotFound for what it can't see, as if it did not
// exist; problem.Forbidden for what its roles don't allow; problem.Error consent_required and domain_not_verified for what
// only the customer's consent, or the proof of its domain, is missing for.
func Allow(action string, c Caller, r Resource) error {
	if allowed(policies, action, c, r) {
		return nil
	}
	if !allowed(policies, "see", c, r) {
		return problem.NotFound()
	}
	if verified := r; !r.Verified {
		if verified.Verified = true; allowed(policies, action, c, verified) {
			return problem.Conflict("domain_not_verified", "The customer's domain has to be verified before it can be managed.")
		}
	}
	r.Consents, r.Verified = true, true
	if allowed(policies, action, c, r) {
		return problem.ConsentRequired()
	}
	return problem.Forbidden("Your roles don't allow this operation.")
}

func allowed(by *cedar.PolicySet, action string, c Caller, r Resource) bool {
	principal, entities := world(c, r)
	decision, _ := cedar.Authorize(by, entities, cedar.Request{
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
		case r.Kind == Customer:
			attributes["consents"], attributes["verified"] = cedar.Boolean(r.Consents), cedar.Boolean(r.Verified)
			if r.PartnerID != "" {
				attributes["partner"] = uid("Partner", r.PartnerID)
			}
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
