package statement_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ledongthuc/pdf"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/language"
	"pgregory.net/rapid"

	"comptoir/shared/money"
	"comptoir/shared/phrase"
	"comptoir/shared/statement"
)

type writer = func(io.Writer, statement.Statement, language.Tag) error

var writers = map[string]writer{"CSV": statement.WriteCSV, "XLSX": statement.WriteXLSX, "PDF": statement.WritePDF}

type failer interface {
	Helper()
	Fatal(...any)
}

func written(t failer, write writer, s statement.Statement, lang language.Tag) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, s, lang); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// totals are the amounts of a statement that every document says, in the order of the summary.
func totals(v statement.StatementView) []money.Money {
	all := []money.Money{v.Opening, v.Commissions, v.Clawbacks, v.Payouts, v.Closing, v.Pending, v.Sales, v.Received, v.Payout.Net, v.Payout.Tax, v.Payout.Gross}
	for i := range all {
		all[i].Currency = v.Currency
	}
	return all
}

// F6: whatever is added up is added up from the lines that are shown.
func TestLinesOfTheViewComeToItsTotals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := statement.Show(statements().Draw(t, "statement"))
		none := money.Money{Currency: v.Currency}
		sold, base, earned, back, out := none, none, none, none, none
		for _, l := range v.Lines.Sales {
			sold = sold.Add(l.Amount)
		}
		for _, l := range v.Lines.Payments {
			parts := none
			for _, p := range l.Parts {
				parts = parts.Add(p.Amount)
				if p.Base.Amount*int64(p.Rate)+p.Rounding != p.Amount.Amount*10_000 {
					t.Fatalf("%+v doesn't explain itself", p)
				}
			}
			if parts.Amount != l.Amount.Amount {
				t.Fatalf("%+v isn't the sum of its parts", l)
			}
			base = base.Add(l.Base)
			if l.Kind == "collected" {
				earned = earned.Add(l.Amount)
			} else {
				back = back.Add(l.Amount)
			}
		}
		for _, l := range v.Lines.Payouts {
			out = out.Add(l.Amount)
		}
		want := []money.Money{v.Sales, v.Received, v.Commissions, v.Clawbacks, v.Payouts, v.Closing, v.Payout.Gross}
		got := []money.Money{sold, base, earned, back, out, money.Sum(v.Opening, earned, back, out), v.Payout.Net.Add(v.Payout.Tax)}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("lines come to %v, the statement says %v", got, want)
		}
	})
}

// sheet is a CSV that was read by a reader of its own.
type sheet struct {
	currency string
	comma    string
	rows     []map[string]string
}

func read(t failer, text []byte, lang language.Tag, currency string) sheet {
	t.Helper()
	text, marked := bytes.CutPrefix(text, []byte("\xEF\xBB\xBF"))
	if !marked || !utf8.Valid(text) || bytes.Count(text, []byte("\n")) != bytes.Count(text, []byte("\r\n")) {
		t.Fatal("no mark of UTF-8, or lines that don't end in CR LF")
	}
	r, comma := csv.NewReader(bytes.NewReader(text)), "."
	if lang == language.French {
		r.Comma, comma = ';', ","
	}
	records, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	s := sheet{currency, comma, nil}
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, cell := range record {
			if strings.ContainsAny(cell[:min(1, len(cell))], "=+@") || strings.HasPrefix(cell, "-") && !strings.Contains("0123456789", cell[1:2]) {
				t.Fatal("a formula: " + cell)
			}
			row[records[0][i]] = cell
		}
		s.rows = append(s.rows, row)
	}
	return s
}

// sum adds up a column of a section: of its rows of a kind, or of all.
func (s sheet) sum(t failer, section, kind, column string) money.Money {
	t.Helper()
	total := money.Money{Currency: s.currency}
	for _, row := range s.rows {
		if row["Section"] == section && (kind == "" || row["Nature"]+row["Kind"] == kind) {
			total.Amount += s.minor(t, row[column])
		}
	}
	return total
}

