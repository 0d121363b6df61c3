// Package api holds the conventions of the HTTP API. An operation is declared once, with its route and
// a function that decides; everything around it is done here, the same way for all: who calls, what
// is loaded, whether it is allowed, that a write happens once, how answers and problems look.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"comptoir/shared/authz"
	"comptoir/shared/problem"
	"comptoir/shared/table"
	"comptoir/shared/webhook"
)

// Operation is one route of the contract.
type Operation struct {
	ID      string // for example takeLicence; also the action of the authz package
	Method  string
	Path    string // with {parameters}
	Summary string
	Doc     string // what its users have to know besides, in the contract
	MaxBody int64  // the largest request body, in bytes
	Links   bool   // answers may be links to documents
	ByLink  bool   // for whoever holds a link, without a token of the issuer

	input    reflect.Type
	register func(huma.API, *table.Table, Operation)
}

// Env is what a deployment sets and operations need to know.
type Env struct {
	Zone         *time.Location // of civil dates
	DashboardURL string         // of a company in the product; {accountId} is replaced
	SupportMail  string         // of the publisher
	DNS          Resolver       // of the function that asks it

	Archive        Archive // of the function that keeps documents there
	PartnerSupport PartnerSupport
	Denied         func(address string) bool // mail is never sent there (C17)
	PrivateHosts   webhook.Hosts             // of the local cloud, where endpoints may lie
}

// Archive keeps documents that are too large for an answer, and gives out links to them.
type Archive interface {
	Put(ctx context.Context, key, mediaType, file string, content []byte) error
	Link(ctx context.Context, key string, lasting time.Duration) (string, error)
}

// PartnerSupport is the publisher's support dedicated to partners (A21).
type PartnerSupport struct {
	Mail string
	Days []string // on which it is open: monday to sunday
}

// Resolver asks the DNS for the values of a name's TXT records. That there are none is an answer; an error is that there
// was no answer.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// Read declares an operation that changes nothing.
func Read[I, O any, P request[I]](id, route, summary string, decide func(*table.Tx, *I) (*O, error)) Operation {
	op := operation[I, P](id, route, summary)
	op.register = func(a huma.API, t *table.Table, op Operation) {
		huma.Register(a, op.huma(http.StatusOK, false), func(ctx context.Context, in *I) (*O, error) {
			out, err := read[I, O, P](ctx, t, op, in, decide)
			if reply, ok := any(out).(interface{ answered(int, bool) }); ok && err == nil {
				reply.answered(http.StatusOK, false)
			}
			return out, err
		})
	}
	return op
}

// read loads, allows and decides.
func read[I, O any, P request[I]](ctx context.Context, t *table.Table, op Operation, in *I, decide func(*table.Tx, *I) (*O, error)) (*O, error) {
	call, err := prepare[I, P](ctx, t, op, in)
	if err != nil {
		return nil, show(ctx, err)
	}
	out, err := table.Read(ctx, t, call, func(tx *table.Tx) (*O, error) { return decide(tx, in) })
	return out, show(ctx, err)
}

// Write declares an operation that changes something, and answers with a status when it has.
func Write[I, O any, P writeRequest[I], R reply[O]](id, route, summary string, status int, decide func(*table.Tx, *I) (*O, error)) Operation {
	op := operation[I, P](id, route, summary)
	op.register = func(a huma.API, t *table.Table, op Operation) {
		huma.Register(a, op.huma(status, true), func(ctx context.Context, in *I) (*O, error) {
			call, err := prepare[I, P](ctx, t, op, in)
			if err != nil {
				return nil, show(ctx, err)
			}
			if call.Mark, err = P(in).Mark(op, P(in).common().caller, in); err != nil {
				return nil, show(ctx, err)
			}
			out, replayed, err := table.Write(ctx, t, call, func(tx *table.Tx) (*O, error) { return decide(tx, in) })
			if err != nil {
				return nil, show(ctx, err)
			}
			R(out).answered(status, replayed && !call.Mark.Generated)
			return out, nil
		})
	}
	return op
}

// Says is the operation with what its users have to know besides.
func (o Operation) Says(doc string) Operation {
	o.Doc = doc
	return o
}

// Larger is the operation with room for larger request bodies.
func (o Operation) Larger(bytes int64) Operation {
	o.MaxBody = bytes
	return o
}

func operation[I any, P request[I]](id, route, summary string) Operation {
	method, path, _ := strings.Cut(route, " ")
	return Operation{
		ID: id, Method: method, Path: path, Summary: summary, MaxBody: maxBody,
		input: reflect.TypeFor[I](), ByLink: P(new(I)).resource().byLink,
	}
}

// Area is the tag that groups the operation in the documentation: the part of the path that says
// what it is about.
func (o Operation) Area() string {
	area := "me"
	for part := range strings.SplitSeq(o.Path, "/") {
		if part != "" && part != "v1" && !strings.HasPrefix(part, "{") {
			area = part
			if part != "partners" && part != "customers" {
				break
			}
		}
	}
	return area
}

func (o Operation) huma(status int, write bool) huma.Operation {
	errors := []int{400, 401, 403, 404, 413, 422, 429, 500, 503}
	if write {
		errors = append(errors, 409, 412)
	}
	by := "bearer"
	if o.ByLink {
		by = "link"
	}
	return huma.Operation{
		OperationID: o.ID, Method: o.Method, Path: o.Path, Summary: o.Summary, Tags: []string{o.Area()},
		DefaultStatus: status, Errors: errors, MaxBodyBytes: o.MaxBody,
		Security: []map[string][]string{{by: {}}},
	}
}

// maxBody is the largest request body unless an operation needs more, in bytes.
const maxBody = 64 << 10

// Roles are the roles that may use the operation (C1).
func (o Operation) Roles() []string {
	var roles []string
	for _, role := range authz.Roles {
		if slices.Contains(authz.Operations(role, authz.AllCapabilities), o.ID) {
			roles = append(roles, role.Name)
		}
	}
	return roles
}

// prepare says what the operation loads and who may do it.
func prepare[I any, P request[I]](ctx context.Context, t *table.Table, op Operation, in *I) (table.Call, error) {
	common, on := P(in).common(), P(in).resource()
	if on.byLink { // whatever else the request says of who sends it
		common.caller, common.Organisation = Claims{ID: common.link.UserID}, common.link.PartnerID
	}
	who := common.caller
	if who.ID == "" {
		return table.Call{}, problem.Unauthenticated()
	}
	org, err := common.organisation(ctx, t, on)
	if err != nil {
		return table.Call{}, err
	}
	common.Organisation = org // for what the input loads
	if checked, ok := any(in).(interface{ Check() error }); ok {
		if err := checked.Check(); err != nil { // before Load, which may count on it
			return table.Call{}, err
		}
	}
	access := access{who: who, organisation: org, on: on}
	call := table.Call{Load: access.load(), Allow: func(tx *table.Tx) error { return access.allow(tx, op.ID) }}
	if more, ok := any(in).(interface{ Load() []table.Load }); ok && !access.elsewhere() {
		call.Load = append(call.Load, more.Load()...)
	}
	return call, nil
}

// show is the error as the caller sees it. What isn't meant for callers is logged here, and nowhere else.
func show(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	p := problem.Of(err)
	if p == nil {
		slog.ErrorContext(ctx, "operation failed", "error", err)
		return internal(languageOf(ctx))
	}
	if p.Cause != nil {
		slog.WarnContext(ctx, "operation refused", "code", p.Code, "cause", p.Cause)
	}
	return render(p, languageOf(ctx))
}
