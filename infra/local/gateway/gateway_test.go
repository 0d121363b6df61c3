package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"comptoir/infra/local/gateway"

	"github.com/aws/aws-lambda-go/events"
)

var now = time.Date(2026, 3, 9, 8, 5, 7, 0, time.UTC)

// serve starts a gateway whose one function is handle.
func serve(t *testing.T, api gateway.API, handle gateway.Invoke) *httptest.Server {
	t.Helper()
	for i := range api.Routes {
		api.Routes[i].Function = "f"
		if api.Routes[i].Timeout == 0 {
			api.Routes[i].Timeout = time.Minute
		}
	}
	g, err := gateway.New(api, gateway.Options{
		Functions: map[string]gateway.Invoke{"f": handle},
		Now:       func() time.Time { return now },
		Report:    t.Logf,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	return server
}

func routes(keys ...string) gateway.API {
	api := gateway.API{ID: "api", AccountID: "000000000000"}
	for _, key := range keys {
		api.Routes = append(api.Routes, gateway.Route{Key: key})
	}
	return api
}

func do(t *testing.T, request *http.Request) (*http.Response, string) {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func request(t *testing.T, method, url string, body io.Reader, headers ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

// echo answers with the event itself.
func echo(_ context.Context, event []byte) ([]byte, error) {
	return json.Marshal(map[string]any{"statusCode": 200, "body": string(event)})
}

func eventOf(t *testing.T, r *http.Request) (event events.APIGatewayV2HTTPRequest) {
	t.Helper()
	response, body := do(t, r)
	if err := json.Unmarshal([]byte(body), &event); err != nil || response.StatusCode != 200 {
		t.Fatalf("status %d, %v: %s", response.StatusCode, err, body)
	}
	return event
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	server := serve(t, routes("GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default",
		"POST /pets/{pet}/notes/{note}", "GET /pets/{pet}/notes/{note}", "GET /pets/cat/notes/{proxy+}"), echo)
	for _, c := range []struct {
		request, key string
		parameters   map[string]string
	}{
		{"GET /pets/dog/1", "GET /pets/dog/1", map[string]string{}},
		{"GET /pets/dog/2", "GET /pets/dog/{id}", map[string]string{"id": "2"}},
		{"GET /pets/cat/1", "GET /pets/{proxy+}", map[string]string{"proxy": "cat/1"}},
		{"GET /pets/cat/notes/a%20b%2Fc", "GET /pets/{pet}/notes/{note}", map[string]string{"pet": "cat", "note": "a b/c"}},
		{"POST /pets/cat/notes/7", "POST /pets/{pet}/notes/{note}", map[string]string{"pet": "cat", "note": "7"}},
		{"POST /pets/cat", "ANY /{proxy+}", map[string]string{"proxy": "pets/cat"}},
		{"GET /", "$default", nil},
	} {
		t.Run(c.request, func(t *testing.T) {
			t.Parallel()
			method, path, _ := strings.Cut(c.request, " ")
			event := eventOf(t, request(t, method, server.URL+path, nil))
			if event.RouteKey != c.key || len(event.PathParameters)+len(c.parameters) > 0 && !reflect.DeepEqual(event.PathParameters, c.parameters) {
				t.Errorf("got %s with %v; want %s with %v", event.RouteKey, event.PathParameters, c.key, c.parameters)
			}
		})
	}
}

func TestNoRoute(t *testing.T) {
	t.Parallel()
	server := serve(t, routes("GET /v1/customers/{id}"), echo)
	for _, c := range []string{"GET /v1/customers", "GET /v1/customers/", "GET /v1/customers/1/", "POST /v1/customers/1", "GET /v1"} {
		method, path, _ := strings.Cut(c, " ")
		response, body := do(t, request(t, method, server.URL+path, nil))
		wantRefusal(t, response, body, 404, "not_found", "Not Found")
	}
}

func TestRouteKeysThatAreNotKnown(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"GET", "GET v1", "get /v1", "GET /v1/{id", "GET /v1/{}", "$connect"} {
		api := routes(key)
		api.Routes[0].Function = "f"
		_, err := gateway.New(api, gateway.Options{Functions: map[string]gateway.Invoke{"f": echo}, Now: time.Now})
		if err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%q: got %v; want an error that names it", key, err)
		}
	}
	if _, err := gateway.New(routes("GET /v1"), gateway.Options{Now: time.Now}); err == nil {
		t.Error("a route without a function was taken")
	}
}

func TestEvent(t *testing.T) {
	t.Parallel()
	server := serve(t, routes("POST /v1/customers/{id}/members"), echo)
	r := request(t, "POST", server.URL+"/v1/customers/c%C3%A9/members?q=a&q=b%20c&empty=", strings.NewReader(`{"a":"é"}`),
		"Content-Type", "application/json; charset=utf-8", "X-Several", "one", "X-Several", "two",
		"Cookie", "a=1; b=2", "User-Agent", "test")
	event := eventOf(t, r)
	if event.RequestContext.RequestID == "" || event.RequestContext.HTTP.SourceIP != "127.0.0.1" {
		t.Errorf("request id %q, source %q", event.RequestContext.RequestID, event.RequestContext.HTTP.SourceIP)
	}
	for _, c := range []struct {
		name      string
		got, want any
	}{
		{"version", event.Version, "2.0"},
		{"route key", event.RequestContext.RouteKey, "POST /v1/customers/{id}/members"},
		{"path", event.RawPath, "/v1/customers/cé/members"},
		{"query", event.RawQueryString, "q=a&q=b%20c&empty="},
		{"query parameters", event.QueryStringParameters, map[string]string{"q": "a,b c", "empty": ""}},
		{"path parameters", event.PathParameters, map[string]string{"id": "cé"}},
		{"joined header", event.Headers["x-several"], "one,two"},
		{"host", event.Headers["host"], r.URL.Host},
		{"no cookie header", event.Headers["cookie"], ""},
		{"cookies", event.Cookies, []string{"a=1", "b=2"}},
		{"body", event.Body, `{"a":"é"}`},
		{"encoding", event.IsBase64Encoded, false},
		{"stage", event.RequestContext.Stage, "$default"},
		{"account", event.RequestContext.AccountID, "000000000000"},
		{"time", event.RequestContext.Time, "09/Mar/2026:08:05:07 +0000"},
		{"epoch", event.RequestContext.TimeEpoch, now.UnixMilli()},
		{"method", event.RequestContext.HTTP.Method, "POST"},
		{"user agent", event.RequestContext.HTTP.UserAgent, "test"},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: got %v; want %v", c.name, c.got, c.want)
		}
	}
}

func TestBodiesThatAreNotText(t *testing.T) {
	t.Parallel()
	server := serve(t, routes("POST /"), echo)
	for _, c := range []struct {
		name, kind, encoding, body string
		base64                     bool
	}{
		{"text", "text/csv", "", "a;b", false},
		{"json", "application/json", "", "{}", false},
		{"a form", "application/x-www-form-urlencoded", "", "a=b", true},
		{"an image", "image/png", "", "\x89PNG", true},
		{"compressed json", "application/json", "gzip", "x", true},
		{"text that is not UTF-8", "text/plain", "", "\xff", true},
		{"no type", "", "", "x", true},
	} {
		event := eventOf(t, request(t, "POST", server.URL, strings.NewReader(c.body), "Content-Type", c.kind, "Content-Encoding", c.encoding))
		if event.IsBase64Encoded != c.base64 {
			t.Errorf("%s: base64 is %v; want %v", c.name, event.IsBase64Encoded, c.base64)
		}
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, payload  string
		status         int
		kind, body     string
		cookies, etag  string
		internalReason bool
	}{
		{
			name: "a response", payload: `{"statusCode":201,"headers":{"Content-Type":"application/json","ETag":"\"3\"","Content-Length":"99"},"body":"{}"}`,
			status: 201, kind: "application/json", body: "{}", etag: `"3"`,
		},
		{name: "cookies", payload: `{"statusCode":204,"cookies":["a=1; Secure","b=2"]}`, status: 204, cookies: "a=1; Secure|b=2", kind: "text/plain; charset=utf-8"},
		{
			name: "base64", payload: `{"statusCode":200,"headers":{"content-type":"application/pdf"},"body":"JVBERg==","isBase64Encoded":true}`,
			status: 200, kind: "application/pdf", body: "%PDF",
		},
		{name: "any other object", payload: `{"hello":"there"}`, status: 200, kind: "application/json", body: `{"hello":"there"}`},
		{name: "any other value", payload: `"hello"`, status: 200, kind: "application/json", body: `"hello"`},
		{name: "garbage", payload: `}not json{`, status: 500, internalReason: true},
		{name: "nothing", payload: ``, status: 500, internalReason: true},
		{name: "a status that is none", payload: `{"statusCode":42}`, status: 500, internalReason: true},
		{name: "a status in words", payload: `{"statusCode":"fine"}`, status: 500, internalReason: true},
		{name: "bad base64", payload: `{"statusCode":200,"body":"?","isBase64Encoded":true}`, status: 500, internalReason: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, routes("GET /"), func(context.Context, []byte) ([]byte, error) { return []byte(c.payload), nil })
			response, body := do(t, request(t, "GET", server.URL, nil))
			if c.internalReason {
				wantRefusal(t, response, body, 500, "internal", "Internal Server Error")
				return
			}
			cookies := strings.Join(response.Header.Values("Set-Cookie"), "|")
			if response.StatusCode != c.status || body != c.body || response.Header.Get("Content-Type") != c.kind ||
				cookies != c.cookies || response.Header.Get("Etag") != c.etag {
				t.Errorf("got %d %q, %v", response.StatusCode, body, response.Header)
			}
		})
	}
}

