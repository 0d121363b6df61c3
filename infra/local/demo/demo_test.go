package demo_test

import (
	"fmt"
	"testing"
	"time"

	"comptoir/infra/local/demo"
	"comptoir/shared/calendar"
	"comptoir/shared/licence"
	"comptoir/shared/table"
	"comptoir/shared/table/tabletest"
)

// The demonstration has licences in every state, and the ledger of licences in force agrees with the
// rows of the customers.
func TestTheDemonstrationAgreesWithItself(t *testing.T) {
	t.Parallel()
	storage := tabletest.New(t)
	if err := demo.Seed(t.Context(), storage.Client, storage.TableName); err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	today := calendar.On(time.Now(), zone)
	seen := map[licence.Status]int{}
	for _, partner := range []string{"par_martin", "par_integral", "par_nuage"} {
		all := table.CustomersOf(partner, table.CustomerFilter{}, table.Page{Limit: 1000})
		ledger := table.InForce(partner, today.AddDays(1000)) // ends to come don't count yet
		held := 0
		_, err := table.Read(t.Context(), table.New(storage.Client, storage.TableName),
			table.Call{Load: []table.Load{all, ledger}, Allow: func(*table.Tx) error { return nil }},
			func(tx *table.Tx) (*struct{}, error) {
				customers, next := all.Rows(tx)
				if next != "" {
					return nil, fmt.Errorf("more than one page of customers of %s", partner)
				}
				for _, c := range customers {
					held += c.Summary(today).Licences
					seen[c.Summary(today).Status]++
				}
				days, _ := ledger.Rows(tx)
				if counted := table.CountInForce(days, today); counted != held {
					t.Errorf("%s: the ledger counts %d licences in force, the rows %d", partner, counted, held)
				}
				return nil, nil
			})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, status := range licence.Statuses {
		if seen[status] == 0 {
			t.Errorf("no customer's row is %s: %v", status, seen)
		}
	}
}
