// Package identifier checks the numbers and names by which organisations are known, and brings each
// into the one form that is stored and compared. It looks nothing up: that an identifier is well formed
// doesn't say that it was given out, or to whom.
package identifier

import "errors"

var errSIREN = errors.New("a SIREN has nine digits, of which the last is a check digit")

// SIREN returns the registration number of a French company as nine digits without spaces
// (requirements: row C5, rule "Identifiers"). Anything but nine digits and spaces, or a wrong check
// digit, is an error whose text can be shown.
func SIREN(s string) (string, error) {
	digits := unspaced(s)
	if len(digits) != 9 || !allDigits(digits) || !luhn(digits) {
		return "", errSIREN
	}
	return digits, nil
}

// luhn tells whether the sum of the digits, every second one from the right doubled, ends in zero.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		n := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			n *= 2
		}
		sum += n/10 + n%10
	}
	return sum%10 == 0
}
