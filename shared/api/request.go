package api

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/negotiation"
	"golang.org/x/text/language"

	"comptoir/shared/authz"
	"comptoir/shared/event"
	"comptoir/shared/id"
	"comptoir/shared/problem"
	"comptoir/shared/table"
)

// Every input embeds one of the On types, which say what the operation is on, and inputs of writes
// embed Once too.

type request[I any] interface {
	*I
	common() *Common
	resource() resource
}

type writeRequest[I any] interface {
	request[I]
	Mark(Operation, Claims, any) (*table.Mark, error)
}

// Common is what every request carries.
type Common struct {
	Organisation string `header:"X-Organisation" json:"-" maxLength:"64" pattern:"^(par|cus)_[0-9a-z]+$" doc:"The organisation that you act for; may be left out when you have one only. Naming it saves a round trip." example:"par_martin"`
	AcceptLang   string `header:"Accept-Language" json:"-" maxLength:"200" doc:"French or English, for titles and details." example:"fr"`

	caller Claims
	link   Link
	lang   language.Tag
	accept string // the types that the caller takes
	origin string // under which the caller has reached the API
}

func (c *Common) common() *Common { return c }

// Language is the one that the caller wants texts in.
func (c *Common) Language() language.Tag { return c.lang }

// Resolve takes the caller from the request.
func (c *Common) Resolve(ctx huma.Context) []error {
	c.caller, c.link = claimsOf(ctx.Context()), linkOf(ctx.Context())
	c.lang = languageOf(ctx.Context())
	c.accept = ctx.Header("Accept")
	c.origin = cmp.Or(ctx.Header("X-Forwarded-Proto"), "https") + "://" + ctx.Header("Host")
	return nil
}

// Prefers is the one of some types that the caller would rather have: the first, unless it says otherwise.
func (c *Common) Prefers(types ...string) string {
	return cmp.Or(negotiation.SelectQValueFast(c.accept, types), types[0])
}

// URL is the address of a path of the API, as the caller reaches it.
func (c *Common) URL(path string) string { return c.origin + path }

// Caller is the verified caller.
func (c *Common) Caller() Claims { return c.caller }

// OnSelf is an operation on the caller.
type OnSelf struct{ Common }

// OnSelfInPartner is an operation on the caller as one of a partner's people.
type OnSelfInPartner struct{ OnSelf }

// OnPublisher is an operation on what the publisher keeps for all.
type OnPublisher struct{ Common }

// OnPartner is an operation on a partner.
type OnPartner struct {
	Common
	PartnerID string `path:"partnerId" maxLength:"64" pattern:"^par_[0-9a-z]+$" example:"par_martin"`
}

// RenewalCalendar is where the calendar is that links lead to.
const RenewalCalendar = "/v1/calendars/renewals"

// ByLink is an operation on a partner for whoever holds a link: it may do what the person who made the link may do there now,
// and is told nothing of why it may not. Whose the link is follows from its secret, which the gateway's authorizer has looked up.
type ByLink struct {
	Common
	Token string `query:"token" json:"-" doc:"The secret of the link." example:"Yw4…"`
}

// OnCustomer is an operation on a customer.
type OnCustomer struct {
	Common
	CustomerID string `path:"customerId" maxLength:"64" pattern:"^cus_[0-9a-z]+$" example:"cus_dupont"`
}

// OnCustomerUnread is an operation on a customer that machines, which see every customer, use so often that its
// row isn't read for them: to them the operation says itself what is not there.
type OnCustomerUnread struct{ OnCustomer }

// InModule is on a module of the product.
type InModule struct {
	Module string `path:"module" maxLength:"40" pattern:"^[a-z][a-zA-Z0-9]{1,39}$" example:"expenses"`
}

// OfMember is about a member of a customer.
type OfMember struct {
	MemberID string `path:"memberId" minLength:"1" maxLength:"128" pattern:"^[!-\"$-~]+$" doc:"The subject of the person's tokens: visible ASCII, but for #." example:"usr_lea"`
}

// OfCollaborator is about a person of a partner.
type OfCollaborator struct {
	CollaboratorID string `path:"collaboratorId" maxLength:"64" pattern:"^col_[0-9a-z]+$" example:"col_lea"`
}

type resource struct {
	kind   authz.ResourceKind
	id     string
	unread bool // by machines
	within bool // an organisation of the caller's
	byLink bool // of which the caller holds a link
}

func (o *OnSelf) resource() resource { return resource{kind: authz.Self, id: o.caller.ID} }

func (o *OnSelfInPartner) resource() resource {
	return resource{kind: authz.Self, id: o.caller.ID, within: true}
}

func (o *OnPublisher) resource() resource {
	return resource{kind: authz.Publisher, id: event.Publisher}
}

