package identity

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/go-jose/go-jose/v4"
)

// A signingKey signs every token.
type signingKey struct{ private *rsa.PrivateKey }

// A publicKey is what the issuer publishes of it.
type publicKey struct{ signingKey }

func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k signingKey) Algorithm() jose.SignatureAlgorithm          { return jose.RS256 }
func (k signingKey) Use() string                                 { return "sig" }
func (k signingKey) Key() any                                    { return k.private }
func (k publicKey) Key() any                                     { return &k.private.PublicKey }

func (k signingKey) ID() string {
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(&k.private.PublicKey))
	return hex.EncodeToString(sum[:8])
}

// readKey reads the key, or makes it.
func readKey(file string) (signingKey, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(file)
	}
	if err != nil {
		return signingKey{}, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return signingKey{}, fmt.Errorf("%s holds no key", file)
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	return signingKey{key}, err
}

func makeKey(file string) (signingKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return signingKey{}, err
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	return signingKey{key}, os.WriteFile(file, block, 0o600)
}
