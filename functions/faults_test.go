package functions_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"comptoir/functions"
	"comptoir/functions/apitest"
	"comptoir/shared/billing"
	"comptoir/shared/calendar"
	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/customer"
	"comptoir/shared/id"
	"comptoir/shared/membership"
	"comptoir/shared/notice"
	"comptoir/shared/partner"
	"comptoir/shared/payment"
	"comptoir/shared/profile"
	"comptoir/shared/table"
	"comptoir/shared/table/proxy"
	"comptoir/shared/webhook"
)

// write is one write operation as somebody calls it, and another call that wants the same items.
type write struct {
	name    string
	prepare func(t *testing.T, w *apitest.World) string // state needed; gives the preview, if any
	request string
	body    func(preview string) any
	by      func(*apitest.World) apitest.Client
	other   action
}

// action is a call of somebody else.
type action struct {
	by      func(*apitest.World) apitest.Client
	request string
	body    any
	headers []string
}

func (a action) on(w *apitest.World) apitest.Answer {
	return a.by(w).Do(a.request, a.body, a.headers...)
}

const onlyKey = "Idempotency-Key: the-only-one"

func seller(w *apitest.World) apitest.Client {
	return w.As(apitest.Martin, membership.GlobalAdmin)
}

const durands = "/v1/customers/" + apitest.Durand + "/licences"

var (
	takesAnother = action{seller, "POST " + durands, order(apitest.Monthly, "month", 3), nil}
	reports      = action{machine("product"), "POST /v1/accounts", bodies["reportAccount"]("acc-petit"), nil}
	previews     = action{seller, "POST " + durands + "/preview", map[string]any{"take": order(apitest.Pro, "year", 5)}, []string{onlyKey}}
	seatsAda     = action{manager, "POST " + expenses + "/members", bodies["addSeats"](""), nil}
	seatsBob     = action{manager, "POST " + expenses + "/members", map[string]any{"memberIds": []string{"bob"}}, nil}
	lowersCap    = action{seller, "PUT " + expenses + "/cap", map[string]any{"cap": 4}, nil}
	renamesAda   = action{manager, "PUT " + ada, map[string]any{"name": "Ada the Second"}, nil}
	asks         = action{manager, "POST " + expenses + "/requests", bodies["requestSeats"](""), nil}
	declines     = action{seller, "POST " + expenses + "/requests/req_1/answer", bodies["answerSeatRequest"](""), nil}
	verifies     = action{seller, "POST " + ofDurand + "/domain/verification", nil, nil}
	remits       = action{machine("product"), "POST /v1/payments", map[string]any{"externalId": "py_1", "customerId": apitest.Durand, "amount": euros(1200_00), "tax": euros(200_00)}, nil}
	refunds      = action{machine("product"), "POST /v1/payments/" + payment.IDOf("py_1") + "/refunds", map[string]any{"externalId": "re_1", "amount": euros(120_00)}, nil}
	setsScheme   = action{machine("operator"), "PUT /v1/scheme", bodies["putScheme"](""), nil}
	editsPlan    = action{machine("operator"), "PUT /v1/plans/" + apitest.Yearly, bodies["putPlan"]("Edited by another"), nil}
)

// always is a body that needs no preview.
func always(body any) func(string) any { return func(string) any { return body } }

// committing names the preview and nothing else.
func committing(preview string) any { return map[string]any{"previewId": preview} }

func previewed(body map[string]any) func(*testing.T, *apitest.World) string {
	return func(t *testing.T, w *apitest.World) string {
		return seller(w).Do("POST "+durands+"/preview", body).Is(t, 201).String("previewId")
	}
}

const (
	expenses = "/v1/customers/" + apitest.Durand + "/seats/" + apitest.Expenses
	ada      = "/v1/customers/" + apitest.Durand + "/members/ada"
)

// manager is who looks after Durand's people, its own administrator.
func manager(w *apitest.World) apitest.Client { return w.As(apitest.Durand, membership.Admin) }

// did is a state that some calls make.
func did(all ...action) func(*testing.T, *apitest.World) string {
	return func(t *testing.T, w *apitest.World) string {
		for _, a := range all {
			if answer := a.on(w); answer.Status/100 != 2 {
				t.Fatalf("%s: answered %d %s", a.request, answer.Status, answer.Text)
			}
		}
		return ""
	}
}

// isTold gives an organisation a notification, past any proxy.
func isTold(organisation string) func(*testing.T, *apitest.World) string {
	return func(t *testing.T, w *apitest.World) string {
		direct := table.New(w.Storage.Client, w.Storage.TableName, w.Always()...)
		tx := direct.Draft(apitest.Start, "seed", seed, "")
		tx.Put(&notice.Notification{
			EventID: "evt_seed", OrganisationID: organisation, Kind: notice.Threshold, At: apitest.Start, CustomerID: apitest.Durand, CustomerName: "Maison Durand",
			Data: map[string]any{"module": apitest.Expenses, "threshold": 80, "state": "warning", "used": 8, "cap": 10, "capVersion": 1},
		})
		if err := direct.Import(t.Context(), tx); err != nil {
			t.Fatal(err)
		}
		return ""
	}
}

