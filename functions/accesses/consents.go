package accesses

import (
	"slices"
	"time"

	"comptoir/shared/api"
	"comptoir/shared/calendar"
	"comptoir/shared/consent"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
	"comptoir/shared/problem"
	"comptoir/shared/table"
)

// consentView is what a customer allows a partner.
type consentView struct {
	CustomerID   string        `json:"customerId"`
	CustomerName string        `json:"customerName"`
	PartnerID    string        `json:"partnerId"`
	PartnerName  string        `json:"partnerName"`
	State        consent.State `json:"state" enum:"none,requested,granted,declined,withdrawn,lapsed" doc:"none: never asked; lapsed: over by its end date, or with the partner's support."`
	Until        calendar.Date `json:"until,omitzero" format:"date" doc:"The last day."`
	RequestedAt  time.Time     `json:"requestedAt,omitzero"`
	RequestedBy  string        `json:"requestedBy,omitempty"`
	AnsweredAt   time.Time     `json:"answeredAt,omitzero"`
	AnsweredBy   string        `json:"answeredBy,omitempty"`
}

func showConsent(c consent.Consent, p partner.Partner, now time.Time) consentView {
	v := consentView{
		c.CustomerID, c.CustomerName, c.PartnerID, c.PartnerName, c.State(p.SupportTerm(), now), c.Until,
		c.RequestedAt, c.RequestedBy, c.AnsweredAt, c.AnsweredBy,
	}
	if v.State == "" {
		v.State = "none"
	}
	return v
}

// blank is a consent that nobody has asked for.
func blank(c customer.Customer, p partner.Partner) consent.Consent {
	return consent.Consent{CustomerID: c.ID, CustomerName: c.Name, PartnerID: p.ID, PartnerName: p.Name}
}

type consentsInput struct {
	api.OnCustomer
	api.Paged
}

func (in *consentsInput) page() table.List[consent.Consent] {
	return table.ConsentsOf(in.CustomerID, in.Page())
}

// Load announces the page.
func (in *consentsInput) Load() []table.Load { return []table.Load{in.page()} }

// consents also has a row for the partner of record that was given none, if all others fit into the first page.
func (s service) consents(tx *table.Tx, in *consentsInput) (*api.Listed[consentView], error) {
	c, err := table.Customer(in.CustomerID).Get(tx)
	if err != nil {
		return nil, err
	}
	rows, next := in.page().Rows(tx)
	var partners []table.Load
	for _, r := range rows {
		partners = append(partners, table.Partner(r.PartnerID))
	}
	if c.PartnerID != "" {
		partners = append(partners, table.Partner(c.PartnerID))
	}
	if err := tx.Load(partners...); err != nil {
		return nil, err
	}
	ofRecord := slices.ContainsFunc(rows, func(r consent.Consent) bool { return r.PartnerID == c.PartnerID })
	if c.PartnerID != "" && !ofRecord && in.Cursor == "" && next == "" {
		p, _ := table.Partner(c.PartnerID).Find(tx)
		rows = append(rows, blank(c, p))
	}
	return api.List(rows, next, func(r consent.Consent) consentView {
		p, _ := table.Partner(r.PartnerID).Find(tx)
		return showConsent(r, p, tx.Now)
	}), nil
}

// ToPartner is a customer's consent to a partner.
type ToPartner struct {
	api.OnCustomer
	api.Once
	PartnerID string `path:"partnerId" maxLength:"64" pattern:"^par_[0-9a-z]+$" example:"par_martin"`
}

func (in *ToPartner) ref() table.Ref[consent.Consent] {
	return table.Consent(in.CustomerID, in.PartnerID)
}

// Load announces consent and partner.
func (in *ToPartner) Load() []table.Load {
	return []table.Load{in.ref(), table.Partner(in.PartnerID)}
}

type grantInput struct {
	ToPartner
	Body struct {
		Until calendar.Date `json:"until,omitzero" format:"date" doc:"The last day; if left out, until it is withdrawn."`
	}
}

