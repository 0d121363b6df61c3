package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/client"
	"github.com/zitadel/oidc/v3/pkg/client/rp"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// An Authorizer admits bearers of a token of the issuer that is for one of the audience.
type Authorizer struct {
	Issuer   string
	Audience []string

	mu   sync.Mutex
	keys oidc.KeySet
}

// A token that was admitted.
type token struct {
	claims map[string]any
	scopes []string
}

// A refusal is why a token is not admitted, in the words of RFC 6750.
type refusal struct {
	status      int
	code        string // "" when no token was sent
	description string
}

func (r *refusal) Error() string { return r.description }

func (r *refusal) challenge(scopes []string) string {
	if r.code == "" {
		return "Bearer"
	}
	return fmt.Sprintf("Bearer scope=%q error=%q error_description=%q", strings.Join(scopes, " "), r.code, r.description)
}

func invalid(description string) *refusal {
	return &refusal{http.StatusUnauthorized, "invalid_token", description}
}

// admit checks the request's token as API Gateway does: signature, issuer, audience (client_id where
// there is none), times, and one of the route's scopes.
func (a *Authorizer) admit(r *http.Request, scopes []string, now time.Time) (*token, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return nil, &refusal{status: http.StatusUnauthorized, description: "no token"}
	}
	text := header
	if scheme, rest, ok := strings.Cut(header, " "); ok && strings.EqualFold(scheme, "Bearer") {
		text = strings.TrimSpace(rest)
	}
	signed, err := jose.ParseSigned(text, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return nil, invalid("the token cannot be decoded")
	}
	keys, err := a.keySet(r.Context())
	if err != nil {
		return nil, err
	}
	payload, err := keys.VerifySignature(context.WithoutCancel(r.Context()), signed) // the keys are for later requests too
	if err != nil {
		return nil, invalid("the signature is not valid")
	}
	return a.check(payload, scopes, now)
}

func (a *Authorizer) check(payload []byte, scopes []string, now time.Time) (*token, error) {
	t := &token{}
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.UseNumber()
	if err := decoder.Decode(&t.claims); err != nil {
		return nil, invalid("the claims cannot be decoded")
	}
	expires, hasExpiry := t.time("exp")
	notBefore, hasStart := t.time("nbf")
	switch {
	case t.claims["iss"] != a.Issuer:
		return nil, invalid("the issuer is not valid")
	case !hasExpiry || !now.Before(expires):
		return nil, invalid("the token has expired")
	case hasStart && now.Before(notBefore):
		return nil, invalid("the token is not valid yet")
	case !a.isFor(t):
		return nil, invalid("the token does not have a valid audience")
	}
	t.scopes = t.strings("scope")
	if t.scopes == nil {
		t.scopes = t.strings("scp")
	}
	has := func(scope string) bool { return slices.Contains(t.scopes, scope) }
	if len(scopes) > 0 && !slices.ContainsFunc(scopes, has) {
		return nil, &refusal{http.StatusForbidden, "insufficient_scope", "the token has none of the scopes"}
	}
	return t, nil
}

func (a *Authorizer) isFor(t *token) bool {
	audience := t.strings("aud")
	if audience == nil {
		audience = t.strings("client_id")
	}
	return slices.ContainsFunc(audience, func(one string) bool { return slices.Contains(a.Audience, one) })
}

// keySet finds the issuer's keys at the first token.
func (a *Authorizer) keySet(ctx context.Context) (oidc.KeySet, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.keys == nil {
		discovered, err := client.Discover(ctx, a.Issuer, http.DefaultClient)
		if err != nil {
			return nil, fmt.Errorf("issuer %s: %w", a.Issuer, err)
		}
		a.keys = rp.NewRemoteKeySet(http.DefaultClient, discovered.JwksURI)
	}
	return a.keys, nil
}

// describe is what the function is told of the token.
func (t *token) describe(scopes []string) *description {
	jwt := &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: t.texts()}
	if len(scopes) > 0 {
		jwt.Scopes = t.scopes
	}
	return &description{JWT: jwt}
}

func (t *token) time(claim string) (time.Time, bool) {
	number, _ := t.claims[claim].(json.Number)
	seconds, err := number.Float64()
	return time.Unix(int64(seconds), 0), err == nil
}

// strings reads a claim that is a list, or words in one text.
func (t *token) strings(claim string) []string {
	switch value := t.claims[claim].(type) {
	case string:
		return strings.Fields(value)
	case []any:
		var words []string
		for _, element := range value {
			words = append(words, claimText(element))
		}
		return words
	}
	return nil
}

// texts gives every claim as the text that API Gateway makes of it.
func (t *token) texts() map[string]string {
	texts := map[string]string{}
	for name, value := range t.claims {
		texts[name] = claimText(value)
	}
	return texts
}

func claimText(value any) string {
	switch v := value.(type) {
	case map[string]any:
		data, _ := json.Marshal(v) // it was decoded from JSON
		return string(data)
	case []any: // "[one two]", which is also how Go prints it
		words := make([]string, len(v))
		for i, element := range v {
			words[i] = claimText(element)
		}
		return "[" + strings.Join(words, " ") + "]"
	}
	return fmt.Sprint(value)
}