// proves sets the record that proves a customer's domain.
func proves(customerID string) func(*testing.T, *apitest.World) string {
	return func(_ *testing.T, w *apitest.World) string {
		w.Proves(customerID)
		return ""
	}
}

// writes has a case for every write operation. The other call that each meets changes the same
// customer or plan, or is the same report.
var writes = []write{
	{"reportAccount", nil, reports.request, always(reports.body), reports.by, reports},
	{"putPlan", nil, editsPlan.request, always(bodies["putPlan"]("Edited")), editsPlan.by, editsPlan},
	{"putScheme", nil, setsScheme.request, always(map[string]any{"default": 500, "minimum": euros(0)}), setsScheme.by, setsScheme},
	{"recordPayment", did(setsScheme), remits.request, always(remits.body), remits.by, takesAnother},
	{"recordPayment beside the same report", did(setsScheme), remits.request, always(remits.body), remits.by, action{machine("operator"), remits.request, remits.body, nil}},
	{"recordRefund", did(setsScheme, remits), refunds.request, always(refunds.body), refunds.by, takesAnother},
	{"recordRefund beside another", did(setsScheme, remits), refunds.request, always(refunds.body), refunds.by, action{machine("operator"), refunds.request, map[string]any{"externalId": "re_2", "kind": "calledBack", "amount": euros(60_00)}, nil}},
	{"makePayoutBatch", settled, gathers.request, always(nil), gathers.by, gathers},
	{"sendPayoutBatch", settled, sends.request, always(nil), sends.by, sends},
	{"confirmPayoutBatch", settled, confirmsBatch.request, always(confirmsBatch.body), confirmsBatch.by, confirmsBatch},
	{"returnPayout", settled, comesBack.request, always(comesBack.body), comesBack.by, comesBack},
	{"takeLicence", nil, "POST " + durands, always(order(apitest.Pro, "year", 5)), seller, takesAnother},
	{"changeLicence", nil, "POST " + oneOfDurand + "/change", always(map[string]any{"quantity": 12}), seller, takesAnother},
	{"cancelLicence", nil, "POST " + oneOfDurand + "/cancel", always(map[string]any{}), seller, takesAnother},
	{"suspendLicence", nil, "POST " + oneOfDurand + "/suspend", always(map[string]any{}), seller, takesAnother},
	{"resumeLicence", func(t *testing.T, w *apitest.World) string {
		seller(w).Do("POST "+oneOfDurand+"/suspend", map[string]any{}).Is(t, 200)
		return ""
	}, "POST " + oneOfDurand + "/resume", always(map[string]any{}), seller, takesAnother},
	{"previewLicence", nil, previews.request, always(previews.body), seller, previews}, // nothing but itself wants the same items
	{"muteReminders", nil, mutes.request, always(mutes.body), seller, action{seller, mutes.request, map[string]any{"mutedUntil": "2026-06-30"}, nil}},
	{"muteReminders beside a change", nil, mutes.request, always(mutes.body), seller, action{seller, "POST " + oneOfDurand + "/change", map[string]any{"quantity": 12}, nil}},
	{"verifyDomain", proves(apitest.Durand), verifies.request, always(nil), seller, verifies},
	{"verifyDomain beside a licence", proves(apitest.Durand), verifies.request, always(nil), manager, takesAnother},
	{"putMember", nil, "PUT " + ada, always(bodies["putMember"]("")), manager, renamesAda},
	{"putMember of a newcomer", nil, "PUT /v1/customers/" + apitest.Durand + "/members/dora", always(bodies["putMember"]("")), machine("product"), takesAnother},
	{"removeMember", did(seatsAda), "DELETE " + ada, always(nil), manager, seatsBob},
	{"setSeatCap", did(seatsAda), "PUT " + expenses + "/cap", always(bodies["setSeatCap"]("")), seller, lowersCap},
	{"addSeats", nil, seatsAda.request, always(seatsAda.body), manager, seatsBob},
	{"addSeats beside a cap", nil, seatsAda.request, always(seatsAda.body), manager, lowersCap},
	{"addSeats by somebody of the partner, beside the end of the consent", letIn, seatsAda.request, always(seatsAda.body), trusted, withdraws},
	{"removeSeat", did(seatsAda), "DELETE " + expenses + "/members/ada", always(nil), manager, seatsBob},
	{"requestSeats", nil, asks.request, always(asks.body), manager, asks},
	{"answerSeatRequest", did(lowersCap, asks), declines.request, always(map[string]any{"accept": true}), seller, declines},
	{"markNotifications", isTold(apitest.Martin), "PATCH " + martin + "/notifications", always(reads), seller, action{seller, "PATCH " + martin + "/notifications", map[string]any{"ids": []string{"evt_seed"}, "read": true}, nil}},
	{"markCustomerNotifications", isTold(apitest.Durand), "PATCH /v1/customers/" + apitest.Durand + "/notifications", always(reads), manager, action{manager, "PATCH /v1/customers/" + apitest.Durand + "/notifications", reads, nil}},
	{
		"takeLicence by a preview", previewed(map[string]any{"take": order(apitest.Pro, "year", 5)}), "POST " + durands, committing, seller,
		takesAnother,
	},
	{
		"changeLicence by a preview", previewed(map[string]any{"licenceId": apitest.DurandLicence, "change": map[string]any{"quantity": 12}}),
		"POST " + oneOfDurand + "/change", committing, seller, takesAnother,
	},
	{
		"cancelLicence by a preview", previewed(map[string]any{"licenceId": apitest.DurandLicence, "cancel": map[string]any{}}),
		"POST " + oneOfDurand + "/cancel", committing, seller, takesAnother,
	},

	{"updatePartner", nil, "PATCH " + martin, always(map[string]any{"contact": map[string]any{"mail": "new@martin.example"}}), seller, endsSupport},
	{"updatePartner that ends the support, beside a choice of customers", nil, endsSupport.request, always(endsSupport.body), seller, setsSupport},
	{"inviteCollaborator", nil, invitesLea.request, always(invitesLea.body), seller, action{assistant, invitesLea.request, map[string]any{"mail": "Lea@new.example", "roles": []string{"support"}}, nil}},
	{"inviteCollaborator of a user", did(invitesLeaAsUser), invitesLea.request, always(invitesLea.body), seller, invitesLeaAsUser},
	{"removeCollaborator", nil, "DELETE " + personOf(membership.Accountant), always(nil), seller, setsAccountant},
	{"resendInvitation", did(invitesLea), "POST " + lea + "/invitation", always(nil), seller, revokesLea},
	{"revokeInvitation", did(invitesLea), revokesLea.request, always(nil), seller, action{assistant, "POST " + lea + "/invitation", nil, nil}},
	{"revokeInvitation beside its acceptance", invited, revokesLea.request, always(nil), seller, accepts},
	{"giveRole", nil, "PUT " + personOf(membership.Accountant) + "/roles/support", always(nil), seller, restsAccountant},
	{"giveRole beside the end of the right to it", nil, "PUT " + personOf(membership.Accountant) + "/roles/support", always(nil), seller, endsSupport},
	{"takeRole", nil, "DELETE " + personOf(membership.Accountant) + "/roles/accountant", always(nil), seller, setsAccountant},
	{"setCustomers", nil, "PUT " + personOf(membership.Accountant) + "/roles/accountant/customers", always(customersAre(apitest.Durand)), seller, endsAccountant},
	{"setCustomers for others", nil, "PUT " + personOf(membership.Accountant) + "/roles/accountant/customers", always(customersAre()), assistant, setsAccountant},
	{"setCustomers beside the end of the right", nil, setsSupport.request, always(setsSupport.body), seller, endsSupport},
	{"bulkAssign", nil, "POST " + team + "/assignments", always(assignments), seller, setsAccountant},
	{"inviteUser", nil, invitesLeaAsUser.request, always(invitesLeaAsUser.body), seller, invitesLea},
	{"setUser", nil, "PUT " + user(membership.Viewer), always(map[string]any{"roles": []string{"sales"}}), seller, action{seller, "PUT " + user(membership.Viewer), map[string]any{"roles": []string{"billing"}, "customers": "limited"}, nil}},
	{"setUser that steps down, beside another who does", twoAdmins, "PUT " + user(membership.GlobalAdmin), always(map[string]any{"roles": []string{"viewer"}}), machine("operator"), action{machine("operator"), "PUT " + user(membership.AccountAdmin), map[string]any{"roles": []string{"viewer"}}, nil}},
	{"removeUser", nil, "DELETE " + user(membership.Viewer), always(nil), seller, action{seller, "PUT " + user(membership.Viewer), map[string]any{"roles": []string{"billing"}}, nil}},
	{"removeUser of two administrators, one of the other", twoAdmins, "DELETE " + user(membership.AccountAdmin), always(nil), seller, action{assistant, "DELETE " + user(membership.GlobalAdmin), nil, nil}},
	{"removeUser of the last two administrators", twoAdmins, "DELETE " + user(membership.AccountAdmin), always(nil), machine("operator"), action{machine("operator"), "DELETE " + user(membership.GlobalAdmin), nil, nil}},
	{"acceptInvitation", invited, accepts.request, always(accepts.body), leasOther, accepts},
	{"acceptInvitation beside a choice of customers", invited, accepts.request, always(accepts.body), leaSignedIn, action{seller, "PUT " + lea + "/roles/accountant/customers", customersAre(apitest.Durand), nil}},
	{"acceptInvitation beside another invitation", invited, accepts.request, always(accepts.body), leaSignedIn, action{seller, "POST " + lea + "/invitation", nil, nil}},

	{"endAccess", nil, endsAccountant.request, always(nil), manager, setsAccountant},
	{"endAccess of who is let in by consent", consents(apitest.Durand), "DELETE " + ofDurand + "/accesses/" + col(membership.Full), always(nil), manager, grants},
	{"grantConsent", requested, grants.request, always(map[string]any{}), manager, withdraws},
	{"grantConsent beside the end of the support", nil, grants.request, always(map[string]any{}), manager, endsSupport},
	{"withdrawConsent", consents(apitest.Durand), withdraws.request, always(nil), manager, grants},
	{"askConsents", nil, campaigns.request, always(campaigns.body), seller, campaigns}, // nothing but itself wants the same items
	{"updateMe", nil, "PATCH /v1/me", always(map[string]any{"notificationMail": "claire@new.example"}), seller, action{seller, "PATCH /v1/me", map[string]any{"language": "fr", "fallbackMail": "late@new.example"}, nil}},
	{"confirmAddress", addressGiven, confirms.request, always(confirms.body), seller, action{seller, "PATCH /v1/me", map[string]any{"notificationMail": "other@new.example"}, nil}},
	{"createCalendarLink", nil, links.request, always(nil), seller, action{viewer, links.request, nil, nil}},
	{"createCalendarLink beside a revocation", linked, links.request, always(nil), seller, revokes},
	{"revokeCalendarLink", linked, revokes.request, always(nil), seller, action{assistant, revokes.request, nil, nil}},
	{"addPaymentMethod", nil, debits.request, always(debits.body), manager, action{seller, debits.request, set{"kind": "transfer"}, nil}},
	{"addPaymentMethod beside a removal", pays, debits.request, always(debits.body), manager, removes},
	{"setDefaultPaymentMethod", pays, prefers.request, always(nil), manager, removes},
	{"setDefaultPaymentMethod beside a licence", pays, prefers.request, always(nil), manager, takesAnother},
	{"removePaymentMethod", pays, removes.request, always(nil), manager, prefers},
	{"removePaymentMethod beside a licence that is to be paid by it", pays, removes.request, always(nil), manager, takesPaid},
	{"takeLicence that is to be paid by what is removed", pays, takesPaid.request, always(takesPaid.body), seller, removes},
	{"addPartnerPaymentMethod", pays, "POST " + methodsAtMartin, always(debits.body), biller, prefersMartins},
	{"setDefaultPartnerPaymentMethod", pays, prefersMartins.request, always(nil), biller, removesMartins},
	{"removePartnerPaymentMethod", pays, removesMartins.request, always(nil), biller, prefersMartins},
	{"updateBilling", nil, bills.request, always(bills.body), biller, billsElsewhere},
	{"updateBilling of what is there", did(bills), bills.request, always(with(bills.body, set{"iban": ""})), biller, billsElsewhere},
	{"updatePublisherBilling", nil, billsPublisher.request, always(billsPublisher.body), machine("operator"), action{machine("operator"), billsPublisher.request, billsElsewhere.body, nil}},
	{"createEndpoint", listens, createsEndpoint.request, always(createsEndpoint.body), seller, action{assistant, "PATCH " + kept, set{"kinds": []string{"seat.added"}}, nil}},
	{"createEndpoint beside the last that there may be", listensToMost, createsEndpoint.request, always(createsEndpoint.body), seller, action{assistant, createsEndpoint.request, set{"url": "https://last.example.com/"}, nil}},
	{"updateEndpoint", listens, "PATCH " + kept, always(set{"kinds": []string{"licence.taken"}}), seller, action{assistant, "PATCH " + kept, set{"enabled": false}, nil}},
	{"deleteEndpoint", listens, "DELETE " + kept, always(nil), seller, action{assistant, "PATCH " + kept, set{"enabled": false}, nil}},
	{"rotateEndpointSecret", listens, "POST " + kept + "/secret", always(nil), seller, action{assistant, "POST " + kept + "/secret", nil, nil}},
	{"testEndpoint", listens, tests.request, always(nil), seller, tests}, // nothing but itself wants the same items
	{"replayDelivery", listens, "POST " + kept + "/deliveries/whd_kept/replay", always(nil), seller, action{assistant, "POST " + kept + "/deliveries/whd_kept/replay", nil, nil}},
	{"createPublisherEndpoint", listens, "POST " + endpointsOfPublisher, always(createsEndpoint.body), machine("operator"), rotatesPublishers},
	{"updatePublisherEndpoint", listens, "PATCH " + publishers, always(set{"kinds": []string{"licence.taken"}}), machine("operator"), rotatesPublishers},
	{"deletePublisherEndpoint", listens, "DELETE " + publishers, always(nil), machine("operator"), rotatesPublishers},
	{"rotatePublisherEndpointSecret", listens, rotatesPublishers.request, always(nil), machine("operator"), rotatesPublishers},
	{"testPublisherEndpoint", listens, "POST " + publishers + "/test", always(nil), machine("operator"), action{machine("operator"), "POST " + publishers + "/test", nil, []string{onlyKey}}}, // nothing but itself wants the same items
	{"replayPublisherDelivery", listens, "POST " + publishers + "/deliveries/whd_kept/replay", always(nil), machine("operator"), action{machine("operator"), "POST " + publishers + "/deliveries/whd_kept/replay", nil, nil}},
	{"resetPassword", nil, resets.request, always(nil), manager, resets}, // nothing but itself wants the same items
}

