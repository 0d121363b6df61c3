package api

// Later is an answer that may be another a little later: it says when to ask again.
type Later[T any] struct {
	Status     int    `json:"status,omitempty"`
	RetryAfter string `header:"Retry-After" json:"retryAfter,omitempty" doc:"Seconds after which it is worth asking again; absent when it isn't."`
	Replayed   string `header:"Idempotency-Replayed" json:"-" doc:"true when the request had been done before, and this is its first answer."`
	Body       T      `json:"body"`
}

func (l *Later[T]) answered(status int, replayed bool) {
	l.Status = status
	if replayed {
		l.Replayed = "true"
	}
}
