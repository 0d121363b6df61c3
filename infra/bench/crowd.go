package main

import (
	"context"
	"crypto/sha256"
	"fmt"

	"comptoir/shared/seat"
	"comptoir/shared/table"
)

// A crowd is a customer with many members. Its licence funds many more seats, so that no threshold is near, and
// all members but the last seat.MaxAtOnce hold one.
func crowd(members int) account {
	return account{
		id: crowdID(members), licenceID: fmt.Sprintf("lic_crowd%d", members), letters: fmt.Sprintf("zzz%d", members),
		quantity: crowdSeats, members: memberIDs(0, members), seated: members - seat.MaxAtOnce,
	}
}

// crowdSeats is the cap of a crowd's module.
const crowdSeats = 4000

func crowdID(members int) string { return fmt.Sprintf("cus_crowd%d", members) }

// memberID is the subject of a person's tokens, which identity providers make as UUIDs: 36 characters.
func memberID(n int) string {
	h := sha256.Sum256(fmt.Append(nil, n))
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

func memberIDs(from, n int) []string {
	var all []string
	for i := range n {
		all = append(all, memberID(from+i))
	}
	return all
}

func memberName(n int) string {
	first := []string{"Camille", "Léa", "Mohamed", "Jean-Baptiste", "Inès", "Thomas", "Chloé", "Antoine"}
	last := []string{"Martin", "Bernard", "Lefebvre", "Garcia", "Fontaine", "Roux", "Chevalier"}
	return first[n%len(first)] + " " + last[n%len(last)]
}

// restore puts the seats of customers back as they were at the start.
func (b *bench) restore(ctx context.Context, customerIDs ...string) error {
	t := table.New(b.direct, tableName)
	var drafts []*table.Tx
	for _, id := range customerIDs {
		drafts = append(drafts, seatsAsTheyWere(t, b.pools[id]))
	}
	return t.Import(ctx, drafts...)
}

// seatsAsTheyWere is a draft of gauges and rosters.
func seatsAsTheyWere(t *table.Table, pool seat.Pool) *table.Tx {
	tx := t.Draft(began, "seed", seed, "")
	for _, g := range pool.Gauges {
		tx.Put(&g)
	}
	for _, r := range pool.Rosters {
		tx.Put(&r)
	}
	return tx
}
