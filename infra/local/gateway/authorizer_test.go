package gateway_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"comptoir/infra/local/gateway"

	"github.com/go-jose/go-jose/v4"
)

func guarded(i *issuer) gateway.API {
	authorizer := &gateway.Authorizer{Issuer: i.url, Audience: []string{"portal", "product"}}
	api := routes("GET /", "POST /machines", "GET /open")
	api.Routes[0].Authorizer = authorizer
	api.Routes[1].Authorizer = authorizer
	api.Routes[1].Scopes = []string{"comptoir/product", "comptoir/operator"}
	return api
}

func TestTokensThatAreRefused(t *testing.T) {
	t.Parallel()
	i, stranger := newIssuer(t), newIssuer(t)
	server := serve(t, guarded(i), echo)
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"one"}`)) + "." +
		strings.Split(i.token(t, nil), ".")[1] + "."
	parts := strings.Split(i.token(t, nil), ".")
	forged := strings.Join([]string{parts[0], strings.Split(i.token(t, map[string]any{"sub": "usr_paul"}), ".")[1], parts[2]}, ".")
	for _, c := range []struct{ name, token, challenge string }{
		{"none", "", "Bearer"},
		{"garbage", "garbage", "cannot be decoded"},
		{"expired", i.token(t, map[string]any{"exp": now.Unix()}), "expired"},
		{"without an end", i.token(t, map[string]any{"exp": nil}), "expired"},
		{"not valid yet", i.token(t, map[string]any{"nbf": now.Add(time.Minute).Unix()}), "not valid yet"},
		{"for another audience", i.token(t, map[string]any{"aud": "elsewhere"}), "audience"},
		{"for another client", i.token(t, map[string]any{"client_id": "elsewhere"}), "audience"},
		{"for nobody", i.token(t, map[string]any{"client_id": nil}), "audience"},
		{"of another issuer, by our key", i.token(t, map[string]any{"iss": stranger.url}), "issuer"},
		{"of another issuer, by its key", stranger.token(t, nil), "signature"},
		{"in our name, by another key", stranger.token(t, map[string]any{"iss": i.url}), "signature"},
		{"with changed claims", forged, "signature"},
		{"unsigned", none, "cannot be decoded"},
		{"signed by the public key as a secret", sign(t, map[string]any{"iss": i.url}, jose.HS256, i.key.PublicKey.N.Bytes()), "cannot be decoded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := request(t, "GET", server.URL, nil)
			if c.token != "" {
				r.Header.Set("Authorization", "Bearer "+c.token)
			}
			response, body := do(t, r)
			wantRefusal(t, response, body, http.StatusUnauthorized, "unauthenticated", "Unauthorized")
			if got := response.Header.Get("Www-Authenticate"); !strings.HasPrefix(got, "Bearer") || !strings.Contains(got, c.challenge) {
				t.Errorf("challenge %q; want one with %q", got, c.challenge)
			}
		})
	}
}

func TestTokensThatAreAdmitted(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	server := serve(t, guarded(i), echo)
	for name, header := range map[string]string{
		"a bearer":             "Bearer " + i.token(t, nil),
		"in small letters":     "bearer " + i.token(t, nil),
		"without the scheme":   i.token(t, nil),
		"with an audience":     "Bearer " + i.token(t, map[string]any{"aud": []string{"x", "portal"}, "client_id": "x"}),
		"with no start at all": "Bearer " + i.token(t, map[string]any{"nbf": nil}),
	} {
		if response, body := do(t, request(t, "GET", server.URL, nil, "Authorization", header)); response.StatusCode != 200 {
			t.Errorf("%s: %d %s", name, response.StatusCode, body)
		}
	}
	if response, _ := do(t, request(t, "GET", server.URL+"/open", nil)); response.StatusCode != 200 {
		t.Errorf("a route without authorizer: %d", response.StatusCode)
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	server := serve(t, guarded(i), echo)
	person := request(t, "POST", server.URL+"/machines", nil, "Authorization", "Bearer "+i.token(t, nil))
	response, body := do(t, person)
	wantRefusal(t, response, body, http.StatusForbidden, "forbidden", "Forbidden")
	want := `Bearer scope="comptoir/product comptoir/operator" error="insufficient_scope" error_description="the token has none of the scopes"`
	if got := response.Header.Get("Www-Authenticate"); got != want {
		t.Errorf("challenge %s; want %s", got, want)
	}
	machine := i.token(t, map[string]any{"scope": "comptoir/product"})
	event := eventOf(t, request(t, "POST", server.URL+"/machines", nil, "Authorization", "Bearer "+machine))
	if got := event.RequestContext.Authorizer.JWT.Scopes; !reflect.DeepEqual(got, []string{"comptoir/product"}) {
		t.Errorf("scopes %v", got)
	}
}

func TestClaimsBecomeTexts(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	server := serve(t, guarded(i), echo)
	token := i.token(t, map[string]any{"groups": []string{"a", "b"}, "admin": true, "ratio": 1.5, "address": map[string]any{"city": "Lille"}})
	event := eventOf(t, request(t, "GET", server.URL, nil, "Authorization", "Bearer "+token))
	claims := event.RequestContext.Authorizer.JWT.Claims
	for name, want := range map[string]string{
		"sub": "usr_claire", "exp": fmt.Sprint(now.Add(time.Hour).Unix()), "groups": "[a b]", "admin": "true", "ratio": "1.5",
		"address": `{"city":"Lille"}`, "scope": "openid email",
	} {
		if claims[name] != want {
			t.Errorf("%s is %q; want %q", name, claims[name], want)
		}
	}
	if event.RequestContext.Authorizer.JWT.Scopes != nil {
		t.Errorf("scopes %v on a route that has none", event.RequestContext.Authorizer.JWT.Scopes)
	}
}

func TestIssuerThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	api := guarded(i)
	api.Routes[0].Authorizer = &gateway.Authorizer{Issuer: "http://127.0.0.1:1", Audience: []string{"portal"}}
	response, body := do(t, request(t, "GET", serve(t, api, echo).URL, nil, "Authorization", i.token(t, nil)))
	wantRefusal(t, response, body, 500, "internal", "Internal Server Error")
}
