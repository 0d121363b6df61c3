package demo_test

import (
	"slices"
	"testing"

	"comptoir/shared/billing"
	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/table"
)

// payments finds methods of all kinds, each row showing the default one, and licences that are paid by methods of whom they are billed to.
func payments(t *testing.T, from *table.Table, ids []string, today calendar.Date) {
	t.Helper()
	kinds, paid := map[billing.Kind]int{}, map[string]int{}
	for some := range slices.Chunk(ids, 20) {
		var load []table.Load
		for _, id := range some {
			load = append(load, table.Customer(id), table.MethodsOf(id), table.Licences(id, table.Page{Limit: 100}))
		}
		for _, partner := range []string{"par_martin", "par_integral", "par_nuage"} {
			load = append(load, table.MethodsOf(partner))
		}
		read(t, from, load, func(tx *table.Tx) {
			for _, id := range some {
				c, _ := table.Customer(id).Find(tx)
				m, _ := table.MethodsOf(id).Find(tx)
				shown, has := m.Preferred()
				if want := (customer.Method{ID: shown.ID, Kind: string(shown.Kind), Last4: shown.Last4}); has != (c.PaysBy().ID != "") || has && c.PaysBy() != want {
					t.Errorf("the row of %s shows %v of %v", id, c.PaysBy(), m)
				}
				for _, one := range m.All {
					kinds[one.Kind]++
				}
				licences, _ := table.Licences(id, table.Page{Limit: 100}).Rows(tx)
				for _, l := range licences {
					if l.PaymentID == "" {
						paid["by nothing named"]++
						continue
					}
					owner := id
					if l.BillTo == "partner" {
						owner = l.PartnerID
					}
					of, _ := table.MethodsOf(owner).Find(tx)
					if _, err := of.Find(l.PaymentID); err != nil {
						t.Errorf("%s is paid by %s, which %s has not", l.ID, l.PaymentID, owner)
					}
					if !l.Ended(today) {
						paid["by the "+string(l.BillTo)]++
					}
				}
			}
		})
	}
	for _, kind := range []billing.Kind{billing.SEPA, billing.Card, billing.Transfer} {
		if kinds[kind] < 20 {
			t.Errorf("there are few payment methods of a kind: %v", kinds)
		}
	}
	for _, how := range []string{"by nothing named", "by the partner", "by the customer"} {
		if paid[how] < 10 {
			t.Errorf("few licences are paid in a way: %v", paid)
		}
	}
	read(t, from, []table.Load{table.BillingOf("par_martin"), table.BillingOf("par_nuage"), table.BillingOf(billing.Publisher)}, func(tx *table.Tx) {
		martin, _ := table.BillingOf("par_martin").Find(tx)
		publisher, _ := table.BillingOf(billing.Publisher).Find(tx)
		if martin.Version != 1 || len(martin.Missing()) > 0 || publisher.Version != 1 || len(publisher.Missing()) > 0 {
			t.Errorf("of Martin's %v is missing, of the publisher's %v", martin.Missing(), publisher.Missing())
		}
		if _, some := table.BillingOf("par_nuage").Find(tx); some {
			t.Error("nothing is missing of Nuage's")
		}
	})
}
