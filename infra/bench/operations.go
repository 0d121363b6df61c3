package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/id"
	"comptoir/shared/partner"
	"comptoir/shared/table"
)

// operation is one operation as it is measured: who asks, and the n-th request.
type operation struct {
	name    string
	by      caller
	request request
	prepare []step // not measured; before each
}

// request is a method with a path, and a body.
type request func(b *bench, n int) (said string, body any)

// caller is who asks; the zero caller is a partner's seller.
type caller string

const (
	seller   caller = ""
	admin    caller = "admin" // of the first customer
	product  caller = "product"
	operator caller = "operator"
	linked   caller = "linked" // by a link of the seller's
)

// step prepares the n-th request.
type step func(ctx context.Context, b *bench, n int) error

// first has somebody ask, whatever the answer: it may be so already.
func first(by caller, r request) step {
	return func(ctx context.Context, b *bench, n int) error {
		e, err := b.event(by, r, n)
		if err != nil {
			return err
		}
		_, err = b.timed(ctx, e)
		return err
	}
}

func get(format string, args ...any) request {
	return func(*bench, int) (string, any) { return "GET " + fmt.Sprintf(format, args...), nil }
}

func onLicence(action string, body func(n int) map[string]any) request {
	return func(b *bench, n int) (string, any) {
		n %= b.customers
		return fmt.Sprintf("POST /v1/customers/%s/licences/%s/%s", customerID(n), licenceID(n), action), body(n)
	}
}

func said(pairs ...any) func(int) map[string]any {
	return func(int) map[string]any {
		m := map[string]any{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i].(string)] = pairs[i+1]
		}
		return m
	}
}

var (
	more  = 10 // a quantity that differs with each change
	mutes = 0  // days that do
)

// operations are measured in this order: reads before writes, for writes fill the lists.
var operations = slices.Concat(reads, seatReads, peopleReads, billingReads, moneyReads, endpointReads, writes, seatWrites, peopleWrites, billingWrites, moneyWrites, endpointWrites)

var reads = []operation{
	{name: "getMe", request: get("/v1/me")},
	{name: "listMyCompanies", by: admin, request: get("/v1/me/companies")},
	{name: "listMyPermissions", by: admin, request: get("/v1/me/permissions")},
	{name: "listPlans", request: get("/v1/plans")},
	{name: "listCustomers", request: get("/v1/partners/%s/customers?limit=100", partnerID)},
	{name: "listCustomers by renewal", request: get("/v1/partners/%s/customers?limit=100&sort=renewsOn", partnerID)},
	{name: "listCustomers status", request: get("/v1/partners/%s/customers?limit=100&status=active", partnerID)},
	{name: "listCustomers plan", request: get("/v1/partners/%s/customers?limit=100&plan=%s", partnerID, planCode)},
	{name: "listCustomers q", request: get("/v1/partners/%s/customers?q=ab", partnerID)},
	{name: "getCustomer", request: get("/v1/customers/%s", customerID(7))},
	{name: "listActivity", request: get("/v1/customers/%s/activity", customerID(7))},
	{name: "getDomain", request: get("/v1/customers/%s/domain", customerID(7))},
	{name: "listNotifications", request: get("/v1/partners/%s/notifications", partnerID)},
	{name: "listCustomerNotifications", by: admin, request: get("/v1/customers/%s/notifications", customerID(0))},
	{name: "countLicences", request: get("/v1/partners/%s/licences/count", partnerID)},
	{name: "listRenewals", request: get("/v1/partners/%s/renewals?limit=100&from=%s", partnerID, calendar.On(began, time.UTC))},
	{name: "listRenewals from today on", request: get("/v1/partners/%s/renewals?limit=100", partnerID)},
	{name: "readCalendar", by: linked, request: get("/v1/calendars/renewals?token=%s", secret("calendar", 0))},
	{name: "listCalendarLinks", request: get("/v1/partners/%s/renewals/links", partnerID)},
	{name: "listLicences", request: get("/v1/customers/%s/licences", customerID(7))},
	{name: "getLicence", request: get("/v1/customers/%s/licences/%s", customerID(7), licenceID(7))},
}

