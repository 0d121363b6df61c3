package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/id"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
	"comptoir/shared/profile"
	"comptoir/shared/table"
)

// The partner has 500 accountants, all of whom work on the first customer, and one collaborator who works on a thousand.
const (
	accountants = 500
	boxes       = 1000
	collab      = "bench-collaborator"
)

func mailOf(user string) string { return user + "@bench.example" }

func collaboratorID(user string) string { return collaborator.ID(partnerID, mailOf(user)) }

func accountant(n int) string { return fmt.Sprintf("bench-accountant-%03d", n) }

// staff drafts the partner and all its people.
func staff(t *table.Table) []*table.Tx {
	tx := t.Draft(began, "seed", seed, "")
	p := partner.Partner{
		ID: partnerID, Name: "Bench", Kind: partner.AccountingFirm, FirstLine: true, Capabilities: []partner.Capability{partner.SellLicences},
		Automatic: &partner.AutomaticLicence{PlanCode: planCode, Quantity: 1, Term: calendar.Month},
	}
	join := func(user string, as membership.Role, customerIDs ...string) {
		c, shelf := collaborator.New(partnerID, mailOf(user), "B. "+user, "en"), collaborator.Portfolio{}
		c.UserID, c.JoinedAt = user, began
		before := c
		if as == membership.Accountant {
			c, _, _ = c.Serve(p, as, began)
			c, _, _ = c.Serve(p, membership.Support, began)
			shelf, _, _, _ = shelf.Set(c, as, customerIDs, collaborator.Box{At: began, By: userID, Of: "B. Ench"})
			c = c.Works(as, len(customerIDs))
		} else {
			c, _ = c.Appoint([]membership.Role{as}, "", "Bench", began)
		}
		p, _ = collaborator.Count(p, before, c)
		m := c.Place(membership.Membership{}, p)
		tx.Put(&c)
		tx.Put(&m)
		tx.Shelve(nil, shelf)
	}
	join(userID, membership.Sales)
	join("bench-partner", membership.GlobalAdmin)
	join("bench-second", membership.GlobalAdmin)
	join(collab, membership.Accountant, thousand()...)
	for n := range accountants {
		join(accountant(n), membership.Accountant, customerID(0))
	}
	tx.Put(&p)
	given := consent.Consent{CustomerID: customerID(0), CustomerName: "First", PartnerID: partnerID, PartnerName: "Bench"}
	given, _, _ = given.Grant("A. Dmin", 0, calendar.Date{}, began, time.UTC)
	tx.Put(&given)
	return []*table.Tx{tx}
}

// thousand are the customers of the collaborator who works on many.
func thousand() []string {
	var all []string
	for n := range boxes {
		all = append(all, customerID(n))
	}
	return all
}

const (
	partnerAdmin caller = "bench-partner" // a global administrator of the partner
	collaborates caller = collab          // an accountant with a thousand customers
	newPerson    caller = "bench-newcomer"
)

const people = "/v1/partners/" + partnerID + "/collaborators"

var peopleReads = []operation{
	{name: "getPartner", request: get("/v1/partners/%s", partnerID)},
	{name: "listPartnerActivity", by: partnerAdmin, request: get("/v1/partners/%s/activity", partnerID)},
	{name: "getCustomer by a collaborator of 1,000", by: collaborates, request: get("/v1/customers/%s", customerID(7))},
	{name: "listMyCustomers of 1,000", by: collaborates, request: get("/v1/me/customers?limit=100")},
	{name: "listCollaborators", by: partnerAdmin, request: get("%s?limit=100", people)},
	{name: "getCollaborator", by: partnerAdmin, request: get("%s/%s", people, collaboratorID(collab))},
	{name: "listCollaboratorCustomers of 1,000", by: partnerAdmin, request: get("%s/%s/roles/accountant/customers?limit=100", people, collaboratorID(collab))},
	{name: "listUsers", by: partnerAdmin, request: get("/v1/partners/%s/users", partnerID)},
	{name: "listAccesses, 100 of 500", by: admin, request: get("/v1/customers/%s/accesses?limit=100", customerID(0))},
	{name: "listConsents", by: admin, request: get("/v1/customers/%s/consents", customerID(0))},
	{name: "listPartnerConsents", by: partnerAdmin, request: get("/v1/partners/%s/consents", partnerID)},
	{name: "checkAccess", by: product, request: get("/v1/customers/%s/collaborators/%s?partnerId=%s", customerID(7), collab, partnerID)},
	{name: "checkAccess without the partner", by: product, request: get("/v1/customers/%s/collaborators/%s", customerID(7), collab)},
}

