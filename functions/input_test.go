package functions_test

import (
	"fmt"
	"strings"
	"testing"

	"comptoir/functions/apitest"
	"comptoir/shared/membership"
)

const (
	previewForDurand = "POST " + durands + "/preview"
	changeDurand     = "POST " + oneOfDurand + "/change"
	putPro           = "PUT /v1/plans/" + apitest.Pro
	account          = "POST /v1/accounts"
)

// with is a body with some fields set otherwise; nil takes a field away.
func with(body any, changes map[string]any) map[string]any {
	out := map[string]any{}
	for name, value := range body.(map[string]any) {
		out[name] = value
	}
	for name, value := range changes {
		if out[name] = value; value == nil {
			delete(out, name)
		}
	}
	return out
}

type set = map[string]any

func TestBadInputIsRefusedFieldByField(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	product, operator := w.Machine("product"), w.Machine("operator")
	take, plan, report := order(apitest.Yearly, "year", 1), bodies["putPlan"]("Name"), bodies["reportAccount"]("acc-1")
	before := w.Contents()

	cases := []struct {
		name    string
		by      apitest.Client
		request string
		body    any
		status  int
		field   string // the first that is complained of
	}{
		{"an unknown field", seller(w), takeForDupont, with(take, set{"colour": "red"}), 422, "body.colour"},
		{"an unknown field within another", seller(w), previewForDurand, set{"take": with(take, set{"colour": "red"})}, 422, "body.take.colour"},
		{"a field in another case", seller(w), previewForDurand, set{"Take": take}, 422, "body.Take"},
		{"a text for a number", seller(w), takeForDupont, with(take, set{"quantity": "10"}), 422, "body.quantity"},
		{"a number for a text", seller(w), takeForDupont, with(take, set{"planCode": 10}), 422, "body.planCode"},
		{"a list for an object", product, account, with(report, set{"administrator": []any{}}), 422, "body.administrator"},
		{"null for an object", product, account, `{"accountId":"a","name":"n","administrator":null}`, 422, "body.administrator"},
		{"a quantity of none", seller(w), takeForDupont, with(take, set{"quantity": 0}), 422, "body.quantity"},
		{"a negative quantity", seller(w), takeForDupont, with(take, set{"quantity": -1}), 422, "body.quantity"},
		{"a quantity over the most", seller(w), takeForDupont, with(take, set{"quantity": 100_001}), 422, "body.quantity"},
		{"a quantity that no integer holds", seller(w), takeForDupont, `{"planCode":"COMPTA-YEARLY","term":"year","quantity":99999999999999999999}`, 422, "body.quantity"},
		{"a quantity that no number holds", seller(w), takeForDupont, `{"planCode":"COMPTA-YEARLY","term":"year","quantity":1e999}`, 400, "body"},
		{"half a unit", seller(w), takeForDupont, with(take, set{"quantity": 1.5}), 422, "body.quantity"},
		{"a quantity left out", seller(w), takeForDupont, with(take, set{"quantity": nil}), 422, "body.quantity"},
		{"another term", seller(w), takeForDupont, with(take, set{"term": "week"}), 422, "body.term"},
		{"a term that the plan is not offered for", seller(w), takeForDupont, with(take, set{"term": "month"}), 422, "body.term"},
		{"a trial that the plan doesn't have", seller(w), takeForDupont, with(order(apitest.Pro, "year", 1), set{"trial": true}), 422, "body.trial"},
		{"an unknown plan", seller(w), takeForDupont, with(take, set{"planCode": "NOTHING"}), 422, "body.planCode"},
		{"a plan that is no longer sold", seller(w), takeForDupont, with(take, set{"planCode": apitest.Unsold}), 422, "body.planCode"},
		{"a plan of a partner's own companies", seller(w), takeForDupont, with(take, set{"planCode": "SANDBOX"}), 422, "body.planCode"},
		{"an unknown plan to change to", seller(w), changeDurand, set{"planCode": "NOTHING"}, 422, "body.planCode"},
		{"a plan no longer sold to change to", seller(w), changeDurand, set{"planCode": apitest.Unsold, "quantity": 20}, 422, "body.planCode"},
		{"a change of nothing", seller(w), changeDurand, set{}, 422, "body"},
		{"a change to what it is", seller(w), changeDurand, set{"quantity": 10}, 422, "body"},
		{"a change at another time", seller(w), changeDurand, set{"quantity": 11, "when": "tomorrow"}, 422, "body.when"},
		{"an unknown reason", seller(w), "POST " + oneOfDurand + "/suspend", set{"reason": "mood"}, 422, "body.reason"},
		{"a note of a novel's length", seller(w), "POST " + oneOfDurand + "/cancel", set{"note": strings.Repeat("é", 501)}, 422, "body.note"},
		{"a preview of nothing", seller(w), previewForDurand, set{}, 422, "body"},
		{"a preview of two things", seller(w), previewForDurand, set{"take": take, "cancel": set{}}, 422, "body"},
		{"a preview of a change to no licence", seller(w), previewForDurand, set{"change": set{"quantity": 11}}, 422, "body.licenceId"},
		{"a preview with a bad part", seller(w), previewForDurand, set{"take": with(take, set{"planCode": "NOTHING"})}, 422, "body.take.planCode"},
		{"a malformed preview id", seller(w), takeForDupont, set{"previewId": "pre_/../"}, 422, "body.previewId"},

		{"a verification with a domain of one's own choice", seller(w), verifies.request + "?domain=elsewhere.example", nil, 422, "query.domain"},
		{"a malformed customer id of a domain", seller(w), "GET /v1/customers/cus_A/domain", nil, 422, "path.customerId"},
		{"a malformed customer id", seller(w), "GET /v1/customers/par_martin", nil, 422, "path.customerId"},
		{"a customer id of another alphabet", seller(w), "GET /v1/customers/cus_%C3%A9", nil, 422, "path.customerId"},
		{"a malformed partner id", viewer(w), "GET /v1/partners/cus_dupont/customers", nil, 422, "path.partnerId"},
		{"a malformed licence id", seller(w), "GET " + durands + "/lic_A%23B", nil, 422, "path.licenceId"},
		{"a limit of none", viewer(w), "GET " + martin + "/customers?limit=0", nil, 422, "query.limit"},
		{"a limit over a hundred", viewer(w), "GET " + martin + "/customers?limit=101", nil, 422, "query.limit"},
		{"a limit that is no number", viewer(w), "GET " + martin + "/customers?limit=ten", nil, 422, "query.limit"},
		{"a day that isn't", viewer(w), "GET " + martin + "/customers?renewsBefore=2026-02-29", nil, 422, "query.renewsBefore"},
		{"an instant for a day", viewer(w), "GET " + martin + "/licences/count?asOf=2026-02-01T00:00:00Z", nil, 422, "query.asOf"},
		{"the year 10000", viewer(w), "GET " + martin + "/licences/count?asOf=10000-01-01", nil, 422, "query.asOf"},
		{"an unknown status", viewer(w), "GET " + martin + "/customers?status=asleep", nil, 422, "query.status"},
		{"another order", viewer(w), "GET " + martin + "/customers?sort=colour", nil, 422, "query.sort"},
		{"a search without a word", viewer(w), "GET " + martin + "/customers?q=%20-%20", nil, 422, "query.q"},
		{"a malformed organisation", viewer(w).For("martin"), "GET /v1/me", nil, 422, "header.X-Organisation"},

		{"a payment of nothing", product, remits.request, with(remits.body, set{"amount": euros(0)}), 422, "body.amount"},
		{"a payment in no currency", product, remits.request, with(remits.body, set{"amount": set{"amount": 1, "currency": "E#1"}}), 422, "body.amount.currency"},
		{"a payment that is tax alone", product, remits.request, with(remits.body, set{"tax": euros(1200_00)}), 422, "body.tax"},
		{"a payment with the tax of another currency", product, remits.request, with(remits.body, set{"tax": set{"amount": 1, "currency": "USD"}}), 422, "body.tax"},
		{"a payment for nobody", product, remits.request, with(remits.body, set{"customerId": "cus_nobody"}), 422, "body.customerId"},
		{"a payment without a name", product, remits.request, with(remits.body, set{"externalId": ""}), 422, "body.externalId"},
		{"a payment for a charge by another name", product, remits.request, with(remits.body, set{"chargeId": "lic_1"}), 422, "body.chargeId"},
		{"a refund of a payment by another name", product, "POST /v1/payments/py_1/refunds", refunds.body, 422, "path.paymentId"},
		{"a month that isn't", seller(w), "GET " + martin + "/commissions?period=2026-13", nil, 422, "query.period"},
		{"a currency that is none", seller(w), "GET " + martin + "/commissions?currency=euro", nil, 422, "query.currency"},
		{"a statement of a month that isn't", seller(w), "GET " + statementsOf + "/2026-13", nil, 422, "path.period"},
		{"a statement of a day", seller(w), "GET " + statementsOf + "/2026-03-10", nil, 422, "path.period"},
		{"a statement in no currency", seller(w), "GET " + statementsOf + "/2026-03?currency=euro", nil, 422, "query.currency"},
		{"a batch by another name", operator, "POST " + batchesAt + "/pay_1/send", nil, 422, "path.batchId"},
		{"a batch confirmed on no day", operator, confirmsBatch.request, set{}, 422, "body.on"},
		{"a batch confirmed on a day that isn't", operator, confirmsBatch.request, set{"on": "2026-02-30"}, 422, "body.on"},
		{"a payout by another name that came back", operator, comesBack.request, set{"payoutId": "pba_1"}, 422, "body.payoutId"},
		{"a payout that came back for a novel", operator, comesBack.request, set{"payoutId": "pyo_1", "reason": strings.Repeat("a", 201)}, 422, "body.reason"},
		{"a rate over everything", operator, setsScheme.request, with(setsScheme.body, set{"default": 10_001}), 422, "body.default"},
		{"a plan's rate over everything", operator, setsScheme.request, with(setsScheme.body, set{"plans": set{"PRO": 10_001}}), 422, "body.plans.PRO"},
		{"a partner of a tier that isn't there", operator, setsScheme.request, with(setsScheme.body, set{"partners": set{"par_martin": "gold"}}), 422, "body.partners"},
		{"a deal with nobody", operator, setsScheme.request, with(setsScheme.body, set{"deals": []any{set{"name": "A", "partnerId": "Martin", "rate": 1}}}), 422, "body.deals[0]"},
		{"two deals of one name", operator, setsScheme.request, with(setsScheme.body, set{"deals": []any{set{"name": "A", "partnerId": "par_a", "rate": 1}, set{"name": "A", "partnerId": "par_b", "rate": 1}}}), 422, "body.deals[1].name"},
		{"a deal that ends before it begins", operator, setsScheme.request, with(setsScheme.body, set{"deals": []any{set{"name": "A", "partnerId": "par_a", "rate": 1, "from": "2026-02-01", "until": "2026-01-01"}}}), 422, "body.deals[0].until"},

		{"a SIREN that fails its check", product, account, with(report, set{"siren": "732829321"}), 422, "body.siren"},
		{"a domain that is none", product, account, with(report, set{"domain": "a b"}), 422, "body.domain"},
		{"a partner that isn't there", product, account, with(report, set{"partnerId": "par_nobody"}), 422, "body.partnerId"},
		{"an account without a name", product, account, with(report, set{"name": nil}), 422, "body.name"},
		{"a mail address that is none", product, account, with(report, set{"administrator": set{"name": "Ada", "mail": "ada"}}), 422, "body.administrator.mail"},
		{"a plan's code in small letters", operator, "PUT /v1/plans/pro", plan, 422, "path.code"},
		{"a plan of a partner's own companies, edited", operator, "PUT /v1/plans/SANDBOX", plan, 422, "path.code"},
		{"a plan for another term", operator, putPro, with(plan, set{"prices": set{"week": euros(1)}}), 422, "body.prices.week"},
		{"a plan for nothing", operator, putPro, with(plan, set{"prices": set{"year": euros(0)}}), 422, "body.prices.year"},
		{"a plan without a price", operator, putPro, with(plan, set{"prices": set{}}), 422, "body.prices"},
		{"a plan in two currencies", operator, putPro, with(plan, set{"prices": set{"year": euros(1), "month": set{"amount": 1, "currency": "E"}}}), 422, "body.prices.month"},
		{"a plan with too many seats", operator, putPro, with(plan, set{"modules": set{"expenses": 1001}}), 422, "body.modules.expenses"},
		{"a trial of two years", operator, putPro, with(plan, set{"trialDays": 730}), 422, "body.trialDays"},

		{"a plan with thirteen modules", operator, putPro, with(plan, set{"modules": thirteen()}), 422, "body.modules"},

		{"a module in capitals", seller(w), "GET " + ofDurand + "/seats/EXPENSES", nil, 422, "path.module"},
		{"a module of a novel's length", seller(w), "GET " + ofDurand + "/seats/" + strings.Repeat("e", 41), nil, 422, "path.module"},
		{"a member with a space", manager(w), "PUT " + members + "/a%20b", set{"name": "A"}, 422, "path.memberId"},
		{"a member of a novel's length", manager(w), "PUT " + members + "/" + strings.Repeat("a", 129), set{"name": "A"}, 422, "path.memberId"},
		{"a member without a name", manager(w), "PUT " + ada, set{"name": " "}, 422, "body.name"},
		{"a member's mail address that is none", manager(w), "PUT " + ada, set{"name": "A", "mail": "Ada <ada@onmicrosoft.com>"}, 422, "body.mail"},
		{"a member with a partner's role", manager(w), "PUT " + ada, set{"name": "A", "roles": []string{"sales"}}, 422, "body.roles[0]"},
		{"seats for nobody", manager(w), "POST " + holders, set{"memberIds": []string{}}, 422, "body.memberIds"},
		{"seats for ninety-one", manager(w), "POST " + holders, set{"memberIds": make([]string, 91)}, 422, "body.memberIds"},
		{"a seat for a stranger", manager(w), "POST " + holders, giving("ada", "eve"), 422, "body.memberIds[1]"},
		{"a seat for an id of a novel's length", manager(w), "POST " + holders, giving(strings.Repeat("a", 129)), 422, "body.memberIds[0]"},
		{"a mark on an id of a novel's length", seller(w), "PATCH " + martin + "/notifications", set{"ids": []string{"evt_" + strings.Repeat("a", 1100)}, "read": true}, 422, "body.ids[0]"},
		{"a note that turns the reading around", manager(w), "POST " + requests, set{"seats": 1, "note": "\u202eevil"}, 422, "body.note"},
		{"an answer with what can't be seen", seller(w), "POST " + requests + "/req_1/answer", set{"accept": true, "note": "a\x00"}, 422, "body.note"},
		{"a seat for nothing", manager(w), "POST " + holders, giving(""), 422, "body.memberIds[0]"},
		{"a cap of none", seller(w), "PUT " + capOf, set{"cap": 0}, 422, "body.cap"},
		{"a cap below none", seller(w), "PUT " + capOf, set{"cap": -1}, 422, "body.cap"},
		{"a cap that no integer holds", seller(w), "PUT " + capOf, `{"cap":99999999999999999999}`, 422, "body.cap"},
		{"a request for nothing", manager(w), "POST " + requests, set{"seats": 0}, 422, "body.seats"},
		{"an answer to something else", seller(w), "POST " + requests + "/req_0/answer", set{"accept": true}, 422, "path.requestId"},
		{"a no without words", seller(w), "POST " + requests + "/req_1/answer", set{"accept": false, "note": "  "}, 422, "body.note"},
		{"a no with a cap", seller(w), "POST " + requests + "/req_1/answer", set{"accept": false, "note": "No.", "cap": 1}, 422, "body.cap"},
		{"a mark on what isn't there", seller(w), "PATCH " + martin + "/notifications", reads, 422, "body.ids[0]"},
		{"a mark on nothing", seller(w), "PATCH " + martin + "/notifications", set{"ids": []string{}, "read": true}, 422, "body.ids"},
		{"a mark that says nothing", seller(w), "PATCH " + martin + "/notifications", set{"ids": []string{"evt_1"}}, 422, "body.read"},

		{"a contact that is no address", seller(w), "PATCH " + martin, set{"contact": set{"mail": "Martin <a@b.example>"}}, 422, "body.contact.mail"},
		{"a contact without an address", seller(w), "PATCH " + martin, set{"contact": set{"phone": "1"}}, 422, "body.contact.mail"},
		{"a telephone of letters", seller(w), "PATCH " + martin, set{"contact": set{"mail": "a@b.example", "phone": "call me"}}, 422, "body.contact.phone"},
		{"a partner of another kind", operator, "PATCH " + martin, set{"kind": "bank"}, 422, "body.kind"},
		{"a partner of another mode", operator, "PATCH " + martin, set{"mode": "manual"}, 422, "body.mode"},
		{"support that is a text", seller(w), "PATCH " + martin, set{"firstLineSupport": "yes"}, 422, "body.firstLineSupport"},
		{"a partner's activity by an actor of a novel's length", seller(w), "GET " + martin + "/activity?actor=" + strings.Repeat("a", 129), nil, 422, "query.actor"},

		{"an invitation to what is no address", seller(w), "POST " + team, with(invitesLea.body, set{"mail": "lea"}), 422, "body.mail"},
		{"an invitation to an address with a name", seller(w), "POST " + team, with(invitesLea.body, set{"mail": "Lea <lea@new.example>"}), 422, "body.mail"},
		{"an invitation to a denied domain", seller(w), "POST " + team, with(invitesLea.body, set{"mail": "lea@new.OnMicrosoft.com"}), 422, "body.mail"},
		{"an invitation to a denied domain, as a user", seller(w), "POST " + users, with(invitesLeaAsUser.body, set{"mail": "lea@onmicrosoft.com"}), 422, "body.mail"},
		{"an invitation without an address", seller(w), "POST " + team, with(invitesLea.body, set{"mail": nil}), 422, "body.mail"},
		{"an invitation of what can't be seen", seller(w), "POST " + team, with(invitesLea.body, set{"name": "Le\u202ea"}), 422, "body.name"},
		{"an invitation in another language", seller(w), "POST " + team, with(invitesLea.body, set{"language": "de"}), 422, "body.language"},
		{"an invitation to nothing", seller(w), "POST " + team, with(invitesLea.body, set{"roles": []string{}}), 422, "body.roles"},
		{"an invitation to a role twice", seller(w), "POST " + team, with(invitesLea.body, set{"roles": []string{"accountant", "accountant"}}), 422, "body.roles"},
		{"an invitation of a collaborator to a user's role", seller(w), "POST " + team, with(invitesLea.body, set{"roles": []string{"sales"}}), 422, "body.roles[0]"},
		{"an invitation of a user to a collaborator's role", seller(w), "POST " + users, with(invitesLeaAsUser.body, set{"roles": []string{"support"}}), 422, "body.roles[0]"},
		{"an invitation of a user to nothing", seller(w), "POST " + users, set{"mail": "lea@new.example", "roles": []string{}, "customers": "none"}, 422, "body.roles"},
		{"an invitation of a user to half of the customers", seller(w), "POST " + users, with(invitesLeaAsUser.body, set{"customers": "half"}), 422, "body.customers"},
		{"a user without a word on roles", seller(w), "PUT " + user(membership.Viewer), set{"customers": "full"}, 422, "body.roles"},
		{"a user of another role", seller(w), "PUT " + user(membership.Viewer), set{"roles": []string{"admin"}}, 422, "body.roles[0]"},
		{"a malformed collaborator id", seller(w), "GET " + team + "/usr_lea", nil, 422, "path.collaboratorId"},
		{"a role that collaborators don't have", seller(w), "PUT " + personOf(membership.Accountant) + "/roles/sales", nil, 422, "path.role"},
		{"customers that are none", seller(w), setsAccountant.request, set{"customerIds": []string{apitest.Dupont, "par_martin"}}, 422, "body.customerIds[1]"},
		{"customers left out", seller(w), setsAccountant.request, set{}, 422, "body.customerIds"},
		{"another partner's customer", seller(w), setsAccountant.request, customersAre(apitest.Durand, apitest.Nuit), 422, "body.customerIds[1]"},
		{"the publisher's own customer", seller(w), setsAccountant.request, customersAre(apitest.Direct), 422, "body.customerIds[0]"},
		{"a customer that isn't there", seller(w), setsAccountant.request, customersAre("cus_nobody"), 422, "body.customerIds[0]"},
		{"five thousand customers and one", seller(w), setsAccountant.request, customersAre(make([]string, 5001)...), 422, "body.customerIds"},
		{"no assignments", seller(w), "POST " + team + "/assignments", set{"items": []any{}}, 422, "body.items"},
		{"thirty-one assignments", seller(w), "POST " + team + "/assignments", set{"items": repeated(31, assignment)}, 422, "body.items"},
		{"an assignment in another role", seller(w), "POST " + team + "/assignments", set{"items": []any{assignment, with(assignment, set{"role": "full"})}}, 422, "body.items[1].role"},
		{"an assignment of a user's id", seller(w), "POST " + team + "/assignments", set{"items": []any{with(assignment, set{"collaboratorId": "usr_lea"})}}, 422, "body.items[0].collaboratorId"},
		{"an assignment to what is no customer", seller(w), "POST " + team + "/assignments", set{"items": []any{with(assignment, set{"customerId": "par_martin"})}}, 422, "body.items[0].customerId"},
		{"a token that is too short", leaSignedIn(w), accepts.request, set{"token": token[1:]}, 422, "body.token"},
		{"a token of other letters", leaSignedIn(w), accepts.request, set{"token": token[1:] + "#"}, 422, "body.token"},
		{"a name of nothing on accepting", leaSignedIn(w), accepts.request, set{"token": token, "name": "  "}, 422, "body.name"},

		{"a first renewal date that is none", viewer(w), "GET " + calendarOf + "?from=2026-02-30", nil, 422, "query.from"},
		{"a last renewal date before the first", viewer(w), "GET " + calendarOf + "?from=2026-04-01&to=2026-03-31", nil, 422, "query.to"},
		{"a last renewal date before today", viewer(w), "GET " + calendarOf + "?to=2026-03-09", nil, 422, "query.to"},
		{"renewals of more than 366 days", viewer(w), "GET " + calendarOf + "?from=2026-04-01&to=2027-04-03", nil, 422, "query.to"},
		{"renewals of more than 366 days from today on", viewer(w), "GET " + calendarOf + "?to=2027-03-12", nil, 422, "query.to"},
		{"renewals of another kind", viewer(w), "GET " + calendarOf + "?what=lapses", nil, 422, "query.what"},
		{"renewals from a strange place on", viewer(w), "GET " + calendarOf + "?from=2026-04-01&cursor=x", nil, 422, "query.cursor"},
		{"a malformed link", seller(w), "DELETE " + calendarOf + "/links/seed", nil, 422, "path.linkId"},
		{"reminders muted until a day that isn't", seller(w), mutes.request, set{"mutedUntil": "2026-02-30"}, 422, "body.mutedUntil"},
		{"reminders muted until yesterday", seller(w), mutes.request, set{"mutedUntil": "2026-03-09"}, 422, "body.mutedUntil"},
		{"reminders muted for 401 days", seller(w), mutes.request, set{"mutedUntil": "2027-04-15"}, 422, "body.mutedUntil"},
		{"reminders muted, without saying until when", seller(w), mutes.request, set{}, 422, "body.mutedUntil"},

		{"a malformed access", manager(w), "DELETE " + ofDurand + "/accesses/usr_lea", nil, 422, "path.accessId"},
		{"a check of a person with a space", product, "GET " + ofDurand + "/collaborators/a%20b", nil, 422, "path.userId"},
		{"a check for what is no partner", product, "GET " + ofDurand + "/collaborators/ada?partnerId=cus_dupont", nil, 422, "query.partnerId"},
		{"a consent to what is no partner", manager(w), "PUT " + ofDurand + "/consents/cus_dupont", set{}, 422, "path.partnerId"},
		{"a consent until yesterday", manager(w), grants.request, set{"until": "2026-03-09"}, 422, "body.until"},
		{"a consent for six years", manager(w), grants.request, set{"until": "2032-03-10"}, 422, "body.until"},
		{"a consent until a day that isn't", manager(w), grants.request, set{"until": "2026-02-30"}, 422, "body.until"},
		{"consents in another state", seller(w), "GET " + martin + "/consents?state=lapsed", nil, 422, "query.state"},
		{"a campaign to nobody", seller(w), campaigns.request, customersAre(), 422, "body.customerIds"},
		{"a campaign to somebody twice", seller(w), campaigns.request, customersAre(apitest.Dupont, apitest.Dupont), 422, "body.customerIds"},
		{"a campaign to another partner's", seller(w), campaigns.request, customersAre(apitest.Dupont, apitest.Nuit), 422, "body.customerIds[1]"},
		{"a campaign to what is no customer", seller(w), campaigns.request, customersAre(apitest.Dupont, "par_martin"), 422, "body.customerIds[1]"},

		{"another language of one's own", seller(w), "PATCH /v1/me", set{"language": "de"}, 422, "body.language"},
		{"a kind of mail that can't be refused", seller(w), "PATCH /v1/me", set{"mails": set{"invitations": false}}, 422, "body.mails.invitations"},
		{"an own address that is none", seller(w), "PATCH /v1/me", set{"notificationMail": "claire"}, 422, "body.notificationMail"},
		{"an own fallback address that is none", seller(w), "PATCH /v1/me", set{"fallbackMail": "Claire <c@new.example>"}, 422, "body.fallbackMail"},
		{"an own address of a denied domain", seller(w), "PATCH /v1/me", set{"notificationMail": "c@a.onmicrosoft.com"}, 422, "body.notificationMail"},
		{"an own fallback address of a denied domain", seller(w), "PATCH /v1/me", set{"fallbackMail": "c@onmicrosoft.com."}, 422, "body.fallbackMail"},
		{"a proof that is too long", seller(w), confirms.request, set{"token": proof + "p"}, 422, "body.token"},
		{"own customers of a customer", manager(w), "GET /v1/me/customers", nil, 422, "header.X-Organisation"},
		{"own customers from a strange place on", servant(w), "GET /v1/me/customers?cursor=x", nil, 422, "query.cursor"},
		{"a new password for a member with a space", manager(w), "POST " + members + "/a%20b/passwordReset", nil, 422, "path.memberId"},

		{"a payment method of no kind", manager(w), debits.request, set{"kind": "cheque"}, 422, "body.kind"},
		{"a mandate without an account", manager(w), debits.request, with(debits.body, set{"iban": nil}), 422, "body.iban"},
		{"a mandate of tomorrow", manager(w), debits.request, with(debits.body, set{"signedOn": "2026-03-11"}), 422, "body.signedOn"},
		{"a mandate of no day", manager(w), debits.request, with(debits.body, set{"signedOn": "2026-02-30"}), 422, "body.signedOn"},
		{"a mandate of other letters", biller(w), "POST " + methodsAtMartin, with(debits.body, set{"mandate": "É"}), 422, "body.mandate"},
		{"a card's number", manager(w), debits.request, set{"kind": "card", "reference": "4242424242424242", "last4": "4242", "expires": "2028-11"}, 422, "body.reference"},
		{"a card that has expired", manager(w), debits.request, set{"kind": "card", "reference": "card_1", "last4": "4242", "expires": "2026-02"}, 422, "body.expires"},
		{"a card that expires in no month", manager(w), debits.request, set{"kind": "card", "reference": "card_1", "last4": "4242", "expires": "2028-13"}, 422, "body.expires"},
		{"a malformed id of a payment method", manager(w), "DELETE " + methodsAt + "/lic_1", nil, 422, "path.paymentMethodId"},
		{"a licence paid by what isn't there", seller(w), takeForDupont, with(order(apitest.Yearly, "year", 1), set{"paymentMethodId": "pay_none"}), 422, "body.paymentMethodId"},
		{"a preview paid by what isn't there", seller(w), previewForDurand, set{"take": with(order(apitest.Yearly, "year", 1), set{"paymentMethodId": "pay_none"})}, 422, "body.take.paymentMethodId"},
		{"a change to be paid by what isn't there", seller(w), changeDurand, set{"billTo": "customer", "paymentMethodId": "pay_none"}, 422, "body.paymentMethodId"},

		{"billing details without a name", biller(w), bills.request, with(billed, set{"legalName": nil}), 422, "body.legalName"},
		{"billing details without an address", biller(w), bills.request, with(billed, set{"address": nil}), 422, "body.address"},
		{"an address of four lines", biller(w), bills.request, with(billed, set{"address": set{"lines": repeated(4, "a"), "postalCode": "1", "city": "B", "country": "FR"}}), 422, "body.address.lines"},
		{"an address in no country", biller(w), bills.request, with(billed, set{"address": set{"lines": repeated(1, "a"), "postalCode": "1", "city": "B", "country": "ZZ"}}), 422, "body.address.country"},
		{"a registration that is none", biller(w), bills.request, with(billed, set{"registration": "732829321"}), 422, "body.registration"},
		{"another country's VAT number", biller(w), bills.request, with(billed, set{"vatNumber": "DE999999999"}), 422, "body.vatNumber"},
		{"an account that is none", biller(w), bills.request, with(billed, set{"iban": "FR1420041010050500013M02607"}), 422, "body.iban"},
		{"an account outside of the area", operator, billsPublisher.request, with(billed, set{"iban": "SA0380000000608010167519"}), 422, "body.iban"},
		{"a bank that is none", biller(w), bills.request, with(billed, set{"bic": "PSSTFR"}), 422, "body.bic"},
		{"a currency that is none", biller(w), bills.request, with(billed, set{"currency": "eur"}), 422, "body.currency"},

		{"an endpoint without an address", seller(w), createsEndpoint.request, set{"kinds": []string{"licence.taken"}}, 422, "body.url"},
		{"an endpoint by http", seller(w), createsEndpoint.request, set{"url": "http://hooks.martin.example/"}, 422, "body.url"},
		{"an endpoint with a password", seller(w), createsEndpoint.request, set{"url": "https://a:b@hooks.martin.example/"}, 422, "body.url"},
		{"an endpoint on the network of the cloud", seller(w), createsEndpoint.request, set{"url": "https://169.254.169.254/"}, 422, "body.url"},
		{"an endpoint at another port", operator, "POST " + endpointsOfPublisher, set{"url": "https://hooks.example.com:22/"}, 422, "body.url"},
		{"an endpoint of a novel's length", seller(w), createsEndpoint.request, set{"url": "https://hooks.example.com/" + strings.Repeat("a", 1000)}, 422, "body.url"},
		{"an endpoint for what is no kind", seller(w), createsEndpoint.request, set{"url": "https://hooks.example.com/", "kinds": []string{"licence.taken", "licence.*"}}, 422, "body.kinds[1]"},
		{"an endpoint for fifty-one kinds", seller(w), createsEndpoint.request, set{"url": "https://hooks.example.com/", "kinds": repeated(51, "licence.taken")}, 422, "body.kinds"},
		{"an endpoint with a secret of one's own", seller(w), createsEndpoint.request, set{"url": "https://hooks.example.com/", "secret": "whsec_"}, 422, "body.secret"},
		{"a malformed endpoint id", seller(w), "GET " + endpointsOfMartin + "/lic_1", nil, 422, "path.endpointId"},
		{"a malformed delivery id", seller(w), "POST " + kept + "/deliveries/evt_1/replay", nil, 422, "path.deliveryId"},
		{"deliveries in another state", viewer(w), "GET " + kept + "/deliveries?state=lost", nil, 422, "query.state"},

		{"no body", seller(w), takeForDupont, nil, 400, "body"},
		{"no JSON", seller(w), takeForDupont, "planCode=COMPTA-YEARLY", 400, "body"},
		{"half of a JSON", seller(w), takeForDupont, `{"planCode":`, 400, "body"},
		{"two JSONs", seller(w), takeForDupont, `{}{}`, 400, "body"},
		{"a list for a body", seller(w), takeForDupont, `[]`, 422, "body"},
		{"null for a body", seller(w), takeForDupont, `null`, 422, "body"},
		{"a deep nesting", seller(w), takeForDupont, strings.Repeat("[", 30_000), 400, "body"},
		{"too large a body", product, account, with(report, set{"name": strings.Repeat("x", 65<<10)}), 413, "body"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := c.by.Do(c.request, c.body).Is(t, c.status, "invalid_input")
			wantFields(t, a)
			if got := a.String("errors.0.field"); got != c.field {
				t.Errorf("the field is %s, want %s: %s", got, c.field, a.Text)
			}
			if a.Header["content-type"] != "application/problem+json" {
				t.Errorf("content type %s", a.Header["content-type"])
			}
		})
	}
	if after := w.Contents(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Error("something was changed")
	}
}

