package customer

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// MaxWords is how many words of one customer can be searched for.
const MaxWords = 24

// Words are the words by which the customer is found: those of its name, domain, SIREN and
// administrator, each once, in order.
func (c Customer) Words() []string {
	all := Words(strings.Join([]string{c.Name, c.Domain, c.SIREN, c.Administrator.Name, c.Administrator.Mail}, " "))
	if len(all) > MaxWords {
		all = all[:MaxWords]
	}
	slices.Sort(all)
	return all
}

// SortName is the name as lists are ordered by it: without case, accents and punctuation.
func (c Customer) SortName() string { return strings.Join(split(c.Name), " ") }

// Words are the words of a text, each once, in lower case and without accents. A number written in
// groups, as a SIREN is, is one word.
func Words(text string) []string {
	if digits := strings.Join(strings.Fields(text), ""); digits != "" && strings.Trim(digits, "0123456789") == "" {
		return []string{digits}
	}
	var words []string
	for _, word := range split(text) {
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}

func split(text string) []string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsLetter(r), unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return ' '
	}, norm.NFKD.String(text))
	return strings.Fields(plain)
}
