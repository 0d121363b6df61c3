// Package identity is an OpenID provider for this machine. It stands in for a Cognito user pool: the
// same flows (authorization code with PKCE for people, client credentials for machines) and access
// tokens with the same claims. Anybody can sign in as any demonstration user, without a password.
package identity

import (
	"crypto/sha256"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"
	"golang.org/x/text/language"
)

// A User can sign in.
type User struct {
	Sub   string // what the functions know the person by
	Email string
	Name  string
	Role  string // what the demonstration data makes of the person, in a few words
}

// A Client is an app client of the user pool.
type Client struct {
	ID        string
	Secret    string   // "" for a client that cannot keep one, which must use PKCE
	Machine   bool     // client credentials, not people
	Scopes    []string // that it may ask for
	Callbacks []string // where people may be sent back to; any address of this machine is allowed too
}

// Options configure a provider.
type Options struct {
	Issuer  string // with the path under which Handler is served
	KeyFile string // made when missing; tokens survive a restart with it
	Users   []User
	Clients []Client
	Now     func() time.Time
}

// tokenLifetime is Cognito's default.
const tokenLifetime = time.Hour

// New returns the provider's handler. It wants whole paths, the issuer's own included.
func New(o Options) (http.Handler, error) {
	issuer, err := url.Parse(o.Issuer)
	if err != nil {
		return nil, err
	}
	key, err := readKey(o.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	s := newStorage(o, key)
	provider, err := op.NewProvider(&op.Config{
		CryptoKey:             sha256.Sum256(key.private.D.Bytes()),
		CodeMethodS256:        true,
		AuthMethodPost:        true,
		GrantTypeRefreshToken: true,
		SupportedUILocales:    []language.Tag{language.English},
		SupportedScopes:       s.scopes(),
	}, s, op.StaticIssuer(o.Issuer), op.WithAllowInsecure(), op.WithLogger(slog.New(slog.NewTextHandler(io.Discard, nil))))
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", provider)
	mux.HandleFunc("GET "+signInPath, s.showSignIn)
	mux.HandleFunc("POST "+signInPath, func(w http.ResponseWriter, r *http.Request) {
		if s.signIn(w, r) {
			callback := op.AuthCallbackURL(provider)(op.ContextWithIssuer(r.Context(), o.Issuer), r.FormValue("request"))
			http.Redirect(w, r, callback, http.StatusSeeOther)
		}
	})
	return http.StripPrefix(issuer.Path, mux), nil
}

const signInPath = "/sign-in"

var signInPage = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sign in</title>
<style>body{font:1rem/1.5 system-ui;max-width:40rem;margin:3rem auto;padding:0 1rem}
button{font:inherit;display:block;width:100%;text-align:left;padding:.6rem 1rem;margin:.4rem 0}</style>
<main>
<h1>Sign in as</h1>
<form method="post" action="?">
<input type="hidden" name="request" value="{{.Request}}">
{{range .Users}}<button name="user" value="{{.Sub}}"><strong>{{.Name}}</strong> {{.Email}}<br>{{.Role}}</button>
{{end}}</form>
</main>
`))

func (s *storage) showSignIn(w http.ResponseWriter, r *http.Request) {
	id := r.FormValue("request")
	if s.request(id) == nil {
		http.Error(w, "This sign-in was not started here, or is over. Go back and start again.", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	signInPage.Execute(w, struct { // a browser that has gone does not read it
		Request string
		Users   []User
	}{id, s.options.Users})
}

// signIn notes who signed in, or else says what is wrong.
func (s *storage) signIn(w http.ResponseWriter, r *http.Request) bool {
	request, user := s.request(r.FormValue("request")), s.user(r.FormValue("user"))
	if request == nil || user == nil {
		http.Error(w, "No such sign-in, or no such user.", http.StatusBadRequest)
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	request.subject, request.signedIn, request.done = user.Sub, s.options.Now(), true
	return true
}
