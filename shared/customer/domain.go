package customer

import (
	"slices"
	"strings"
	"time"

	"comptoir/shared/event"
	"comptoir/shared/id"
	"comptoir/shared/problem"
)

// Record is a record in the DNS.
type Record struct{ Type, Name, Value string }

// DomainRecord is what whoever holds the customer's domain sets there to prove it (B13). Its value belongs to this
// customer and this domain, so that nobody proves another's claim, and it is always the same: it is kept nowhere.
// Errors: problem.Conflict no_domain.
func (c Customer) DomainRecord() (Record, error) {
	if c.Domain == "" {
		return Record{}, problem.Conflict("no_domain", "This customer has no domain to verify.")
	}
	return Record{"TXT", "_comptoir." + c.Domain, "comptoir-verification=" + id.Derived("dom", c.ID+"\x00"+c.Domain)}, nil
}

// Verified tells that the customer's domain is proved to be its own. A customer without a domain claims nothing.
func (c Customer) Verified() bool { return c.Domain == "" || !c.DomainVerifiedAt.IsZero() }

// Verify looks for the proof among the values that were found at the record's name, of which there may be any others.
// What is verified already stays as it is, without a fact.
func (c Customer) Verify(found []string, now time.Time) (Customer, []event.Fact) {
	proof, err := c.DomainRecord()
	if err != nil || c.Verified() || !slices.ContainsFunc(found, func(value string) bool { return unquoted(value) == proof.Value }) {
		return c, nil
	}
	c.DomainVerifiedAt = now
	return c, []event.Fact{event.New("customer.domainVerified", map[string]any{"domain": c.Domain})}
}

// unquoted is a value without the spaces and quotation marks that are pasted with it.
func unquoted(value string) string { return strings.Trim(value, " \t\r\n\"'") }

// Step is what the customer list offers to do with a customer.
type Step string

// The steps of B13.
const (
	ToVerify Step = "verify"
	ToManage Step = "manage"
)

// Next is the step that comes next: a domain is verified before the customer is managed.
func (c Customer) Next() Step {
	if c.Verified() {
		return ToManage
	}
	return ToVerify
}
