package functions_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/functions"
	"comptoir/functions/apitest"
	"comptoir/shared/authz"
	"comptoir/shared/billing"
	"comptoir/shared/calendar"
	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/membership"
	"comptoir/shared/seat"
	"comptoir/shared/table"
)

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
					decided(t, op, a, may)
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
	othersMethods(tx)
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
		"requestId":  {id("req_7", "req_8"), kind(apitest.DurandLicence, "lic_nobody")},
		"module":     {{"payroll", "nomodule", []int{200, 201, 404, 409}}}, // a module without a licence says so
		"userId":     {id(nuagesUser, "usr-nobody"), id(workless, "col_nobody")},
		"endpointId": {id("whe_nuages", "whe_nobody"), kind(apitest.Durand, "cus_nobody")},
		"deliveryId": {id("whd_nuages", "whd_nobody"), kind("whe_kept", "whe_nobody")},
		"paymentMethodId": {
			id("pay_nuages", "pay_nobody"), id("pay_durands", "pay_nobody"), kind("card_1NsQ", "card_2NsQ"), kind(apitest.Durand, "cus_nobody"),
		},
		"role": {{"full", "fullest", []int{422}}, {"globalAdmin", "galaxyAdmin", []int{422}}},
	}
}

// othersMethods drafts a payment method of Nuage, and one of Durand.
func othersMethods(tx *table.Tx) {
	for owner, id := range map[string]string{apitest.Nuage: "pay_nuages", apitest.Durand: "pay_durands"} {
		tx.Put(&billing.Methods{Owner: owner, Default: id, All: []billing.Method{{ID: id, Kind: billing.Transfer}}})
	}
}

// Where a body names what belongs to others, the answer is that of what doesn't exist.
func TestBodiesNameNothingOfOthers(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	operations := functions.Operations(apitest.Env)
	global := authz.Roles[0]
	places := placesOf(t, w, operations, []authz.Role{global}, true)
	w.Have(othersMethods)
	paid := []stray{{theirs: "pay_nuages", nobodys: "pay_nobody"}, {theirs: "pay_durands", nobodys: "pay_nobody"}}
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
			{"takeLicence", "invalid_input", paid, func(_ place, id string) any {
				return with(order(apitest.Yearly, "year", 1), set{"paymentMethodId": id})
			}},
			{"takeLicence", "invalid_input", paid, func(_ place, id string) any {
				return with(order(apitest.Yearly, "year", 1), set{"billTo": "customer", "paymentMethodId": id})
			}},
			{"changeLicence", "invalid_input", paid, func(_ place, id string) any { return set{"paymentMethodId": id} }},
			{"previewLicence", "invalid_input", paid, func(_ place, id string) any {
				return set{"take": with(order(apitest.Yearly, "year", 1), set{"paymentMethodId": id})}
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
