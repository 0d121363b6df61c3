package functions_test

import (
	"encoding/json"
	"fmt"
	"time"

	"comptoir/functions/apitest"
	"comptoir/shared/calendar"
	"comptoir/shared/consent"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/membership"
	"comptoir/shared/money"
	"comptoir/shared/notice"
	"comptoir/shared/plan"
	"comptoir/shared/seat"
	"comptoir/shared/table"
)

// fate is what a licence of a replay comes to.
type fate int

const (
	renewing   fate = iota // every month
	yearly                 // is reminded of, and no more
	converting             // from a trial
	trialOver              // a trial that nobody buys
	cancelled              // at the end of its term
	lapsing                // isn't renewed
	onHold                 // neither renewed nor ended
	shrinking              // to fewer units, at its renewal
	fates                  // how many there are
)

// populate imports customers, each with a licence or two of every fate. One in five is a sandbox, or the publisher's own. Some have members whose
// seats come near the cap, and Martin's people are let into some: by the operations themselves.
func (r *replay) populate(customers int) {
	w := r.run.w
	w.Scanned()
	var let, seated []string
	const chunk = 500
	for from := 0; from < customers; from += chunk {
		var drafts []*table.Tx
		for n := from; n < min(customers, from+chunk); n++ {
			report := customer.Report{CustomerID: fmt.Sprintf("cus_r%06d", n), AccountID: fmt.Sprint("acc-", n), PartnerID: apitest.Martin, Name: fmt.Sprint("Maison ", n)}
			switch n % 10 {
			case 3:
				report.Sandbox = true
			case 7:
				report.PartnerID = ""
			case 5:
				seated = append(seated, report.CustomerID)
			default:
				let = append(let, report.CustomerID)
			}
			drafts = append(drafts, r.account(report, n)...)
		}
		if err := w.Table.Import(r.t.Context(), drafts...); err != nil {
			r.t.Fatal(err)
		}
	}
	for _, id := range seated[:min(len(seated), 30)] {
		for _, some := range [][]string{names[:4], names[4:5]} { // 80 and 100 percent
			w.Machine("product").Do("POST /v1/customers/"+id+"/seats/"+apitest.Expenses+"/members", map[string]any{"memberIds": some}).Is(r.t, 201)
		}
	}
	r.let = let[:min(len(let), 40)]
	seller(w).Do("PUT "+personOf(membership.Accountant)+"/roles/accountant/customers", customersAre(r.let...)).Is(r.t, 200)
	seller(w).Do("POST "+martin+"/consents", customersAre(r.let...)).Is(r.t, 201)
}

// account is a customer with five members, and the licences of its number.
func (r *replay) account(report customer.Report, n int) (drafts []*table.Tx) {
	c, _ := customer.Appear(report)
	tx := r.run.w.Table.Draft(apitest.Start, "seed", seed, "")
	pool := seat.Loaded(nil, nil)
	var err error
	for _, name := range names[:5] {
		if pool, c, err = pool.Join(c, name, name); err != nil {
			r.t.Fatal(err)
		}
	}
	holder := table.Holder{Customer: c, Seats: pool}
	ends := []fate{fate(n) % fates}
	if n%10 == 5 {
		ends[0] = renewing
	}
	if n%4 == 0 {
		ends = append(ends, renewing) // due on the same day, often
	}
	for i, what := range ends {
		if i > 0 {
			tx = r.run.w.Table.Draft(apitest.Start, "seed", seed, "")
		}
		l, out := r.take(c.ID, fmt.Sprintf("lic_r%06dx%d", n, i), c.PartnerID, what)
		h := holder
		if err = tx.Hold(&h, licence.Licence{}, &l, out, licence.At(apitest.Start, apitest.Env.Zone)); err != nil {
			r.t.Fatal(err)
		}
		holder = h
		r.model.add(l)
		drafts = append(drafts, tx)
	}
	return drafts
}

