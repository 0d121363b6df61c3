package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"comptoir/infra/local/gateway"
	"comptoir/infra/local/identity"
	"comptoir/infra/local/site"
)

// addresses tells where everything is.
func (c *cloud) addresses() addresses {
	a := addresses{
		API: c.home, Docs: c.home + "/docs/", Issuer: c.home + issuerPath, Mail: c.mail.URL,
		DynamoDB: c.dynamo.URL, Queues: c.queues.URL, DNS: c.names.Address(), Archive: "http://" + c.archive.Addr,
	}
	for _, t := range c.blueprint.Tables {
		a.Tables = append(a.Tables, t.Name)
	}
	for _, client := range c.blueprint.Clients {
		if client.Machine {
			a.Clients = append(a.Clients, clientSecret{client.ID, client.Secret})
		} else {
			a.Portal = client.ID
		}
	}
	return a
}

func (c *cloud) startPage() site.Start {
	page := site.Start{API: c.home, Mail: c.mail.URL, Today: c.clock.today().String()}
	for _, u := range identity.Users {
		page.Users = append(page.Users, site.Person{Name: u.Name, Email: u.Email, Role: u.Role})
	}
	for _, client := range c.blueprint.Clients {
		if client.Machine {
			page.Clients = append(page.Clients, client.ID)
		}
	}
	return page
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// try sends one real request the whole way, signed in as the first user: through the gateway and its
// authorizer to a function and the table. Any answer of the function's will do.
func (c *cloud) try(ctx context.Context) error {
	reads := slices.DeleteFunc(slices.Clone(c.blueprint.API.Routes), func(r gateway.Route) bool { return !strings.HasPrefix(r.Key, "GET ") })
	if len(reads) == 0 {
		return nil
	}
	simplest := slices.MinFunc(reads, func(a, b gateway.Route) int { return strings.Count(a.Key, "{") - strings.Count(b.Key, "{") })
	address := c.home + parameter.ReplaceAllString(strings.TrimPrefix(simplest.Key, "GET "), "none")
	token, err := tokenFor(ctx, c.addresses(), identity.Users[0].Email, identity.UserToken)
	if err != nil {
		return fmt.Errorf("sign-in does not work: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode == http.StatusUnauthorized || response.StatusCode >= http.StatusInternalServerError {
		return fmt.Errorf("%s answers %s: %.300s\nsee %s", address, response.Status, body, c.folder.path("logs", simplest.Function+".log"))
	}
	return nil
}