// minor reads digits as minor units; there must be as many places as the currency has.
func (s sheet) minor(t failer, text string) int64 {
	t.Helper()
	whole, rest, _ := strings.Cut(text, s.comma)
	n, err := strconv.ParseInt(whole+rest, 10, 64)
	if err != nil || len(rest) != map[string]int{"JPY": 0, "TND": 3}[s.currency]+2*btoi(s.currency != "JPY" && s.currency != "TND") {
		t.Fatal("no amount: " + text)
	}
	return n
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// F6: a program that reads the CSV comes to the same totals as one that reads the JSON.
func TestCSVComesToTheSameTotals(t *testing.T) {
	t.Parallel()
	check := func(t failer, s statement.Statement, lang language.Tag) {
		t.Helper()
		v := statement.Show(s)
		c := read(t, written(t, statement.WriteCSV, s, lang), lang, s.Currency)
		in := func(french, english string) string {
			if lang == language.French {
				return french
			}
			return english
		}
		amount, payments := in("Montant", "Amount"), in("Paiements et commissions", "Payments and commissions")
		all, first := c.sum(t, payments, "", "Commission"), c.sum(t, payments, in("Paiement", "Payment"), "Commission")
		got := []money.Money{
			c.sum(t, in("Ventes", "Sales"), "", amount), c.sum(t, payments, "", in("Encaissé", "Collected")), first, all.Sub(first),
			c.sum(t, in("Versements", "Payouts"), "", amount),
		}
		if want := []money.Money{v.Sales, v.Received, v.Commissions, v.Clawbacks, v.Payouts}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatal(fmt.Sprintf("the CSV comes to %v, the JSON says %v", got, want))
		}
		var said []money.Money
		for _, row := range c.rows {
			if row["Section"] == in("Synthèse", "Summary") {
				said = append(said, money.Money{Amount: c.minor(t, row[amount]), Currency: row[in("Devise", "Currency")]})
			}
		}
		if fmt.Sprint(said) != fmt.Sprint(totals(v)) {
			t.Fatal(fmt.Sprintf("the CSV says %v, the JSON %v", said, totals(v)))
		}
	}
	each(t, func(t *testing.T, s statement.Statement, lang language.Tag) { check(t, s, lang) })
	rapid.Check(t, func(t *rapid.T) {
		check(t, statements().Draw(t, "statement"), rapid.SampledFrom(languages).Draw(t, "language"))
	})
}

// F6: the formulas of the workbook give what the JSON says, and so do the values beside them.
func TestXLSXReckonsTheSameTotals(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s statement.Statement, lang language.Tag) {
		f, err := excelize.OpenReader(bytes.NewReader(written(t, statement.WriteXLSX, s, lang)))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		name := f.GetSheetList()[0]
		rows, err := f.GetRows(name, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		want, check, formulas := totals(statement.Show(s)), 0, 0
		for i, row := range rows {
			if len(row) < 2 || row[1] == "" {
				continue
			}
			at := fmt.Sprint("B", i+1)
			stored, err := strconv.ParseFloat(row[1], 64)
			if err != nil {
				continue // an address
			}
			reckoned := row[1]
			if formula, _ := f.GetCellFormula(name, at); formula != "" {
				formulas++
				if reckoned, err = f.CalcCellValue(name, at, excelize.Options{RawCellValue: true}); err != nil {
					t.Fatalf("%s: %v", formula, err)
				}
			}
			value, err := strconv.ParseFloat(reckoned, 64)
			switch {
			case err != nil || math.Abs(value-stored) > 1e-6:
				t.Errorf("%s: %v is reckoned as %s: %v", at, stored, reckoned, err)
			case len(want) == 0:
				check++
				if stored != 0 {
					t.Errorf("the check says %v", stored)
				}
			default:
				if major := strings.Fields(want[0].String())[0]; !same(major, stored) {
					t.Errorf("%s %s: %v, want %v", at, row[0], stored, major)
				}
				want = want[1:]
			}
		}
		if len(want) != 0 || check != 1 || formulas != 9 {
			t.Errorf("%d totals are missing; %d checks, %d formulas", len(want), check, formulas)
		}
	})
}

// same tells whether digits and a number of a spreadsheet are the same.
func same(digits string, n float64) bool {
	m, err := strconv.ParseFloat(digits, 64)
	return err == nil && m == n
}

