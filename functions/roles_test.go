package functions_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"comptoir/functions"
	"comptoir/functions/apitest"
	"comptoir/shared/api"
	"comptoir/shared/authz"
	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/membership"
	"comptoir/shared/money"
	"comptoir/shared/notice"
	"comptoir/shared/plan"
	"comptoir/shared/seat"
)

var seed = event.Actor{ID: "seed", Kind: "system"}

// signedIn is the column of a person who belongs to no organisation.
const signedIn = "signed in"

// bodies are valid inputs of the writes; name is different for each call.
var bodies = map[string]func(name string) any{
	"reportAccount": func(name string) any {
		return map[string]any{"accountId": name, "name": name, "administrator": map[string]any{"name": "Ada", "mail": "ada@example.com"}}
	},
	"putPlan": func(name string) any {
		return map[string]any{"name": name, "commitment": "flexible", "prices": map[string]any{"month": euros(10_00)}, "modules": map[string]any{}}
	},
	"takeLicence":    func(string) any { return order(apitest.Yearly, "year", 1) },
	"previewLicence": func(string) any { return map[string]any{"take": order(apitest.Yearly, "year", 1)} },
	"changeLicence":  func(string) any { return map[string]any{"quantity": 11} },
	"cancelLicence":  func(string) any { return map[string]any{} },
	"suspendLicence": func(string) any { return map[string]any{} },
	"resumeLicence":  func(string) any { return map[string]any{} },

	"putMember":         func(string) any { return map[string]any{"name": "Ada Neuve", "mail": "ada@example.com"} },
	"removeMember":      func(string) any { return nil },
	"setSeatCap":        func(string) any { return map[string]any{"cap": 5} },
	"addSeats":          func(string) any { return map[string]any{"memberIds": []string{apitest.Members[0]}} },
	"removeSeat":        func(string) any { return nil },
	"requestSeats":      func(string) any { return map[string]any{"seats": 5, "note": "We are growing."} },
	"answerSeatRequest": func(string) any { return map[string]any{"accept": false, "note": "Not this year."} },

	"verifyDomain": func(string) any { return nil },

	"markNotifications":         func(string) any { return reads },
	"markCustomerNotifications": func(string) any { return reads },
}

var reads = map[string]any{"ids": []string{"evt_seed"}, "read": true}

func euros(cents int64) money.Money { return money.Money{Amount: cents, Currency: "EUR"} }

func order(planCode, term string, quantity int) map[string]any {
	return map[string]any{"planCode": planCode, "term": term, "quantity": quantity}
}

// place is what an operation is called on.
type place struct{ partner, customer, licence string }

// call calls an operation somewhere. Writes have a body that would succeed.
func call(t *testing.T, c apitest.Client, op api.Operation, on place, name string) apitest.Answer {
	t.Helper()
	path := strings.NewReplacer(
		"{partnerId}", on.partner, "{customerId}", on.customer, "{licenceId}", on.licence,
		"{code}", strings.ToUpper(name), "{module}", apitest.Expenses, "{memberId}", apitest.Members[0], "{requestId}", "req_1",
	).Replace(op.Path)
	var body any
	if op.Method != "GET" {
		valid, ok := bodies[op.ID]
		if !ok {
			t.Fatalf("no valid body is known of %s", op.ID)
		}
		body = valid(name)
	}
	return c.Do(op.Method+" "+path, body)
}

