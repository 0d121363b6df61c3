package closings_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"comptoir/functions/apitest"
	"comptoir/shared/calendar"
	"comptoir/shared/payment"
)

// paid is a payment of the test's: what came and went back, with tax and before it.
type paid struct{ gross, net, back int64 }

// Months of licences, payments, refunds and calls back, each sometimes reported twice and months closed late: statements follow one another, their
// totals are those of what was done, and everything reckoned anew agrees. All earns a tenth, of amounts that make it exact, so that the model needs no rounding.
func TestStatementsAreAsTheBooks(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(seed, 6))
			w := paying(t)
			product := w.Machine("product")
			var payments []*paid
			var licences []string
			months := []string{}
			wantEarned := map[string]int64{}
			month := func() string {
				return calendar.YearMonthOf(calendar.On(w.Now(), apitest.Env.Zone)).String()
			}
			const licencesOf = "/v1/customers/" + apitest.Durand + "/licences"
			for range 60 {
				switch n := rng.IntN(10); {
				case n < 3:
					a := admin(w).Do("POST "+licencesOf, set{"planCode": apitest.Yearly, "term": "year", "quantity": 1 + rng.IntN(9)}).Is(t, 201)
					licences = append(licences, a.String("id"))
				case n < 4 && len(licences) > 0:
					id := licences[rng.IntN(len(licences))]
					admin(w).Do("POST "+licencesOf+"/"+id+"/cancel", set{}) // refused if it was before
				case n < 7:
					p := &paid{net: 1000 * (1 + rng.Int64N(99))}
					p.gross = p.net + p.net/5
					body := set{"externalId": fmt.Sprint("py_", len(payments)), "customerId": apitest.Durand, "amount": euros(p.gross), "tax": euros(p.net / 5)}
					for range 1 + rng.IntN(2) {
						if a := product.Do("POST /v1/payments", body); a.Status/100 != 2 {
							t.Fatal(a.Text)
						}
					}
					payments = append(payments, p)
					wantEarned[month()] += p.net / 10
				case n < 9 && len(payments) > 0:
					i := rng.IntN(len(payments))
					p := payments[i]
					back := p.gross - p.back
					if back > 1200 && rng.IntN(2) == 0 {
						back = 1200 * (1 + rng.Int64N(back/1200))
					}
					body := set{"externalId": fmt.Sprint("re_", rng.Uint32()), "amount": euros(back), "kind": []string{"refund", "calledBack"}[rng.IntN(2)]}
					for range 1 + rng.IntN(2) {
						if a := product.Do("POST /v1/payments/"+payment.IDOf(fmt.Sprint("py_", i))+"/refunds", body); a.Status/100 != 2 && back > 0 {
							t.Fatal(a.Text)
						}
					}
					p.back += back
					wantEarned[month()] -= back * 10 / 12 / 10
				default:
					w.Advance(time.Duration(rng.Int64N(int64(8 * day))))
					if rng.IntN(3) == 0 {
						due(t, w, message())
					}
				}
				if now := month(); len(months) == 0 || months[len(months)-1] != now {
					months = append(months, now)
				}
			}
			w.Advance(40 * day)
			due(t, w, message())
			again(t, w, message())
			opening := 0.0
			for _, m := range months {
				a := admin(w).Do("GET "+martin+"/statements/"+m, nil).Is(t, 200)
				amount := func(path string) float64 { f, _ := a.Get(path + ".amount").(float64); return f }
				if got := amount("commissions") + amount("clawbacks"); got != float64(wantEarned[m]) {
					t.Errorf("%s: %v was earned, by the books %d: %s", m, got, wantEarned[m], a.Text)
				}
				if amount("opening") != opening || amount("closing") != opening+amount("commissions")+amount("clawbacks")+amount("payouts") || a.Get("provisional") != false {
					t.Errorf("%s doesn't go on from %v: %s", m, opening, a.Text)
				}
				opening = amount("closing")
				r := admin(w).Do("GET "+martin+"/reconciliation?period="+m, nil).Is(t, 200)
				if len(r.Get("differences").([]any)) != 0 || r.Get("commissions.amount") != float64(wantEarned[m]) {
					t.Errorf("%s reckoned anew: %s", m, r.Text)
				}
			}
			if r := admin(w).Do("GET "+martin+"/reconciliation", nil).Is(t, 200); len(r.Get("differences").([]any)) != 0 {
				t.Errorf("the running month reckoned anew: %s", r.Text)
			}
		})
	}
}
