package api

import "encoding/json"

// Told is a Reply that says something once, such as a secret: what is kept of it, for requests that are repeated, lacks that.
type Told[T interface{ Kept() T }] struct {
	Status   int    `json:"status,omitempty"`
	Replayed string `header:"Idempotency-Replayed" json:"-" doc:"true when the request had been done before, and this is its first answer without what is said once."`
	Body     T      `json:"body"`
}

// MarshalJSON is how the answer is kept.
func (t Told[T]) MarshalJSON() ([]byte, error) {
	type kept Told[T]
	t.Body = t.Body.Kept()
	return json.Marshal(kept(t))
}

func (t *Told[T]) answered(status int, replayed bool) {
	if t.Status == 0 {
		t.Status = status
	}
	if replayed {
		t.Replayed = "true"
	}
}
