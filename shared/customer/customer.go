// Package customer holds the organisations that use the publisher's product: who manages their
// contract, and the row that their partner sees, kept up to date by the licences' own transactions.
package customer

import (
	"cmp"
	"reflect"
	"regexp"
	"slices"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/problem"
	"comptoir/shared/stamp"
)

// Administrator is the person that the customer account was created by.
type Administrator struct {
	UserID string `json:"userId,omitempty"` // the subject of the person's tokens, if it is known
	Name   string `json:"name"`
	Mail   string `json:"mail"`
}

// Customer is an organisation that uses the product. A partner's own two companies are customers
// without a partner of record: nobody sells to them (A3 to A5).
type Customer struct {
	stamp.Stamp
	ID               string        `json:"id"`
	AccountID        string        `json:"accountId"`           // the product's name for it
	PartnerID        string        `json:"partnerId,omitempty"` // the partner of record; none: the publisher manages it (D1)
	OwnedBy          string        `json:"ownedBy,omitempty"`   // the partner whose own company it is
	Name             string        `json:"name"`
	Domain           string        `json:"domain,omitempty"`
	DomainVerifiedAt time.Time     `json:"domainVerifiedAt,omitzero"` // the zero time until its proof was found
	SIREN            string        `json:"siren,omitempty"`
	Administrator    Administrator `json:"administrator"`
	Livemode         bool          `json:"livemode"` // false for sandboxes
	Held             []Holding     `json:"held"`
	AsOf             calendar.Date `json:"asOf"`    // the day that the row was last brought up to date
	Rosters          uint32        `json:"rosters"` // a bit for each part of its roster that exists
	Method           *Method       `json:"pm,omitempty"`
}

// Method is what the row shows of the customer's default payment method (A7). Its names are as short as those of a Holding.
type Method struct {
	ID    string `json:"i"`
	Kind  string `json:"k"`
	Last4 string `json:"n,omitempty"`
}

// PaysBy is the customer's default payment method; the zero Method if it has none.
func (c Customer) PaysBy() Method {
	if c.Method == nil {
		return Method{}
	}
	return *c.Method
}

// PayBy has the row show another default payment method, or none.
func (c Customer) PayBy(m Method) Customer {
	if c.Method = nil; m != (Method{}) {
		c.Method = &m
	}
	return c
}

// UsesMethod tells whether a licence in force is paid by a payment method.
func (c Customer) UsesMethod(id string, today calendar.Date) bool {
	return slices.ContainsFunc(c.Held, func(h Holding) bool { return h.PaymentID == id && !over(h, today) })
}

// HasRoster tells whether a part of the customer's roster exists.
func (c Customer) HasRoster(part int) bool { return c.Rosters>>part&1 == 1 }

// WithRoster notes that a part of the roster exists.
func (c Customer) WithRoster(part int) Customer {
	c.Rosters |= 1 << part
	return c
}

// Holding is what the row keeps of one licence. Rows stand in three indexes, and each started kilobyte of them costs in each: the
// short names keep them small.
type Holding struct {
	LicenceID string         `json:"l"`
	PlanCode  string         `json:"p"`
	Quantity  int            `json:"q"`
	Status    licence.Status `json:"s"`           // before EndsOn
	RenewsOn  calendar.Date  `json:"r,omitzero"`  // none while it renews by itself
	Every     calendar.Term  `json:"v,omitempty"` // how often it renews by itself
	Anchor    calendar.Date  `json:"a,omitzero"`  // from where its periods are counted then
	EndsOn    calendar.Date  `json:"e"`
	Ending    licence.Status `json:"x,omitempty"`
	PaymentID string         `json:"pm,omitempty"`
	TakenOn   calendar.Date  `json:"t"`
	Modules   map[string]int `json:"m,omitempty"` // seats that one unit opens
}

// on is the holding's status on a day: its end may come without anybody touching it.
func (h Holding) on(today calendar.Date) licence.Status {
	if !h.EndsOn.IsZero() && !today.Before(h.EndsOn) {
		return h.Ending
	}
	return h.Status
}

// renewal is the renewal date on a day: one that renews by itself comes round without anybody touching the row.
func (h Holding) renewal(today calendar.Date) calendar.Date {
	if h.Every == "" {
		return h.RenewsOn
	}
	_, _, end := h.Every.Containing(h.Anchor, today)
	return end
}

// Like tells whether another state of the row says the same of the licences, to a reader and to the indexes.
func (c Customer) Like(other Customer) bool {
	row := func(c Customer) Summary {
		s := c.Summary(c.AsOf)
		s.RenewsOn = calendar.Date{} // comes round by itself
		return s
	}
	return reflect.DeepEqual(c.Held, other.Held) && row(c) == row(other)
}

