package main

import (
	"context"
	"fmt"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/membership"
	"comptoir/shared/money"
	"comptoir/shared/partner"
	"comptoir/shared/plan"
	"comptoir/shared/seat"
	"comptoir/shared/table"
	"comptoir/shared/table/tabletest"
)

const (
	tableName = "bench"
	partnerID = "par_bench"
	userID    = "bench-sales"
	planCode  = "BENCH"
)

func customerID(n int) string { return fmt.Sprintf("cus_%06d", n) }
func licenceID(n int) string  { return fmt.Sprintf("lic_%06d", n) }

// fill makes a partner, a plan, a person and the customers, each with one licence, names spread over
// the alphabet.
func (b *bench) fill(ctx context.Context) error {
	if _, err := b.direct.CreateTable(ctx, tabletest.Schema(tableName)); err != nil {
		return err
	}
	t := table.New(b.direct, tableName)
	now := time.Now().Add(-48 * time.Hour)
	by := event.Actor{ID: "bench", Kind: "system"}
	tx := t.Draft(now, "seed", by, "")
	price := money.Money{Amount: 10_00, Currency: "EUR"}
	p := plan.Plan{
		Code: planCode, Name: "Bench", Commitment: plan.Flexible, Modules: map[string]int{"expenses": 1},
		Prices: map[calendar.Term]money.Money{calendar.Month: price, calendar.Year: price},
	}
	tx.Put(&p)
	tx.Put(&partner.Partner{
		ID: partnerID, Name: "Bench", Kind: partner.Distributor, Capabilities: []partner.Capability{partner.SellLicences},
		Automatic: &partner.AutomaticLicence{PlanCode: planCode, Quantity: 1, Term: calendar.Month},
	})
	tx.Put(&membership.Membership{UserID: userID, OrganisationID: partnerID, OrganisationName: "Bench", Name: "B. Ench", Roles: []membership.Role{membership.Sales}})
	tx.Put(&membership.Membership{UserID: "bench-admin", OrganisationID: customerID(0), OrganisationName: "First", Name: "A. Dmin", Roles: []membership.Role{membership.Admin}})
	if err := t.Import(ctx, tx); err != nil {
		return err
	}
	const chunk = 2000
	for from := 0; from < b.customers; from += chunk {
		var drafts []*table.Tx
		for n := from; n < min(from+chunk, b.customers); n++ {
			drafts = append(drafts, b.customer(t, p, n, now, by))
		}
		if err := t.Import(ctx, drafts...); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) customer(t *table.Table, p plan.Plan, n int, now time.Time, by event.Actor) *table.Tx {
	tx := t.Draft(now, "reportAccount", by, "")
	letters := fmt.Sprintf("%c%c%d", 'a'+n%26, 'a'+n/26%26, n)
	c, appeared := customer.Appear(customer.Report{
		CustomerID: customerID(n), AccountID: fmt.Sprint("acc-", n), PartnerID: partnerID, Name: "Maison " + letters, Domain: letters + ".example",
		Administrator: customer.Administrator{Name: "Ada " + letters, Mail: "ada@" + letters + ".example"},
	})
	at := licence.At(now, time.UTC)
	l, out, err := licence.Take(licence.Order{
		LicenceID: licenceID(n), CustomerID: c.ID, PartnerID: partnerID, Origin: licence.Automatic,
		Quantity: 10, Term: calendar.Month, AutoRenew: true, BillTo: licence.PaidByPartner,
	}, p, at)
	if err != nil {
		panic(err) // the plan is ours
	}
	tx.Record(&c, appeared)
	if _, err := tx.Hold(&c, seat.Loaded(nil, nil), licence.Licence{}, &l, out, at.Today); err != nil {
		panic(err)
	}
	tx.PutWords(c)
	return tx
}