// apart are the writes that change nothing that the other changes: what one reads of the other's has its own answer to that,
// the term of a right or the permission. There is nothing to wait for.
var apart = map[string]bool{
	"addSeats by somebody of the partner, beside the end of the consent": true,
	"updatePartner that ends the support, beside a choice of customers":  true,
	"giveRole beside the end of the right to it":                         true,
	"setCustomers beside the end of the right":                           true,
	"grantConsent beside the end of the support":                         true,
}

const (
	team  = martin + "/collaborators"
	users = martin + "/users"

	calendarOf = martin + "/renewals"

	methodsAt, methodsAtMartin = ofDurand + "/paymentMethods", martin + "/paymentMethods"

	billingOf, billingOfPublisher = martin + "/billing", "/v1/billing"
)

// col is the id of Martin's person of a role.
func col(role membership.Role) string {
	return collaborator.ID(apitest.Martin, apitest.UserOf(apitest.Martin, role)+"@example.com")
}

// personOf and user are where Martin's person of a role is.
func personOf(role membership.Role) string { return team + "/" + col(role) }
func user(role membership.Role) string     { return users + "/" + col(role) }

// assistant is Martin's account administrator, trusted who has full access to customers that consent.
func assistant(w *apitest.World) apitest.Client {
	return w.As(apitest.Martin, membership.AccountAdmin)
}

