package identifier

import (
	"errors"
	"strings"
)

var errDomain = errors.New("a domain name has at least two labels of letters, digits and inner hyphens, " +
	"for example example.com; an international one is given in its ASCII form (xn--)")

// Domain returns a DNS domain name in lower case and without the root's final dot (requirements: rows
// B12, B13, C17): two labels or more, of 1 to 63 letters, digits and inner hyphens each, 253 characters
// at most. The last label starts with a letter, which keeps IP addresses out. International names are
// taken in their ASCII form only. An error's text can be shown.
func Domain(s string) (string, error) {
	name := strings.Map(asciiLower, strings.TrimSuffix(s, "."))
	labels := strings.Split(name, ".")
	if len(name) > 253 || len(labels) < 2 {
		return "", errDomain
	}
	for _, label := range labels {
		if !isLabel(label) {
			return "", errDomain
		}
	}
	if top := labels[len(labels)-1]; top[0] < 'a' {
		return "", errDomain
	}
	return name, nil
}

func isLabel(s string) bool {
	if len(s) < 1 || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for _, r := range s {
		if r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return true
}

// asciiLower leaves other letters as they are: Unicode would turn the Kelvin sign into a k.
func asciiLower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}