// Hold keeps the row up with a licence that was taken or has changed. Of the licences that ended
// only the latest is remembered.
func (c Customer) Hold(l licence.Licence, today calendar.Date) Customer {
	h := Holding{
		LicenceID: l.ID, PlanCode: l.PlanCode, Quantity: l.Quantity, Status: l.Standing(), RenewsOn: l.End,
		EndsOn: l.EndsOn, Ending: l.Ending, PaymentID: l.PaymentID, TakenOn: l.StartedOn,
		Modules: l.Modules,
	}
	if l.Rolls() {
		h.RenewsOn, h.Every, h.Anchor = calendar.Date{}, l.Term, l.Anchor
	}
	held := []Holding{h}
	for _, other := range c.Held {
		if other.LicenceID != h.LicenceID {
			held = append(held, other)
		}
	}
	slices.SortStableFunc(held, func(a, b Holding) int { return before(a, b, today) })
	for i, h := range held {
		if over(h, today) { // all that follow are over too
			held = held[:i+1]
			break
		}
	}
	c.Held, c.AsOf = held, today
	return c
}

func over(h Holding, today calendar.Date) bool {
	s := h.on(today)
	return s == licence.Cancelled || s == licence.Expired
}

// MaxLicences is how many licences in force one customer may have: they all stand in its row.
const MaxLicences = 100

// MayHold refuses one licence too many. Errors: problem.Conflict limit_reached.
func (c Customer) MayHold(today calendar.Date) error {
	if c.Summary(today).Licences >= MaxLicences {
		return problem.Conflict("limit_reached", "A customer has %d licences in force at the most.", MaxLicences)
	}
	return nil
}

// before orders holdings by how much they want to be seen: suspended ones, then by renewal date, the
// ended ones at the end, latest first.
func before(a, b Holding, today calendar.Date) int {
	aOver, bOver := over(a, today), over(b, today)
	switch {
	case aOver && bOver:
		return cmp.Or(b.EndsOn.Compare(a.EndsOn), cmp.Compare(b.LicenceID, a.LicenceID))
	case aOver:
		return 1
	case bOver:
		return -1
	}
	aSuspended, bSuspended := a.on(today) == licence.Suspended, b.on(today) == licence.Suspended
	switch {
	case aSuspended && !bSuspended:
		return -1
	case bSuspended && !aSuspended:
		return 1
	}
	return cmp.Or(a.renewal(today).Compare(b.renewal(today)), cmp.Compare(a.LicenceID, b.LicenceID))
}

// Summary is what a row of the customer list says of the licences (A7, B12).
type Summary struct {
	LicenceID string         // of the licence that wants to be seen first; empty if there never was one
	Status    licence.Status // of the same
	PlanCode  string         // of the same
	RenewsOn  calendar.Date  // of the same; none when it ended
	PaymentID string         // of the same
	Licences  int            // in force
	Quantity  int            // units in force, over all licences
}

// Summary reads the row on a day.
func (c Customer) Summary(today calendar.Date) Summary {
	if len(c.Held) == 0 {
		return Summary{}
	}
	first := slices.MinFunc(c.Held, func(a, b Holding) int { return before(a, b, today) })
	s := Summary{LicenceID: first.LicenceID, Status: first.on(today), PlanCode: first.PlanCode, PaymentID: first.PaymentID}
	if !over(first, today) {
		s.RenewsOn = first.renewal(today)
	}
	for _, h := range c.Held {
		if !over(h, today) {
			s.Licences++
			s.Quantity += h.Quantity
		}
	}
	return s
}

// Report is what the product says of a customer account that was created (A13).
type Report struct {
	CustomerID    string
	AccountID     string
	PartnerID     string
	Name          string
	Domain        string
	SIREN         string
	Administrator Administrator
	Sandbox       bool
}

// Appear makes the customer that a report speaks of.
func Appear(r Report) (Customer, event.Fact) {
	c := Customer{
		ID: r.CustomerID, AccountID: r.AccountID, PartnerID: r.PartnerID, Name: r.Name, Domain: r.Domain,
		SIREN: r.SIREN, Administrator: r.Administrator, Livemode: !r.Sandbox, Held: []Holding{},
	}
	return c, event.New("customer.appeared", map[string]any{"accountId": c.AccountID, "name": c.Name, "partnerId": c.PartnerID})
}

// About says what events of the customer are about.
func (c *Customer) About() event.About {
	return event.About{
		Kind: "customer", ID: c.ID, Name: c.Name, Organisation: c.ID, PartnerID: c.PartnerID, Version: c.Version, Livemode: c.Livemode,
	}
}

var anID = regexp.MustCompile(`^cus_[0-9a-z]{1,60}$`)

// IsID tells whether a text can be a customer's id.
func IsID(text string) bool { return anID.MatchString(text) }