func trusted(w *apitest.World) apitest.Client { return w.As(apitest.Martin, membership.Full) }

func customersAre(ids ...string) map[string]any {
	return map[string]any{"customerIds": append([]string{}, ids...)}
}

// token is the secret that Lea's link carries, proof that of an address.
var token, proof = strings.Repeat("t", 43), strings.Repeat("p", 43)

var (
	lea              = team + "/" + collaborator.ID(apitest.Martin, "lea@new.example")
	invitesLea       = action{seller, "POST " + team, map[string]any{"mail": "lea@new.example", "name": "Lea", "roles": []string{"accountant"}}, nil}
	invitesLeaAsUser = action{seller, "POST " + users, map[string]any{"mail": "lea@new.example", "roles": []string{"sales"}, "customers": "limited"}, nil}
	revokesLea       = action{assistant, "DELETE " + lea + "/invitation", nil, nil}
	accepts          = action{leaSignedIn, "POST /v1/invitations/accept", map[string]any{"token": token, "name": "Lea Neuve"}, nil}
	restsAccountant  = action{assistant, "DELETE " + personOf(membership.Accountant) + "/roles/accountant", nil, nil}
	setsAccountant   = action{seller, "PUT " + personOf(membership.Accountant) + "/roles/accountant/customers", customersAre(apitest.Dupont), nil}
	setsSupport      = action{assistant, "PUT " + personOf(membership.Support) + "/roles/support/customers", customersAre(apitest.Dupont), nil}
	endsAccountant   = action{manager, "DELETE " + ofDurand + "/accesses/" + col(membership.Accountant), nil, nil}
	endsSupport      = action{seller, "PATCH " + martin, map[string]any{"firstLineSupport": false}, nil}
	grants           = action{manager, "PUT " + ofDurand + "/consents/" + apitest.Martin, map[string]any{"until": "2026-12-31"}, nil}
	withdraws        = action{manager, "DELETE " + ofDurand + "/consents/" + apitest.Martin, nil, nil}
	campaigns        = action{seller, "POST " + martin + "/consents", customersAre(apitest.Dupont, apitest.Durand), []string{onlyKey}}
	confirms         = action{seller, "POST /v1/me/addresses/confirm", map[string]any{"token": proof}, nil}
	createsEndpoint  = action{seller, "POST " + endpointsOfMartin, set{"url": "https://hooks.martin.example/comptoir", "kinds": []string{"licence.taken", "licence.ended"}}, nil}
	tests            = action{seller, "POST " + kept + "/test", nil, []string{onlyKey}}
	resets           = action{manager, "POST " + ada + "/passwordReset", nil, []string{onlyKey}}

	mutes   = action{seller, "PUT " + oneOfDurand + "/reminders", map[string]any{"mutedUntil": "2026-12-31"}, nil}
	links   = action{seller, "POST " + calendarOf + "/links", nil, nil}
	revokes = action{seller, "DELETE " + calendarOf + "/links/lnk_seed", nil, nil}

	debits    = action{manager, "POST " + methodsAt, set{"kind": "sepa", "iban": "FR14 2004 1010 0505 0001 3M02 606", "mandate": "DURAND-2026-1", "signedOn": "2026-03-10"}, nil}
	prefers   = action{seller, "PUT " + methodsAt + "/pay_kept/default", nil, nil}
	removes   = action{seller, "DELETE " + methodsAt + "/pay_kept", nil, nil}
	takesPaid = action{seller, "POST " + durands, with(order(apitest.Monthly, "month", 3), set{"billTo": "customer", "paymentMethodId": "pay_kept"}), nil}

	prefersMartins = action{seller, "PUT " + methodsAtMartin + "/pay_kept/default", nil, nil}
	removesMartins = action{seller, "DELETE " + methodsAtMartin + "/pay_kept", nil, nil}

	bills          = action{biller, "PUT " + billingOf, billed, nil}
	billsElsewhere = action{seller, "PUT " + billingOf, with(billed, set{"purchaseOrder": "PO 8", "iban": nil}), nil}
	billsPublisher = action{machine("operator"), "PUT " + billingOfPublisher, billed, nil}

	assignments = map[string]any{"items": []map[string]any{
		{"collaboratorId": col(membership.Accountant), "role": "accountant", "customerId": apitest.Durand, "remove": true},
		{"collaboratorId": col(membership.Support), "role": "support", "customerId": apitest.Dupont},
		{"collaboratorId": col(membership.Support), "role": "accountant", "customerId": apitest.Dupont},
	}}
)

