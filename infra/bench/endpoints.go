package main

import (
	"fmt"

	"comptoir/shared/event"
	"comptoir/shared/table"
	"comptoir/shared/webhook"
)

// The partner has an endpoint, to which a hundred events were delivered. What is measured of it costs the publisher's the same; making and
// deleting one writes what rotateEndpointSecret writes.
const (
	hooks = "/v1/partners/" + partnerID + "/webhooks/endpoints"
	hook  = "whe_bench"
	sent  = 100
)

var delivered = webhook.DeliveryID("evt_000", hook)

// listening drafts the endpoint and what was delivered to it.
func listening(t *table.Table) []*table.Tx {
	tx := t.Draft(began, "seed", seed, "")
	e := webhook.Endpoint{ID: hook, URL: "https://hooks.bench.example/", Enabled: true, Secrets: []webhook.Secret{{Text: webhook.NewSecret(make([]byte, webhook.SecretBytes))}}}
	e.Advance(began)
	tx.Put(&webhook.Registry{Owner: partnerID, Endpoints: []webhook.Endpoint{e}})
	for n := range sent {
		of := event.Event{
			Fact: event.New("licence.taken", map[string]any{"licenceId": licenceID(n), "planCode": planCode, "quantity": 5}),
			ID:   fmt.Sprintf("evt_%03d", n), At: began, Actor: seed, Subject: customerID(n), PartnerID: partnerID, Livemode: true,
		}
		body, err := webhook.Body(of)
		if err != nil {
			panic(err) // of texts and numbers
		}
		d, _, _ := webhook.Deliver(of, body, partnerID, hook, began).Begin("try", began).End(e, "try", webhook.Outcome{At: began, Status: 200})
		tx.Put(&d)
	}
	return []*table.Tx{tx}
}

var endpointReads = []operation{
	{name: "listEndpoints", by: partnerAdmin, request: get(hooks)},
	{name: "getEndpoint", by: partnerAdmin, request: get("%s/%s", hooks, hook)},
	{name: "listDeliveries", by: partnerAdmin, request: get("%s/%s/deliveries", hooks, hook)},
}

var endpointWrites = []operation{
	{name: "updateEndpoint", by: partnerAdmin, request: func(_ *bench, n int) (string, any) {
		return "PATCH " + hooks + "/" + hook, map[string]any{"url": fmt.Sprint("https://hooks.bench.example/", n)}
	}},
	{name: "rotateEndpointSecret", by: partnerAdmin, request: post(hooks + "/" + hook + "/secret")},
	{name: "testEndpoint", by: partnerAdmin, request: post(hooks + "/" + hook + "/test")},
	{name: "replayDelivery", by: partnerAdmin, request: post(hooks + "/" + hook + "/deliveries/" + delivered + "/replay")},
}

func post(path string) request {
	return func(*bench, int) (string, any) { return "POST " + path, nil }
}
