package table_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
	"comptoir/shared/problem"
	"comptoir/shared/profile"
	"comptoir/shared/table"
	"comptoir/shared/table/proxy"
	"comptoir/shared/table/tabletest"
)

func fresh(t *testing.T) *table.Table {
	t.Helper()
	storage := tabletest.New(t)
	return table.New(storage.Client, storage.TableName, table.Clock(func() time.Time { return now }))
}

// write is one unit of work, after what it loads.
func write(ctx context.Context, tb *table.Table, do func(*table.Tx), load ...table.Load) error {
	call := table.Call{Load: load, Allow: func(*table.Tx) error { return nil }}
	_, _, err := table.Write(ctx, tb, call, func(tx *table.Tx) (*struct{}, error) {
		do(tx)
		return nil, nil
	})
	return err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func portfolio(t *testing.T, tb *table.Table, c collaborator.Collaborator) collaborator.Portfolio {
	t.Helper()
	rows, _ := read(t, shelf{table: tb}, table.PortfolioOf(c))
	return collaborator.Loaded(rows)
}

func find[T any](t *testing.T, tb *table.Table, r table.Ref[T]) (v T, there bool) {
	t.Helper()
	must(t, write(t.Context(), tb, func(tx *table.Tx) { v, there = r.Find(tx) }, r))
	return v, there
}

func numbered(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("cus_%05d", i)
	}
	return all
}

// A20: what is set is what is read, part by part, before and after the person has become a user.
func TestPortfoliosAreReadAsTheyWereShelved(t *testing.T) {
	t.Parallel()
	tb, c := fresh(t), collaborator.New("par_1", "lea@example.test", "Léa", "fr")
	box := collaborator.Box{At: now, By: "user-1", Of: "Ada"}
	save := func(after collaborator.Portfolio) {
		t.Helper()
		before := portfolio(t, tb, c)
		must(t, write(t.Context(), tb, func(tx *table.Tx) { tx.Shelve(before, after) }))
	}
	expect := func(what string, as collaborator.Collaborator, accountant, support []string) collaborator.Portfolio {
		t.Helper()
		p := portfolio(t, tb, as)
		if !slices.Equal(p.Of(membership.Accountant), accountant) || !slices.Equal(p.Of(membership.Support), support) {
			t.Errorf("%s: %v and %v", what, p.Of(membership.Accountant), p.Of(membership.Support))
		}
		for n, part := range p {
			if len(part.Customers) == 0 {
				t.Errorf("%s: part %d is empty", what, n)
			}
		}
		return p
	}
	set := func(p collaborator.Portfolio, role membership.Role, customers []string) collaborator.Portfolio {
		t.Helper()
		after, _, _, err := p.Set(c, role, customers, box)
		must(t, err)
		return after
	}
	none, many, few := []string{}, numbered(300), numbered(3)
	expect("nothing", c, none, none)

	save(set(portfolio(t, tb, c), membership.Accountant, many))
	p := expect("many", c, many, none)
	if got, in := p.Box(many[7], membership.Accountant); !in || got != box {
		t.Errorf("the box is %v", got)
	}
	if part, there := find(t, tb, table.PortfolioPart(c, many[7])); !there || len(part.Customers[many[7]]) != 1 {
		t.Errorf("the part of one customer is %v", part)
	}

	save(set(p, membership.Support, few))
	p = expect("some in both roles", c, many, few)
	touched := map[int]bool{}
	for _, id := range few {
		touched[collaborator.PartOf(id)] = true
	}
	for n, part := range p {
		if want := map[bool]int64{false: 1, true: 2}[touched[n]]; part.Version != want {
			t.Errorf("part %d is of version %d, want %d", n, part.Version, want)
		}
	}

	joined := c
	joined.UserID = "user-9"
	save(p.Move("user-9"))
	expect("where it was before it moved", c, none, none)
	c = joined
	p = expect("where it moved", c, many, few)

	save(set(p, membership.Accountant, nil))
	p = expect("few are left, and no empty part", c, none, few)
	save(set(p, membership.Support, nil))
	expect("nothing again", c, none, none)
	if _, there := find(t, tb, table.PortfolioPart(c, few[0])); there {
		t.Error("an empty part is there")
	}
}