func (o *OnPartner) resource() resource { return resource{kind: authz.Partner, id: o.PartnerID} }

func (o *ByLink) resource() resource {
	return resource{kind: authz.Partner, id: o.link.PartnerID, byLink: true}
}

func (o *OnCustomer) resource() resource { return resource{kind: authz.Customer, id: o.CustomerID} }

func (o *OnCustomerUnread) resource() resource {
	return resource{kind: authz.Customer, id: o.CustomerID, unread: true}
}

// Once makes a write safe to repeat (F7).
type Once struct {
	Key string `header:"Idempotency-Key" json:"-" maxLength:"255" pattern:"^[!-~]*$" doc:"Send the same key to repeat the request safely: it happens once, and the first answer comes again. Kept for at least 24 hours." example:"order-2026-0117"`
}

// Mark is what makes this request happen once: its caller, operation and key, and a hash of what the
// input means, so that the order of its fields or its spaces don't matter.
func (o *Once) Mark(op Operation, who Claims, in any) (*table.Mark, error) {
	meaning, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(meaning)
	m := &table.Mark{
		Caller: who.ID, Operation: op.ID, Key: o.Key,
		Hash: base64.RawURLEncoding.EncodeToString(sum[:]),
	}
	if m.Key == "" {
		m.Key, m.Generated = id.Random("auto", rand.Reader), true
	}
	return m, nil
}

// IfMatch lets the caller change only the version that it has read.
type IfMatch struct {
	Version string `header:"If-Match" json:"-" maxLength:"40" doc:"The ETag of the version that you have read; 412 if it is no longer the latest." example:"\"3\""`
}

// Match refuses when the caller has read another version. Errors: version_mismatch.
func (m IfMatch) Match(version int64) error {
	if want := strings.TrimPrefix(m.Version, "W/"); want != "" && want != "*" && want != ETag(version) {
		return problem.Stale()
	}
	return nil
}

// ETag is a version as HTTP has it.
func ETag(version int64) string { return strconv.Quote(strconv.FormatInt(version, 10)) }

// Paged asks for a part of a list.
type Paged struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"25" doc:"Rows at the most."`
	Cursor string `query:"cursor" maxLength:"4000" doc:"nextCursor of the page before."`
}

// ByActor asks for what somebody did.
type ByActor struct {
	Actor string `query:"actor" maxLength:"128" doc:"Only what this person or machine did; a page can then hold fewer rows than asked for while there are more."`
}

// Page is the part asked for, as the table knows it.
func (p Paged) Page() table.Page { return table.Page{Limit: p.Limit, Cursor: p.Cursor} }

// Reply is the answer of an operation on one thing.
type Reply[T any] struct {
	Status   int    `json:"status,omitempty"`
	ETag     string `header:"ETag" json:"etag,omitempty"`
	Replayed string `header:"Idempotency-Replayed" json:"-" doc:"true when the request had been done before, and this is its first answer."`
	Body     T      `json:"body"`
}

// answered completes the answer with the operation's status, unless it has one of its own.
func (r *Reply[T]) answered(status int, replayed bool) {
	if r.Status == 0 {
		r.Status = status
	}
	if replayed {
		r.Replayed = "true"
	}
}

type reply[O any] interface {
	*O
	answered(status int, replayed bool)
}

// Listed is a part of a list.
type Listed[T any] struct {
	Body struct {
		Items      []T    `json:"items"`
		NextCursor string `json:"nextCursor,omitempty" doc:"Asks for the next page; absent on the last."`
		Note       string `json:"note,omitempty" doc:"What it means that there is nothing, in the caller's language."`
	}
}

// List makes the answer from the rows of a page.
func List[R, T any](rows []R, next string, show func(R) T) *Listed[T] {
	out := &Listed[T]{}
	out.Body.Items, out.Body.NextCursor = make([]T, len(rows)), next
	for i, row := range rows {
		out.Body.Items[i] = show(row)
	}
	return out
}

// Rows makes the answer from rows that are shown as they are.
func Rows[T any](rows []T, next string) *Listed[T] {
	return List(rows, next, func(row T) T { return row })
}

type contextKey int

const (
	claimsKey contextKey = iota
	languageKey
	linkKey
)

func claimsOf(ctx context.Context) Claims {
	c, _ := ctx.Value(claimsKey).(Claims)
	return c
}

func linkOf(ctx context.Context) Link {
	l, _ := ctx.Value(linkKey).(Link)
	return l
}

func languageOf(ctx context.Context) language.Tag {
	tag, ok := ctx.Value(languageKey).(language.Tag)
	if !ok {
		return language.English
	}
	return tag
}

var languages = language.NewMatcher([]language.Tag{language.English, language.French})

func match(acceptLanguage string) language.Tag {
	tag, _ := language.MatchStrings(languages, acceptLanguage)
	return tag
}
