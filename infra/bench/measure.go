package main

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"comptoir/functions"
	"comptoir/shared/api"
	"comptoir/shared/customer"
	"comptoir/shared/identifier"
	"comptoir/shared/seat"
	"comptoir/shared/table"
	"comptoir/shared/table/proxy"
)

type bench struct {
	direct    *dynamodb.Client
	proxy     *proxy.Proxy
	customers int
	accounts  int                  // reported so far
	requests  int                  // of the crowd, so far
	told      []string             // ids of notifications
	pools     map[string]seat.Pool // at the start, by customer
	kept      *keeper

	timed, counted handler // directly on the engine; through the proxy
	calls          *recorder
}

type handler = func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)

// serve makes the API twice: one to be timed, whose SDK calls are noted, and one to be counted.
func (b *bench) serve() {
	env := api.Env{Zone: time.UTC, DashboardURL: "https://app.example/{accountId}", SupportMail: "support@example.com", DNS: proof{}, Denied: identifier.Deny{"onmicrosoft.com"}.Has, Archive: b.kept}
	b.calls = &recorder{}
	over := func(c *dynamodb.Client) handler {
		return api.Lambda(api.Handler(table.New(c, tableName), functions.Operations(env)))
	}
	b.timed = over(client(*b.direct.Options().BaseEndpoint, b.calls.record))
	b.proxy.Hold = 3 * time.Millisecond
	b.counted = over(client(b.proxy.URL()))
}

// proof is a DNS that has what proves every customer's domain, and takes no time.
type proof struct{}

func (proof) LookupTXT(_ context.Context, name string) ([]string, error) {
	letters, _ := strings.CutSuffix(strings.TrimPrefix(name, "_comptoir."), ".example")
	n, err := strconv.Atoi(strings.TrimLeft(letters, "abcdefghijklmnopqrstuvwxyz"))
	if err != nil {
		return nil, err
	}
	record, err := customer.Customer{ID: customerID(n), Domain: letters + ".example"}.DomainRecord()
	return []string{record.Value}, err
}

// result is a row of the table.
type result struct {
	name        string
	usage       proxy.Usage
	allocations uint64
	took, raw   []time.Duration
}

func (r result) String() string {
	return fmt.Sprintf("| %s | %d | %.1f | %.0f | %d | %d | %d | %s | %s | %s | %.2f |",
		r.name, r.usage.RoundTrips, r.usage.ReadUnits, r.usage.WriteUnits, r.usage.RequestBytes, r.usage.ResponseBytes,
		r.allocations, ms(at(r.took, 50)), ms(at(r.took, 99)), ms(at(r.raw, 50)), float64(at(r.took, 50))/float64(at(r.raw, 50)))
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d.Microseconds())/1000) }

// at is a percentile.
func at(d []time.Duration, percent int) time.Duration {
	sorted := slices.Sorted(slices.Values(d))
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)]
}

// warmUp is how many calls come before the first that is timed.
const warmUp = 30

// measure calls an operation once to count, then many times in turn with the raw SDK calls that it has
// made, on the same engine.
func (b *bench) measure(ctx context.Context, o operation) (result, error) {
	r := result{name: o.name}
	if err := b.prepare(ctx, o, 0); err != nil {
		return r, err
	}
	b.proxy.Reset()
	if err := b.call(ctx, b.counted, o, 0); err != nil {
		return r, err
	}
	r.usage = b.proxy.Usage()
	var before, after runtime.MemStats
	for n := 1; n <= warmUp+*times; n++ {
		if err := b.prepare(ctx, o, n); err != nil {
			return r, err
		}
		e, err := b.event(o.by, o.request, n)
		if err != nil {
			return r, err
		}
		b.calls.reset()
		runtime.ReadMemStats(&before)
		start := time.Now()
		if err := check(b.timed(ctx, e)); err != nil {
			return r, err
		}
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		raw, err := b.calls.again(ctx, b.direct)
		if err != nil {
			return r, fmt.Errorf("raw: %w", err)
		}
		if n > warmUp {
			r.took, r.raw = append(r.took, took), append(r.raw, raw)
			r.allocations = (after.Mallocs - before.Mallocs)
		}
	}
	return r, nil
}

func (b *bench) prepare(ctx context.Context, o operation, n int) error {
	for _, do := range o.prepare {
		if err := do(ctx, b, n); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) call(ctx context.Context, h handler, o operation, n int) error {
	e, err := b.event(o.by, o.request, n)
	if err != nil {
		return err
	}
	return check(h(ctx, e))
}

func check(answer events.APIGatewayV2HTTPResponse, err error) error {
	if err == nil && answer.StatusCode >= 300 {
		err = fmt.Errorf("answered %d %s", answer.StatusCode, answer.Body)
	}
	return err
}

// event is a request as API Gateway sends it.
func (b *bench) event(by caller, r request, n int) (events.APIGatewayV2HTTPRequest, error) {
	said, body := r(b, n)
	method, target, _ := strings.Cut(said, " ")
	path, query, _ := strings.Cut(target, "?")
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RawPath: path, RawQueryString: query,
		Headers: map[string]string{"content-type": "application/json"},
	}
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path = method, path
	claims := map[string]string{"sub": userID}
	switch by {
	case seller:
		e.Headers["x-organisation"] = partnerID
	case admin:
		claims["sub"] = "bench-admin"
		e.Headers["x-organisation"] = customerID(0)
	case partnerAdmin, collaborates:
		claims["sub"] = string(by)
		e.Headers["x-organisation"] = partnerID
	case linked:
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			Lambda: api.Link{PartnerID: partnerID, UserID: userID}.Context(),
		}
		return e, nil
	case newPerson:
		claims["sub"], claims["email"], claims["email_verified"] = string(by), mailOf("bench-new"), "true"
	default:
		claims = map[string]string{"sub": string(by), "client_id": string(by), "scope": "comptoir/" + string(by)}
	}
	e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
		JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: claims},
	}
	if body == nil {
		return e, nil
	}
	text, err := json.Marshal(body)
	e.Body = string(text)
	return e, err
}
