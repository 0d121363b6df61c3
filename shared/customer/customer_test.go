package customer_test

import (
	"reflect"
	"testing"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/licence"
)

func day(text string) calendar.Date {
	d, err := calendar.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

var never calendar.Date

// held is a licence of three units, renewed on a day.
func held(id, renewsOn string, with ...func(*licence.Licence)) licence.Licence {
	l := licence.Licence{
		ID: id, Quantity: 3, StartedOn: day("2026-01-01"), End: day(renewsOn), PaymentID: "pay_" + id,
		Offer: licence.Offer{PlanCode: "PLAN-" + id},
	}
	for _, w := range with {
		w(&l)
	}
	return l
}

func onTrial(l *licence.Licence)   { l.OnTrial = true }
func suspended(l *licence.Licence) { l.Reasons = []licence.Reason{licence.Unpaid} }

func ending(on string, as licence.Status) func(*licence.Licence) {
	return func(l *licence.Licence) { l.EndsOn, l.Ending = day(on), as }
}

// holding is a customer that holds the licences, as of 1 June 2026.
func holding(all ...licence.Licence) customer.Customer {
	c := customer.Customer{ID: "cus_1", Held: []customer.Holding{}}
	for _, l := range all {
		c = c.Hold(l, day("2026-06-01"))
	}
	return c
}

func ids(c customer.Customer) []string {
	all := []string{}
	for _, h := range c.Held {
		all = append(all, h.LicenceID)
	}
	return all
}

func wantEqual[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// A7: what wants to be seen comes first.
func TestHoldOrdersLicencesByHowMuchTheyWantToBeSeen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		all  []licence.Licence
		want []string
	}{
		{"the next renewal first", []licence.Licence{held("a", "2027-03-01"), held("b", "2026-07-01"), held("c", "2026-12-01")}, []string{"b", "c", "a"}},
		{"a suspended one before the next renewal", []licence.Licence{held("a", "2026-07-01"), held("b", "2027-03-01", suspended)}, []string{"b", "a"}},
		{"suspended ones by renewal", []licence.Licence{held("a", "2026-09-01", suspended), held("b", "2026-08-01", suspended)}, []string{"b", "a"}},
		{"a trial like any other", []licence.Licence{held("a", "2026-07-01"), held("b", "2026-06-20", onTrial)}, []string{"b", "a"}},
		{"an ended one last", []licence.Licence{held("a", "2026-07-01", ending("2026-05-01", licence.Cancelled)), held("b", "2027-03-01")}, []string{"b", "a"}},
		{"an ended one last even if suspended", []licence.Licence{held("a", "2026-07-01", suspended, ending("2026-05-01", licence.Cancelled)), held("b", "2027-03-01")}, []string{"b", "a"}},
		{"one that is yet to end by its renewal date", []licence.Licence{held("a", "2026-07-01", ending("2026-07-01", licence.Expired)), held("b", "2026-06-15")}, []string{"b", "a"}},
		{"of the ended ones only the latest", []licence.Licence{
			held("a", "2026-05-01", ending("2026-05-01", licence.Expired)), held("b", "2026-06-01", ending("2026-06-01", licence.Cancelled)),
			held("c", "2026-02-01", ending("2026-02-01", licence.Expired)), held("d", "2027-03-01"),
		}, []string{"d", "b"}},
		{"the same day by id", []licence.Licence{held("b", "2026-07-01"), held("a", "2026-07-01")}, []string{"a", "b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantEqual(t, "order", ids(holding(c.all...)), c.want)
		})
	}
}

func TestHoldKeepsOneHoldingOfALicence(t *testing.T) {
	t.Parallel()
	c := holding(held("a", "2027-03-01"), held("b", "2026-07-01"))
	grown := held("a", "2027-03-01", suspended)
	grown.Quantity = 8
	after := c.Hold(grown, day("2026-06-02"))
	wantEqual(t, "order", ids(after), []string{"a", "b"})
	wantEqual(t, "as of", after.AsOf, day("2026-06-02"))
	wantEqual(t, "holding", after.Held[0], customer.Holding{
		LicenceID: "a", PlanCode: "PLAN-a", Quantity: 8, Status: licence.Suspended, RenewsOn: day("2027-03-01"),
		PaymentID: "pay_a", TakenOn: day("2026-01-01"),
	})
	wantEqual(t, "the customer asked, as of", c.AsOf, day("2026-06-01"))
	wantEqual(t, "the customer asked, order", ids(c), []string{"b", "a"})
}

