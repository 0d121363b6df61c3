package statement_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/language"
	"pgregory.net/rapid"

	"comptoir/shared/money"
	"comptoir/shared/statement"
)

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
	places := 2
	switch s.currency {
	case "JPY":
		places = 0
	case "TND":
		places = 3
	}
	whole, rest, _ := strings.Cut(text, s.comma)
	n, err := strconv.ParseInt(whole+rest, 10, 64)
	if err != nil || len(rest) != places {
		t.Fatal("no amount: " + text)
	}
	return n
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
