package customer

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// MaxWords is how many words of one customer can be searched for.
const MaxWords = 24

// nameWords is how many words of a name count: the others leave room for what else there is.
const nameWords = 12

// Words are the words by which the customer is found: those of its SIREN, name, domain and
// administrator, each once, in order.
func (c Customer) Words() []string {
	name := split(c.Name)
	name = name[:min(len(name), nameWords)]
	all := unique(slices.Concat([]string{c.SIREN}, name, split(c.Domain), split(c.Administrator.Name), split(c.Administrator.Mail)))
	all = all[:min(len(all), MaxWords)]
	slices.Sort(all)
	return all
}

// SortName is the name as lists are ordered by it: without case, accents and punctuation.
func (c Customer) SortName() string { return SortName(c.Name) }

// SortName is a name as lists are ordered by it.
func SortName(name string) string { return strings.Join(split(name), " ") }

// Words are the words of a text, each once, in lower case and without accents. A number written in
// groups, as a SIREN is, is one word.
func Words(text string) []string {
	if digits := strings.Join(strings.Fields(text), ""); digits != "" && strings.Trim(digits, "0123456789") == "" {
		return []string{digits}
	}
	return unique(split(text))
}

// wordLetters is how much of a word counts.
const wordLetters = 60

// unique are words each once, as far as they count.
func unique(words []string) []string {
	var all []string
	for _, word := range words {
		if letters := []rune(word); len(letters) > wordLetters {
			word = string(letters[:wordLetters])
		}
		if word != "" && !slices.Contains(all, word) {
			all = append(all, word)
		}
	}
	return all
}

// ligatures are letters that Unicode doesn't take apart.
var ligatures = strings.NewReplacer("œ", "oe", "Œ", "oe", "æ", "ae", "Æ", "ae", "ß", "ss", "ẞ", "ss")

func split(text string) []string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsLetter(r), unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return ' '
	}, ligatures.Replace(norm.NFKD.String(text)))
	return strings.Fields(plain)
}
