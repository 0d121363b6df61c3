package functions_test

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"comptoir/functions"
	"comptoir/functions/apitest"
	"comptoir/functions/notices"
	"comptoir/functions/outbox"
	"comptoir/functions/renewals"
	"comptoir/functions/scan"
	"comptoir/functions/trail"
	"comptoir/shared/collaborator"
	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/profile"
	"comptoir/shared/queue"
	"comptoir/shared/table"
)

// The samples lie in the folder events, one folder a function: what starts it, as AWS sends it
// (takeLicence-201.json), and what it answers (takeLicence-201.answer.json). They are made and
// executed here, in a world of their own, and are the examples of the contract.
var update = flag.Bool("update", false, "write the samples anew")

const folder = "../events/"

type sample struct {
	function, name string // name: operation, perhaps a case, and the status
	who            func(*apitest.World) apitest.Client
	request        string
	body           map[string]any
	headers        []string
}

func sales(w *apitest.World) apitest.Client  { return w.As(apitest.Martin, membership.Sales) }
func viewer(w *apitest.World) apitest.Client { return w.As(apitest.Martin, membership.Viewer) }
func admin(w *apitest.World) apitest.Client  { return w.As(apitest.Dupont, membership.Admin) }

func machine(scope string) func(*apitest.World) apitest.Client {
	return func(w *apitest.World) apitest.Client { return w.Machine(scope) }
}

const (
	dupont = "/v1/customers/" + apitest.Dupont
	durand = "/v1/customers/" + apitest.Durand + "/licences/" + apitest.DurandLicence
	martin = "/v1/partners/" + apitest.Martin

	ofDurand = "/v1/customers/" + apitest.Durand
)

var petit = map[string]any{
	"accountId": "acc-4711", "partnerId": apitest.Martin, "name": "Menuiserie Petit", "domain": "petit.example", "siren": "732 829 320",
	"administrator": map[string]any{"userId": "auth0|5f7c", "name": "Anne Petit", "mail": "anne@petit.example"},
}