// methodsOf are three payment methods of somebody, of all kinds.
func methodsOf(owner string) billing.Methods {
	signed, _ := calendar.Parse("2026-02-01")
	expires, _ := calendar.ParseYearMonth("2026-12")
	m := billing.Methods{Owner: owner, Default: "pay_first", All: []billing.Method{
		{ID: "pay_first", Kind: billing.SEPA, Last4: "3000", Country: "DE", Mandate: "SEED-1", SignedOn: signed},
		{ID: "pay_kept", Kind: billing.Card, Last4: "4242", Reference: "card_1NsQ", Brand: "Visa", Expires: expires},
		{ID: "pay_last", Kind: billing.Transfer},
	}}
	for n := range m.All {
		m.All[n].AddedAt = apitest.Start
	}
	return m
}

// pays is that Durand, Martin and Nuage have payment methods.
func pays(_ *testing.T, w *apitest.World) string {
	c := w.Customer(apitest.Durand).PayBy(customer.Method{ID: "pay_first", Kind: "sepa", Last4: "3000"})
	w.Have(func(tx *table.Tx) {
		tx.Put(&c)
		for _, owner := range []string{apitest.Durand, apitest.Martin, apitest.Nuage} {
			m := methodsOf(owner)
			tx.Put(&m)
		}
	})
	return ""
}

