// Package calendarauth tells the gateway whose a link to a calendar is: it lets in whoever has a secret that was given out and not
// revoked. What the person who made the link may see is for the operation to find out.
package calendarauth

import (
	"context"

	"github.com/aws/aws-lambda-go/events"

	"comptoir/shared/api"
	"comptoir/shared/id"
	"comptoir/shared/partner"
	"comptoir/shared/table"
)

// secretLength is how long the text of a secret is: what is shorter or longer was never given out.
const secretLength = 43

// Answer is what the gateway is told.
type Answer = events.APIGatewayV2CustomAuthorizerSimpleResponse

// Handler answers the gateway. No secret is ever logged.
func Handler(t *table.Table) func(context.Context, events.APIGatewayV2CustomAuthorizerV2Request) (Answer, error) {
	return func(ctx context.Context, e events.APIGatewayV2CustomAuthorizerV2Request) (Answer, error) {
		if len(e.IdentitySource) != 1 || len(e.IdentitySource[0]) != secretLength {
			return Answer{}, nil
		}
		ref := table.LinkOf(id.Hash(e.IdentitySource[0]))
		link, err := table.Read(ctx, t, table.Call{Load: []table.Load{ref}, Allow: table.Unasked}, func(tx *table.Tx) (*partner.Link, error) {
			l, some := ref.Find(tx)
			if !some {
				return nil, nil
			}
			return &l, nil
		})
		if err != nil || link == nil {
			return Answer{}, err
		}
		return Answer{IsAuthorized: true, Context: api.Link{PartnerID: link.PartnerID, UserID: link.UserID, Language: link.Language}.Context()}, nil
	}
}
