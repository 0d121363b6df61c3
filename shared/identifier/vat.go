package identifier

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var (
	errVAT       = errors.New("a VAT number of the European Union starts with the two letters of its country and has the form that the country gives it")
	errFrenchVAT = errors.New("a French VAT number is FR, two digits that check the rest, and the SIREN")
)

// vatForms are the forms of VAT numbers by their first two letters, as the European Commission lists them.
var vatForms = map[string]*regexp.Regexp{
	"AT": form(`U[0-9]{8}`),
	"BE": form(`[01][0-9]{9}`),
	"BG": form(`[0-9]{9,10}`),
	"CY": form(`[0-9]{8}[A-Z]`),
	"CZ": form(`[0-9]{8,10}`),
	"DE": form(`[0-9]{9}`),
	"DK": form(`[0-9]{8}`),
	"EE": form(`[0-9]{9}`),
	"EL": form(`[0-9]{9}`),
	"ES": form(`[A-Z][0-9]{7}[A-Z0-9]|[0-9]{8}[A-Z]`),
	"FI": form(`[0-9]{8}`),
	"FR": form(`[0-9]{11}`),
	"HR": form(`[0-9]{11}`),
	"HU": form(`[0-9]{8}`),
	"IE": form(`[0-9][A-Z0-9+*][0-9]{5}[A-Z]|[0-9]{7}[A-W][A-I]`),
	"IT": form(`[0-9]{11}`),
	"LT": form(`[0-9]{9}|[0-9]{12}`),
	"LU": form(`[0-9]{8}`),
	"LV": form(`[0-9]{11}`),
	"MT": form(`[0-9]{8}`),
	"NL": form(`[0-9]{9}B[0-9]{2}`),
	"PL": form(`[0-9]{10}`),
	"PT": form(`[0-9]{9}`),
	"RO": form(`[0-9]{2,10}`),
	"SE": form(`[0-9]{12}`),
	"SI": form(`[0-9]{8}`),
	"SK": form(`[0-9]{10}`),
}

func form(pattern string) *regexp.Regexp { return regexp.MustCompile(`^(?:` + pattern + `)$`) }

// vatPrefixes are where VAT numbers don't start with the country's own code: Greece goes by its language; companies of Monaco and of
// the overseas departments are registered in France.
var vatPrefixes = map[string]string{"GR": "EL", "MC": "FR", "GP": "FR", "MQ": "FR", "RE": "FR", "EL": ""}

// VATPrefix is how the VAT numbers of a country start; nothing for countries without VAT numbers of the European Union.
func VATPrefix(country string) string {
	prefix, other := vatPrefixes[country]
	if !other {
		prefix = country
	}
	if vatForms[prefix] == nil {
		return ""
	}
	return prefix
}

// VAT returns a VAT number of the European Union in capital letters without spaces, full stops and hyphens, its country's letters first.
// The form is checked, and of a French one the key. An error's text can be shown.
func VAT(s string) (string, error) {
	number := strings.NewReplacer(".", "", "-", "").Replace(strings.Map(asciiUpper, unspaced(s)))
	if len(number) < 2 {
		return "", errVAT
	}
	of := vatForms[number[:2]]
	if of == nil || !of.MatchString(number[2:]) {
		return "", errVAT
	}
	if number[:2] == "FR" {
		return FrenchVAT(number)
	}
	return number, nil
}

// monaco is how the nine digits after the key of Monaco's companies start: they are no SIREN.
const monaco = "000"

// FrenchVAT returns the VAT number of a French company: FR, a key of two digits, and its SIREN, which is checked too. Monaco's are of the same
// form. An error's text can be shown.
func FrenchVAT(s string) (string, error) {
	number := strings.Map(asciiUpper, unspaced(s))
	digits, french := strings.CutPrefix(number, "FR")
	if !french || len(digits) != 11 || !allDigits(digits) {
		return "", errFrenchVAT
	}
	key, company := digits[:2], digits[2:]
	if n, _ := strconv.Atoi(company); key != fmt.Sprintf("%02d", (12+3*(n%97))%97) {
		return "", errFrenchVAT
	}
	if !strings.HasPrefix(company, monaco) && !luhn(company) {
		return "", errFrenchVAT
	}
	return number, nil
}