// billed are whole billing details. The IBAN is the example of the registry.
var billed = map[string]any{
	"legalName": "Cabinet Martin SARL", "registration": "732 829 320 00074", "vatNumber": "FR 44 732 829 320", "purchaseOrder": "PO 7",
	"address": set{"lines": []string{"12 rue de la Paix", "Bâtiment B"}, "postalCode": "75002", "city": "Paris", "country": "FR"},
	"iban":    "FR14 2004 1010 0505 0001 3M02 606", "bic": "PSSTFRPPPAR", "selfBilling": true,
}

// biller is Martin's person for billing.
func biller(w *apitest.World) apitest.Client { return w.As(apitest.Martin, membership.Billing) }

// leaSignedIn and leasOther are two users whose sign-ins vouch for the same address.
func leaSignedIn(w *apitest.World) apitest.Client {
	return w.Person("usr-lea").Signed("lea@new.example")
}

func leasOther(w *apitest.World) apitest.Client {
	return w.Person("usr-lea-too").Signed("lea@new.example")
}

// invited is that Lea was invited and has her link.
func invited(t *testing.T, w *apitest.World) string {
	did(invitesLea)(t, w)
	w.Have(func(tx *table.Tx) {
		tx.Put(&table.Token{
			Hash: id.Hash(token), Number: apitest.Start.UnixMilli(), ExpiresAt: apitest.Start.Add(collaborator.Lifetime), PartnerID: apitest.Martin,
			CollaboratorID: collaborator.ID(apitest.Martin, "lea@new.example"),
		})
	})
	return ""
}

// addressGiven is that the seller has given an address and has the link.
func addressGiven(t *testing.T, w *apitest.World) string {
	did(action{seller, "PATCH /v1/me", map[string]any{"notificationMail": "claire@new.example"}, nil})(t, w)
	w.Have(func(tx *table.Tx) {
		tx.Put(&table.Token{
			Hash: id.Hash(proof), Number: 1, ExpiresAt: apitest.Start.Add(profile.Lifetime),
			UserID: apitest.UserOf(apitest.Martin, membership.GlobalAdmin), Which: string(profile.Notification),
		})
	})
	return ""
}

// linked is that the viewer has a link to Martin's calendar.
func linked(_ *testing.T, w *apitest.World) string {
	w.Have(func(tx *table.Tx) {
		link := partner.Link{
			ID: "lnk_seed", Hash: id.Hash(token), PartnerID: apitest.Martin, UserID: apitest.UserOf(apitest.Martin, membership.Viewer), By: "Paul",
			Language: "en", MadeAt: apitest.Start,
		}
		tx.Put(&link)
		tx.Put(&partner.Links{PartnerID: apitest.Martin, All: []partner.Link{link}})
	})
	return ""
}

