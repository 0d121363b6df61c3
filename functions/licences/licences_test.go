package licences_test

import (
	"testing"

	"comptoir/functions/apitest"
	"comptoir/shared/membership"
)

func TestATakenLicenceIsThere(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	sales := w.As(apitest.Martin, membership.Sales)
	taken := sales.Do("POST /v1/customers/cus_dupont/licences", map[string]any{"planCode": apitest.Yearly, "term": "year", "quantity": 10})
	taken.Is(t, 201)
	t.Log(taken.Text, taken.Header)
	for _, path := range []string{"/v1/customers/cus_dupont/licences/" + taken.String("id"), "/v1/customers/cus_dupont", "/v1/customers/cus_dupont/activity", "/v1/customers/cus_dupont/licences", "/v1/partners/par_martin/licences/count", "/v1/partners/par_martin/customers", "/v1/partners/par_martin/customers?q=mai+dup", "/v1/me", "/v1/me/permissions", "/v1/me/companies", "/v1/plans"} {
		a := sales.Do("GET "+path, nil)
		t.Log(path, a.Status, a.Text)
	}
	t.Log(sales.Do("POST /v1/customers/cus_dupont/licences", map[string]any{"planCode": apitest.Yearly, "term": "week", "quantity": -10, "x": 1}).Text)
	t.Log(sales.Do("POST /v1/customers/cus_dupont/licences", map[string]any{}, "accept-language: fr").Text)
}
