package licence_test

import (
	"math/big"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"comptoir/shared/calendar"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/plan"
	"comptoir/shared/problem"
)

// group is units taken together, as the ledger below sees them.
type group struct {
	n     int
	taken time.Time
	price *big.Rat      // for a unit's day
	from  calendar.Date // the first day paid for
	paid  int64         // and not credited
}

// ledger reckons with exact fractions what a licence's units have cost so far, apart from the code
// under test: each unit costs its price for a day on every day it is held.
type ledger struct {
	groups []group // oldest first
	end    calendar.Date
	used   *big.Rat // the price of the days used by units given back
	net    int64    // charged and not credited, by the lines
	lines  int
}

func perDay(l licence.Licence) *big.Rat {
	return big.NewRat(l.Prices[l.Term].Amount, int64(l.Start.DaysUntil(l.End)))
}

func times(r *big.Rat, n int) *big.Rat { return new(big.Rat).Mul(r, big.NewRat(int64(n), 1)) }

// follow books an operation that was done: the units given back, latest first, and those taken, in
// the order of the outcome's lines.
func (g *ledger) follow(t *rapid.T, before, after licence.Licence, out licence.Outcome, m licence.Moment) {
	lines := slices.Clone(out.Lines)
	next := func(kind licence.LineKind, n int) licence.Line {
		if len(lines) == 0 || lines[0].Kind != kind || lines[0].Quantity != n {
			t.Fatalf("want a %s of %d units, got %v", kind, n, lines)
		}
		line := lines[0]
		lines = lines[1:]
		g.net += line.Amount.Amount
		g.lines++
		return line
	}
	giveBack := func(i, n int) {
		line, from := next(licence.Credit, n), &g.groups[i]
		if back := -line.Amount.Amount; back < 0 || back > from.paid {
			t.Fatalf("a credit of %d for units that %d was paid for", back, from.paid)
		}
		from.paid += line.Amount.Amount
		g.used.Add(g.used, times(from.price, n*from.from.DaysUntil(m.Today)))
		from.n -= n
	}
	takeOn := func(n int, taken time.Time) {
		line := next(licence.Charge, n)
		if line.Amount.Amount < 0 {
			t.Fatalf("a charge of %v", line.Amount)
		}
		g.groups = append(g.groups, group{n, taken, perDay(after), m.Today, line.Amount.Amount})
	}
	switch {
	case after.Ended(m.Today) && !m.Today.Before(before.End): // nothing of the term is left
	case after.Ended(m.Today):
		for i := range slices.Backward(g.groups) {
			giveBack(i, g.groups[i].n)
		}
		g.groups = nil
	case after.PlanCode != before.PlanCode || after.Term != before.Term:
		old := g.groups
		for i := range old {
			giveBack(i, old[i].n)
		}
		g.groups = nil
		left := after.Quantity
		for i := 0; left > 0; i++ {
			n, taken := left, m.Now
			if i < len(old) {
				b := before.Batches[i]
				n, taken = min(left, b.Quantity), old[i].taken
			}
			takeOn(n, taken)
			left -= n
		}
	default:
		for left := before.Quantity - after.Quantity; left > 0; {
			last := len(g.groups) - 1
			n := min(left, g.groups[last].n)
			giveBack(last, n)
			if left -= n; g.groups[last].n == 0 {
				g.groups = g.groups[:last]
			}
		}
		if added := after.Quantity - before.Quantity; added > 0 {
			takeOn(added, m.Now)
		}
	}
	g.end = after.End
	if len(lines) > 0 {
		t.Fatalf("lines left over: %v", lines)
	}
}