// F6: the PDF says the same totals, as people write amounts.
func TestPDFSaysTheSameTotals(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s statement.Statement, lang language.Tag) {
		text, v := pages(t, written(t, statement.WritePDF, s, lang)), statement.Show(s)
		cover, details := totals(v)[:8], []money.Money{v.Sales, v.Received, v.Commissions.Add(v.Clawbacks), v.Payouts}
		if v.Payout.Net.Amount != 0 {
			cover = totals(v)
		}
		for _, m := range cover {
			if said := low(phrase.Amount(m).In(lang)); !strings.Contains(text[0], "\n"+said+"\n") {
				t.Errorf("the first page doesn't say %q", said)
			}
		}
		all := strings.Join(text[1:], "\n")
		if len(s.Sold) == 0 {
			details = nil
		}
		for _, m := range details {
			if said := low(phrase.Amount(m).In(lang)); !strings.Contains(all, said) {
				t.Errorf("the details don't say %q", said)
			}
		}
	})
}

// Of whatever page a reader has, it says whose it is, how many there are and whether it may change.
func TestEveryPageOfThePDFSaysWhatItIs(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s statement.Statement, lang language.Tag) {
		text := pages(t, written(t, statement.WritePDF, s, lang))
		for i, page := range text {
			number := map[language.Tag]string{language.French: "Page %d sur %d", language.English: "Page %d of %d"}[lang]
			if !strings.Contains(page, fmt.Sprintf(number, i+1, len(text))) || !strings.Contains(page, low(s.Partner.LegalName)) {
				t.Errorf("page %d of %d doesn't say so, or not whose it is", i+1, len(text))
			}
			banner := map[language.Tag]string{language.French: "Provisoire", language.English: "Provisional"}[lang]
			if strings.Contains(page, banner) != s.Provisional() {
				t.Errorf("page %d: provisional: %t", i+1, !s.Provisional())
			}
			if due := map[language.Tag]string{language.French: "Commission\n", language.English: "Commission\n"}[lang]; strings.Contains(page, "pay_") && !strings.Contains(page, due) {
				t.Errorf("page %d has lines without a header", i+1)
			}
		}
	})
}

// pages are the texts of the pages of a PDF. The reader loses the upper byte of every letter: compare with low.
func pages(t *testing.T, document []byte) []string {
	t.Helper()
	r, err := pdf.NewReader(bytes.NewReader(document), int64(len(document)))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for i := range r.NumPage() {
		text, err := r.Page(i + 1).GetPlainText(nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	return all
}

// low is a text as it is read in a PDF.
func low(text string) string {
	return strings.Map(func(r rune) rune { return r & 0xFF }, strings.ReplaceAll(text, "\u202f", "\u00a0"))
}

// F6: what was sent once can be made again, to the byte.
func TestTheSameStatementGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	for kind, write := range writers {
		each(t, func(t *testing.T, s statement.Statement, lang language.Tag) {
			if !bytes.Equal(written(t, write, s, lang), written(t, write, s, lang)) {
				t.Error(kind, "differs")
			}
		})
	}
}

// A name is shown as it is, and never run.
func TestNamesAreTextInEveryDocument(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, csv, xlsx string }{
		{"Dupont & Fils", "Dupont & Fils", "Dupont & Fils"},
		{"=1+1", "'=1+1", "=1+1"},
		{"+33", "'+33", "+33"},
		{"-5", "'-5", "-5"},
		{"@home", "'@home", "@home"},
		{"\t=2+2", "' =2+2", " =2+2"},
		{`"a";b,'c'`, `"a";b,'c'`, `"a";b,'c'`},
		{"a\r\nb\x00\xff", "a  b\uFFFD", "a  b\uFFFD"},
		{"<b>&amp;</b>_x0041_", "<b>&amp;</b>_x0041_", "<b>&amp;</b>_x0041_"},
		{"👩\u200d🚀 שלום", "👩\u200d🚀 שלום", "👩\u200d🚀 שלום"},
		{"evil\u202etxt", "eviltxt", "eviltxt"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := made(fixed(1), []string{c.name}, "EUR", 1)
			for _, lang := range languages {
				row := read(t, written(t, statement.WriteCSV, s, lang), lang, "EUR").rows[0]
				if got := row["Client"] + row["Customer"]; got != c.csv {
					t.Errorf("CSV: %q, want %q", got, c.csv)
				}
				f, err := excelize.OpenReader(bytes.NewReader(written(t, statement.WriteXLSX, s, lang)))
				if err != nil {
					t.Fatal(err)
				}
				sheet := f.GetSheetList()[1]
				got, err := f.GetCellValue(sheet, "C3")
				formula, wrong := f.GetCellFormula(sheet, "C3")
				if err != nil || wrong != nil || got != c.xlsx || formula != "" {
					t.Errorf("XLSX: %q (formula %q), want %q; %v, %v", got, formula, c.xlsx, err, wrong)
				}
				_ = pages(t, written(t, statement.WritePDF, s, lang))
			}
		})
	}
}

