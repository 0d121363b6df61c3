package api

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"golang.org/x/text/language"

	"comptoir/shared/identifier"
	"comptoir/shared/problem"
	"comptoir/shared/setting"
	"comptoir/shared/table"
)

// Serve starts a function that answers the operations of an area. It doesn't return.
func Serve(area func(Env) []Operation) {
	setting.Log()
	t, err := table.Open()
	if err != nil {
		setting.Stop(err)
	}
	env, err := environment()
	if err != nil {
		setting.Stop(err)
	}
	lambda.Start(Lambda(Handler(t, area(env))))
}

var weekdays = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

func environment() (env Env, err error) {
	if env.Zone, err = setting.Zone(); err != nil {
		return env, err
	}
	if env.DashboardURL, err = setting.Need(setting.DashboardURL); err != nil {
		return env, err
	}
	if env.SupportMail, err = setting.Need(setting.SupportMail); err != nil {
		return env, err
	}
	if env.PartnerSupport.Mail, err = setting.Need(setting.PartnerMail); err != nil {
		return env, err
	}
	days, err := setting.Need(setting.PartnerDays)
	if err != nil {
		return env, err
	}
	env.PartnerSupport.Days = strings.Split(days, ",")
	for _, day := range env.PartnerSupport.Days {
		if !slices.Contains(weekdays, day) {
			return env, fmt.Errorf("%s: %q is no day", setting.PartnerDays, day)
		}
	}
	domains, err := setting.Need(setting.DeniedMailDomains)
	if err != nil {
		return env, err
	}
	denied, err := identifier.ParseDeny(domains)
	if err != nil {
		return env, fmt.Errorf("%s: %w", setting.DeniedMailDomains, err)
	}
	env.Denied = denied.Has
	env.PrivateHosts = setting.List(setting.PrivateHosts)
	return env, nil
}

// Handler answers operations over HTTP; the caller's claims come with the request's context. An
// operation is registered by the first request for it: a function starts as fast with twenty as with one.
func Handler(t *table.Table, operations []Operation) http.Handler {
	mux := http.NewServeMux()
	for _, op := range operations {
		registered := sync.OnceValue(func() http.Handler {
			own := http.NewServeMux()
			describe(own, t, []Operation{op})
			return own
		})
		mux.HandleFunc(op.Method+" "+op.Path, func(w http.ResponseWriter, r *http.Request) { registered().ServeHTTP(w, r) })
	}
	nothing := func(w http.ResponseWriter, r *http.Request) {
		write(w, render(problem.NotFound(), languageOf(r.Context())))
	}
	mux.HandleFunc("/", nothing)
	return recovering(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if at := r.URL.EscapedPath(); path.Clean(at) != at { // the mux would redirect
			nothing(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}))
}

// describe registers operations, which also describes them.
func describe(mux *http.ServeMux, t *table.Table, operations []Operation) *huma.OpenAPI {
	cfg := huma.DefaultConfig("Comptoir", "1")
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.CreateHooks, cfg.Transformers = nil, nil // no links to schemas in answers
	cfg.Formats = map[string]huma.Format{"application/json": strictJSON, "json": strictJSON}
	cfg.RejectUnknownQueryParameters = true
	cfg.Info.Description = "The partner desk: licences, customers and people, for partners, customers and the publisher's product."
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "An access token of the OpenID Connect provider."},
		"link":   {Type: "apiKey", In: "query", Name: "token", Description: "The secret of a link, for programs that can't sign in."},
	}
	cfg.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	a := humago.New(mux, cfg)
	for _, op := range operations {
		op.register(a, t, op)
	}
	return a.OpenAPI()
}

// schemaName is how the contract calls a type: what is shown of a licence is its Licence.
func schemaName(t reflect.Type, hint string) string {
	return strings.TrimSuffix(strings.ReplaceAll(huma.DefaultSchemaNamer(t, hint), "View", ""), "Struct")
}

// recovering answers a panic like any other failure of ours.
func recovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if cause := recover(); cause != nil {
				slog.ErrorContext(r.Context(), "panic", "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
				write(w, internal(languageOf(r.Context())))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func write(w http.ResponseWriter, p *Problem) {
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// answerTime is kept of the time that Lambda gives, to say that there was not enough.
const answerTime = 500 * time.Millisecond

// Lambda answers requests as API Gateway sends them (payload format 2.0).
func Lambda(h http.Handler) func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	adapter := httpadapter.NewV2(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, values := range r.Header {
			r.Header[name] = []string{strings.Join(values, ",")} // the adapter splits them at commas
		}
		ctx, asked := r.Context(), r.Header.Get("Accept-Language")
		if gateway, ok := core.GetAPIGatewayV2ContextFromContext(ctx); ok && gateway.Authorizer != nil {
			switch by := gateway.Authorizer; {
			case by.JWT != nil:
				ctx = context.WithValue(ctx, claimsKey, claims(by.JWT.Claims))
			case by.Lambda != nil:
				link := linkIn(by.Lambda)
				ctx, asked = context.WithValue(ctx, linkKey, link), cmp.Or(asked, link.Language)
			}
		}
		ctx = context.WithValue(ctx, languageKey, match(asked))
		h.ServeHTTP(w, r.WithContext(ctx))
	}))
	return func(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		start := time.Now()
		function, _ := lambdacontext.FromContext(ctx)
		if function == nil {
			function = &lambdacontext.LambdaContext{}
		}
		ctx = setting.With(ctx, slog.String("requestId", function.AwsRequestID), slog.String("gatewayRequestId", e.RequestContext.RequestID),
			slog.String("route", e.RouteKey), slog.String("organisation", loggable(e.Headers["x-organisation"])))
		if end, ok := ctx.Deadline(); ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, end.Add(-answerTime))
			defer cancel()
		}
		e.RawPath = routed(e)
		answer, err := adapter.ProxyWithContext(ctx, e)
		if err != nil { // a path that is none: the adapter can't make a request of it
			answer, err = nothingHere(match(e.Headers["accept-language"])), nil
		}
		slog.InfoContext(ctx, "request", "status", answer.StatusCode, "ms", time.Since(start).Milliseconds())
		return answer, err
	}
}

// routed is the request's path with its parameters as the gateway has read them, escaped again: what
// stands in a parameter can't lead to another route than the one that was matched.
func routed(e events.APIGatewayV2HTTPRequest) string {
	_, route, ok := strings.Cut(e.RouteKey, " ")
	if !ok { // not from a route
		return e.RawPath
	}
	for name, value := range e.PathParameters {
		value = url.PathEscape(value)
		if value == "." || value == ".." { // would be taken for a step within the path
			value = strings.ReplaceAll(value, ".", "%2E")
		}
		route = strings.ReplaceAll(route, "{"+name+"}", value)
	}
	return route
}

// loggable is an organisation's id, or nothing if it is something else.
func loggable(organisation string) string {
	if len(organisation) > 64 || strings.Trim(organisation, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return ""
	}
	return organisation
}

// nothingHere is the answer to what no request can be made of.
func nothingHere(lang language.Tag) events.APIGatewayV2HTTPResponse {
	p := render(problem.NotFound(), lang)
	body, _ := json.Marshal(p) // of strings: cannot fail
	return events.APIGatewayV2HTTPResponse{
		StatusCode: p.Status, Body: string(body), Headers: map[string]string{"Content-Type": p.ContentType("")},
	}
}
