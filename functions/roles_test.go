package functions_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/functions"
	"comptoir/functions/apitest"
	"comptoir/shared/api"
	"comptoir/shared/authz"
	"comptoir/shared/calendar"
	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/id"
	"comptoir/shared/licence"
	"comptoir/shared/membership"
	"comptoir/shared/money"
	"comptoir/shared/notice"
	"comptoir/shared/partner"
	"comptoir/shared/plan"
	"comptoir/shared/profile"
	"comptoir/shared/seat"
	"comptoir/shared/table"
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

	"updatePartner": func(string) any { return map[string]any{"contact": map[string]any{"mail": "bonjour@martin.example"}} },
	"inviteCollaborator": func(name string) any {
		return map[string]any{"mail": name + "@example.com", "roles": []string{"accountant"}}
	},
	"removeCollaborator": func(string) any { return nil },
	"resendInvitation":   func(string) any { return nil },
	"revokeInvitation":   func(string) any { return nil },
	"giveRole":           func(string) any { return nil },
	"takeRole":           func(string) any { return nil },
	"inviteUser": func(name string) any {
		return map[string]any{"mail": name + "@example.com", "roles": []string{"sales"}}
	},
	"setUser":    func(string) any { return map[string]any{"roles": []string{"sales"}, "customers": "limited"} },
	"removeUser": func(string) any { return nil },

	"resetPassword":   func(string) any { return nil },
	"endAccess":       func(string) any { return nil },
	"grantConsent":    func(string) any { return map[string]any{} },
	"withdrawConsent": func(string) any { return nil },

	"updateMe":         func(string) any { return map[string]any{"language": "fr"} },
	"confirmAddress":   func(name string) any { return map[string]any{"token": tokenOf(name)} },
	"acceptInvitation": func(name string) any { return map[string]any{"token": tokenOf(name)} },
}

// bodiesOn are those that name what is on a place.
var bodiesOn = map[string]func(on place) any{
	"setCustomers": func(on place) any { return map[string]any{"customerIds": []string{on.customer}} },
	"askConsents":  func(on place) any { return map[string]any{"customerIds": []string{on.customer}} },
	"bulkAssign": func(on place) any {
		return map[string]any{"items": []any{map[string]any{"collaboratorId": on.person, "customerId": on.customer, "role": "accountant"}}}
	},
}

// tokenOf is that of the link that was mailed for a call.
func tokenOf(name string) string { return id.Hash("token of " + name) }

var reads = map[string]any{"ids": []string{"evt_seed"}, "read": true}

func euros(cents int64) money.Money { return money.Money{Amount: cents, Currency: "EUR"} }

func order(planCode, term string, quantity int) map[string]any {
	return map[string]any{"planCode": planCode, "term": term, "quantity": quantity}
}

// place is what an operation is called on. The person is one of the partner's.
type place struct{ partner, customer, licence, person string }

var nowhere = place{"par_nobody", "cus_nobody", "lic_nobody", "col_nobody"}

// parameters are those of paths on a place.
func (on place) parameters(name string) map[string]string {
	return map[string]string{
		"partnerId": on.partner, "customerId": on.customer, "licenceId": on.licence, "collaboratorId": on.person, "accessId": on.person,
		"code": strings.ToUpper(name), "module": apitest.Expenses, "memberId": apitest.Members[0], "requestId": "req_1",
		"role": "accountant", "userId": "usr-anybody",
	}
}

var parameter = regexp.MustCompile(`{(\w+)}`)

// requestOf is that of an operation with parameters.
func requestOf(op api.Operation, parameters map[string]string) string {
	return op.Method + " " + parameter.ReplaceAllStringFunc(op.Path, func(p string) string { return parameters[strings.Trim(p, "{}")] })
}

