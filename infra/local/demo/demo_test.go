package demo_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/infra/local/demo"
	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/licence"
	"comptoir/shared/membership"
	"comptoir/shared/notice"
	"comptoir/shared/seat"
	"comptoir/shared/table"
	"comptoir/shared/table/tabletest"
)

// The demonstration has licences and seats in every state; the ledger of licences in force agrees with the
// rows of the customers, and every gauge with the roster.
func TestTheDemonstrationAgreesWithItself(t *testing.T) {
	t.Parallel()
	storage := tabletest.New(t)
	if err := demo.Seed(t.Context(), storage.Client, storage.TableName); err != nil {
		t.Fatal(err)
	}
	kept := table.New(storage.Client, storage.TableName)
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	today := calendar.On(time.Now(), zone)
	seen, steps := map[licence.Status]int{}, map[customer.Step]int{}
	var customers []string
	for _, name := range []string{"martin", "integral", "nuage"} {
		partner := "par_" + name
		customers = append(customers, "cus_"+name+"free", "cus_"+name+"sandbox")
		all := table.CustomersOf(partner, table.CustomerFilter{}, table.Page{Limit: 1000})
		ledger := table.InForce(partner, today.AddDays(1000)) // ends to come don't count yet
		held := 0
		read(t, kept, []table.Load{all, ledger}, func(tx *table.Tx) {
			rows, next := all.Rows(tx)
			if next != "" {
				t.Errorf("more than one page of customers of %s", partner)
			}
			for _, c := range rows {
				held += c.Summary(today).Licences
				seen[c.Summary(today).Status]++
				steps[c.Next()]++
				customers = append(customers, c.ID)
			}
			days, _ := ledger.Rows(tx)
			if counted := table.CountInForce(days, today); counted != held {
				t.Errorf("%s: the ledger counts %d licences in force, the rows %d", partner, counted, held)
			}
		})
	}
	for _, status := range licence.Statuses {
		if seen[status] == 0 {
			t.Errorf("no customer's row is %s: %v", status, seen)
		}
	}
	if steps[customer.ToVerify] < 20 || steps[customer.ToManage] < 5*steps[customer.ToVerify] {
		t.Errorf("most domains are verified, and some are not: %v", steps)
	}
	states, requests := map[string]int{}, map[string]int{}
	for ids := range slices.Chunk(customers, 20) {
		seats(t, kept, ids, today, states, requests)
	}
	for _, state := range []string{
		"ok", "warning", "full", "overLimit", "misconfigured licenceSuspended", "misconfigured licenceEnded",
	} {
		if states[state] == 0 {
			t.Errorf("no gauge is %s: %v", state, states)
		}
	}
	for _, status := range []string{"open", "accepted", "declined"} {
		if requests[status] == 0 {
			t.Errorf("no request for seats is %s: %v", status, requests)
		}
	}
	toldMartin(t, kept)
	people(t, kept)
	terms(t, kept, today)
	payments(t, kept, customers, today)
}

// terms finds that nothing is overdue, so that the first scan brings no burst, and that the terms of the coming month end in every way.
func terms(t *testing.T, from *table.Table, today calendar.Date) {
	t.Helper()
	seen := map[string]int{}
	for _, partner := range []string{"par_martin", "par_integral", "par_nuage"} {
		all := table.Renewals(partner, today.AddDays(-1000), today.AddDays(1000), table.Page{Limit: 1000})
		read(t, from, []table.Load{all}, func(tx *table.Tx) {
			rows, _ := all.Rows(tx)
			for _, l := range rows {
				if !l.DueAt.IsZero() && l.DueAt.Before(time.Now().Add(-time.Hour)) {
					t.Errorf("%s is due since %v", l.ID, l.DueAt)
				}
				if l.TermIndex > 0 {
					seen["renewed before"]++
				}
				if !l.End.After(today) || l.End.After(today.AddDays(31)) {
					continue
				}
				seen[string(l.Coming().What)]++
				if s := l.Scheduled; s != nil && s.Quantity < l.Quantity {
					seen["renews with less"]++
				}
			}
		})
	}
	for _, way := range []string{"renewed before", "renews", "renews with less", "converts", "suspends", "ends", "waits"} {
		if seen[way] < 3 {
			t.Errorf("%d licences: %s; want some: %v", seen[way], way, seen)
		}
	}
}

