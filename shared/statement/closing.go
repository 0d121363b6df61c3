package statement

import (
	"fmt"
	"strings"
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/commission"
	"comptoir/shared/event"
	"comptoir/shared/stamp"
)

// Closing says which month of a partner is closed next. It lies beside the partner from its first day on; each closing moves it on by a
// month, so that every month is closed once and none is left out.
type Closing struct {
	stamp.Stamp
	PartnerID string             `json:"partnerId"`
	Next      calendar.YearMonth `json:"next"`
	Numbers   int                `json:"numbers"` // of statements that were made: each has the next
	DueAt     time.Time          `json:"dueAt"`
}

// rest is how long after the end of a month it is closed: by then all that was begun in it is booked.
const rest = 2 * time.Hour

// Begin is the closing of a partner that there is from an instant on. It is in UTC, since who writes partners knows no other time; Await
// sets it right.
func Begin(partnerID string, at time.Time) Closing {
	return Closing{PartnerID: partnerID, Next: calendar.YearMonthOf(calendar.On(at, time.UTC))}.Await(time.UTC)
}

// Await is the closing with the instant at which it falls due, by the days of a zone.
func (c Closing) Await(zone *time.Location) Closing {
	c.DueAt = c.Next.End().Start(zone).Add(rest)
	return c
}

// Closed tells whether a month was closed.
func (c Closing) Closed(m calendar.YearMonth) bool { return m.Before(c.Next) }

// Number gives the statement the partner's next number: LUMEN-2027-0007. They have no gaps.
func (c *Closing) Number(h *Head) {
	c.Numbers++
	name := strings.ToUpper(strings.TrimPrefix(c.PartnerID, "par_"))
	h.Number = fmt.Sprintf("%s-%s-%04d", name[:min(len(name), 12)], h.Period.String()[:4], c.Numbers)
}

// Close is the closing once its month is closed.
func (c Closing) Close(zone *time.Location) Closing {
	c.Next = c.Next.Add(1)
	return c.Await(zone)
}

// Made is the kind of the event of a statement that was made.
const Made = "statement.made"

// Fact says that the statement was made.
func (h Head) Fact() event.Fact {
	return event.New(Made, map[string]any{
		"number": h.Number, "period": h.Period.String(), "currency": h.Currency, "opening": h.Opening, "closing": h.Closing, "payout": h.Payout.Gross,
	})
}

// Pays is the payout that follows from the statement, to the account in the partner's billing details, and whether there is one.
func (f Frame) Pays(h Head) (commission.Payout, bool) {
	return commission.Payout{
		ID: commission.PayoutID(h.PartnerID, h.Period, h.Currency), PartnerID: h.PartnerID, Period: h.Period, Number: h.Number,
		Net: h.Payout.Net, Tax: h.Payout.Tax, Gross: h.Payout.Gross, By: h.Payout.By, ProposedAt: h.MadeAt,
		Name: f.Partner.LegalName, IBAN: f.Partner.IBAN, BIC: f.Partner.BIC,
	}, h.Payout.Net.Amount > 0
}