// A7, B12: the row tells of the licence that wants to be seen first, and counts those in force.
func TestSummary(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		c    customer.Customer
		on   string
		want customer.Summary
	}{
		{"of no licence is empty", holding(), "2026-06-01", customer.Summary{}},
		{
			"of one licence", holding(held("a", "2027-03-01")), "2026-06-01",
			customer.Summary{LicenceID: "a", Status: licence.Active, PlanCode: "PLAN-a", RenewsOn: day("2027-03-01"), PaymentID: "pay_a", Licences: 1, Quantity: 3},
		},
		{
			"of a trial", holding(held("a", "2026-06-20", onTrial)), "2026-06-01",
			customer.Summary{LicenceID: "a", Status: licence.Trial, PlanCode: "PLAN-a", RenewsOn: day("2026-06-20"), PaymentID: "pay_a", Licences: 1, Quantity: 3},
		},
		{
			"of a suspended trial is suspended", holding(held("a", "2026-06-20", onTrial, suspended)), "2026-06-01",
			customer.Summary{LicenceID: "a", Status: licence.Suspended, PlanCode: "PLAN-a", RenewsOn: day("2026-06-20"), PaymentID: "pay_a", Licences: 1, Quantity: 3},
		},
		{
			"of several counts all in force, suspended ones too", holding(held("a", "2027-03-01"), held("b", "2027-05-01", suspended)), "2026-06-01",
			customer.Summary{LicenceID: "b", Status: licence.Suspended, PlanCode: "PLAN-b", RenewsOn: day("2027-05-01"), PaymentID: "pay_b", Licences: 2, Quantity: 6},
		},
		{
			"of an ended one has no renewal date and counts none", holding(held("a", "2026-05-01", ending("2026-05-01", licence.Cancelled))), "2026-06-01",
			customer.Summary{LicenceID: "a", Status: licence.Cancelled, PlanCode: "PLAN-a", RenewsOn: never, PaymentID: "pay_a"},
		},
		{
			"doesn't count the ended one", holding(held("a", "2026-05-01", ending("2026-05-01", licence.Cancelled)), held("b", "2027-05-01")), "2026-06-01",
			customer.Summary{LicenceID: "b", Status: licence.Active, PlanCode: "PLAN-b", RenewsOn: day("2027-05-01"), PaymentID: "pay_b", Licences: 1, Quantity: 3},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantEqual(t, "summary", c.c.Summary(day(c.on)), c.want)
		})
	}
}

// An end comes without anybody touching the row: what it says follows from the day it is read on.
func TestSummaryOnDaysWhenAnEndHasPassed(t *testing.T) {
	t.Parallel()
	c := holding(
		held("a", "2026-07-01", ending("2026-07-01", licence.Expired)),
		held("b", "2026-08-01", suspended, ending("2026-08-01", licence.Cancelled)),
		held("c", "2027-03-01"),
	)
	for _, each := range []struct {
		on       string
		status   licence.Status
		plan     string
		renewsOn string
		licences int
	}{
		{"2026-06-30", licence.Suspended, "PLAN-b", "2026-08-01", 3},
		{"2026-07-01", licence.Suspended, "PLAN-b", "2026-08-01", 2},
		{"2026-08-01", licence.Active, "PLAN-c", "2027-03-01", 1},
	} {
		t.Run(each.on, func(t *testing.T) {
			t.Parallel()
			s := c.Summary(day(each.on))
			wantEqual(t, "status", s.Status, each.status)
			wantEqual(t, "plan", s.PlanCode, each.plan)
			wantEqual(t, "renews on", s.RenewsOn.String(), each.renewsOn)
			wantEqual(t, "licences", s.Licences, each.licences)
			wantEqual(t, "quantity", s.Quantity, 3*each.licences)
		})
	}
	t.Run("the latest of those that ended meanwhile", func(t *testing.T) {
		t.Parallel()
		c := holding(held("a", "2026-07-01", ending("2026-07-01", licence.Expired)), held("b", "2026-08-01", ending("2026-08-01", licence.Cancelled)))
		s := c.Summary(day("2026-09-01"))
		wantEqual(t, "status", s.Status, licence.Cancelled)
		wantEqual(t, "plan", s.PlanCode, "PLAN-b")
		wantEqual(t, "renews on", s.RenewsOn, never)
	})
	t.Run("what has ended since is forgotten with the next change", func(t *testing.T) {
		t.Parallel()
		wantEqual(t, "order", ids(c.Hold(held("d", "2027-01-01"), day("2026-09-01"))), []string{"d", "c", "b"})
	})
}