// renew books terms that followed one another: what was paid for before is used up, and all units are charged anew, in one
// line for each term.
func (g *ledger) renew(t *rapid.T, after licence.Licence, out licence.Outcome) {
	for _, line := range out.Lines {
		for _, each := range g.groups {
			g.used.Add(g.used, times(each.price, each.n*each.from.DaysUntil(g.end)))
		}
		g.net += line.Amount.Amount
		g.lines += 1 + len(after.Batches)
		g.end = line.To
		price := big.NewRat(line.UnitPrice.Amount, int64(line.OfDays))
		g.groups = []group{{n: line.Quantity, price: price, from: line.From, paid: line.Amount.Amount}}
	}
	whole := g.groups[0]
	g.groups = nil
	for _, b := range after.Batches {
		g.groups = append(g.groups, group{b.Quantity, b.TakenAt, whole.price, b.From, b.Paid.Amount})
		whole.n -= b.Quantity
		whole.paid -= b.Paid.Amount
		if b.From != whole.from {
			t.Fatalf("a batch is paid for from %v, the term from %v", b.From, whole.from)
		}
	}
	if whole.n != 0 || whole.paid != 0 || g.end != after.End {
		t.Fatalf("the batches %v don't make up the term's charge: %d units and %d cents are left", after.Batches, whole.n, whole.paid)
	}
}

// follows tells whether a term followed the one before in an outcome.
func follows(out licence.Outcome) bool {
	return slices.ContainsFunc(out.Facts, func(f event.Fact) bool { return f.Kind == "licence.renewed" || f.Kind == "licence.trialConverted" })
}

// check compares what was charged and not credited with the exact price of the days: the lines may be
// off by their roundings, of which each has two at the most and inherits one.
func (g *ledger) check(t *rapid.T, l licence.Licence) {
	exact := new(big.Rat).Set(g.used)
	for _, each := range g.groups {
		exact.Add(exact, times(each.price, each.n*each.from.DaysUntil(g.end)))
	}
	off := new(big.Rat).Sub(exact, big.NewRat(g.net, 1))
	if off.Abs(off).Cmp(big.NewRat(int64(3*g.lines), 2)) > 0 {
		t.Fatalf("charged and not credited: %d after %d lines; the days cost %s", g.net, g.lines, exact.FloatString(2))
	}
	if g.net < 0 {
		t.Fatalf("more credited than charged: %d", g.net)
	}
	var taken, kept []time.Time
	for _, each := range g.groups {
		taken = append(taken, each.taken)
	}
	for _, b := range l.Batches {
		kept = append(kept, b.TakenAt)
		if b.Paid.Amount < 0 || b.Quantity < 1 {
			t.Fatalf("a batch of %d units with %v paid", b.Quantity, b.Paid)
		}
	}
	if len(g.groups) > 0 && !slices.EqualFunc(taken, kept, time.Time.Equal) {
		t.Fatalf("units were taken %v, the licence says %v", taken, kept)
	}
}

// The plans that random licences move between.
func plans() []plan.Plan {
	return []plan.Plan{
		sold("A", plan.Committed, 120_00, 12_00), sold("B", plan.Flexible, 99_99, 9_99),
		sold("C", plan.Committed, 1, 1), sold("D", plan.Flexible, 179_37, 17_01),
	}
}

func anyQuantity(t *rapid.T) int {
	return rapid.OneOf(rapid.IntRange(1, 30), rapid.IntRange(-1, licence.MaxQuantity+1)).Draw(t, "quantity")
}

func anyTerm() *rapid.Generator[calendar.Term] {
	return rapid.SampledFrom([]calendar.Term{calendar.Month, calendar.Year})
}

func anyWhen() *rapid.Generator[licence.When] {
	return rapid.SampledFrom([]licence.When{"", "", licence.Now, licence.AtRenewal})
}

func anyChange(t *rapid.T) licence.Change {
	c := licence.Change{When: anyWhen().Draw(t, "when"), DropScheduled: rapid.Bool().Draw(t, "drop")}
	for _, part := range rapid.SliceOfNDistinct(rapid.IntRange(0, 5), 1, 3, rapid.ID).Draw(t, "parts") {
		switch part {
		case 0, 1:
			n := anyQuantity(t)
			c.Quantity = &n
		case 2:
			p := rapid.SampledFrom(plans()).Draw(t, "plan")
			c.Plan = &p
		case 3:
			c.Term = anyTerm().Draw(t, "term")
		case 4:
			on := rapid.Bool().Draw(t, "renew")
			c.AutoRenew = &on
		case 5:
			c.BillTo = rapid.SampledFrom([]licence.Payer{licence.PaidByPartner, licence.PaidByCustomer}).Draw(t, "payer")
		}
	}
	return c
}

