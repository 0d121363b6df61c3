package api

import (
	"encoding/json"

	"comptoir/shared/identifier"
)

// IBAN is an account number in a request. What is kept of a request, to know it again, is a hash of what it means: of an IBAN that is its
// first four and last four characters, so that nobody can find the account by trying.
type IBAN string

// MarshalJSON is what the hash is made of.
func (i IBAN) MarshalJSON() ([]byte, error) {
	known := ""
	if iban, err := identifier.IBAN(string(i)); err == nil {
		known = iban[:4] + identifier.Last4(iban)
	} else if i != "" {
		known = "none" // which is refused
	}
	return json.Marshal(known)
}
