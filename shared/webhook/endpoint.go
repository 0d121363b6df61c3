// Package webhook holds the endpoints that events are sent to, and the deliveries to them (F8, rule "Webhooks"): what an address
// may be, who gets which event, how it is written and signed (Standard Webhooks 1.0) and when it is tried again. How it is sent is
// left to others.
package webhook

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"comptoir/shared/event"
	"comptoir/shared/partner"
	"comptoir/shared/problem"
	"comptoir/shared/stamp"
)

// Publisher owns the endpoints that get every event; a partner's get those of the partner and of its customers.
const Publisher = event.Publisher

// What an owner may have at the most.
const (
	MaxEndpoints = 10
	maxSecrets   = 3 // that sign at once, however often they are rotated
)

// Overlap is how long a secret that was replaced still signs.
const Overlap = 24 * time.Hour

// Secret is what an endpoint's messages are signed with.
type Secret struct {
	Text  string    `json:"text"`           // whsec_ and base64
	Until time.Time `json:"until,omitzero"` // when it signs no more; the zero time of the present one
}

// Endpoint is an address that events are sent to.
type Endpoint struct {
	stamp.Stamp
	ID      string   `json:"id"`
	URL     string   `json:"url"`
	Kinds   []string `json:"kinds,omitempty"` // of the events that are wanted; none: all
	Enabled bool     `json:"enabled"`
	Gone    bool     `json:"gone,omitempty"`    // it was disabled because it answered so
	Failing bool     `json:"failing,omitempty"` // a delivery has failed for good, and none was made since
	Secrets []Secret `json:"secrets"`           // the present one first
}

// Registry are all endpoints of an owner. They lie together, so that there are never more than ten, and an event finds them with
// one read.
type Registry struct {
	stamp.Stamp
	Owner     string     `json:"owner"` // a partner's id, or Publisher
	Endpoints []Endpoint `json:"endpoints"`
}

// About says what events of the endpoints are about: the partner, or the publisher.
func (r *Registry) About() event.About { return partner.Owned(r.Owner, r.Version) }

// The kinds of the events of endpoints.
const (
	Created  = "webhook.created"
	Changed  = "webhook.changed"
	Deleted  = "webhook.deleted"
	Rotated  = "webhook.secretRotated"
	Tested   = "webhook.tested"
	Replayed = "webhook.replayed"
	Disabled = "webhook.disabled" // by an endpoint that answered that it is gone
	Failed   = "webhook.failed"   // a delivery has, for the first time since one was made
)

// Fact is that something happened to the endpoint. It holds no secret, and of the address the host alone: the rest is often one.
func (e Endpoint) Fact(kind string) event.Fact {
	return event.New(kind, map[string]any{"endpointId": e.ID, "host": e.host(), "kinds": append([]string{}, e.Kinds...), "enabled": e.Enabled})
}

func (e Endpoint) host() string {
	u, err := url.Parse(e.URL)
	if err != nil {
		panic("webhook: " + e.ID + " has an address that was not checked")
	}
	return u.Hostname()
}

// Find is the endpoint of an id. Errors: problem.NotFound.
func (r Registry) Find(id string) (Endpoint, error) {
	for _, e := range r.Endpoints {
		if e.ID == id {
			return e, nil
		}
	}
	return Endpoint{}, problem.NotFound()
}

// Add is the registry with a new endpoint. Errors: problem.Conflict limit_reached.
func (r Registry) Add(e Endpoint, now time.Time) (Registry, Endpoint, error) {
	if len(r.Endpoints) >= MaxEndpoints {
		return r, e, problem.Conflict("limit_reached", "There are %d endpoints, which is the most.", MaxEndpoints)
	}
	e.Advance(now)
	r.Endpoints = append(slices.Clone(r.Endpoints), e)
	return r, e, nil
}

// Replace is the registry with the next version of an endpoint.
func (r Registry) Replace(e Endpoint, now time.Time) (Registry, Endpoint) {
	e.Advance(now)
	r.Endpoints = slices.Clone(r.Endpoints)
	for n := range r.Endpoints {
		if r.Endpoints[n].ID == e.ID {
			r.Endpoints[n] = e
		}
	}
	return r, e
}

// Without is the registry without an endpoint.
func (r Registry) Without(id string) Registry {
	r.Endpoints = slices.DeleteFunc(slices.Clone(r.Endpoints), func(e Endpoint) bool { return e.ID == id })
	return r
}

var kind = regexp.MustCompile(`^[a-z][a-zA-Z]{0,39}\.[a-z][a-zA-Z]{0,39}$`)

// CheckKinds reads kinds of events, given as a field of the input, and puts them in order. Errors: problem.Invalid.
func CheckKinds(field string, kinds []string) ([]string, error) {
	for n, k := range kinds {
		if !kind.MatchString(k) {
			return nil, problem.Invalid(fmt.Sprintf("%s[%d]", field, n), "A kind of event is of the form licence.taken.")
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(kinds))), nil
}

// Change is what may be edited of an endpoint; nil stays as it is.
type Change struct {
	URL     *string
	Kinds   *[]string
	Enabled *bool
}

// Edit changes the endpoint, and tells whether that makes a difference. Who enables it, or moves it, begins anew with it.
func (e Endpoint) Edit(c Change) (Endpoint, bool) {
	after := e
	if c.URL != nil {
		after.URL = *c.URL
	}
	if c.Kinds != nil {
		after.Kinds = *c.Kinds
	}
	if c.Enabled != nil {
		after.Enabled = *c.Enabled
	}
	if after.Enabled && !e.Enabled || after.URL != e.URL {
		after.Failing = false
	}
	after.Gone = e.Gone && !after.Enabled
	return after, after.URL != e.URL || after.Enabled != e.Enabled || !slices.Equal(after.Kinds, e.Kinds)
}

// Rotate gives the endpoint another secret. Those before it sign as well for a day, so that receivers have time to follow; of
// secrets that are rotated in a hurry the oldest goes at once.
func (e Endpoint) Rotate(secret string, now time.Time) Endpoint {
	all := []Secret{{Text: secret}}
	for _, s := range e.signing(now) {
		if s.Until.IsZero() {
			s.Until = now.Add(Overlap)
		}
		all = append(all, s)
	}
	e.Secrets = all[:min(len(all), maxSecrets)]
	return e
}

// signing are the secrets that sign at a moment.
func (e Endpoint) signing(now time.Time) []Secret {
	return slices.DeleteFunc(slices.Clone(e.Secrets), func(s Secret) bool { return !s.Until.IsZero() && !now.Before(s.Until) })
}

// Owners are those whose endpoints an event may go to: the publisher, and the partner that it is of or whose customer it is
// about. Nothing leaves a sandbox (A5).
func Owners(e event.Event) []string {
	switch {
	case !e.Livemode:
		return nil
	case e.PartnerID != "":
		return []string{Publisher, e.PartnerID}
	case partner.IsID(e.Subject):
		return []string{Publisher, e.Subject}
	}
	return []string{Publisher}
}

// Wants tells whether the endpoint gets an event. Of endpoints none is told anything, or their failures would be told of without end.
func (e Endpoint) Wants(of event.Event) bool {
	if !e.Enabled || strings.HasPrefix(of.Kind, "webhook.") {
		return false
	}
	return len(e.Kinds) == 0 || slices.Contains(e.Kinds, of.Kind)
}
