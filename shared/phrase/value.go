package phrase

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/language"

	"comptoir/shared/calendar"
	"comptoir/shared/money"
)

// Name is the same in every language.
type Name string

// In is the name.
func (n Name) In(language.Tag) string { return string(n) }

// Day is a date in words: 8 February 2027, 8 février 2027.
type Day calendar.Date

var mois = [...]string{
	"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
}

// In is the date in a language; nothing for no date.
func (d Day) In(lang language.Tag) string {
	if calendar.Date(d).IsZero() {
		return ""
	}
	t := calendar.Date(d).Start(time.UTC)
	if Spoken(lang) != language.French {
		return t.Format("2 January 2006")
	}
	day := fmt.Sprint(t.Day())
	if t.Day() == 1 {
		day = "1er"
	}
	return fmt.Sprintf("%s %s %d", day, mois[t.Month()-1], t.Year())
}

// Month is a month in words: February 2027, février 2027.
type Month calendar.YearMonth

// In is the month in a language; nothing for no month.
func (m Month) In(lang language.Tag) string {
	if calendar.YearMonth(m).IsZero() {
		return ""
	}
	t := calendar.YearMonth(m).First().Start(time.UTC)
	if Spoken(lang) != language.French {
		return t.Format("January 2006")
	}
	return fmt.Sprintf("%s %d", mois[t.Month()-1], t.Year())
}

// Amount is an amount as people write it: €1,183.56, and 1 183,56 € in French.
type Amount money.Money

// In is the amount in a language.
func (a Amount) In(lang language.Tag) string {
	digits, code, _ := strings.Cut(money.Money(a).String(), " ")
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	whole, rest, broken := strings.Cut(digits, ".")
	symbol := Symbol(code)
	if Spoken(lang) == language.French {
		if whole = grouped(whole, "\u202f"); broken {
			whole += "," + rest
		}
		return sign + whole + "\u00a0" + symbol
	}
	if whole = grouped(whole, ","); broken {
		whole += "." + rest
	}
	if symbol == code {
		return sign + whole + "\u00a0" + code
	}
	return sign + symbol + whole
}

// Symbol is the sign of a currency: € for EUR; the code for those without one.
func Symbol(code string) string {
	if symbol := map[string]string{"EUR": "€", "GBP": "£", "USD": "$"}[code]; symbol != "" {
		return symbol
	}
	return code
}

// grouped are digits by threes.
func grouped(digits, by string) string {
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + by + digits[at:]
	}
	return digits
}
