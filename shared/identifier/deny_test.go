package identifier_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"comptoir/shared/identifier"
)

// C17: the domains of the list, and all below them.
func TestDeny(t *testing.T) {
	t.Parallel()
	deny, err := identifier.ParseDeny(" OnMicrosoft.com., spam.example ,")
	if err != nil || !slices.Equal(deny, identifier.Deny{"onmicrosoft.com", "spam.example"}) {
		t.Fatal(deny, err)
	}
	for address, want := range map[string]bool{
		"lea@onmicrosoft.com":            true,
		"lea@dupont.onmicrosoft.com":     true,
		"lea@a.b.onmicrosoft.com":        true,
		"lea@DUPONT.OnMicrosoft.COM":     true,
		"lea@dupont.onmicrosoft.com.":    true,
		"lea@spam.example":               true,
		"lea@notonmicrosoft.com":         false,
		"lea@onmicrosoft.com.example":    false,
		"lea@microsoft.com":              false,
		"onmicrosoft.com@dupont.example": false,

		// Nobody knows where these lead.
		"lea@onmicrosoft.com..":          true,
		"lea@.onmicrosoft.com":           true,
		"lea@onmicrosoft.com ":           true,
		"Lea <lea@onmicrosoft.com>":      true,
		"lea@onmicrosoft.com (work)":     true,
		"lea@onmicrosoft.com,x@y.com":    true,
		"lea@x.com@onmicrosoft.com":      true,
		"lea@onmicrosoft.com\r\n":        true,
		"lea@onmicrosoft。com":            true,
		"lea@ｏｎｍｉｃｒｏｓｏｆｔ.com":            true,
		"lea@onmi\u00adcrosoft.com":      true,
		"@x.com:lea@onmicrosoft.com":     true,
		`"lea@x.com"@onmicrosoft.com`:    true,
		"lea%onmicrosoft.com@[10.0.0.1]": true,
		"":                               true,
	} {
		if got := deny.Has(address); got != want {
			t.Errorf("%q: %t", address, got)
		}
	}
	if (identifier.Deny{}).Has("lea@onmicrosoft.com") {
		t.Error("an empty list has something")
	}
	for _, bad := range []string{"onmicrosoft", "*.onmicrosoft.com", "@onmicrosoft.com", "a.com b.com"} {
		if d, err := identifier.ParseDeny(bad); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%q is %v, %v", bad, d, err)
		}
	}
}

// However a domain of the list is written, it is found; whatever isn't found leads elsewhere.
func TestNothingGetsAroundTheDenyList(t *testing.T) {
	t.Parallel()
	deny := identifier.Deny{"onmicrosoft.com", "Spam.Example."}
	rapid.Check(t, func(t *rapid.T) {
		domain := rapid.StringMatching(`([a-z0-9-]{0,4}\.){0,3}`).Draw(t, "below") + rapid.SampledFrom([]string{"onmicrosoft.com", "spam.example"}).Draw(t, "domain")
		spelled := strings.Map(func(r rune) rune {
			if rapid.Bool().Draw(t, "capital") {
				return []rune(strings.ToUpper(string(r)))[0]
			}
			return r
		}, domain)
		address := rapid.StringMatching(`[a-zA-Z.@" ]{0,5}`).Draw(t, "user") + "@" + spelled + rapid.StringMatching(`[. >]{0,2}`).Draw(t, "end")
		if !deny.Has(address) {
			t.Fatalf("%q gets around it", address)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		address := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z]{1,3}@([a-zA-Z-]{1,3}\.){0,2}(not)?(onmicrosoft|spam)?\.(com|example)\.?`)).Draw(t, "address")
		if deny.Has(address) {
			return
		}
		plain, err := identifier.Mail(address)
		if err != nil || strings.HasSuffix("."+plain[strings.Index(plain, "@")+1:], ".onmicrosoft.com") || strings.HasSuffix("."+plain[strings.Index(plain, "@")+1:], ".spam.example") {
			t.Fatalf("%q is let through (%v)", address, err)
		}
	})
}
