package identifier

import (
	"fmt"
	"strings"
)

// Deny lists domains to which nothing is sent, nor to any domain below them.
type Deny []string

// ParseDeny reads domains between commas.
func ParseDeny(commas string) (Deny, error) {
	var d Deny
	for part := range strings.SplitSeq(commas, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		domain, err := Domain(part)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", part, err)
		}
		d = append(d, domain)
	}
	return d, nil
}

// Has tells whether the address is on the list. One that isn't plain (see Mail) is on every list:
// nobody knows where it leads.
func (d Deny) Has(address string) bool {
	plain, err := Mail(address)
	if err != nil {
		return true
	}
	_, domain, _ := strings.Cut(plain, "@")
	for _, denied := range d {
		if denied = strings.ToLower(strings.Trim(denied, ".")); domain == denied || strings.HasSuffix(domain, "."+denied) {
			return true
		}
	}
	return false
}