// bodyOf is one that would succeed on a place.
func bodyOf(t *testing.T, op api.Operation, on place, name string) any {
	t.Helper()
	if op.Method == "GET" {
		return nil
	}
	if valid, ok := bodiesOn[op.ID]; ok {
		return valid(on)
	}
	valid, ok := bodies[op.ID]
	if !ok {
		t.Fatalf("no valid body is known of %s", op.ID)
	}
	return valid(name)
}

// call calls an operation somewhere. Writes have a body that would succeed.
func call(t *testing.T, c apitest.Client, op api.Operation, on place, name string) apitest.Answer {
	t.Helper()
	return c.Do(requestOf(op, on.parameters(name)), bodyOf(t, op, on, name))
}

// Every operation is called as every role, on what the role is for, on what belongs to others and on
// what doesn't exist, and does as docs/roles.md says.
func TestRolesMayDoWhatTheTableSays(t *testing.T) {
	t.Parallel()
	says := roleTable(t)
	w := apitest.New(t)
	operations := functions.Operations(apitest.Env)
	places := placesOf(t, w, operations, authz.Roles, true)
	linksOf(t, w)

	for _, op := range operations {
		row, ok := says[op.ID]
		if !ok {
			t.Errorf("docs/roles.md has no row for %s", op.ID)
			continue
		}
		delete(says, op.ID)
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			for _, role := range authz.Roles {
				t.Run("by "+role.Name, func(t *testing.T) {
					caller, own, name := callerOf(w, role, op), places[op.ID+role.Name], nameOf(op, role.Name)
					switch {
					case !hasOwn(role, op) && row[role.Name]:
						t.Error("docs/roles.md gives it what it has no relation to")
					case hasOwn(role, op):
						decided(t, call(t, caller, op, own, name), row[role.Name])
					}
					if role.Of == authz.Machines && op.ID == "checkSeat" {
						return // to machines, which see every customer, what isn't there is a verdict
					}
					nothing := outside(t, caller, op, nowhere, name)
					for _, others := range othersFor(role) {
						if got := outside(t, caller, op, others, name); got != nothing {
							t.Errorf("on %v: %s\nwhere nothing is: %s", others, got, nothing)
						}
					}
				})
			}
			t.Run("by a person without an organisation", func(t *testing.T) {
				stranger, name := naming(w.Person(strangerOf(op)).Signed(mailOf(strangerOf(op))), op), nameOf(op, "stranger")
				if !onOrganisation(op) {
					decided(t, call(t, stranger, op, place{}, name), row[signedIn])
					return
				}
				there := outside(t, stranger, op, place{apitest.Martin, apitest.Durand, apitest.DurandLicence, bookkeeper}, name)
				if nothing := outside(t, stranger, op, nowhere, name); there != nothing {
					t.Errorf("where something is: %s\nwhere nothing is: %s", there, nothing)
				}
			})
			t.Run("by nobody", func(t *testing.T) {
				call(t, w.Nobody(), op, places[op.ID+authz.Operator], "nobody").Is(t, 401, "unauthenticated")
			})
		})
	}
	for unknown := range says {
		t.Errorf("docs/roles.md has a row for %s, which is no operation", unknown)
	}
}