var writes = []operation{
	{name: "previewLicence", request: func(b *bench, n int) (string, any) {
		return "POST /v1/customers/" + customerID(n%b.customers) + "/licences/preview",
			map[string]any{"take": map[string]any{"planCode": planCode, "term": "month", "quantity": 5}}
	}},
	{name: "takeLicence", request: func(b *bench, n int) (string, any) {
		return "POST /v1/customers/" + customerID(n%b.customers) + "/licences",
			map[string]any{"planCode": planCode, "term": "month", "quantity": 5}
	}},
	{name: "changeLicence", request: onLicence("change", func(int) map[string]any {
		more++
		return map[string]any{"quantity": more}
	})},
	{name: "suspendLicence", request: onLicence("suspend", said()), prepare: []step{first(seller, onLicence("resume", said()))}},
	{name: "resumeLicence", request: onLicence("resume", said()), prepare: []step{first(seller, onLicence("suspend", said()))}},
	{name: "muteReminders", request: func(b *bench, n int) (string, any) {
		n %= b.customers
		until := calendar.On(began, time.UTC).AddDays(10 + mutes%300)
		mutes++
		return fmt.Sprintf("PUT /v1/customers/%s/licences/%s/reminders", customerID(n), licenceID(n)), map[string]any{"mutedUntil": until.String()}
	}},
	{name: "createCalendarLink", by: partnerAdmin, request: makesLink, prepare: []step{revoked}},
	{name: "revokeCalendarLink", by: partnerAdmin, request: func(*bench, int) (string, any) {
		return "DELETE /v1/partners/" + partnerID + "/renewals/links/lnk_bench", nil
	}, prepare: []step{given}},
	{
		name: "cancelLicence", request: onLicence("cancel", said("when", "atRenewal")),
		prepare: []step{first(seller, onLicence("change", said("autoRenew", true)))},
	},
	{name: "reportAccount", by: product, request: func(b *bench, _ int) (string, any) {
		b.accounts++
		return "POST /v1/accounts", map[string]any{
			"accountId": fmt.Sprint("new-", b.accounts), "partnerId": partnerID, "name": fmt.Sprint("Nouvelle maison ", b.accounts),
			"domain":        fmt.Sprintf("maison%d.example", b.accounts),
			"administrator": map[string]any{"userId": fmt.Sprint("user-", b.accounts), "name": "Ada Neuve", "mail": "ada@neuve.example"},
		}
	}},
	{name: "verifyDomain", request: func(b *bench, n int) (string, any) {
		return fmt.Sprintf("POST /v1/customers/%s/domain/verification", customerID(n%b.customers)), nil
	}},
	{name: "putPlan", by: operator, request: func(_ *bench, n int) (string, any) {
		return fmt.Sprintf("PUT /v1/plans/NEW-%d", n%50), map[string]any{
			"name": "New", "commitment": "flexible", "modules": map[string]any{},
			"prices": map[string]any{"month": map[string]any{"amount": 100 + n, "currency": "EUR"}},
		}
	}},
	{
		name: "markNotifications of 10", request: mark("/v1/partners/"+partnerID, true),
		prepare: []step{first(seller, mark("/v1/partners/"+partnerID, false))},
	},
	{
		name: "markCustomerNotifications of 10", by: admin, request: mark("/v1/customers/"+customerID(0), true),
		prepare: []step{first(admin, mark("/v1/customers/"+customerID(0), false))},
	},
}

func makesLink(*bench, int) (string, any) {
	return "POST /v1/partners/" + partnerID + "/renewals/links", nil
}

// revoked leaves the partner without links, given with one.
func revoked(ctx context.Context, b *bench, _ int) error { return b.links(ctx) }

func given(ctx context.Context, b *bench, n int) error {
	return b.links(ctx, partner.Link{ID: "lnk_bench", Hash: id.Hash(secret("calendar", n)), PartnerID: partnerID, UserID: userID, By: "B. Ench", MadeAt: began})
}

// links are the partner's from now on.
func (b *bench) links(ctx context.Context, all ...partner.Link) error {
	t := table.New(b.direct, tableName)
	tx := t.Draft(began, "seed", seed, "")
	tx.Put(&partner.Links{PartnerID: partnerID, All: all})
	for _, link := range all {
		tx.Put(&link)
	}
	return t.Import(ctx, tx)
}

func mark(organisation string, read bool) request {
	return func(b *bench, _ int) (string, any) {
		return "PATCH " + organisation + "/notifications", map[string]any{"ids": b.told[:10], "read": read}
	}
}
