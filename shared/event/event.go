// Package event holds the facts that happened: the audit trail, and what others are told of.
package event

import "time"

// Actor is who did it.
type Actor struct {
	ID   string `json:"id"`             // of a user, or of a machine client
	Kind string `json:"kind"`           // person, machine or system
	Name string `json:"name,omitempty"` // as it was then
}

// Fact is what a rule says has happened: its kind, such as licence.taken, and its figures.
type Fact struct {
	Kind string         `json:"kind"`
	Data map[string]any `json:"data,omitempty"`
}

// New is a fact of a kind with its figures.
func New(kind string, data map[string]any) Fact { return Fact{kind, data} }

// Text is what the fact says under a name, or nothing if that is no text.
func (f Fact) Text(name string) string {
	s, _ := f.Data[name].(string)
	return s
}

// Number is the figure under a name, or 0.
func (f Fact) Number(name string) int {
	switch n := f.Data[name].(type) {
	case int:
		return n
	case float64: // as it comes from JSON and from the table
		return int(n)
	}
	return 0
}

// Event is a fact as it is kept: who did it, for whom, when and about what. It is written in the
// transaction that made it so, and never changed (F7).
type Event struct {
	Fact
	ID           string    `json:"id"` // sorts by time
	At           time.Time `json:"at"`
	Operation    string    `json:"operation"`
	Actor        Actor     `json:"actor"`
	Organisation string    `json:"organisation,omitempty"` // that the actor acted for
	OnBehalfOf   string    `json:"onBehalfOf,omitempty"`   // the organisation concerned, when it is another
	Names        *Names    `json:"names,omitempty"`        // of both, as they were then (B14)
	Subject      string    `json:"subject"`                // the customer, partner or plan that it is about
	PartnerID    string    `json:"partnerId,omitempty"`    // the partner of record, told of it (E19)
	Version      int64     `json:"version"`                // of the subject: orders its events
	Livemode     bool      `json:"livemode"`               // false in sandboxes (A5)
}

// Names are those of the two organisations of an event.
type Names struct {
	Organisation string `json:"organisation"`
	OnBehalfOf   string `json:"onBehalfOf"`
}

// Subject is a value that events are about: they lie beside it and carry its version.
type Subject interface{ About() About }

// Publisher is the kind and the id of the publisher itself, as the subject of events and as the owner of what they are about.
const Publisher = "publisher"

// OfPublisher identifies the publisher, by the version of what has changed.
func OfPublisher(version int64) About {
	return About{Kind: Publisher, ID: Publisher, Version: version, Livemode: true}
}

// About identifies a subject.
type About struct {
	Kind         string // customer, partner, user, plan or publisher
	ID           string
	Name         string // of the organisation
	Organisation string // that is concerned: the customer or partner itself; none for others
	PartnerID    string // of record
	Version      int64
	Livemode     bool
}