// Those who reach customers by their consent are told that it is missing wherever it would help, and nothing else: whether
// nobody was asked, or the answer was no, or a yes is over, or was given to others.
func TestWithoutConsentNothingIsTold(t *testing.T) {
	t.Parallel()
	says, w := roleTable(t), apitest.New(t)
	tx := w.Table.Draft(apitest.Start, "seed", seed, "")
	granted := func(c consent.Consent, until calendar.Date, at time.Time) consent.Consent {
		c, _, err := c.Grant("Seed", 0, until, at, apitest.Env.Zone)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	var ids []string
	for name, state := range map[string]func(consent.Consent) consent.Consent{
		"never": nil, "unverified": nil,
		"asked": func(c consent.Consent) consent.Consent { c, _ = c.Ask("Seed", 0, apitest.Start); return c },
		"declined": func(c consent.Consent) consent.Consent {
			c, _ = c.Ask("Seed", 0, apitest.Start)
			c, _, _ = c.Withdraw("Seed", apitest.Start)
			return c
		},
		"withdrawn": func(c consent.Consent) consent.Consent {
			c, _, _ = granted(c, calendar.Date{}, apitest.Start).Withdraw("Seed", apitest.Start)
			return c
		},
		"over": func(c consent.Consent) consent.Consent {
			before := apitest.Start.AddDate(0, 0, -1)
			return granted(c, calendar.On(before, apitest.Env.Zone), before)
		},
		"lapsed": func(c consent.Consent) consent.Consent {
			c = granted(c, calendar.Date{}, apitest.Start)
			c.Term = 7 // of support that the partner gave at another time
			return c
		},
		"shutout": func(c consent.Consent) consent.Consent {
			c = granted(c, calendar.Date{}, apitest.Start)
			for _, role := range byConsent {
				c = c.ShutOut(collaborator.ID(apitest.Martin, mailOf(apitest.UserOf(apitest.Martin, role))), "", apitest.Start)
			}
			return c
		},
		"toothers": func(c consent.Consent) consent.Consent {
			c = granted(c, calendar.Date{}, apitest.Start)
			c.PartnerID = apitest.Nuage
			return c
		},
	} {
		id := "cus_" + name
		customerOfMartin(t, tx, id, "", name != "unverified")
		ids = append(ids, id)
		if state != nil {
			c := state(consent.Consent{CustomerID: id, CustomerName: id, PartnerID: apitest.Martin, PartnerName: "Cabinet Martin"})
			tx.Put(&c)
		}
	}
	w.Joins(tx, cabinet, membership.Support, ids...)
	if err := w.Table.Import(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	for _, op := range onCustomers() {
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			for _, role := range byConsent {
				code := "forbidden"
				if says[op.ID][string(role)] {
					code = "consent_required"
				}
				for _, id := range ids {
					a := call(t, w.As(apitest.Martin, role), op, place{apitest.Martin, id, "lic_" + id[4:], "col_nobody"}, "refused")
					if a.Status != 403 || a.Body["code"] != code || strings.Contains(a.Text, id) {
						t.Errorf("by %s on %s: answered %d %s, want 403 %s", role, id, a.Status, a.Text, code)
					}
				}
			}
		})
	}
}

// byConsent are the roles and grants that count where the customer consents.
var byConsent = []membership.Role{membership.Support, membership.Full, membership.Limited}

// managing are the operations for which a partner's people need the proof of the customer's domain.
var managing = []string{"addSeats", "putMember", "removeMember", "removeSeat", "requestSeats", "resetPassword"}

// A partner's people manage nothing of a customer whose domain is not proven, and everything else is as the table says. The
// customer's own people and machines don't wait for the proof.
func TestAPartnerManagesOnlyVerifiedDomains(t *testing.T) {
	t.Parallel()
	says, w := roleTable(t), apitest.New(t)
	places := placesOf(t, w, onCustomers(), authz.Roles, false)
	for _, op := range onCustomers() {
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			for _, role := range authz.Roles {
				t.Run("by "+role.Name, func(t *testing.T) {
					may := says[op.ID][role.Name]
					a := call(t, callerOf(w, role, op), op, places[op.ID+role.Name], nameOf(op, role.Name))
					if may && role.Of == authz.PartnerPeople && slices.Contains(managing, op.ID) {
						a.Is(t, 409, "domain_not_verified")
						return
					}
					decided(t, a, may)
				})
			}
		})
	}
}

