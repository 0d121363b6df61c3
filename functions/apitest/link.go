package apitest

import (
	"context"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"comptoir/functions/calendarauth"
	"comptoir/shared/api"
)

// Linked is somebody who comes with a link that the caller has made in a partner, and with nothing else.
func (c Client) Linked(partnerID string) Client {
	return Client{w: c.w, link: api.Link{PartnerID: partnerID, UserID: c.claims["sub"]}.Context()}
}

// Whose is what the gateway is told when it asks whose a link is, by its secret.
func (w *World) Whose(secret string) api.Decision {
	w.t.Helper()
	whose := func(ctx context.Context, secret string) (*api.Link, error) {
		return calendarauth.Whose(ctx, w.Table, secret)
	}
	who, err := api.Authorizer(whose)(context.Background(), events.APIGatewayV2CustomAuthorizerV2Request{IdentitySource: []string{secret}})
	if err != nil {
		w.t.Fatal(err)
	}
	return who
}

// Subscribed reads an address as a calendar program does. The gateway turns away who comes with a link that is nobody's.
func (w *World) Subscribed(url string, headers ...string) Answer {
	w.t.Helper()
	_, secret, _ := strings.Cut(url, "?token=")
	who := w.Whose(secret)
	if !who.IsAuthorized {
		return Answer{Status: 403, Body: map[string]any{"code": "forbidden"}}
	}
	return Client{w: w, link: who.Context}.Do("GET "+strings.TrimPrefix(url, "https://api.example"), nil, headers...)
}
