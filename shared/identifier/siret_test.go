package identifier_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"comptoir/shared/identifier"
)

func TestSIRETIsASIRENAndAnEstablishment(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"the published example", "73282932000074", "73282932000074"},
		{"in groups", "732 829 320 00074", "73282932000074"},
		{"in groups of a French text", "732\u00a0829\u202f320\u00a000074", "73282932000074"},
		{"a wrong check digit", "73282932000075", ""},
		{"a wrong SIREN whose mistake the establishment makes good", "73282933000073", ""},
		{"La Poste's seat, by Luhn", "35600000000048", "35600000000048"},
		{"La Poste by the sum of the digits, from python-stdnum", "35600000049837", "35600000049837"},
		{"La Poste by the sum of the digits, from python-stdnum's issue 291", "356 000 000 09075", "35600000009075"},
		{"La Poste by neither", "35600000049838", ""},
		{"another's by the sum of the digits", "73282932000073", ""},
		{"a SIREN", "732829320", ""},
		{"hyphens", "732-829-320-00074", ""},
		{"digits of another script", "٧٣٢٨٢٩٣٢٠٠٠٠٧٤", ""},
		{"nothing", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got, err := identifier.SIRET(c.in); got != c.want || (err != nil) != (c.want == "") {
				t.Errorf("SIRET(%q) = %q, %v; want %q", c.in, got, err, c.want)
			}
		})
	}
}

// sirens are right SIRENs of companies that aren't La Poste.
func sirens() *rapid.Generator[string] {
	return rapid.Map(rapid.IntRange(10_000_000, 99_999_999), func(n int) string { return withLuhn(fmt.Sprint(n)) }).
		Filter(func(s string) bool { return s != "356000000" })
}

// withLuhn are digits and the check digit that fits.
func withLuhn(digits string) string {
	sum := 0
	for i := range len(digits) {
		n := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			n *= 2
		}
		sum += n/10 + n%10
	}
	return digits + fmt.Sprint((10-sum%10)%10)
}

// mistyped is a text with another digit in one place.
func mistyped(t *rapid.T, right string, from int) string {
	at := rapid.IntRange(from, len(right)-1).Filter(func(n int) bool { return '0' <= right[n] && right[n] <= '9' }).Draw(t, "at")
	typed := []byte(right)
	typed[at] = '0' + (typed[at]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10
	return string(typed)
}

func TestSIRETFindsAMistypedDigit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		right := withLuhn(sirens().Draw(t, "SIREN") + fmt.Sprintf("%04d", rapid.IntRange(0, 9999).Draw(t, "establishment")))
		if got, err := identifier.SIRET(right); err != nil || got != right {
			t.Fatalf("SIRET(%s) = %s, %v", right, got, err)
		}
		if typed := mistyped(t, right, 0); typed[:9] != "356000000" {
			if got, err := identifier.SIRET(typed); err == nil || got != "" {
				t.Fatalf("SIRET(%s) was taken for %s", typed, right)
			}
		}
	})
}
