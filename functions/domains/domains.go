// Package domains answers the operations on a customer's domain: what proves it, and whether the proof is in the DNS.
package domains

import (
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"comptoir/shared/api"
	"comptoir/shared/customer"
	"comptoir/shared/table"
)

type service struct{ api.Env }

// Operations are those of the area.
func Operations(env api.Env) []api.Operation {
	s := service{env}
	return []api.Operation{
		api.Read("getDomain", "GET /v1/customers/{customerId}/domain", "Read whether a customer's domain is verified, and what proves it", s.get),
		api.Write("verifyDomain", "POST /v1/customers/{customerId}/domain/verification", "Look for the proof of a customer's domain in the DNS", http.StatusOK, s.verify).
			Says("What is not verified (yet) is an answer, with the reason. An Idempotency-Key repeats it: to look again, send another key or none."),
	}
}

// DomainView is a customer's domain, and how far its proof is (B13).
type DomainView struct {
	Domain     string            `json:"domain,omitempty" example:"dupont.example"`
	State      string            `json:"state" enum:"none,unverified,verified" doc:"none: the customer has no domain, and nothing to prove."`
	VerifiedAt time.Time         `json:"verifiedAt,omitzero"`
	Record     *domainRecordView `json:"record,omitempty" doc:"What proves the domain, to be set in its DNS beside whatever is there; absent once it is verified."`
}

type domainRecordView struct {
	Type  string `json:"type" enum:"TXT"`
	Name  string `json:"name" example:"_comptoir.dupont.example"`
	Value string `json:"value" example:"comptoir-verification=dom_0m1n2p3q4r5s6t7v8w9x0y1z"`
}

func show(c customer.Customer) DomainView {
	record, err := c.DomainRecord()
	switch {
	case err != nil:
		return DomainView{State: "none"}
	case c.Verified():
		return DomainView{Domain: c.Domain, State: "verified", VerifiedAt: c.DomainVerifiedAt}
	}
	return DomainView{Domain: c.Domain, State: "unverified", Record: &domainRecordView{record.Type, record.Name, record.Value}}
}

type getInput struct{ api.OnCustomer }

func (s service) get(tx *table.Tx, in *getInput) (*api.Reply[DomainView], error) {
	c, err := table.Customer(in.CustomerID).Get(tx)
	if err != nil {
		return nil, err
	}
	return &api.Reply[DomainView]{Body: show(c)}, nil
}

type verifyInput struct {
	api.OnCustomer
	api.Once

	looked *looked // once, however often it is decided
}

// looked is what the DNS said.
type looked struct {
	found []string
	err   error
}

// verificationView is the domain after a look at the DNS. What else was found there is nobody's business.
type verificationView struct {
	DomainView
	Reason            string `json:"reason,omitempty" enum:"notFound,otherValue,noAnswer" doc:"Why it is not verified: there is no such record, only others, or the DNS didn't answer."`
	RetryAfterSeconds int    `json:"retryAfterSeconds,omitempty" doc:"After so long it is worth looking again."`
}

// What is set now takes a while to be seen: DNS servers remember that nothing was there.
const (
	afterSilence = 10 * time.Second
	afterAnswer  = 60 * time.Second
)

func (s service) verify(tx *table.Tx, in *verifyInput) (*api.Later[verificationView], error) {
	c, err := table.Customer(in.CustomerID).Get(tx)
	if err != nil {
		return nil, err
	}
	record, err := c.DomainRecord()
	if err != nil {
		return nil, err
	}
	if c.Verified() {
		return &api.Later[verificationView]{Body: verificationView{DomainView: show(c)}}, nil
	}
	if in.looked == nil {
		in.looked = s.look(tx, record)
	}
	c, facts := c.Verify(in.looked.found, tx.Now)
	if len(facts) == 0 {
		return in.looked.without(c), nil
	}
	tx.Put(&c)
	tx.Record(&c, facts...)
	return &api.Later[verificationView]{Body: verificationView{DomainView: show(c)}}, nil
}

func (s service) look(tx *table.Tx, r customer.Record) *looked {
	found, err := s.DNS.LookupTXT(tx.Context(), r.Name)
	if err != nil {
		slog.WarnContext(tx.Context(), "the DNS didn't answer", "cause", err)
	}
	return &looked{found, err}
}

// without is the answer where no proof was found.
func (l *looked) without(c customer.Customer) *api.Later[verificationView] {
	reason, wait := "otherValue", afterAnswer
	switch {
	case l.err != nil:
		reason, wait = "noAnswer", afterSilence
	case len(l.found) == 0:
		reason = "notFound"
	}
	seconds := int(wait / time.Second)
	return &api.Later[verificationView]{
		RetryAfter: strconv.Itoa(seconds),
		Body:       verificationView{show(c), reason, seconds},
	}
}
