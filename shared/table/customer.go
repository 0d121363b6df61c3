package table

import (
	"cmp"
	"slices"
	"strings"

	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/licence"
)

// Customer
//
//	PK CUSTOMER#c                 SK CUSTOMER
//	GSI1 PARTNER#p                <name>#c        by name
//	GSI2 RENEWALS#p               9999-99-99#c    without a renewal date, after all licences that have one
//	GSI3 PARTNER#p#STATUS#<s>     <name>#c        of one status
//	GSI4 PARTNER#p#PLAN#<code>    <name>#c        on one plan
//
// Only a partner's customers are in the indexes.
var _ = describe("customer", func(c customer.Customer) keys {
	k := keys{primary: Customer(c.ID).Key}
	if c.PartnerID == "" {
		return k
	}
	of, name := partnerPartition(c.PartnerID), cut(c.SortName())+"#"+c.ID
	first := c.Summary(c.AsOf)
	k.index[0] = Key{of, name}
	if first.RenewsOn.IsZero() {
		k.index[1] = Key{renewalsPartition(c.PartnerID), noRenewal + "#" + c.ID}
	}
	k.index[2] = Key{statusPartition(c.PartnerID, first.Status), name}
	if first.PlanCode != "" {
		k.index[3] = Key{planPartition(c.PartnerID, first.PlanCode), name}
	}
	return k
})

// Customer is a customer by its id.
func Customer(customerID string) Ref[customer.Customer] {
	return Ref[customer.Customer]{Key{customerPartition(customerID), "CUSTOMER"}}
}

// longest is how many bytes of a text become part of a key, which DynamoDB limits to 1,024.
const longest = 880

// cut is the text as far as it goes into a key.
func cut(text string) string {
	for n := range text {
		if n > longest {
			return text[:n]
		}
	}
	return text
}

func customerPartition(customerID string) string { return "CUSTOMER#" + customerID }

func statusPartition(partnerID string, s licence.Status) string {
	if s == "" {
		s = NoLicence
	}
	return partnerPartition(partnerID) + "#STATUS#" + string(s)
}

func planPartition(partnerID, code string) string {
	return partnerPartition(partnerID) + "#PLAN#" + code
}

// NoLicence is the status of customers that never had a licence, in filters.
const NoLicence licence.Status = "none"

// noRenewal sorts after every renewal date.
const noRenewal = "9999-99-99"

func renewalsPartition(partnerID string) string { return "RENEWALS#" + partnerID }

// Renewing is a licence with a renewal date, or a customer without any.
type Renewing struct {
	ID     string `json:"id"`
	Holder string `json:"customerId"` // of the licence; none for a customer
}

// CustomerID is the customer concerned.
func (r Renewing) CustomerID() string { return cmp.Or(r.Holder, r.ID) }

// CustomersRenewing are a partner's licences by renewal date, between two days that are not among them if they are given, and at the end the
// customers that have no renewal date, unless a day is given.
func CustomersRenewing(partnerID string, after, before calendar.Date, p Page) List[Renewing] {
	q := within(renewalsPartition(partnerID), "", p)
	q.index = 2
	if !after.IsZero() {
		q.from, q.to = after.String()+"#"+last, "9999-12-31#"+last
	}
	if !before.IsZero() {
		q.to = before.String()
	}
	return List[Renewing]{q}
}

// CustomerFilter is which of a partner's customers are listed. Zero fields let all through.
type CustomerFilter struct {
	Status licence.Status
	Plan   string
}

// CustomersOf are a partner's customers, by name. The index that fits the filter best is read, and the rest of the filter
// applied to what it gives.
func CustomersOf(partnerID string, f CustomerFilter, p Page) List[customer.Customer] {
	status := condition{"GSI3PK", "=", statusPartition(partnerID, f.Status)}
	onPlan := condition{"GSI4PK", "=", planPartition(partnerID, f.Plan)}
	q := within(partnerPartition(partnerID), "", p)
	q.index = 1
	switch {
	case f.Status != "":
		q.index, q.partition = 3, status.value
		if f.Plan != "" {
			q.where[0] = onPlan
		}
	case f.Plan != "":
		q.index, q.partition = 4, onPlan.value
	}
	return List[customer.Customer]{q}
}

// Word is an entry by which a customer is found.
//
//	PK PARTNER#p#FIND   SK <word>#c
type Word struct {
	Word       string `json:"word"`
	CustomerID string `json:"customerId"`
	PartnerID  string `json:"partnerId"`
	Text       string `json:"text"` // all words of the customer, in order, each after a space
}

var _ = describe("word", func(w Word) keys {
	return keys{primary: Key{findPartition(w.PartnerID), w.Word + "#" + w.CustomerID}}
})

func findPartition(partnerID string) string { return partnerPartition(partnerID) + "#FIND" }

// PutWords makes a new customer findable.
func (tx *Tx) PutWords(c customer.Customer) {
	words := c.Words()
	for _, word := range words {
		tx.Put(&Word{word, c.ID, c.PartnerID, " " + strings.Join(words, " ")})
	}
}

// CustomersFound are entries of customers that have a word starting so for each of the words asked
// for. A customer may come more than once; Word.First tells the entry that counts.
func CustomersFound(partnerID string, words []string, p Page) List[Word] {
	words = byLength(words)
	q := within(findPartition(partnerID), words[0], p)
	for i, word := range words[1:] {
		if i < len(q.where) {
			q.where[i] = condition{"text", "contains", " " + word}
		}
	}
	return List[Word]{q}
}

// First tells whether this is the customer's first word that starts so, and whether it has one for
// each of the words.
func (w Word) First(words []string) bool {
	for _, word := range words {
		if !strings.Contains(w.Text, " "+word) {
			return false // the filter of the query has room for some of them only
		}
	}
	for _, word := range strings.Fields(w.Text) {
		if strings.HasPrefix(word, byLength(words)[0]) {
			return word == w.Word
		}
	}
	return false
}

// byLength orders words from the longest, which finds the fewest, to the shortest.
func byLength(words []string) []string {
	return slices.SortedFunc(slices.Values(words), func(a, b string) int {
		return cmp.Or(len(b)-len(a), strings.Compare(a, b))
	})
}
