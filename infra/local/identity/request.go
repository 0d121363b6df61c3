package identity

import (
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// A request is somebody's way from the sign-in to tokens; it lives on in the refresh token.
type request struct {
	id       string
	client   string
	subject  string
	scopes   []string
	asked    *oidc.AuthRequest // nil for a machine
	signedIn time.Time
	done     bool
}

func (r *request) GetID() string          { return r.id }
func (r *request) GetACR() string         { return "" }
func (r *request) GetAMR() []string       { return []string{"pwd"} }
func (r *request) GetAudience() []string  { return []string{r.client} }
func (r *request) GetAuthTime() time.Time { return r.signedIn }
func (r *request) GetClientID() string    { return r.client }
func (r *request) GetScopes() []string    { return r.scopes }
func (r *request) GetSubject() string     { return r.subject }
func (r *request) GetNonce() string       { return r.asked.Nonce }
func (r *request) GetRedirectURI() string { return r.asked.RedirectURI }
func (r *request) GetState() string       { return r.asked.State }
func (r *request) Done() bool             { return r.done }

func (r *request) GetResponseType() oidc.ResponseType { return r.asked.ResponseType }
func (r *request) GetResponseMode() oidc.ResponseMode { return r.asked.ResponseMode }
func (r *request) SetCurrentScopes(scopes []string)   { r.scopes = scopes }

func (r *request) GetCodeChallenge() *oidc.CodeChallenge {
	if r.asked.CodeChallenge == "" {
		return nil
	}
	return &oidc.CodeChallenge{Challenge: r.asked.CodeChallenge, Method: r.asked.CodeChallengeMethod}
}
