package api

import (
	"slices"

	"comptoir/shared/authz"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/partner"
	"comptoir/shared/table"
)

// seesAmounts is the operation whose users are told amounts elsewhere too.
const seesAmounts = "listCharges"

// SeesAmounts tells whether the caller may know what customers are charged and pay.
func SeesAmounts(tx *table.Tx) bool {
	return slices.ContainsFunc(tx.Roles, func(role string) bool { return authz.Gives(role, seesAmounts) })
}

// Discreet takes out of events the amounts that the caller may not know of.
func Discreet(tx *table.Tx, events []event.Event) {
	sees := SeesAmounts(tx)
	for n := range events {
		if e := &events[n]; !sees || ofOthers(*e, tx.Organisation) {
			e.Data, _ = withoutAmounts(e.Data).(map[string]any)
		}
	}
}

// ofOthers tells whether the amounts of an event are nothing to an organisation: to a customer what its partner pays, and to a partner what was
// paid while another had the customer.
func ofOthers(e event.Event, organisation string) bool {
	if customer.IsID(organisation) {
		return e.Text("billTo") == string(licence.PaidByPartner)
	}
	return partner.IsID(organisation) && e.PartnerID != organisation
}

// withoutAmounts is a value without amounts of money, wherever they are in it.
func withoutAmounts(v any) any {
	switch v := v.(type) {
	case map[string]any:
		kept := map[string]any{}
		for name, value := range v {
			if !isAmount(value) {
				kept[name] = withoutAmounts(value)
			}
		}
		return kept
	case []any:
		kept := []any{}
		for _, value := range v {
			if !isAmount(value) {
				kept = append(kept, withoutAmounts(value))
			}
		}
		return kept
	}
	return v
}

// isAmount tells amounts of money as they come from the table.
func isAmount(v any) bool {
	m, _ := v.(map[string]any)
	_, amount := m["amount"].(float64)
	_, currency := m["currency"].(string)
	return amount && currency && len(m) == 2
}
