package gateway

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// A description is what an authorizer says of the caller.
type description = events.APIGatewayV2HTTPRequestContextAuthorizerDescription

// newEvent makes the event of payload format 2.0 for a request.
func (g *Gateway) newEvent(r *http.Request, id string, route *route, parameters map[string]string, caller *description, body []byte) events.APIGatewayV2HTTPRequest {
	now := g.options.Now().UTC()
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		host, port = r.Host, "80"
	}
	source, _, _ := net.SplitHostPort(r.RemoteAddr)
	event := events.APIGatewayV2HTTPRequest{
		Version:               "2.0",
		RouteKey:              route.Key,
		RawPath:               r.URL.Path, // unescaped, as AWS sends it
		RawQueryString:        r.URL.RawQuery,
		Headers:               joinHeaders(r, source, port),
		QueryStringParameters: joinQuery(r.URL.Query()),
		PathParameters:        parameters,
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey:     route.Key,
			AccountID:    g.api.AccountID,
			Stage:        defaultKey,
			RequestID:    id,
			APIID:        g.api.ID,
			DomainName:   host,
			DomainPrefix: strings.Split(host, ".")[0],
			Time:         now.Format("02/Jan/2006:15:04:05 +0000"),
			TimeEpoch:    now.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method:    r.Method,
				Path:      r.URL.Path,
				Protocol:  r.Proto,
				SourceIP:  source,
				UserAgent: r.UserAgent(),
			},
		},
	}
	for _, cookie := range r.Header.Values("Cookie") {
		for one := range strings.SplitSeq(cookie, ";") {
			event.Cookies = append(event.Cookies, strings.TrimSpace(one))
		}
	}
	event.RequestContext.Authorizer = caller
	event.Body, event.IsBase64Encoded = string(body), false
	if !isText(r.Header, body) {
		event.Body, event.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	return event
}

func joinHeaders(r *http.Request, source, port string) map[string]string {
	headers := map[string]string{
		"host":              r.Host,
		"x-forwarded-for":   source,
		"x-forwarded-port":  port,
		"x-forwarded-proto": "http",
	}
	for name, values := range r.Header {
		if name != "Cookie" {
			headers[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	if r.ContentLength >= 0 {
		headers["content-length"] = fmt.Sprint(r.ContentLength)
	}
	return headers
}

func joinQuery(query url.Values) map[string]string {
	joined := map[string]string{}
	for name, values := range query {
		joined[name] = strings.Join(values, ",")
	}
	return joined
}

// isText says whether API Gateway hands the body over as it is rather than in base64.
func isText(h http.Header, body []byte) bool {
	if len(body) == 0 {
		return true
	}
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	switch kind {
	case "application/json", "application/xml", "application/javascript":
	default:
		if !strings.HasPrefix(kind, "text/") {
			return false
		}
	}
	return h.Get("Content-Encoding") == "" && utf8.Valid(body)
}

// writeAnswer sends what a function returned. An object with a statusCode is a response; any other
// JSON is the body of a 200.
func (g *Gateway) writeAnswer(w http.ResponseWriter, payload []byte) error {
	if !json.Valid(payload) {
		return errors.New("not JSON")
	}
	var marker map[string]json.RawMessage
	if json.Unmarshal(payload, &marker) != nil || marker["statusCode"] == nil {
		w.Header().Set("Content-Type", "application/json")
		w.Write(payload)
		return nil
	}
	var answer struct {
		StatusCode      int
		Headers         map[string]any
		Cookies         []string
		Body            string
		IsBase64Encoded bool
	}
	if err := json.Unmarshal(payload, &answer); err != nil {
		return err
	}
	if answer.StatusCode < 200 || answer.StatusCode > 599 {
		return fmt.Errorf("status %d", answer.StatusCode)
	}
	body := []byte(answer.Body)
	if answer.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(answer.Body); err != nil {
			return err
		}
	}
	for name, value := range answer.Headers {
		if g.maySet(name) {
			w.Header().Set(name, fmt.Sprint(value))
		}
	}
	for _, cookie := range answer.Cookies {
		w.Header().Add("Set-Cookie", cookie)
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	}
	w.WriteHeader(answer.StatusCode)
	w.Write(body)
	return nil
}

// maySet keeps the length to the server, and CORS to the API where it has a configuration of its own.
func (g *Gateway) maySet(header string) bool {
	name := http.CanonicalHeaderKey(header)
	return name != "Content-Length" && (g.api.CORS == nil || !strings.HasPrefix(name, "Access-Control-"))
}
