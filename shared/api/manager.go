package api

import (
	"comptoir/shared/customer"
	"comptoir/shared/table"
)

// ManagerView is who manages a company's contract, and how to reach it (D1).
type ManagerView struct {
	Kind  string `json:"kind" enum:"partner,publisher"`
	ID    string `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`
	Mail  string `json:"mail"`
	Phone string `json:"phone,omitempty"`
}

// ManagerOf is a customer's partner of record or, without one, the publisher with its support. Unless the partner itself
// asks, it takes a round trip of its own.
func (e Env) ManagerOf(tx *table.Tx, c customer.Customer) (ManagerView, error) {
	if c.PartnerID == "" {
		return ManagerView{Kind: "publisher", Mail: e.SupportMail}, nil
	}
	ref := table.Partner(c.PartnerID)
	if err := tx.Load(ref); err != nil {
		return ManagerView{}, err
	}
	p, _ := ref.Find(tx)
	return ManagerView{"partner", p.ID, p.Name, p.Contact.Mail, p.Contact.Phone}, nil
}
