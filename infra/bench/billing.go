package main

import "fmt"

// The publisher's billing details cost what a partner's do.
const billingOf = "/v1/partners/" + partnerID + "/billing"

var billingReads = []operation{
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
}
