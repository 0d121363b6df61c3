package identifier_test

import (
	"regexp"
	"strings"
	"testing"

	"comptoir/shared/identifier"
)

func TestSIRENIsNineDigitsWithACheckDigit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"the published example", "732829320", "732829320"},
		{"La Poste", "356000000", "356000000"},
		{"in groups", "732 829 320", "732829320"},
		{"in groups of a French text", "732\u00a0829\u202f320", "732829320"},
		{"with spaces around", " 732829320\n", "732829320"},
		{"a wrong check digit", "732829321", ""},
		{"two digits swapped", "372829320", ""},
		{"eight digits", "73282932", ""},
		{"ten digits", "7328293200", ""},
		{"a SIRET", "73282932000074", ""},
		{"a VAT number", "FR44732829320", ""},
		{"hyphens", "732-829-320", ""},
		{"a sign", "+73282932", ""},
		{"a sign that would pass for a check digit", "35600009:", ""},
		{"digits of another script", "٧٣٢٨٢٩٣٢٠", ""},
		{"nine bytes of another script", "٧٣٢٨0", ""},
		{"nothing", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got, err := identifier.SIREN(c.in); got != c.want || (err != nil) != (c.want == "") {
				t.Errorf("SIREN(%q) = %q, %v; want %q", c.in, got, err, c.want)
			}
		})
	}
}

// The check digit is there to find these two mistakes.
func TestSIRENFindsMistypedDigits(t *testing.T) {
	t.Parallel()
	const right = "732829320"
	for i := range right {
		for digit := byte('0'); digit <= '9'; digit++ {
			typed := []byte(right)
			typed[i] = digit
			if _, err := identifier.SIREN(string(typed)); (err == nil) != (string(typed) == right) {
				t.Errorf("SIREN(%s): %v", typed, err)
			}
		}
		if i == 0 {
			continue
		}
		swapped := []byte(right)
		swapped[i-1], swapped[i] = swapped[i], swapped[i-1]
		if _, err := identifier.SIREN(string(swapped)); err == nil {
			t.Errorf("SIREN(%s) was taken", swapped)
		}
	}
}

func TestDomainIsLowerCaseLabels(t *testing.T) {
	t.Parallel()
	label63 := strings.Repeat("a", 63)
	name253 := strings.Repeat(label63+".", 3) + strings.Repeat("b", 57) + ".com"
	name254 := strings.Repeat(label63+".", 3) + strings.Repeat("b", 58) + ".com"
	for _, c := range []struct{ name, in, want string }{
		{"two labels", "example.com", "example.com"},
		{"capitals", "Mail.Example.COM", "mail.example.com"},
		{"the root's dot", "example.com.", "example.com"},
		{"digits and hyphens", "3-suisses.1and1.fr", "3-suisses.1and1.fr"},
		{"an international name in ASCII", "xn--caf-dma.example", "xn--caf-dma.example"},
		{"a label of 63", label63 + ".com", label63 + ".com"},
		{"a label of 64", "a" + label63 + ".com", ""},
		{"a name of 253", name253, name253},
		{"a name of 253 and the root's dot", name253 + ".", name253},
		{"a name of 254", name254, ""},
		{"one label", "localhost", ""},
		{"the root", ".", ""},
		{"nothing", "", ""},
		{"two dots", "example..com", ""},
		{"two dots at the end", "example.com..", ""},
		{"a dot first", ".example.com", ""},
		{"a hyphen first", "-example.com", ""},
		{"a hyphen last", "example-.com", ""},
		{"an underscore", "_dmarc.example.com", ""},
		{"a space", "exam ple.com", ""},
		{"a space around", " example.com", ""},
		{"an address", "https://example.com", ""},
		{"a port", "example.com:443", ""},
		{"a mail address", "contact@example.com", ""},
		{"a wildcard", "*.example.com", ""},
		{"an IP address", "192.0.2.1", ""},
		{"an IP address in hexadecimal", "0xc0.0x00.0x02.0x01", ""},
		{"other letters", "café.example", ""},
		{"a letter that folds to ASCII", "\u212Aiosk.example", ""},
		{"a broken encoding", "ex\xffample.com", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got, err := identifier.Domain(c.in); got != c.want || (err != nil) != (c.want == "") {
				t.Errorf("Domain(%q) = %q, %v; want %q", c.in, got, err, c.want)
			}
		})
	}
}

var form = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)

func FuzzDomain(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		got, err := identifier.Domain(s)
		if err != nil {
			if got != "" {
				t.Fatalf("Domain(%q) = %q beside an error", s, got)
			}
			if form.MatchString(s) && len(s) <= 253 {
				t.Fatalf("Domain(%q): %v", s, err)
			}
			return
		}
		if !form.MatchString(got) || len(got) > 253 || got != strings.ToLower(strings.TrimSuffix(s, ".")) || len(s) > len(got)+1 {
			t.Fatalf("Domain(%q) = %q", s, got)
		}
		if again, err := identifier.Domain(got); again != got {
			t.Fatalf("Domain(%q) = %q, %v; it isn't the one form", got, again, err)
		}
	})
}