// A licence that renews by itself needs no change of the row: its renewal date comes round with the days.
func TestRenewalDatesComeRound(t *testing.T) {
	t.Parallel()
	monthly := held("a", "2026-06-30", func(l *licence.Licence) { l.AutoRenew, l.Term, l.Anchor = true, calendar.Month, day("2026-01-31") })
	yearly := held("b", "2027-01-15", func(l *licence.Licence) { l.AutoRenew, l.Term, l.Anchor = true, calendar.Year, day("2026-01-15") })
	c := holding(monthly, yearly)
	for on, want := range map[string]struct{ renewsOn, plan string }{
		"2026-06-01": {"2026-06-30", "PLAN-a"},
		"2026-06-29": {"2026-06-30", "PLAN-a"},
		"2026-06-30": {"2026-07-31", "PLAN-a"},
		"2027-01-01": {"2027-01-15", "PLAN-b"},
		"2027-01-15": {"2027-01-31", "PLAN-a"},
		"2028-02-01": {"2028-02-29", "PLAN-a"},
	} {
		s := c.Summary(day(on))
		if s.RenewsOn != day(want.renewsOn) || s.PlanCode != want.plan {
			t.Errorf("on %s: %v of %s, want %v", on, s.RenewsOn, s.PlanCode, want)
		}
	}
	t.Run("a renewal leaves the row as it was", func(t *testing.T) {
		t.Parallel()
		next := monthly
		next.Start, next.End = next.End, day("2026-07-31")
		if after := c.Hold(next, day("2026-06-30")); !after.Like(c) {
			t.Errorf("%v became %v", c.Held, after.Held)
		}
	})
	t.Run("unless another licence comes first then", func(t *testing.T) {
		t.Parallel()
		next := monthly
		next.Start, next.End = day("2026-12-31"), day("2027-01-31")
		if c.Hold(next, day("2026-12-31")).Like(c) {
			t.Error("the indexes would go on with the first licence's plan")
		}
	})
	t.Run("one that was suspended stays where it was", func(t *testing.T) {
		t.Parallel()
		stopped := monthly
		stopped.Reasons = []licence.Reason{licence.Unpaid}
		after := c.Hold(stopped, day("2026-06-10"))
		wantEqual(t, "renews on", after.Summary(day("2026-09-01")).RenewsOn, day("2026-06-30"))
		if after.Like(c) {
			t.Error("the row doesn't tell of the suspension")
		}
	})
}

// A13: a customer appears with what the product says of it, and one fact.
func TestAppear(t *testing.T) {
	t.Parallel()
	r := customer.Report{
		CustomerID: "cus_1", AccountID: "acc-1", PartnerID: "par_1", Name: "Boulangerie Dupont", Domain: "dupont.example",
		SIREN: "732829320", Administrator: customer.Administrator{UserID: "u1", Name: "Ada Dupont", Mail: "ada@dupont.example"},
	}
	c, fact := customer.Appear(r)
	wantEqual(t, "customer", c, customer.Customer{
		ID: "cus_1", AccountID: "acc-1", PartnerID: "par_1", Name: "Boulangerie Dupont", Domain: "dupont.example",
		SIREN: "732829320", Administrator: r.Administrator, Livemode: true, Held: []customer.Holding{},
	})
	wantEqual(t, "fact", fact, event.New("customer.appeared", map[string]any{"accountId": "acc-1", "name": "Boulangerie Dupont", "partnerId": "par_1"}))

	t.Run("a sandbox is not live (A5)", func(t *testing.T) {
		t.Parallel()
		r := r
		r.Sandbox = true
		c, _ := customer.Appear(r)
		wantEqual(t, "livemode", c.Livemode, false)
		wantEqual(t, "livemode of its events", c.About().Livemode, false)
	})
}

// E19: the events of a customer name its partner of record and its version.
func TestEventsOfACustomer(t *testing.T) {
	t.Parallel()
	c, _ := customer.Appear(customer.Report{CustomerID: "cus_1", PartnerID: "par_1"})
	c.Advance(time.Unix(0, 0))
	wantEqual(t, "about", c.About(), event.About{Kind: "customer", ID: "cus_1", Organisation: "cus_1", PartnerID: "par_1", Version: 1, Livemode: true})
}

// A7: the row shows how the customer pays by default, and which payment methods its licences in force need.
func TestTheRowKnowsHowTheCustomerPays(t *testing.T) {
	t.Parallel()
	first := customer.Method{ID: "pay_1", Kind: "sepa", Last4: "2606"}
	var c customer.Customer
	if c.PaysBy() != (customer.Method{}) {
		t.Errorf("it pays by %v", c.PaysBy())
	}
	paid := c.PayBy(first)
	if paid.PaysBy() != first || c.PaysBy() != (customer.Method{}) {
		t.Errorf("then by %v, before by %v", paid.PaysBy(), c.PaysBy())
	}
	if none := paid.PayBy(customer.Method{}); none.Method != nil {
		t.Errorf("nothing is kept as %v", none.Method)
	}
	c.Held = []customer.Holding{
		{LicenceID: "a", Status: licence.Active, PaymentID: "pay_a"},
		{LicenceID: "b", Status: licence.Suspended, EndsOn: day("2026-07-01"), Ending: licence.Cancelled, PaymentID: "pay_b"},
		{LicenceID: "c", Status: licence.Active, EndsOn: day("2026-06-01"), Ending: licence.Expired, PaymentID: "pay_c"},
	}
	for id, used := range map[string]bool{"pay_a": true, "pay_b": true, "pay_c": false, "pay_d": false} {
		if got := c.UsesMethod(id, day("2026-06-01")); got != used {
			t.Errorf("%s is in use: %t", id, got)
		}
	}
}
