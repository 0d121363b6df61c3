package identity_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"comptoir/infra/local/identity"

	"golang.org/x/oauth2"
)

var clients = []identity.Client{
	{ID: "portal", Scopes: []string{"openid", "email"}, Callbacks: []string{"https://portal.example/"}},
	{ID: "product", Secret: "product-secret", Machine: true, Scopes: []string{"comptoir/product"}},
	{ID: "operator", Secret: "operator-secret", Machine: true, Scopes: []string{"comptoir/operator"}},
}

// start serves a provider and returns its issuer.
func start(t *testing.T, keyFile string) string {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + server.Listener.Addr().String() + "/identity"
	handler, err := identity.New(identity.Options{
		Issuer: issuer, KeyFile: keyFile, Users: identity.Users, Clients: clients, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = handler
	server.Start()
	t.Cleanup(server.Close)
	return issuer
}

func keyFile(t *testing.T) string { return filepath.Join(t.TempDir(), "key.pem") }

func claims(t *testing.T, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no JWT", token)
	}
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var c map[string]any
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTokensHaveCognitosClaims(t *testing.T) {
	t.Parallel()
	issuer := start(t, keyFile(t))
	user, err := identity.UserToken(t.Context(), issuer, "portal", "usr_claire")
	if err != nil {
		t.Fatal(err)
	}
	machine, err := identity.ClientToken(t.Context(), issuer, "product", "product-secret")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		token string
		want  map[string]any
	}{
		{user, map[string]any{"sub": "usr_claire", "username": "usr_claire", "client_id": "portal", "scope": "openid email"}},
		{machine, map[string]any{"sub": "product", "username": nil, "client_id": "product", "scope": "comptoir/product"}},
	} {
		got := claims(t, c.token)
		c.want["iss"], c.want["token_use"] = issuer, "access"
		for name, want := range c.want {
			if got[name] != want {
				t.Errorf("%s is %v; want %v", name, got[name], want)
			}
		}
		if life := got["exp"].(float64) - got["iat"].(float64); life < 3599 || life > 3601 {
			t.Errorf("the token lives %v s; want an hour", life)
		}
	}
}

func TestMachinesGetTheirScopesOnly(t *testing.T) {
	t.Parallel()
	issuer := start(t, keyFile(t))
	for _, c := range []struct{ name, client, secret, scope, want string }{
		{"its own", "product", "product-secret", "comptoir/product", ""},
		{"another machine's", "product", "product-secret", "comptoir/operator", "invalid_scope"},
		{"a wrong secret", "product", "operator-secret", "comptoir/product", "invalid_client"},
		{"no secret for a client without one", "portal", "", "openid", "invalid_client"},
		{"a client that is not there", "nobody", "x", "", "invalid_client"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			answer := tokenRequest(t, issuer, url.Values{
				"grant_type": {"client_credentials"}, "client_id": {c.client}, "client_secret": {c.secret}, "scope": {c.scope},
			})
			if answer.Error != c.want || (answer.AccessToken == "") != (c.want != "") {
				t.Errorf("got %+v; want error %q", answer, c.want)
			}
		})
	}
}

