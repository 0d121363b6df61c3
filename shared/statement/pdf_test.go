package statement_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ledongthuc/pdf"
	"golang.org/x/text/language"

	"comptoir/shared/money"
	"comptoir/shared/phrase"
	"comptoir/shared/statement"
)

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
			if strings.Contains(page, "pay_") && !strings.Contains(page, "\nCommission\n") {
				t.Errorf("page %d has lines without a header", i+1)
			}
		}
	})
}

// The banner stands above everything else.
func TestBannerCoversNothing(t *testing.T) {
	t.Parallel()
	s := usual(3)
	s.Number = ""
	document := written(t, statement.WritePDF, s, language.French)
	r, err := pdf.NewReader(bytes.NewReader(document), int64(len(document)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.NumPage() {
		heights := map[float64]bool{} // of what stands in the upper centimetre
		top := r.Page(i + 1).V.Key("MediaBox").Index(3).Float64()
		if top == 0 {
			top = 841.89
		}
		for _, text := range r.Page(i + 1).Content().Text {
			if text.Y > top-28.3 {
				heights[text.Y] = true
			}
		}
		if len(heights) != 1 {
			t.Errorf("page %d: there are texts at %v", i+1, heights)
		}
	}
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

// What the law wants said is said, and only where it applies (B9, F6).
func TestMentionsFollowThePartner(t *testing.T) {
	t.Parallel()
	const autofacturation, autoliquidation, outside, vat = "Autofacturation", "283-2 du CGI et article 196 de la directive 2006/112/CE", "259-1 du CGI", "TVA française à 20"
	for _, c := range []struct {
		name      string
		treatment statement.Treatment
		rate      int
		mandated  bool
		nothing   bool
		said      []string
	}{
		{"in France", statement.Domestic, 2000, false, false, []string{vat}},
		{"in France, with a mandate", statement.Domestic, 2000, true, false, []string{vat, autofacturation}},
		{"in the EU", statement.ReverseCharge, 0, false, false, []string{autoliquidation}},
		{"elsewhere", statement.OutsideEU, 0, true, false, []string{outside, autofacturation}},
		{"when nothing is paid", statement.Domestic, 2000, true, true, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := usual(3)
			s.Partner.SelfBilling, s.Payout.Treatment, s.Payout.Rate = c.mandated, c.treatment, c.rate
			if c.nothing {
				s.Payout.Net.Amount = 0
			}
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
