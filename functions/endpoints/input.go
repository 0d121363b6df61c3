package endpoints

import (
	"comptoir/shared/api"
	"comptoir/shared/table"
	"comptoir/shared/webhook"
)

// owned is an input on the endpoints of somebody, one on one of them.
type owned interface{ owner() string }

type one interface {
	owned
	endpoint() string
}

// OfPartner is about a partner's endpoints.
type OfPartner struct{ api.OnPartner }

func (in *OfPartner) owner() string { return in.PartnerID }

// Load announces the endpoints.
func (in *OfPartner) Load() []table.Load { return []table.Load{table.WebhooksOf(in.owner())} }

// OfPublisher is about the publisher's.
type OfPublisher struct{ api.OnPublisher }

func (in *OfPublisher) owner() string { return webhook.Publisher }

// Load announces the endpoints.
func (in *OfPublisher) Load() []table.Load { return []table.Load{table.WebhooksOf(in.owner())} }

// ToEndpoint names one of them.
type ToEndpoint struct {
	EndpointID string `path:"endpointId" maxLength:"64" pattern:"^whe_[0-9a-z]+$" example:"whe_1"`
}

func (in *ToEndpoint) endpoint() string { return in.EndpointID }

// Terms are what is said of a new endpoint.
type Terms struct {
	Body struct {
		URL   string   `json:"url" maxLength:"1000" doc:"By https, at a public name, at port 443 or 8443." example:"https://hooks.martin.example/comptoir"`
		Kinds []string `json:"kinds,omitempty" maxItems:"50" doc:"Of the events to be sent; none: all." example:"licence.taken"`
	}
}

// Edit is what is changed of one; what is left out stays.
type Edit struct {
	api.IfMatch
	Body struct {
		URL     *string   `json:"url,omitempty" maxLength:"1000"`
		Kinds   *[]string `json:"kinds,omitempty" maxItems:"50" doc:"Empty: all."`
		Enabled *bool     `json:"enabled,omitempty"`
	}
}

// Sent asks for deliveries.
type Sent struct {
	api.Paged
	State webhook.State `query:"state" enum:"pending,delivered,failed,disabled" doc:"Only those; a page can then hold fewer rows than asked for while there are more."`
}

func (in *Sent) page(owner, endpointID string) table.List[webhook.Delivery] {
	return table.DeliveriesTo(owner, endpointID, in.State, in.Page())
}

// OfDelivery names one.
type OfDelivery struct {
	DeliveryID string `path:"deliveryId" maxLength:"64" pattern:"^whd_[0-9a-z]+$" example:"whd_1"`
}

func (in *OfDelivery) ref(owner, endpointID string) table.Ref[webhook.Delivery] {
	return table.DeliveryOf(owner, endpointID, in.DeliveryID)
}

type (
	partnerList struct{ OfPartner }
	partnerGet  struct {
		OfPartner
		ToEndpoint
	}
	partnerCreate struct {
		OfPartner
		api.Once
		Terms
	}
	partnerUpdate struct {
		OfPartner
		ToEndpoint
		api.Once
		Edit
	}
	partnerDelete struct {
		OfPartner
		ToEndpoint
		api.Once
		api.IfMatch
	}
	partnerAct struct {
		OfPartner
		ToEndpoint
		api.Once
	}
	partnerDeliveries struct {
		OfPartner
		ToEndpoint
		Sent
	}
	partnerReplay struct {
		OfPartner
		ToEndpoint
		OfDelivery
		api.Once
	}

	publisherList struct{ OfPublisher }
	publisherGet  struct {
		OfPublisher
		ToEndpoint
	}
	publisherCreate struct {
		OfPublisher
		api.Once
		Terms
	}
	publisherUpdate struct {
		OfPublisher
		ToEndpoint
		api.Once
		Edit
	}
	publisherDelete struct {
		OfPublisher
		ToEndpoint
		api.Once
		api.IfMatch
	}
	publisherAct struct {
		OfPublisher
		ToEndpoint
		api.Once
	}
	publisherDeliveries struct {
		OfPublisher
		ToEndpoint
		Sent
	}
	publisherReplay struct {
		OfPublisher
		ToEndpoint
		OfDelivery
		api.Once
	}
)

// Load announces the page too.
func (in *partnerDeliveries) Load() []table.Load {
	return append(in.OfPartner.Load(), in.page(in.owner(), in.EndpointID))
}

// Load announces the page too.
func (in *publisherDeliveries) Load() []table.Load {
	return append(in.OfPublisher.Load(), in.page(in.owner(), in.EndpointID))
}

// Load announces the delivery too.
func (in *partnerReplay) Load() []table.Load {
	return append(in.OfPartner.Load(), in.ref(in.owner(), in.EndpointID))
}

// Load announces the delivery too.
func (in *publisherReplay) Load() []table.Load {
	return append(in.OfPublisher.Load(), in.ref(in.owner(), in.EndpointID))
}
