// Package gateway is an API Gateway HTTP API for this machine: routes, JWT and Lambda authorizers, throttling,
// CORS and the Lambda proxy integration in payload format 2.0. Which routes there are is told by the
// template; who runs the functions is told by an Invoke each.
//
// What the gateway refuses by itself is answered as AWS does ({"message": …}), with the members of
// an RFC 9457 problem added, so that a client meets one shape of failure only.
package gateway

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// An Invoke runs a function once.
type Invoke func(ctx context.Context, event []byte) ([]byte, error)

// An API is what the template says of an HTTP API with a $default stage.
type API struct {
	ID          string
	AccountID   string
	Routes      []Route
	CORS        *CORS
	Rate, Burst float64 // of each route: requests per second, and at once; 0 is no limit
}

// A Route sends requests to a function.
type Route struct {
	Key        string // "GET /v1/customers/{customerId}", "ANY /v1/{proxy+}" or "$default"
	Function   string
	Timeout    time.Duration
	Authorizer *Authorizer // without one and without an asker everybody is let in
	Asker      *Asker
	Scopes     []string // of which the token must have one, if there are any
}

// CORS is what pages of other origins may do.
type CORS struct {
	Origins, Methods, Headers, Expose []string
	MaxAge                            int // seconds
	Credentials                       bool
}

// Options are what the template does not tell.
type Options struct {
	Functions map[string]Invoke
	Now       func() time.Time
	Report    func(format string, args ...any) // tells the developer why a request failed
}

// Limits of API Gateway and of Lambda, in bytes.
const (
	bodyLimit  = 10 << 20
	eventLimit = 6 << 20
)

// A Gateway serves an API.
type Gateway struct {
	api     API
	options Options
	routes  []*route // the most specific first
}

// New returns a gateway for the API. It refuses route keys that API Gateway would not take, and routes
// whose function is not there.
func New(api API, options Options) (*Gateway, error) {
	g := &Gateway{api: api, options: options}
	for _, r := range api.Routes {
		compiled, err := compile(r)
		if err != nil {
			return nil, err
		}
		if options.Functions[r.Function] == nil {
			return nil, fmt.Errorf("route %s: no function %q", r.Key, r.Function)
		}
		if r.Asker != nil && options.Functions[r.Asker.Function] == nil {
			return nil, fmt.Errorf("route %s: no function %q to ask", r.Key, r.Asker.Function)
		}
		compiled.bucket = newBucket(api.Rate, api.Burst, options.Now())
		g.routes = append(g.routes, compiled)
	}
	sortRoutes(g.routes)
	return g, nil
}

func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := rand.Text()
	w.Header().Set("Apigw-Requestid", id)
	if g.api.CORS != nil && g.api.CORS.serve(w, r) {
		return
	}
	route, parameters := find(g.routes, r.Method, r.URL.EscapedPath())
	if route == nil {
		refuse(w, http.StatusNotFound, "not_found", "Not Found")
		return
	}
	if !route.bucket.take(g.options.Now()) {
		refuse(w, http.StatusTooManyRequests, "too_many_requests", "Too Many Requests")
		return
	}
	caller, err := g.admit(r, id, route, parameters)
	if err != nil {
		g.turnAway(w, r, route, err)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		g.badBody(w, err)
		return
	}
	event, err := json.Marshal(g.newEvent(r, id, route, parameters, caller, body))
	if err != nil {
		g.fail(w, r, err)
		return
	}
	if len(event) > eventLimit {
		refuse(w, http.StatusRequestEntityTooLarge, "invalid_input", "Request Entity Too Large")
		return
	}
	g.integrate(w, r, route, event)
}

// admit tells who the caller is, by the route's authorizer: nil where it has none.
func (g *Gateway) admit(r *http.Request, id string, route *route, parameters map[string]string) (*description, error) {
	switch {
	case route.Authorizer != nil:
		caller, err := route.Authorizer.admit(r, route.Scopes, g.options.Now())
		if err != nil {
			return nil, err
		}
		return caller.describe(route.Scopes), nil
	case route.Asker != nil:
		return route.Asker.admit(r, g.newEvent(r, id, route, parameters, nil, nil), g.options.Functions[route.Asker.Function])
	}
	return nil, nil
}

func (g *Gateway) integrate(w http.ResponseWriter, r *http.Request, route *route, event []byte) {
	ctx, cancel := context.WithTimeout(r.Context(), route.Timeout)
	defer cancel()
	payload, err := g.options.Functions[route.Function](ctx, event)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		g.options.Report("%s %s: no answer within %s", r.Method, r.URL.Path, route.Timeout)
		refuse(w, http.StatusServiceUnavailable, "unavailable", "Service Unavailable")
	case errors.Is(err, context.Canceled): // the client has gone
	case err != nil:
		g.fail(w, r, err)
	default:
		if err := g.writeAnswer(w, payload); err != nil {
			g.fail(w, r, fmt.Errorf("%s answered what is no response: %w", route.Function, err))
		}
	}
}

// fail answers a failed integration; the reason is for the developer only.
func (g *Gateway) fail(w http.ResponseWriter, r *http.Request, err error) {
	g.options.Report("%s %s: %v", r.Method, r.URL.Path, err)
	refuse(w, http.StatusInternalServerError, "internal", "Internal Server Error")
}

func (g *Gateway) turnAway(w http.ResponseWriter, r *http.Request, route *route, err error) {
	var refusal *refusal
	if !errors.As(err, &refusal) {
		g.fail(w, r, err)
		return
	}
	if route.Asker == nil {
		w.Header().Set("Www-Authenticate", refusal.challenge(route.Scopes))
	}
	if refusal.status == http.StatusForbidden {
		refuse(w, refusal.status, "forbidden", "Forbidden")
		return
	}
	refuse(w, refusal.status, "unauthenticated", "Unauthorized")
}

func (g *Gateway) badBody(w http.ResponseWriter, err error) {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		refuse(w, http.StatusRequestEntityTooLarge, "invalid_input", "Request Entity Too Large")
		return
	}
	refuse(w, http.StatusBadRequest, "invalid_input", "Bad Request")
}

// refuse answers in the shape that the package comment tells of.
func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(struct { // a client that has gone does not read it
		Message string `json:"message"`
		Type    string `json:"type"`
		Title   string `json:"title"`
		Status  int    `json:"status"`
		Code    string `json:"code"`
	}{message, "about:blank", http.StatusText(status), status, code})
}