// Every operation is called as every role, on what the role is for, on what belongs to others and on
// what doesn't exist, and does as docs/roles.md says.
func TestRolesMayDoWhatTheTableSays(t *testing.T) {
	t.Parallel()
	table := roleTable(t)
	w := apitest.New(t)
	operations := functions.Operations(apitest.Env)
	places := placesOf(t, w, operations)

	for _, op := range operations {
		row, ok := table[op.ID]
		if !ok {
			t.Errorf("docs/roles.md has no row for %s", op.ID)
			continue
		}
		delete(table, op.ID)
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			for _, role := range authz.Roles {
				t.Run("by "+role.Name, func(t *testing.T) {
					caller, own := callerOf(w, role, op), places[op.ID+role.Name]
					name := strings.ToLower(op.ID + "-" + role.Name)
					switch {
					case !hasOwn(role, op) && row[role.Name]:
						t.Error("docs/roles.md gives it what it has no relation to")
					case hasOwn(role, op):
						decided(t, call(t, caller, op, own, name), row[role.Name])
					}
					if role.Of == authz.Machines && op.ID == "checkSeat" {
						return // to machines, which see every customer, what isn't there is a verdict
					}
					nothing := outside(t, caller, op, place{"par_nobody", "cus_nobody", "lic_nobody"}, name)
					for _, others := range othersFor(role) {
						if got := outside(t, caller, op, others, name); got != nothing {
							t.Errorf("on %v: %s\nwhere nothing is: %s", others, got, nothing)
						}
					}
				})
			}
			t.Run("by a person without an organisation", func(t *testing.T) {
				stranger := w.Person("usr-stranger")
				if !onOrganisation(op) {
					decided(t, call(t, stranger, op, place{}, "stranger"), row[signedIn])
					return
				}
				there := outside(t, stranger, op, place{apitest.Martin, apitest.Durand, apitest.DurandLicence}, "stranger")
				if nowhere := outside(t, stranger, op, place{"par_nobody", "cus_nobody", "lic_nobody"}, "stranger"); there != nowhere {
					t.Errorf("where something is: %s\nwhere nothing is: %s", there, nowhere)
				}
			})
			t.Run("by nobody", func(t *testing.T) {
				call(t, w.Nobody(), op, places[op.ID+authz.Operator], "nobody").Is(t, 401, "unauthenticated")
			})
		})
	}
	for unknown := range table {
		t.Errorf("docs/roles.md has a row for %s, which is no operation", unknown)
	}
}

// decided asserts that the role may, or is told that it may not.
func decided(t *testing.T, a apitest.Answer, may bool) {
	t.Helper()
	if may && a.Status/100 != 2 {
		t.Errorf("docs/roles.md says that it may, but the answer is %d %s", a.Status, a.Text)
	}
	if !may {
		a.Is(t, 403, "forbidden")
	}
}

// outside is the answer where the caller has no business, which is always that there is nothing.
func outside(t *testing.T, c apitest.Client, op api.Operation, on place, name string) string {
	t.Helper()
	if !onOrganisation(op) {
		return ""
	}
	return call(t, c, op, on, name).Is(t, 404, "not_found").Text
}

func onOrganisation(op api.Operation) bool {
	return strings.Contains(op.Path, "{partnerId}") || strings.Contains(op.Path, "{customerId}")
}

// othersFor is what a role sees nothing of.
func othersFor(r authz.Role) []place {
	switch r.Of {
	case authz.PartnerPeople:
		return []place{{apitest.Nuage, apitest.Nuit, apitest.NuitLicence}, {apitest.Nuage, apitest.Direct, "lic_direct"}}
	case authz.CustomerPeople: // also its own partner, and the partner's other customers
		return []place{{apitest.Nuage, apitest.Nuit, apitest.NuitLicence}, {apitest.Martin, apitest.Durand, apitest.DurandLicence}}
	}
	return nil // machines see everything
}

func callerOf(w *apitest.World, r authz.Role, op api.Operation) apitest.Client {
	switch r.Of {
	case authz.PartnerPeople:
		return w.As(apitest.Martin, membership.Role(r.Name))
	case authz.CustomerPeople:
		own := customerOf(op, r)
		return w.Person("usr-" + own).For(own)
	}
	return w.Machine(r.Name)
}

func customerOf(op api.Operation, r authz.Role) string {
	return "cus_" + strings.ToLower(op.ID+r.Name)
}

