package licences

import (
	"comptoir/shared/api"
	"comptoir/shared/calendar"
	"comptoir/shared/licence"
	"comptoir/shared/problem"
	"comptoir/shared/table"
)

type muteInput struct {
	Path
	api.Once
	api.IfMatch
	Body struct {
		MutedUntil string `json:"mutedUntil" maxLength:"10" doc:"The last day on which nobody is reminded, at most 400 days from today; empty to have people reminded again." example:"2026-12-31"`
	}
	until calendar.Date
}

// Check reads the day.
func (in *muteInput) Check() error {
	if err := in.until.UnmarshalText([]byte(in.Body.MutedUntil)); err != nil {
		return problem.Invalid("body.mutedUntil", "This is no day of the form YYYY-MM-DD.")
	}
	return nil
}

// mute changes nothing that the customer holds.
func (s service) mute(tx *table.Tx, in *muteInput) (*api.Reply[LicenceView], error) {
	l, err := in.read(tx, in.IfMatch)
	if err != nil {
		return nil, err
	}
	c, err := table.Customer(in.CustomerID).Get(tx)
	if err != nil {
		return nil, err
	}
	at := licence.At(tx.Now, s.Zone)
	l, out, err := l.Mute(in.until, at)
	if err != nil {
		return nil, err
	}
	if len(out.Facts) > 0 {
		tx.Keep(&c, &l, out.Facts)
	}
	return &api.Reply[LicenceView]{ETag: api.ETag(l.Version), Body: show(l, at.Today)}, nil
}
