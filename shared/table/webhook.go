package table

import (
	"strings"

	"comptoir/shared/webhook"
)

// Registry of endpoints
//
//	PK WEBHOOKS#<owner>   SK WEBHOOKS    the owner is a partner or the publisher
//
// It holds the secrets: a signature needs them as they are.
var _ = describe("webhooks", func(r webhook.Registry) keys { return keys{primary: WebhooksOf(r.Owner).Key} })

// WebhooksOf are the endpoints of an owner.
func WebhooksOf(owner string) Ref[webhook.Registry] {
	return Ref[webhook.Registry]{Key{"WEBHOOKS#" + owner, "WEBHOOKS"}}
}

// Delivery
//
//	PK DELIVERIES#<owner>#<endpoint>   SK DELIVERY#<id>, which sorts by time   expires after 30 days
//
// Pending ones fall due.
var _ = describe("delivery", func(d webhook.Delivery) keys {
	return keys{primary: DeliveryOf(d.Owner, d.EndpointID, d.ID).Key, until: d.Since.Add(webhook.Life), due: d.DueAt}
})

// DeliveryOf is a delivery to an owner's endpoint.
func DeliveryOf(owner, endpointID, deliveryID string) Ref[webhook.Delivery] {
	return Ref[webhook.Delivery]{Key{deliveryPartition(owner, endpointID), "DELIVERY#" + deliveryID}}
}

// DeliveriesTo are the deliveries to an owner's endpoint, latest first; those of one state, if one is given.
func DeliveriesTo(owner, endpointID string, state webhook.State, p Page) List[webhook.Delivery] {
	q := within(deliveryPartition(owner, endpointID), "DELIVERY#", p)
	q.backward = true
	if state != "" {
		q.where[0] = condition{"state", "=", string(state)}
	}
	return List[webhook.Delivery]{q}
}

func deliveryPartition(owner, endpointID string) string {
	return "DELIVERIES#" + owner + "#" + endpointID
}

// DeliveryOf is which delivery falls due, and to whose endpoint.
func (d Due) DeliveryOf() (owner, endpointID, deliveryID string) {
	owner, endpointID, _ = strings.Cut(d.Owner(), "#")
	return owner, endpointID, strings.TrimPrefix(d.Key.SK, "DELIVERY#")
}

// DueDelivery is a delivery as the scan tells of it.
func DueDelivery(d webhook.Delivery) Due {
	return Due{Type: TypeOf[webhook.Delivery](), Key: DeliveryOf(d.Owner, d.EndpointID, d.ID).Key}
}