// placesOf makes a customer of Martin's with a licence for every operation and role, so that calls
// don't meet. Licences are suspended by both sides where they are to be resumed.
func placesOf(t *testing.T, w *apitest.World, operations []api.Operation) map[string]place {
	t.Helper()
	places := map[string]place{}
	tx := w.Table.Draft(apitest.Start, "seed", seed, "")
	at := licence.At(apitest.Start.AddDate(0, 0, -30), apitest.Env.Zone)
	terms := plan.Plan{
		Code: apitest.Yearly, Commitment: plan.Committed, Prices: map[calendar.Term]money.Money{calendar.Year: euros(120_00)},
		Modules: map[string]int{apitest.Expenses: 1},
	}
	told := func(organisation string) {
		tx.Put(&notice.Notification{EventID: "evt_seed", OrganisationID: organisation, Kind: "licence.taken"})
	}
	told(apitest.Martin)
	for _, op := range operations {
		for _, role := range authz.Roles {
			id := customerOf(op, role)
			c, _ := customer.Appear(customer.Report{CustomerID: id, AccountID: id, PartnerID: apitest.Martin, Name: id, Domain: "maison.example"})
			seats, c, err := seat.Loaded(nil, nil).Join(c, apitest.Members[0], "Ada")
			if err != nil {
				t.Fatal(err)
			}
			tx.Put(&membership.Membership{UserID: apitest.Members[0], OrganisationID: id, Name: "Ada", Roles: []membership.Role{membership.Member}})
			told(id)
			tx.Put(&seat.Request{CustomerID: id, Module: apitest.Expenses, Number: 1, Seats: 5, Wanted: 15})
			if op.ID == "requestSeats" {
				tx.Put(&seat.Request{CustomerID: id, Module: apitest.Expenses, Number: 2, Seats: 5, Wanted: 15, Answer: &seat.Answer{}})
			}
			l, out, err := licence.Take(licence.Order{
				LicenceID: "lic_" + id[4:], CustomerID: id, PartnerID: apitest.Martin, Origin: licence.Manual,
				Quantity: 10, Term: calendar.Year, AutoRenew: true, BillTo: licence.PaidByPartner,
			}, terms, at)
			if err != nil {
				t.Fatal(err)
			}
			if op.ID == "resumeLicence" {
				l.Reasons = []licence.Reason{licence.ByPartner, licence.ByPublisher}
			}
			if _, err := tx.Hold(&c, seats, licence.Licence{}, &l, out, at.Today); err != nil {
				t.Fatal(err)
			}
			if role.Of == authz.CustomerPeople {
				tx.Put(&membership.Membership{UserID: "usr-" + id, OrganisationID: id, Name: "P.", Roles: []membership.Role{membership.Role(role.Name)}})
			}
			places[op.ID+role.Name] = place{apitest.Martin, id, l.ID}
		}
	}
	if err := w.Table.Import(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	return places
}

// hasOwn tells whether there is anything of the operation's kind that the role is for: a customer's
// people see nothing of partners, their own included.
func hasOwn(r authz.Role, op api.Operation) bool {
	return r.Of != authz.CustomerPeople || !strings.Contains(op.Path, "{partnerId}")
}

// roleTable reads docs/roles.md: what each role may, by operation.
func roleTable(t *testing.T) map[string]map[string]bool {
	t.Helper()
	text, err := os.ReadFile("../docs/roles.md")
	if err != nil {
		t.Fatal(err)
	}
	var columns []string
	table := map[string]map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|-") || strings.HasPrefix(line, "|:") {
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if columns == nil {
			columns = cells
			continue
		}
		row := map[string]bool{}
		for i, cell := range cells[1:] {
			row[columns[i+1]] = cell != ""
		}
		table[cells[0]] = row
	}
	want := []string{"operation"}
	for _, role := range authz.Roles {
		want = append(want, role.Name)
	}
	if want = append(want, signedIn); !slices.Equal(columns, want) {
		t.Fatalf("docs/roles.md has the columns %v, want %v", columns, want)
	}
	return table
}
