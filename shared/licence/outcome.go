package licence

import (
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/event"
	"comptoir/shared/money"
	"comptoir/shared/phrase"
)

// LineKind says which way a line's money goes.
type LineKind string

const (
	Charge LineKind = "charge" // for days to come
	Credit LineKind = "credit" // back, for days not used
)

// Line is one amount and how it was reckoned. A charge is unit price × quantity × days ÷ days of the
// period; a credit is what was paid for the units, less the same for the days used. Rounded half
// away from zero, once.
type Line struct {
	Kind      LineKind      `json:"kind"`
	PlanCode  string        `json:"planCode"`
	Quantity  int           `json:"quantity"`
	UnitPrice money.Money   `json:"unitPrice"` // for a whole term
	From      calendar.Date `json:"from"`
	To        calendar.Date `json:"to"`     // exclusive
	Days      int           `json:"days"`   // from From to To
	OfDays    int           `json:"ofDays"` // that the price or payment covers
	Amount    money.Money   `json:"amount"` // before tax; negative for a credit
}

// Effect is something that an operation does besides its amounts, for people to read beforehand.
type Effect struct {
	Code   string
	Detail phrase.Text
}

// Outcome is what an operation on a licence does: amounts, effects and the facts to record.
type Outcome struct {
	Lines   []Line
	Total   money.Money // the sum of the lines, before tax
	Effects []Effect
	Facts   []event.Fact
}

// outcome is one that costs nothing yet.
func (l Licence) outcome() Outcome {
	return Outcome{Total: money.Money{Currency: l.Prices[l.Term].Currency}}
}

func (o *Outcome) add(line Line) {
	o.Lines = append(o.Lines, line)
	o.Total = o.Total.Add(line.Amount)
}

// join adds what was done next.
func (o *Outcome) join(next Outcome) {
	o.Lines = append(o.Lines, next.Lines...)
	o.Total = o.Total.Add(next.Total)
	o.Effects = append(o.Effects, next.Effects...)
	o.Facts = append(o.Facts, next.Facts...)
}

// windowOpens says until when units taken now can be given back.
func (o *Outcome) windowOpens(now time.Time) {
	o.effect("windowOpens", "The added units can be given back until %s.", instant(now.Add(CancellationWindow)))
}

func (o *Outcome) effect(code, format string, args ...any) {
	o.Effects = append(o.Effects, Effect{code, phrase.Say(format, args...)})
}

// record adds the fact of a licence, with what anybody needs to follow it.
func (o *Outcome) record(kind string, l Licence, extra map[string]any) {
	data := map[string]any{
		"licenceId": l.ID, "planCode": l.PlanCode, "quantity": l.Quantity, "term": string(l.Term),
		"periodEnd": l.End.String(), "total": o.Total,
	}
	for k, v := range extra {
		data[k] = v
	}
	o.Facts = append(o.Facts, event.New(kind, data))
}

// charge is the price of n units from a day to the end of a period.
func charge(planCode string, price money.Money, n int, from, start, end calendar.Date) Line {
	days, of := from.DaysUntil(end), start.DaysUntil(end)
	return Line{
		Kind: Charge, PlanCode: planCode, Quantity: n, UnitPrice: price,
		From: from, To: end, Days: days, OfDays: of,
		Amount: price.Times(int64(n)).Portion(int64(days), int64(of)),
	}
}

// credit gives back n units of a batch: what was paid for them, less the daily pro rata of the days
// used. It returns the batch that is left.
func (l Licence) credit(b Batch, n int, today calendar.Date) (Line, Batch) {
	paid := b.Paid.Portion(int64(n), int64(b.Quantity))
	used, of := b.From.DaysUntil(today), b.From.DaysUntil(l.End)
	kept := paid.Portion(int64(used), int64(of))
	line := Line{
		Kind: Credit, PlanCode: l.PlanCode, Quantity: n, UnitPrice: l.Prices[l.Term],
		From: today, To: l.End, Days: of - used, OfDays: of,
		Amount: kept.Sub(paid),
	}
	b.Quantity -= n
	b.Paid = b.Paid.Sub(paid)
	return line, b
}
