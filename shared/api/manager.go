package api

import "comptoir/shared/partner"

// ManagerView is who manages a company's contract, and how to reach it (D1).
type ManagerView struct {
	Kind  string `json:"kind" enum:"partner,publisher"`
	ID    string `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`
	Mail  string `json:"mail"`
	Phone string `json:"phone,omitempty"`
}

// Manager is the partner of record or, without one, the publisher with its support.
func (e Env) Manager(p *partner.Partner) ManagerView {
	if p == nil {
		return ManagerView{Kind: "publisher", Mail: e.SupportMail}
	}
	return ManagerView{"partner", p.ID, p.Name, p.Contact.Mail, p.Contact.Phone}
}
