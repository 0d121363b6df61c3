package billing

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/event"
	"comptoir/shared/identifier"
	"comptoir/shared/phrase"
	"comptoir/shared/problem"
	"comptoir/shared/stamp"
)

// MaxMethods is how many payment methods a customer or a partner has at the most.
const MaxMethods = 20

// Kind is how a payment method pays.
type Kind string

// How a payment method pays.
const (
	SEPA     Kind = "sepa"     // direct debit from an account
	Card     Kind = "card"     // kept by a payment provider; here is its reference alone
	Transfer Kind = "transfer" // whoever is billed pays by itself
)

// Method is a way in which a customer or a partner pays (A7, B8). Neither an IBAN nor a card's number is kept: the mandate and the provider's
// reference say where the money comes from.
type Method struct {
	ID        string             `json:"id"`
	Kind      Kind               `json:"kind"`
	Last4     string             `json:"last4,omitempty"`     // of the IBAN or the card's number
	Country   string             `json:"country,omitempty"`   // of the IBAN
	Mandate   string             `json:"mandate,omitempty"`   // the reference of the direct debit mandate
	SignedOn  calendar.Date      `json:"signedOn,omitzero"`   // the day on which the mandate was signed
	Reference string             `json:"reference,omitempty"` // of the card, at its provider
	Brand     string             `json:"brand,omitempty"`     // of the card
	Expires   calendar.YearMonth `json:"expires,omitzero"`    // the last month in which the card is good
	AddedAt   time.Time          `json:"addedAt"`
}

// Expired tells whether the method is a card that is no longer good on a day.
func (m Method) Expired(today calendar.Date) bool {
	return !m.Expires.IsZero() && m.Expires.Before(calendar.YearMonthOf(today))
}

// Methods are all that a customer or a partner has, oldest first. They lie together, so that one of them is the default.
type Methods struct {
	stamp.Stamp
	Owner   string   `json:"owner"` // a customer's id, or a partner's
	All     []Method `json:"methods"`
	Default string   `json:"default,omitempty"` // the id of one of them; none if there is none
}

// The kinds of the events of payment methods.
const (
	MethodAdded      = "paymentMethod.added"
	MethodRemoved    = "paymentMethod.removed"
	MethodDefaultSet = "paymentMethod.defaultSet"
)

// NewMethod is what is said of a method that is added. The IBAN is checked and forgotten.
type NewMethod struct {
	Kind      Kind
	IBAN      string
	Mandate   string
	SignedOn  calendar.Date
	Reference string
	Last4     string // of the card
	Brand     string
	Expires   calendar.YearMonth
}

// Find is one of the methods. Errors: problem.NotFound.
func (m Methods) Find(id string) (Method, error) {
	n := m.index(id)
	if n < 0 {
		return Method{}, problem.NotFound()
	}
	return m.All[n], nil
}

func (m Methods) index(id string) int {
	return slices.IndexFunc(m.All, func(one Method) bool { return one.ID == id })
}

// Preferred is the default one, if there is any.
func (m Methods) Preferred() (Method, bool) {
	one, err := m.Find(m.Default)
	return one, err == nil
}

// Add adds a method; the first is the default. Errors: problem.Invalid, with every field that is wrong; problem.Conflict limit_reached.
func (m Methods) Add(said NewMethod, id string, now time.Time, today calendar.Date) (Methods, Method, []event.Fact, error) {
	one, err := said.check(today)
	if err != nil {
		return m, Method{}, nil, err
	}
	if len(m.All) >= MaxMethods {
		return m, Method{}, nil, problem.Conflict("limit_reached", "There are %d payment methods, which is the most; remove one first.", MaxMethods)
	}
	one.ID, one.AddedAt = id, now
	if m.All = append(slices.Clone(m.All), one); len(m.All) == 1 {
		m.Default = id
	}
	return m, one, []event.Fact{m.fact(MethodAdded, one)}, nil
}

// Prefer makes a method the default. Errors: problem.NotFound; problem.Invalid for a card that has expired.
func (m Methods) Prefer(id string, today calendar.Date) (Methods, Method, []event.Fact, error) {
	one, err := m.Find(id)
	switch {
	case err != nil:
		return m, one, nil, err
	case m.Default == id:
		return m, one, nil, nil
	case one.Expired(today):
		return m, one, nil, problem.Invalid("path.paymentMethodId", "The card has expired.")
	}
	m.Default = id
	return m, one, []event.Fact{m.fact(MethodDefaultSet, one)}, nil
}

