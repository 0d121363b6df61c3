package seats

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"comptoir/shared/api"
	"comptoir/shared/identifier"
	"comptoir/shared/problem"
	"comptoir/shared/seat"
	"comptoir/shared/table"
)

type requestView struct {
	ID     string      `json:"id" example:"req_1"`
	Module string      `json:"module"`
	Seats  int         `json:"seats" doc:"More than the cap had."`
	Wanted int         `json:"wanted" doc:"The cap that this would make."`
	Note   string      `json:"note,omitempty"`
	By     string      `json:"by,omitempty" doc:"Who asked."`
	At     time.Time   `json:"at"`
	Status string      `json:"status" enum:"open,accepted,declined,replaced" doc:"replaced: by a later request, while it was open."`
	Answer *answerView `json:"answer,omitempty"`
}

type answerView struct {
	Cap  int       `json:"cap,omitempty" doc:"The cap then, if accepted."`
	Note string    `json:"note,omitempty"`
	At   time.Time `json:"at"`
}

func showRequest(r seat.Request) requestView {
	v := requestView{r.ID(), r.Module, r.Seats, r.Wanted, r.Note, r.By, r.CreatedAt, r.Status(), nil}
	if r.Answer != nil {
		v.Answer = &answerView{r.Answer.Cap, r.Answer.Note, r.Answer.At}
	}
	return v
}

type requestsInput struct {
	InModule
	api.Paged
}

func (in *requestsInput) page() table.List[seat.Request] {
	return table.SeatRequests(in.CustomerID, in.Module, in.Page())
}

// Load announces the page.
func (in *requestsInput) Load() []table.Load { return []table.Load{in.page()} }

func (s service) requests(tx *table.Tx, in *requestsInput) (*api.Listed[requestView], error) {
	rows, next := in.page().Rows(tx)
	return api.List(rows, next, showRequest), nil
}

type requestInput struct {
	InModule
	api.Once
	Body struct {
		Seats int    `json:"seats" minimum:"1" maximum:"100000" doc:"How many more."`
		Note  string `json:"note,omitempty" maxLength:"500" doc:"In your own words, for the partner."`
	}
}

// Check reads the note.
func (in *requestInput) Check() error { return note(&in.Body.Note) }

// note refuses what would play tricks on whoever reads it, and drops blanks around it.
func note(text *string) error {
	*text = strings.TrimSpace(*text)
	if !identifier.Shown(*text) {
		return problem.Invalid("body.note", "This text has characters that can't be shown.")
	}
	return nil
}

func (in *requestInput) latest() table.List[seat.Request] {
	return table.SeatRequests(in.CustomerID, in.Module, table.Page{Limit: 1})
}

// Load announces the gauge and the request before this one.
func (in *requestInput) Load() []table.Load { return []table.Load{in.seats(), in.latest()} }

func (s service) request(tx *table.Tx, in *requestInput) (*api.Reply[requestView], error) {
	c, err := table.Customer(in.CustomerID).Get(tx)
	if err != nil {
		return nil, err
	}
	if c.PartnerID == "" {
		return nil, problem.Conflict("no_partner", "The publisher manages this customer; write to %s.", s.SupportMail)
	}
	var latest seat.Request
	if rows, _ := in.latest().Rows(tx); len(rows) > 0 {
		latest = rows[0]
	}
	pool, capNow, err := in.seats().Pool(tx).Ask(in.Module, s.today(tx))
	tx.Settle(c.ID, pool, s.today(tx))
	if err != nil {
		return nil, err
	}
	r, closed, asked := seat.Ask(latest, seat.Request{
		CustomerID: c.ID, Module: in.Module, Seats: in.Body.Seats, Note: in.Body.Note, By: tx.Actor.Name,
	}, capNow)
	reply := &api.Reply[requestView]{}
	if asked == nil { // for the second time
		reply.Status = http.StatusOK
	} else {
		tx.Put(&r)
		tx.Record(&c, asked...)
	}
	if closed != nil {
		closed.Answer.At = tx.Now
		tx.Put(closed)
	}
	reply.Body = showRequest(r)
	return reply, nil
}

type answerInput struct {
	InModule
	api.Once
	RequestID string `path:"requestId" maxLength:"12" pattern:"^req_[1-9][0-9]{0,7}$" example:"req_1"`
	Body      struct {
		Accept bool   `json:"accept"`
		Cap    int    `json:"cap,omitempty" minimum:"1" maximum:"100000000" doc:"If accepted: what was wanted if left out, otherwise one that is higher than now. Where it is as high as was wanted already, it stays."`
		Note   string `json:"note,omitempty" maxLength:"500" doc:"In your own words, for the customer; needed to decline."`
	}
}

// Check wants words with a no, and no cap.
func (in *answerInput) Check() error {
	if err := note(&in.Body.Note); err != nil {
		return err
	}
	switch b := in.Body; {
	case !b.Accept && b.Note == "":
		return problem.Invalid("body.note", "Say why not.")
	case !b.Accept && b.Cap != 0:
		return problem.Invalid("body.cap", "A request that is declined sets no cap.")
	}
	return nil
}

func (in *answerInput) ref() table.Ref[seat.Request] {
	number, _ := strconv.Atoi(strings.TrimPrefix(in.RequestID, "req_")) // the pattern says that it is one
	return table.SeatRequest(in.CustomerID, in.Module, number)
}

// Load announces the request and the gauge.
func (in *answerInput) Load() []table.Load { return []table.Load{in.ref(), in.seats()} }

func (s service) answer(tx *table.Tx, in *answerInput) (*api.Reply[requestView], error) {
	c, err := table.Customer(in.CustomerID).Get(tx)
	if err != nil {
		return nil, err
	}
	r, err := in.ref().Get(tx)
	if err != nil {
		return nil, err
	}
	if err := r.Open(); err != nil {
		return nil, err
	}
	a := seat.Answer{Accepted: in.Body.Accept, Note: in.Body.Note, At: tx.Now}
	if a.Accepted {
		if now := in.seats().Pool(tx).Gauges[in.Module].On(s.today(tx)).Cap; in.Body.Cap != 0 && in.Body.Cap <= now {
			return nil, problem.Invalid("body.cap", "The cap is %d already.", now)
		}
		pool, facts, err := in.seats().Pool(tx).Raise(in.Module, cmp.Or(in.Body.Cap, r.Wanted), s.today(tx))
		tx.Settle(c.ID, pool, s.today(tx))
		if err != nil {
			return nil, err
		}
		tx.Record(&c, facts...)
		a.Cap = pool.Gauges[in.Module].On(s.today(tx)).Cap
	}
	r, answered := r.Reply(a)
	tx.Put(&r)
	tx.Record(&c, answered)
	return &api.Reply[requestView]{Body: showRequest(r)}, nil
}