func TestPortalNeverGetsAMachineScope(t *testing.T) {
	t.Parallel()
	issuer := start(t, keyFile(t))
	code, verifier := code(t, issuer, "portal", "http://localhost:5173/", "openid comptoir/operator comptoir/product")
	answer := exchange(t, issuer, code, verifier)
	if scope := claims(t, answer.AccessToken)["scope"]; scope != "openid" {
		t.Errorf("scope is %q; want openid alone", scope)
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	issuer := start(t, keyFile(t))
	t.Run("need the verifier of their challenge", func(t *testing.T) {
		t.Parallel()
		code, _ := code(t, issuer, "portal", "http://localhost:5173/", "openid")
		if answer := exchange(t, issuer, code, oauth2.GenerateVerifier()); answer.Error != "invalid_grant" {
			t.Errorf("got %+v; want invalid_grant", answer)
		}
	})
	t.Run("work once", func(t *testing.T) {
		t.Parallel()
		code, verifier := code(t, issuer, "portal", "http://localhost:5173/", "openid")
		if first := exchange(t, issuer, code, verifier); first.AccessToken == "" {
			t.Fatalf("the first use got %+v", first)
		}
		if second := exchange(t, issuer, code, verifier); second.AccessToken != "" {
			t.Error("the second use got a token")
		}
	})
	t.Run("go to known addresses only", func(t *testing.T) {
		t.Parallel()
		for address, want := range map[string]int{
			"https://portal.example/": http.StatusOK, "http://localhost:8080/": http.StatusOK,
			"https://elsewhere.example/": http.StatusBadRequest,
		} {
			if response := authorise(t, http.DefaultClient, issuer, "portal", address, "openid", "x"); response.StatusCode != want {
				t.Errorf("%s: status %d; want %d", address, response.StatusCode, want)
			}
		}
	})
	t.Run("are not for machines", func(t *testing.T) {
		t.Parallel()
		_, err := identity.UserToken(t.Context(), issuer, "operator", "usr_claire")
		if err == nil {
			t.Error("somebody signed in to a machine's client")
		}
	})
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	issuer := start(t, keyFile(t))
	code, verifier := code(t, issuer, "portal", "http://localhost:5173/", "openid offline_access")
	first := exchange(t, issuer, code, verifier)
	refresh := url.Values{"grant_type": {"refresh_token"}, "client_id": {"portal"}, "refresh_token": {first.RefreshToken}}
	second := tokenRequest(t, issuer, refresh)
	if claims(t, second.AccessToken)["sub"] != "usr_tom" {
		t.Errorf("refreshed: %+v", second)
	}
	if again := tokenRequest(t, issuer, refresh); again.Error != "invalid_grant" {
		t.Errorf("a refresh token was taken twice: %+v", again)
	}
}

func TestIdentityTokenHasTheAddress(t *testing.T) {
	t.Parallel()
	issuer := start(t, keyFile(t))
	code, verifier := code(t, issuer, "portal", "http://localhost:5173/", "openid email")
	got := claims(t, exchange(t, issuer, code, verifier).IDToken)
	if got["email"] != "tom@nuage.example" || got["email_verified"] != true || got["sub"] != "usr_tom" {
		t.Errorf("got %v", got)
	}
}

func TestKeySurvivesARestart(t *testing.T) {
	t.Parallel()
	file := keyFile(t)
	if first, second := keys(t, start(t, file)), keys(t, start(t, file)); !bytes.Equal(first, second) {
		t.Errorf("keys %s became %s", first, second)
	}
	if first, other := keys(t, start(t, file)), keys(t, start(t, keyFile(t))); bytes.Equal(first, other) {
		t.Error("two data folders have the same key")
	}
}

func TestSignInPageListsTheUsers(t *testing.T) {
	t.Parallel()
	response := authorise(t, http.DefaultClient, start(t, keyFile(t)), "portal", "http://localhost:5173/", "openid", "x")
	page, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range identity.Users {
		if !bytes.Contains(page, []byte(user.Email)) {
			t.Errorf("%s is not on the page", user.Email)
		}
	}
}

type tokens struct {
	AccessToken  string `json:"access_token"`
	IDToken      string `json:"id_token"`
	RefreshToken string `json:"refresh_token"`
	Error        string
}

func tokenRequest(t *testing.T, issuer string, form url.Values) (answer tokens) {
	t.Helper()
	response, err := http.PostForm(issuer+"/oauth/token", form)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func exchange(t *testing.T, issuer, code, verifier string) tokens {
	t.Helper()
	return tokenRequest(t, issuer, url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"portal"}, "code": {code},
		"redirect_uri": {"http://localhost:5173/"}, "code_verifier": {verifier},
	})
}

// authorise opens the sign-in page.
func authorise(t *testing.T, browser *http.Client, issuer, client, redirect, scope, verifier string) *http.Response {
	t.Helper()
	config := oauth2.Config{
		ClientID: client, RedirectURL: redirect, Scopes: strings.Fields(scope),
		Endpoint: oauth2.Endpoint{AuthURL: issuer + "/authorize"},
	}
	response, err := browser.Get(config.AuthCodeURL("state", oauth2.S256ChallengeOption(verifier)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}

// code signs Tom in and returns the code that his browser brings back.
func code(t *testing.T, issuer, client, redirect, scope string) (code, verifier string) {
	t.Helper()
	browser := &http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), redirect) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	verifier = oauth2.GenerateVerifier()
	page := authorise(t, browser, issuer, client, redirect, scope, verifier)
	form := url.Values{"request": {page.Request.URL.Query().Get("request")}, "user": {"usr_tom"}}
	back, err := browser.PostForm(page.Request.URL.String(), form)
	if err != nil {
		t.Fatal(err)
	}
	defer back.Body.Close()
	target, err := back.Location()
	if err != nil {
		t.Fatalf("status %d: %v", back.StatusCode, err)
	}
	if state := target.Query().Get("state"); state != "state" {
		t.Errorf("state came back as %q", state)
	}
	return target.Query().Get("code"), verifier
}

func keys(t *testing.T, issuer string) []byte {
	t.Helper()
	response, err := http.Get(issuer + "/keys")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
