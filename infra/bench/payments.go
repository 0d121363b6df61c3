package main

import (
	"context"
	"fmt"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/payment"
)

// moneyReads are on the first customers, whose licences were charged when the table was filled.
var moneyReads = []operation{
	{name: "listCharges", request: func(b *bench, n int) (string, any) {
		return "GET /v1/customers/" + customerID(n%b.customers) + "/charges", nil
	}},
	{name: "getAccount", request: func(b *bench, n int) (string, any) {
		return "GET /v1/customers/" + customerID(n%b.customers) + "/account", nil
	}},
	{name: "listPayments", request: func(b *bench, n int) (string, any) {
		return "GET /v1/customers/" + customerID(n%b.customers) + "/payments", nil
	}, prepare: []step{paid}},
	{name: "listCommissions", by: partnerAdmin, request: get("/v1/partners/%s/commissions?period=%s", partnerID, calendar.YearMonthOf(calendar.On(began, time.UTC)))},
	{name: "listStatements", by: partnerAdmin, request: get("/v1/partners/%s/statements", partnerID)},
	{name: "getStatement", by: partnerAdmin, request: get("/v1/partners/%s/statements/%s", partnerID, calendar.YearMonthOf(calendar.On(began, time.UTC)))},
	{name: "listPayoutBatches", by: operator, request: get("/v1/payouts/batches")},
	{name: "getScheme", by: operator, request: get("/v1/scheme")},
}

var moneyWrites = []operation{
	{name: "recordPayment", by: product, request: pays10},
	{name: "recordRefund", by: product, request: func(_ *bench, n int) (string, any) {
		return "POST /v1/payments/" + payment.IDOf(fmt.Sprint("py_", n)) + "/refunds", map[string]any{"externalId": "re_1", "amount": amount(5_00)}
	}, prepare: []step{paid}},
	{name: "putScheme", by: operator, request: func(_ *bench, n int) (string, any) {
		return "PUT /v1/scheme", map[string]any{"default": 1000 + n%100, "minimum": amount(50_00)}
	}},
}

func amount(cents int) map[string]any { return map[string]any{"amount": cents, "currency": "EUR"} }

// pays10 is a payment of ten euros of the n-th customer's.
func pays10(b *bench, n int) (string, any) {
	return "POST /v1/payments", map[string]any{"externalId": fmt.Sprint("py_", n), "customerId": customerID(n % b.customers), "amount": amount(10_00)}
}

// paid has the n-th payment recorded, whatever the answer: it may be so already.
func paid(ctx context.Context, b *bench, n int) error { return first(product, pays10)(ctx, b, n) }
