package statement

import (
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"

	"comptoir/shared/calendar"
	"comptoir/shared/money"
	"comptoir/shared/phrase"
)

// number is n ÷ 10^places, of any sort: an amount, a rate, a count.
type number struct {
	n      int64
	places int
}

func amountOf(m money.Money, currency string) number {
	return number{m.Amount, money.Decimals(currency)}
}

// in is the number in digits alone, with the point or comma of the language.
func (n number) in(lang language.Tag) string {
	digits, sign := strconv.FormatInt(n.n, 10), ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	if n.places == 0 {
		return sign + digits
	}
	if short := n.places + 1 - len(digits); short > 0 {
		digits = strings.Repeat("0", short) + digits
	}
	at := len(digits) - n.places
	return sign + digits[:at] + point(lang) + digits[at:]
}

// float is the number that is nearest, as spreadsheets have it.
func (n number) float() float64 { return float64(n.n) / math.Pow10(n.places) }

// point is the decimal point, or comma.
func point(lang language.Tag) string {
	if phrase.Spoken(lang) == language.French {
		return ","
	}
	return "."
}

// dated is a day in digits: 2026-09-30, and 30/09/2026 in French. Nothing for no day.
func dated(d calendar.Date, lang language.Tag) string {
	if d.IsZero() || phrase.Spoken(lang) != language.French {
		return d.String()
	}
	return d.Start(time.UTC).Format("02/01/2006")
}
