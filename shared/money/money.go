// Package money computes with amounts in integer minor units: exactly, or with the one rounding that
// the requirements name (rule "Money"). Prices, VAT rates and commissions belong to the packages that
// know them; so does the writing of amounts for readers of a language.
//
// Two things are programming errors, and panic rather than give a wrong amount: to mix currencies, and
// to leave the range of int64. The callers' limits keep far from the latter: 100,000 units of the
// dearest price, 10^8 minor units, are a millionth of it.
package money

import (
	"fmt"
	"math/bits"
	"strings"
)

// Money is an amount in the minor units of its currency: 12000 EUR are 120.00 €. The zero value, which
// has no currency, is neutral: adding it to an amount changes nothing.
type Money struct {
	Amount   int64  `json:"amount"`   // in minor units: cents, or whole yen
	Currency string `json:"currency"` // ISO 4217 code, for example EUR
}

// Sum adds up amounts of one currency; the sum of none is the zero value.
func Sum(amounts ...Money) Money {
	var total Money
	for _, m := range amounts {
		total = total.Add(m)
	}
	return total
}

// Add returns m + other.
func (m Money) Add(other Money) Money {
	switch {
	case m == Money{}:
		return other
	case other == Money{}:
		return m
	case m.Currency != other.Currency:
		panic(fmt.Sprintf("money: adding %q to %q", other.Currency, m.Currency))
	}
	sum := m.Amount + other.Amount
	if (sum > m.Amount) != (other.Amount > 0) {
		panic("money: overflow")
	}
	return Money{sum, m.Currency}
}

// Sub returns m - other.
func (m Money) Sub(other Money) Money { return m.Add(other.Neg()) }

// Neg returns -m.
func (m Money) Neg() Money { return m.Times(-1) }

// Times returns n times m.
func (m Money) Times(n int64) Money { return m.Portion(n, 1) }

// Portion returns m × part / whole, rounded half away from zero: a rate (part of 10,000 basis points)
// or a daily pro rata (part of the days of the term). The whole must be positive. The product may
// exceed the range of int64, only the result may not.
func (m Money) Portion(part, whole int64) Money {
	if whole <= 0 {
		panic(fmt.Sprintf("money: portion of a whole of %d", whole))
	}
	quotient, rest := mulDiv(abs(m.Amount), abs(part), uint64(whole))
	if rest >= uint64(whole)-rest {
		quotient++
	}
	return Money{signed(quotient, (m.Amount < 0) != (part < 0)), m.Currency}
}

// String returns the amount in major units and the code, for logs and tests: "120.00 EUR".
func (m Money) String() string {
	places := Decimals(m.Currency)
	digits := fmt.Sprintf("%0*d", places+1, abs(m.Amount))
	if places > 0 {
		point := len(digits) - places
		digits = digits[:point] + "." + digits[point:]
	}
	if m.Amount < 0 {
		digits = "-" + digits
	}
	return strings.TrimSuffix(digits+" "+m.Currency, " ")
}

// IsCurrency tells whether a text has the form of an ISO 4217 code: three capital letters.
func IsCurrency(code string) bool {
	return len(code) == 3 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// Decimals is the exponent in ISO 4217 of the currency's minor unit. The tables of CLDR (as in
// golang.org/x/text/currency) don't serve: they hold what is customary in print, which is no decimals
// for several currencies that have two.
func Decimals(currency string) int {
	switch currency {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV",
		"XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	case "CLF", "UYW":
		return 4
	}
	return 2
}

// limit is the largest absolute value, that of the least int64.
const limit = 1 << 63

// mulDiv returns a × b / c, which must be within the limit, and the rest. The product has 128 bits.
func mulDiv(a, b, c uint64) (quotient, rest uint64) {
	hi, lo := bits.Mul64(a, b)
	if hi < c {
		quotient, rest = bits.Div64(hi, lo, c)
	}
	if hi >= c || quotient > limit {
		panic("money: overflow")
	}
	return quotient, rest
}

// abs of the least int64 is right too: negating it changes nothing, and read as unsigned it is 2^63.
func abs(n int64) uint64 {
	if n < 0 {
		n = -n
	}
	return uint64(n)
}

func signed(n uint64, negative bool) int64 {
	switch {
	case n < limit && !negative:
		return int64(n)
	case n <= limit && negative:
		return -int64(n)
	}
	panic("money: overflow")
}