// Remove takes a method away. If it was the default, the oldest that is left is. Errors: problem.NotFound; problem.Conflict
// payment_method_in_use for one that a licence in force is paid by.
func (m Methods) Remove(id string, inUse bool) (Methods, Method, []event.Fact, error) {
	one, err := m.Find(id)
	switch {
	case err != nil:
		return m, one, nil, err
	case inUse:
		return m, one, nil, problem.Conflict("payment_method_in_use", "A licence in force is paid by this payment method; give the licence another one first.")
	}
	n := m.index(id)
	m.All = slices.Delete(slices.Clone(m.All), n, n+1)
	facts := []event.Fact{m.fact(MethodRemoved, one)}
	if m.Default == id {
		if m.Default = ""; len(m.All) > 0 {
			m.Default = m.All[0].ID
			facts = append(facts, m.fact(MethodDefaultSet, m.All[0]))
		}
	}
	return m, one, facts, nil
}

func (m Methods) fact(kind string, one Method) event.Fact {
	data := map[string]any{"paymentMethodId": one.ID, "kind": string(one.Kind), "default": m.Default == one.ID}
	if one.Last4 != "" {
		data["last4"] = one.Last4
	}
	return event.New(kind, data)
}

// maxReference is the longest reference of a provider, in bytes.
const maxReference = 100

var (
	// mandate is a reference as SEPA's rule book allows its letters.
	mandate = regexp.MustCompile(`^[A-Za-z0-9/?:().,'+ -]{1,35}$`)
	four    = regexp.MustCompile(`^[0-9]{4}$`)
)

func (said NewMethod) check(today calendar.Date) (Method, error) {
	c := &checking{}
	one := Method{Kind: said.Kind}
	switch said.Kind {
	case SEPA:
		one.Mandate, one.SignedOn = strings.TrimSpace(said.Mandate), said.SignedOn
		iban := c.iban("iban", said.IBAN)
		if iban != "" {
			one.Last4, one.Country = identifier.Last4(iban), iban[:2]
		}
		if !mandate.MatchString(one.Mandate) {
			c.refuse("mandate", phrase.Say("A mandate's reference has 1 to 35 letters, digits and signs of the SEPA character set."))
		}
		if one.SignedOn.IsZero() || one.SignedOn.After(today) {
			c.refuse("signedOn", phrase.Say("A mandate was signed today or before."))
		}
		said.IBAN, said.Mandate, said.SignedOn = "", "", calendar.Date{}
	case Card:
		one.Reference, one.Last4, one.Brand, one.Expires = strings.TrimSpace(said.Reference), said.Last4, strings.TrimSpace(said.Brand), said.Expires
		c.card(one, today)
		said.Reference, said.Last4, said.Brand, said.Expires = "", "", "", calendar.YearMonth{}
	case Transfer:
	default:
		c.refuse("kind", phrase.Say("A payment method is sepa, card or transfer."))
	}
	if said != (NewMethod{Kind: said.Kind}) {
		c.refuse("kind", phrase.Say("Say only what belongs to this kind of payment method."))
	}
	return one, c.err()
}

func (c *checking) card(one Method, today calendar.Date) {
	switch {
	case one.Reference == "" || len(one.Reference) > maxReference || !identifier.Shown(one.Reference):
		c.refuse("reference", phrase.Say("A card needs its provider's reference, of %d characters at the most.", maxReference))
	case numbered(one.Reference):
		c.refuse("reference", phrase.Say("This looks like the number of a card, which must not be given here."))
	}
	if !four.MatchString(one.Last4) {
		c.refuse("last4", phrase.Say("The last four digits of the card's number are needed."))
	}
	if one.Brand != "" && (c.name("brand", one.Brand) == "" || numbered(one.Brand)) {
		c.refuse("brand", phrase.Say("This looks like the number of a card, which must not be given here."))
	}
	switch {
	case one.Expires.IsZero():
		c.refuse("expires", phrase.Say("The last month in which the card is good is needed, in the form YYYY-MM."))
	case one.Expired(today):
		c.refuse("expires", phrase.Say("The card has expired."))
	}
}

// cardDigits is how many digits in a row may be a card's number, which has 12 to 19.
const cardDigits = 12

// numbered tells whether a text may hold the number of a card: so many digits in a row, as people group them.
func numbered(text string) bool {
	run := 0
	for _, r := range text {
		switch {
		case '0' <= r && r <= '9':
			if run++; run >= cardDigits {
				return true
			}
		case r == ' ' || r == '-' || r == '.' || r == '\u00a0' || r == '\u202f':
		default:
			run = 0
		}
	}
	return false
}
