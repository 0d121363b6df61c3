package me

import (
	"time"

	"comptoir/shared/api"
	"comptoir/shared/event"
	"comptoir/shared/id"
	"comptoir/shared/identifier"
	"comptoir/shared/problem"
	"comptoir/shared/profile"
	"comptoir/shared/table"
)

// preferencesView is how the caller wants to be written to.
type preferencesView struct {
	Language     string      `json:"language,omitempty" enum:"fr,en" doc:"Of mails; French if none is set."`
	Notification addressView `json:"notification" doc:"For notices; the address that your partner or organisation knows, if none is set."`
	Fallback     addressView `json:"fallback" doc:"For overdue and late-payment notices only."`
	Mails        mailsView   `json:"mails" doc:"What you are mailed about, of what can be refused."`
}

type mailsView struct {
	Renewals bool `json:"renewals" doc:"Reminders of licences whose term is about to end."`
}

type addressView struct {
	Mail        string    `json:"mail,omitempty" doc:"Confirmed."`
	ConfirmedAt time.Time `json:"confirmedAt,omitzero"`
	Unconfirmed string    `json:"unconfirmed,omitempty" doc:"Counts once it is confirmed."`
}

func show(p profile.Profile) preferencesView {
	address := func(which profile.Which) addressView {
		a := p.Addresses[which]
		return addressView{a.Mail, a.ConfirmedAt, a.Wanted}
	}
	return preferencesView{p.Language, address(profile.Notification), address(profile.Fallback), mailsView{p.Wants(profile.Renewals)}}
}

// OnPreferences is a write on what the caller prefers.
type OnPreferences struct {
	api.OnSelf
	api.Once
}

func (in *OnPreferences) ref() table.Ref[profile.Profile] { return table.Profile(in.Caller().ID) }

func (in *OnPreferences) find(tx *table.Tx) profile.Profile {
	p, _ := in.ref().Find(tx)
	p.UserID = in.Caller().ID
	return p
}

func (in *OnPreferences) save(tx *table.Tx, p profile.Profile, facts []event.Fact) *api.Reply[preferencesView] {
	if len(facts) > 0 {
		tx.Put(&p)
		tx.Record(&p, facts...)
	}
	return &api.Reply[preferencesView]{ETag: api.ETag(p.Version), Body: show(p)}
}

type updateMeInput struct {
	OnPreferences
	api.IfMatch
	Body struct {
		Language     *string     `json:"language,omitempty" enum:"fr,en"`
		Notification *string     `json:"notificationMail,omitempty" maxLength:"254" doc:"Empty takes it away."`
		Fallback     *string     `json:"fallbackMail,omitempty" maxLength:"254" doc:"Empty takes it away."`
		Mails        mailsWanted `json:"mails,omitzero" doc:"What you want to be mailed about; what is left out stays as it is."`
	}
}

type mailsWanted struct {
	Renewals *bool `json:"renewals,omitempty" doc:"Reminders of licences whose term is about to end."`
}

// Load announces the preferences.
func (in *updateMeInput) Load() []table.Load { return []table.Load{in.ref()} }

// addresses are those that are set, with where they stand in the input.
func (in *updateMeInput) addresses() map[profile.Which]*string {
	return map[profile.Which]*string{profile.Notification: in.Body.Notification, profile.Fallback: in.Body.Fallback}
}

// Check reads the addresses.
func (in *updateMeInput) Check() error {
	for which, mail := range in.addresses() {
		if mail == nil || *mail == "" {
			continue
		}
		plain, err := identifier.Mail(*mail)
		if err != nil {
			return problem.Invalid("body."+string(which)+"Mail", "This is not a plain mail address.")
		}
		*mail = plain
	}
	return nil
}

func (s service) update(tx *table.Tx, in *updateMeInput) (*api.Reply[preferencesView], error) {
	p := in.find(tx)
	if err := in.Match(p.Version); err != nil {
		return nil, err
	}
	var facts, more []event.Fact
	if in.Body.Language != nil {
		p, facts = p.Speak(*in.Body.Language)
	}
	if wanted := in.Body.Mails.Renewals; wanted != nil {
		p, more = p.Choose(profile.Renewals, *wanted)
		facts = append(facts, more...)
	}
	for _, which := range []profile.Which{profile.Notification, profile.Fallback} {
		mail := in.addresses()[which]
		if mail == nil {
			continue
		}
		if *mail != "" && s.Denied(*mail) {
			return nil, problem.Invalid("body."+string(which)+"Mail", "No mail is sent to this domain; give another address.")
		}
		p, more = p.Want(which, *mail, tx.Now)
		facts = append(facts, more...)
	}
	return in.save(tx, p, facts), nil
}

type confirmAddressInput struct {
	OnPreferences
	Body struct {
		Token string `json:"token" minLength:"43" maxLength:"43" pattern:"^[A-Za-z0-9_-]+$" doc:"From the link of the mail."`
	}
}

func (in *confirmAddressInput) token() table.Ref[table.Token] {
	return table.TokenOf(id.Hash(in.Body.Token))
}

// Load announces the token and the preferences.
func (in *confirmAddressInput) Load() []table.Load { return []table.Load{in.token(), in.ref()} }

func (s service) confirm(tx *table.Tx, in *confirmAddressInput) (*api.Reply[preferencesView], error) {
	t, known := in.token().Find(tx)
	if !known || t.UserID != in.Caller().ID {
		return nil, problem.NotFound()
	}
	p, confirmed, err := in.find(tx).Confirm(profile.Which(t.Which), int(t.Number), tx.Now)
	if err != nil {
		return nil, err
	}
	return in.save(tx, p, []event.Fact{confirmed}), nil
}
