package main

import "fmt"

// operation is one operation as it is measured: who asks, and the n-th request.
type operation struct {
	name    string
	machine string // scope; a partner's seller otherwise
	self    bool   // a customer's administrator instead
	request func(b *bench, n int) (request string, body any)
	prepare func(b *bench, n int) (request string, body any) // not measured; before each
}

func get(format string, args ...any) func(*bench, int) (string, any) {
	return func(*bench, int) (string, any) { return "GET " + fmt.Sprintf(format, args...), nil }
}

func onLicence(action string, body func(n int) map[string]any) func(*bench, int) (string, any) {
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

var more = 10 // a quantity that differs with each change

var operations = []operation{
	{name: "getMe", request: get("/v1/me")},
	{name: "listMyCompanies", self: true, request: get("/v1/me/companies")},
	{name: "listMyPermissions", self: true, request: get("/v1/me/permissions")},
	{name: "listPlans", request: get("/v1/plans")},
	{name: "listCustomers", request: get("/v1/partners/%s/customers?limit=100", partnerID)},
	{name: "listCustomers by renewal", request: get("/v1/partners/%s/customers?limit=100&sort=renewsOn", partnerID)},
	{name: "listCustomers status", request: get("/v1/partners/%s/customers?limit=100&status=active", partnerID)},
	{name: "listCustomers plan", request: get("/v1/partners/%s/customers?limit=100&plan=%s", partnerID, planCode)},
	{name: "listCustomers q", request: get("/v1/partners/%s/customers?q=ab", partnerID)},
	{name: "getCustomer", request: get("/v1/customers/%s", customerID(7))},
	{name: "listActivity", request: get("/v1/customers/%s/activity", customerID(7))},
	{name: "listNotifications", request: get("/v1/partners/%s/notifications", partnerID)},
	{name: "countLicences", request: get("/v1/partners/%s/licences/count", partnerID)},
	{name: "listLicences", request: get("/v1/customers/%s/licences", customerID(7))},
	{name: "getLicence", request: get("/v1/customers/%s/licences/%s", customerID(7), licenceID(7))},
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
	{name: "suspendLicence", request: onLicence("suspend", said()), prepare: onLicence("resume", said())},
	{name: "resumeLicence", request: onLicence("resume", said()), prepare: onLicence("suspend", said())},
	{name: "cancelLicence", request: onLicence("cancel", said("when", "atRenewal")), prepare: onLicence("change", said("autoRenew", true))},
	{name: "reportAccount", machine: "product", request: func(b *bench, _ int) (string, any) {
		b.accounts++
		return "POST /v1/accounts", map[string]any{
			"accountId": fmt.Sprint("new-", b.accounts), "partnerId": partnerID, "name": fmt.Sprint("Nouvelle maison ", b.accounts),
			"domain":        fmt.Sprintf("maison%d.example", b.accounts),
			"administrator": map[string]any{"userId": fmt.Sprint("user-", b.accounts), "name": "Ada Neuve", "mail": "ada@neuve.example"},
		}
	}},
	{name: "putPlan", machine: "operator", request: func(_ *bench, n int) (string, any) {
		return fmt.Sprintf("PUT /v1/plans/NEW-%d", n%50), map[string]any{
			"name": "New", "commitment": "flexible", "modules": map[string]any{},
			"prices": map[string]any{"month": map[string]any{"amount": 100 + n, "currency": "EUR"}},
		}
	}},
}