var samples = []sample{
	{"accounts", "reportAccount-201", machine("product"), "POST /v1/accounts", petit, nil},
	{"accounts", "reportAccount-again-200", machine("product"), "POST /v1/accounts", petit, nil},
	{"accounts", "reportAccount-siren-422", machine("product"), "POST /v1/accounts", map[string]any{
		"accountId": "acc-4711", "name": "Menuiserie Petit", "siren": "732 829 321",
		"administrator": map[string]any{"name": "Anne Petit", "mail": "anne@petit.example"},
	}, nil},
	{"customers", "listCustomers-200", viewer, "GET " + martin + "/customers?limit=2", nil, nil},
	{"customers", "listCustomers-search-200", viewer, "GET " + martin + "/customers?q=mais+dur", nil, nil},
	{"customers", "getCustomer-200", admin, "GET " + dupont, nil, nil},
	{"customers", "getCustomer-others-404", viewer, "GET /v1/customers/" + apitest.Nuit, nil, nil},
	{"customers", "listActivity-200", viewer, "GET /v1/customers/" + apitest.Durand + "/activity", nil, nil},
	{"domains", "getDomain-200", sales, "GET " + ofDurand + "/domain", nil, nil},
	{"domains", "getDomain-verified-200", admin, "GET " + dupont + "/domain", nil, nil},
	{"domains", "verifyDomain-200", sales, verifies.request, nil, nil},
	{"domains", "verifyDomain-notFound-200", manager, verifies.request, nil, nil},
	{"domains", "verifyDomain-otherValue-200", manager, verifies.request, nil, nil},
	{"domains", "verifyDomain-noAnswer-200", manager, verifies.request, nil, nil},
	{"domains", "verifyDomain-none-409", machine("operator"), "POST " + dupont + "/domain/verification", nil, []string{"Accept-Language: fr"}},
	{"licences", "countLicences-200", viewer, "GET " + martin + "/licences/count?asOf=2026-02-28", nil, nil},
	{"licences", "listLicences-200", viewer, "GET /v1/customers/" + apitest.Durand + "/licences", nil, nil},
	{"licences", "getLicence-200", viewer, "GET " + durand, nil, nil},
	{"licences", "previewLicence-201", sales, "POST /v1/customers/" + apitest.Durand + "/licences/preview", map[string]any{
		"licenceId": apitest.DurandLicence, "change": map[string]any{"quantity": 12},
	}, []string{"Accept-Language: fr"}},
	{"licences", "takeLicence-201", sales, "POST " + dupont + "/licences", map[string]any{
		"planCode": apitest.Yearly, "quantity": 10, "term": "year",
	}, []string{"Idempotency-Key: order-2026-0117"}},
	{"licences", "takeLicence-quantity-422", sales, "POST " + dupont + "/licences", map[string]any{
		"planCode": apitest.Yearly, "quantity": -1, "term": "year",
	}, []string{"Accept-Language: fr"}},
	{"licences", "takeLicence-viewer-403", viewer, "POST " + dupont + "/licences", map[string]any{
		"planCode": apitest.Yearly, "quantity": 10, "term": "year",
	}, nil},
	{"licences", "changeLicence-200", sales, "POST " + durand + "/change", map[string]any{"quantity": 12}, nil},
	{"licences", "changeLicence-atRenewal-200", sales, "POST " + durand + "/change", map[string]any{"quantity": 8, "when": "atRenewal"}, nil},
	{"licences", "changeLicence-window-409", sales, "POST " + durand + "/change", map[string]any{"quantity": 8}, nil},
	{"licences", "cancelLicence-200", sales, "POST " + durand + "/cancel", map[string]any{"note": "Moves to another firm."}, nil},
	{"licences", "cancelLicence-stale-412", sales, "POST " + durand + "/cancel", map[string]any{}, []string{`If-Match: "7"`}},
	{"licences", "suspendLicence-200", sales, "POST " + durand + "/suspend", map[string]any{"note": "Asked by the customer."}, nil},
	{"licences", "resumeLicence-409", sales, "POST " + durand + "/resume", map[string]any{}, nil},
	{"licences", "muteReminders-200", sales, mutes.request, set{"mutedUntil": "2026-12-31"}, nil},
	{"licences", "muteReminders-tooLong-422", sales, mutes.request, set{"mutedUntil": "2027-12-31"}, nil},
	{"calendars", "listRenewals-200", viewer, "GET " + calendarOf + "?from=2027-01-01&to=2027-12-31", nil, nil},
	{"calendars", "listRenewals-calendar-200", viewer, "GET " + calendarOf + "?from=2027-01-01&to=2027-12-31", nil, []string{"Accept: text/calendar", "Accept-Language: fr"}},
	{"calendars", "listRenewals-tooLong-422", viewer, "GET " + calendarOf + "?from=2026-01-01&to=2027-12-31", nil, nil},
	{"calendars", "readCalendar-200", subscriber, "GET /v1/calendars/renewals?token=" + token, nil, nil},
	{"partners", "listCalendarLinks-200", viewer, "GET " + calendarOf + "/links", nil, nil},
	{"partners", "createCalendarLink-201", viewer, links.request, nil, nil},
	{"partners", "revokeCalendarLink-200", viewer, revokes.request, nil, nil},
	{"partners", "revokeCalendarLink-others-403", sales, revokes.request, nil, nil},
	{"notifications", "listNotifications-200", viewer, "GET " + martin + "/notifications", nil, []string{"Accept-Language: fr"}},
	{"notifications", "markNotifications-200", sales, "PATCH " + martin + "/notifications", reads, nil},
	{"notifications", "listCustomerNotifications-200", manager, "GET " + ofDurand + "/notifications?unread=true", nil, nil},
	{"notifications", "markCustomerNotifications-200", manager, "PATCH " + ofDurand + "/notifications", reads, nil},
	{"notifications", "markNotifications-unknown-422", sales, "PATCH " + martin + "/notifications", map[string]any{"ids": []string{"evt_none"}, "read": true}, nil},
	{"seats", "listMembers-200", manager, "GET " + ofDurand + "/members?limit=2", nil, nil},
	{"seats", "putMember-201", machine("product"), "PUT " + ofDurand + "/members/dora", map[string]any{"name": "Dora Durand", "mail": "dora@durand.example"}, nil},
	{"seats", "putMember-roles-200", manager, "PUT " + ada, map[string]any{"name": "Ada Durand", "roles": []any{"admin", "member"}}, nil},
	{"seats", "removeMember-200", manager, "DELETE " + ada, nil, nil},
	{"seats", "removeMember-oneself-409", manager, "DELETE " + ofDurand + "/members/" + apitest.UserOf(apitest.Durand, membership.Admin), nil, nil},
	{"seats", "listSeatGauges-200", manager, "GET " + ofDurand + "/seats", nil, nil},
	{"seats", "getSeatGauge-200", viewer, "GET " + expenses, nil, nil},
	{"seats", "getSeatGauge-misconfigured-200", admin, "GET " + dupont + "/seats/expenses", nil, nil},
	{"seats", "setSeatCap-200", sales, "PUT " + expenses + "/cap", map[string]any{"cap": 5}, nil},
	{"seats", "setSeatCap-unfunded-409", sales, "PUT " + expenses + "/cap", map[string]any{"cap": 11}, nil},
	{"seats", "listSeats-200", manager, "GET " + expenses + "/members", nil, nil},
	{"seats", "addSeats-201", manager, "POST " + expenses + "/members", map[string]any{"memberIds": []any{"ada", "bob"}}, nil},
	{"seats", "addSeats-again-200", manager, "POST " + expenses + "/members", map[string]any{"memberIds": []any{"ada"}}, nil},
	{"seats", "addSeats-full-409", manager, "POST " + expenses + "/members", map[string]any{"memberIds": []any{"bob"}}, nil},
	{"seats", "addSeats-stranger-422", manager, "POST " + expenses + "/members", map[string]any{"memberIds": []any{"nobody"}}, nil},
	{"seats", "removeSeat-200", manager, "DELETE " + expenses + "/members/ada", nil, nil},
	{"seats", "requestSeats-201", manager, "POST " + expenses + "/requests", map[string]any{"seats": 5, "note": "We are growing."}, nil},
	{"seats", "requestSeats-again-200", manager, "POST " + expenses + "/requests", map[string]any{"seats": 5, "note": "We are growing."}, nil},
	{"seats", "listSeatRequests-200", viewer, "GET " + expenses + "/requests", nil, nil},
	{"seats", "answerSeatRequest-200", sales, "POST " + expenses + "/requests/req_1/answer", map[string]any{"accept": true}, nil},
	{"seats", "answerSeatRequest-declined-200", sales, "POST " + expenses + "/requests/req_1/answer", map[string]any{"accept": false, "note": "Not this year."}, nil},
	{"seatcheck", "checkSeat-200", machine("product"), "GET " + expenses + "/members/ada", nil, nil},
	{"seatcheck", "checkSeat-suspended-200", machine("product"), "GET " + expenses + "/members/ada", nil, nil},
	{"seats", "getSeatGauge-overLimit-200", viewer, "GET " + expenses, nil, nil},
	{"seatcheck", "checkSeat-noSeat-200", machine("product"), "GET " + expenses + "/members/bob?exact=true", nil, nil},
	{"seats", "resetPassword-200", manager, resets.request, nil, nil},
	{"seats", "resetPassword-consent-403", limited, resets.request, nil, nil},
	{"partners", "getPartner-200", viewer, "GET " + martin, nil, nil},
	{"partners", "updatePartner-200", seller, "PATCH " + martin, set{"contact": set{"mail": "bonjour@martin.example", "phone": "+33 1 40 00 00 00"}}, nil},
	{"partners", "updatePartner-mandatory-409", seller, endsSupport.request, set{"firstLineSupport": false}, nil},
	{"partners", "updatePartner-publishers-403", seller, "PATCH " + martin, set{"kind": "distributor"}, nil},
	{"partners", "updatePartner-ends-200", machine("operator"), "PATCH " + martin, set{"kind": "distributor", "mode": "noCode", "active": false}, nil},
	{"partners", "listPartnerActivity-200", seller, "GET " + martin + "/activity", nil, nil},
	{"collaborators", "listCollaborators-200", assistant, "GET " + team + "?limit=2", nil, nil},
	{"collaborators", "listCollaborators-nobody-200", machine("operator"), "GET /v1/partners/" + apitest.Nuage + "/collaborators", nil, []string{"Accept-Language: fr"}},
	{"collaborators", "inviteCollaborator-201", assistant, invitesLea.request, set{"mail": "Lea@new.example", "name": "Léa Neuve", "language": "fr", "roles": []string{"accountant"}}, nil},
	{"collaborators", "inviteCollaborator-again-200", assistant, invitesLea.request, set{"mail": "lea@new.example", "roles": []string{"accountant", "support"}}, nil},
	{"collaborators", "inviteCollaborator-denied-422", assistant, invitesLea.request, set{"mail": "lea@new.onmicrosoft.com", "roles": []string{"accountant"}}, nil},
	{"collaborators", "inviteCollaborator-notAllowed-409", assistant, invitesLea.request, set{"mail": "lea@new.example", "roles": []string{"support"}}, nil},
	{"collaborators", "getCollaborator-200", assistant, "GET " + personOf(membership.Accountant), nil, nil},
	{"collaborators", "removeCollaborator-200", assistant, "DELETE " + personOf(membership.Accountant), nil, nil},
	{"collaborators", "resendInvitation-200", assistant, "POST " + lea + "/invitation", nil, nil},
	{"collaborators", "resendInvitation-accepted-409", assistant, "POST " + personOf(membership.Accountant) + "/invitation", nil, nil},
	{"collaborators", "revokeInvitation-200", assistant, revokesLea.request, nil, nil},
	{"collaborators", "giveRole-200", assistant, "PUT " + personOf(membership.Accountant) + "/roles/support", nil, nil},
	{"collaborators", "giveRole-notAllowed-409", assistant, "PUT " + personOf(membership.Accountant) + "/roles/support", nil, []string{"Accept-Language: fr"}},
	{"collaborators", "takeRole-200", assistant, "DELETE " + personOf(membership.Accountant) + "/roles/accountant", nil, nil},
	{"collaborators", "listCollaboratorCustomers-200", assistant, "GET " + personOf(membership.Accountant) + "/roles/accountant/customers", nil, nil},
	{"collaborators", "setCustomers-200", assistant, setsAccountant.request, customersAre(apitest.Dupont), []string{"Idempotency-Key: boxes-1"}},
	{"collaborators", "setCustomers-notHeld-409", assistant, "PUT " + personOf(membership.Accountant) + "/roles/support/customers", customersAre(apitest.Dupont), nil},
	{"collaborators", "setCustomers-stale-412", assistant, setsAccountant.request, customersAre(apitest.Dupont), []string{`If-Match: "7"`}},
	{"collaborators", "setCustomers-others-422", assistant, setsAccountant.request, customersAre(apitest.Dupont, apitest.Nuit), nil},
	{"collaborators", "bulkAssign-200", assistant, "POST " + team + "/assignments", assignments, nil},
	{"collaborators", "listUsers-200", assistant, "GET " + users + "?limit=2", nil, nil},
	{"collaborators", "inviteUser-201", seller, invitesLeaAsUser.request, set{"mail": "lea@new.example", "roles": []string{"sales"}, "customers": "limited"}, nil},
	{"collaborators", "setUser-200", seller, "PUT " + user(membership.Viewer), set{"roles": []string{"billing"}, "customers": "full"}, nil},
	{"collaborators", "setUser-lastAdmin-409", seller, "PUT " + user(membership.GlobalAdmin), set{"roles": []string{"sales"}}, nil},
	{"collaborators", "removeUser-200", seller, "DELETE " + user(membership.Viewer), nil, nil},
	{"collaborators", "removeUser-lastAdmin-409", seller, "DELETE " + user(membership.GlobalAdmin), nil, nil},
	{"collaborators", "acceptInvitation-200", leaSignedIn, accepts.request, set{"token": token, "name": "Léa Neuve"}, nil},
	{"collaborators", "acceptInvitation-ended-409", leaSignedIn, accepts.request, set{"token": token}, nil},
	{"collaborators", "acceptInvitation-expired-409", leaSignedIn, accepts.request, set{"token": token}, nil},
	{"collaborators", "acceptInvitation-otherAddress-409", seller, accepts.request, set{"token": token}, nil},
	{"collaborators", "acceptInvitation-notVerified-409", stranger, accepts.request, set{"token": token}, nil},
	{"collaborators", "acceptInvitation-unknown-404", leaSignedIn, accepts.request, set{"token": token}, nil},
	{"accesses", "listAccesses-200", manager, "GET " + ofDurand + "/accesses", nil, nil},
	{"accesses", "endAccess-200", manager, endsAccountant.request, nil, nil},
	{"accesses", "endAccess-contract-409", manager, "DELETE " + ofDurand + "/accesses/" + col(membership.GlobalAdmin), nil, nil},
	{"accesses", "checkAccess-200", machine("product"), "GET " + ofDurand + "/collaborators/usr-martin-support?partnerId=" + apitest.Martin, nil, nil},
	{"accesses", "checkAccess-domain-200", machine("product"), "GET " + ofDurand + "/collaborators/usr-martin-support?partnerId=" + apitest.Martin, nil, nil},
	{"accesses", "checkAccess-consent-200", machine("product"), "GET " + ofDurand + "/collaborators/usr-martin-support?partnerId=" + apitest.Martin, nil, nil},
	{"accesses", "checkAccess-nobody-200", machine("product"), "GET " + ofDurand + "/collaborators/usr-nobody", nil, nil},
	{"accesses", "listConsents-200", manager, "GET " + ofDurand + "/consents", nil, nil},
	{"accesses", "grantConsent-200", manager, grants.request, set{"until": "2026-12-31"}, nil},
	{"accesses", "grantConsent-over-422", manager, grants.request, set{"until": "2026-03-09"}, nil},
	{"accesses", "grantConsent-notAllowed-409", manager, grants.request, set{}, nil},
	{"accesses", "withdrawConsent-200", manager, withdraws.request, nil, nil},
	{"accesses", "withdrawConsent-declines-200", manager, withdraws.request, nil, nil},
	{"accesses", "listPartnerConsents-200", assistant, "GET " + martin + "/consents?state=granted", nil, nil},
	{"accesses", "askConsents-201", assistant, campaigns.request, customersAre(apitest.Dupont, apitest.Durand), nil},
	{"accesses", "askConsents-notAllowed-409", assistant, campaigns.request, customersAre(apitest.Dupont), nil},
	{"customers", "getCustomer-paymentMethod-200", viewer, "GET " + ofDurand, nil, nil},
	{"licences", "takeLicence-paid-201", sales, "POST " + durands, with(order(apitest.Monthly, "month", 3), set{"billTo": "customer", "paymentMethodId": "pay_kept"}), nil},
	{"licences", "takeLicence-paymentMethod-422", sales, "POST " + durands, with(order(apitest.Monthly, "month", 3), set{"billTo": "partner", "paymentMethodId": "pay_durands"}), nil},
	{"methods", "listPaymentMethods-200", machine("product"), "GET " + methodsAt, nil, nil},
	{"methods", "addPaymentMethod-201", manager, debits.request, debits.body.(set), []string{"Idempotency-Key: mandate-1"}},
	{"methods", "addPaymentMethod-card-201", biller, debits.request, set{"kind": "card", "reference": "card_1NsQ", "last4": "4242", "brand": "Visa", "expires": "2028-11"}, nil},
	{"methods", "addPaymentMethod-number-422", manager, debits.request, set{"kind": "card", "reference": "4242 4242 4242 4242", "last4": "4242", "expires": "2026-02"}, []string{"Accept-Language: fr"}},
	{"methods", "setDefaultPaymentMethod-200", manager, prefers.request, nil, nil},
	{"methods", "removePaymentMethod-200", biller, removes.request, nil, nil},
	{"methods", "removePaymentMethod-inUse-409", manager, removes.request, nil, nil},
	{"methods", "removePaymentMethod-sales-403", sales, removes.request, nil, nil},
	{"methods", "listPartnerPaymentMethods-200", sales, "GET " + methodsAtMartin, nil, nil},
	{"methods", "addPartnerPaymentMethod-201", biller, "POST " + methodsAtMartin, set{"kind": "transfer"}, nil},
	{"methods", "setDefaultPartnerPaymentMethod-200", biller, prefersMartins.request, nil, nil},
	{"methods", "removePartnerPaymentMethod-200", biller, removesMartins.request, nil, nil},
	{"methods", "removePartnerPaymentMethod-inUse-409", biller, removesMartins.request, nil, nil},
	{"partners", "getBilling-200", assistant, "GET " + billingOf, nil, nil},
	{"partners", "getBilling-missing-200", biller, "GET " + billingOf, nil, nil},
	{"partners", "getBilling-sales-403", sales, "GET " + billingOf, nil, nil},
	{"partners", "updateBilling-200", biller, bills.request, billed, []string{"Idempotency-Key: billing-1"}},
	{"partners", "updateBilling-stale-412", biller, bills.request, billed, []string{`If-Match: "7"`}},
	{"partners", "updateBilling-wrong-422", biller, bills.request, with(billed, set{"iban": "FR1420041010050500013M02607", "vatNumber": "DE999999999", "registration": "732829321"}), []string{"Accept-Language: fr"}},
	{"partners", "updateBilling-reader-403", assistant, bills.request, billed, nil},
	{"partners", "getPublisherBilling-200", machine("operator"), "GET " + billingOfPublisher, nil, nil},
	{"partners", "updatePublisherBilling-200", machine("operator"), billsPublisher.request, with(billed, set{"legalName": "Comptoir SAS", "iban": nil, "bic": nil, "purchaseOrder": nil, "selfBilling": nil}), nil},
	{"endpoints", "createEndpoint-201", seller, createsEndpoint.request, set{"url": "https://hooks.martin.example/comptoir", "kinds": []string{"licence.taken", "licence.ended"}}, []string{"Idempotency-Key: hook-1"}},
	{"endpoints", "createEndpoint-private-422", seller, createsEndpoint.request, set{"url": "https://169.254.169.254/latest"}, nil},
	{"endpoints", "createEndpoint-limit-409", seller, createsEndpoint.request, set{"url": "https://hooks.martin.example/comptoir"}, nil},
	{"endpoints", "listEndpoints-200", viewer, "GET " + endpointsOfMartin, nil, nil},
	{"endpoints", "getEndpoint-200", viewer, "GET " + kept, nil, nil},
	{"endpoints", "getEndpoint-others-404", viewer, "GET " + endpointsOfMartin + "/whe_nuages", nil, nil},
	{"endpoints", "updateEndpoint-200", assistant, "PATCH " + kept, set{"kinds": []string{"seat.threshold"}, "enabled": false}, nil},
	{"endpoints", "updateEndpoint-stale-412", assistant, "PATCH " + kept, set{"enabled": false}, []string{`If-Match: "7"`}},
	{"endpoints", "deleteEndpoint-200", assistant, "DELETE " + kept, nil, nil},
	{"endpoints", "rotateEndpointSecret-200", assistant, "POST " + kept + "/secret", nil, nil},
	{"endpoints", "testEndpoint-201", assistant, tests.request, nil, nil},
	{"endpoints", "testEndpoint-disabled-409", assistant, tests.request, nil, nil},
	{"endpoints", "listDeliveries-200", viewer, "GET " + kept + "/deliveries?state=delivered", nil, nil},
	{"endpoints", "replayDelivery-200", assistant, "POST " + kept + "/deliveries/whd_kept/replay", nil, nil},
	{"endpoints", "replayDelivery-unknown-404", assistant, "POST " + kept + "/deliveries/whd_nuages/replay", nil, nil},
	{"endpoints", "listPublisherEndpoints-200", machine("operator"), "GET " + endpointsOfPublisher, nil, nil},
	{"endpoints", "createPublisherEndpoint-201", machine("operator"), "POST " + endpointsOfPublisher, set{"url": "https://hooks.publisher.example/comptoir"}, nil},
	{"endpoints", "getPublisherEndpoint-200", machine("operator"), "GET " + publishers, nil, nil},
	{"endpoints", "updatePublisherEndpoint-200", machine("operator"), "PATCH " + publishers, set{"url": "https://hooks.publisher.example:8443/v2"}, nil},
	{"endpoints", "deletePublisherEndpoint-200", machine("operator"), "DELETE " + publishers, nil, nil},
	{"endpoints", "rotatePublisherEndpointSecret-200", machine("operator"), rotatesPublishers.request, nil, nil},
	{"endpoints", "testPublisherEndpoint-201", machine("operator"), "POST " + publishers + "/test", nil, nil},
	{"endpoints", "listPublisherDeliveries-200", machine("operator"), "GET " + publishers + "/deliveries", nil, nil},
	{"endpoints", "replayPublisherDelivery-200", machine("operator"), "POST " + publishers + "/deliveries/whd_kept/replay", nil, nil},
	{"me", "getMe-200", viewer, "GET /v1/me", nil, nil},
	{"me", "updateMe-200", seller, "PATCH /v1/me", set{"language": "fr", "notificationMail": "claire@private.example", "mails": set{"renewals": false}}, nil},
	{"me", "updateMe-denied-422", seller, "PATCH /v1/me", set{"fallbackMail": "claire@martin.onmicrosoft.com"}, nil},
	{"me", "confirmAddress-200", seller, confirms.request, set{"token": proof}, nil},
	{"me", "confirmAddress-ended-409", seller, confirms.request, set{"token": proof}, nil},
	{"me", "confirmAddress-expired-409", seller, confirms.request, set{"token": proof}, nil},
	{"me", "listMyCustomers-200", servant, "GET /v1/me/customers?limit=1", nil, nil},
	{"me", "listMyCompanies-200", admin, "GET /v1/me/companies", nil, nil},
	{"me", "listMyPermissions-200", viewer, "GET /v1/me/permissions", nil, nil},
	{"payments", "recordPayment-201", remits.by, remits.request, remits.body.(map[string]any), nil},
	{"payments", "recordPayment-failed-201", remits.by, remits.request, set{
		"externalId": "py_2", "customerId": apitest.Durand, "status": "failed", "amount": euros(1200_00), "reason": "insufficient funds",
	}, nil},
	{"payments", "recordPayment-differs-409", remits.by, remits.request, set{"externalId": "py_1", "customerId": apitest.Durand, "amount": euros(1_00)}, nil},
	{"payments", "recordRefund-201", refunds.by, refunds.request, refunds.body.(map[string]any), nil},
	{"payments", "recordRefund-tooMuch-409", refunds.by, refunds.request, set{"externalId": "re_3", "amount": euros(1201_00)}, nil},
	{"payments", "listCharges-200", sales, "GET " + ofDurand + "/charges", nil, nil},
	{"payments", "getAccount-200", sales, "GET " + ofDurand + "/account", nil, nil},
	{"payments", "listPayments-200", sales, "GET " + ofDurand + "/payments", nil, nil},
	{"commissions", "getScheme-200", setsScheme.by, "GET /v1/scheme", nil, nil},
	{"commissions", "putScheme-200", setsScheme.by, setsScheme.request, set{
		"default": 800, "tiers": set{"gold": 1500}, "partners": set{apitest.Martin: "gold"}, "plans": set{"COMPTA-PRO": 1200},
		"deals": []any{set{"name": "Dupont 2026", "partnerId": apitest.Martin, "customerId": apitest.Dupont, "rate": 2000, "until": "2027-01-01"}}, "minimum": euros(50_00),
	}, nil},
	{"statements", "listStatements-200", biller, "GET " + statementsOf, nil, nil},
	{"statements", "listStatements-viewer-403", viewer, "GET " + statementsOf, nil, nil},
	{"statements", "getStatement-200", biller, "GET " + statementsOf + "/2026-01", nil, nil},
	{"statements", "getStatement-provisional-200", biller, "GET " + statementsOf + "/2026-03", nil, nil},
	{"statements", "getStatement-csv-200", biller, "GET " + statementsOf + "/2026-03", nil, []string{"Accept: text/csv", "Accept-Language: fr"}},
	{"statements", "getStatement-toCome-404", biller, "GET " + statementsOf + "/2026-04", nil, nil},
	{"statements", "listPayoutBatches-200", machine("operator"), "GET " + batchesAt, nil, nil},
	{"statements", "makePayoutBatch-201", gathers.by, gathers.request, nil, nil},
	{"statements", "makePayoutBatch-none-409", gathers.by, gathers.request, nil, nil},
	{"statements", "getPayoutBatch-200", machine("operator"), "GET " + batchesAt + "/pba_sent", nil, nil},
	{"statements", "getPayoutBatch-file-200", machine("operator"), "GET " + batchesAt + "/pba_sent", nil, []string{"Accept: application/xml"}},
	{"statements", "sendPayoutBatch-200", sends.by, sends.request, nil, nil},
	{"statements", "sendPayoutBatch-again-409", sends.by, sends.request, nil, nil},
	{"statements", "confirmPayoutBatch-200", confirmsBatch.by, confirmsBatch.request, confirmsBatch.body.(set), nil},
	{"statements", "returnPayout-201", comesBack.by, comesBack.request, comesBack.body.(set), nil},
	{"commissions", "listCommissions-200", seller, "GET " + martin + "/commissions?period=2026-03", nil, nil},
	{"commissions", "reconcile-200", seller, "GET " + martin + "/reconciliation?period=2026-03", nil, nil},
	{"plans", "listPlans-200", viewer, "GET /v1/plans?limit=2", nil, nil},
	{"plans", "putPlan-201", machine("operator"), "PUT /v1/plans/PAYROLL", map[string]any{
		"name": "Payroll", "commitment": "committed", "modules": map[string]any{"payroll": 2}, "trialDays": 14,
		"prices": map[string]any{"year": map[string]any{"amount": 18000, "currency": "EUR"}},
	}, nil},
}

