package identifier_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"comptoir/shared/identifier"
)

// The forms are those of the European Commission's table of VAT identification numbers (VIES, question 11), its 9s, letters and
// remarks filled in.
func TestVATHasTheFormOfItsCountry(t *testing.T) {
	t.Parallel()
	right := map[string][]string{
		"AT": {"U99999999"}, "BE": {"0999999999", "1999999999"}, "BG": {"999999999", "9999999999"}, "CY": {"99999999L"},
		"CZ": {"99999999", "999999999", "9999999999"}, "DE": {"999999999"}, "DK": {"99 99 99 99"}, "EE": {"999999999"}, "EL": {"999999999"},
		"ES": {"X9999999X", "X99999999", "99999999X"}, "FI": {"99999999"}, "FR": {"83 404 833 048"}, "HR": {"99999999999"}, "HU": {"99999999"},
		"IE": {"9S99999L", "9+99999L", "9*99999L", "9999999L", "9999999WI"}, "IT": {"99999999999"}, "LT": {"999999999", "999999999999"},
		"LU": {"99999999"}, "LV": {"99999999999"}, "MT": {"99999999"}, "NL": {"999999999B99"}, "PL": {"9999999999"}, "PT": {"999999999"},
		"RO": {"99", "9999999999"}, "SE": {"999999999999"}, "SI": {"99999999"}, "SK": {"9999999999"},
	}
	if len(right) != 27 {
		t.Fatalf("%d states", len(right))
	}
	for country, numbers := range right {
		for _, number := range numbers {
			want := country + strings.ReplaceAll(number, " ", "")
			for _, in := range []string{want, country + " " + number, strings.ToLower(want)} {
				if got, err := identifier.VAT(in); err != nil || got != want {
					t.Errorf("VAT(%q) = %q, %v; want %q", in, got, err, want)
				}
			}
			for _, in := range []string{number, country, want + "000000000", country + "!" + number[1:]} {
				if got, err := identifier.VAT(in); err == nil {
					t.Errorf("VAT(%q) = %q", in, got)
				}
			}
		}
	}
	for _, bad := range []string{
		"", "F", "GR999999999", "GB999999973", "XI999999973", "CHE123456788", "BE2999999999", "AT099999999", "ES999999999", "NL999999999A99",
		"IE99999999", "DE٩٩٩٩٩٩٩٩٩", "DE999999999\x00",
	} {
		if got, err := identifier.VAT(bad); err == nil || got != "" {
			t.Errorf("VAT(%q) = %q", bad, got)
		}
	}
}

func TestFrenchVATIsAKeyAndASIREN(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"the administration's example, of service-public.fr", "FR 83 404 833 048", "FR83404833048"},
		{"python-stdnum's example", "Fr 40 303 265 045", "FR40303265045"},
		{"with a letter's O for a zero", "FR4O303265045", ""},
		{"another key", "FR84404833048", ""},
		{"a key that fits a wrong SIREN", "FR86404833049", ""},
		{"Monaco's, from python-stdnum: no SIREN", "FR 53 0000 04605", "FR53000004605"},
		{"no country", "83404833048", ""},
		{"another country", "BE83404833048", ""},
		{"a SIRET", "FR8340483304800022", ""},
		{"nothing", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got, err := identifier.FrenchVAT(c.in); got != c.want || (err != nil) != (c.want == "") {
				t.Errorf("FrenchVAT(%q) = %q, %v; want %q", c.in, got, err, c.want)
			}
		})
	}
}

func TestFrenchVATFindsAMistypedDigit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		siren := sirens().Draw(t, "SIREN")
		var n int
		fmt.Sscan(siren, &n)
		right := fmt.Sprintf("FR%02d%s", (12+3*(n%97))%97, siren)
		if got, err := identifier.VAT(right); err != nil || got != right {
			t.Fatalf("VAT(%s) = %s, %v", right, got, err)
		}
		typed := mistyped(t, right, 2)
		if got, err := identifier.VAT(typed); err == nil || got != "" {
			t.Fatalf("VAT(%s) was taken for %s", typed, right)
		}
	})
}

func TestVATPrefixIsTheCountrysButForGreeceAndMonaco(t *testing.T) {
	t.Parallel()
	for country, want := range map[string]string{"FR": "FR", "DE": "DE", "GR": "EL", "MC": "FR", "EL": "", "GB": "", "CH": "", "XI": "", "": ""} {
		if got := identifier.VATPrefix(country); got != want {
			t.Errorf("%s: %q", country, got)
		}
	}
}

func TestCountryIsOneOfISO3166(t *testing.T) {
	t.Parallel()
	all := 0
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if _, err := identifier.Country(string(a) + string(b)); err == nil {
				all++
			}
		}
	}
	if all != 249 {
		t.Errorf("there are %d countries", all)
	}
	for in, want := range map[string]string{
		"FR": "FR", "fr": "FR", "GR": "GR", "GB": "GB", "MC": "MC", "EL": "", "UK": "", "XK": "", "EU": "", "FRA": "", "F": "", "D ": "", " A": "", "": "", "ſE": "",
	} {
		if got, err := identifier.Country(in); got != want || (err != nil) != (want == "") {
			t.Errorf("Country(%q) = %q, %v", in, got, err)
		}
	}
}
