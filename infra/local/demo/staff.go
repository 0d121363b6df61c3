package demo

import (
	"slices"
	"strings"

	"comptoir/infra/local/identity"
	"comptoir/shared/calendar"
	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
)

// staff makes a partner's people: those who sign in here, and one in three partners who has yet to accept.
func (s *seeder) staff(p partner.Partner, customers []customer.Customer) {
	tx := s.draft(s.ago(380), "seed", system, p.ID)
	tx.OrganisationName = p.Name
	for _, u := range identity.Users {
		role, belongs := roles[u.Email][p.ID]
		if !belongs {
			continue
		}
		before := collaborator.New(p.ID, u.Email, u.Name, "fr")
		c, _, err := before.Invite(seller(p.ID).Name, tx.Now)
		must(err)
		var shelf collaborator.Portfolio
		var facts []event.Fact
		if slices.Contains(membership.CollaboratorRoles, role) {
			c, facts, err = c.Serve(p, role, tx.Now)
			must(err)
			var added []string
			shelf, added, _, err = shelf.Set(c, role, worksOn(customers), collaborator.Box{At: tx.Now, By: seller(p.ID).ID, Of: seller(p.ID).Name})
			must(err)
			c = c.Works(role, len(added))
		} else {
			c, facts = c.Appoint([]membership.Role{role}, "", seller(p.ID).Name, tx.Now)
		}
		shelf = shelf.Move(u.Sub)
		c, accepted, err := c.Accept(c.Invitation.Number, u.Sub, u.Email, "", tx.Now)
		must(err)
		p, err = collaborator.Count(p, before, c)
		must(err)
		place := c.Place(membership.Membership{}, p)
		tx.Put(&c)
		tx.Put(&place)
		tx.Shelve(nil, shelf)
		tx.Record(&p, append(facts, accepted)...)
	}
	tx.Put(&p)
	s.invited(p)
	for n, c := range customers {
		s.consent(p, c, n)
	}
}

// worksOn are the customers that a collaborator of the demonstration works on: the first, and every fourth.
func worksOn(customers []customer.Customer) []string {
	var all []string
	for n := 0; n < len(customers); n += 4 {
		all = append(all, customers[n].ID)
	}
	return all
}

// invited makes somebody who was invited yesterday.
func (s *seeder) invited(p partner.Partner) {
	if p.Kind != partner.AccountingFirm {
		return
	}
	tx := s.draft(s.ago(1), "inviteCollaborator", seller(p.ID), p.ID)
	c := collaborator.New(p.ID, "bruno@"+strings.SplitN(p.Contact.Mail, "@", 2)[1], "Bruno Caron", "fr")
	c, given, err := c.Serve(p, membership.Accountant, tx.Now)
	must(err)
	c, sent, err := c.Invite(seller(p.ID).Name, tx.Now)
	must(err)
	tx.Put(&c)
	tx.Record(&p, append(given, sent)...)
}

// consent is how the n-th customer of a partner has answered to its support.
func (s *seeder) consent(p partner.Partner, c customer.Customer, n int) {
	if _, err := p.Right(membership.Support); err != nil {
		return
	}
	given := consent.Consent{CustomerID: c.ID, CustomerName: c.Name, PartnerID: p.ID, PartnerName: p.Name}
	ask := n < 30 && n%10 == 0
	if !ask && n%3 != 1 {
		return
	}
	days := 60
	if ask {
		days = 2
	}
	tx := s.draft(s.ago(days), "askConsents", seller(p.ID), p.ID)
	tx.OrganisationName = p.Name
	given, facts := given.Ask(seller(p.ID).Name, 0, tx.Now)
	tx.Put(&given)
	tx.Record(&c, facts...)
	if ask {
		return
	}
	tx = s.draft(s.ago(days-1), "grantConsent", event.Actor{ID: c.Administrator.UserID, Kind: "person", Name: c.Administrator.Name}, c.ID)
	var err error
	if n%9 == 4 {
		given, facts, err = given.Withdraw(c.Administrator.Name, tx.Now) // of what was asked: no
	} else {
		given, facts, err = given.Grant(c.Administrator.Name, 0, calendar.Date{}, tx.Now, s.zone)
	}
	must(err)
	tx.Put(&given)
	tx.Record(&c, facts...)
}

// must panics where the demonstration, which is ours, breaks a rule.
func must(err error) {
	if err != nil {
		panic("demo: " + err.Error())
	}
}
