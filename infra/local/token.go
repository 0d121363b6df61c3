package main

import (
	"context"
	"fmt"
	"strings"

	"comptoir/infra/local/identity"
)

// printToken prints an access token for a user, by e-mail address, or for a machine, by client.
func printToken(ctx context.Context, dir, name string) error {
	a, err := running(dir)
	if err != nil {
		return err
	}
	token, err := tokenFor(ctx, a, name)
	if err != nil {
		return err
	}
	fmt.Println(token)
	return nil
}

func tokenFor(ctx context.Context, a addresses, name string) (string, error) {
	var known []string
	for _, u := range identity.Users {
		if u.Email == name {
			return identity.UserToken(ctx, a.Issuer, a.Portal, u.Sub)
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