// To accountants and support a customer of their own partner that they don't work on is nothing, even where a colleague does.
func TestCollaboratorsSeeOnlyWhomTheyWorkOn(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	tx := w.Table.Draft(apitest.Start, "seed", seed, "")
	for _, id := range []string{"cus_ofnobody", "cus_ofaccountant", "cus_ofsupport"} {
		apitest.Consents(tx, customerOfMartin(t, tx, id, "", true), cabinet)
	}
	w.Joins(tx, cabinet, membership.Accountant, "cus_ofaccountant")
	w.Joins(tx, cabinet, membership.Support, "cus_ofsupport")
	if err := w.Table.Import(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	for role, ids := range map[membership.Role][]string{
		membership.Accountant: {"cus_ofnobody", "cus_ofsupport"},
		membership.Support:    {"cus_ofnobody", "cus_ofaccountant"},
	} {
		by := w.As(apitest.Martin, role)
		by.Do("GET /v1/customers/cus_of"+string(role), nil).Is(t, 200)
		for _, op := range onCustomers() {
			t.Run(fmt.Sprintf("%s by %s", op.ID, role), func(t *testing.T) {
				t.Parallel()
				nothing := outside(t, by, op, nowhere, "nothing")
				for _, id := range ids {
					if got := outside(t, by, op, place{apitest.Martin, id, "lic_" + id[4:], "col_nobody"}, "nothing"); got != nothing {
						t.Errorf("on %s: %s\nwhere nothing is: %s", id, got, nothing)
					}
				}
			})
		}
	}
}

// An identifier of others, or of another kind of thing, leads nowhere in any position of any route: it is answered like one
// that doesn't exist, word for word.
func TestIdentifiersOfOthersLeadNowhere(t *testing.T) {
	t.Parallel()
	says, w := roleTable(t), apitest.New(t)
	operations := functions.Operations(apitest.Env)
	roles := slices.DeleteFunc(slices.Clone(authz.Roles), func(r authz.Role) bool {
		return !slices.Contains([]string{"globalAdmin", "accountant", "full", "admin", authz.Product, authz.Operator}, r.Name)
	})
	places := placesOf(t, w, operations, roles, true)
	foreign := strays(t, w)
	for _, op := range operations {
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			for _, role := range roles {
				if !says[op.ID][role.Name] {
					continue
				}
				own, name, by := places[op.ID+role.Name], nameOf(op, role.Name), callerOf(w, role, op)
				for position, match := range parameter.FindAllStringSubmatch(op.Path, -1) {
					if position == 0 && role.Of == authz.Machines {
						continue // machines see everything
					}
					for _, ids := range foreign[match[1]] {
						values := own.parameters(name)
						if values[match[1]] == ids.theirs {
							t.Fatalf("%s is one's own", ids.theirs)
						}
						answer := func(id string) (apitest.Answer, string) {
							values[match[1]] = id
							a := by.Do(requestOf(op, values), bodyOf(t, op, own, name))
							return a, strings.ReplaceAll(a.Text, id, "…")
						}
						got, text := answer(ids.theirs)
						if _, nothing := answer(ids.nobodys); text != nothing {
							t.Errorf("by %s with %s for %s: %s\nwith %s: %s", role.Name, ids.theirs, match[1], text, ids.nobodys, nothing)
						}
						if !slices.Contains(ids.may, got.Status) && !verdicts[op.ID+" "+match[1]] {
							t.Errorf("by %s with %s for %s: answered %d %s", role.Name, ids.theirs, match[1], got.Status, got.Text)
						}
					}
				}
			}
		})
	}
}

// verdicts are the parameters of operations to which what isn't there is no failure, or is told in other words.
var verdicts = map[string]bool{
	"checkSeat memberId": true, "checkAccess userId": true, // they say no
	"putMember memberId": true, // the product's newcomers
}

// stray is an identifier that leads nowhere, and one of the same form that nothing has.
type stray struct {
	theirs, nobodys string
	may             []int // what it may be answered with
}

