package identity

import (
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// client tells the library what it wants to know of a Client.
type client struct {
	Client
	issuer string
}

func (c client) GetID() string                       { return c.ID }
func (c client) RedirectURIs() []string              { return c.Callbacks }
func (c client) PostLogoutRedirectURIs() []string    { return c.Callbacks }
func (c client) LoginURL(request string) string      { return c.issuer + signInPath + "?request=" + request }
func (c client) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeJWT }
func (c client) IDTokenLifetime() time.Duration      { return tokenLifetime }
func (c client) DevMode() bool                       { return true } // http addresses
func (c client) IsScopeAllowed(scope string) bool    { return slices.Contains(c.Scopes, scope) }
func (c client) ClockSkew() time.Duration            { return 0 }

// IDTokenUserinfoClaimsAssertion is true because Cognito's identity tokens have the e-mail address too.
func (c client) IDTokenUserinfoClaimsAssertion() bool { return true }

func (c client) RestrictAdditionalIdTokenScopes() func([]string) []string     { return same }
func (c client) RestrictAdditionalAccessTokenScopes() func([]string) []string { return same }

func (c client) RedirectURIGlobs() []string {
	return []string{"http://localhost:*/**", "http://127.0.0.1:*/**"}
}

func (c client) PostLogoutRedirectURIGlobs() []string { return c.RedirectURIGlobs() }

func (c client) ApplicationType() op.ApplicationType {
	if c.Secret == "" {
		return op.ApplicationTypeUserAgent
	}
	return op.ApplicationTypeWeb
}

func (c client) AuthMethod() oidc.AuthMethod {
	if c.Secret == "" {
		return oidc.AuthMethodNone
	}
	return oidc.AuthMethodPost
}

func (c client) ResponseTypes() []oidc.ResponseType {
	if c.Machine {
		return nil
	}
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}

func (c client) GrantTypes() []oidc.GrantType {
	if c.Machine {
		return []oidc.GrantType{oidc.GrantTypeClientCredentials}
	}
	return []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken}
}

func same(scopes []string) []string { return scopes }
