package table_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/table"
	"comptoir/shared/table/proxy"
	"comptoir/shared/table/tabletest"
)

var (
	now   = time.Date(2026, 3, 10, 11, 0, 0, 0, time.UTC)
	today = calendar.On(now, time.UTC)
)

// shelf is a table with the customers of two partners, and the proxy that it is read through.
type shelf struct {
	table       *table.Table
	proxy       *proxy.Proxy
	large, tiny []customer.Customer
}

const (
	large = "par_large"
	tiny  = "par_tiny"

	searchable = 300 // customers at the most: their words are many
)

func fill(t *testing.T, ofLarge, ofTiny int) shelf {
	t.Helper()
	storage := tabletest.New(t)
	p, err := proxy.Start(storage.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	direct := table.New(storage.Client, storage.TableName)
	s := shelf{table: table.New(storage.Through(p), storage.TableName), proxy: p}
	tx := direct.Draft(now, "seed", event.Actor{ID: "seed"}, "")
	s.large, s.tiny = customers(tx, large, ofLarge), customers(tx, tiny, ofTiny)
	for i, c := range slices.Concat(s.tiny, s.large) {
		if tx.Put(&c); i < searchable {
			tx.PutWords(c)
		}
	}
	if err := direct.Import(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	return s
}

var (
	kinds  = []string{"Société", "Maison", "Cabinet", "Étude", "Garage", "L'Atelier"}
	people = []string{"Dupont", "Durand", "Élodie", "d'Abbaye", "Müller", "Œuvrard", "Nguyễn", "Zoé"}
	plans  = []string{"COMPTA-PRO", "COMPTA-YEARLY", "PAIE"}
)

// customers are of all sorts: names that come twice, every status, renewal dates on the same day.
func customers(tx *table.Tx, partnerID string, n int) []customer.Customer {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	all := make([]customer.Customer, n)
	for i := range all {
		c, _ := customer.Appear(customer.Report{
			CustomerID: fmt.Sprintf("cus_%s%d", partnerID[4:], i), PartnerID: partnerID,
			Name: pick(kinds) + " " + pick(people), Domain: fmt.Sprintf("site%d.example", i), SIREN: fmt.Sprintf("%09d", 100_000_000+i),
			Administrator: customer.Administrator{Name: "Ada " + pick(people), Mail: fmt.Sprintf("ada@site%d.example", i)},
		})
		l := licence.Licence{
			ID: "lic_" + c.ID[4:], CustomerID: c.ID, PartnerID: partnerID, Offer: licence.Offer{PlanCode: pick(plans)}, Quantity: 1 + random.IntN(50),
			StartedOn: today.AddDays(-90), End: today.AddDays(random.IntN(400) - 30),
		}
		switch random.IntN(10) {
		case 0:
			l.Reasons = []licence.Reason{licence.Unpaid}
		case 1:
			l.OnTrial = true
		case 2:
			l.EndsOn, l.Ending, l.Over = today.AddDays(-1), licence.Cancelled, true
		case 3:
			l = licence.Licence{}
		}
		if c.AsOf = today; l.ID != "" {
			c = c.Hold(l, today)
			tx.Put(&l)
		}
		all[i] = c
	}
	return all
}

// read is one page of a list, in one Query.
func read[T any](t *testing.T, s shelf, list table.List[T]) (rows []T, next string) {
	t.Helper()
	call := table.Call{Load: []table.Load{list}, Allow: func(*table.Tx) error { return nil }}
	_, err := table.Read(t.Context(), s.table, call, func(tx *table.Tx) (*struct{}, error) {
		rows, next = list.Rows(tx)
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows, next
}

// pages reads a list to its end, and gives the ids of what it brought.
func pages[T any](t *testing.T, s shelf, size int, of func(table.Page) table.List[T], id func(T) string) []string {
	t.Helper()
	var ids []string
	for at := (table.Page{Limit: size}); ; {
		rows, next := read(t, s, of(at))
		if len(rows) > size {
			t.Fatalf("a page of %d has %d rows", size, len(rows))
		}
		for _, row := range rows {
			ids = append(ids, id(row))
		}
		if at.Cursor = next; next == "" {
			return ids
		}
	}
}

func idOf(c customer.Customer) string { return c.ID }

// filters are what can be asked of the list, and which customers it means.
var filters = map[string]struct {
	filter table.CustomerFilter
	means  func(customer.Customer, customer.Summary) bool
}{
	"by name":              {table.CustomerFilter{}, func(customer.Customer, customer.Summary) bool { return true }},
	"of one status":        {table.CustomerFilter{Status: licence.Suspended}, func(_ customer.Customer, s customer.Summary) bool { return s.Status == licence.Suspended }},
	"without any licence":  {table.CustomerFilter{Status: table.NoLicence}, func(_ customer.Customer, s customer.Summary) bool { return s.Status == "" }},
	"on one plan":          {table.CustomerFilter{Plan: "PAIE"}, func(_ customer.Customer, s customer.Summary) bool { return s.PlanCode == "PAIE" }},
	"on a plan nobody has": {table.CustomerFilter{Plan: "NONE"}, func(customer.Customer, customer.Summary) bool { return false }},
	"of one status and plan": {
		table.CustomerFilter{Plan: "PAIE", Status: licence.Trial},
		func(_ customer.Customer, s customer.Summary) bool {
			return s.PlanCode == "PAIE" && s.Status == licence.Trial
		},
	},
}

// meant are the ids of the customers that a filter means, in their order.
func meant(all []customer.Customer, name string) []string {
	f := filters[name]
	var rows []customer.Customer
	for _, c := range all {
		if f.means(c, c.Summary(today)) {
			rows = append(rows, c)
		}
	}
	slices.SortFunc(rows, func(a, b customer.Customer) int { return strings.Compare(a.SortName()+"#"+a.ID, b.SortName()+"#"+b.ID) })
	ids := []string{}
	for _, c := range rows {
		ids = append(ids, c.ID)
	}
	return ids
}

// Whatever is asked and whatever the size of the page: each customer comes once, in order.
func TestPagesHoldEachCustomerOnce(t *testing.T) {
	t.Parallel()
	s := fill(t, 10, 110)
	s.proxy.Counting = false
	for name, f := range filters {
		t.Run(name, func(t *testing.T) {
			want := meant(s.tiny, name)
			sizes := []int{1, 7, 100}
			if name == "by name" {
				sizes = nil
				for size := 1; size <= 100; size++ {
					sizes = append(sizes, size)
				}
			}
			for _, size := range sizes {
				got := pages(t, s, size, func(p table.Page) table.List[customer.Customer] { return table.CustomersOf(tiny, f.filter, p) }, idOf)
				if !slices.Equal(got, want) && len(got)+len(want) > 0 {
					t.Errorf("in pages of %d: %v\nwant %v", size, got, want)
				}
			}
		})
	}
}

// Licences come by their renewal date, and then the customers that have none.
func TestRenewalsComeByDate(t *testing.T) {
	t.Parallel()
	s := fill(t, 10, 110)
	s.proxy.Counting = false
	var never calendar.Date
	for name, c := range map[string]struct{ after, before calendar.Date }{
		"all":                    {},
		"between two dates":      {today, today.AddDays(60)},
		"after a date":           {today, never},
		"before a date":          {never, today.AddDays(200)},
		"on no day":              {today, today.AddDays(1)},
		"dates in a wrong order": {today, today.AddDays(-5)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var rows []customer.Customer
			on := func(c customer.Customer) calendar.Date { return c.Summary(today).RenewsOn }
			for _, row := range s.tiny {
				dated := !on(row).IsZero() && on(row).After(c.after) && (c.before.IsZero() || on(row).Before(c.before))
				if dated || on(row).IsZero() && name == "all" {
					rows = append(rows, row)
				}
			}
			slices.SortFunc(rows, func(a, b customer.Customer) int {
				if x, y := on(a), on(b); x.IsZero() != y.IsZero() {
					return y.Compare(x)
				}
				return cmp.Or(on(a).Compare(on(b)), strings.Compare(a.ID, b.ID))
			})
			want := []string{}
			for _, row := range rows {
				want = append(want, row.ID)
			}
			for _, size := range []int{1, 7, 100} {
				got := pages(t, s, size, func(p table.Page) table.List[table.Renewing] {
					return table.CustomersRenewing(tiny, c.after, c.before, p)
				}, table.Renewing.CustomerID)
				if !slices.Equal(got, want) && len(got)+len(want) > 0 {
					t.Errorf("in pages of %d: %v\nwant %v", size, got, want)
				}
			}
		})
	}
}

// A page costs one Query, which reads little more than what it shows, however many customers there
// are and however deep the page lies.
func TestAPageCostsOneQueryAtAnySize(t *testing.T) {
	t.Parallel()
	s := fill(t, 3000, 10)
	for name, f := range filters {
		t.Run(name, func(t *testing.T) {
			most := 10.0
			if strings.Contains(name, " and plan") { // a second filter is applied to what the first finds
				most = 100
			}
			count := 0
			s.proxy.Reset()
			all := pages(t, s, 100, func(p table.Page) table.List[customer.Customer] {
				if u := s.proxy.Usage(); u.Calls["Query"] != count || len(u.Calls) > 1 || u.ReadUnits > most*float64(count) {
					t.Errorf("%d pages took %v and %v units", count, u.Calls, u.ReadUnits)
				}
				count++
				return table.CustomersOf(large, f.filter, p)
			}, idOf)
			if want := meant(s.large, name); !slices.Equal(all, want) && len(all)+len(want) > 0 {
				t.Errorf("%d customers, want %d, or in another order", len(all), len(want))
			}
		})
	}
}

// A customer is found by the start of each word of its name, domain, SIREN and administrator.
func TestSearching(t *testing.T) {
	t.Parallel()
	s := fill(t, 30, 90)
	s.proxy.Counting = false
	for _, query := range []string{
		"dup", "dupont", "DUPONT maison", "maison dup", "etude", "Étu elo", "atel l", "oeuv", "nguyen", "mull gar", "site12", "site12.example", "site1 ada",
		"100000007", "100 000 007", "100 000", "ada", "ada zoe", "ada@site3.example", "a b c d e f g", "maison maison", "m", "x",
	} {
		t.Run(query, func(t *testing.T) {
			want := wanted(s.tiny, query)
			for _, size := range []int{1, 4, 100} {
				if got := search(t, s, tiny, query, size); !slices.Equal(got, want) {
					t.Errorf("in pages of %d: %v\nwant %v", size, got, want)
				}
			}
		})
	}
}

// search gives the ids of what is found, sorted.
func search(t *testing.T, s shelf, partnerID, query string, size int) []string {
	t.Helper()
	words := customer.Words(query)
	found := pages(t, s, size, func(p table.Page) table.List[table.Word] { return table.CustomersFound(partnerID, words, p) }, func(w table.Word) string {
		if !w.First(words) {
			return ""
		}
		return w.CustomerID
	})
	found = slices.DeleteFunc(found, func(id string) bool { return id == "" })
	slices.Sort(found)
	return found
}

// wanted are the ids of the customers that have a word starting so for each of the words, sorted.
func wanted(all []customer.Customer, query string) []string {
	var ids []string
	for _, c := range all {
		starts := func(word string) bool {
			return slices.ContainsFunc(c.Words(), func(own string) bool { return strings.HasPrefix(own, word) })
		}
		if !slices.ContainsFunc(customer.Words(query), func(word string) bool { return !starts(word) }) {
			ids = append(ids, c.ID)
		}
	}
	slices.Sort(ids)
	return ids
}
