// Package endpoints answers the operations on the endpoints that events are sent to, and on the deliveries to them: of a partner, and
// of the publisher in the same way.
package endpoints

import (
	"net/http"
	"time"

	"comptoir/shared/api"
	"comptoir/shared/event"
	"comptoir/shared/problem"
	"comptoir/shared/table"
	"comptoir/shared/webhook"
)

type service struct{ hosts webhook.Hosts }

// Operations are those of the area.
func Operations(env api.Env) []api.Operation {
	s := service{env.PrivateHosts}
	const (
		ofPartner, ofPublisher = "/v1/partners/{partnerId}/webhooks/endpoints", "/v1/webhooks/endpoints"
		one, deliveries        = "/{endpointId}", "/{endpointId}/deliveries"

		secret = "The secret is in this answer and nowhere else. Keep it: messages are signed with it."
		old    = "The one before signs as well for 24 hours."
	)
	return []api.Operation{
		api.Read("listEndpoints", "GET "+ofPartner, "List the endpoints that get the events of the partner and its customers",
			func(tx *table.Tx, in *partnerList) (*api.Listed[endpointView], error) { return list(tx, in) }),
		api.Write("createEndpoint", "POST "+ofPartner, "Have the events of the partner and its customers sent to an address", http.StatusCreated,
			func(tx *table.Tx, in *partnerCreate) (*api.Told[secretView], error) {
				return s.create(tx, in, in.Terms)
			}).Says(secret),
		api.Read("getEndpoint", "GET "+ofPartner+one, "Read an endpoint of the partner",
			func(tx *table.Tx, in *partnerGet) (*api.Reply[endpointView], error) { return get(tx, in) }),
		api.Write("updateEndpoint", "PATCH "+ofPartner+one, "Change an endpoint of the partner, or enable or disable it", http.StatusOK,
			func(tx *table.Tx, in *partnerUpdate) (*api.Reply[endpointView], error) {
				return s.update(tx, in, in.Edit)
			}),
		api.Write("deleteEndpoint", "DELETE "+ofPartner+one, "Delete an endpoint of the partner, and what is still on its way there", http.StatusOK,
			func(tx *table.Tx, in *partnerDelete) (*api.Reply[endpointView], error) {
				return remove(tx, in, in.IfMatch)
			}),
		api.Write("rotateEndpointSecret", "POST "+ofPartner+one+"/secret", "Give an endpoint of the partner another secret", http.StatusOK,
			func(tx *table.Tx, in *partnerAct) (*api.Told[secretView], error) { return rotate(tx, in) }).Says(secret + " " + old),
		api.Write("testEndpoint", "POST "+ofPartner+one+"/test", "Send a message to an endpoint of the partner that tells of nothing: webhook.test", http.StatusCreated,
			func(tx *table.Tx, in *partnerAct) (*api.Reply[deliveryView], error) { return test(tx, in) }),
		api.Read("listDeliveries", "GET "+ofPartner+deliveries, "Read what was sent to an endpoint of the partner in the last 30 days, latest first",
			func(tx *table.Tx, in *partnerDeliveries) (*api.Listed[deliveryView], error) {
				return sent(tx, in, in.page(in.owner(), in.EndpointID))
			}),
		api.Write("replayDelivery", "POST "+ofPartner+deliveries+"/{deliveryId}/replay", "Send a message to an endpoint of the partner again", http.StatusOK,
			func(tx *table.Tx, in *partnerReplay) (*api.Reply[deliveryView], error) {
				return replay(tx, in, in.ref(in.owner(), in.EndpointID))
			}),

		api.Read("listPublisherEndpoints", "GET "+ofPublisher, "List the endpoints that get every event",
			func(tx *table.Tx, in *publisherList) (*api.Listed[endpointView], error) { return list(tx, in) }),
		api.Write("createPublisherEndpoint", "POST "+ofPublisher, "Have every event sent to an address", http.StatusCreated,
			func(tx *table.Tx, in *publisherCreate) (*api.Told[secretView], error) {
				return s.create(tx, in, in.Terms)
			}).Says(secret),
		api.Read("getPublisherEndpoint", "GET "+ofPublisher+one, "Read an endpoint of the publisher",
			func(tx *table.Tx, in *publisherGet) (*api.Reply[endpointView], error) { return get(tx, in) }),
		api.Write("updatePublisherEndpoint", "PATCH "+ofPublisher+one, "Change an endpoint of the publisher, or enable or disable it", http.StatusOK,
			func(tx *table.Tx, in *publisherUpdate) (*api.Reply[endpointView], error) {
				return s.update(tx, in, in.Edit)
			}),
		api.Write("deletePublisherEndpoint", "DELETE "+ofPublisher+one, "Delete an endpoint of the publisher, and what is still on its way there", http.StatusOK,
			func(tx *table.Tx, in *publisherDelete) (*api.Reply[endpointView], error) {
				return remove(tx, in, in.IfMatch)
			}),
		api.Write("rotatePublisherEndpointSecret", "POST "+ofPublisher+one+"/secret", "Give an endpoint of the publisher another secret", http.StatusOK,
			func(tx *table.Tx, in *publisherAct) (*api.Told[secretView], error) { return rotate(tx, in) }).Says(secret + " " + old),
		api.Write("testPublisherEndpoint", "POST "+ofPublisher+one+"/test", "Send a message to an endpoint of the publisher that tells of nothing: webhook.test", http.StatusCreated,
			func(tx *table.Tx, in *publisherAct) (*api.Reply[deliveryView], error) { return test(tx, in) }),
		api.Read("listPublisherDeliveries", "GET "+ofPublisher+deliveries, "Read what was sent to an endpoint of the publisher in the last 30 days, latest first",
			func(tx *table.Tx, in *publisherDeliveries) (*api.Listed[deliveryView], error) {
				return sent(tx, in, in.page(in.owner(), in.EndpointID))
			}),
		api.Write("replayPublisherDelivery", "POST "+ofPublisher+deliveries+"/{deliveryId}/replay", "Send a message to an endpoint of the publisher again", http.StatusOK,
			func(tx *table.Tx, in *publisherReplay) (*api.Reply[deliveryView], error) {
				return replay(tx, in, in.ref(in.owner(), in.EndpointID))
			}),
	}
}

