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

// Discreet is what an event says to the caller: without the amounts that it may not know of. A customer's people are told nothing of what its partner pays,
// and a partner nothing of what was paid while another had the customer.
func Discreet(tx *table.Tx, e event.Event) event.Fact {
	others := customer.IsID(tx.Organisation) && e.Text("billTo") == string(licence.PaidByPartner) || partner.IsID(tx.Organisation) && e.PartnerID != tx.Organisation
	if SeesAmounts(tx) && !others {
		return e.Fact
	}
	e.Data, _ = withoutAmounts(e.Data).(map[string]any)
	return e.Fact
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