func TestFunctionThatFails(t *testing.T) {
	t.Parallel()
	server := serve(t, routes("GET /"), func(context.Context, []byte) ([]byte, error) {
		return nil, errors.New("the table's name is a secret")
	})
	response, body := do(t, request(t, "GET", server.URL, nil))
	wantRefusal(t, response, body, 500, "internal", "Internal Server Error")
	if strings.Contains(body, "secret") {
		t.Errorf("the reason is shown: %s", body)
	}
}

func TestFunctionThatTakesTooLong(t *testing.T) {
	t.Parallel()
	api := routes("GET /")
	api.Routes[0].Timeout = time.Millisecond
	server := serve(t, api, func(ctx context.Context, _ []byte) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	response, body := do(t, request(t, "GET", server.URL, nil))
	wantRefusal(t, response, body, 503, "unavailable", "Service Unavailable")
}

func TestBodyLimits(t *testing.T) {
	t.Parallel()
	server := serve(t, routes("POST /"), echo)
	for size, refused := range map[int]bool{5 << 20: false, 6 << 20: true, 11 << 20: true} {
		r := request(t, "POST", server.URL, bytes.NewReader(bytes.Repeat([]byte("x"), size)), "Content-Type", "text/plain")
		response, body := do(t, r)
		if refused {
			wantRefusal(t, response, body, 413, "invalid_input", "Request Entity Too Large")
		} else if response.StatusCode != 200 {
			t.Errorf("%d bytes: status %d", size, response.StatusCode)
		}
	}
}

func TestThrottling(t *testing.T) {
	t.Parallel()
	api := routes("GET /a", "GET /b")
	api.Rate, api.Burst = 1, 2
	server := serve(t, api, echo)
	for range 2 {
		if response, _ := do(t, request(t, "GET", server.URL+"/a", nil)); response.StatusCode != 200 {
			t.Errorf("status %d inside the burst", response.StatusCode)
		}
	}
	response, body := do(t, request(t, "GET", server.URL+"/a", nil))
	wantRefusal(t, response, body, 429, "too_many_requests", "Too Many Requests")
	if response, _ := do(t, request(t, "GET", server.URL+"/b", nil)); response.StatusCode != 200 {
		t.Errorf("status %d on another route", response.StatusCode)
	}
}

func TestCORS(t *testing.T) {
	t.Parallel()
	api := routes("GET /")
	api.Routes[0].Authorizer = &gateway.Authorizer{} // a preflight request needs no token
	api.CORS = &gateway.CORS{
		Origins: []string{"https://portal.example"}, Methods: []string{"GET", "PUT"},
		Headers: []string{"authorization"}, Expose: []string{"etag"}, MaxAge: 3600,
	}
	server := serve(t, api, echo)
	preflight, _ := do(t, request(t, "OPTIONS", server.URL, nil, "Origin", "https://portal.example", "Access-Control-Request-Method", "PUT"))
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "https://portal.example", "Access-Control-Allow-Methods": "GET,PUT",
		"Access-Control-Allow-Headers": "authorization", "Access-Control-Max-Age": "3600",
	} {
		if got := preflight.Header.Get(name); got != want || preflight.StatusCode != 204 {
			t.Errorf("%s is %q (status %d); want %q", name, got, preflight.StatusCode, want)
		}
	}
	refused, _ := do(t, request(t, "GET", server.URL, nil, "Origin", "https://portal.example"))
	if refused.Header.Get("Access-Control-Allow-Origin") == "" || refused.Header.Get("Access-Control-Expose-Headers") != "etag" {
		t.Errorf("headers %v; the portal could not read why it was refused", refused.Header)
	}
	other, _ := do(t, request(t, "GET", server.URL, nil, "Origin", "https://elsewhere.example"))
	if other.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("another origin is let in")
	}
}

// wantRefusal checks both faces of a refusal: AWS's message and the problem.
func wantRefusal(t *testing.T, response *http.Response, body string, status int, code, message string) {
	t.Helper()
	var got struct {
		Message, Type, Title, Code string
		Status                     int
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	if response.StatusCode != status || got.Status != status || got.Code != code || got.Message != message ||
		got.Type != "about:blank" || got.Title == "" || response.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("got %d %s; want %d %s %s", response.StatusCode, body, status, code, message)
	}
}
