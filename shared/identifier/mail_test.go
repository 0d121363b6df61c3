package identifier_test

import (
	"testing"

	"comptoir/shared/identifier"
)

// An address is one that a deny list can be held against.
func TestMailIsAPlainAddress(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"lea@dupont.example":           "lea@dupont.example",
		"Lea.D+x@Dupont.EXAMPLE":       "Lea.D+x@dupont.example",
		"Lea <lea@onmicrosoft.com>":    "",
		"<lea@onmicrosoft.com>":        "",
		"\"a b\"@dupont.example":       "",
		"lea@[127.0.0.1]":              "",
		"lea@dupont":                   "",
		"lea@dupont.example (at work)": "",
		"":                             "",
	} {
		got, err := identifier.Mail(in)
		if (err != nil) != (want == "") || err == nil && got != want {
			t.Errorf("%q is %q, %v; wanted %q", in, got, err, want)
		}
	}
}

func TestNameIsSeen(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" Maison Dupont ": "Maison Dupont",
		"L’Étoile & Cie":  "L’Étoile & Cie",
		"3 Suisses":       "3 Suisses",
		"株式会社":            "株式会社",
		"   ":             "",
		"---":             "",
		"a\r\nb":          "",
		"\u202eevil":      "",
		"a\x00":           "",
		"\ufeff":          "",
	} {
		got, err := identifier.Name(in)
		if (err != nil) != (want == "") || err == nil && got != want {
			t.Errorf("%q is %q, %v; wanted %q", in, got, err, want)
		}
	}
}

func TestShown(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		"":                                  true,
		"Two lines,\nand an é.":             true,
		"Vraiment\u202f? «\u00a0Oui\u00a0»": true,
		"👩\u200d💻 100 %":                    true,
		"a\x00b":                            false,
		"a\rb":                              false,
		"\u202eevil":                        false,
		"a\u0085b":                          false,
		"a\u2028b":                          false,
	} {
		if got := identifier.Shown(in); got != want {
			t.Errorf("%q: %t", in, got)
		}
	}
}
