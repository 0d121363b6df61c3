package licences

import (
	"time"

	"comptoir/shared/api"
	"comptoir/shared/licence"
	"comptoir/shared/problem"
	"comptoir/shared/table"
)

type previewInput struct {
	api.OnCustomer
	api.Once
	Body struct {
		LicenceID string       `json:"licenceId,omitempty" maxLength:"64" pattern:"^lic_[0-9a-z]+$" doc:"The licence to change or to cancel."`
		Take      *TakeTerms   `json:"take,omitempty" doc:"What takeLicence would be asked. One of take, change and cancel."`
		Change    *ChangeTerms `json:"change,omitempty" doc:"What changeLicence would be asked."`
		Cancel    *CancelTerms `json:"cancel,omitempty" doc:"What cancelLicence would be asked."`
	}
}

// Check wants one intent, and the licence that it needs.
func (in *previewInput) Check() error {
	b, said := in.Body, 0
	for _, is := range []bool{b.Take != nil, b.Change != nil, b.Cancel != nil} {
		if is {
			said++
		}
	}
	switch {
	case said != 1:
		return problem.Invalid("body", "Say one of take, change and cancel.")
	case (b.LicenceID == "") != (b.Take != nil):
		return problem.Invalid("body.licenceId", "Name the licence to change or to cancel, and none to take one.")
	case b.Take != nil:
		return within("take", b.Take.check())
	}
	return nil
}

// Load announces the licence, the plan and the seats.
func (in *previewInput) Load() []table.Load {
	all := []table.Load{table.SeatsOf(in.CustomerID)}
	if in.Body.LicenceID != "" {
		all = append(all, in.ref())
	}
	if in.Body.Take != nil {
		all = append(append(all, plans(in.Body.Take.PlanCode)...), in.Body.Take.methods(in.OnCustomer)...)
	}
	if in.Body.Change != nil {
		all = append(append(all, plans(in.Body.Change.PlanCode)...), in.Body.Change.methods(in.OnCustomer)...)
	}
	return all
}

func (in *previewInput) ref() table.Ref[licence.Licence] {
	return table.Licence(in.CustomerID, in.Body.LicenceID)
}

type previewView struct {
	PreviewID string       `json:"previewId" example:"pre_7a2f"`
	ExpiresAt time.Time    `json:"expiresAt" doc:"Until then committing the previewId gives exactly this."`
	Action    string       `json:"action" enum:"take,change,cancel"`
	Lines     []lineView   `json:"lines"`
	Total     moneyView    `json:"total"`
	Effects   []effectView `json:"effects"`
	Licence   LicenceView  `json:"licence" doc:"As it will be."`
}

func (s service) preview(tx *table.Tx, in *previewInput) (*api.Reply[previewView], error) {
	var l licence.Licence
	var err error
	if in.Body.LicenceID != "" {
		if l, err = in.ref().Get(tx); err != nil {
			return nil, err
		}
	}
	intent, err := in.intent(tx)
	if err != nil {
		return nil, in.within(err)
	}
	at := licence.At(tx.Now, s.Zone)
	after, out, err := intent.Decide(l, at)
	if err != nil {
		return nil, in.within(err)
	}
	if err := payable(tx, l, after); err != nil {
		return nil, in.within(err)
	}
	if err := s.foresee(tx, l, after, &out, at); err != nil {
		return nil, in.within(err)
	}
	p := licence.Preview{
		ID: tx.NewID("pre"), CustomerID: in.CustomerID, LicenceID: after.ID, Version: l.Version,
		Intent: intent, At: at, ValidUntil: tx.Now.Add(licence.PreviewLife),
	}
	tx.Put(&p)
	charge := showLines(out)
	after.Version++ // as it will be
	return &api.Reply[previewView]{Body: previewView{
		PreviewID: p.ID, ExpiresAt: p.ValidUntil, Action: string(intent.Action), Lines: charge.Lines,
		Total: charge.Total, Effects: showEffects(out, in.Language()), Licence: show(after, at.Today),
	}}, nil
}

// foresee adds what becomes of the caps, and refuses what the seats in use don't allow.
func (s service) foresee(tx *table.Tx, before, after licence.Licence, out *licence.Outcome, at licence.Moment) error {
	c, err := table.Customer(after.CustomerID).Get(tx)
	if err != nil {
		return err
	}
	seats, _, err := table.SeatsOf(c.ID).Pool(tx).Follow(c.Hold(after, at.Today), at.Today)
	if err == nil {
		err = fits(before, after, seats, at.Today)
	}
	if err != nil {
		return err
	}
	for _, change := range seats.CapChanges(at.Today) {
		out.Effects = append(out.Effects, licence.Effect{Code: "seatCap", Detail: change})
	}
	return nil
}

func (in *previewInput) intent(tx *table.Tx) (licence.Intent, error) {
	switch b := in.Body; {
	case b.Take != nil:
		c, err := table.Customer(in.CustomerID).Get(tx)
		if err != nil {
			return licence.Intent{}, err
		}
		return b.Take.intent(tx, c)
	case b.Change != nil:
		return b.Change.intent(tx)
	default:
		return b.Cancel.intent(), nil
	}
}

// within names the fields of a refusal by where they stand in a preview.
func (in *previewInput) within(err error) error {
	switch b := in.Body; {
	case b.Take != nil:
		return within("take", err)
	case b.Change != nil:
		return within("change", err)
	}
	return err
}

func within(part string, err error) error {
	if p := problem.Of(err); p != nil {
		return p.Within("body", "body."+part)
	}
	return err
}
