// Package partner holds the organisations that sell or manage licences: what they are, what they
// are authorised to do, and what happens by their policy.
package partner

import (
	"strings"

	"comptoir/shared/calendar"
	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/stamp"
)

// Kind is what sort of partner it is.
type Kind string

const (
	Distributor    Kind = "distributor"
	AccountingFirm Kind = "accountingFirm"
)

// Mode is how a distributor distributes (A18).
type Mode string

const (
	Integrated Mode = "integrated" // gives first-line support, always
	NoCode     Mode = "noCode"     // gives it by choice
)

// Capability is something that the publisher authorises a partner to do (E1).
type Capability string

// SellLicences lets a partner take and change licences.
const SellLicences Capability = "sellLicences"

// IsID tells whether an organisation's id is that of a partner; others are customers'.
func IsID(organisationID string) bool { return strings.HasPrefix(organisationID, "par_") }

// Owned says what events of something are about that a partner owns or the publisher: its owner, by the thing's version.
func Owned(owner string, version int64) event.About {
	a := event.OfPublisher(version)
	if IsID(owner) {
		a.Kind, a.ID, a.Organisation, a.PartnerID = "partner", owner, owner, owner
	}
	return a
}

// Contact is how customers reach the partner.
type Contact struct {
	Mail  string `json:"mail"`
	Phone string `json:"phone,omitempty"`
}

// AutomaticLicence is what a new customer gets without anybody asking (A8).
type AutomaticLicence struct {
	PlanCode string        `json:"planCode"`
	Quantity int           `json:"quantity"`
	Term     calendar.Term `json:"term"`
	Trial    bool          `json:"trial"`
}

// Partner is an organisation that sells or manages licences.
type Partner struct {
	stamp.Stamp
	ID           string            `json:"id"`
	Name         string            `json:"name"`
	Kind         Kind              `json:"kind"`
	Mode         Mode              `json:"mode,omitempty"`
	Capabilities []Capability      `json:"capabilities"`
	Contact      Contact           `json:"contact"`
	Automatic    *AutomaticLicence `json:"automatic,omitempty"` // nil: licences are taken by hand

	FirstLine    bool                    `json:"firstLineSupport,omitempty"` // gives first-line support by choice
	Inactive     bool                    `json:"inactive,omitempty"`         // no longer in the programme
	Terms        map[membership.Role]int `json:"terms,omitempty"`            // how often a right to a role has ended
	GlobalAdmins int                     `json:"globalAdmins"`               // who have accepted: never none again
}

// About says what events of the partner are about.
func (p *Partner) About() event.About {
	return event.About{Kind: "partner", ID: p.ID, Name: p.Name, Organisation: p.ID, PartnerID: p.ID, Version: p.Version, Livemode: true}
}
