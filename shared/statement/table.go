package statement

import (
	"strings"
	"unicode"

	"golang.org/x/text/language"

	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/phrase"
)

// What a table is called is also the section of the CSV, the sheet of the workbook and the heading in the PDF.

// table is what all documents but the JSON are made of: lines, and columns that say what of a line they show.
type table struct {
	title   phrase.Text
	columns []column
	rows    int
	cell    func(row, column int) any // of the column's kind; nil if there is nothing to say
	totals  map[int]money.Money       // of the columns that have one
}

// column is a column without its values.
type column struct {
	title phrase.Text
	kind  kind
	width float64 // in the PDF, in millimetres; none is left out there
}

// kind is what the values of a column are, and so how they are set.
type kind int

const (
	words  kind = iota // string or phrase.Text
	days               // calendar.Date
	count              // number
	amount             // money.Money
)

// shown is a column with its values, for lines of type L.
type shown[L any] struct {
	column
	of func(L) any
}

// tabulate makes a table of lines. Columns of amounts that are named in sums have a total.
func tabulate[L any](s Statement, title phrase.Text, lines []L, sums []int, columns []shown[L]) table {
	t := table{title: title, rows: len(lines), totals: map[int]money.Money{}}
	t.cell = func(row, column int) any { return columns[column].of(lines[row]) }
	for _, c := range columns {
		t.columns = append(t.columns, c.column)
	}
	for _, i := range sums {
		total := money.Money{Currency: s.Currency}
		for _, l := range lines {
			total = total.Add(columns[i].of(l).(money.Money))
		}
		t.totals[i] = total
	}
	return t
}

// width is how wide a table is in the PDF, in millimetres.
func (t table) width() float64 {
	var all float64
	for _, c := range t.columns {
		all += c.width
	}
	return all
}

// tables are the details of a statement.
func (s Statement) tables() []table { return []table{s.sold(), s.earned(), s.paidOut()} }

// Where in their tables the amounts stand that the summary adds up.
const (
	soldAmount = 11

	earnedBase, earnedAmount = 8, 11

	paidOutAmount = 3
)

func (s Statement) sold() table {
	return tabulate(s, phrase.Say("Sales"), s.Sold, []int{soldAmount}, []shown[Sale]{
		{column{phrase.Say("Date"), days, 17}, func(l Sale) any { return l.On }},
		{column{phrase.Say("Kind"), words, 19}, func(l Sale) any { return saleKind(l.Kind) }},
		{column{phrase.Say("Customer"), words, 61}, func(l Sale) any { return l.CustomerName }},
		{column{phrase.Say("Plan"), words, 38}, func(l Sale) any { return l.PlanCode }},
		{column{phrase.Say("Billed to"), words, 19}, func(l Sale) any { return payer(l.BillTo) }},
		{column{phrase.Say("From"), days, 17}, func(l Sale) any { return l.From }},
		{column{phrase.Say("Up to"), days, 17}, func(l Sale) any { return lastDay(l.Line) }},
		{column{phrase.Say("Days"), count, 10}, func(l Sale) any { return number{int64(l.Days), 0} }},
		{column{phrase.Say("Out of"), count, 13}, func(l Sale) any { return number{int64(l.OfDays), 0} }},
		{column{phrase.Say("Units"), count, 14}, func(l Sale) any { return number{int64(l.Quantity), 0} }},
		{column{phrase.Say("Unit price"), amount, 24}, func(l Sale) any { return l.UnitPrice }},
		{column{phrase.Say("Amount"), amount, 26}, func(l Sale) any { return l.Amount }},
		{column{phrase.Say("Customer id"), words, 0}, func(l Sale) any { return l.CustomerID }},
		{column{phrase.Say("Licence id"), words, 0}, func(l Sale) any { return l.LicenceID }},
		{column{phrase.Say("Charge id"), words, 0}, func(l Sale) any { return l.ChargeID }},
	})
}

// earning is a part of a payment and the commission on it.
type earning struct {
	line commission.Line
	part commission.Part
}

// earnings are the parts of all payments. A payment that earns no commission is one part without a rule.
func (s Statement) earnings() []earning {
	var all []earning
	for _, l := range s.Collected {
		for _, p := range l.Parts {
			all = append(all, earning{l, p})
		}
		if len(l.Parts) == 0 {
			all = append(all, earning{l, commission.Part{Base: l.Base, Amount: l.Amount}})
		}
	}
	return all
}

