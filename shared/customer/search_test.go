package customer_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"comptoir/shared/customer"
)

func TestWordsOfAText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"nothing has no words", "", nil},
		{"nor has punctuation", " - & … ", nil},
		{"words are in lower case", "Boulangerie DUPONT", []string{"boulangerie", "dupont"}},
		{"without accents", "Éléonore Lefèvre, façade à Nîmes", []string{"eleonore", "lefevre", "facade", "a", "nimes"}},
		{"however the accents are written", "E\u0301le\u0300ve", []string{"eleve"}},
		{"punctuation divides them", "L'Étoile/Saint-Denis & Cie.", []string{"l", "etoile", "saint", "denis", "cie"}},
		{"each comes once", "Dupont, dupont et DÛPONT", []string{"dupont", "et"}},
		{"a mail address is several", "ada.dupont@dupont.example", []string{"ada", "dupont", "example"}},
		{"ligatures and full-width letters are plain ones", "ﬁn ＡＢＣ", []string{"fin", "abc"}},
		{"a SIREN in groups is one", "732 829 320", []string{"732829320"}},
		{"with no-break spaces too", "732\u00a0829\u202f320", []string{"732829320"}},
		{"without groups too", " 732829320 ", []string{"732829320"}},
		{"numbers beside letters stay apart", "bus 732 829", []string{"bus", "732", "829"}},
		{"other scripts are words", "Ελένη Софія", []string{"ελενη", "софія"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantEqual(t, "words", customer.Words(c.text), c.want)
		})
	}
}

// What is stored is what is looked for: a word, however it is typed, has no other form than its own.
func TestWordsOfAWordAreItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		words := customer.Words(rapid.String().Draw(t, "text"))
		for _, word := range words {
			if again := customer.Words(word); !slices.Equal(again, []string{word}) {
				t.Fatalf("the word %q has the words %q", word, again)
			}
			if typed := customer.Words(" " + strings.ToUpper(word) + "!"); isASCII(word) && !slices.Equal(typed, []string{word}) {
				t.Fatalf("the word %q in capitals has the words %q", word, typed)
			}
		}
		if slices.Sort(words); len(slices.Compact(slices.Clone(words))) != len(words) {
			t.Fatalf("a word comes twice: %q", words)
		}
	})
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

// B12, E9: a customer is found by its name, domain, SIREN and administrator.
func TestWordsOfACustomer(t *testing.T) {
	t.Parallel()
	c, _ := customer.Appear(customer.Report{
		Name: "Société Générale du Pain", Domain: "pain.example", SIREN: "732829320",
		Administrator: customer.Administrator{UserID: "u-77", Name: "Zoé Pain", Mail: "zoe@pain.example"},
	})
	wantEqual(t, "words", c.Words(), []string{"732829320", "du", "example", "generale", "pain", "societe", "zoe"})

	t.Run("twenty-four at the most, each once", func(t *testing.T) {
		t.Parallel()
		long := func(from string) string { return strings.Join(strings.Split(from, ""), " ") }
		c := customer.Customer{
			Name: long("abcdefghijklmnopqrs"), SIREN: "732829320", Domain: "pain.example",
			Administrator: customer.Administrator{Name: long("uvwxyz0123456789")},
		}
		got := c.Words()
		wantEqual(t, "number", len(got), customer.MaxWords)
		wantEqual(t, "limit", customer.MaxWords, 24)
		for _, word := range []string{"732829320", "pain", "l", "u"} { // twelve of the name at the most
			wantEqual(t, word, slices.Contains(got, word), true)
		}
		wantEqual(t, "the thirteenth of the name", slices.Contains(got, "m"), false)
	})
	t.Run("none of a customer without a name", func(t *testing.T) {
		t.Parallel()
		wantEqual(t, "words", customer.Customer{}.Words(), nil)
	})
}

// Lists are ordered by the name as people read it.
func TestSortName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"without case and accents", "Épicerie ÉLÉONORE", "epicerie eleonore"},
		{"without punctuation, one space between words", "  L'Étoile -- (Nord)  ", "l etoile nord"},
		{"with every word, however often", "Dupont & Dupont", "dupont dupont"},
		{"of a number is the number", "3 Suisses", "3 suisses"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantEqual(t, "sort name", customer.Customer{Name: c.text}.SortName(), c.want)
		})
	}
	t.Run("puts É among the e", func(t *testing.T) {
		t.Parallel()
		names := []string{"Zèbre", "Étoile", "Fleur", "Eau", "École"}
		slices.SortFunc(names, func(a, b string) int {
			return strings.Compare(customer.Customer{Name: a}.SortName(), customer.Customer{Name: b}.SortName())
		})
		wantEqual(t, "order", names, []string{"Eau", "École", "Étoile", "Fleur", "Zèbre"})
	})
}