// before is what happened before a sample.
var before = map[string]func(*testing.T, *apitest.World){
	"reportAccount-again-200": func(t *testing.T, w *apitest.World) {
		w.Machine("product").Do("POST /v1/accounts", petit).Is(t, 201)
	},
	"listStatements-200":             happened(settled),
	"listStatements-viewer-403":      happened(settled),
	"getStatement-200":               happened(settled),
	"getStatement-provisional-200":   happened(did(setsScheme, takesAnother, remits, refunds)),
	"getStatement-csv-200":           happened(did(setsScheme, takesAnother, remits, refunds)),
	"listPayoutBatches-200":          happened(settled),
	"makePayoutBatch-201":            happened(settled),
	"getPayoutBatch-200":             happened(settled),
	"getPayoutBatch-file-200":        happened(settled),
	"sendPayoutBatch-200":            happened(settled),
	"sendPayoutBatch-again-409":      thenDid(settled, sends),
	"confirmPayoutBatch-200":         happened(settled),
	"returnPayout-201":               happened(settled),
	"recordPayment-201":              happened(did(setsScheme, takesAnother)),
	"recordPayment-failed-201":       happened(did(takesAnother)),
	"recordPayment-differs-409":      happened(did(remits)),
	"recordRefund-201":               happened(did(setsScheme, takesAnother, remits)),
	"recordRefund-tooMuch-409":       happened(did(remits)),
	"listCharges-200":                happened(did(takesAnother)),
	"getAccount-200":                 happened(did(takesAnother, remits)),
	"listPayments-200":               happened(did(takesAnother, remits, refunds)),
	"getScheme-200":                  happened(did(setsScheme)),
	"listCommissions-200":            happened(did(setsScheme, takesAnother, remits, refunds)),
	"reconcile-200":                  happened(did(setsScheme, takesAnother, remits, refunds)),
	"getDomain-verified-200":         func(_ *testing.T, w *apitest.World) { w.Verify(apitest.Dupont) },
	"verifyDomain-200":               happened(proves(apitest.Durand)),
	"verifyDomain-otherValue-200":    func(_ *testing.T, w *apitest.World) { w.DNS.Has("_comptoir.durand.example", "v=spf1 -all") },
	"verifyDomain-noAnswer-200":      func(_ *testing.T, w *apitest.World) { w.DNS.Silence(true) },
	"verifyDomain-none-409":          withoutDomain(apitest.Dupont),
	"listCalendarLinks-200":          happened(linked),
	"revokeCalendarLink-200":         happened(linked),
	"revokeCalendarLink-others-403":  happened(linked),
	"listNotifications-200":          happened(isTold(apitest.Martin)),
	"markNotifications-200":          happened(isTold(apitest.Martin)),
	"listCustomerNotifications-200":  happened(isTold(apitest.Durand)),
	"markCustomerNotifications-200":  happened(isTold(apitest.Durand)),
	"removeMember-200":               happened(did(seatsAda)),
	"listSeatGauges-200":             happened(did(seatsAda, seatsBob)),
	"listSeats-200":                  happened(did(seatsAda, seatsBob)),
	"addSeats-full-409":              happened(did(lowersToOne, seatsAda)),
	"removeSeat-200":                 happened(did(seatsAda)),
	"listSeatRequests-200":           happened(did(asks, declines)),
	"answerSeatRequest-200":          happened(did(lowersCap, asks)),
	"answerSeatRequest-declined-200": happened(did(asks)),
	"checkSeat-200":                  happened(did(seatsAda)),
	"checkSeat-suspended-200":        happened(did(seatsAda, action{seller, "POST " + oneOfDurand + "/suspend", map[string]any{}, nil})),
	"getSeatGauge-overLimit-200":     happened(did(seatsAda, seatsBob, lowersToOne)),
	"addSeats-again-200":             happened(did(seatsAda)),
	"requestSeats-again-200":         happened(did(asks)),

	"updatePartner-mandatory-409":       happened(did(action{machine("operator"), "PATCH " + martin, set{"mode": "integrated"}, nil})),
	"listPartnerActivity-200":           happened(did(invitesLea)),
	"inviteCollaborator-again-200":      happened(did(invitesLea)),
	"inviteCollaborator-notAllowed-409": happened(did(endsSupport)),
	"resendInvitation-200":              happened(did(invitesLea)),
	"revokeInvitation-200":              happened(did(invitesLea)),
	"giveRole-notAllowed-409":           happened(did(endsSupport)),
	"acceptInvitation-200":              happened(invited),
	"acceptInvitation-ended-409":        thenDid(invited, revokesLea),
	"acceptInvitation-expired-409":      later(invited, collaborator.Lifetime),
	"acceptInvitation-otherAddress-409": happened(invited),
	"acceptInvitation-notVerified-409":  happened(invited),
	"listAccesses-200":                  happened(consents(apitest.Durand)),
	"checkAccess-200":                   happened(letIn),
	"checkAccess-domain-200":            happened(consents(apitest.Durand)),
	"listConsents-200":                  happened(requested),
	"grantConsent-200":                  happened(requested),
	"grantConsent-notAllowed-409":       happened(did(endsSupport)),
	"withdrawConsent-200":               happened(consents(apitest.Durand)),
	"withdrawConsent-declines-200":      happened(requested),
	"listPartnerConsents-200":           happened(consents(apitest.Durand)),
	"askConsents-notAllowed-409":        happened(did(endsSupport)),
	"confirmAddress-200":                happened(addressGiven),
	"confirmAddress-ended-409":          thenDid(addressGiven, action{seller, "PATCH /v1/me", set{"notificationMail": "other@private.example"}, nil}),
	"confirmAddress-expired-409":        later(addressGiven, profile.Lifetime),

	"getCustomer-paymentMethod-200":        happened(pays),
	"takeLicence-paid-201":                 happened(pays),
	"takeLicence-paymentMethod-422":        happened(pays),
	"listPaymentMethods-200":               happened(pays),
	"setDefaultPaymentMethod-200":          happened(pays),
	"removePaymentMethod-200":              happened(pays),
	"removePaymentMethod-inUse-409":        thenDid(pays, takesPaid),
	"listPartnerPaymentMethods-200":        happened(pays),
	"setDefaultPartnerPaymentMethod-200":   happened(pays),
	"removePartnerPaymentMethod-200":       happened(pays),
	"removePartnerPaymentMethod-inUse-409": thenDid(pays, action{seller, "POST " + durands, with(order(apitest.Monthly, "month", 3), set{"paymentMethodId": "pay_kept"}), nil}),

	"getBilling-200":          happened(did(bills)),
	"updateBilling-stale-412": happened(did(bills)),
	"getPublisherBilling-200": happened(did(billsPublisher)),

	"getEndpoint-200":                   happened(listens),
	"listEndpoints-200":                 happened(listens),
	"getEndpoint-others-404":            happened(listens),
	"updateEndpoint-200":                happened(listens),
	"updateEndpoint-stale-412":          happened(listens),
	"deleteEndpoint-200":                happened(listens),
	"rotateEndpointSecret-200":          happened(listens),
	"testEndpoint-201":                  happened(listens),
	"listDeliveries-200":                happened(listens),
	"replayDelivery-200":                happened(listens),
	"replayDelivery-unknown-404":        happened(listens),
	"listPublisherEndpoints-200":        happened(listens),
	"getPublisherEndpoint-200":          happened(listens),
	"updatePublisherEndpoint-200":       happened(listens),
	"deletePublisherEndpoint-200":       happened(listens),
	"rotatePublisherEndpointSecret-200": happened(listens),
	"testPublisherEndpoint-201":         happened(listens),
	"listPublisherDeliveries-200":       happened(listens),
	"replayPublisherDelivery-200":       happened(listens),
	"createEndpoint-limit-409":          thenDid(listensToMost, createsEndpoint),
	"testEndpoint-disabled-409":         thenDid(listens, action{seller, "PATCH " + kept, set{"enabled": false}, nil}),
}

