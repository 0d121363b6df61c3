package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// nowhere is where a script's sign-in ends; nobody has to listen there.
const nowhere = "http://localhost:0/token"

// ClientToken asks the provider for a machine's access token, with all its scopes.
func ClientToken(ctx context.Context, issuer, client, secret string) (string, error) {
	config := clientcredentials.Config{ClientID: client, ClientSecret: secret, TokenURL: issuer + "/oauth/token"}
	token, err := config.Token(ctx)
	if err != nil {
		return "", err
	}
	return token.AccessToken, nil
}

// UserToken signs a user in to a client, as a browser would, and returns the access token.
func UserToken(ctx context.Context, issuer, client, sub string) (string, error) {
	token, err := userTokens(ctx, issuer, client, sub)
	if err != nil {
		return "", err
	}
	return token.AccessToken, nil
}

// IDToken does the same and returns the ID token, which says the mail address too.
func IDToken(ctx context.Context, issuer, client, sub string) (string, error) {
	token, err := userTokens(ctx, issuer, client, sub)
	if err != nil {
		return "", err
	}
	id, _ := token.Extra("id_token").(string)
	return id, nil
}

func userTokens(ctx context.Context, issuer, client, sub string) (*oauth2.Token, error) {
	config := oauth2.Config{
		ClientID:    client,
		Endpoint:    oauth2.Endpoint{AuthURL: issuer + "/authorize", TokenURL: issuer + "/oauth/token"},
		RedirectURL: nowhere,
		Scopes:      []string{"openid", "email"},
	}
	verifier := oauth2.GenerateVerifier()
	code, err := signIn(ctx, config.AuthCodeURL("", oauth2.S256ChallengeOption(verifier)), sub)
	if err != nil {
		return nil, fmt.Errorf("sign in as %s: %w", sub, err)
	}
	return config.Exchange(ctx, code, oauth2.VerifierOption(verifier))
}

// signIn goes to the sign-in page, chooses the user and returns the code that comes back.
func signIn(ctx context.Context, address, sub string) (string, error) {
	browser := http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), nowhere) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	page, err := send(ctx, browser, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	page.Body.Close()
	form := url.Values{"request": {page.Request.URL.Query().Get("request")}, "user": {sub}}
	back, err := send(ctx, browser, http.MethodPost, page.Request.URL.String(), form)
	if err != nil {
		return "", err
	}
	back.Body.Close()
	target, err := back.Location()
	if err != nil {
		return "", fmt.Errorf("status %d instead of a code", back.StatusCode)
	}
	if code := target.Query().Get("code"); code != "" {
		return code, nil
	}
	return "", errors.New(target.Query().Get("error_description"))
}

func send(ctx context.Context, browser http.Client, method, address string, form url.Values) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return browser.Do(request)
}
