package functions_test

import (
	"strings"
	"testing"
	"time"

	"comptoir/functions"
	"comptoir/functions/apitest"
	"comptoir/shared/collaborator"
	"comptoir/shared/membership"
)

// A read costs one round trip to DynamoDB and a write two. What costs more is named here, with why.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	w, p := apitest.New(t).Through(t)
	isTold(apitest.Martin)(t, w)
	isTold(apitest.Durand)(t, w)
	p.Hold = 60 * time.Millisecond // a busy machine may start the second call late
	w.Proves(apitest.Durand)
	trial := seller(w).Do("POST "+durands, order(apitest.Yearly, "year", 1)).Is(t, 201).String("id")
	preview := previewed(map[string]any{"licenceId": trial, "cancel": map[string]any{}})(t, w)
	invited(t, w)
	addressGiven(t, w)
	linked(t, w)
	listens(t, w)
	pays(t, w)
	w.Have(statementsOfMartin)

	cases := []struct {
		operation string // with the case, after a colon
		by        apitest.Client
		request   string
		body      any
		want      int
	}{
		{"listCustomers", viewer(w), "GET " + martin + "/customers", nil, 1},
		{"listCustomers: filtered", viewer(w), "GET " + martin + "/customers?status=active&plan=COMPTA-YEARLY", nil, 1},
		{"listCustomers: by renewal", viewer(w), "GET " + martin + "/customers?sort=renewsOn", nil, 2}, // the licences, then their rows
		{"listCustomers: search, the words and then the rows", viewer(w), "GET " + martin + "/customers?q=maison", nil, 2},
		{"getCustomer", viewer(w), "GET " + dupont, nil, 1},
		{"getCustomer: by its own people, who don't name the partner that manages it", admin(w), "GET " + dupont, nil, 2},
		{"getCustomer: by a machine, which doesn't either", w.Machine("product"), "GET " + dupont, nil, 2},
		{"getCustomer: of the publisher's own", w.Machine("product"), "GET /v1/customers/" + apitest.Direct, nil, 1},
		{"listActivity", admin(w), "GET " + dupont + "/activity", nil, 1},
		{"getDomain", admin(w), "GET " + dupont + "/domain", nil, 1},
		{"listNotifications", viewer(w), "GET " + martin + "/notifications", nil, 1},
		{"listNotifications: unread", viewer(w), "GET " + martin + "/notifications?unread=true", nil, 1},
		{"listCustomerNotifications", manager(w), "GET /v1/customers/" + apitest.Durand + "/notifications", nil, 1},
		{"listMembers", manager(w), "GET /v1/customers/" + apitest.Durand + "/members", nil, 1},
		{"listSeatGauges", viewer(w), "GET /v1/customers/" + apitest.Durand + "/seats", nil, 1},
		{"getSeatGauge", viewer(w), "GET " + expenses, nil, 1},
		{"getSeatGauge: misconfigured, by its own people, who don't name the partner to turn to", admin(w), "GET " + dupont + "/seats/expenses", nil, 2},
		{"listSeats: the permission, then all of the roster, which can be large", manager(w), "GET " + expenses + "/members", nil, 2},
		{"listSeatRequests", viewer(w), "GET " + expenses + "/requests", nil, 1},
		{"checkSeat", w.Machine("product"), "GET " + expenses + "/members/ada", nil, 1},
		{"checkSeat: exact", w.Machine("product"), "GET " + expenses + "/members/ada?exact=true", nil, 1},
		{"checkSeat: by a person", manager(w), "GET " + expenses + "/members/ada", nil, 1},
		{"countLicences", viewer(w), "GET " + martin + "/licences/count", nil, 1},
		{"listLicences", viewer(w), "GET " + durands, nil, 1},
		{"listLicences: by somebody who doesn't say for which organisation", viewer(w).For(""), "GET " + durands, nil, 2},
		{"getLicence", viewer(w), "GET " + oneOfDurand, nil, 1},
		{"getMe", viewer(w), "GET /v1/me", nil, 1},
		{"getMe: without an organisation", viewer(w).For(""), "GET /v1/me", nil, 1},
		{"listMyCompanies: the memberships, then what the companies hold", admin(w), "GET /v1/me/companies", nil, 2},
		{"listMyPermissions", viewer(w), "GET /v1/me/permissions", nil, 1},
		{"listMyPermissions: the memberships, then what the partners not named are authorised to do", viewer(w).For(""), "GET /v1/me/permissions", nil, 2},
		{"listMyPermissions: of a customer's people", admin(w), "GET /v1/me/permissions", nil, 1},
		{"listRenewals: the page, then the customers' names", viewer(w), "GET " + calendarOf + "?from=2027-01-01&to=2027-12-31", nil, 2},
		{"listRenewals: of one kind", viewer(w), "GET " + calendarOf + "?from=2027-01-01&to=2027-12-31&what=renews", nil, 2},
		{"listRenewals: from today on, which is known once the caller is allowed it", viewer(w), "GET " + calendarOf + "?to=2027-02-10", nil, 3},
		{"readCalendar: the permission, the licences, of which there can be many, the names", subscriber(w), "GET /v1/calendars/renewals?token=" + token, nil, 3},
		{"listCalendarLinks", viewer(w), "GET " + calendarOf + "/links", nil, 1},
		{"listCharges", seller(w), "GET " + ofDurand + "/charges", nil, 1},
		{"getAccount", seller(w), "GET " + ofDurand + "/account", nil, 1},
		{"listPayments", seller(w), "GET " + ofDurand + "/payments", nil, 1},
		{"listCommissions", seller(w), "GET " + martin + "/commissions?period=2026-03", nil, 1},
		{"listCommissions: of the running month, which is known once the caller is allowed it", seller(w), "GET " + martin + "/commissions", nil, 2},
		{"reconcile: the permission, the month, then the accounts of its customers", seller(w), "GET " + martin + "/reconciliation?period=2026-03", nil, 3},
		{"getScheme", w.Machine("operator"), "GET /v1/scheme", nil, 1},
		{"listPlans", viewer(w), "GET /v1/plans", nil, 1},

		{"reportAccount", w.Machine("product"), "POST /v1/accounts", bodies["reportAccount"]("acc-petit"), 2},
		{"reportAccount: once more", w.Machine("product"), "POST /v1/accounts", bodies["reportAccount"]("acc-petit"), 1},
		{"putPlan", w.Machine("operator"), "PUT /v1/plans/" + apitest.Pro, bodies["putPlan"]("Edited"), 2},
		{"putScheme", w.Machine("operator"), "PUT /v1/scheme", bodies["putScheme"](""), 2},
		{"listStatements: the page, the payouts, then their batches", biller(w), "GET " + statementsOf, nil, 3},
		{"getStatement: the head, then the lines, of which there can be many", biller(w), "GET " + statementsOf + "/2026-01", nil, 2},
		{"getStatement: of the running month", biller(w), "GET " + statementsOf + "/2026-03", nil, 2},
		{"listPayoutBatches", w.Machine("operator"), "GET " + batchesAt, nil, 1},
		{"getPayoutBatch: the batch, then its payouts", w.Machine("operator"), "GET " + batchesAt + "/pba_sent", nil, 2},
		{"makePayoutBatch: the permission, the proposed payouts by an index, the same exactly", w.Machine("operator"), gathers.request, nil, 4},
		{"sendPayoutBatch", w.Machine("operator"), sends.request, nil, 2},
		{"returnPayout: whose it is follows from the batch", w.Machine("operator"), comesBack.request, comesBack.body, 3},
		{"confirmPayoutBatch", w.Machine("operator"), confirmsBatch.request, confirmsBatch.body, 2},
		{"recordPayment", w.Machine("product"), remits.request, remits.body, 2},
		{"recordPayment: once more", w.Machine("product"), remits.request, remits.body, 1},
		{"recordRefund: whose account it is follows from the payment", w.Machine("product"), refunds.request, refunds.body, 3},
		{"recordRefund: once more", w.Machine("product"), refunds.request, refunds.body, 1},
		{"previewLicence", seller(w), "POST " + durands + "/preview", map[string]any{"take": order(apitest.Yearly, "year", 1)}, 2},
		{"takeLicence", seller(w), "POST " + durands, order(apitest.Yearly, "year", 1), 2},
		{"takeLicence: by somebody who doesn't say for which organisation", seller(w).For(""), "POST " + durands, order(apitest.Yearly, "year", 1), 3},
		{"changeLicence", seller(w), "POST " + oneOfDurand + "/change", map[string]any{"quantity": 11}, 2},
		{"cancelLicence: by a preview", seller(w), "POST " + durands + "/" + trial + "/cancel", committing(preview), 2},
		{"suspendLicence", seller(w), "POST " + oneOfDurand + "/suspend", map[string]any{}, 2},
		{"resumeLicence", seller(w), "POST " + oneOfDurand + "/resume", map[string]any{}, 2},
		{"muteReminders", seller(w), mutes.request, mutes.body, 2},
		{"muteReminders: once more, which changes nothing", seller(w), mutes.request, mutes.body, 1},
		{"cancelLicence", seller(w), "POST " + oneOfDurand + "/cancel", map[string]any{}, 2},
		{"cancelLicence: refused", seller(w), "POST " + oneOfDurand + "/cancel", map[string]any{"when": "now"}, 1},

		{"verifyDomain: without a proof, which changes nothing", admin(w), "POST " + dupont + "/domain/verification", nil, 1},
		{"verifyDomain", seller(w), verifies.request, nil, 2},
		{"verifyDomain: once more", seller(w), verifies.request, nil, 1},

		{"addSeats", manager(w), seatsAda.request, seatsAda.body, 2},
		{"addSeats: who holds one already, which rests on one item", manager(w), seatsAda.request, seatsAda.body, 1},
		{"setSeatCap", seller(w), "PUT " + expenses + "/cap", map[string]any{"cap": 1}, 2},
		{"addSeats: refused, which rests on two and is confirmed", manager(w), seatsBob.request, seatsBob.body, 2},
		{"requestSeats", manager(w), asks.request, asks.body, 2},
		{"answerSeatRequest", seller(w), declines.request, map[string]any{"accept": true}, 2},
		{"removeSeat", manager(w), "DELETE " + expenses + "/members/ada", nil, 2},
		{"putMember", manager(w), "PUT " + ada, bodies["putMember"](""), 2},
		{"removeMember", manager(w), "DELETE " + ada, nil, 2},
		{"markNotifications", seller(w), "PATCH " + martin + "/notifications", reads, 2},
		{"markCustomerNotifications", manager(w), "PATCH /v1/customers/" + apitest.Durand + "/notifications", reads, 2},
		{"resetPassword", manager(w), "POST " + members + "/bob/passwordReset", nil, 2},

		{"getPartner", viewer(w), "GET " + martin, nil, 1},
		{"updatePartner", seller(w), "PATCH " + martin, map[string]any{"contact": map[string]any{"mail": "new@martin.example"}}, 2},
		{"revokeCalendarLink", seller(w), revokes.request, nil, 2},
		{"createCalendarLink", seller(w), links.request, nil, 2},
		{"listPartnerActivity", seller(w), "GET " + martin + "/activity", nil, 1},
		{"listCollaborators", seller(w), "GET " + team, nil, 1},
		{"getCollaborator", seller(w), "GET " + personOf(membership.Accountant), nil, 1},
		{"listCollaboratorCustomers: the person, the portfolio, the customers' names", seller(w), "GET " + personOf(membership.Accountant) + "/roles/accountant/customers", nil, 3},
		{"listUsers", seller(w), "GET " + users, nil, 1},
		{"inviteCollaborator: whoever has the address, found by the body, once it is allowed", seller(w), "POST " + team, map[string]any{"mail": "tom@new.example", "roles": []string{"accountant"}}, 3},
		{"inviteCollaborator: one who is known, with the portfolio", seller(w), "POST " + team, map[string]any{"mail": "tom@new.example", "roles": []string{"support"}}, 4},
		{"inviteUser: whoever has the address, found by the body, once it is allowed", seller(w), "POST " + users, map[string]any{"mail": "eve@new.example", "roles": []string{"sales"}}, 3},
		{"resendInvitation", seller(w), "POST " + team + "/" + collaborator.ID(apitest.Martin, "eve@new.example") + "/invitation", nil, 2},
		{"revokeInvitation", seller(w), "DELETE " + team + "/" + collaborator.ID(apitest.Martin, "eve@new.example") + "/invitation", nil, 2},
		{"giveRole: the person, then the portfolio and the membership", seller(w), "PUT " + personOf(membership.Accountant) + "/roles/support", nil, 3},
		{"setCustomers: the person, the portfolio and the membership, the customers that are added", seller(w), "PUT " + personOf(membership.Accountant) + "/roles/support/customers", customersAre(apitest.Dupont, apitest.Durand), 4},
		{"setCustomers: fewer, of which nothing has to be known", seller(w), "PUT " + personOf(membership.Accountant) + "/roles/support/customers", customersAre(apitest.Dupont), 3},
		{"takeRole: the person, then the portfolio and the membership", seller(w), "DELETE " + personOf(membership.Accountant) + "/roles/support", nil, 3},
		{"bulkAssign: people and customers, then the parts of the portfolios", seller(w), "POST " + team + "/assignments", map[string]any{"items": []map[string]any{
			{"collaboratorId": col(membership.Support), "role": "support", "customerId": apitest.Dupont, "remove": true},
		}}, 3},
		{"setUser: the person, then the portfolio and the membership", seller(w), "PUT " + user(membership.Viewer), map[string]any{"roles": []string{"viewer", "billing"}}, 3},
		{"removeCollaborator: the person, then the portfolio and the membership", seller(w), "DELETE " + personOf(membership.Support), nil, 3},
		{"removeUser: the person, then the portfolio and the membership", seller(w), "DELETE " + user(membership.Billing), nil, 3},
		{"acceptInvitation: the token, the person, then the portfolio as that person has it, which has to be read later", leaSignedIn(w), accepts.request, accepts.body, 4},

		{"listAccesses: the customer, its partner's people, their portfolios", manager(w), "GET " + ofDurand + "/accesses", nil, 3},
		{"grantConsent", manager(w), grants.request, map[string]any{}, 2},
		{"checkAccess", w.Machine("product"), "GET " + ofDurand + "/collaborators/usr-martin-full?partnerId=" + apitest.Martin, nil, 1},
		{"checkAccess: without naming the partner, which the customer says", w.Machine("product"), "GET " + ofDurand + "/collaborators/usr-martin-full", nil, 2},
		{"endAccess: the customer, the person, the portfolio", manager(w), endsAccountant.request, nil, 4},
		{"endAccess: refused, by contract", manager(w), "DELETE " + ofDurand + "/accesses/" + col(membership.GlobalAdmin), nil, 3},
		{"listConsents: the customer's, then their partners", manager(w), "GET " + ofDurand + "/consents", nil, 2},
		{"withdrawConsent", manager(w), withdraws.request, nil, 2},
		{"listPartnerConsents", seller(w), "GET " + martin + "/consents", nil, 1},
		{"askConsents: the customers are read once it is allowed, there can be many", seller(w), campaigns.request, campaigns.body, 3},

		{"listPaymentMethods", manager(w), "GET " + methodsAt, nil, 1},
		{"addPaymentMethod", manager(w), debits.request, debits.body, 2},
		{"setDefaultPaymentMethod", seller(w), prefers.request, nil, 2},
		{"setDefaultPaymentMethod: once more", seller(w), prefers.request, nil, 1},
		{"removePaymentMethod", seller(w), removes.request, nil, 2},
		{"listPartnerPaymentMethods", seller(w), "GET " + methodsAtMartin, nil, 1},
		{"addPartnerPaymentMethod", seller(w), "POST " + methodsAtMartin, debits.body, 2},
		{"setDefaultPartnerPaymentMethod", seller(w), "PUT " + methodsAtMartin + "/pay_kept/default", nil, 2},
		{"takeLicence: paid by a method of the partner that takes it", seller(w), "POST " + durands, with(order(apitest.Yearly, "year", 1), set{"paymentMethodId": "pay_kept"}), 2},
		{"takeLicence: paid by a method of the customer", seller(w), "POST " + durands, with(order(apitest.Yearly, "year", 1), set{"billTo": "customer", "paymentMethodId": "pay_last"}), 2},
		{"takeLicence: paid by a method of the partner, which the operator doesn't name", w.Machine("operator"), "POST " + durands, with(order(apitest.Yearly, "year", 1), set{"paymentMethodId": "pay_kept"}), 3},
		{"removePartnerPaymentMethod: refused, once the licences were looked through", seller(w), "DELETE " + methodsAtMartin + "/pay_kept", nil, 2},
		{"removePartnerPaymentMethod: the licences are looked through once it is allowed", seller(w), "DELETE " + methodsAtMartin + "/pay_last", nil, 3},

		{"getBilling: of which nothing was said", seller(w), "GET " + billingOf, nil, 1},
		{"updateBilling", seller(w), bills.request, bills.body, 2},
		{"updateBilling: to what they are", seller(w), bills.request, bills.body, 1},
		{"getBilling", seller(w), "GET " + billingOf, nil, 1},
		{"updatePublisherBilling", w.Machine("operator"), billsPublisher.request, billsPublisher.body, 2},
		{"getPublisherBilling", w.Machine("operator"), "GET " + billingOfPublisher, nil, 1},

		{"createEndpoint", seller(w), createsEndpoint.request, createsEndpoint.body, 2},
		{"listEndpoints", viewer(w), "GET " + endpointsOfMartin, nil, 1},
		{"getEndpoint", viewer(w), "GET " + kept, nil, 1},
		{"updateEndpoint", seller(w), "PATCH " + kept, set{"kinds": []string{"licence.taken"}}, 2},
		{"updateEndpoint: to what it is", seller(w), "PATCH " + kept, set{"enabled": true}, 1},
		{"rotateEndpointSecret", seller(w), "POST " + kept + "/secret", nil, 2},
		{"testEndpoint", seller(w), "POST " + kept + "/test", nil, 2},
		{"listDeliveries", viewer(w), "GET " + kept + "/deliveries", nil, 1},
		{"listDeliveries: of one state", viewer(w), "GET " + kept + "/deliveries?state=failed", nil, 1},
		{"replayDelivery", seller(w), "POST " + kept + "/deliveries/whd_kept/replay", nil, 2},
		{"deleteEndpoint", seller(w), "DELETE " + kept, nil, 2},
		{"createPublisherEndpoint", w.Machine("operator"), "POST " + endpointsOfPublisher, createsEndpoint.body, 2},
		{"listPublisherEndpoints", w.Machine("operator"), "GET " + endpointsOfPublisher, nil, 1},
		{"getPublisherEndpoint", w.Machine("operator"), "GET " + publishers, nil, 1},
		{"updatePublisherEndpoint", w.Machine("operator"), "PATCH " + publishers, set{"kinds": []string{"licence.taken"}}, 2},
		{"rotatePublisherEndpointSecret", w.Machine("operator"), "POST " + publishers + "/secret", nil, 2},
		{"testPublisherEndpoint", w.Machine("operator"), "POST " + publishers + "/test", nil, 2},
		{"listPublisherDeliveries", w.Machine("operator"), "GET " + publishers + "/deliveries", nil, 1},
		{"replayPublisherDelivery", w.Machine("operator"), "POST " + publishers + "/deliveries/whd_kept/replay", nil, 2},
		{"deletePublisherEndpoint", w.Machine("operator"), "DELETE " + publishers, nil, 2},

		{"updateMe", seller(w), "PATCH /v1/me", map[string]any{"language": "fr"}, 2},
		{"confirmAddress", seller(w), confirms.request, confirms.body, 2},
		{"listMyCustomers: the portfolio, then the customers' names", w.As(apitest.Martin, membership.Accountant), "GET /v1/me/customers", nil, 2},
	}
	measured := map[string]bool{}
	for _, c := range cases {
		p.Reset()
		a := c.by.Do(c.request, c.body)
		if got := p.Usage().RoundTrips; got != c.want || a.Status/100 != 2 && !strings.Contains(c.operation, "refused") {
			t.Errorf("%s: %d round trips, want %d; answered %d %s", c.operation, got, c.want, a.Status, a.Text)
		}
		operation, _, _ := strings.Cut(c.operation, ":")
		measured[operation] = true
	}
	for _, op := range functions.Operations(apitest.Env) {
		if !measured[op.ID] {
			t.Errorf("%s is not measured", op.ID)
		}
	}
}