// Whatever the statement, every document can be written and read.
func TestEveryStatementCanBeWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, lang := statements().Draw(t, "statement"), rapid.SampledFrom(languages).Draw(t, "language")
		for _, write := range writers {
			written(t, write, s, lang)
		}
	})
}

// What the law wants said is said, and only where it applies (B9, F6).
func TestMentionsFollowThePartner(t *testing.T) {
	t.Parallel()
	const autofacturation, autoliquidation, outside, vat = "Autofacturation", "283-2 du CGI et article 196 de la directive 2006/112/CE", "259-1 du CGI", "TVA française à 20"
	for _, c := range []struct {
		name      string
		treatment statement.Treatment
		rate      int
		mandated  bool
		said      []string
	}{
		{"in France", statement.Domestic, 2000, false, []string{vat}},
		{"in France, with a mandate", statement.Domestic, 2000, true, []string{vat, autofacturation}},
		{"in the EU", statement.ReverseCharge, 0, false, []string{autoliquidation}},
		{"elsewhere", statement.OutsideEU, 0, true, []string{outside, autofacturation}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := usual(3)
			s.Partner.SelfBilling, s.Payout.Treatment, s.Payout.Rate = c.mandated, c.treatment, c.rate
			s.Payout.Tax = s.Payout.Net.Portion(int64(c.rate), 10_000)
			s.Payout.Gross = s.Payout.Net.Add(s.Payout.Tax)
			page := pages(t, written(t, statement.WritePDF, s, language.French))[0]
			for _, mention := range []string{autofacturation, autoliquidation, outside, vat} {
				if said := strings.Contains(page, low(mention)); said != slices.Contains(c.said, mention) {
					t.Errorf("%q: %t", mention, said)
				}
			}
		})
	}
}

// Whoever prints or scrolls keeps the header in sight.
func TestSheetsKeepTheirHeader(t *testing.T) {
	t.Parallel()
	f, err := excelize.OpenReader(bytes.NewReader(written(t, statement.WriteXLSX, usual(40), language.English)))
	if err != nil {
		t.Fatal(err)
	}
	if got := f.GetSheetList(); !slices.Equal(got, []string{"Summary", "Sales", "Payments and commissions", "Payouts"}) {
		t.Errorf("sheets %q", got)
	}
	for _, name := range f.GetSheetList()[1:] {
		panes, err := f.GetPanes(name)
		if err != nil || !panes.Freeze || panes.YSplit != 2 {
			t.Errorf("%s: %+v, %v", name, panes, err)
		}
		props, err := f.GetSheetProps(name)
		if err != nil || props.FitToPage == nil || !*props.FitToPage {
			t.Errorf("%s isn't as wide as the page: %v", name, err)
		}
		repeated := slices.ContainsFunc(f.GetDefinedName(), func(d excelize.DefinedName) bool {
			return d.Name == "_xlnm.Print_Titles" && d.Scope == name && strings.HasSuffix(d.RefersTo, "!$1:$2")
		})
		if !repeated {
			t.Errorf("%s: no header is repeated", name)
		}
	}
}

// 10,000 lines are written within the memory and the time that a function has.
func BenchmarkDocuments(b *testing.B) {
	s := made(fixed(7), customers()[:5], "EUR", 5000)
	for kind, write := range writers {
		b.Run(kind, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := write(io.Discard, s, language.French); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