var peopleWrites = []operation{
	{name: "updatePartner", by: partnerAdmin, request: func(_ *bench, n int) (string, any) {
		return "PATCH /v1/partners/" + partnerID, map[string]any{"contact": map[string]any{"mail": fmt.Sprintf("c%d@bench.example", n)}}
	}},
	{name: "inviteCollaborator", by: partnerAdmin, request: invites},
	{name: "resendInvitation", by: partnerAdmin, request: onNewcomer("POST", "/invitation"), prepare: []step{first(partnerAdmin, invites)}},
	{name: "revokeInvitation", by: partnerAdmin, request: onNewcomer("DELETE", "/invitation"), prepare: []step{first(partnerAdmin, invites)}},
	{name: "acceptInvitation", by: newPerson, request: accepts, prepare: []step{first(partnerAdmin, leaves), first(partnerAdmin, invites), mailed}},
	{name: "removeCollaborator", by: partnerAdmin, request: onNewcomer("DELETE", ""), prepare: []step{first(partnerAdmin, invites)}},
	{name: "giveRole", by: partnerAdmin, request: onSomebody("PUT", "/roles/support"), prepare: []step{first(partnerAdmin, onSomebody("DELETE", "/roles/support"))}},
	{name: "takeRole", by: partnerAdmin, request: onSomebody("DELETE", "/roles/support"), prepare: []step{first(partnerAdmin, onSomebody("PUT", "/roles/support"))}},
	{name: "setCustomers, 1,000 added", by: partnerAdmin, request: sets(boxes), prepare: []step{first(partnerAdmin, sets(0))}},
	{name: "setCustomers, 1,000 removed", by: partnerAdmin, request: sets(0), prepare: []step{first(partnerAdmin, sets(boxes))}},
	{name: "setCustomers, 1 of 1,000 added", by: partnerAdmin, request: sets(boxes), prepare: []step{first(partnerAdmin, sets(boxes-1))}},
	{name: "bulkAssign of 30", by: partnerAdmin, request: assigns(false), prepare: []step{first(partnerAdmin, assigns(true))}},
	{name: "inviteUser", by: partnerAdmin, request: func(_ *bench, n int) (string, any) {
		return "POST /v1/partners/" + partnerID + "/users", map[string]any{"mail": fmt.Sprintf("user%d@bench.example", n), "roles": []string{"viewer"}}
	}},
	{name: "setUser", by: partnerAdmin, request: func(_ *bench, n int) (string, any) {
		return "PUT /v1/partners/" + partnerID + "/users/" + collaboratorID("bench-second"), map[string]any{"roles": []string{"globalAdmin"}, "customers": []string{"full", "limited"}[n%2]}
	}},
	{name: "removeUser", by: partnerAdmin, request: func(_ *bench, n int) (string, any) {
		return "DELETE /v1/partners/" + partnerID + "/users/" + collaboratorID("bench-new"), nil
	}, prepare: []step{first(partnerAdmin, invites)}},
	{name: "endAccess", by: admin, request: func(_ *bench, n int) (string, any) {
		return "DELETE /v1/customers/" + customerID(0) + "/accesses/" + collaboratorID(accountant(n%accountants)), nil
	}, prepare: []step{first(partnerAdmin, func(_ *bench, n int) (string, any) {
		return "PUT " + people + "/" + collaboratorID(accountant(n%accountants)) + "/roles/accountant/customers", map[string]any{"customerIds": []string{customerID(0)}}
	})}},
	{name: "grantConsent", by: admin, request: consents("PUT"), prepare: []step{first(admin, consents("DELETE"))}},
	{name: "withdrawConsent", by: admin, request: consents("DELETE"), prepare: []step{first(admin, consents("PUT"))}},
	{name: "askConsents of 1,000", by: partnerAdmin, request: func(_ *bench, _ int) (string, any) {
		return "POST /v1/partners/" + partnerID + "/consents", map[string]any{"customerIds": thousand()}
	}},
	{name: "updateMe", request: func(_ *bench, n int) (string, any) {
		return "PATCH /v1/me", map[string]any{"notificationMail": fmt.Sprintf("n%d@bench.example", n)}
	}},
	{name: "confirmAddress", request: func(_ *bench, n int) (string, any) {
		return "POST /v1/me/addresses/confirm", map[string]any{"token": secret("address", n)}
	}, prepare: []step{wants}},
	{name: "resetPassword", by: admin, request: func(_ *bench, _ int) (string, any) {
		return "POST /v1/customers/" + customerID(0) + "/members/bench-admin/passwordReset", nil
	}},
}

