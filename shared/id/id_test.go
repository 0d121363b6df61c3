package id_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"comptoir/shared/id"
)

// Crockford's alphabet leaves out what is misread: i, l, o and u.
var form = regexp.MustCompile(`^lic_[0-9abcdefghjkmnpqrstvwxyz]{24}$`)

func TestIdentifiersHaveAPrefixAndTwentyFourPlainCharacters(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		source := bytes.NewReader(rapid.SliceOfN(rapid.Byte(), 15, 15).Draw(t, "random"))
		at := time.UnixMilli(rapid.Int64Range(0, 1<<47).Draw(t, "ms"))
		for _, made := range []string{
			id.Random("lic", source), id.Derived("lic", rapid.String().Draw(t, "name")),
			id.Ordered("lic", at, rapid.IntRange(0, 255).Draw(t, "n"), rand.Reader),
		} {
			if !form.MatchString(made) {
				t.Fatalf("%q is not of the form", made)
			}
		}
	})
}

func TestRandomIdentifiersAreAsManyAsTheirBits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.SliceOfN(rapid.Byte(), 15, 15).Draw(t, "a"), rapid.SliceOfN(rapid.Byte(), 15, 15).Draw(t, "b")
		same := id.Random("lic", bytes.NewReader(a)) == id.Random("lic", bytes.NewReader(b))
		if same != bytes.Equal(a, b) {
			t.Fatalf("%x and %x make the same identifier: %t", a, b, same)
		}
	})
	seen := map[string]bool{}
	for range 10_000 {
		made := id.Random("lic", rand.Reader)
		if seen[made] {
			t.Fatalf("%s came twice", made)
		}
		seen[made] = true
	}
}

// Of one moment and one number there are still as many identifiers as 64 bits hold.
func TestOrderedIdentifiersOfOneMomentDiffer(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	seen := map[string]bool{}
	for range 10_000 {
		made := id.Ordered("evt", at, 0, rand.Reader)
		if seen[made] {
			t.Fatalf("%s came twice", made)
		}
		seen[made] = true
	}
}

func TestOrderedIdentifiersSortByTimeThenByNumber(t *testing.T) {
	t.Parallel()
	type key struct {
		ms int64
		n  int
	}
	keys := rapid.Custom(func(t *rapid.T) key {
		return key{rapid.Int64Range(0, 1<<47).Draw(t, "ms"), rapid.IntRange(0, 255).Draw(t, "n")}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := keys.Draw(t, "a"), keys.Draw(t, "b")
		if rapid.Bool().Draw(t, "same moment") {
			b.ms = a.ms
		}
		if a.ms > b.ms || a.ms == b.ms && a.n > b.n {
			a, b = b, a
		}
		// The earlier gets the highest random part and the later the lowest.
		first := id.Ordered("evt", time.UnixMilli(a.ms), a.n, bytes.NewReader(bytes.Repeat([]byte{0xff}, 8)))
		second := id.Ordered("evt", time.UnixMilli(b.ms), b.n, bytes.NewReader(make([]byte, 8)))
		if a != b && first >= second {
			t.Fatalf("%v makes %s, which isn't before %s of %v", a, first, second, b)
		}
	})
}

func TestOrderedIdentifiersOfALifetimeSort(t *testing.T) {
	t.Parallel()
	var made []string
	for year := 1970; year < 2200; year += 10 {
		made = append(made, id.Ordered("evt", time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), 0, rand.Reader))
	}
	if !slices.IsSorted(made) {
		t.Errorf("not in order: %v", made)
	}
}

// A customer reported twice is the same customer (A13): its identifier must never be made otherwise.
func TestDerivedIdentifiersAreTheSameForEver(t *testing.T) {
	t.Parallel()
	if got := id.Derived("cus", "acc-1"); got != "cus_nmspca7v9nsmwhe9a15yg1y6" {
		t.Errorf("acc-1 makes %s", got)
	}
}

func TestDerivedIdentifiersBelongToTheirName(t *testing.T) {
	t.Parallel()
	names := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "a", "cus", "\x00a", "s\x00a"}))
	prefixes := rapid.SampledFrom([]string{"cu", "cus", "par"})
	rapid.Check(t, func(t *rapid.T) {
		p, a, q, b := prefixes.Draw(t, "p"), names.Draw(t, "a"), prefixes.Draw(t, "q"), names.Draw(t, "b")
		same := strings.TrimPrefix(id.Derived(p, a), p) == strings.TrimPrefix(id.Derived(q, b), q)
		if same != (p == q && a == b) {
			t.Fatalf("%s %q and %s %q make the same text: %t", p, a, q, b, same)
		}
		if len(a) > 4 && strings.Contains(id.Derived(p, a), strings.ToLower(a)) {
			t.Fatalf("%s tells of %q", id.Derived(p, a), a)
		}
	})
}

// An identifier that could be guessed is worse than none.
func TestNoIdentifierIsMadeWithoutRandomness(t *testing.T) {
	t.Parallel()
	none := iotest.ErrReader(errors.New("no randomness"))
	for name, f := range map[string]func(){
		"random":             func() { id.Random("lic", none) },
		"ordered":            func() { id.Ordered("evt", time.Unix(0, 0), 0, none) },
		"random, cut short":  func() { id.Random("lic", bytes.NewReader(make([]byte, 14))) },
		"ordered, cut short": func() { id.Ordered("evt", time.Unix(0, 0), 0, bytes.NewReader(make([]byte, 7))) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if recover() == nil {
					t.Error("an identifier was made")
				}
			}()
			f()
		})
	}
}