// strays are identifiers by the parameter that they are given for, none of them anything within a place.
func strays(t *testing.T, w *apitest.World) map[string][]stray {
	t.Helper()
	tx := w.Table.Draft(apitest.Start, "seed", seed, "")
	idle, _, err := collaborator.New(apitest.Martin, "workless@example.com", "T. Idle", "en").Serve(cabinet, membership.Accountant, apitest.Start)
	if err != nil {
		t.Fatal(err)
	}
	idle.UserID, idle.JoinedAt = "usr-idle", apitest.Start
	tx.Put(&idle)
	for _, id := range []string{apitest.Nuit, apitest.Durand} {
		tx.Put(&seat.Request{CustomerID: id, Module: apitest.Expenses, Number: 7, Seats: 5, Wanted: 15})
		tx.Put(&seat.Gauge{CustomerID: id, Module: "payroll", Used: 1, Funds: []seat.Fund{{LicenceID: "lic_" + id[4:], Seats: 10}}, CapVersion: 1})
	}
	if err := w.Table.Import(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	nothing := []int{404}
	id := func(theirs, nobodys string) stray { return stray{theirs, nobodys, nothing} }
	kind := func(theirs, nobodys string) stray { return stray{theirs, nobodys, []int{404, 422}} } // its form may tell
	martinsUser, nuagesUser := apitest.UserOf(apitest.Martin, membership.Sales), apitest.UserOf(apitest.Nuage, membership.GlobalAdmin)
	return map[string][]stray{
		"partnerId":      {id(apitest.Nuage, "par_nobody"), kind(apitest.Dupont, "cus_nobody"), kind(nuages, "col_nobody")},
		"customerId":     {id(apitest.Nuit, "cus_nobody"), id(apitest.Direct, "cus_nobody"), kind(apitest.Martin, "par_nobody"), kind(apitest.DurandLicence, "lic_nobody")},
		"licenceId":      {id(apitest.NuitLicence, "lic_nobody"), id(apitest.DurandLicence, "lic_nobody"), kind(apitest.Durand, "cus_nobody"), kind("req_1", "req_999")},
		"collaboratorId": {id(nuages, "col_nobody"), kind(nuagesUser, "usr-nobody"), kind(martinsUser, "usr-nobody"), kind(apitest.Dupont, "cus_nobody")},
		"accessId":       {id(nuages, "col_nobody"), id(workless, "col_nobody"), kind(martinsUser, "usr-nobody"), kind(apitest.Martin, "par_nobody")},
		"memberId": {
			id(apitest.UserOf(apitest.Nuit, membership.Admin), "usr-nobody"), id(apitest.UserOf(apitest.Dupont, membership.Member), "usr-nobody"),
			id(martinsUser, "usr-nobody"), id(apitest.Durand, "cus_nobody"), id(nuages, "col_nobody"),
		},
		"requestId": {id("req_7", "req_8"), kind(apitest.DurandLicence, "lic_nobody")},
		"module":    {{"payroll", "nomodule", []int{200, 201, 404, 409}}}, // a module without a licence says so
		"userId":    {id(nuagesUser, "usr-nobody"), id(workless, "col_nobody")},
		"role":      {{"full", "fullest", []int{422}}, {"globalAdmin", "galaxyAdmin", []int{422}}},
	}
}

// Where a body names what belongs to others, the answer is that of what doesn't exist.
func TestBodiesNameNothingOfOthers(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	operations := functions.Operations(apitest.Env)
	global := authz.Roles[0]
	places := placesOf(t, w, operations, []authz.Role{global}, true)
	for _, op := range operations {
		for _, test := range []struct {
			operation string
			code      string // of what doesn't exist
			ids       []stray
			body      func(own place, id string) any
		}{
			{"setCustomers", "invalid_input", othersCustomers, func(own place, id string) any {
				return map[string]any{"customerIds": []string{own.customer, id}}
			}},
			{"askConsents", "invalid_input", othersCustomers, func(own place, id string) any {
				return map[string]any{"customerIds": []string{own.customer, id}}
			}},
			{"bulkAssign", "not_found", othersCustomers, func(own place, id string) any {
				return bodiesOn["bulkAssign"](place{person: own.person, customer: id})
			}},
			{"bulkAssign", "not_found", []stray{{theirs: nuages, nobodys: "col_nobody"}}, func(own place, id string) any {
				return bodiesOn["bulkAssign"](place{person: id, customer: own.customer})
			}},
			{"previewLicence", "not_found", []stray{
				{theirs: apitest.NuitLicence, nobodys: "lic_nobody"}, {theirs: apitest.DurandLicence, nobodys: "lic_nobody"},
			}, func(_ place, id string) any { return map[string]any{"licenceId": id, "cancel": map[string]any{}} }},
		} {
			if test.operation != op.ID {
				continue
			}
			own := places[op.ID+global.Name]
			answer := func(id string) string {
				a := callerOf(w, global, op).Do(requestOf(op, own.parameters("")), test.body(own, id))
				if code := a.String("code") + a.String("results.0.code"); code != test.code {
					t.Errorf("%s with %s: answered %d %s", op.ID, id, a.Status, a.Text)
				}
				return strings.ReplaceAll(a.Text, id, "…")
			}
			for _, ids := range test.ids {
				if got, nothing := answer(ids.theirs), answer(ids.nobodys); got != nothing {
					t.Errorf("%s with %s: %s\nwith %s: %s", op.ID, ids.theirs, got, ids.nobodys, nothing)
				}
			}
		}
	}
}

var othersCustomers = []stray{{theirs: apitest.Nuit, nobodys: "cus_nobody"}, {theirs: apitest.Direct, nobodys: "cus_nobody"}}

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
		return []place{{apitest.Nuage, apitest.Nuit, apitest.NuitLicence, nuages}, {apitest.Nuage, apitest.Direct, "lic_direct", nuages}}
	case authz.CustomerPeople: // also its own partner, and the partner's other customers
		return []place{{apitest.Nuage, apitest.Nuit, apitest.NuitLicence, nuages}, {apitest.Martin, apitest.Durand, apitest.DurandLicence, bookkeeper}}
	}
	return nil // machines see everything
}

