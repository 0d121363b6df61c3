package demo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"comptoir/infra/local/identity"
	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/notice"
	"comptoir/shared/seat"
	"comptoir/shared/table"
)

// team are a customer's people: those who sign in here, or its administrator, and made-up ones up to a
// number. The first is an administrator.
func (s *seeder) team(c customer.Customer, size int) []membership.Membership {
	var all []membership.Membership
	join := func(userID, name, mail string, role membership.Role) {
		all = append(all, membership.Membership{
			UserID: userID, OrganisationID: c.ID, OrganisationName: c.Name, Name: name, Mail: mail, Roles: []membership.Role{role},
		})
	}
	for _, u := range identity.Users {
		if role, belongs := roles[u.Email][c.ID]; belongs {
			join(u.Sub, u.Name, u.Email, role)
		}
	}
	if len(all) == 0 {
		join(c.Administrator.UserID, c.Administrator.Name, c.Administrator.Mail, membership.Admin)
	}
	for n := len(all) + 1; n <= size; n++ {
		name := givenNames[(s.number+n*5)%len(givenNames)] + " " + families[(s.number*3+n*11)%len(families)]
		join(memberID(c.ID, n), name, strings.Join(customer.Words(name), ".")+"@"+c.Domain, membership.Member)
	}
	return all
}

// memberID is the n-th member's of a customer.
func memberID(customerID string, n int) string {
	return fmt.Sprintf("usr_%s_%d", strings.TrimPrefix(customerID, "cus_"), n)
}

// enrol makes people members of a customer, whose row has to be written after.
func enrol(tx *table.Tx, c *customer.Customer, seats seat.Pool, people ...membership.Membership) seat.Pool {
	for _, m := range people {
		tx.Put(&m)
		var err error
		if seats, *c, err = seats.Join(*c, m.UserID, m.Name); err != nil {
			panic(err) // the demonstration is ours
		}
	}
	return seats
}

// welcome makes the rest of the team members, one after another.
func (t *story) welcome(days int) {
	tx := t.draft(days, "putMember", product)
	c := t.c
	t.seats = enrol(tx, &c, t.seats, t.team[1:]...)
	tx.Put(&c)
	tx.Settle(c.ID, t.seats, calendar.On(tx.Now, t.s.zone))
	for _, m := range t.team[1:] {
		tx.Record(&c, event.New("member.added", map[string]any{"memberId": m.UserID, "roles": m.Roles}))
	}
	t.c = c
}

// allot decides something about the customer's seats at a moment and writes it.
func (t *story) allot(days int, operation string, by event.Actor, decide func(tx *table.Tx, today calendar.Date) (seat.Pool, []event.Fact, error)) {
	tx := t.draft(days, operation, by)
	c := t.c
	today := calendar.On(tx.Now, t.s.zone)
	seats, facts, err := decide(tx, today)
	if err != nil {
		panic(fmt.Sprintf("demo: %s of %s: %v", operation, t.c.ID, err)) // stories are ours
	}
	tx.Settle(c.ID, seats, today)
	tx.Record(&c, facts...)
	t.seats = seats
}

// administrator is the customer's own, who hands out its seats.
func (t *story) administrator() event.Actor {
	return event.Actor{ID: t.team[0].UserID, Kind: "person", Name: t.team[0].Name}
}

// give gives seats of a module to the first so many of the team who hold none.
func (t *story) give(days int, module string, count int) {
	var ids []string
	for _, m := range t.team {
		member, _ := t.seats.Member(m.UserID)
		if _, holds := member.Seats[module]; !holds && len(ids) < count {
			ids = append(ids, m.UserID)
		}
	}
	if ids == nil {
		return
	}
	t.allot(days, "addSeats", t.administrator(), func(tx *table.Tx, today calendar.Date) (seat.Pool, []event.Fact, error) {
		pool, _, facts, err := t.seats.Add(module, ids, tx.Now, today)
		return pool, facts, err
	})
}

// use gives seats of all modules until so many percent of the cap are used, as far as the team goes.
func (t *story) use(days, percent int) {
	t.pass(t.s.ago(days))
	today := calendar.On(t.s.ago(days), t.s.zone)
	for _, module := range slices.Sorted(maps.Keys(t.seats.Gauges)) {
		r := t.seats.Gauges[module].On(today)
		t.give(days, module, (r.Cap*percent+99)/100-r.Used)
	}
}

// limit has the partner set the cap of a module.
func (t *story) limit(days int, module string, limit int) {
	t.allot(days, "setSeatCap", seller(t.p.ID), func(_ *table.Tx, today calendar.Date) (seat.Pool, []event.Fact, error) {
		return t.seats.SetCap(module, limit, today)
	})
}

// ask has the customer ask for more seats of a module.
func (t *story) ask(days int, module string, seats int, note string) {
	by := t.administrator()
	t.allot(days, "requestSeats", by, func(tx *table.Tx, today calendar.Date) (seat.Pool, []event.Fact, error) {
		pool, capNow, err := t.seats.Ask(module, today)
		r, _, asked := seat.Ask(t.asked, seat.Request{
			CustomerID: t.c.ID, Module: module, Seats: seats, Note: note, By: by.Name,
		}, capNow)
		tx.Put(&r)
		t.asked = r
		return pool, asked, err
	})
}

// answer has the partner answer what was asked: yes, or no and why.
func (t *story) answer(days int, accept bool, note string) {
	t.allot(days, "answerSeatRequest", seller(t.p.ID), func(tx *table.Tx, today calendar.Date) (pool seat.Pool, facts []event.Fact, err error) {
		pool = t.seats
		a := seat.Answer{Accepted: accept, Note: note, At: tx.Now}
		if accept {
			pool, facts, err = t.seats.Raise(t.asked.Module, t.asked.Wanted, today)
			a.Cap = pool.Gauges[t.asked.Module].On(today).Cap
		}
		r, answered := t.asked.Reply(a)
		tx.Put(&r)
		t.asked = r
		return pool, append(facts, answered), err
	})
}

const week = 7 * 24 * time.Hour

// read marks as read what organisations were told more than a week ago. The cloud tells the rest, unread, as soon
// as it runs: the stream brings it the events, and what was told already isn't told again.
func (s *seeder) read(ctx context.Context) error {
	var told []*table.Tx
	for ids := range slices.Chunk(s.customers, 20) {
		var load []table.Load
		activity := func(id string) table.List[event.Event] { return table.Activity(id, "", table.Page{Limit: 200}) }
		for _, id := range ids {
			load = append(load, activity(id))
		}
		call := table.Call{Load: load, Allow: func(*table.Tx) error { return nil }}
		_, err := table.Read(ctx, s.table, call, func(tx *table.Tx) (*struct{}, error) {
			for _, id := range ids {
				events, _ := activity(id).Rows(tx)
				for _, e := range events {
					if s.now.Sub(e.At) > week {
						told = append(told, s.told(e))
					}
				}
			}
			return nil, nil
		})
		if err != nil {
			return err
		}
	}
	return s.table.Import(ctx, told...)
}

// told is what everyone concerned was told of an event, and has read on the next day.
func (s *seeder) told(e event.Event) *table.Tx {
	tx := s.table.Draft(e.At, "seed", system, "")
	for _, organisation := range notice.Told(e) {
		n := notice.Of(e, organisation, s.names[e.Subject]).Mark(true, tx.Now.AddDate(0, 0, 1))
		tx.Put(&n)
	}
	return tx
}
