package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// An Asker is a Lambda authorizer: a function says of each request whether it is let in, by a parameter of its query (payload
// format 2.0, simple responses, no answer kept).
type Asker struct {
	Function  string
	Parameter string
}

// askTime is as long as API Gateway waits for an authorizer.
const askTime = 10 * time.Second

// admit asks about the request, which is described as its event will be.
func (a *Asker) admit(r *http.Request, about events.APIGatewayV2HTTPRequest, ask Invoke) (*description, error) {
	source := about.QueryStringParameters[a.Parameter]
	if source == "" {
		return nil, &refusal{status: http.StatusUnauthorized, description: "no " + a.Parameter}
	}
	in := about.RequestContext
	question, err := json.Marshal(events.APIGatewayV2CustomAuthorizerV2Request{
		Version: "2.0", Type: "REQUEST", IdentitySource: []string{source}, RouteKey: about.RouteKey,
		RouteArn: fmt.Sprintf("arn:aws:execute-api:local:%s:%s/%s/%s%s", in.AccountID, in.APIID, in.Stage, r.Method, about.RawPath),
		RawPath:  about.RawPath, RawQueryString: about.RawQueryString, Cookies: about.Cookies, Headers: about.Headers,
		QueryStringParameters: about.QueryStringParameters, RequestContext: in, PathParameters: about.PathParameters,
	})
	if err != nil {
		return nil, err
	}
	return a.decide(r.Context(), question, ask)
}

func (a *Asker) decide(ctx context.Context, question []byte, ask Invoke) (*description, error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	payload, err := ask(ctx, question)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.Function, err)
	}
	var answer events.APIGatewayV2CustomAuthorizerSimpleResponse
	if err := json.Unmarshal(payload, &answer); err != nil {
		return nil, fmt.Errorf("%s answered what is no decision: %w", a.Function, err)
	}
	if !answer.IsAuthorized {
		return nil, &refusal{status: http.StatusForbidden, description: "not let in"}
	}
	return &description{Lambda: answer.Context}, nil
}
