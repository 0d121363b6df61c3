// Package partners answers the operations on a partner itself: its profile, what happened there, the links to its calendar, and its
// billing details; and on those of the publisher in the same way.
package partners

import (
	"net/http"
	"slices"

	"comptoir/shared/api"
	"comptoir/shared/event"
	"comptoir/shared/identifier"
	"comptoir/shared/partner"
	"comptoir/shared/problem"
	"comptoir/shared/table"
)

type service struct{ api.Env }

// Operations are those of the area.
func Operations(env api.Env) []api.Operation {
	s := service{env}
	const one = "/v1/partners/{partnerId}"
	return []api.Operation{
		api.Read("getPartner", "GET "+one, "Read a partner, and where it finds support", s.get),
		api.Write("updatePartner", "PATCH "+one, "Change a partner's contact or its first-line support", http.StatusOK, s.update).Says(
			"A partner that stops giving first-line support ends all support accesses at once and for good; so does the loss of its kind with its accountants'. Kind, mode and active are the publisher's to set."),
		api.Read("listPartnerActivity", "GET "+one+"/activity", "Read what happened to a partner and its people, latest first", s.activity),
		api.Read("listCalendarLinks", "GET "+one+"/renewals/links", "List the links to the calendar of renewals, oldest first", s.listLinks),
		api.Write("createCalendarLink", "POST "+one+"/renewals/links", "Make a link to the calendar of renewals, for calendar programs", http.StatusCreated, s.makeLink).Says(
			"The link shows what you may see: once you may no longer list renewals, there is nothing behind it. A partner has 20 links at the most."),
		api.Write("revokeCalendarLink", "DELETE "+one+"/renewals/links/{linkId}", "Revoke a link to the calendar of renewals", http.StatusOK, s.revokeLink).Says(
			"Your own, or any if you are an administrator."),
		api.Read("getBilling", "GET "+one+"/billing", "Read a partner's billing details, and what statements still need",
			func(tx *table.Tx, in *getBillingInput) (*api.Reply[billingView], error) { return getBilling(tx, in) }),
		api.Write("updateBilling", "PUT "+one+"/billing", "Set a partner's billing details", http.StatusOK,
			func(tx *table.Tx, in *updateBillingInput) (*api.Reply[billingView], error) {
				return updateBilling(tx, in, in.BillingTerms)
			}).Says("All of them at once, but for the IBAN: it stays if it is left out."),
		api.Read("getPublisherBilling", "GET /v1/billing", "Read the publisher's billing details",
			func(tx *table.Tx, in *getPublisherBillingInput) (*api.Reply[billingView], error) {
				return getBilling(tx, in)
			}),
		api.Write("updatePublisherBilling", "PUT /v1/billing", "Set the publisher's billing details", http.StatusOK,
			func(tx *table.Tx, in *updatePublisherBillingInput) (*api.Reply[billingView], error) {
				return updateBilling(tx, in, in.BillingTerms)
			}),
	}
}

type partnerView struct {
	ID                    string               `json:"id"`
	Name                  string               `json:"name"`
	Kind                  partner.Kind         `json:"kind" enum:"distributor,accountingFirm"`
	Mode                  partner.Mode         `json:"mode,omitempty" enum:"integrated,noCode"`
	FirstLineSupport      bool                 `json:"firstLineSupport" doc:"Whether it gives first-line support: always if integrated."`
	FirstLineSupportFixed bool                 `json:"firstLineSupportFixed" doc:"Whether that is mandatory."`
	Active                bool                 `json:"active"`
	Capabilities          []partner.Capability `json:"capabilities"`
	Contact               contactView          `json:"contact" doc:"As its customers see it."`
	Support               *supportView         `json:"support,omitempty" doc:"The publisher's, for active partners only."`
	Version               int64                `json:"version"`
}

type contactView struct {
	Mail  string `json:"mail" format:"email" maxLength:"254"`
	Phone string `json:"phone,omitempty" maxLength:"40" pattern:"^\\+?[0-9 ().-]{0,39}$"`
}

