package functions_test

import (
	"slices"
	"strings"
	"testing"

	"comptoir/functions"
	"comptoir/functions/apitest"
	"comptoir/shared/api"
	"comptoir/shared/authz"
	"comptoir/shared/billing"
	"comptoir/shared/calendar"
	"comptoir/shared/collaborator"
	"comptoir/shared/commission"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/id"
	"comptoir/shared/licence"
	"comptoir/shared/membership"
	"comptoir/shared/money"
	"comptoir/shared/notice"
	"comptoir/shared/partner"
	"comptoir/shared/payment"
	"comptoir/shared/plan"
	"comptoir/shared/profile"
	"comptoir/shared/seat"
	"comptoir/shared/table"
	"comptoir/shared/webhook"
)

// placesOf makes a customer of Martin's with a licence for every operation and role, so that calls don't meet. All of them
// consent and are worked on by Martin's accountant and support; their domains are verified, or none is. Of Martin's people one
// is there for each call that is about somebody.
func placesOf(t *testing.T, w *apitest.World, operations []api.Operation, roles []authz.Role, verified bool) map[string]place {
	t.Helper()
	places := map[string]place{}
	tx := w.Table.Draft(apitest.Start, "seed", seed, "")
	tx.Put(&notice.Notification{EventID: "evt_seed", OrganisationID: apitest.Martin, Kind: "licence.taken"})
	endpointsOf(tx, roles)
	paymentsOf(tx, operations, roles)
	statementsOfMartin(tx)
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
	linksToCalendar(tx, operations, roles)
	methodsOfMartin(tx, roles)
	w.Joins(tx, cabinet, membership.Accountant, ids...)
	w.Joins(tx, cabinet, membership.Support, ids...)
	if err := w.Table.Import(t.Context(), tx); err != nil {
		t.Fatal(err)
	}
	return places
}

// paymentsOf drafts a payment for each call that gives one back.
func paymentsOf(tx *table.Tx, operations []api.Operation, roles []authz.Role) {
	for _, op := range operations {
		if !strings.Contains(op.Path, "{paymentId}") {
			continue
		}
		for _, role := range roles {
			p := paidByMartin(nameOf(op, role.Name))
			tx.Put(&p)
		}
	}
}

// paidByMartin is a payment of 12.00 € for Durand, beyond all charges.
func paidByMartin(externalID string) payment.Payment {
	r := payment.Report{ExternalID: externalID, CustomerID: apitest.Durand, Payer: licence.PaidByPartner, Amount: euros(12_00), Tax: euros(2_00)}
	e, err := payment.Record(r, payment.Account{}, apitest.Martin, commission.Scheme{}, licence.At(apitest.Start, apitest.Env.Zone))
	if err != nil {
		panic(err)
	}
	return e.Payment
}

// linksToCalendar drafts a link of each of Martin's people, and of a stranger, for calls that are about one.
func linksToCalendar(tx *table.Tx, operations []api.Operation, roles []authz.Role) {
	links := partner.Links{PartnerID: apitest.Martin}
	for _, op := range operations {
		if !strings.Contains(op.Path, "{linkId}") {
			continue
		}
		for _, role := range roles {
			name := nameOf(op, role.Name)
			link := partner.Link{
				ID: linkID(name), Hash: id.Hash(name), PartnerID: apitest.Martin, UserID: userOf(op, role), By: "P.", MadeAt: apitest.Start,
			}
			links.All = append(links.All, link)
			tx.Put(&link)
		}
	}
	tx.Put(&links)
}

// methodsOfMartin drafts payment methods of Martin's, and one for each role that may remove one.
func methodsOfMartin(tx *table.Tx, roles []authz.Role) {
	m := methodsOf(apitest.Martin)
	for _, role := range roles {
		if slices.Contains([]string{"globalAdmin", "billing", authz.Operator}, role.Name) {
			m.All = append(m.All, billing.Method{ID: methodOf(nameOf(api.Operation{ID: "removePartnerPaymentMethod"}, role.Name)), Kind: billing.Transfer})
		}
	}
	tx.Put(&m)
}

// endpointsOf drafts endpoints of Martin's and the publisher's, and a delivery to one of each, and an endpoint for each call that
// changes more than others can bear.
func endpointsOf(tx *table.Tx, roles []authz.Role) {
	for owner, own := range map[string][]string{
		apitest.Martin: {"deleteEndpoint"}, webhook.Publisher: {"deletePublisherEndpoint", "updatePublisherEndpoint"}, apitest.Nuage: nil,
	} {
		r := webhook.Registry{Owner: owner, Endpoints: []webhook.Endpoint{endpoint("whe_kept")}}
		if owner == apitest.Nuage {
			r.Endpoints[0].ID = "whe_nuages"
		}
		for _, operation := range own {
			for _, role := range roles {
				if slices.Contains([]string{"globalAdmin", "accountAdmin", authz.Operator}, role.Name) && (owner == apitest.Martin || role.Name == authz.Operator) {
					r.Endpoints = append(r.Endpoints, endpoint(endpointOf(nameOf(api.Operation{ID: operation}, role.Name))))
				}
			}
		}
		to := r.Endpoints[0].ID
		d := webhook.Deliver(event.Event{Fact: event.New("licence.taken", nil), ID: "evt_seed"}, "{}", owner, to, apitest.Start)
		if d.ID = "whd_kept"; owner == apitest.Nuage {
			d.ID = "whd_nuages"
		}
		d, _, _ = d.Begin("try", apitest.Start).End(r.Endpoints[0], "try", webhook.Outcome{At: apitest.Start, Status: 200, Excerpt: "Thank you."})
		tx.Put(&r)
		tx.Put(&d)
	}
}

// endpoint is one that gets every event.
func endpoint(id string) webhook.Endpoint {
	e := webhook.Endpoint{ID: id, URL: "https://127.0.0.1/" + id, Enabled: true, Secrets: []webhook.Secret{{Text: webhook.NewSecret(make([]byte, 32))}}}
	e.Advance(apitest.Start)
	return e
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
	if strings.Contains(operation, "PaymentMethod") {
		m := methodsOf(id)
		tx.Put(&m)
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
	h := table.Holder{Customer: c, Seats: seats}
	if err := tx.Hold(&h, licence.Licence{}, &l, out, at); err != nil {
		t.Fatal(err)
	}
	return h.Customer
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
