package licences

import (
	"comptoir/shared/api"
	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/licence"
	"comptoir/shared/phrase"
	"comptoir/shared/plan"
	"comptoir/shared/problem"
	"comptoir/shared/table"
)

// Committing a preview names it and nothing else; otherwise the terms are said in full.
type ByPreview struct {
	PreviewID string `json:"previewId,omitempty" maxLength:"64" pattern:"^pre_[0-9a-z]+$" doc:"Commits this preview, exactly as it was shown. Say nothing else then."`
}

type TakeTerms struct {
	PlanCode        string        `json:"planCode,omitempty" maxLength:"40" example:"COMPTA-PRO"`
	Quantity        int           `json:"quantity,omitempty" minimum:"1" maximum:"100000" example:"10"`
	Term            calendar.Term `json:"term,omitempty" enum:"month,year" example:"year"`
	Trial           bool          `json:"trial,omitempty" doc:"Starts with the plan's trial."`
	AutoRenew       *bool         `json:"autoRenew,omitempty" doc:"true if left out."`
	BillTo          licence.Payer `json:"billTo,omitempty" enum:"partner,customer" doc:"The partner if left out, where there is one."`
	PaymentMethodID string        `json:"paymentMethodId,omitempty" maxLength:"64" pattern:"^pay_[0-9a-z]+$"`
}

type ChangeTerms struct {
	PlanCode        string        `json:"planCode,omitempty" maxLength:"40"`
	Quantity        *int          `json:"quantity,omitempty" minimum:"1" maximum:"100000"`
	Term            calendar.Term `json:"term,omitempty" enum:"month,year"`
	AutoRenew       *bool         `json:"autoRenew,omitempty"`
	BillTo          licence.Payer `json:"billTo,omitempty" enum:"partner,customer"`
	PaymentMethodID *string       `json:"paymentMethodId,omitempty" maxLength:"64" pattern:"^(pay_[0-9a-z]+)?$" doc:"Empty for none."`
	When            licence.When  `json:"when,omitempty" enum:"now,atRenewal" doc:"When plan, quantity and term change; now if left out."`
	DropScheduled   bool          `json:"dropScheduled,omitempty" doc:"Gives up the change that is scheduled."`
}

type CancelTerms struct {
	When licence.When `json:"when,omitempty" enum:"now,atRenewal" doc:"If left out: now while the cancellation window is open and the publisher does not suspend the licence, otherwise when the term ends."`
	Note string       `json:"note,omitempty" maxLength:"500" doc:"In your own words, for the activity."`
}

// plans announces the plan of a code, if there is one.
func plans(code string) []table.Load {
	if code == "" {
		return nil
	}
	return []table.Load{table.Plan(code)}
}

func planOf(tx *table.Tx, code string) (*plan.Plan, error) {
	p, ok := table.Plan(code).Find(tx)
	if !ok {
		return nil, problem.Invalid("body.planCode", "There is no plan %s.", code)
	}
	return &p, nil
}

// check refuses an order that leaves out what has no sense left out.
func (t TakeTerms) check() error {
	var missing []problem.Field
	need := func(field string, given bool) {
		if !given {
			missing = append(missing, problem.Field{Name: "body." + field, Detail: phrase.Say("This is needed, unless a preview is committed.")})
		}
	}
	need("planCode", t.PlanCode != "")
	need("quantity", t.Quantity != 0)
	need("term", t.Term != "")
	if missing == nil {
		return nil
	}
	return problem.InvalidFields(missing...)
}

func (t TakeTerms) intent(tx *table.Tx, c customer.Customer) (licence.Intent, error) {
	p, err := planOf(tx, t.PlanCode)
	if err != nil {
		return licence.Intent{}, err
	}
	order := licence.Order{
		LicenceID: tx.NewID("lic"), CustomerID: c.ID, PartnerID: c.PartnerID, Origin: licence.Manual,
		Quantity: t.Quantity, Term: t.Term, Trial: t.Trial, AutoRenew: t.AutoRenew == nil || *t.AutoRenew,
		BillTo: t.BillTo, PaymentID: t.PaymentMethodID,
	}
	if order.BillTo == "" {
		order.BillTo = licence.PayerOf(c.PartnerID)
	}
	return licence.Intent{Action: licence.ToTake, Order: order, Plan: p}, nil
}

func (t ChangeTerms) intent(tx *table.Tx) (licence.Intent, error) {
	change := licence.Change{
		Quantity: t.Quantity, Term: t.Term, AutoRenew: t.AutoRenew, BillTo: t.BillTo,
		PaymentID: t.PaymentMethodID, When: t.When, DropScheduled: t.DropScheduled,
	}
	var err error
	if t.PlanCode != "" {
		change.Plan, err = planOf(tx, t.PlanCode)
	}
	return licence.Intent{Action: licence.ToChange, Change: change}, err
}

