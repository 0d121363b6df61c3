package sepa_test

import (
	"bytes"
	"encoding/xml"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"comptoir/shared/calendar"
	"comptoir/shared/money"
	"comptoir/shared/sepa"
)

var update = flag.Bool("update", false, "write the files under testdata anew")

func day(text string) calendar.Date {
	d, err := calendar.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

func eur(cents int64) money.Money { return money.Money{Amount: cents, Currency: "EUR"} }

// payouts is a file as the publisher sends it.
func payouts() sepa.File {
	return sepa.File{
		ID: "PAYOUTS-2026-03", MadeAt: time.Date(2026, 4, 10, 14, 30, 5, 987e6, time.FixedZone("", 2*3600)), On: day("2026-04-13"),
		Debtor: sepa.Party{Name: "Éditions de l’Œuvre SAS", IBAN: "FR7630006000011234567890189", BIC: "AGRIFRPP"},
		Transfers: []sepa.Transfer{
			{ID: "STA-2026-03-0001", Name: "Cabinet Martin & Associés", IBAN: "FR1420041010050500013M02606", Amount: eur(123456), Text: "Relevé 2026-03-0001 – commissions de mars 2026"},
			{ID: "STA-2026-03-0002", Name: "Straßenbau Müller GmbH", IBAN: "DE89370400440532013000", BIC: "COBADEFFXXX", Amount: eur(5), Text: ""},
			{ID: "STA-2026-03-0003", Name: strings.Repeat("Très long nom ", 8), IBAN: "BE71096123456769", Amount: eur(sepa.Max), Text: strings.Repeat("œ", 100)},
		},
	}
}

func written(t rapid.TB, f sepa.File) string {
	t.Helper()
	var b bytes.Buffer
	if err := sepa.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAFileIsWrittenAsBanksTakeIt(t *testing.T) {
	t.Parallel()
	unknown := payouts()
	unknown.Debtor.BIC = ""
	for name, f := range map[string]sepa.File{"payouts": payouts(), "unknown-bank": unknown} {
		got, file := written(t, f), "testdata/"+name+".xml"
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) || got != written(t, f) {
			t.Errorf("%s: wrote\n%s", file, got)
		}
		wantValid(t, got)
	}
}

func TestWhatNoBankWouldTakeIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*sepa.File)
		want   string
	}{
		"no transfer":                      {func(f *sepa.File) { f.Transfers = nil }, "nothing to pay"},
		"no day":                           {func(f *sepa.File) { f.On = calendar.Date{} }, "missing"},
		"no time":                          {func(f *sepa.File) { f.MadeAt = time.Time{} }, "missing"},
		"no message id":                    {func(f *sepa.File) { f.ID = "" }, "is no id"},
		"a message id that is too long":    {func(f *sepa.File) { f.ID = strings.Repeat("x", 36) }, "is no id"},
		"an id with an accent":             {func(f *sepa.File) { f.Transfers[0].ID = "é" }, "is no id"},
		"an id that begins with a slash":   {func(f *sepa.File) { f.Transfers[0].ID = "/a" }, "is no id"},
		"an id that ends with a slash":     {func(f *sepa.File) { f.Transfers[0].ID = "a/" }, "is no id"},
		"an id with two slashes":           {func(f *sepa.File) { f.Transfers[0].ID = "a//b" }, "is no id"},
		"an id of two lines":               {func(f *sepa.File) { f.Transfers[0].ID = "a\n" }, "is no id"},
		"an id twice":                      {func(f *sepa.File) { f.Transfers[2].ID = f.Transfers[0].ID }, "transfer 3, STA-2026-03-0001: another has the same id"},
		"no name of the payer":             {func(f *sepa.File) { f.Debtor.Name = " " }, "a name is missing"},
		"no name of who is paid":           {func(f *sepa.File) { f.Transfers[1].Name = "\u200b" }, "transfer 2, STA-2026-03-0002: a name is missing"},
		"an account with spaces":           {func(f *sepa.File) { f.Transfers[0].IBAN = "FR14 2004" }, "not an IBAN"},
		"no account of the payer":          {func(f *sepa.File) { f.Debtor.IBAN = "" }, "not an IBAN"},
		"a bank that isn't one":            {func(f *sepa.File) { f.Transfers[0].BIC = "agrifrpp" }, "not a BIC"},
		"another currency":                 {func(f *sepa.File) { f.Transfers[0].Amount = money.Money{Amount: 1, Currency: "CHF"} }, "is no amount"},
		"nothing":                          {func(f *sepa.File) { f.Transfers[0].Amount = money.Money{} }, "is no amount"},
		"less than nothing":                {func(f *sepa.File) { f.Transfers[0].Amount = eur(-1) }, "is no amount"},
		"more than a transfer may bear":    {func(f *sepa.File) { f.Transfers[0].Amount = eur(sepa.Max + 1) }, "is no amount"},
		"the account isn't in the message": {func(f *sepa.File) { f.Transfers[0].IBAN = "secret" }, "transfer 1, STA-2026-03-0001: that is not an IBAN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := payouts()
			c.change(&f)
			var b bytes.Buffer
			err := sepa.Write(&b, f)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v; want %q", err, c.want)
			}
			if b.Len() > 0 {
				t.Errorf("wrote %s", &b)
			}
		})
	}
}

