package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// storage keeps, in memory, what is under way: a restart ends sign-ins and refresh tokens, no access
// token.
type storage struct {
	options Options
	key     signingKey

	mu        sync.Mutex
	requests  map[string]*request // by id
	codes     map[string]*request
	refreshes map[string]*request // by refresh token
}

var (
	errNotFound = errors.New("not found")

	_ op.Storage                        = (*storage)(nil)
	_ op.ClientCredentialsStorage       = (*storage)(nil)
	_ op.CanSetUserinfoFromRequest      = (*storage)(nil)
	_ op.CanGetPrivateClaimsFromRequest = (*storage)(nil)
)

func newStorage(o Options, key signingKey) *storage {
	return &storage{
		options: o, key: key,
		requests: map[string]*request{}, codes: map[string]*request{}, refreshes: map[string]*request{},
	}
}

func (s *storage) request(id string) *request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests[id]
}

func (s *storage) user(sub string) *User {
	for i := range s.options.Users {
		if s.options.Users[i].Sub == sub {
			return &s.options.Users[i]
		}
	}
	return nil
}

func (s *storage) client(id string) (client, error) {
	for _, c := range s.options.Clients {
		if c.ID == id {
			return client{c, s.options.Issuer}, nil
		}
	}
	return client{}, oidc.ErrInvalidClient().WithDescription("no client %q", id)
}

func (s *storage) scopes() []string {
	scopes := []string{oidc.ScopeOpenID, oidc.ScopeEmail, oidc.ScopeProfile, oidc.ScopeOfflineAccess}
	for _, c := range s.options.Clients {
		scopes = append(scopes, c.Scopes...)
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

// Clients

func (s *storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	return s.client(id)
}

func (s *storage) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	c, err := s.client(id)
	if err != nil {
		return err
	}
	if c.Secret == "" || subtle.ConstantTimeCompare([]byte(c.Secret), []byte(secret)) == 0 {
		return oidc.ErrInvalidClient().WithDescription("wrong secret")
	}
	return nil
}

func (s *storage) ClientCredentials(ctx context.Context, id, secret string) (op.Client, error) {
	if err := s.AuthorizeClientIDSecret(ctx, id, secret); err != nil {
		return nil, err
	}
	return s.client(id)
}

// ClientCredentialsTokenRequest grants the scopes asked for, all that the client has if none is.
func (s *storage) ClientCredentialsTokenRequest(_ context.Context, id string, scopes []string) (op.TokenRequest, error) {
	c, err := s.client(id)
	if err != nil {
		return nil, err
	}
	for _, scope := range scopes {
		if !c.IsScopeAllowed(scope) {
			return nil, oidc.ErrInvalidScope().WithDescription("%s may not have %s", id, scope)
		}
	}
	if len(scopes) == 0 {
		scopes = c.Scopes
	}
	return &request{client: id, subject: id, scopes: scopes, signedIn: s.options.Now()}, nil
}

// Sign-ins

func (s *storage) CreateAuthRequest(_ context.Context, asked *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	c, err := s.client(asked.ClientID)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &request{id: rand.Text(), client: c.ID, scopes: asked.Scopes, asked: asked}
	s.requests[r.id] = r
	return r, nil
}

func (s *storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	if r := s.request(id); r != nil {
		return r, nil
	}
	return nil, errNotFound
}

func (s *storage) AuthRequestByCode(_ context.Context, code string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.codes[code]; r != nil {
		return r, nil
	}
	return nil, errNotFound
}

func (s *storage) SaveAuthCode(_ context.Context, id, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[code] = s.requests[id]
	return nil
}

// DeleteAuthRequest ends the sign-in, and its code with it: a code works once.
func (s *storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.requests, id)
	for code, r := range s.codes {
		if r.id == id {
			delete(s.codes, code)
		}
	}
	return nil
}

// Tokens

func (s *storage) CreateAccessToken(context.Context, op.TokenRequest) (string, time.Time, error) {
	return rand.Text(), s.options.Now().Add(tokenLifetime), nil
}

func (s *storage) CreateAccessAndRefreshTokens(_ context.Context, tr op.TokenRequest, current string) (id, refresh string, expires time.Time, err error) {
	r, ok := tr.(*request)
	if !ok {
		return "", "", time.Time{}, errNotFound
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.refreshes, current)
	refresh = rand.Text()
	kept := *r
	s.refreshes[refresh] = &kept
	return rand.Text(), refresh, s.options.Now().Add(tokenLifetime), nil
}

func (s *storage) TokenRequestByRefreshToken(_ context.Context, token string) (op.RefreshTokenRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.refreshes[token]; r != nil {
		copied := *r // narrowing the scopes of one use must not narrow the next
		return &copied, nil
	}
	return nil, op.ErrInvalidRefreshToken
}

func (s *storage) GetRefreshTokenInfo(_ context.Context, _, token string) (user, id string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.refreshes[token]; r != nil {
		return r.subject, token, nil
	}
	return "", "", op.ErrInvalidRefreshToken
}

func (s *storage) RevokeToken(_ context.Context, token, _, _ string) *oidc.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.refreshes, token)
	return nil
}

func (s *storage) TerminateSession(context.Context, string, string) error { return nil }

// GetPrivateClaimsFromRequest gives the claims that Cognito's access tokens have beyond the standard's.
// They have no aud where ours have the client's id, which decides the same: an authorizer looks at
// client_id when there is no aud.
func (s *storage) GetPrivateClaimsFromRequest(_ context.Context, tr op.TokenRequest, _ []string) (map[string]any, error) {
	claims := map[string]any{
		"token_use": "access",
		"version":   2,
		"scope":     strings.Join(tr.GetScopes(), " "),
	}
	if r, ok := tr.(*request); ok {
		claims["auth_time"] = r.signedIn.Unix()
		if r.asked != nil {
			claims["username"] = r.subject
		}
	}
	return claims, nil
}

func (s *storage) SetUserinfoFromRequest(_ context.Context, info *oidc.UserInfo, r op.IDTokenRequest, _ []string) error {
	info.AppendClaims("token_use", "id")
	info.AppendClaims("cognito:username", r.GetSubject())
	return s.describe(info, r.GetSubject())
}

func (s *storage) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, _, subject, _ string) error {
	return s.describe(info, subject)
}

func (s *storage) describe(info *oidc.UserInfo, subject string) error {
	u := s.user(subject)
	if u == nil {
		return errNotFound
	}
	info.Subject, info.Email, info.EmailVerified, info.Name = u.Sub, u.Email, true, u.Name
	return nil
}

func (s *storage) SigningKey(context.Context) (op.SigningKey, error) { return s.key, nil }

func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}

func (s *storage) KeySet(context.Context) ([]op.Key, error) { return []op.Key{publicKey{s.key}}, nil }

// What follows belongs to flows that are not offered.

func (s *storage) Health(context.Context) error { return nil }

func (s *storage) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}

func (s *storage) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return errNotFound
}

func (s *storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return nil, errNotFound
}

func (s *storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errNotFound
}

func (s *storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errNotFound
}