func (s service) grant(tx *table.Tx, in *grantInput) (*api.Reply[consentView], error) {
	c, err := table.Customer(in.CustomerID).Get(tx)
	if err != nil {
		return nil, err
	}
	p, known := table.Partner(in.PartnerID).Find(tx)
	if !known || c.PartnerID != in.PartnerID {
		return nil, problem.NotFound()
	}
	term, err := p.Right(membership.Support)
	if err != nil {
		return nil, err
	}
	before, asked := in.ref().Find(tx)
	if !asked {
		before = blank(c, p)
	}
	after, facts, err := before.Grant(tx.Actor.Name, term, in.Body.Until, tx.Now, s.Zone)
	return answered(tx, c, p, after, facts, err)
}

func answered(tx *table.Tx, c customer.Customer, p partner.Partner, after consent.Consent, facts []event.Fact, err error) (*api.Reply[consentView], error) {
	if err != nil {
		return nil, err
	}
	if len(facts) > 0 {
		tx.Put(&after)
		tx.Record(&c, facts...)
	}
	return &api.Reply[consentView]{Body: showConsent(after, p, tx.Now)}, nil
}

type withdrawInput struct{ ToPartner }

func (s service) withdraw(tx *table.Tx, in *withdrawInput) (*api.Reply[consentView], error) {
	c, err := table.Customer(in.CustomerID).Get(tx)
	if err != nil {
		return nil, err
	}
	before, err := in.ref().Get(tx)
	if err != nil {
		return nil, err
	}
	p, _ := table.Partner(in.PartnerID).Find(tx)
	after, facts, err := before.Withdraw(tx.Actor.Name, tx.Now)
	return answered(tx, c, p, after, facts, err)
}

type answersInput struct {
	api.OnPartner
	api.Paged
	State consent.State `query:"state" enum:"requested,granted,declined,withdrawn" doc:"As it was answered; what has lapsed since is among granted."`
}

func (in *answersInput) page() table.List[consent.Consent] {
	return table.ConsentsTo(in.PartnerID, in.State, in.Page())
}

// Load announces the page.
func (in *answersInput) Load() []table.Load { return []table.Load{in.page()} }

func (s service) answers(tx *table.Tx, in *answersInput) (*api.Listed[consentView], error) {
	p, err := table.Partner(in.PartnerID).Get(tx)
	if err != nil {
		return nil, err
	}
	rows, next := in.page().Rows(tx)
	return api.List(rows, next, func(r consent.Consent) consentView { return showConsent(r, p, tx.Now) }), nil
}

type askInput struct {
	api.OnPartner
	api.Once
	Body struct {
		CustomerIDs api.CustomerIDs `json:"customerIds" minItems:"1" maxItems:"1000" uniqueItems:"true"`
	}
}

// Check refuses what can't be a customer's id.
func (in *askInput) Check() error { return in.Body.CustomerIDs.Check() }

// atOnce is how many customers one event names: it has to fit into a message, with others.
const atOnce = 500

type askedView struct {
	Asked int `json:"asked" doc:"How many customers are asked, unless they have consented or have yet to answer."`
}

// ask reads the customers after the permission: there can be many.
func (s service) ask(tx *table.Tx, in *askInput) (*api.Reply[askedView], error) {
	p, err := table.Partner(in.PartnerID).Get(tx)
	if err != nil {
		return nil, err
	}
	if _, err := p.Right(membership.Support); err != nil {
		return nil, err
	}
	strangers, err := in.Body.CustomerIDs.NotOf(tx, p.ID)
	if err != nil {
		return nil, err
	}
	for i, id := range in.Body.CustomerIDs {
		if strangers[id] {
			return nil, problem.InvalidFields(api.NoCustomer(i))
		}
	}
	for some := range slices.Chunk(in.Body.CustomerIDs, atOnce) {
		tx.Record(&p, event.New(consent.Campaign, map[string]any{"customers": some}))
	}
	return &api.Reply[askedView]{Body: askedView{len(in.Body.CustomerIDs)}}, nil
}
