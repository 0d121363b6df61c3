// Package membership holds who belongs to which organisation, and with which roles.
package membership

import "comptoir/shared/stamp"

// Role is what a member may do in an organisation; the policies of the authz package give it sense.
type Role string

// The roles of a partner's people.
const (
	GlobalAdmin  Role = "globalAdmin"
	AccountAdmin Role = "accountAdmin"
	Sales        Role = "sales"
	Billing      Role = "billing"
	Support      Role = "support"
	Viewer       Role = "viewer"
)

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
	Roles            []Role `json:"roles"`
}