// consents is that customers have consented to Martin's support.
func consents(customerIDs ...string) func(*testing.T, *apitest.World) string {
	return func(t *testing.T, w *apitest.World) string {
		w.Have(func(tx *table.Tx) {
			for _, id := range customerIDs {
				apitest.Consents(tx, customer.Customer{ID: id, Name: "Maison"}, partner.Partner{ID: apitest.Martin, Name: "Cabinet Martin"})
			}
		})
		return ""
	}
}

// letIn is that Durand has consented, and that its domain is verified.
func letIn(t *testing.T, w *apitest.World) string {
	w.Verify(apitest.Durand)
	return consents(apitest.Durand)(t, w)
}

// requested is that Durand was asked for its consent.
func requested(t *testing.T, w *apitest.World) string {
	w.Have(func(tx *table.Tx) {
		asked, _ := consent.Consent{CustomerID: apitest.Durand, CustomerName: "Maison Durand", PartnerID: apitest.Martin, PartnerName: "Cabinet Martin"}.Ask("Seed", 0, apitest.Start)
		tx.Put(&asked)
	})
	return ""
}

// twoAdmins is that Martin has two global administrators.
func twoAdmins(t *testing.T, w *apitest.World) string {
	return did(action{machine("operator"), "PUT " + user(membership.AccountAdmin), map[string]any{"roles": []string{"globalAdmin"}}, nil})(t, w)
}

const (
	endpointsOfMartin, endpointsOfPublisher = martin + "/webhooks/endpoints", "/v1/webhooks/endpoints"
	kept, publishers                        = endpointsOfMartin + "/whe_kept", endpointsOfPublisher + "/whe_kept"
)

var rotatesPublishers = action{machine("operator"), "POST " + publishers + "/secret", nil, nil}

// listens is that Martin and the publisher have an endpoint each, to which one event was delivered.
func listens(_ *testing.T, w *apitest.World) string {
	w.Have(func(tx *table.Tx) { endpointsOf(tx, nil) })
	return ""
}

// listensToMost is that Martin has nine endpoints.
func listensToMost(_ *testing.T, w *apitest.World) string {
	w.Have(func(tx *table.Tx) {
		r := webhook.Registry{Owner: apitest.Martin}
		for n := range webhook.MaxEndpoints - 1 {
			r.Endpoints = append(r.Endpoints, endpoint(fmt.Sprint("whe_", n)))
		}
		tx.Put(&r)
	})
	return ""
}

const oneOfDurand = durands + "/" + apitest.DurandLicence

// outcome is what a world holds in the end and what was answered.
type outcome struct {
	contents []string
	status   int
	code     any
}

// stage is a world made ready for a write, and the write.
type stage struct {
	w    *apitest.World
	call func(*apitest.World) apitest.Answer
}

func (c write) stage(t *testing.T) stage {
	w, preview := apitest.New(t), ""
	if c.prepare != nil {
		preview = c.prepare(t, w)
	}
	return stage{w, func(on *apitest.World) apitest.Answer {
		return c.by(on).Do(c.request, c.body(preview), onlyKey)
	}}
}

// end is the outcome of an answer.
func (s stage) end(a apitest.Answer) outcome {
	return outcome{s.w.Contents(), a.Status, a.Body["code"]}
}

// without is the outcome when nothing goes wrong, before and after others.
func (c write) without(t *testing.T, before, after func(*apitest.World)) outcome {
	s := c.stage(t)
	if before != nil {
		before(s.w)
	}
	a := s.call(s.w)
	if after != nil {
		after(s.w)
	}
	return s.end(a)
}

func same(a, b outcome) bool {
	return a.status == b.status && a.code == b.code && slices.Equal(a.contents, b.contents)
}

// differences are the lines that only one of them has.
func differences(got, want outcome) string {
	var all []string
	lines := func(sign string, of, without []string) {
		for _, line := range of {
			if !slices.Contains(without, line) {
				all = append(all, sign+" "+line)
			}
		}
	}
	lines("+", got.contents, want.contents)
	lines("-", want.contents, got.contents)
	return strings.Join(all, "\n")
}

const forever = 1000 // calls that fail, more than anybody tries

// passing faults are got over; the outcome is as if they had not been.
var passing = map[string]func(*proxy.Proxy){
	"a load that is throttled and fails": func(p *proxy.Proxy) {
		p.Arm("BatchGetItem", 1, proxy.Throttle)
		p.Arm("BatchGetItem", 1, proxy.FailBefore)
	},
	"a commit that is throttled, cancelled for throttling and fails": func(p *proxy.Proxy) {
		p.Arm("TransactWriteItems", 1, proxy.Throttle)
		p.Arm("TransactWriteItems", 1, proxy.CancelThrottled)
		p.Arm("TransactWriteItems", 1, proxy.FailBefore)
	},
	"a reply lost after the commit": func(p *proxy.Proxy) { p.Arm("TransactWriteItems", 1, proxy.DropAfter) },
	"replies lost as often as the SDK tries": func(p *proxy.Proxy) {
		p.Arm("TransactWriteItems", 3, proxy.DropAfter) // then the mark says that it is done
	},
}