func anyOperation(t *rapid.T, m licence.Moment) operation {
	side := rapid.SampledFrom([]licence.Side{licence.PartnerSide, licence.PublisherSide}).Draw(t, "side")
	reason := rapid.SampledFrom(everyReason).Draw(t, "reason")
	switch rapid.IntRange(0, 14).Draw(t, "operation") {
	case 10, 11, 12, 13, 14:
		return work(m)
	case 0:
		return cancel(anyWhen().Draw(t, "when"), m)
	case 1:
		return suspend(reason, side, m)
	case 2:
		return resume(reason, side, m)
	default:
		return change(anyChange(t), m)
	}
}

func anyOrder(t *rapid.T) licence.Order {
	return order(func(o *licence.Order) {
		o.Quantity, o.Term = rapid.IntRange(1, 30).Draw(t, "quantity"), anyTerm().Draw(t, "term")
		o.Trial, o.AutoRenew = rapid.IntRange(0, 9).Draw(t, "trial") == 0, rapid.Bool().Draw(t, "renews")
	})
}

// Whatever happens to a licence, and whenever: its money and its units add up, and what is refused
// changes nothing.
func TestLicenceAddsUpWhateverHappens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := later(at("2023-11-14 10:00"), rapid.Int64Range(0, 200_000_000).Draw(t, "start"))
		l, out, err := licence.Take(anyOrder(t), rapid.SampledFrom(plans()).Draw(t, "plan"), m)
		if err != nil {
			t.Fatal(err)
		}
		book := &ledger{used: new(big.Rat)}
		if !l.OnTrial {
			book.follow(t, licence.Licence{Offer: l.Offer, Term: l.Term}, l, out, m)
		}
		for range rapid.IntRange(1, 12).Draw(t, "operations") {
			m = later(m, anyPause(t))
			op := anyOperation(t, m)
			before := textOf(l)
			after, out, err := op(l)
			if textOf(l) != before {
				t.Fatalf("the decision altered the licence it was asked of:\n%s\n%s", before, textOf(l))
			}
			if err != nil {
				if problem.Of(err) == nil {
					t.Fatalf("an error without a code: %v", err)
				}
				if textOf(after) != before || len(out.Facts) > 0 {
					t.Fatalf("the refusal %v changed something:\n%s\n%s\n%v", err, before, textOf(after), out.Facts)
				}
				continue
			}
			consistent(t, after, out, m)
			switch {
			case follows(out):
				book.renew(t, after, out)
			case !l.OnTrial:
				book.follow(t, l, after, out, m)
			case len(out.Lines) > 0:
				t.Fatalf("a trial was charged: %v", out.Lines)
			}
			if !after.OnTrial {
				book.check(t, after)
			}
			l = after
		}
	})
}

// anyPause is some seconds in which nobody does anything with a licence.
func anyPause(t *rapid.T) int64 {
	const daily = 24 * 3600
	return rapid.OneOf(rapid.Int64Range(0, 3*daily), rapid.Int64Range(0, 90*daily), rapid.Int64Range(0, 500*daily)).Draw(t, "pause")
}