var lowersToOne = action{seller, "PUT " + expenses + "/cap", map[string]any{"cap": 1}, nil}

// thenDid is what some calls make of a state.
func thenDid(what func(*testing.T, *apitest.World) string, all ...action) func(*testing.T, *apitest.World) {
	return func(t *testing.T, w *apitest.World) {
		what(t, w)
		did(all...)(t, w)
	}
}

// later is a state, some time afterwards.
func later(what func(*testing.T, *apitest.World) string, after time.Duration) func(*testing.T, *apitest.World) {
	return func(t *testing.T, w *apitest.World) {
		what(t, w)
		w.Advance(after)
	}
}

func limited(w *apitest.World) apitest.Client { return w.As(apitest.Martin, membership.Limited) }
func servant(w *apitest.World) apitest.Client { return w.As(apitest.Martin, membership.Accountant) }

// subscriber is the calendar program of Martin's viewer.
func subscriber(w *apitest.World) apitest.Client { return viewer(w).Linked(apitest.Martin) }

// stranger is somebody whose sign-in vouches for no address.
func stranger(w *apitest.World) apitest.Client { return w.Person("usr-stranger") }

func happened(what func(*testing.T, *apitest.World) string) func(*testing.T, *apitest.World) {
	return func(t *testing.T, w *apitest.World) { what(t, w) }
}