// lasting faults are told of plainly, and nothing has changed.
var lasting = map[string]struct {
	arm    func(*proxy.Proxy)
	status int
	code   string
}{
	"loads throttled for long":                  {func(p *proxy.Proxy) { p.Arm("BatchGetItem", forever, proxy.Throttle) }, 429, "too_many_requests"},
	"commits throttled for long":                {func(p *proxy.Proxy) { p.Arm("TransactWriteItems", forever, proxy.Throttle) }, 429, "too_many_requests"},
	"commits cancelled for throttling for long": {func(p *proxy.Proxy) { p.Arm("TransactWriteItems", forever, proxy.CancelThrottled) }, 429, "too_many_requests"},
	"commits that fail for long":                {func(p *proxy.Proxy) { p.Arm("TransactWriteItems", forever, proxy.FailBefore) }, 503, "unavailable"},
}

func TestWritesUnderFaults(t *testing.T) {
	t.Parallel()
	for _, c := range writes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want := c.without(t, nil, nil)
			if want.status/100 != 2 {
				t.Fatalf("it doesn't even work without a fault: %d %v", want.status, want.code)
			}
			for name, arm := range passing {
				t.Run("gets over "+name, func(t *testing.T) {
					s := c.stage(t)
					through, p := s.w.Through(t)
					arm(p)
					if got := s.end(s.call(through)); !same(got, want) {
						t.Errorf("answered %d %v, want %d\n%s", got.status, got.code, want.status, differences(got, want))
					}
				})
			}
		})
	}
}

// All wait at once: the pauses between attempts take their time.
func TestWritesUnderFaultsThatLast(t *testing.T) {
	t.Parallel()
	var waiting sync.WaitGroup
	for _, c := range writes {
		s := c.stage(t)
		before := s.w.Contents()
		for name, fault := range lasting {
			through, p := s.w.Through(t)
			fault.arm(p)
			waiting.Go(func() {
				got, want := s.end(s.call(through)), outcome{before, fault.status, fault.code}
				if !same(got, want) {
					t.Errorf("%s under %s: answered %d %v, want %d %s and nothing changed\n%s", c.name, name,
						got.status, got.code, want.status, want.code, differences(got, want))
				}
			})
		}
	}
	waiting.Wait()
}

// Two that want the same items end as if one had come after the other.
func TestWritesBesideOthers(t *testing.T) {
	t.Parallel()
	for _, c := range writes {
		other := func(w *apitest.World) { c.other.on(w) }
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			oneAfterTheOther := []outcome{c.without(t, other, nil), c.without(t, nil, other)}
			serial := func(t *testing.T, got outcome) {
				t.Helper()
				if !slices.ContainsFunc(oneAfterTheOther, func(want outcome) bool { return same(got, want) }) {
					t.Errorf("answered %d %v, and the table is as in no order\nother first: %s\nother last: %s", got.status, got.code,
						differences(got, oneAfterTheOther[0]), differences(got, oneAfterTheOther[1]))
				}
			}
			t.Run("decides anew after a change between load and commit", func(t *testing.T) {
				s := c.stage(t)
				through, p := s.w.Through(t)
				var met atomic.Bool
				p.Before = func(operation string, _ []byte) {
					if operation == "TransactWriteItems" && met.CompareAndSwap(false, true) {
						other(s.w)
					}
				}
				serial(t, s.end(s.call(through)))
			})
			t.Run("waits for a transaction that is under way", func(t *testing.T) {
				s := c.stage(t)
				through, p := s.w.Through(t)
				p.Conflicts = true
				var answer apitest.Answer
				var met atomic.Bool
				again, done := make(chan bool), make(chan bool)
				decidesAnew := sync.OnceFunc(func() { close(again) })
				p.Before = func(operation string, _ []byte) {
					switch {
					case operation == "TransactWriteItems" && met.CompareAndSwap(false, true):
						// The other's. It holds its items until this write was refused and tries again.
						go func() { defer close(done); answer = s.call(through) }()
						select {
						case <-again:
						case <-done:
							if !apart[c.name] {
								t.Error("the two didn't meet")
							}
						}
					case operation == "BatchGetItem" && p.Usage().Calls["TransactWriteItems"] > 1:
						decidesAnew()
					}
				}
				other(through)
				<-done
				serial(t, s.end(answer))
			})
		})
	}
}

func TestEveryWriteIsTriedUnderFaults(t *testing.T) {
	t.Parallel()
	for _, op := range functions.Operations(apitest.Env) {
		tried := slices.ContainsFunc(writes, func(c write) bool { return c.name == op.ID })
		if op.Method != "GET" && !tried {
			t.Errorf("%s is not tried under faults", op.ID)
		}
	}
}