func TestTextsAreWrittenInTheLettersThatAllBanksKnow(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Hélène Lefèvre":               "Helene Lefevre",
		"Œuvres & Cie":                 "OEuvres + Cie",
		"Weißbier":                     "Weissbier",
		"Ærø, Łódź, Þór":               "AEro, Lodz, THor",
		"e\u0301t\u0065\u0301":         "ete",
		"L’été «\u00a0ici\u00a0»":      "L'ete ' ici '",
		"a\n\tb   c ":                  "a b c",
		"50 % ; 20 €":                  "50 . , 20 EUR",
		"a\u00adb\u200bc":              "abc",
		"ﬁn №1 ½":                      "fin No1 1/2",
		"<a>@b#":                       ".a..b.",
		"株式会社":                         "....",
		"/-?:().,'+":                   "/-?:().,'+",
		"\xff\x00":                     ".",
		"😀 ok":                         ". ok",
		strings.Repeat("œ", 69):        strings.Repeat("oe", 35),
		strings.Repeat("a", 69) + " b": strings.Repeat("a", 69),
	} {
		f := payouts()
		f.Transfers[0].Name = text
		var d document
		if err := xml.Unmarshal([]byte(written(t, f)), &d); err != nil {
			t.Fatal(err)
		}
		if got := d.Transfers[0].Name; got != want {
			t.Errorf("%q is written %q; want %q", text, got, want)
		}
	}
}

// document is what a reader finds.
type document struct {
	HeaderCount  int    `xml:"CstmrCdtTrfInitn>GrpHdr>NbOfTxs"`
	HeaderSum    string `xml:"CstmrCdtTrfInitn>GrpHdr>CtrlSum"`
	PaymentCount int    `xml:"CstmrCdtTrfInitn>PmtInf>NbOfTxs"`
	PaymentSum   string `xml:"CstmrCdtTrfInitn>PmtInf>CtrlSum"`
	Transfers    []struct {
		Amount string `xml:"Amt>InstdAmt"`
		Name   string `xml:"Cdtr>Nm"`
		IBAN   string `xml:"CdtrAcct>Id>IBAN"`
		Text   string `xml:"RmtInf>Ustrd"`
	} `xml:"CstmrCdtTrfInitn>PmtInf>CdtTrfTxInf"`
}

// cents reads an amount, without the code that wrote it.
func cents(t rapid.TB, decimal string) int64 {
	t.Helper()
	whole, part, _ := strings.Cut(decimal, ".")
	n, err := strconv.ParseInt(whole+part, 10, 64)
	if err != nil || len(part) != 2 {
		t.Fatalf("%q: %v", decimal, err)
	}
	return n
}

// Whatever the names, texts and amounts: the file is valid, its sums are those of its transfers, and all is there.
func TestAnyFileAddsUpAndIsValid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := payouts()
		f.Transfers = nil
		sum := int64(0)
		for n := range rapid.IntRange(1, 20).Draw(t, "transfers") {
			one := sepa.Transfer{
				ID: fmt.Sprint("E", n), Name: "x" + rapid.String().Draw(t, "name"), IBAN: "BE71096123456769", Text: rapid.String().Draw(t, "text"),
				Amount: eur(rapid.Int64Range(1, sepa.Max).Draw(t, "cents")),
			}
			f.Transfers, sum = append(f.Transfers, one), sum+one.Amount.Amount
		}
		file := written(t, f)
		wantValid(t, file)
		var d document
		if err := xml.Unmarshal([]byte(file), &d); err != nil {
			t.Fatal(err)
		}
		if d.HeaderCount != len(f.Transfers) || d.PaymentCount != len(f.Transfers) || len(d.Transfers) != len(f.Transfers) {
			t.Fatalf("%d transfers, counted as %d and %d", len(f.Transfers), d.HeaderCount, d.PaymentCount)
		}
		if cents(t, d.HeaderSum) != sum || d.PaymentSum != d.HeaderSum {
			t.Fatalf("the sum %d is said to be %s and %s", sum, d.HeaderSum, d.PaymentSum)
		}
		for n, one := range d.Transfers {
			if cents(t, one.Amount) != f.Transfers[n].Amount.Amount {
				t.Fatalf("%s is written %s", f.Transfers[n].Amount, one.Amount)
			}
		}
	})
}

// letters are all that banks have to know; texts neither begin nor end with a space.
var letters = regexp.MustCompile(`^[A-Za-z0-9/?:().,'+-]([A-Za-z0-9/?:().,'+ -]*[A-Za-z0-9/?:().,'+-])?$`)

// Plain text stays as it is, as long as it fits; nothing else comes out than plain text.
func TestPlainTextStays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := payouts()
		f.Transfers[0].Text = rapid.StringMatching(`[A-Za-z0-9/?:().,'+-]{1,140}`).Draw(t, "plain")
		f.Transfers[1].Name = "x" + rapid.StringN(0, -1, 400).Draw(t, "any")
		var d document
		if err := xml.Unmarshal([]byte(written(t, f)), &d); err != nil {
			t.Fatal(err)
		}
		if got := d.Transfers[0].Text; got != f.Transfers[0].Text {
			t.Fatalf("%q became %q", f.Transfers[0].Text, got)
		}
		if got := d.Transfers[1].Name; !letters.MatchString(got) || len(got) > sepa.MaxName || !utf8.ValidString(got) {
			t.Fatalf("%q became %q", f.Transfers[1].Name, got)
		}
	})
}