type endpointView struct {
	ID               string    `json:"id" example:"whe_1"`
	URL              string    `json:"url" example:"https://hooks.martin.example/comptoir"`
	Kinds            []string  `json:"kinds" doc:"Of the events that are sent; empty: all." example:"licence.taken"`
	Enabled          bool      `json:"enabled"`
	Gone             bool      `json:"gone" doc:"It was disabled because it answered 410."`
	Failing          bool      `json:"failing" doc:"A delivery has failed for good, and none has arrived since."`
	OldSecretsSignTo time.Time `json:"oldSecretsSignTo,omitzero" doc:"Until when secrets that were replaced sign as well."`
	CreatedAt        time.Time `json:"createdAt"`
	UpdatedAt        time.Time `json:"updatedAt"`
	Version          int64     `json:"version"`
}

func view(e webhook.Endpoint) endpointView {
	v := endpointView{
		ID: e.ID, URL: e.URL, Kinds: append([]string{}, e.Kinds...), Enabled: e.Enabled, Gone: e.Gone, Failing: e.Failing,
		CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt, Version: e.Version,
	}
	if len(e.Secrets) > 1 {
		v.OldSecretsSignTo = e.Secrets[1].Until // the last that was replaced
	}
	return v
}

func show(e webhook.Endpoint) *api.Reply[endpointView] {
	return &api.Reply[endpointView]{ETag: api.ETag(e.Version), Body: view(e)}
}

// secretView shows the secret, once: what is kept of the answer, for a request that is repeated, lacks it.
type secretView struct {
	endpointView
	Secret string `json:"secret,omitempty" doc:"It is not shown again: a request that is repeated is answered without it." example:"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"`
}

// Kept is the answer without the secret.
func (v secretView) Kept() secretView {
	v.Secret = ""
	return v
}

func reveal(e webhook.Endpoint) *api.Told[secretView] {
	return &api.Told[secretView]{Body: secretView{view(e), e.Secrets[0].Text}}
}

func list(tx *table.Tx, in owned) (*api.Listed[endpointView], error) {
	return api.List(registry(tx, in).Endpoints, "", view), nil
}

func registry(tx *table.Tx, in owned) webhook.Registry {
	r, _ := table.WebhooksOf(in.owner()).Find(tx)
	r.Owner = in.owner()
	return r
}

func (s service) create(tx *table.Tx, in owned, terms Terms) (*api.Told[secretView], error) {
	url, err := s.hosts.Check("body.url", terms.Body.URL)
	if err != nil {
		return nil, err
	}
	kinds, err := webhook.CheckKinds("body.kinds", terms.Body.Kinds)
	if err != nil {
		return nil, err
	}
	r, e, err := registry(tx, in).Add(webhook.Endpoint{
		ID: tx.NewID("whe"), URL: url, Kinds: kinds, Enabled: true, Secrets: []webhook.Secret{{Text: tx.NewSigningSecret()}},
	}, tx.Now)
	if err != nil {
		return nil, err
	}
	tx.Put(&r)
	tx.Record(&r, e.Fact(webhook.Created))
	return reveal(e), nil
}

func get(tx *table.Tx, in one) (*api.Reply[endpointView], error) {
	e, err := registry(tx, in).Find(in.endpoint())
	if err != nil {
		return nil, err
	}
	return show(e), nil
}