type supportView struct {
	Mail        string   `json:"mail"`
	OpeningDays []string `json:"openingDays" enum:"monday,tuesday,wednesday,thursday,friday,saturday,sunday"`
}

func (s service) show(p partner.Partner) *api.Reply[partnerView] {
	v := partnerView{
		ID: p.ID, Name: p.Name, Kind: p.Kind, Mode: p.Mode, FirstLineSupport: p.GivesSupport(), FirstLineSupportFixed: p.Mode == partner.Integrated,
		Active: !p.Inactive, Capabilities: append([]partner.Capability{}, p.Capabilities...), Contact: contactView(p.Contact), Version: p.Version,
	}
	if !p.Inactive {
		v.Support = &supportView{s.PartnerSupport.Mail, slices.Clone(s.PartnerSupport.Days)}
	}
	return &api.Reply[partnerView]{ETag: api.ETag(p.Version), Body: v}
}

type getInput struct{ api.OnPartner }

func (s service) get(tx *table.Tx, in *getInput) (*api.Reply[partnerView], error) {
	p, err := table.Partner(in.PartnerID).Get(tx)
	if err != nil {
		return nil, err
	}
	return s.show(p), nil
}

type updatePartnerInput struct {
	api.OnPartner
	api.Once
	api.IfMatch
	Body struct {
		Contact          *contactView  `json:"contact,omitempty"`
		FirstLineSupport *bool         `json:"firstLineSupport,omitempty" doc:"By choice, unless the mode is integrated."`
		Kind             *partner.Kind `json:"kind,omitempty" enum:"distributor,accountingFirm" doc:"By the publisher only."`
		Mode             *partner.Mode `json:"mode,omitempty" enum:"integrated,noCode" doc:"By the publisher only."`
		Active           *bool         `json:"active,omitempty" doc:"By the publisher only."`
	}
}

// Check reads the address.
func (in *updatePartnerInput) Check() (err error) {
	if c := in.Body.Contact; c != nil {
		if c.Mail, err = identifier.Mail(c.Mail); err != nil {
			return problem.Invalid("body.contact.mail", "This is not a plain mail address.")
		}
	}
	return nil
}

func (in *updatePartnerInput) change() partner.Change {
	c := partner.Change{Contact: (*partner.Contact)(in.Body.Contact), FirstLine: in.Body.FirstLineSupport, Kind: in.Body.Kind, Mode: in.Body.Mode}
	if in.Body.Active != nil {
		inactive := !*in.Body.Active
		c.Inactive = &inactive
	}
	return c
}

func (s service) update(tx *table.Tx, in *updatePartnerInput) (*api.Reply[partnerView], error) {
	p, err := table.Partner(in.PartnerID).Get(tx)
	if err != nil {
		return nil, err
	}
	if err := in.Match(p.Version); err != nil {
		return nil, err
	}
	c := in.change()
	if !in.Caller().Machine() && (c.Kind != nil || c.Mode != nil || c.Inactive != nil) {
		return nil, problem.Forbidden("Kind, mode and active are the publisher's to set.")
	}
	after, facts, err := p.Edit(c)
	if err != nil {
		return nil, err
	}
	if len(facts) > 0 {
		tx.Put(&after)
		tx.Record(&after, facts...)
	}
	return s.show(after), nil
}

type activityInput struct {
	api.OnPartner
	api.Paged
	api.ByActor
}

func (in *activityInput) page() table.List[event.Event] {
	return table.Activity(in.PartnerID, in.Actor, in.Page())
}

// Load announces the page.
func (in *activityInput) Load() []table.Load { return []table.Load{in.page()} }

func (s service) activity(tx *table.Tx, in *activityInput) (*api.Listed[event.Event], error) {
	rows, next := in.page().Rows(tx)
	return api.Rows(rows, next), nil
}