// Every sample of a request is answered with its status and its body, to the letter.
func TestSamplesOfRequests(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range samples {
		seen[strings.Split(s.name, "-")[0]] = true
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			w := apitest.New(t)
			var body any
			if s.body != nil {
				body = s.body
			}
			request, err := s.who(w).Event(s.request, body, s.headers...)
			if err != nil {
				t.Fatal(err)
			}
			if happen := before[s.name]; happen != nil {
				happen(t, w)
			}
			var stored events.APIGatewayV2HTTPRequest
			keep(t, s.function, s.name+".json", request, &stored)
			answer, err := w.Invoke(stored)
			if err != nil {
				t.Fatal(err)
			}
			if status := s.name[strings.LastIndex(s.name, "-")+1:]; strconv.Itoa(answer.StatusCode) != status {
				t.Fatalf("answered %d %s, the sample's name says %s", answer.StatusCode, answer.Body, status)
			}
			if strings.HasSuffix(answer.Headers["Content-Type"], "json") {
				keep(t, s.function, s.name+".answer.json", json.RawMessage(answer.Body), nil)
			} else {
				keep(t, s.function, s.name+".answer.json", answer.Body, nil)
			}
		})
	}
	for _, op := range functions.Operations(apitest.Env) {
		if !seen[op.ID] {
			t.Errorf("%s has no sample", op.ID)
		}
	}
}