// All parts move in one transaction, together with what an acceptance writes: person, partner, membership, mark and fact.
func TestAFullPortfolioMovesAtOnce(t *testing.T) {
	t.Parallel()
	tb, c := fresh(t), collaborator.New("par_1", "lea@example.test", "Léa", "fr")
	all, _, _, err := collaborator.Loaded(nil).Set(c, membership.Support, numbered(1000), collaborator.Box{At: now})
	must(t, err)
	if len(all) != collaborator.Parts {
		t.Fatalf("%d parts of %d", len(all), collaborator.Parts)
	}
	p := partner.Partner{ID: "par_1"}
	must(t, write(t.Context(), tb, func(tx *table.Tx) { tx.Shelve(nil, all); tx.Put(&c); tx.Put(&p) }))
	c, _ = find(t, tb, table.Collaborator("par_1", c.ID))
	p, _ = find(t, tb, table.Partner("par_1"))
	before := portfolio(t, tb, c)
	joined := c
	joined.UserID = "user-9"
	must(t, write(t.Context(), tb, func(tx *table.Tx) {
		tx.Shelve(before, before.Move("user-9"))
		tx.Put(&joined)
		q := p
		tx.Put(&q)
		tx.Put(&membership.Membership{UserID: "user-9", OrganisationID: "par_1"})
		tx.Put(&table.Sent{EventID: "evt_1", At: now})
		tx.Record(&q, event.New("collaborator.accepted", nil))
	}))
	if got := portfolio(t, tb, joined).Of(membership.Support); len(got) != 1000 {
		t.Errorf("%d customers came along", len(got))
	}
}

// Of two who save what both have read, the second is told: whether it changes a part or removes it.
func TestShelvingRestsOnWhatWasRead(t *testing.T) {
	t.Parallel()
	tb, c := fresh(t), collaborator.New("par_1", "lea@example.test", "Léa", "fr")
	box := collaborator.Box{At: now}
	set := func(p collaborator.Portfolio, role membership.Role, customers ...string) collaborator.Portfolio {
		t.Helper()
		after, _, _, err := p.Set(c, role, customers, box)
		must(t, err)
		return after
	}
	save := func(before, after collaborator.Portfolio) error {
		return write(t.Context(), tb, func(tx *table.Tx) { tx.Shelve(before, after) })
	}
	must(t, save(nil, set(nil, membership.Support, "cus_1")))
	both := portfolio(t, tb, c)
	must(t, save(both, set(both, membership.Accountant, "cus_1")))
	for what, after := range map[string]collaborator.Portfolio{
		"changes it": set(both, membership.Accountant, "cus_1"), "removes it": set(both, membership.Support),
		"moves it": both.Move("user-9"), "makes it anew": set(nil, membership.Support, "cus_1"),
	} {
		before := both
		if what == "makes it anew" {
			before = nil
		}
		err := save(before, after)
		if p := problem.Of(err); p == nil || p.Code != "conflict" {
			t.Errorf("who %s: %v", what, err)
		}
	}
	if p := portfolio(t, tb, c); len(p.Of(membership.Accountant)) != 1 || len(p.Of(membership.Support)) != 1 {
		t.Errorf("%v", p)
	}
}

func TestRemovingRestsOnTheVersionThatWasRead(t *testing.T) {
	t.Parallel()
	conflicts := func(t *testing.T, err error) {
		t.Helper()
		if p := problem.Of(err); p == nil || p.Code != "conflict" {
			t.Errorf("%v", err)
		}
	}
	ref := table.Profile("user-1")
	for name, check := range map[string]func(*testing.T, *table.Table, profile.Profile){
		"at that version it goes": func(t *testing.T, tb *table.Table, p profile.Profile) {
			must(t, write(t.Context(), tb, func(tx *table.Tx) { tx.Remove(&p) }))
			if _, there := find(t, tb, ref); there {
				t.Error("it is there")
			}
		},
		"changed since, it stays": func(t *testing.T, tb *table.Table, p profile.Profile) {
			newer := p
			must(t, write(t.Context(), tb, func(tx *table.Tx) { newer.Language = "en"; tx.Put(&newer) }))
			conflicts(t, write(t.Context(), tb, func(tx *table.Tx) { tx.Remove(&p) }))
			if got, there := find(t, tb, ref); !there || got.Language != "en" {
				t.Errorf("%v, there: %t", got, there)
			}
		},
		"removed since, that is told": func(t *testing.T, tb *table.Table, p profile.Profile) {
			must(t, write(t.Context(), tb, func(tx *table.Tx) { tx.Remove(&p) }))
			conflicts(t, write(t.Context(), tb, func(tx *table.Tx) { tx.Remove(&p) }))
		},
		"nothing else goes with it": func(t *testing.T, tb *table.Table, p profile.Profile) {
			other := profile.Profile{UserID: "user-2"}
			must(t, write(t.Context(), tb, func(tx *table.Tx) { tx.Put(&other) }))
			must(t, write(t.Context(), tb, func(tx *table.Tx) { tx.Remove(&p) }))
			if _, there := find(t, tb, table.Profile("user-2")); !there {
				t.Error("another is gone")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb := fresh(t)
			must(t, write(t.Context(), tb, func(tx *table.Tx) { tx.Put(&profile.Profile{UserID: "user-1", Language: "fr"}) }))
			p, _ := find(t, tb, ref)
			check(t, tb, p)
		})
	}
}

