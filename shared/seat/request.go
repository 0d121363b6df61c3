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
	Replaced bool      `json:"replaced,omitempty"` // by a later request: no answer of the partner's
	Cap      int       `json:"cap,omitempty"`      // then, if accepted
	Note     string    `json:"note,omitempty"`
	At       time.Time `json:"at"`
}

// ID is the request's, within its module.
func (r Request) ID() string { return fmt.Sprint("req_", r.Number) }

// Status is open, accepted, declined or replaced.
func (r Request) Status() string {
	switch {
	case r.Answer == nil:
		return "open"
	case r.Answer.Replaced:
		return "replaced"
	case r.Answer.Accepted:
		return "accepted"
	}
	return "declined"
}

// Ask makes the request that follows the latest one of the module. One that is still open is closed by it: the partner has one
// to answer, and answers what it has read. The same once more is no other request.
func Ask(latest Request, r Request, capNow int) (asked Request, closed *Request, facts []event.Fact) {
	r.Number, r.Wanted = latest.Number+1, capNow+r.Seats
	if latest.Number > 0 && latest.Answer == nil {
		if latest.Wanted == r.Wanted && latest.Seats == r.Seats && latest.Note == r.Note {
			return latest, nil, nil
		}
		latest.Answer = &Answer{Replaced: true}
		closed = &latest
	}
	return r, closed, []event.Fact{r.fact("seat.requested", map[string]any{"seats": r.Seats, "wanted": r.Wanted, "note": r.Note})}
}

// Open refuses a request that was answered. Errors: problem.Conflict seat_request_answered.
func (r Request) Open() error {
	if r.Answer != nil {
		return problem.Conflict("seat_request_answered", "The request was answered before, or replaced by another.")
	}
	return nil
}

// Reply answers an open request.
func (r Request) Reply(a Answer) (Request, event.Fact) {
	r.Answer = &a
	data := map[string]any{"accepted": a.Accepted, "note": a.Note}
	if a.Accepted {
		data["cap"] = a.Cap
	}
	return r, r.fact("seat.requestAnswered", data)
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