func (s Statement) earned() table {
	places := money.Decimals(s.Currency)
	ruled := func(value func(earning) any) func(earning) any {
		return func(e earning) any {
			if e.part.Rule == "" {
				return nil
			}
			return value(e)
		}
	}
	return tabulate(s, phrase.Say("Payments and commissions"), s.earnings(), []int{earnedBase, earnedAmount}, []shown[earning]{
		{column{phrase.Say("Date"), days, 17}, func(e earning) any { return e.line.On }},
		{column{phrase.Say("Kind"), words, 23}, func(e earning) any { return lineKind(e.line.Kind) }},
		{column{phrase.Say("Customer"), words, 42}, func(e earning) any { return e.line.CustomerName }},
		{column{phrase.Say("Payment id"), words, 41}, func(e earning) any { return e.line.PaymentID }},
		{column{phrase.Say("Plan"), words, 27}, func(e earning) any { return e.part.PlanCode }},
		{column{phrase.Say("Rule"), words, 25}, ruled(func(e earning) any { return rule(e.part) })},
		{column{phrase.Say("Due on"), days, 17}, func(e earning) any { return e.line.DueOn }},
		{column{phrase.Say("Scheme"), count, 11}, ruled(func(e earning) any { return number{e.part.Version, 0} })},
		{column{phrase.Say("Collected"), amount, 23}, func(e earning) any { return e.part.Base }},
		{column{phrase.Say("Rate (%%)"), count, 12}, ruled(func(e earning) any { return number{int64(e.part.Rate), 2} })},
		{column{phrase.Say("Rounding"), count, 15}, ruled(func(e earning) any { return number{e.part.Rounding, places + 4} })},
		{column{phrase.Say("Commission"), amount, 22}, func(e earning) any { return e.part.Amount }},
		{column{phrase.Say("Customer id"), words, 0}, func(e earning) any { return e.line.CustomerID }},
		{column{phrase.Say("Refund id"), words, 0}, func(e earning) any { return e.line.RefundID }},
		{column{phrase.Say("Line id"), words, 0}, func(e earning) any { return e.line.ID }},
	})
}

func (s Statement) paidOut() table {
	return tabulate(s, phrase.Say("Payouts"), s.PaidOut, []int{paidOutAmount}, []shown[commission.Line]{
		{column{phrase.Say("Date"), days, 17}, func(l commission.Line) any { return l.On }},
		{column{phrase.Say("Kind"), words, 40}, func(l commission.Line) any { return lineKind(l.Kind) }},
		{column{phrase.Say("Payout id"), words, 60}, func(l commission.Line) any { return l.PayoutID }},
		{column{phrase.Say("Amount"), amount, 30}, func(l commission.Line) any { return l.Amount }},
		{column{phrase.Say("Line id"), words, 0}, func(l commission.Line) any { return l.ID }},
	})
}

func saleKind(k licence.LineKind) any {
	switch k {
	case licence.Charge:
		return phrase.Say("Charge")
	case licence.Credit:
		return phrase.Say("Credit")
	}
	return string(k)
}

func payer(p licence.Payer) any {
	switch p {
	case licence.PaidByPartner:
		return phrase.Say("Partner")
	case licence.PaidByCustomer:
		return phrase.Say("Customer")
	}
	return string(p)
}

func lineKind(k commission.Kind) any {
	switch k {
	case commission.Collected:
		return phrase.Say("Payment")
	case commission.Refunded:
		return phrase.Say("Refund")
	case commission.Failed:
		return phrase.Say("Failed payment")
	case commission.PaidOut:
		return phrase.Say("Payout")
	case commission.Returned:
		return phrase.Say("Returned payout")
	}
	return string(k)
}

func rule(p commission.Part) any {
	switch p.Rule {
	case commission.ByDeal:
		return phrase.Say("Deal: %s", p.Of)
	case commission.ByPlan:
		return phrase.Say("Plan: %s", p.Of)
	case commission.ByTier:
		return phrase.Say("Tier: %s", p.Of)
	case commission.ByDefault:
		return phrase.Say("Default")
	}
	return strings.TrimSpace(p.Rule + " " + p.Of)
}

// lastDay is the last day that a line of a charge is for: people count with it, where rules count up to the day after.
func lastDay(l licence.Line) calendar.Date {
	if l.To.IsZero() || l.Days == 0 {
		return l.To
	}
	return l.To.AddDays(-1)
}

// said is a text in a language, on one line: what would break or hide a part of it becomes a space, or goes.
func said(v any, lang language.Tag) string {
	text, ok := v.(string)
	if t, is := v.(phrase.Text); is {
		text, ok = t.In(lang), true
	}
	if !ok {
		return ""
	}
	return strings.Map(func(r rune) rune {
		switch {
		case ' ' <= r && r <= '~':
			return r
		case unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), unicode.Is(unicode.Noncharacter_Code_Point, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
