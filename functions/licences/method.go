package licences

import (
	"errors"

	"comptoir/shared/api"
	"comptoir/shared/licence"
	"comptoir/shared/partner"
	"comptoir/shared/problem"
	"comptoir/shared/table"
)

func (t TakeTerms) methods(in api.OnCustomer) []table.Load {
	return methods(in, t.PaymentMethodID, t.BillTo)
}

func (t ChangeTerms) methods(in api.OnCustomer) []table.Load {
	if t.PaymentMethodID == nil {
		return nil
	}
	return methods(in, *t.PaymentMethodID, t.BillTo)
}

// methods announces whose payment methods the one that is named is likely to be among; payable finds out.
func methods(in api.OnCustomer, methodID string, billTo licence.Payer) []table.Load {
	switch {
	case methodID == "":
	case billTo == licence.PaidByCustomer:
		return []table.Load{table.MethodsOf(in.CustomerID)}
	case partner.IsID(in.Organisation):
		return []table.Load{table.MethodsOf(in.Organisation)}
	}
	return nil
}

// payable refuses a payment method that is not of whom the licence is billed to. One that stays with who pays was looked at before.
func payable(tx *table.Tx, before, after licence.Licence) error {
	if after.PaymentID == "" || after.PaymentID == before.PaymentID && after.BillTo == before.BillTo {
		return nil
	}
	owner := after.CustomerID
	if after.BillTo == licence.PaidByPartner {
		owner = after.PartnerID
	}
	of := table.MethodsOf(owner)
	if err := tx.Load(of); err != nil {
		return err
	}
	m, _ := of.Find(tx)
	if _, err := m.Find(after.PaymentID); err != nil {
		return errNotTheirs
	}
	return nil
}

var errNotTheirs = problem.Invalid("body.paymentMethodId", "Whoever is billed has no such payment method.")

// gone is the refusal of a preview whose payment method was removed since.
func gone(err error) error {
	if errors.Is(err, errNotTheirs) {
		return licence.PreviewExpired()
	}
	return err
}
