package commission

import (
	"time"

	"comptoir/shared/calendar"
	"comptoir/shared/event"
	"comptoir/shared/id"
	"comptoir/shared/identifier"
	"comptoir/shared/money"
	"comptoir/shared/problem"
	"comptoir/shared/stamp"
)

// Payout is what is paid to a partner for a month. How far it has come is its batch's to say, unless it came back.
type Payout struct {
	stamp.Stamp
	ID         string             `json:"id"`
	PartnerID  string             `json:"partnerId"`
	Period     calendar.YearMonth `json:"period"`
	Number     string             `json:"number"` // of the statement that it follows from
	Net        money.Money        `json:"net"`
	Tax        money.Money        `json:"tax"`
	Gross      money.Money        `json:"gross"` // what is paid
	By         calendar.Date      `json:"by"`    // the day by which it is
	ProposedAt time.Time          `json:"proposedAt"`
	Name       string             `json:"name"` // the partner's, as the bank reads it
	IBAN       string             `json:"iban"` // as it was when the statement was made; in full in the bank's file alone
	BIC        string             `json:"bic,omitempty"`
	BatchID    string             `json:"batchId,omitempty"`   // that it goes with; none while it is proposed
	ReturnedOn calendar.Date      `json:"returnedOn,omitzero"` // when it came back
	Reason     string             `json:"reason,omitempty"`    // why, as the bank says
}

// PayoutID is the id of the payout for a month of a partner in a currency: there is one at the most.
func PayoutID(partnerID string, period calendar.YearMonth, currency string) string {
	return id.Derived("pyo", partnerID+"\x00"+period.String()+"\x00"+currency)
}

// State is how far a payout has come.
type State string

// How far a payout has come.
const (
	Proposed  State = "proposed"  // in no file yet, or in one that was not sent
	Sent      State = "sent"      // to the bank
	Confirmed State = "confirmed" // by the bank: it is paid
	CameBack  State = "returned"
)

// The kinds of the events of payouts.
const (
	PayoutProposed = "payout.proposed"
	PayoutReturned = "payout.returned"
	BatchMade      = "payout.batchMade"
	BatchSent      = "payout.batchSent"
	BatchConfirmed = "payout.batchConfirmed"
)

// Account is what may be shown of the account that it goes to: the last four characters.
func (p Payout) Account() string { return identifier.Last4(p.IBAN) }

// Line is the line of the ledger for the payout.
func (p Payout) Line() Line {
	return Line{PartnerID: p.PartnerID, Kind: PaidOut, PayoutID: p.ID, Base: p.Net.Sub(p.Net), Amount: p.Net.Neg()}
}

// Fact says that the payout is proposed.
func (p Payout) Fact() event.Fact {
	return event.New(PayoutProposed, map[string]any{
		"payoutId": p.ID, "period": p.Period.String(), "number": p.Number, "net": p.Net, "gross": p.Gross, "by": p.By.String(),
	})
}

// State is how far the payout has come, by its batch; without one it is proposed.
func (p Payout) State(b Batch) State {
	switch {
	case !p.ReturnedOn.IsZero():
		return CameBack
	case p.BatchID == "":
		return Proposed
	}
	return b.State
}

// MaxBatch is the most payouts of a batch: with what else is written they fit into one transaction.
const MaxBatch = 90

// BatchCurrency is that of batches: SEPA knows no other.
const BatchCurrency = "EUR"

// Batch are payouts that go to the bank in one file.
type Batch struct {
	stamp.Stamp
	ID          string        `json:"id"` // sorts by time
	State       State         `json:"state"`
	Payouts     []Member      `json:"payouts"`
	Total       money.Money   `json:"total"` // gross
	MadeOn      calendar.Date `json:"madeOn"`
	SentAt      time.Time     `json:"sentAt,omitzero"`
	ConfirmedOn calendar.Date `json:"confirmedOn,omitzero"` // the day on which the bank has paid
}

// Member names a payout of a batch.
type Member struct {
	PartnerID string `json:"partnerId"`
	PayoutID  string `json:"payoutId"`
}

// About says what events of batches are about: the publisher.
func (b *Batch) About() event.About { return event.OfPublisher(b.Version) }