var assignment = set{"collaboratorId": col(membership.Support), "role": "support", "customerId": apitest.Dupont}

func repeated(n int, item any) (all []any) {
	for range n {
		all = append(all, item)
	}
	return all
}

// thirteen are modules, one more than a plan may have.
func thirteen() set {
	all := set{}
	for n := range 13 {
		all[fmt.Sprint("module", n)] = 1
	}
	return all
}

func wantFields(t *testing.T, a apitest.Answer) {
	t.Helper()
	fields, _ := a.Get("errors").([]any)
	if a.String("title") == "" || a.String("detail") == "" || len(fields) == 0 {
		t.Errorf("it lacks a title, a detail or fields: %s", a.Text)
	}
	for n := range fields {
		if a.String(fmt.Sprintf("errors.%d.field", n)) == "" || a.String(fmt.Sprintf("errors.%d.detail", n)) == "" {
			t.Errorf("field %d lacks its name or detail: %s", n, a.Text)
		}
	}
}

func TestOddInputIsNoFailureOfOurs(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	letters := func(s string) map[string]any {
		return set{"accountId": s[:3], "name": strings.Repeat(s, 200), "partnerId": apitest.Martin, "administrator": set{"name": "A", "mail": "a@b.example"}}
	}
	for name, c := range map[string]struct {
		by      apitest.Client
		request string
		body    any
		headers []string
		status  int
	}{
		"another content type":                        {seller(w), takeForDupont, "<plan/>", []string{"Content-Type: application/xml"}, 415},
		"invalid UTF-8 in a body":                     {w.Machine("product"), account, "{\"accountId\":\"a\",\"name\":\"\xff\xfe\",\"administrator\":{\"name\":\"A\",\"mail\":\"a@b.example\"}}", nil, 422},
		"a name whose letters come apart when sorted": {w.Machine("product"), account, letters("각"), nil, 201},
		"a name of ligatures":                         {w.Machine("product"), account, letters("ﷲ"), nil, 201},
		"a name of nothing but signs":                 {w.Machine("product"), account, letters("🦊"), nil, 422},
		"renewal dates that leave no day between":     {viewer(w), "GET " + martin + "/customers?renewsAfter=2026-05-01&renewsBefore=2026-04-01", nil, nil, 200},
		"renewal dates one after the other":           {viewer(w), "GET " + martin + "/customers?renewsAfter=2026-05-01&renewsBefore=2026-05-02", nil, nil, 200},
		"renewal after the last day":                  {viewer(w), "GET " + martin + "/customers?renewsAfter=9999-12-31", nil, nil, 200},
		"renewal before the first day":                {viewer(w), "GET " + martin + "/customers?renewsBefore=0001-01-01", nil, nil, 200},
		"a search for many words":                     {viewer(w), "GET " + martin + "/customers?q=m+a+i+s+o+n+d+u+r", nil, nil, 200},
		"a query that is badly escaped":               {viewer(w), "GET " + martin + "/customers?q=%zz", nil, nil, 200},
		"a path that is badly escaped":                {viewer(w), "GET /v1/customers/%zz", nil, nil, 404},
		"another method":                              {viewer(w), "DELETE /v1/plans", nil, nil, 404},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := c.by.Try(c.request, c.body, c.headers...)
			if err != nil {
				t.Fatalf("the invocation fails: %v", err)
			}
			a.Is(t, c.status)
		})
	}
	t.Run("a renewal window without a day holds nobody", func(t *testing.T) {
		for _, query := range []string{"renewsAfter=2026-05-01&renewsBefore=2026-04-01", "renewsAfter=9999-12-31"} {
			if a := viewer(w).Do("GET "+martin+"/customers?"+query, nil); len(a.Items()) > 0 {
				t.Errorf("%s: %s", query, a.Text)
			}
		}
	})
	t.Run("every word of a search has to match", func(t *testing.T) {
		if a := viewer(w).Do("GET "+martin+"/customers?q=maison+durand+example+ada+du+zebra", nil).Is(t, 200); len(a.Items()) > 0 {
			t.Errorf("found %s", a.Text)
		}
	})
}