// people finds that Cabinet Martin has people of every sort, and customers that have answered in every way.
func people(t *testing.T, from *table.Table) {
	t.Helper()
	all, answers := table.Collaborators("par_martin", table.Page{Limit: 100}), table.ConsentsTo("par_martin", "", table.Page{Limit: 1000})
	seen := map[string]int{}
	read(t, from, []table.Load{table.Partner("par_martin"), all, answers}, func(tx *table.Tx) {
		p, _ := table.Partner("par_martin").Find(tx)
		rows, _ := all.Rows(tx)
		administrators := 0
		for _, c := range rows {
			seen[string(c.State(time.Now()))]++
			for role, s := range c.Serves {
				seen[string(role)] += s.Customers
			}
			if c.Active() && slices.Contains(c.Roles, membership.GlobalAdmin) {
				administrators++
			}
		}
		if administrators == 0 || administrators != p.GlobalAdmins {
			t.Errorf("%d global administrators, and the partner counts %d", administrators, p.GlobalAdmins)
		}
		consents, _ := answers.Rows(tx)
		for _, c := range consents {
			seen[string(c.State(0, time.Now()))]++
		}
	})
	for _, want := range []string{"active", "invited", "accountant", "requested", "granted", "declined"} {
		if seen[want] == 0 {
			t.Errorf("none is %s: %v", want, seen)
		}
	}
}

func read(t *testing.T, from *table.Table, load []table.Load, look func(*table.Tx)) {
	t.Helper()
	call := table.Call{Load: load, Allow: func(*table.Tx) error { return nil }}
	_, err := table.Read(t.Context(), from, call, func(tx *table.Tx) (*struct{}, error) {
		look(tx)
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// seats finds that the gauges of some customers count what stands in their rosters, and the rosters have their
// members; it counts the states of the gauges and of the requests.
func seats(t *testing.T, from *table.Table, customers []string, today calendar.Date, states, requests map[string]int) {
	t.Helper()
	people := func(id string) table.List[membership.Membership] {
		return table.Members(id, table.Page{Limit: 100})
	}
	asked := func(id string) table.List[seat.Request] {
		return table.SeatRequests(id, "expenses", table.Page{Limit: 10})
	}
	var load []table.Load
	for _, id := range customers {
		load = append(load, table.Customer(id), table.Gauges(id), table.Rosters(id), people(id), asked(id))
	}
	read(t, from, load, func(tx *table.Tx) {
		for _, id := range customers {
			c, _ := table.Customer(id).Find(tx)
			gauges, _ := table.Gauges(id).Rows(tx)
			rosters, _ := table.Rosters(id).Rows(tx)
			held, members := map[string]int{}, map[string]string{}
			for _, r := range rosters {
				if !c.HasRoster(r.Part) {
					t.Errorf("the row of %s doesn't know of part %d of its roster", id, r.Part)
				}
				for memberID, m := range r.Members {
					members[memberID] = m.Name
					for module := range m.Seats {
						held[module]++
					}
				}
			}
			for _, g := range gauges {
				module, r := g.Module, g.On(today)
				states[strings.TrimSpace(string(r.State)+" "+string(r.Reason))]++
				if r.Used != held[module] {
					t.Errorf("%s: %d seats of %s are used, and its roster has %d", id, r.Used, module, held[module])
				}
				delete(held, module)
			}
			if len(held) > 0 {
				t.Errorf("%s: its roster has seats that no gauge counts: %v", id, held)
			}
			rows, _ := people(id).Rows(tx)
			for _, m := range rows {
				if members[m.UserID] != m.Name {
					t.Errorf("%s: the roster doesn't have %s (%s)", id, m.UserID, m.Name)
				}
			}
			if len(rows) == 0 || len(rows) != len(members) {
				t.Errorf("%s has %d members, and its roster %d", id, len(rows), len(members))
			}
			answers, _ := asked(id).Rows(tx)
			for _, r := range answers {
				requests[r.Status()]++
			}
		}
	})
}

// toldMartin finds that Cabinet Martin was told of seats, and that somebody has read it.
func toldMartin(t *testing.T, from *table.Table) {
	t.Helper()
	told, kinds := table.Notifications("par_martin", false, table.Page{Limit: 1000}), map[string]int{}
	read(t, from, []table.Load{told}, func(tx *table.Tx) {
		rows, _ := told.Rows(tx)
		for _, n := range rows {
			kinds[n.Kind]++
			if n.ReadAt.IsZero() || n.ReadAt.After(time.Now()) {
				t.Errorf("what is told already was read at %v", n.ReadAt)
			}
		}
	})
	if kinds[notice.Threshold] == 0 || kinds["licence.taken"] == 0 {
		t.Errorf("told of %v", kinds)
	}
}
