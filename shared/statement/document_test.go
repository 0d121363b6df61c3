package statement_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/language"
	"pgregory.net/rapid"

	"comptoir/shared/money"
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
		{"{nb}", "{nb}", "{nb}"},
		{"@home", "'@home", "@home"},
		{"＝1+1", "'＝1+1", "＝1+1"},
		{"\u00a0@home", "'\u00a0@home", "\u00a0@home"},
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
				text := strings.Join(pages(t, written(t, statement.WritePDF, s, lang)), "")
				if known := !strings.ContainsFunc(c.xlsx, func(r rune) bool { return r > 0xFF }); known && !strings.Contains(text, c.xlsx) {
					t.Errorf("PDF: no %q", c.xlsx)
				}
			}
		})
	}
}

// Whatever the statement, every document can be written and read.
func TestEveryStatementCanBeWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, lang := statements().Draw(t, "statement"), rapid.SampledFrom(languages).Draw(t, "language")
		kind := rapid.SampledFrom([]string{"CSV", "XLSX", "PDF"}).Draw(t, "document")
		written(t, writers[kind], s, lang)
	})
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