// nuages is one of Nuage's people, bookkeeper one of Martin's, and workless one who works on no customer.
var (
	nuages     = collaborator.ID(apitest.Nuage, mailOf(apitest.UserOf(apitest.Nuage, membership.GlobalAdmin)))
	bookkeeper = collaborator.ID(apitest.Martin, mailOf(apitest.UserOf(apitest.Martin, membership.Accountant)))
	workless   = collaborator.ID(apitest.Martin, "workless@example.com")
)

// cabinet is the partner of most places, brume one that nobody belongs to.
var (
	cabinet = partner.Partner{ID: apitest.Martin, Name: "Cabinet Martin", Kind: partner.AccountingFirm, FirstLine: true}
	brume   = partner.Partner{ID: "par_brume", Name: "Brume", Kind: partner.AccountingFirm}
)

func mailOf(user string) string { return user + "@example.com" }

// userOf is the person that calls an operation as a role.
func userOf(op api.Operation, r authz.Role) string {
	if r.Of == authz.CustomerPeople {
		return "usr-" + customerOf(op, r)
	}
	return apitest.UserOf(apitest.Martin, membership.Role(r.Name))
}

func strangerOf(op api.Operation) string { return "usr-stranger-" + op.ID }

func callerOf(w *apitest.World, r authz.Role, op api.Operation) apitest.Client {
	user := userOf(op, r)
	switch r.Of {
	case authz.PartnerPeople:
		return naming(w.As(apitest.Martin, membership.Role(r.Name)).Signed(mailOf(user)), op)
	case authz.CustomerPeople:
		return naming(w.Person(user).For(customerOf(op, r)).Signed(mailOf(user)), op)
	}
	return naming(w.Machine(r.Name), op)
}

