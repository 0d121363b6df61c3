package table

import (
	"slices"
	"testing"

	"comptoir/shared/calendar"
	"comptoir/shared/problem"
)

// Whatever comes as a cursor is refused, or is the end of a page of this list and of no other.
func FuzzCursors(f *testing.F) {
	own := CustomersOf("par_a", CustomerFilter{}, Page{Limit: 1}).query
	others := []query{
		CustomersOf("par_b", CustomerFilter{}, Page{Limit: 1}).query,
		CustomersRenewing("par_a", calendar.Date{}, calendar.Date{}, Page{Limit: 1}).query,
		CustomersOf("par_a", CustomerFilter{Plan: "PAIE"}, Page{Limit: 1}).query,
		Licences("cus_a", Page{Limit: 1}).query,
	}
	row := item{PartitionKey: text("CUSTOMER#cus_a"), SortKey: text("CUSTOMER"), "GSI1PK": text("PARTNER#par_a"), "GSI1SK": text("a#cus_a")}
	f.Add(own.after(row))
	for _, q := range others {
		f.Add(q.after(row))
	}
	for _, bad := range []string{"", "e30", "bnVsbA", "W10", "eyJrIjpbMV19", "%%%", own.after(row)[4:]} {
		f.Add(bad)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		q := own
		q.page.Cursor = sent
		key, err := q.start()
		if err != nil {
			if p := problem.Of(err); p == nil || p.Code != "invalid_input" {
				t.Fatal(err)
			}
			return
		}
		if key == nil {
			if sent != "" {
				t.Fatalf("%q passes for the first page", sent)
			}
			return
		}
		if at := q.attributes(); len(key) != len(at) || slices.ContainsFunc(at, func(name string) bool { return key[name] == nil }) {
			t.Fatalf("%q is %v", sent, key)
		}
		for _, other := range others {
			if other.page.Cursor = sent; !refused(other) {
				t.Errorf("%q is good for another list", sent)
			}
		}
	})
}

func refused(q query) bool {
	_, err := q.start()
	return err != nil
}