type fakeSQS struct {
	mu   sync.Mutex
	sent []sqs.SendMessageBatchInput
}

// fakeBus keeps what it is given as it lies on the bus.
type fakeBus struct{ put []any }

func (f *fakeBus) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	for _, e := range in.Entries {
		f.put = append(f.put, map[string]any{
			"bus": e.EventBusName, "source": e.Source, "detailType": e.DetailType, "resources": e.Resources, "detail": json.RawMessage(*e.Detail),
		})
	}
	return &eventbridge.PutEventsOutput{Entries: make([]types.PutEventsResultEntry, len(in.Entries))}, nil
}

func (f *fakeSQS) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent = append(f.sent, *in)
	return &sqs.SendMessageBatchOutput{}, nil
}

// The stream's sample brings a fact for the partner of record and one that concerns nobody else: one
// message goes to the notice queue, and both go to the webhook queue and onto the bus. That message, handled twice, makes one notification.
func TestSamplesOfStreamAndQueue(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	var batch outbox.Batch
	load(t, "outbox", "stream-1.json", &batch)
	var queued fakeSQS
	var announced fakeBus
	answer, err := outbox.Outbox{SQS: &queued, Queues: map[queue.Name]string{queue.Notice: "notice", queue.Webhook: "webhook"}, Events: &announced, Bus: "comptoir"}.Handle(t.Context(), batch)
	if err != nil || len(answer.BatchItemFailures) > 0 {
		t.Fatal(answer, err)
	}
	sent := map[string][]event.Event{}
	for _, call := range queued.sent {
		for _, entry := range call.Entries {
			var e event.Event
			if err := json.Unmarshal([]byte(*entry.MessageBody), &e); err != nil {
				t.Fatal(err)
			}
			sent[*call.QueueUrl] = append(sent[*call.QueueUrl], e)
		}
	}
	if len(sent["notice"]) != 1 || len(sent["webhook"]) != 2 || len(announced.put) != 2 {
		t.Fatalf("sent %v and announced %v: one and two messages, and two events, were expected", sent, announced.put)
	}
	keep(t, "outbox", "stream-1.answer.json", map[string]any{"queues": sent, "bus": announced.put}, nil)

	var messages events.SQSEvent
	load(t, "notices", "message-1.json", &messages)
	for range 2 {
		out, err := queue.Handle(notices.Handler(w.Table))(t.Context(), messages)
		if err != nil || len(out.BatchItemFailures) > 0 {
			t.Fatal(out, err)
		}
	}
	told := viewer(w).Do("GET "+martin+"/notifications", nil).Is(t, 200)
	if len(told.Items()) != 1 {
		t.Fatalf("told %s, one notification was expected", told.Text)
	}
	keep(t, "notices", "message-1.answer.json", json.RawMessage(told.Text), nil)
}

