package phrase

import (
	"testing"
	"time"

	"golang.org/x/text/language"

	"comptoir/shared/calendar"
	"comptoir/shared/money"
)

// F10: days and amounts are written as people of the language write them.
func TestValuesAreSaidInTheLanguage(t *testing.T) {
	t.Parallel()
	day := func(m time.Month, d int) Day {
		on, err := calendar.Of(2027, m, d)
		if err != nil {
			t.Fatal(err)
		}
		return Day(on)
	}
	for _, c := range []struct {
		said            Said
		english, french string
	}{
		{day(2, 8), "8 February 2027", "8 février 2027"},
		{day(8, 1), "1 August 2027", "1er août 2027"},
		{day(12, 31), "31 December 2027", "31 décembre 2027"},
		{Day{}, "", ""},
		{Month(calendar.YearMonthOf(calendar.Date(day(2, 8)))), "February 2027", "février 2027"},
		{Month{}, "", ""},
		{Amount{Amount: 118356, Currency: "EUR"}, "€1,183.56", "1\u202f183,56\u00a0€"},
		{Amount{Amount: -5, Currency: "EUR"}, "-€0.05", "-0,05\u00a0€"},
		{Amount{Amount: 100000000, Currency: "USD"}, "$1,000,000.00", "1\u202f000\u202f000,00\u00a0$"},
		{Amount{Amount: 99900, Currency: "CHF"}, "999.00\u00a0CHF", "999,00\u00a0CHF"},
		{Amount{Amount: 1200, Currency: "JPY"}, "1,200\u00a0JPY", "1\u202f200\u00a0JPY"},
		{Amount(money.Money{Currency: "GBP"}), "£0.00", "0,00\u00a0£"},
		{Name("Dupont"), "Dupont", "Dupont"},
		{Say("%s:", Day{}), ":", "\u00a0:"},
	} {
		if got := c.said.In(language.BritishEnglish); got != c.english {
			t.Errorf("%q, want %q", got, c.english)
		}
		if got := c.said.In(language.French); got != c.french {
			t.Errorf("%q, want %q", got, c.french)
		}
	}
}
