package webhook

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"time"
	"unicode"

	"comptoir/shared/event"
	"comptoir/shared/id"
	"comptoir/shared/stamp"
)

// State is what became of a delivery.
type State string

const (
	Pending   State = "pending"
	Delivered State = "delivered"
	GaveUp    State = "failed"   // after all attempts
	Unwanted  State = "disabled" // the endpoint was disabled, or deleted, when its turn came
)

// States are all of them.
var States = []State{Pending, Delivered, GaveUp, Unwanted}

// Delivery is one event on its way to one endpoint.
type Delivery struct {
	stamp.Stamp
	ID         string    `json:"id"` // sorts by time; follows from event and endpoint
	Owner      string    `json:"owner"`
	EndpointID string    `json:"endpointId"`
	EventID    string    `json:"eventId"` // the message's id
	Kind       string    `json:"kind"`
	Body       string    `json:"body"`
	State      State     `json:"state"`
	Since      time.Time `json:"since"`          // when it was to be made first, or again
	Attempts   int       `json:"attempts"`       // that have begun since then
	DueAt      time.Time `json:"dueAt,omitzero"` // of the next attempt, while it is pending
	Turn       string    `json:"turn,omitempty"` // of the attempt that is under way
	Last       *Outcome  `json:"last,omitempty"` // of the last attempt that has ended
}

// Outcome is what an attempt came to.
type Outcome struct {
	At      time.Time     `json:"at"`
	Status  int           `json:"status,omitempty"`  // of the answer; 0 without one
	Excerpt string        `json:"excerpt,omitempty"` // of the answer, or why there was none
	After   time.Duration `json:"after,omitempty"`   // how long the receiver wants to be left alone
	Silent  bool          `json:"silent,omitempty"`  // it kept silent until its time was over
}

// waits are the times between attempts: the first is made at once, the last after about three days.
var waits = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
	10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

const (
	Life = 30 * 24 * time.Hour // of a delivery, whatever became of it

	// Patience is how long an attempt may last at the most. One whose outcome nobody has told by then is made again.
	Patience = time.Minute

	longestWait = 24 * time.Hour // that a receiver may ask for
	excerpt     = 200            // characters that are kept of an answer
)

// DeliveryID is that of an event to an endpoint, always the same.
func DeliveryID(eventID, endpointID string) string {
	_, ordered, _ := strings.Cut(eventID, "_")
	return id.Copied("whd_"+ordered, endpointID)
}

// Deliver is an event on its way to an endpoint of an owner.
func Deliver(e event.Event, body, owner, endpointID string, now time.Time) Delivery {
	d := Delivery{ID: DeliveryID(e.ID, endpointID), Owner: owner, EndpointID: endpointID, EventID: e.ID, Kind: e.Kind, Body: body}
	return d.Again(now)
}

// Again is the delivery from its first attempt on, with the same message.
func (d Delivery) Again(now time.Time) Delivery {
	d.State, d.Since, d.Attempts, d.DueAt, d.Turn = Pending, now, 0, now, ""
	return d
}

// Due tells whether an attempt is to be made: not when the one that a message asks for was made already.
func (d Delivery) Due(now time.Time) bool { return d.State == Pending && !now.Before(d.DueAt) }

// Begin begins an attempt, under a name of its own. It is due again when its outcome stays unknown.
func (d Delivery) Begin(turn string, now time.Time) Delivery {
	d.Attempts++
	d.Turn, d.DueAt = turn, now.Add(Patience)
	return d
}

// Wait puts a delivery off that is due, without an attempt.
func (d Delivery) Wait(until time.Time) Delivery {
	d.DueAt, d.Turn = until, ""
	return d
}

// Drop ends a delivery that nobody wants any longer.
func (d Delivery) Drop() Delivery {
	d.State, d.DueAt, d.Turn = Unwanted, time.Time{}, ""
	return d
}

// End is what an attempt makes of the delivery and of its endpoint, and the facts that follow. A success counts whenever it comes; a failure
// only of the attempt that is under way.
func (d Delivery) End(e Endpoint, turn string, o Outcome) (Delivery, Endpoint, []event.Fact) {
	success, mine := o.Status/100 == 2, d.State == Pending && d.Turn == turn
	if d.State == Delivered || !success && !mine {
		return d, e, nil
	}
	o.Excerpt = shorten(o.Excerpt)
	d.Last, d.Turn = &o, ""
	switch {
	case success:
		d.State, d.DueAt = Delivered, time.Time{}
		e.Failing = false
		return d, e, nil
	case o.Status == 410:
		d = d.Drop()
		if !e.Enabled {
			return d, e, nil
		}
		e.Enabled, e.Gone = false, true
		return d, e, []event.Fact{d.Fact(e, Disabled)}
	case d.Attempts <= len(waits):
		d.DueAt = o.At.Add(max(d.wait(), min(o.After, longestWait)))
		return d, e, nil
	}
	d.State, d.DueAt = GaveUp, time.Time{}
	if e.Failing || !e.Enabled { // told already, or nobody waits for it
		return d, e, nil
	}
	e.Failing = true
	return d, e, []event.Fact{d.Fact(e, Failed)}
}

// Fact is that something happened to the endpoint's delivery.
func (d Delivery) Fact(e Endpoint, kind string) event.Fact {
	f := e.Fact(kind)
	f.Data["deliveryId"], f.Data["deliveryKind"] = d.ID, d.Kind
	return f
}

// wait is the time until the next attempt, a tenth more or less: by the delivery's id, so that those of an endpoint that was down don't
// all come at once.
func (d Delivery) wait() time.Duration {
	wait := waits[d.Attempts-1]
	sum := sha256.Sum256([]byte{byte(d.Attempts)})
	sum = sha256.Sum256(append(sum[:], d.ID...))
	share := float64(binary.BigEndian.Uint32(sum[:4])) / (1 << 32) // from 0 to 1
	return time.Duration(float64(wait) * (0.9 + 0.2*share)).Round(time.Millisecond)
}

// shorten is the beginning of a text that can be shown.
func shorten(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	all := []rune(strings.Join(strings.Fields(s), " "))
	return string(all[:min(len(all), excerpt)])
}
