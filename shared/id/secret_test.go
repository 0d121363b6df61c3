package id_test

import (
	"bytes"
	"crypto/rand"
	"regexp"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"comptoir/shared/id"
)

// The form is that of the token in links: the contract asks for 43 characters of these.
func TestSecretsAreFortyThreeCharactersOfALink(t *testing.T) {
	t.Parallel()
	plain := regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "a"), rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "b")
		one, hash := id.Secret(bytes.NewReader(a))
		other, otherHash := id.Secret(bytes.NewReader(b))
		if !plain.MatchString(one) || !plain.MatchString(hash) {
			t.Fatalf("%q, kept as %q", one, hash)
		}
		if same := bytes.Equal(a, b); (one == other) != same || (hash == otherHash) != same {
			t.Fatalf("%x and %x make %s and %s", a, b, one, other)
		}
	})
}

func TestSecretsDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 10_000 {
		secret, hash := id.Secret(rand.Reader)
		if seen[secret] || seen[hash] {
			t.Fatalf("%s came twice", secret)
		}
		seen[secret], seen[hash] = true, true
	}
}

// What is kept knows the secret again and doesn't tell it. Links that were mailed outlive a deployment: the hash stays as it is.
func TestWhatIsKeptOfASecret(t *testing.T) {
	t.Parallel()
	secret, hash := id.Secret(bytes.NewReader(make([]byte, 32)))
	if hash != id.Hash(secret) || hash == secret || hash == id.Hash(secret[1:]) {
		t.Errorf("%s is kept as %s", secret, hash)
	}
	if want := "DwBzhbb51LfusnSGBa_hqYSgo7-j8BTQnip4TOnlzRo"; hash != want {
		t.Errorf("kept as %s", hash)
	}
}

func TestNoSecretIsMadeWithoutRandomness(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("one was made")
		}
	}()
	id.Secret(bytes.NewReader(make([]byte, 31)))
}

// A copy lies where the original would: after all that came before it, and before all that came after.
func TestCopiesSortWithTheOriginal(t *testing.T) {
	t.Parallel()
	type key struct {
		ms int64
		n  int
	}
	keys := rapid.Custom(func(t *rapid.T) key {
		return key{rapid.Int64Range(1_700_000_000_000, 1_700_000_000_003).Draw(t, "ms"), rapid.IntRange(0, 255).Draw(t, "n")}
	})
	random := rapid.SliceOfN(rapid.Byte(), 8, 8)
	rapid.Check(t, func(t *rapid.T) {
		a, b := keys.Draw(t, "a"), keys.Draw(t, "b")
		if a.ms > b.ms || a.ms == b.ms && a.n > b.n {
			a, b = b, a
		}
		if a == b {
			return
		}
		first := id.Ordered("evt", time.UnixMilli(a.ms), a.n, bytes.NewReader(random.Draw(t, "of a")))
		second := id.Ordered("evt", time.UnixMilli(b.ms), b.n, bytes.NewReader(random.Draw(t, "of b")))
		line := []string{first, id.Copied(first, "cus_1"), second, id.Copied(second, "cus_2")}
		if max(line[0], line[1]) >= min(line[2], line[3]) {
			t.Fatalf("out of line: %v", line)
		}
	})
}

func TestCopiesBelongToTheOriginalAndTheName(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^evt_[0-9abcdefghjkmnpqrstvwxyz]{24}$`)
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	one, other := id.Ordered("evt", at, 0, bytes.NewReader(make([]byte, 8))), id.Ordered("evt", at, 0, bytes.NewReader([]byte{0, 0, 0, 0, 0, 0, 0, 1}))
	names := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"cus_1", "cus_2", "cus_1access.given", "cus_1access.ended"}))
	rapid.Check(t, func(t *rapid.T) {
		a, b := names.Draw(t, "a"), names.Draw(t, "b")
		copied := id.Copied(one, a)
		if !form.MatchString(copied) || copied != id.Copied(one, a) || copied == one {
			t.Fatalf("%s of %s", copied, one)
		}
		if (copied == id.Copied(one, b)) != (a == b) || copied == id.Copied(other, a) {
			t.Fatalf("%q and %q make the same", a, b)
		}
	})
	var all []string
	for n := range 10_000 {
		all = append(all, id.Copied(one, string(rune('a'+n%26))+time.Duration(n).String()))
	}
	if slices.Sort(all); len(slices.Compact(all)) != 10_000 {
		t.Error("of one original some copies are the same")
	}
}