// What a partner did for many customers is told to each in its own activity, and what somebody is written to because of
// is mailed: once, of messages handled twice.
func TestSamplesOfTrailAndMail(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	post := apitest.NewPost(t)
	handled := func(function, name string, handle func(context.Context, event.Event) error) {
		t.Helper()
		var messages events.SQSEvent
		load(t, function, name, &messages)
		for range 2 {
			out, err := queue.Handle(handle)(t.Context(), messages)
			if err != nil || len(out.BatchItemFailures) > 0 {
				t.Fatal(out, err)
			}
		}
	}
	handled("trail", "message-customersSet-1.json", trail.Handler(w.Table))
	activity := admin(w).Do("GET "+dupont+"/activity", nil).Is(t, 200)
	if len(activity.Items()) != 1 {
		t.Fatalf("told %s, one event was expected", activity.Text)
	}
	keep(t, "trail", "message-customersSet-1.answer.json", json.RawMessage(activity.Text), nil)

	handled("notices", "message-passwordReset-1.json", notices.Desk{Table: w.Table, Post: post.Sender, ResetURL: "https://sign-in.example/reset"}.Handle)
	if len(post.Mails()) != 1 {
		t.Fatalf("posted %v, one mail was expected", post.Mails())
	}
	keep(t, "notices", "message-passwordReset-1.answer.json", map[string]string{
		"to": post.Mails()[0].To, "subject": post.Mails()[0].Subject, "text": post.Mails()[0].Text,
	}, nil)
}

