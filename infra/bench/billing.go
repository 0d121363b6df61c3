package main

import (
	"context"
	"fmt"

	"comptoir/shared/billing"
	"comptoir/shared/table"
)

// The publisher's billing details cost what a partner's do. So do a partner's payment methods what a customer's do, but for the row.
const billingOf = "/v1/partners/" + partnerID + "/billing"

func methodsOf(n int) string { return "/v1/customers/" + customerID(n) + "/paymentMethods" }

var billingReads = []operation{
	{name: "listPaymentMethods", by: partnerAdmin, request: func(b *bench, n int) (string, any) {
		return "GET " + methodsOf(n%b.customers), nil
	}},
	{name: "getBilling", by: partnerAdmin, request: get(billingOf)},
}

var billingWrites = []operation{
	{name: "updateBilling", by: partnerAdmin, request: func(_ *bench, n int) (string, any) {
		return "PUT " + billingOf, map[string]any{
			"legalName": "Cabinet Bench SARL", "registration": "732829320", "vatNumber": "FR44732829320", "purchaseOrder": fmt.Sprint("PO ", n),
			"address": map[string]any{"lines": []string{"12 rue de la Paix"}, "postalCode": "75002", "city": "Paris", "country": "FR"},
			"iban":    "FR1420041010050500013M02606",
		}
	}},
	{name: "addPaymentMethod", by: partnerAdmin, request: func(b *bench, n int) (string, any) {
		return "POST " + methodsOf(n%b.customers), map[string]any{
			"kind": "sepa", "iban": "FR1420041010050500013M02606", "mandate": fmt.Sprint("BENCH-", n), "signedOn": "2026-01-01",
		}
	}, prepare: []step{pays}},
	{name: "setDefaultPaymentMethod", by: partnerAdmin, request: func(b *bench, n int) (string, any) {
		return "PUT " + methodsOf(n%b.customers) + fmt.Sprintf("/pay_b%d/default", n), nil
	}, prepare: []step{pays}},
	{name: "removePaymentMethod", by: partnerAdmin, request: func(b *bench, n int) (string, any) {
		return "DELETE " + methodsOf(n%b.customers) + fmt.Sprintf("/pay_a%d", n), nil
	}, prepare: []step{pays}},
}

// pays leaves the n-th customer with two payment methods.
func pays(ctx context.Context, b *bench, n int) error {
	t := table.New(b.direct, tableName)
	tx := t.Draft(began, "seed", seed, "")
	a, other := fmt.Sprint("pay_a", n), fmt.Sprint("pay_b", n)
	tx.Put(&billing.Methods{Owner: customerID(n % b.customers), Default: a, All: []billing.Method{
		{ID: a, Kind: billing.SEPA, Last4: "3000", Country: "DE", Mandate: "BENCH", AddedAt: began}, {ID: other, Kind: billing.Transfer, AddedAt: began},
	}})
	return t.Import(ctx, tx)
}