// take is a licence of a fate as it was taken.
func (r *replay) take(customerID, licenceID, partnerID string, what fate) (licence.Licence, licence.Outcome) {
	at := licence.At(apitest.Start, apitest.Env.Zone)
	sold := plan.Plan{
		Code: apitest.Monthly, Commitment: plan.Flexible, Modules: map[string]int{apitest.Expenses: 1}, TrialDays: 30,
		Prices: map[calendar.Term]money.Money{calendar.Month: euros(10_00), calendar.Year: euros(100_00)},
	}
	o := licence.Order{
		LicenceID: licenceID, CustomerID: customerID, PartnerID: partnerID, Origin: licence.Manual, Quantity: 5, Term: calendar.Month,
		Trial: what == converting || what == trialOver, AutoRenew: what != trialOver && what != lapsing, BillTo: licence.PayerOf(partnerID),
	}
	if what == yearly {
		o.Term = calendar.Year
	}
	l, out, err := licence.Take(o, sold, at)
	four := 4
	switch {
	case err != nil:
	case what == cancelled:
		l, _, err = l.Cancel(licence.Cancellation{When: licence.AtRenewal}, at)
	case what == onHold:
		l, _, err = l.Suspend(licence.ByPartner, licence.PartnerSide, "", at)
	case what == shrinking:
		l, _, err = l.Change(licence.Change{Quantity: &four, When: licence.AtRenewal}, at)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return l.Await(at.Zone), out
}

// plainTerms is what becomes of licences when all that is due is done each time that somebody looks.
type plainTerms struct {
	zone *time.Location
	all  []*plainTerm
}

type plainTerm struct {
	licence.Licence
	facts []string
	waits bool // nobody can do it yet
}

func (m *plainTerms) add(l licence.Licence) *plainTerm {
	p := &plainTerm{Licence: l}
	m.all = append(m.all, p)
	return p
}

func (m *plainTerms) pass(now time.Time) {
	for _, p := range m.all {
		if p.DueAt.IsZero() || now.Before(p.DueAt) || p.waits {
			continue
		}
		after, out := p.FallDue(licence.At(now, m.zone))
		for _, f := range out.Facts {
			p.facts = append(p.facts, terms(f))
		}
		p.Licence = after.Await(m.zone)
	}
}

// terms is a fact about a licence, as far as it says something about terms and money.
func terms(f event.Fact) string {
	said := map[string]any{"kind": f.Kind}
	for _, name := range []string{"periodStart", "periodEnd", "days", "quantity", "total", "what", "endsOn", "reason"} {
		if v, is := f.Data[name]; is {
			said[name] = v
		}
	}
	text, _ := json.Marshal(said)
	return string(text)
}

// standing compares the licences, their customers' rows, what these give to the gauges, and the ledger of licences in force with the plain terms.
func (r *replay) standing(say func(string, ...any)) {
	today := calendar.On(r.run.w.Now(), apitest.Env.Zone)
	in := map[calendar.Date]int{today: 1, today.AddDays(300): 1} // Durand's, which is nobody's here
	for _, plain := range r.model.all {
		r.stands(plain, today, say)
		from, to, counts := plain.InForce()
		for on := range in {
			if counts && plain.PartnerID == apitest.Martin && r.live(plain) && !on.Before(from) && (to.IsZero() || on.Before(to)) {
				in[on]++
			}
		}
	}
	for on, want := range in {
		got := viewer(r.run.w).Do("GET "+martin+"/licences/count?asOf="+on.String(), nil).Is(r.t, 200).Get("count")
		if fmt.Sprint(got) != fmt.Sprint(want) {
			say("%v licences are in force on %s, the ledger says %v", want, on, got)
		}
	}
}

// live tells that a licence is no sandbox's, and was taken by an operation.
func (r *replay) live(plain *plainTerm) bool {
	var n int
	_, err := fmt.Sscanf(plain.CustomerID, "cus_r%06d", &n)
	return err == nil && n%10 != 3
}

func (r *replay) stands(plain *plainTerm, today calendar.Date, say func(string, ...any)) {
	ref, of, gauge := table.Licence(plain.CustomerID, plain.ID), table.Customer(plain.CustomerID), table.Gauge(plain.CustomerID, apitest.Expenses)
	call := table.Call{Load: []table.Load{ref, of, gauge}, Allow: table.Unasked}
	_, err := table.Read(r.t.Context(), r.run.w.Table, call, func(tx *table.Tx) (*struct{}, error) {
		l, err := ref.Get(tx)
		if err != nil {
			return nil, err
		}
		want := plain.Licence
		want.Stamp = l.Stamp
		if is, should := jsonOf(l), jsonOf(want); is != should {
			say("the licence is\n\t%s\nand should be\n\t%s", is, should)
		}
		c, err := of.Get(tx)
		if err != nil {
			return nil, err
		}
		held := false
		for _, h := range c.Held {
			if h.LicenceID != l.ID {
				continue
			}
			held = true
			alone := c
			alone.Held = []customer.Holding{h}
			if s := alone.Summary(today); s.RenewsOn != l.RenewsOn(today) || s.Status != l.Status(today) || h.EndsOn != l.EndsOn || h.Quantity != l.Quantity {
				say("the row says %+v of %s", h, jsonOf(l))
			}
		}
		if !held && !l.Ended(today) {
			say("the row of %s has not %s", c.ID, l.ID)
		}
		g, _ := gauge.Find(tx)
		for _, f := range g.Funds {
			if f.LicenceID == l.ID && (f.Seats != l.Quantity || f.Until != l.EndsOn || f.Suspended != (len(l.Reasons) > 0)) {
				say("the gauge has %+v of %s", f, jsonOf(l))
			}
		}
		return nil, nil
	})
	if err != nil {
		r.t.Error(plain.ID, err)
	}
}

func jsonOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// followed are the events that customers have because of what their partner did for many at once: each has one of each.
var followed = []string{notice.AccessGiven, consent.Asked}
