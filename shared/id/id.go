// Package id makes identifiers: a prefix that says what it is, then random or derived text.
package id

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"io"
	"strings"
	"time"
)

// text is Crockford's base 32 in lower case: no i, l, o, u, and ordered like its bytes.
var text = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

const randomBytes = 15 // 120 bits: 24 characters

// Random is a new identifier such as lic_3x…, with 120 bits from the source.
func Random(prefix string, source io.Reader) string {
	return prefix + "_" + text.EncodeToString(Bytes(randomBytes, source))
}

// Ordered is a new identifier that sorts by time, then by n within one unit of work.
func Ordered(prefix string, at time.Time, n int, source io.Reader) string {
	b := make([]byte, randomBytes)
	if _, err := io.ReadFull(source, b[7:]); err != nil {
		panic("id: no randomness: " + err.Error())
	}
	ms := at.UnixMilli()
	for i := 5; i >= 0; i-- {
		b[i] = byte(ms)
		ms >>= 8
	}
	b[6] = byte(n)
	return prefix + "_" + text.EncodeToString(b)
}

// Derived is the identifier that belongs to a name given by others: always the same for the same
// name, and telling nothing of it.
func Derived(prefix, name string) string {
	sum := sha256.Sum256([]byte(prefix + "\x00" + name))
	return prefix + "_" + text.EncodeToString(sum[:randomBytes])
}

// secretBytes are the 256 random bits of a secret.
const secretBytes = 32

// Secret is a new secret for a link, with the hash that is kept of it.
func Secret(source io.Reader) (secret, hash string) {
	secret = base64.RawURLEncoding.EncodeToString(Bytes(secretBytes, source))
	return secret, Hash(secret)
}

// Bytes are so many random bytes, for a key.
func Bytes(n int, source io.Reader) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(source, b); err != nil {
		panic("id: no randomness: " + err.Error()) // crypto/rand never fails
	}
	return b
}

// Hash is what is kept of a secret, to know it again.
func Hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Copied is the identifier of what follows from something ordered, for somebody: it sorts with the original, and is always the same.
func Copied(original, name string) string {
	prefix, ordered, _ := strings.Cut(original, "_")
	const order = 12 // characters: of their 60 bits, time and number are 56
	return prefix + "_" + ordered[:min(order, len(ordered))] + Derived("", original+"\x00"+name)[1:13]
}