func invites(_ *bench, _ int) (string, any) {
	return "POST " + people, map[string]any{"mail": mailOf("bench-new"), "roles": []string{"accountant"}}
}

func leaves(_ *bench, _ int) (string, any) {
	return "DELETE /v1/partners/" + partnerID + "/users/" + collaboratorID("bench-new"), nil
}

func onNewcomer(method, rest string) request {
	return func(*bench, int) (string, any) {
		return method + " " + people + "/" + collaboratorID("bench-new") + rest, nil
	}
}

// onSomebody is on another of the accountants each time.
func onSomebody(method, rest string) request {
	return func(_ *bench, n int) (string, any) {
		return method + " " + people + "/" + collaboratorID(accountant(n%accountants)) + rest, nil
	}
}

func sets(customers int) request {
	return func(*bench, int) (string, any) {
		return "PUT " + people + "/" + collaboratorID(collab) + "/roles/support/customers", map[string]any{"customerIds": append([]string{}, thousand()[:customers]...)}
	}
}

// assigns lets ten accountants into three customers each, or takes them out.
func assigns(out bool) request {
	return func(*bench, int) (string, any) {
		var items []any
		for n := range 30 {
			items = append(items, map[string]any{"collaboratorId": collaboratorID(accountant(n / 3)), "role": "accountant", "customerId": customerID(1 + n%3), "remove": out})
		}
		return "POST " + people + "/assignments", map[string]any{"items": items}
	}
}

func consents(method string) request {
	return func(*bench, int) (string, any) {
		var body any
		if method == "PUT" {
			body = map[string]any{}
		}
		return method + " /v1/customers/" + customerID(0) + "/consents/" + partnerID, body
	}
}

// secret is that of a link, always the same for a name.
func secret(name string, n int) string {
	sum := sha256.Sum256(fmt.Append(nil, name, n))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func accepts(_ *bench, n int) (string, any) {
	return "POST /v1/invitations/accept", map[string]any{"token": secret("invitation", n), "name": "N. Ewcomer"}
}

// mailed makes the token of the newcomer's latest invitation, as the mail would bring it.
func mailed(ctx context.Context, b *bench, n int) error {
	t := table.New(b.direct, tableName)
	ref := table.Collaborator(partnerID, collaboratorID("bench-new"))
	c, err := table.Read(ctx, t, table.Call{Load: []table.Load{ref}, Allow: func(*table.Tx) error { return nil }}, func(tx *table.Tx) (*collaborator.Collaborator, error) {
		c, err := ref.Get(tx)
		return &c, err
	})
	if err != nil {
		return err
	}
	return token(ctx, t, table.Token{
		Hash: id.Hash(secret("invitation", n)), Number: c.Invitation.Number, PartnerID: partnerID, CollaboratorID: c.ID,
	})
}

func token(ctx context.Context, t *table.Table, k table.Token) error {
	k.ExpiresAt = time.Now().Add(time.Hour)
	tx := t.Draft(began, "seed", seed, "")
	tx.Put(&k)
	return t.Import(ctx, tx)
}

// wants has the seller want an address, and makes the token that confirms it.
func wants(ctx context.Context, b *bench, n int) error {
	t := table.New(b.direct, tableName)
	tx := t.Draft(time.Now(), "seed", seed, "")
	p, _ := profile.Profile{UserID: userID}.Want(profile.Notification, fmt.Sprintf("w%d@bench.example", n), time.Now())
	tx.Put(&p)
	if err := t.Import(ctx, tx); err != nil {
		return err
	}
	return token(ctx, t, table.Token{Hash: id.Hash(secret("address", n)), Number: 1, UserID: userID, Which: string(profile.Notification)})
}
