// Package membership holds who belongs to which organisation, and with which roles.
package membership

import "comptoir/shared/stamp"

// Role is what a member may do in an organisation; the policies of the authz package give it sense.
type Role string

// The roles of a partner's people in their own organisation (E5).
const (
	GlobalAdmin  Role = "globalAdmin"
	AccountAdmin Role = "accountAdmin"
	Sales        Role = "sales"
	Billing      Role = "billing"
	Viewer       Role = "viewer"
)

// OwnRoles are all of them.
var OwnRoles = []Role{GlobalAdmin, AccountAdmin, Sales, Billing, Viewer}

// The roles of a partner's collaborators, on the customers that they work on (A15).
const (
	Accountant Role = "accountant"
	Support    Role = "support"
)

// CollaboratorRoles are all of them.
var CollaboratorRoles = []Role{Accountant, Support}

// The grants of a partner's people on all customers that consent to its support (E6, E7). They are held like roles.
const (
	Full    Role = "full"    // all that the customer's administrator can do
	Limited Role = "limited" // password resets only
)

// Grants are all of them.
var Grants = []Role{Full, Limited}

// The roles of a customer's people.
const (
	Admin  Role = "admin"
	Member Role = "member"
)

// Membership is one person's place in one organisation, a partner or a customer.
type Membership struct {
	stamp.Stamp
	UserID           string `json:"userId"` // the subject of the person's tokens
	OrganisationID   string `json:"organisationId"`
	OrganisationName string `json:"organisationName"`
	Name             string `json:"name"` // of the person
	Mail             string `json:"mail"`
	Roles            []Role `json:"roles"` // in the organisation itself

	// Of a partner's people, a copy of what their collaborator's record says:
	CollaboratorID string       `json:"collaboratorId,omitempty"`
	Serves         map[Role]int `json:"serves,omitempty"` // collaborator roles, each with the term of the partner's right to it
	Grant          Role         `json:"grant,omitempty"`
}
