package api

import (
	"context"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"comptoir/shared/setting"
	"comptoir/shared/table"
)

// Decision is what the gateway is told of who comes with a link.
type Decision = events.APIGatewayV2CustomAuthorizerSimpleResponse

// ServeAuthorizer starts a function that tells the gateway whose a link is, by its secret: nil for nobody's. It doesn't return.
func ServeAuthorizer(whose func(context.Context, *table.Table, string) (*Link, error)) {
	setting.Log()
	t, err := table.Open()
	if err != nil {
		setting.Stop(err)
	}
	lambda.Start(Authorizer(func(ctx context.Context, secret string) (*Link, error) { return whose(ctx, t, secret) }))
}

// Authorizer answers the gateway as a Lambda authorizer does (payload format 2.0, simple responses). No secret is ever logged.
func Authorizer(whose func(context.Context, string) (*Link, error)) func(context.Context, events.APIGatewayV2CustomAuthorizerV2Request) (Decision, error) {
	return func(ctx context.Context, e events.APIGatewayV2CustomAuthorizerV2Request) (Decision, error) {
		if len(e.IdentitySource) != 1 {
			return Decision{}, nil
		}
		link, err := whose(ctx, e.IdentitySource[0])
		if err != nil || link == nil {
			return Decision{}, err
		}
		return Decision{IsAuthorized: true, Context: link.Context()}, nil
	}
}
