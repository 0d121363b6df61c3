package seat

import (
	"fmt"
	"time"

	"comptoir/shared/event"
	"comptoir/shared/phrase"
	"comptoir/shared/problem"
	"comptoir/shared/stamp"
)

// Request is a customer's wish for more seats of a module, and its partner's answer (D10).
type Request struct {
	stamp.Stamp
	CustomerID string  `json:"customerId"`
	Module     string  `json:"module"`
	Number     int     `json:"number"` // from 1 within the module
	Seats      int     `json:"seats"`  // more than the cap had
	Wanted     int     `json:"wanted"` // the cap that this would make
	Note       string  `json:"note,omitempty"`
	By         string  `json:"by,omitempty"` // the name of who asked
	Answer     *Answer `json:"answer,omitempty"`
}

// Answer is what became of a request.
type Answer struct {
	Accepted bool      `json:"accepted"`
	Cap      int       `json:"cap,omitempty"` // then, if accepted
	Note     string    `json:"note,omitempty"`
	At       time.Time `json:"at"`
}

// ID is the request's, within its module.
func (r Request) ID() string { return fmt.Sprint("req_", r.Number) }

// Status is open, accepted or declined.
func (r Request) Status() string {
	switch {
	case r.Answer == nil:
		return "open"
	case r.Answer.Accepted:
		return "accepted"
	}
	return "declined"
}

// Ask makes the request that follows the latest one of the module. One that is still open is replaced: the partner has
// one to answer.
func Ask(latest Request, r Request, capNow int) (Request, event.Fact) {
	r.Number = latest.Number + 1
	if latest.Number > 0 && latest.Answer == nil {
		r.Number, r.Stamp = latest.Number, latest.Stamp
	}
	r.Wanted = capNow + r.Seats
	return r, r.fact("seat.requested", map[string]any{"seats": r.Seats, "wanted": r.Wanted, "note": r.Note})
}

// Open refuses a request that was answered. Errors: problem.Conflict seat_request_answered.
func (r Request) Open() error {
	if r.Answer != nil {
		return problem.Conflict("seat_request_answered", "The request was answered before.")
	}
	return nil
}

// Reply answers an open request.
func (r Request) Reply(a Answer) (Request, event.Fact) {
	r.Answer = &a
	return r, r.fact("seat.requestAnswered", map[string]any{"accepted": a.Accepted, "cap": a.Cap, "note": a.Note})
}

func (r Request) fact(kind string, data map[string]any) event.Fact {
	data["module"], data["requestId"] = r.Module, r.ID()
	return event.New(kind, data)
}

// Text is the reason in words.
func (r Reason) Text() phrase.Text {
	switch r {
	case LicenceSuspended:
		return phrase.Say("its licence is suspended")
	case LicenceEnded:
		return phrase.Say("its licence has ended")
	case CapImpossible:
		return phrase.Say("the cap that is stored can't be one")
	}
	return phrase.Say("no licence includes it")
}
