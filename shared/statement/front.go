package statement

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/language"

	"comptoir/shared/money"
	"comptoir/shared/phrase"
)

// front is the first sheet of a workbook, with the summary.
type front struct {
	*workbook
	sheet string
	row   int            // the last that was written
	at    map[key]string // where the amounts stand
}

// front writes the first sheet.
func (b *workbook) front() {
	f := &front{b, b.summaryName(), 0, map[key]string{}}
	f.page(f.sheet, "portrait")
	f.must(f.SetColWidth(f.sheet, "A", "A", 52))
	f.must(f.SetColWidth(f.sheet, "B", "B", 40))
	show := false
	f.must(f.SetSheetView(f.sheet, 0, &excelize.ViewOptions{ShowGridLines: &show}))
	f.head()
	f.parties()
	for _, g := range f.s.summary() {
		f.group(g)
	}
	f.row++
	f.line(phrase.Say("Check: the lines less the amounts of the statement"), look{soft: true})
	f.put(1, 0, look{soft: true, right: true})
	f.must(f.SetCellFormula(f.sheet, cellName(1, f.row), f.check()))
	f.row++
	for _, m := range append([]phrase.Text{f.s.paying()}, f.s.mentions()...) {
		f.line(m, look{wrap: true})
		f.must(f.MergeCell(f.sheet, cellName(0, f.row), cellName(1, f.row)))
		f.must(f.SetRowHeight(f.sheet, f.row, tall(said(m, f.lang), 90)))
	}
	f.define(f.sheet, "_xlnm.Print_Area", "$A$1:"+absolute(1, f.row))
}

// line begins a row with a text.
func (f *front) line(text phrase.Text, l look) {
	f.row++
	f.put(0, said(text, f.lang), l)
	if l.size > 0 {
		f.must(f.SetRowHeight(f.sheet, f.row, l.size*1.8))
	}
}

// put writes a cell of the row.
func (f *front) put(column int, v any, l look) {
	at := cellName(column, f.row)
	f.must(f.SetCellStyle(f.sheet, at, at, f.style(l)))
	f.must(f.SetCellValue(f.sheet, at, v))
}

func (f *front) head() {
	f.line(f.s.title(), look{size: 18, bold: true})
	f.row++
	f.put(0, phrase.Month(f.s.Period).In(f.lang), look{size: 12})
	if f.s.Provisional() {
		f.line(f.s.banner(), look{warn: true})
	}
	f.row++
}

// parties sets the blocks of the publisher and the partner side by side.
func (f *front) parties() {
	f.line(phrase.Say("Publisher"), look{soft: true})
	f.put(1, phrase.Say("Partner").In(f.lang), look{soft: true})
	blocks := [][]string{block(f.s.Publisher.Party, f.lang), block(f.s.Partner.Party, f.lang)}
	for i := range max(len(blocks[0]), len(blocks[1])) {
		f.row++
		high := 0.0
		for column, lines := range blocks {
			if i < len(lines) {
				f.put(column, lines[i], look{bold: i == 0, wrap: true})
				high = max(high, tall(lines[i], 36))
			}
		}
		f.must(f.SetRowHeight(f.sheet, f.row, high))
	}
}

func (f *front) group(g group) {
	f.row++
	f.line(g.title, look{head: true})
	f.put(1, nil, look{head: true})
	for _, e := range g.entries {
		f.line(e.title, look{bold: e.total, rule: e.total})
		f.at[e.key] = cellName(1, f.row)
		f.put(1, amountOf(e.amount, f.s.Currency).float(), look{format: f.currency(), bold: e.total, rule: e.total})
		if formula := f.formula(e.key); formula != "" {
			f.must(f.SetCellFormula(f.sheet, f.at[e.key], formula))
		}
	}
}

// formula is how the summary comes to an amount; nothing if it is given.
func (f *front) formula(k key) string {
	sold, earned, paidOut := f.tables[0], f.tables[1], f.tables[2]
	switch k {
	case commissions: // told apart by sign: programs differ in how they compare words
		return fmt.Sprintf(`SUMIF(%s,">0")`, f.span(earned, earnedAmount))
	case clawbacks:
		return fmt.Sprintf(`SUMIF(%s,"<0")`, f.span(earned, earnedAmount))
	case payouts:
		return fmt.Sprintf("SUM(%s)", f.span(paidOut, paidOutAmount))
	case closing:
		return fmt.Sprintf("%s+%s+%s+%s", f.at[opening], f.at[commissions], f.at[clawbacks], f.at[payouts])
	case sales:
		return fmt.Sprintf("SUM(%s)", f.span(sold, soldAmount))
	case received:
		return fmt.Sprintf("SUM(%s)", f.span(earned, earnedBase))
	case tax:
		return fmt.Sprintf("ROUND(%s*%d/10000,%d)", f.at[net], f.s.Payout.Rate, money.Decimals(f.s.Currency))
	case gross:
		return fmt.Sprintf("%s+%s", f.at[net], f.at[tax])
	}
	return ""
}

// check is a formula that gives 0 if the lines come to what the statement says.
func (f *front) check() string {
	var terms []string
	for _, g := range f.s.summary() {
		for _, e := range g.entries {
			if f.formula(e.key) != "" {
				terms = append(terms, fmt.Sprintf("ABS(%s-(%s))", f.at[e.key], amountOf(e.amount, f.s.Currency).in(language.English)))
			}
		}
	}
	return fmt.Sprintf("ROUND(%s,%d)", strings.Join(terms, "+"), money.Decimals(f.s.Currency))
}

// tall is how high a row is, in points, that holds a text of so many letters a line.
func tall(text string, letters int) float64 {
	return 15 * float64(1+utf8.RuneCountInString(text)/letters)
}
