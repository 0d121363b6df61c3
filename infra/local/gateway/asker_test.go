package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"comptoir/infra/local/gateway"

	"github.com/aws/aws-lambda-go/events"
)

// asked serves one route that is behind a function, which decides, and one that is open.
func asked(t *testing.T, decide gateway.Invoke) *httptest.Server {
	t.Helper()
	api := routes("GET /feeds/{name}", "GET /open")
	api.Routes[0].Asker = &gateway.Asker{Function: "decide", Parameter: "token"}
	for i := range api.Routes {
		api.Routes[i].Function, api.Routes[i].Timeout = "f", time.Minute
	}
	g, err := gateway.New(api, gateway.Options{
		Functions: map[string]gateway.Invoke{"f": echo, "decide": decide}, Now: func() time.Time { return now }, Report: t.Logf,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	return server
}

func answering(text string) gateway.Invoke {
	return func(context.Context, []byte) ([]byte, error) { return []byte(text), nil }
}

func TestAFunctionIsAskedWhomToLetIn(t *testing.T) {
	t.Parallel()
	var question events.APIGatewayV2CustomAuthorizerV2Request
	server := asked(t, func(_ context.Context, event []byte) ([]byte, error) {
		if err := json.Unmarshal(event, &question); err != nil {
			return nil, err
		}
		return []byte(`{"isAuthorized":true,"context":{"userId":"usr_lea","n":3}}`), nil
	})
	response, body := do(t, request(t, "GET", server.URL+"/feeds/a%20b?token=s-_1&x=2", nil, "Accept", "text/calendar"))
	var event events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal([]byte(body), &event); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%d %s: %v", response.StatusCode, body, err)
	}
	who := event.RequestContext.Authorizer
	if who == nil || who.JWT != nil || who.Lambda["userId"] != "usr_lea" || who.Lambda["n"] != 3.0 {
		t.Errorf("the function is told of %+v", who)
	}
	if q := question; q.Version != "2.0" || q.Type != "REQUEST" || len(q.IdentitySource) != 1 || q.IdentitySource[0] != "s-_1" ||
		q.RouteKey != "GET /feeds/{name}" || q.PathParameters["name"] != "a b" || q.QueryStringParameters["x"] != "2" || q.Headers["accept"] != "text/calendar" ||
		q.RequestContext.HTTP.Method != "GET" {
		t.Errorf("asked %+v", q)
	}
}

func TestWhomTheFunctionDoesNotLetIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, query string
		decide      gateway.Invoke
		status      int
		code        string
		message     string
	}{
		{"who is refused", "?token=x", answering(`{"isAuthorized":false}`), 403, "forbidden", "Forbidden"},
		{"who is not decided about", "?token=x", answering(`{}`), 403, "forbidden", "Forbidden"},
		{"who has nothing to be asked about, without asking", "?other=x", answering(`{"isAuthorized":true}`), 401, "unauthenticated", "Unauthorized"},
		{"who has it empty", "?token=", answering(`{"isAuthorized":true}`), 401, "unauthenticated", "Unauthorized"},
		{"anybody while the answer is odd", "?token=x", answering(`yes`), 500, "internal", "Internal Server Error"},
		{
			"anybody while there is none", "?token=x",
			func(context.Context, []byte) ([]byte, error) { return nil, errors.New("broken") }, 500, "internal", "Internal Server Error",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			response, body := do(t, request(t, "GET", asked(t, c.decide).URL+"/feeds/a"+c.query, nil))
			wantRefusal(t, response, body, c.status, c.code, c.message)
			if challenge := response.Header.Get("Www-Authenticate"); challenge != "" {
				t.Errorf("asks for a token: %s", challenge)
			}
		})
	}
}

func TestAFunctionToAskMustBeThere(t *testing.T) {
	t.Parallel()
	api := routes("GET /")
	api.Routes[0].Function, api.Routes[0].Asker = "f", &gateway.Asker{Function: "gone", Parameter: "token"}
	if _, err := gateway.New(api, gateway.Options{Functions: map[string]gateway.Invoke{"f": echo}, Now: time.Now}); err == nil {
		t.Error("it starts")
	}
}
