package identifier

import (
	"errors"
	"strings"
	"unicode"
)

var errSIRET = errors.New("a SIRET has fourteen digits: a SIREN, the number of the establishment and a check digit")

// laPoste is the SIREN of La Poste. Its establishments are so many that Luhn's check digits did not suffice: most of them have a digit
// sum that five divides instead.
const laPoste = "356000000"

// SIRET returns the registration number of a French establishment as fourteen digits without spaces. Its first nine are the
// company's SIREN, which is checked too. An error's text can be shown.
func SIRET(s string) (string, error) {
	digits := unspaced(s)
	if len(digits) != 14 || !allDigits(digits) || !luhn(digits[:9]) {
		return "", errSIRET
	}
	if luhn(digits) || digits[:9] == laPoste && digitSum(digits)%5 == 0 {
		return digits, nil
	}
	return "", errSIRET
}

// unspaced is a text without its spaces: no-break spaces too, as French typography groups digits.
func unspaced(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func allDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func digitSum(digits string) int {
	sum := 0
	for i := range len(digits) {
		sum += int(digits[i] - '0')
	}
	return sum
}