// naming names a partner where one is needed to ask at all.
func naming(c apitest.Client, op api.Operation) apitest.Client {
	if op.ID == "listMyCustomers" {
		return c.For(apitest.Martin)
	}
	return c
}

func customerOf(op api.Operation, r authz.Role) string {
	return "cus_" + strings.ToLower(op.ID+r.Name)
}

// nameOf is that of a call.
func nameOf(op api.Operation, by string) string { return strings.ToLower(op.ID + "-" + by) }

// placesOf makes a customer of Martin's with a licence for every operation and role, so that calls don't meet. All of them
// consent and are worked on by Martin's accountant and support; their domains are verified, or none is. Of Martin's people one
// is there for each call that is about somebody.
func placesOf(t *testing.T, w *apitest.World, operations []api.Operation, roles []authz.Role, verified bool) map[string]place {
	t.Helper()
	places := map[string]place{}
	tx := w.Table.Draft(apitest.Start, "seed", seed, "")
	tx.Put(&notice.Notification{EventID: "evt_seed", OrganisationID: apitest.Martin, Kind: "licence.taken"})
	ids := []string{apitest.Dupont, apitest.Durand}
	for _, op := range operations {
		for _, role := range roles {
			id := customerOf(op, role)
			apitest.Consents(tx, customerOfMartin(t, tx, id, op.ID, verified), cabinet)
			ids = append(ids, id)
			if role.Of == authz.CustomerPeople {
				tx.Put(&membership.Membership{UserID: userOf(op, role), OrganisationID: id, Name: "P.", Roles: []membership.Role{membership.Role(role.Name)}})
			}
			places[op.ID+role.Name] = place{apitest.Martin, id, "lic_" + id[4:], personOfMartin(t, tx, op, id)}
		}
	}
	w.Joins(tx, cabinet, membership.Accountant, ids...)
	w.Joins(tx, cabinet, membership.Support, ids...)
	if err := w.Table.Import(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	return places
}

// customerOfMartin drafts a customer with a member, a licence, requests and a notification. The licence is suspended by both
// sides where it is to be resumed.
func customerOfMartin(t *testing.T, tx *table.Tx, id, operation string, verified bool) customer.Customer {
	t.Helper()
	at := licence.At(apitest.Start.AddDate(0, 0, -30), apitest.Env.Zone)
	terms := plan.Plan{
		Code: apitest.Yearly, Commitment: plan.Committed, Prices: map[calendar.Term]money.Money{calendar.Year: euros(120_00)},
		Modules: map[string]int{apitest.Expenses: 1},
	}
	c, _ := customer.Appear(customer.Report{CustomerID: id, AccountID: id, PartnerID: apitest.Martin, Name: id, Domain: id[4:] + ".example"})
	if verified {
		c.DomainVerifiedAt = apitest.Start
	}
	seats, c, err := seat.Loaded(nil, nil).Join(c, apitest.Members[0], "Ada")
	if err != nil {
		t.Fatal(err)
	}
	tx.Put(&membership.Membership{
		UserID: apitest.Members[0], OrganisationID: id, Name: "Ada", Mail: "ada@example.com", Roles: []membership.Role{membership.Member},
	})
	tx.Put(&notice.Notification{EventID: "evt_seed", OrganisationID: id, Kind: "licence.taken"})
	tx.Put(&seat.Request{CustomerID: id, Module: apitest.Expenses, Number: 1, Seats: 5, Wanted: 15})
	if operation == "requestSeats" {
		tx.Put(&seat.Request{CustomerID: id, Module: apitest.Expenses, Number: 2, Seats: 5, Wanted: 15, Answer: &seat.Answer{}})
	}
	l, out, err := licence.Take(licence.Order{
		LicenceID: "lic_" + id[4:], CustomerID: id, PartnerID: apitest.Martin, Origin: licence.Manual,
		Quantity: 10, Term: calendar.Year, AutoRenew: true, BillTo: licence.PaidByPartner,
	}, terms, at)
	if err != nil {
		t.Fatal(err)
	}
	if operation == "resumeLicence" {
		l.Reasons = []licence.Reason{licence.ByPartner, licence.ByPublisher}
	}
	if _, err := tx.Hold(&c, seats, licence.Licence{}, &l, out, at.Today); err != nil {
		t.Fatal(err)
	}
	return c
}

// personOfMartin drafts an accountant who works on one customer, for an operation that is about somebody, and gives the id.
func personOfMartin(t *testing.T, tx *table.Tx, op api.Operation, customerID string) string {
	t.Helper()
	if op.ID != "bulkAssign" && !strings.Contains(op.Path, "{collaboratorId}") && !strings.Contains(op.Path, "{accessId}") {
		return workless
	}
	c, _, err := collaborator.New(apitest.Martin, customerID+"@example.com", "T. "+customerID, "en").Serve(cabinet, membership.Accountant, apitest.Start)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(op.Path, "/invitation") {
		if c, _, err = c.Invite("Seed", apitest.Start); err != nil {
			t.Fatal(err)
		}
	} else {
		c.UserID, c.JoinedAt = "usr-of-"+customerID, apitest.Start
		m := c.Place(membership.Membership{}, cabinet)
		tx.Put(&m)
	}
	var shelf collaborator.Portfolio
	shelf, _, _, err = shelf.Set(c, membership.Accountant, []string{customerID}, collaborator.Box{At: apitest.Start, By: "seed", Of: "Seed"})
	if err != nil {
		t.Fatal(err)
	}
	c = c.Works(membership.Accountant, 1)
	tx.Shelve(nil, shelf)
	tx.Put(&c)
	return c.ID
}

// linksOf makes what acceptInvitation and confirmAddress need of each person that calls them: an invitation to a partner that
// nobody belongs to, an address that is to be confirmed, and the links.
func linksOf(t *testing.T, w *apitest.World) {
	t.Helper()
	tx := w.Table.Draft(apitest.Start, "seed", seed, "")
	of := brume
	tx.Put(&of)
	for _, op := range functions.Operations(apitest.Env) {
		link := func(user, name string) {
			token := table.Token{Hash: id.Hash(tokenOf(name)), Number: 1, ExpiresAt: apitest.Start.AddDate(0, 0, 1)}
			switch op.ID {
			case "acceptInvitation":
				c, _, err := collaborator.New(brume.ID, mailOf(user), "", "en").Serve(brume, membership.Accountant, apitest.Start)
				if err != nil {
					t.Fatal(err)
				}
				if c, _, err = c.Invite("Seed", apitest.Start); err != nil {
					t.Fatal(err)
				}
				tx.Put(&c)
				token.PartnerID, token.CollaboratorID, token.Number = c.PartnerID, c.ID, c.Invitation.Number
			case "confirmAddress":
				p, _ := profile.Profile{UserID: user}.Want(profile.Notification, "new-"+mailOf(user), apitest.Start)
				tx.Put(&p)
				token.UserID, token.Which = user, string(profile.Notification)
			default:
				return
			}
			tx.Put(&token)
		}
		for _, role := range authz.Roles {
			if role.Of != authz.Machines {
				link(userOf(op, role), nameOf(op, role.Name))
			}
		}
		link(strangerOf(op), nameOf(op, "stranger"))
	}
	if err := w.Table.Import(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
}

// onCustomers are the operations on one customer.
func onCustomers() []api.Operation {
	return slices.DeleteFunc(functions.Operations(apitest.Env), func(op api.Operation) bool {
		return !strings.HasPrefix(op.Path, "/v1/customers/{customerId}")
	})
}

// hasOwn tells whether there is anything of the operation's kind that the role is for: a customer's
// people see nothing of partners, their own included.
func hasOwn(r authz.Role, op api.Operation) bool {
	return r.Of != authz.CustomerPeople || !strings.HasPrefix(op.Path, "/v1/partners/")
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