func (t CancelTerms) intent() licence.Intent {
	return licence.Intent{Action: licence.ToCancel, Cancellation: licence.Cancellation{When: t.When, Note: t.Note}}
}

type takeInput struct {
	api.OnCustomer
	api.Once
	Body struct {
		ByPreview
		TakeTerms
	}
}

// Check refuses terms beside a preview, and missing terms without one.
func (in *takeInput) Check() error {
	if in.Body.PreviewID != "" {
		return alone(in.Body.TakeTerms)
	}
	return in.Body.TakeTerms.check()
}

// Load announces the plan, or the preview, and the seats.
func (in *takeInput) Load() []table.Load {
	all := append(append(in.Body.load(in.CustomerID), plans(in.Body.PlanCode)...), table.HolderOf(in.CustomerID)...)
	return append(all, in.Body.TakeTerms.methods(in.OnCustomer)...)
}

func (s service) take(tx *table.Tx, in *takeInput) (*api.Reply[writtenView], error) {
	c, err := table.Customer(in.CustomerID).Get(tx)
	if err == nil {
		err = c.MayHold(calendar.On(tx.Now, s.Zone))
	}
	if err != nil {
		return nil, err
	}
	return s.commit(tx, in.CustomerID, in.Body.ByPreview, licence.ToTake, licence.Licence{}, func() (licence.Intent, error) {
		return in.Body.TakeTerms.intent(tx, c)
	})
}

type changeInput struct {
	Path
	api.Once
	api.IfMatch
	Body struct {
		ByPreview
		ChangeTerms
	}
}

// Check refuses terms beside a preview.
func (in *changeInput) Check() error {
	if in.Body.PreviewID != "" {
		return alone(in.Body.ChangeTerms)
	}
	return nil
}

// Load announces the licence, the plan, or the preview.
func (in *changeInput) Load() []table.Load {
	all := append(append(in.Path.change(), in.Body.load(in.CustomerID)...), plans(in.Body.PlanCode)...)
	return append(all, in.Body.ChangeTerms.methods(in.OnCustomer)...)
}

func (s service) change(tx *table.Tx, in *changeInput) (*api.Reply[writtenView], error) {
	l, err := in.read(tx, in.IfMatch)
	if err != nil {
		return nil, err
	}
	return s.commit(tx, in.CustomerID, in.Body.ByPreview, licence.ToChange, l, func() (licence.Intent, error) {
		return in.Body.ChangeTerms.intent(tx)
	})
}

type cancelInput struct {
	Path
	api.Once
	api.IfMatch
	Body struct {
		ByPreview
		CancelTerms
	}
}

// Check refuses terms beside a preview.
func (in *cancelInput) Check() error {
	if in.Body.PreviewID != "" {
		return alone(in.Body.CancelTerms)
	}
	return nil
}

// Load announces the licence, or the preview.
func (in *cancelInput) Load() []table.Load {
	return append(in.Path.change(), in.Body.load(in.CustomerID)...)
}

func (s service) cancel(tx *table.Tx, in *cancelInput) (*api.Reply[writtenView], error) {
	l, err := in.read(tx, in.IfMatch)
	if err != nil {
		return nil, err
	}
	return s.commit(tx, in.CustomerID, in.Body.ByPreview, licence.ToCancel, l, func() (licence.Intent, error) {
		return in.Body.CancelTerms.intent(), nil
	})
}

// alone refuses terms that are said beside a preview.
func alone[T comparable](terms T) error {
	var none T
	if terms != none {
		return problem.Invalid("body.previewId", "A preview is committed as it was shown: say nothing beside it.")
	}
	return nil
}

func (p ByPreview) load(customerID string) []table.Load {
	if p.PreviewID == "" {
		return nil
	}
	return []table.Load{table.Preview(customerID, p.PreviewID)}
}

// commit decides and writes: what the preview holds, at its moment, or what is intended now.
func (s service) commit(tx *table.Tx, customerID string, by ByPreview, action licence.Action, l licence.Licence, intended func() (licence.Intent, error)) (*api.Reply[writtenView], error) {
	at := licence.At(tx.Now, s.Zone)
	intent := licence.Intent{}
	var err error
	if by.PreviewID == "" {
		intent, err = intended()
	} else {
		ref := table.Preview(customerID, by.PreviewID)
		p, ok := ref.Find(tx)
		if !ok {
			return nil, licence.PreviewExpired()
		}
		err = p.Check(action, l, at)
		intent, at = p.Intent, p.At
		table.Delete(tx, ref) // a preview is committed once
	}
	if err != nil {
		return nil, err
	}
	after, out, err := intent.Decide(l, at)
	if err != nil {
		return nil, err
	}
	if err := payable(tx, l, after); err != nil {
		if by.PreviewID != "" {
			err = gone(err)
		}
		return nil, err
	}
	return s.settle(tx, l, after, out, licence.At(tx.Now, s.Zone)) // a preview holds its amounts, not the day
}