// Whatever the size of the page: each text comes once, in order, and the last page says so.
func TestPagesOfAListThatWasRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := slices.Sorted(maps.Keys(rapid.MapOfN(rapid.StringMatching(`cus_[0-9a-z]{1,3}`), rapid.Just(true), 0, 40).Draw(t, "all")))
		at := table.Page{Limit: rapid.IntRange(1, 45).Draw(t, "limit")}
		var got []string
		for pages := 1; ; pages++ {
			some, next, err := table.PageOf(all, "PORTFOLIO#col_1", at)
			if err != nil || len(some) > at.Limit {
				t.Fatalf("%d rows, %v", len(some), err)
			}
			got = append(got, some...)
			if at.Cursor = next; next == "" {
				if exact := max(1, (len(all)+at.Limit-1)/at.Limit); pages != exact {
					t.Fatalf("%d pages of %d for %d", pages, at.Limit, len(all))
				}
				break
			}
		}
		if !slices.Equal(got, all) {
			t.Fatalf("%v, want %v", got, all)
		}
	})
}

func TestCursorsOfAListThatWasRead(t *testing.T) {
	t.Parallel()
	all := []string{"a", "b", "c", "d"}
	_, next, err := table.PageOf(all, "one", table.Page{Limit: 2})
	must(t, err)
	t.Run("are good for a page of another size", func(t *testing.T) {
		t.Parallel()
		if got, end, err := table.PageOf(all, "one", table.Page{Limit: 9, Cursor: next}); err != nil || end != "" || !slices.Equal(got, []string{"c", "d"}) {
			t.Errorf("%v, %q, %v", got, end, err)
		}
	})
	t.Run("go on where the row is gone, or another came before", func(t *testing.T) {
		t.Parallel()
		if got, _, err := table.PageOf([]string{"a", "aa", "c", "d"}, "one", table.Page{Limit: 9, Cursor: next}); err != nil || !slices.Equal(got, []string{"c", "d"}) {
			t.Errorf("%v, %v", got, err)
		}
	})
	t.Run("end where all that follows is gone", func(t *testing.T) {
		t.Parallel()
		if got, end, err := table.PageOf([]string{"a"}, "one", table.Page{Limit: 9, Cursor: next}); err != nil || end != "" || len(got) > 0 {
			t.Errorf("%v, %q, %v", got, end, err)
		}
	})
	for name, c := range map[string]struct{ list, cursor string }{
		"of another list are refused": {"other", next}, "cut short are refused": {"one", next[:len(next)-4]}, "of nothing are refused": {"one", "e30"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _, err := table.PageOf(all, c.list, table.Page{Limit: 2, Cursor: c.cursor})
			if p := problem.Of(err); p == nil || p.Code != "invalid_input" || len(got) > 0 {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

// What one actor did comes whole and latest first, however much others did between.
func TestActivityOfOneActor(t *testing.T) {
	t.Parallel()
	tb := fresh(t)
	p := partner.Partner{ID: "par_1"}
	var drafts []*table.Tx
	var want []string // the numbers of what Léa did, latest first
	const events = 2300
	for n := range events {
		by := "ada"
		if n%700 == 3 || n > events-3 {
			by = "lea"
			want = slices.Insert(want, 0, fmt.Sprint(n))
		}
		tx := tb.Draft(now.Add(time.Duration(n)*time.Second), "test", event.Actor{ID: by, Kind: "person"}, "par_1")
		tx.Record(&p, event.New("test.done", map[string]any{"n": fmt.Sprint(n)}))
		drafts = append(drafts, tx)
	}
	must(t, tb.Import(t.Context(), drafts...))
	number := func(e event.Event) string { return e.Data["n"].(string) }
	s := shelf{table: tb}
	for _, size := range []int{1, 2, 100} {
		got := pages(t, s, size, func(at table.Page) table.List[event.Event] { return table.Activity("par_1", "lea", at) }, number)
		if !slices.Equal(got, want) {
			t.Errorf("in pages of %d: %v, want %v", size, got, want)
		}
	}
	if got := pages(t, s, 100, func(at table.Page) table.List[event.Event] { return table.Activity("par_1", "", at) }, number); len(got) != events || got[0] != fmt.Sprint(events-1) {
		t.Errorf("of all %d come, from %v", len(got), got[:1])
	}
	if got := pages(t, s, 100, func(at table.Page) table.List[event.Event] { return table.Activity("par_1", "bob", at) }, number); len(got) > 0 {
		t.Errorf("of Bob, who did nothing: %v", got)
	}
	_, next := read(t, s, table.Activity("par_1", "lea", table.Page{Limit: 1}))
	other := table.Activity("par_1", "ada", table.Page{Limit: 1, Cursor: next})
	err := write(t.Context(), tb, func(*table.Tx) {}, other)
	if p := problem.Of(err); p == nil || p.Code != "invalid_input" {
		t.Errorf("Léa's cursor is good for Ada: %v", err)
	}
}

// However many are announced: each is found or known to be absent, a hundred in each call.
func TestManyItemsAreReadSideBySide(t *testing.T) {
	t.Parallel()
	storage := tabletest.New(t)
	between, err := proxy.Start(storage.URL)
	must(t, err)
	t.Cleanup(between.Close)
	direct, tb := table.New(storage.Client, storage.TableName), table.New(storage.Through(between), storage.TableName)
	const there, absent = 1950, 60
	draft := direct.Draft(now, "test", event.Actor{ID: "test"}, "")
	for n := range there {
		draft.Put(&profile.Profile{UserID: fmt.Sprint("user-", n), Language: fmt.Sprint(n)})
	}
	must(t, direct.Import(t.Context(), draft))
	for name, as := range map[string]func(table.Ref[profile.Profile]) table.Load{
		"as they are":            func(r table.Ref[profile.Profile]) table.Load { return r },
		"as they were just now":  func(r table.Ref[profile.Profile]) table.Load { return r.Lately() },
		"each announced another": nil,
	} {
		t.Run(name, func(t *testing.T) {
			between.Reset()
			var load []table.Load
			for n := range there + absent {
				r := table.Profile(fmt.Sprint("user-", n))
				if as != nil {
					load = append(load, as(r))
				} else {
					load = append(load, r, r)
				}
			}
			must(t, write(t.Context(), tb, func(tx *table.Tx) {
				for n := range there + absent {
					p, found := table.Profile(fmt.Sprint("user-", n)).Find(tx)
					if found != (n < there) || found && p.Language != fmt.Sprint(n) {
						t.Fatalf("user %d: %v, found: %t", n, p, found)
					}
				}
			}, load...))
			if calls := between.Usage().Calls; calls["BatchGetItem"] != (there+absent+99)/100 || len(calls) != 1 {
				t.Errorf("it took %v", calls)
			}
		})
	}
}

// A partner's people are on the lists of what they have, by name, and on none of what they haven't any more.
func TestPeopleAreListedByWhatTheyHave(t *testing.T) {
	t.Parallel()
	tb := fresh(t)
	person := func(name string, serves bool, roles ...membership.Role) collaborator.Collaborator {
		c := collaborator.New("par_1", name+"@example.test", name, "fr")
		if c.Roles = roles; serves {
			c.Serves = map[membership.Role]collaborator.Service{membership.Support: {Since: now}}
		}
		return c
	}
	granted := person("Élodie", false)
	granted.Grant = membership.Limited
	elsewhere := person("Zoé", true, membership.Viewer)
	elsewhere.PartnerID = "par_2"
	all := []collaborator.Collaborator{person("bob", true, membership.Viewer), person("Ada", true), person("Cleo", false, membership.Sales), granted, elsewhere}
	must(t, write(t.Context(), tb, func(tx *table.Tx) {
		for i := range all {
			c := all[i]
			tx.Put(&c)
		}
	}))
	name := func(c collaborator.Collaborator) string { return c.Name }
	expect := func(what string, of func(table.Page) table.List[collaborator.Collaborator], want ...string) {
		t.Helper()
		for _, size := range []int{1, 2, 100} {
			if got := pages(t, shelf{table: tb}, size, of, name); !slices.Equal(got, want) {
				t.Errorf("%s in pages of %d: %v, want %v", what, size, got, want)
			}
		}
	}
	serving := func(p table.Page) table.List[collaborator.Collaborator] { return table.Serving("par_1", p) }
	users := func(p table.Page) table.List[collaborator.Collaborator] { return table.Users("par_1", p) }
	expect("who serve", serving, "Ada", "bob")
	expect("who are users", users, "bob", "Cleo", "Élodie")
	if got := pages(t, shelf{table: tb}, 2, func(p table.Page) table.List[collaborator.Collaborator] { return table.Collaborators("par_1", p) }, name); len(got) != 4 {
		t.Errorf("all: %v", got)
	}
	bob, _ := find(t, tb, table.Collaborator("par_1", all[0].ID))
	bob.Serves = nil
	must(t, write(t.Context(), tb, func(tx *table.Tx) { c := bob; tx.Put(&c) }))
	expect("who serve, without Bob", serving, "Ada")
	expect("who are users, still with Bob", users, "bob", "Cleo", "Élodie")
}

func TestConsentsAreListedByAnswerThenByName(t *testing.T) {
	t.Parallel()
	tb := fresh(t)
	must(t, write(t.Context(), tb, func(tx *table.Tx) {
		for i, c := range []struct {
			name   string
			answer consent.State
		}{{"Zoé", consent.Granted}, {"Ada", consent.Requested}, {"bob", consent.Granted}, {"Éric", consent.Declined}} {
			tx.Put(&consent.Consent{CustomerID: fmt.Sprint("cus_", i), CustomerName: c.name, PartnerID: "par_1", Answer: c.answer})
		}
		tx.Put(&consent.Consent{CustomerID: "cus_0", CustomerName: "Zoé", PartnerID: "par_2", Answer: consent.Granted})
	}))
	name := func(c consent.Consent) string { return c.CustomerName + " " + c.PartnerID }
	for what, c := range map[string]struct {
		of   func(table.Page) table.List[consent.Consent]
		want []string
	}{
		"all of a partner": {func(p table.Page) table.List[consent.Consent] { return table.ConsentsTo("par_1", "", p) }, []string{"Éric par_1", "bob par_1", "Zoé par_1", "Ada par_1"}},
		"the granted ones": {func(p table.Page) table.List[consent.Consent] { return table.ConsentsTo("par_1", consent.Granted, p) }, []string{"bob par_1", "Zoé par_1"}},
		"the withdrawn ones, of which there are none": {func(p table.Page) table.List[consent.Consent] { return table.ConsentsTo("par_1", consent.Withdrawn, p) }, nil},
		"all of a customer":                           {func(p table.Page) table.List[consent.Consent] { return table.ConsentsOf("cus_0", p) }, []string{"Zoé par_1", "Zoé par_2"}},
	} {
		t.Run(what, func(t *testing.T) {
			for _, size := range []int{1, 100} {
				if got := pages(t, shelf{table: tb}, size, c.of, name); !slices.Equal(got, c.want) {
					t.Errorf("in pages of %d: %v, want %v", size, got, c.want)
				}
			}
		})
	}
}

func TestTokensAreFoundByTheirHash(t *testing.T) {
	t.Parallel()
	tb := fresh(t)
	want := table.Token{Hash: "abc", Number: 2, ExpiresAt: now, PartnerID: "par_1", CollaboratorID: "col_1"}
	must(t, write(t.Context(), tb, func(tx *table.Tx) { v := want; tx.Put(&v) }))
	got, there := find(t, tb, table.TokenOf("abc"))
	if want.ExpiresAt = got.ExpiresAt; !there || got != want {
		t.Errorf("%+v, there: %t", got, there)
	}
	if _, there := find(t, tb, table.TokenOf("abd")); there {
		t.Error("another hash finds one")
	}
}
