package functions_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"comptoir/functions"
	"comptoir/functions/apitest"
	"comptoir/shared/api"
	"comptoir/shared/authz"
	"comptoir/shared/collaborator"
	"comptoir/shared/event"
	"comptoir/shared/id"
	"comptoir/shared/membership"
	"comptoir/shared/money"
	"comptoir/shared/partner"
	"comptoir/shared/payment"
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
	"muteReminders":  func(string) any { return map[string]any{"mutedUntil": "2026-12-31"} },

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

	"createCalendarLink": func(string) any { return nil },
	"revokeCalendarLink": func(string) any { return nil },

	"resetPassword":   func(string) any { return nil },
	"endAccess":       func(string) any { return nil },
	"grantConsent":    func(string) any { return map[string]any{} },
	"withdrawConsent": func(string) any { return nil },

	"updateBilling":          func(string) any { return bills.body },
	"updatePublisherBilling": func(string) any { return bills.body },

	"addPaymentMethod":               func(string) any { return debits.body },
	"setDefaultPaymentMethod":        func(string) any { return nil },
	"removePaymentMethod":            func(string) any { return nil },
	"addPartnerPaymentMethod":        func(string) any { return set{"kind": "transfer"} },
	"setDefaultPartnerPaymentMethod": func(string) any { return nil },
	"removePartnerPaymentMethod":     func(string) any { return nil },

	"createEndpoint":       func(name string) any { return map[string]any{"url": "https://hooks.martin.example/" + name} },
	"updateEndpoint":       func(string) any { return map[string]any{"kinds": []string{"licence.taken"}} },
	"deleteEndpoint":       func(string) any { return nil },
	"rotateEndpointSecret": func(string) any { return nil },
	"testEndpoint":         func(string) any { return nil },
	"replayDelivery":       func(string) any { return nil },

	"createPublisherEndpoint":       func(name string) any { return map[string]any{"url": "https://hooks.publisher.example/" + name} },
	"updatePublisherEndpoint":       func(string) any { return map[string]any{"enabled": false} },
	"deletePublisherEndpoint":       func(string) any { return nil },
	"rotatePublisherEndpointSecret": func(string) any { return nil },
	"testPublisherEndpoint":         func(string) any { return nil },
	"replayPublisherDelivery":       func(string) any { return nil },

	"recordPayment": func(name string) any {
		return map[string]any{"externalId": name, "customerId": apitest.Durand, "amount": euros(12_00), "tax": euros(2_00)}
	},
	"recordRefund": func(name string) any { return map[string]any{"externalId": name} },
	"putScheme":    func(string) any { return map[string]any{"default": 1000, "minimum": euros(50_00)} },

	"makePayoutBatch":    func(string) any { return nil },
	"sendPayoutBatch":    func(string) any { return nil },
	"confirmPayoutBatch": func(string) any { return confirmsBatch.body },
	"returnPayout":       func(string) any { return comesBack.body },

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

// linkID is that of the link that is made for a call.
func linkID(name string) string { return id.Derived("lnk", name) }

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
		"role": "accountant", "userId": "usr-anybody", "linkId": linkID(name), "endpointId": endpointOf(name), "deliveryId": "whd_kept",
		"paymentId":       payment.IDOf(name),
		"paymentMethodId": methodOf(name), "period": "2025-12", "batchId": batchOf(name),
	}
}

// endpointOf is the endpoint that a call is about: each that changes whether it is there or enabled has one of its own.
func endpointOf(name string) string {
	operation, by, _ := strings.Cut(name, "-")
	switch operation {
	case "deleteendpoint", "deletepublisherendpoint", "updatepublisherendpoint":
		return "whe_" + operation + by
	}
	return "whe_kept"
}

// methodOf is the payment method that a call is about: each of a partner that is removed is another.
func methodOf(name string) string {
	if operation, by, _ := strings.Cut(name, "-"); operation == "removepartnerpaymentmethod" {
		return "pay_" + by
	}
	return "pay_kept"
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
						decided(t, op, call(t, caller, op, own, name), row[role.Name])
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
					decided(t, op, call(t, stranger, op, place{}, name), row[signedIn])
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

// decided asserts that the role may, or is told that it may not: that there is nothing, if it comes with a link.
func decided(t *testing.T, op api.Operation, a apitest.Answer, may bool) {
	t.Helper()
	switch {
	case may && a.Status/100 != 2:
		t.Errorf("docs/roles.md says that it may, but the answer is %d %s", a.Status, a.Text)
	case !may && op.ByLink:
		a.Is(t, 404, "not_found")
	case !may:
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

// naming names a partner where one is needed to ask at all, by its link where that is what opens.
func naming(c apitest.Client, op api.Operation) apitest.Client {
	if op.ByLink {
		return c.Linked(apitest.Martin)
	}
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

// onCustomers are the operations on one customer.
func onCustomers() []api.Operation {
	return slices.DeleteFunc(functions.Operations(apitest.Env), func(op api.Operation) bool {
		return !strings.HasPrefix(op.Path, "/v1/customers/{customerId}")
	})
}

// hasOwn tells whether there is anything of the operation's kind that the role is for: a customer's
// people see nothing of partners, their own included, and links are made by a partner's people.
func hasOwn(r authz.Role, op api.Operation) bool {
	if op.ByLink {
		return r.Of == authz.PartnerPeople
	}
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