// What is asked in French is refused in French.
func TestRefusalsAreInTheCallersLanguage(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	refused := func(language string) apitest.Answer {
		return seller(w).Do(takeForDupont, with(order(apitest.Yearly, "year", 0), set{"colour": "red"}), "Accept-Language: "+language)
	}
	english := refused("en-GB")
	for _, language := range []string{"fr", "fr-CA,fr;q=0.9,en;q=0.5", "de,fr;q=0.5"} {
		french := refused(language)
		for _, part := range []string{"title", "detail", "errors.0.detail", "errors.1.detail"} {
			if fr, en := french.String(part), english.String(part); fr == "" || fr == en {
				t.Errorf("%s: %s is %q in French and %q in English", language, part, fr, en)
			}
		}
	}
	if other := refused("tlh"); other.Text != english.Text {
		t.Errorf("whoever reads neither is answered %s", other.Text)
	}
}

func TestOrganisations(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	get := "GET " + dupont
	t.Run("a foreign one is refused, whether it is there or not", func(t *testing.T) {
		there := viewer(w).For(apitest.Nuage).Do(get, nil).Is(t, 403, "forbidden")
		if nowhere := viewer(w).For("par_nobody").Do(get, nil).Is(t, 403, "forbidden"); nowhere.Text != there.Text {
			t.Errorf("%s\nand %s", there.Text, nowhere.Text)
		}
	})
	t.Run("a machine has none, whatever it names", func(t *testing.T) {
		w.Machine("product").For(apitest.Nuage).Do(get, nil).Is(t, 200)
	})
	t.Run("has to be named by who has two", func(t *testing.T) {
		two := w.Person("usr-two")
		tx := w.Table.Draft(apitest.Start, "seed", seed, "")
		for _, organisation := range []string{apitest.Martin, apitest.Nuage} {
			tx.Put(&membership.Membership{UserID: "usr-two", OrganisationID: organisation, Roles: []membership.Role{membership.Viewer}})
		}
		if err := w.Table.Import(t.Context(), tx); err != nil {
			t.Fatal(err)
		}
		a := two.Do(get, nil).Is(t, 422, "invalid_input")
		if a.String("errors.0.field") != "header.X-Organisation" {
			t.Error(a.Text)
		}
		two.For(apitest.Martin).Do(get, nil).Is(t, 200)
		two.For(apitest.Nuage).Do(get, nil).Is(t, 404, "not_found")
		two.Do("GET /v1/me", nil).Is(t, 200)
	})
}