// The hour's sample finds the licences that people are to be reminded of. The sample of a message, handled twice, renews one once.
func TestSamplesOfWhatFallsDue(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	w.Advance(275 * day) // 60 days before Durand's and Nuit's terms end
	var hour json.RawMessage
	load(t, "scan", "hour-1.json", &hour)
	var queued fakeSQS
	if _, err := lambda.NewHandler(scanning(w, &queued).Handle).Invoke(t.Context(), hour); err != nil {
		t.Fatal(err)
	}
	keep(t, "scan", "hour-1.answer.json", queued.due(t), nil)

	w.Advance(60 * day)
	var messages events.SQSEvent
	load(t, "renewals", "message-1.json", &messages)
	for range 2 {
		out, err := queue.Handle(renewals.Desk{Table: w.Table, Zone: apitest.Env.Zone}.Handle)(t.Context(), messages)
		if err != nil || len(out.BatchItemFailures) > 0 {
			t.Fatal(out, err)
		}
	}
	activity := viewer(w).Do("GET "+ofDurand+"/activity", nil).Is(t, 200)
	if kind := activity.String("items.0.kind"); kind != "licence.renewed" || len(activity.Items()) != 2 {
		t.Fatalf("told %s, one renewal was expected", activity.Text)
	}
	keep(t, "renewals", "message-1.answer.json", json.RawMessage(activity.Text), nil)
}

// scanning is a scan of a world that sends to a fake queue.
func scanning(w *apitest.World, to *fakeSQS) scan.Scan {
	return scan.Scan{Table: w.Table, SQS: to, Queues: map[queue.Name]string{queue.Renewal: "renewal", queue.Statement: "statement"}}
}

// due are the messages of what falls due that were sent, by their keys.
func (f *fakeSQS) due(t *testing.T) (all []table.Due) {
	t.Helper()
	for _, call := range f.sent {
		for _, e := range call.Entries {
			var due table.Due
			if err := json.Unmarshal([]byte(*e.MessageBody), &due); err != nil {
				t.Fatal(err)
			}
			all = append(all, due)
		}
	}
	slices.SortFunc(all, func(a, b table.Due) int { return cmp.Compare(a.Key.PK+a.Key.SK, b.Key.PK+b.Key.SK) })
	return all
}

// keep compares a value with what the folder has, or writes it there; then it reads it back.
func keep(t *testing.T, function, name string, value, back any) {
	t.Helper()
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	file := filepath.Join(folder, function, name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(stored) != string(text) {
		t.Errorf("%s is\n%s\nwanted (make samples writes it)\n%s", file, text, stored)
	}
	if back != nil {
		load(t, function, name, back)
	}
}

func load(t *testing.T, function, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, function, name))
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}