// Gather makes a batch of proposed payouts, up to MaxBatch: the batch, its payouts and the fact.
func Gather(batchID string, proposed []Payout, today calendar.Date) (Batch, []Payout, event.Fact) {
	b := Batch{ID: batchID, State: Proposed, Payouts: []Member{}, Total: money.Money{Currency: BatchCurrency}, MadeOn: today}
	var with []Payout
	for _, p := range proposed[:min(len(proposed), MaxBatch)] {
		p.BatchID = b.ID
		with = append(with, p)
		b.Payouts = append(b.Payouts, Member{p.PartnerID, p.ID})
		b.Total = b.Total.Add(p.Gross)
	}
	return b, with, b.fact(BatchMade)
}

func (b Batch) fact(kind string) event.Fact {
	return event.New(kind, map[string]any{"batchId": b.ID, "payouts": len(b.Payouts), "total": b.Total})
}

// Send notes that the batch went to the bank. Errors: problem.Conflict payout_batch_sent.
func (b Batch) Send(now time.Time) (Batch, event.Fact, error) {
	if b.State != Proposed {
		return b, event.Fact{}, problem.Conflict("payout_batch_sent", "This batch was sent to the bank before.")
	}
	b.State, b.SentAt = Sent, now
	return b, b.fact(BatchSent), nil
}

// Confirm notes that the bank has paid on a day, today at the latest. Errors: problem.Conflict payout_batch_not_sent,
// payout_batch_confirmed; problem.Invalid.
func (b Batch) Confirm(on, today calendar.Date) (Batch, event.Fact, error) {
	switch {
	case b.State == Proposed:
		return b, event.Fact{}, notSent()
	case b.State == Confirmed:
		return b, event.Fact{}, problem.Conflict("payout_batch_confirmed", "This batch was confirmed before.")
	case on.After(today) || on.Before(b.MadeOn):
		return b, event.Fact{}, problem.Invalid("body.on", "The bank has paid between the day the batch was made and today.")
	}
	b.State, b.ConfirmedOn = Confirmed, on
	f := b.fact(BatchConfirmed)
	f.Data["on"] = on.String()
	return b, f, nil
}

// Return notes that a payout of the batch came back: the line books it back, so that it is paid with the next.
// Errors: problem.Conflict payout_batch_not_sent, payout_returned.
func (b Batch) Return(p Payout, reason string, today calendar.Date) (Payout, Line, event.Fact, error) {
	switch {
	case b.State == Proposed:
		return p, Line{}, event.Fact{}, notSent()
	case !p.ReturnedOn.IsZero():
		return p, Line{}, event.Fact{}, problem.Conflict("payout_returned", "This payout has come back before.")
	}
	p.ReturnedOn, p.Reason = today, reason
	l := p.Line()
	l.Kind, l.Amount = Returned, p.Net
	return p, l, event.New(PayoutReturned, map[string]any{
		"payoutId": p.ID, "batchId": b.ID, "period": p.Period.String(), "net": p.Net, "gross": p.Gross, "reason": reason,
	}), nil
}

func notSent() error {
	return problem.Conflict("payout_batch_not_sent", "This batch was not sent to the bank yet.")
}

// Calendar says when payouts are gathered into batches next. There is one, the publisher's, from the first closing on.
type Calendar struct {
	stamp.Stamp
	Next  calendar.Date `json:"next"`
	DueAt time.Time     `json:"dueAt"`
}

// BatchDay is the day of the month on which payouts are gathered, so that they are paid by the 15th.
const BatchDay = 10

// NewCalendar is the calendar with the next day after one, at 02:00 in a zone.
func NewCalendar(after calendar.Date, zone *time.Location) Calendar {
	return Calendar{}.Move(after, zone)
}

// Move is the calendar at the next day after one.
func (c Calendar) Move(after calendar.Date, zone *time.Location) Calendar {
	month := calendar.YearMonthOf(after)
	if c.Next = month.First().AddDays(BatchDay - 1); !c.Next.After(after) {
		c.Next = month.Add(1).First().AddDays(BatchDay - 1)
	}
	c.DueAt = c.Next.Start(zone).Add(2 * time.Hour)
	return c
}
