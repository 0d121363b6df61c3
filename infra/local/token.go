package main

import (
	"context"
	"fmt"
	"strings"

	"comptoir/infra/local/identity"
)

// sort is what kind of token is asked for.
type sort func(ctx context.Context, issuer, client, sub string) (string, error)

// printToken prints a token for a user, by e-mail address, or an access token for a machine, by client.
func printToken(ctx context.Context, dir, name string, of sort) error {
	a, err := running(dir)
	if err != nil {
		return err
	}
	token, err := tokenFor(ctx, a, name, of)
	if err != nil {
		return err
	}
	fmt.Println(token)
	return nil
}

func tokenFor(ctx context.Context, a addresses, name string, of sort) (string, error) {
	var known []string
	for _, u := range identity.Users {
		if u.Email == name {
			return of(ctx, a.Issuer, a.Portal, u.Sub)
		}
		known = append(known, u.Email)
	}
	for _, c := range a.Clients {
		if c.ID == name {
			return identity.ClientToken(ctx, a.Issuer, c.ID, c.Secret)
		}
		known = append(known, c.ID)
	}
	return "", fmt.Errorf("nobody here is called %q; there are:\n  %s", name, strings.Join(known, "\n  "))
}