func (s service) update(tx *table.Tx, in one, edit Edit) (*api.Reply[endpointView], error) {
	r := registry(tx, in)
	e, err := r.Find(in.endpoint())
	if err != nil {
		return nil, err
	}
	if err := edit.Match(e.Version); err != nil {
		return nil, err
	}
	c := webhook.Change{Enabled: edit.Body.Enabled}
	if edit.Body.URL != nil {
		url, err := s.hosts.Check("body.url", *edit.Body.URL)
		if err != nil {
			return nil, err
		}
		c.URL = &url
	}
	if edit.Body.Kinds != nil {
		kinds, err := webhook.CheckKinds("body.kinds", *edit.Body.Kinds)
		if err != nil {
			return nil, err
		}
		c.Kinds = &kinds
	}
	e, differs := e.Edit(c)
	if differs {
		r, e = r.Replace(e, tx.Now)
		tx.Put(&r)
		tx.Record(&r, e.Fact(webhook.Changed))
	}
	return show(e), nil
}

func remove(tx *table.Tx, in one, match api.IfMatch) (*api.Reply[endpointView], error) {
	r := registry(tx, in)
	e, err := r.Find(in.endpoint())
	if err != nil {
		return nil, err
	}
	if err := match.Match(e.Version); err != nil {
		return nil, err
	}
	r = r.Without(e.ID)
	tx.Put(&r)
	tx.Record(&r, e.Fact(webhook.Deleted))
	return show(e), nil
}

func rotate(tx *table.Tx, in one) (*api.Told[secretView], error) {
	r := registry(tx, in)
	e, err := r.Find(in.endpoint())
	if err != nil {
		return nil, err
	}
	r, e = r.Replace(e.Rotate(tx.NewSigningSecret(), tx.Now), tx.Now)
	tx.Put(&r)
	tx.Record(&r, e.Fact(webhook.Rotated))
	return reveal(e), nil
}

// enabled is the endpoint, if anything may be sent to it. Errors: problem.Conflict endpoint_disabled.
func enabled(r webhook.Registry, id string) (webhook.Endpoint, error) {
	e, err := r.Find(id)
	if err == nil && !e.Enabled {
		err = problem.Conflict("endpoint_disabled", "The endpoint is disabled; enable it first.")
	}
	return e, err
}

// test has a message sent by the worker: the fact says which.
func test(tx *table.Tx, in one) (*api.Reply[deliveryView], error) {
	r := registry(tx, in)
	e, err := enabled(r, in.endpoint())
	if err != nil {
		return nil, err
	}
	about := r.About()
	tried := event.Event{
		Fact: event.New(webhook.Test, map[string]any{"endpointId": e.ID}), ID: tx.NewOrderedID("evt"), At: tx.Now, Actor: tx.Actor,
		Subject: about.ID, PartnerID: about.PartnerID,
	}
	body, err := webhook.Body(tried)
	if err != nil {
		return nil, err
	}
	d := webhook.Deliver(tried, body, r.Owner, e.ID, tx.Now)
	tx.Put(&d)
	tx.Record(&r, d.Fact(e, webhook.Tested))
	return &api.Reply[deliveryView]{Body: viewDelivery(d)}, nil
}

type deliveryView struct {
	ID            string        `json:"id" example:"whd_1"`
	EventID       string        `json:"eventId" doc:"The message's webhook-id."`
	Kind          string        `json:"kind" example:"licence.taken"`
	State         webhook.State `json:"state" enum:"pending,delivered,failed,disabled" doc:"failed: after all attempts; disabled: the endpoint was when its turn came."`
	Since         time.Time     `json:"since" doc:"When it was to be sent first or, after a replay, again."`
	Attempts      int           `json:"attempts" doc:"Since then."`
	NextAttemptAt time.Time     `json:"nextAttemptAt,omitzero" doc:"While it is pending: not before, and within the hour."`
	LastAttempt   *attemptView  `json:"lastAttempt,omitempty"`
}

type attemptView struct {
	At      time.Time `json:"at"`
	Status  int       `json:"status,omitempty" doc:"Of the answer; absent without one."`
	Excerpt string    `json:"excerpt,omitempty" doc:"Of the answer, or why there was none."`
}

func viewDelivery(d webhook.Delivery) deliveryView {
	v := deliveryView{ID: d.ID, EventID: d.EventID, Kind: d.Kind, State: d.State, Since: d.Since, Attempts: d.Attempts, NextAttemptAt: d.DueAt}
	if d.Last != nil {
		v.LastAttempt = &attemptView{d.Last.At, d.Last.Status, d.Last.Excerpt}
	}
	return v
}

func sent(tx *table.Tx, in one, page table.List[webhook.Delivery]) (*api.Listed[deliveryView], error) {
	if _, err := registry(tx, in).Find(in.endpoint()); err != nil {
		return nil, err
	}
	rows, next := page.Rows(tx)
	return api.List(rows, next, viewDelivery), nil
}

// replay has the message sent by the worker, like test.
func replay(tx *table.Tx, in one, ref table.Ref[webhook.Delivery]) (*api.Reply[deliveryView], error) {
	r := registry(tx, in)
	e, err := enabled(r, in.endpoint())
	if err != nil {
		return nil, err
	}
	d, err := ref.Get(tx)
	if err != nil {
		return nil, err
	}
	d = d.Again(tx.Now)
	tx.Put(&d)
	tx.Record(&r, d.Fact(e, webhook.Replayed))
	return &api.Reply[deliveryView]{Body: viewDelivery(d)}, nil
}