// consistent checks what holds of every licence, and of every outcome.
func consistent(t *rapid.T, l licence.Licence, out licence.Outcome, m licence.Moment) {
	var sum, told int64
	for _, line := range out.Lines {
		sum += line.Amount.Amount
		if line.Days != line.From.DaysUntil(line.To) || line.Days < 1 || line.Days > line.OfDays {
			t.Fatalf("a line of %d of %d days from %v to %v", line.Days, line.OfDays, line.From, line.To)
		}
	}
	if out.Total != eur(sum) {
		t.Fatalf("the total is %v, the lines make %d", out.Total, sum)
	}
	for _, f := range out.Facts {
		told += f.Data["total"].(money.Money).Amount
	}
	if told != sum {
		t.Fatalf("the lines make %d, the facts tell of %d: %v", sum, told, out.Facts)
	}
	held := 0
	for _, b := range l.Batches {
		held += b.Quantity
	}
	switch {
	case l.OnTrial && held != 0:
		t.Fatalf("a trial has batches: %v", l.Batches)
	case !l.OnTrial && held != l.Quantity:
		t.Fatalf("%d units in batches of %v", l.Quantity, l.Batches)
	case l.Quantity < 1 || l.Quantity > licence.MaxQuantity:
		t.Fatalf("%d units", l.Quantity)
	case l.EndsOn.IsZero() != (l.Ending == ""):
		t.Fatalf("ends on %v as %q", l.EndsOn, l.Ending)
	case l.AutoRenew && !l.EndsOn.IsZero():
		t.Fatalf("renews, and ends on %v", l.EndsOn)
	case !l.AutoRenew && l.EndsOn.IsZero() && !l.OnTrial:
		t.Fatal("neither renews nor ends")
	case !l.EndsOn.IsZero() && l.EndsOn != l.End && l.EndsOn != m.Today && !l.Over:
		t.Fatalf("ends on %v, neither today nor with its term", l.EndsOn)
	case l.Scheduled != nil && (!l.AutoRenew || l.Scheduled.On != l.End):
		t.Fatalf("a change is scheduled for %v", l.Scheduled.On)
	case !slices.IsSortedFunc(l.Batches, func(a, b licence.Batch) int { return a.TakenAt.Compare(b.TakenAt) }):
		t.Fatalf("batches aren't oldest first: %v", l.Batches)
	}
}

// A committed licence outside every window never gets smaller by a change now, and nothing comes back
// but against a charge that is at least as much.
func TestCommittedLicenceNeverPaysBackOutsideItsWindows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := anyOrder(t)
		o.Trial = false
		l, _, err := licence.Take(o, team(plan.Committed), at("2026-03-01 10:00"))
		if err != nil {
			t.Fatal(err)
		}
		m := later(at("2026-03-08 10:00"), rapid.Int64Range(0, 20*24*3600).Draw(t, "pause"))
		n := anyQuantity(t)
		after, out, err := l.Change(licence.Change{Quantity: &n, DropScheduled: true}, m)
		if err == nil && (after.Quantity < l.Quantity || out.Total.Amount < 0) {
			t.Fatalf("from %d to %d units for %v", l.Quantity, after.Quantity, out.Total)
		}
	})
}

// F1: to commit a preview is to decide again, and to decide again gives the same, whatever else was
// decided of the same licence meanwhile.
func TestPreviewEqualsCommit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(plans()).Draw(t, "plan")
		m := at("2026-03-01 10:00")
		taking := licence.Intent{Action: licence.ToTake, Order: anyOrder(t), Plan: &p}
		l := decideTwice(t, taking, licence.Licence{}, m)
		for range rapid.IntRange(1, 6).Draw(t, "operations") {
			m = later(m, rapid.Int64Range(0, 30*24*3600).Draw(t, "pause"))
			intent := licence.Intent{Action: licence.ToChange, Change: anyChange(t)}
			if rapid.IntRange(0, 5).Draw(t, "cancel") == 0 {
				intent = licence.Intent{Action: licence.ToCancel, Cancellation: licence.Cancellation{When: anyWhen().Draw(t, "when")}}
			}
			l = decideTwice(t, intent, l, m)
		}
	})
}

func decideTwice(t *rapid.T, i licence.Intent, l licence.Licence, m licence.Moment) licence.Licence {
	intent := textOf(i)
	shown, preview, refusal := i.Decide(l, m)
	shownText, previewText := textOf(shown), textOf(preview)
	_, _, _ = l.Change(units(7), m) // somebody else looks at something else
	_, _, _ = l.Cancel(licence.Cancellation{}, m)
	if textOf(shown) != shownText || textOf(preview) != previewText {
		t.Fatalf("deciding something else changed the preview:\n%s\n%s", shownText, textOf(shown))
	}
	after, out, err := i.Decide(l, m)
	if textOf(after) != shownText || textOf(out) != previewText || textOf(i) != intent {
		t.Fatalf("previewed\n%s\n%s\ncommitted\n%s\n%s", shownText, previewText, textOf(after), textOf(out))
	}
	if (err == nil) != (refusal == nil) || err != nil && err.Error() != refusal.Error() {
		t.Fatalf("previewed %v, committed %v", refusal, err)
	}
	return after
}
