package notices

import (
	"cmp"
	"log/slog"
	"slices"

	"comptoir/shared/collaborator"
	"comptoir/shared/event"
	"comptoir/shared/mail"
	"comptoir/shared/membership"
	"comptoir/shared/notice"
	"comptoir/shared/phrase"
	"comptoir/shared/table"
)

// toPayer reminds a customer that pays itself, or that no partner manages, of one licence.
func (d Desk) toPayer(tx *table.Tx, e event.Event) (*posting, error) {
	ref := table.Customer(e.Subject)
	if err := tx.Load(ref); err != nil {
		return nil, err
	}
	c, _ := ref.Find(tx)
	r := notice.ReminderOf(e.Fact)
	return d.toAdministrator(tx, e, c, mail.Letter{
		Subject: phrase.Say("%s: a licence comes to its renewal date on %s", c.Name, phrase.Day(r.On)), Greeting: hello,
		Paragraphs: []phrase.Text{phrase.Say("The term of a licence of %s ends. Below is what comes of it if nobody does anything.", c.Name)},
		Table:      &mail.Table{Columns: columns, Rows: [][]mail.Cell{row(c.Name, r)}},
		Action:     &mail.Action{Label: phrase.Say("See the licence"), URL: d.Post.Link("customers", c.ID)},
		Why:        phrase.Say("You get this mail because you administer %s. In your preferences you can say that you want no reminders.", c.Name),
	})
}

// shown is how many licences a digest lists.
const shown = 100

// sellers are the roles of those who look after licences.
var sellers = []membership.Role{membership.GlobalAdmin, membership.AccountAdmin, membership.Sales}

// toSellers reminds a partner's people of all licences of a digest.
func (d Desk) toSellers(tx *table.Tx, e event.Event) ([]posting, error) {
	lines, partner := table.AllLines(notice.DigestOf(e)), table.Partner(e.PartnerID)
	if err := tx.Load(lines, partner); err != nil {
		return nil, err
	}
	all, _ := lines.Rows(tx)
	p, _ := partner.Find(tx)
	if len(all) == 0 {
		return nil, nil
	}
	subject := phrase.Say("%s: %d licences come to their renewal dates", p.Name, len(all))
	lead := phrase.Say("Here is what comes of them if nobody does anything, the soonest first.")
	switch {
	case len(all) == 1:
		subject = phrase.Say("%s: a licence of %s comes to its renewal date", p.Name, all[0].CustomerName)
		lead = phrase.Say("Here is what comes of it if nobody does anything.")
	case len(all) > shown:
		lead = phrase.Say("Here is what comes of the %d soonest if nobody does anything. There are %d more, which the portal shows.", shown, len(all)-shown)
	}
	list := &mail.Table{Columns: columns}
	for _, l := range all[:min(shown, len(all))] {
		list.Rows = append(list.Rows, row(l.CustomerName, l.Reminder))
	}
	return d.toPeople(tx, e, sellers, mail.Letter{
		Subject: subject, Greeting: hello,
		Paragraphs: []phrase.Text{lead}, Table: list,
		Action: &mail.Action{Label: phrase.Say("See all that is to be renewed"), URL: d.Post.Link("renewals")},
		Why:    phrase.Say("You get this mail because you look after licences for %s. In your preferences you can say that you want no reminders.", p.Name),
	})
}

var columns = []phrase.Text{phrase.Say("Customer, licence"), phrase.Say("Renewal date"), phrase.Say("What happens"), phrase.Say("Seats that nobody has")}

// row is what a reminder says, about a customer of a name.
func row(customer string, r notice.Reminder) []mail.Cell {
	return []mail.Cell{
		{Main: phrase.Name(customer), Detail: r.Licence()},
		{Main: phrase.Day(r.On), Detail: phrase.Say("last day to act: %s", phrase.Day(r.LastDay))},
		{Main: r.Outcome(), Detail: r.Price()},
		{Main: phrase.Name(r.Unused())},
	}
}

// toBilling tells those who look after a partner's money that some is late.
func (d Desk) toBilling(tx *table.Tx, e event.Event) ([]posting, error) {
	customer, partner := table.Customer(e.Subject), table.Partner(e.PartnerID)
	if err := tx.Load(customer, partner); err != nil {
		return nil, err
	}
	c, _ := customer.Find(tx) // none where it is the partner's own
	p, _ := partner.Find(tx)
	subject := phrase.Say("%s: a payment is late", cmp.Or(c.Name, p.Name))
	if e.Kind == notice.InvoiceOverdue {
		subject = phrase.Say("%s: an invoice is overdue", cmp.Or(c.Name, p.Name))
	}
	all, err := d.toPeople(tx, e, []membership.Role{membership.GlobalAdmin, membership.Billing}, mail.Letter{
		Subject: subject, Greeting: hello,
		Paragraphs: []phrase.Text{notice.Late(e.Fact, c.Name)},
		Action:     &mail.Action{Label: phrase.Say("See it in the portal"), URL: d.Post.Link("notifications")},
		Why:        phrase.Say("You get this mail because you have set this address at %s for overdue and late-payment notices.", p.Name),
	})
	if err == nil && len(all) == 0 { // the notification is all there is
		slog.WarnContext(tx.Context(), "nobody has a fallback address", "eventId", e.ID, "kind", e.Kind, "partnerId", e.PartnerID)
	}
	return all, err
}

// peopleAtOnce is how many of a partner's people are read together.
const peopleAtOnce = 100

// toPeople is a letter to each of a partner's active users who has one of some roles, where and in the language that each wants it.
func (d Desk) toPeople(tx *table.Tx, e event.Event, roles []membership.Role, letter mail.Letter) (all []posting, err error) {
	for page := (table.Page{Limit: peopleAtOnce}); ; {
		people := table.Collaborators(e.PartnerID, page)
		if err := tx.Load(people); err != nil {
			return nil, err
		}
		found, next := people.Rows(tx)
		found = slices.DeleteFunc(found, func(c collaborator.Collaborator) bool {
			return !c.Active() || !slices.ContainsFunc(c.Roles, func(r membership.Role) bool { return slices.Contains(roles, r) })
		})
		var profiles []table.Load
		for _, c := range found {
			profiles = append(profiles, table.Profile(c.UserID))
		}
		if err := tx.Load(profiles...); err != nil {
			return nil, err
		}
		for _, c := range found {
			p, err := d.prefers(tx, e, c.UserID, c.Mail, c.Language, letter)
			if err != nil {
				return nil, err
			}
			if p != nil {
				all = append(all, *p)
			}
		}
		if page.Cursor = next; next == "" {
			return all, nil
		}
	}
}
