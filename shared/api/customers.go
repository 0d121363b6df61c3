package api

import (
	"fmt"

	"comptoir/shared/customer"
	"comptoir/shared/phrase"
	"comptoir/shared/problem"
	"comptoir/shared/table"
)

// CustomerIDs are customers that a partner names, as customerIds of a body.
type CustomerIDs []string

// Check refuses what can't be a customer's id.
func (ids CustomerIDs) Check() error {
	for i, id := range ids {
		if !customer.IsID(id) {
			return problem.InvalidFields(NoCustomer(i))
		}
	}
	return nil
}

// NoCustomer says that the one at a place is none of the partner's: nobody can tell others' from those that don't exist.
func NoCustomer(i int) problem.Field {
	return problem.Field{Name: fmt.Sprintf("body.customerIds[%d]", i), Detail: phrase.Say("You have no such customer.")}
}

// NotOf are those that are none of a partner's. It takes a round trip of its own; a moment ago will do, since whose a customer is
// counts with each request again.
func (ids CustomerIDs) NotOf(tx *table.Tx, partnerID string) (map[string]bool, error) {
	var load []table.Load
	for _, id := range ids {
		load = append(load, table.Customer(id).Lately())
	}
	if err := tx.Load(load...); err != nil {
		return nil, err
	}
	strangers := map[string]bool{}
	for _, id := range ids {
		if c, ok := table.Customer(id).Find(tx); !ok || c.PartnerID != partnerID {
			strangers[id] = true
		}
	}
	return strangers, nil
}
