package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/id"
	"comptoir/shared/licence"
	"comptoir/shared/membership"
	"comptoir/shared/money"
	"comptoir/shared/notice"
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
	module    = "expenses"
)

func customerID(n int) string { return fmt.Sprintf("cus_%06d", n) }
func licenceID(n int) string  { return fmt.Sprintf("lic_%06d", n) }

var (
	began = time.Now().Add(-48 * time.Hour)
	seed  = event.Actor{ID: "bench", Kind: "system"}
	price = money.Money{Amount: 10_00, Currency: "EUR"}

	benchPlan = plan.Plan{
		Code: planCode, Name: "Bench", Commitment: plan.Flexible, Modules: map[string]int{module: 1},
		Prices: map[calendar.Term]money.Money{calendar.Month: price, calendar.Year: price},
	}
)

// fill makes a plan, a partner with its people, an administrator of the first customer, what they were told, and the accounts.
func (b *bench) fill(ctx context.Context, accounts []account) error {
	if _, err := b.direct.CreateTable(ctx, tabletest.Schema(tableName)); err != nil {
		return err
	}
	t := table.New(b.direct, tableName)
	tx := t.Draft(began, "seed", seed, "")
	p := benchPlan
	tx.Put(&p)
	tx.Put(&membership.Membership{UserID: "bench-admin", OrganisationID: customerID(0), OrganisationName: "First", Name: "A. Dmin", Mail: "a@first.example", Roles: []membership.Role{membership.Admin}})
	for n := range notes {
		b.told = append(b.told, id.Ordered("evt", began, n, rand.Reader))
		for _, organisation := range []string{partnerID, customerID(0)} {
			tx.Put(&notice.Notification{
				EventID: b.told[n], OrganisationID: organisation, Kind: notice.Threshold, At: began, CustomerID: customerID(0), CustomerName: "Maison aa0",
				Data: map[string]any{"module": module, "threshold": 80, "state": string(seat.Warning), "used": 8, "cap": 10, "capVersion": 1},
			})
		}
	}
	for n := range requests { // answered ones
		tx.Put(&seat.Request{
			CustomerID: crowdID(1000), Module: module, Number: n + 1, Seats: 5, Wanted: crowdSeats + 5, By: "A. Dmin",
			Answer: &seat.Answer{Note: "Not this year.", At: began},
		})
	}
	b.requests, b.pools = requests, map[string]seat.Pool{}
	if err := t.Import(ctx, append(slices.Concat(staff(t), listening(t)), tx)...); err != nil {
		return err
	}
	const chunk = 2000
	for from := 0; from < len(accounts); from += chunk {
		var drafts []*table.Tx
		for _, a := range accounts[from:min(from+chunk, len(accounts))] {
			tx, pool := a.draft(t)
			drafts = append(drafts, tx)
			if len(a.members) > 0 {
				b.pools[a.id] = pool
				drafts = append(drafts, seatsAsTheyWere(t, pool))
			}
		}
		if err := t.Import(ctx, drafts...); err != nil {
			return err
		}
	}
	return nil
}

// How many notifications there are of each of two organisations, and requests of one customer.
const (
	notes    = 50
	requests = 12
)

// account is a customer with one licence, its members, and how many of them hold a seat: the first ones.
type account struct {
	id, licenceID, letters string
	quantity               int
	members                []string
	seated                 int
}

// plainAccounts are customers with names spread over the alphabet and so many members each, none of whom holds a seat.
func plainAccounts(n, members int) []account {
	all := make([]account, n)
	for i := range all {
		all[i] = account{
			id: customerID(i), licenceID: licenceID(i), letters: fmt.Sprintf("%c%c%d", 'a'+i%26, 'a'+i/26%26, i),
			quantity: 10, members: memberIDs(i, members),
		}
	}
	return all
}

// draft is all of the account, and its seats.
func (a account) draft(t *table.Table) (*table.Tx, seat.Pool) {
	tx := t.Draft(began, "reportAccount", seed, "")
	c, appeared := customer.Appear(customer.Report{
		CustomerID: a.id, AccountID: "acc-" + a.letters, PartnerID: partnerID, Name: "Maison " + a.letters, Domain: a.letters + ".example",
		Administrator: customer.Administrator{Name: "Ada " + a.letters, Mail: "ada@" + a.letters + ".example"},
	})
	pool := seat.Loaded(nil, nil)
	for n, member := range a.members {
		var err error
		if pool, c, err = pool.Join(c, member, memberName(n)); err != nil {
			panic(err) // so many fit
		}
		tx.Put(&membership.Membership{
			UserID: member, OrganisationID: a.id, OrganisationName: c.Name, Name: memberName(n),
			Mail: fmt.Sprintf("m%d@%s.example", n, a.letters), Roles: []membership.Role{membership.Member},
		})
	}
	at := licence.At(began, time.UTC)
	l, out, err := licence.Take(licence.Order{
		LicenceID: a.licenceID, CustomerID: c.ID, PartnerID: partnerID, Origin: licence.Automatic,
		Quantity: a.quantity, Term: calendar.Month, AutoRenew: true, BillTo: licence.PaidByPartner,
	}, benchPlan, at)
	if err != nil {
		panic(err) // the plan is ours
	}
	tx.Record(&c, appeared)
	h := table.Holder{Customer: c, Seats: pool}
	if err = tx.Hold(&h, licence.Licence{}, &l, out, at); err != nil {
		panic(err)
	}
	pool = h.Seats
	tx.PutWords(c)
	if a.seated > 0 {
		if pool, _, _, err = pool.Add(module, a.members[:a.seated], began, at.Today); err != nil {
			panic(err)
		}
	}
	return tx, pool
}
