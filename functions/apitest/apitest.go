// Package apitest gives a test the whole API over a table of its own, with two partners, their
// customers, plans and one person for each role.
package apitest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"comptoir/functions"
	"comptoir/shared/api"
	"comptoir/shared/calendar"
	"comptoir/shared/collaborator"
	"comptoir/shared/consent"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/identifier"
	"comptoir/shared/licence"
	"comptoir/shared/membership"
	"comptoir/shared/money"
	"comptoir/shared/partner"
	"comptoir/shared/plan"
	"comptoir/shared/seat"
	"comptoir/shared/table"
	"comptoir/shared/table/tabletest"
)

// Start is when a world begins: a day with nothing special about it, noon in Paris.
var Start = time.Date(2026, 3, 10, 11, 0, 0, 0, time.UTC)

// World is a table with a little in it, and the API over it.
type World struct {
	Storage *tabletest.Table
	Table   *table.Table
	DNS     *DNS
	Archive *Archive

	t       testing.TB
	now     *atomic.Int64
	random  io.Reader
	handler func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)
}

// The organisations of a world. Dupont and Durand are Martin's customers, Nuit is Nuage's, Direct is the
// publisher's own. Durand has had a licence for 30 days, Nuit too.
const (
	Martin = "par_martin"
	Nuage  = "par_nuage"
	Dupont = "cus_dupont"
	Durand = "cus_durand"
	Nuit   = "cus_nuit"
	Direct = "cus_direct"

	DurandLicence = "lic_durand"
	NuitLicence   = "lic_nuit"
)

// The plans of a world: yearly and committed at 120.00 € a unit, monthly and flexible at 10.00 €, and
// a dearer one by both terms.
const (
	Yearly   = "COMPTA-YEARLY"
	Monthly  = "COMPTA-MONTHLY"
	Pro      = "COMPTA-PRO"
	Unsold   = "COMPTA-OLD"
	currency = "EUR"
)

// Env is the deployment's settings in a world.
var Env = api.Env{
	Zone: zone(), DashboardURL: "https://app.example/{accountId}", SupportMail: "support@publisher.example",
	PartnerSupport: api.PartnerSupport{Mail: "partners@publisher.example", Days: []string{"monday", "friday"}},
	Denied:         identifier.Deny{"onmicrosoft.com"}.Has,
}

func zone() *time.Location {
	z, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	return z
}

// New makes a world. Options replace parts of its table, for example the client.
func New(t testing.TB) *World {
	t.Helper()
	quiet()
	w := &World{t: t, Storage: tabletest.New(t), DNS: &DNS{}, Archive: &Archive{}, now: &atomic.Int64{}, random: &locked{source: rand.NewChaCha8([32]byte{})}}
	w.now.Store(Start.UnixNano())
	w.Table = table.New(w.Storage.Client, w.Storage.TableName, w.Always()...)
	w.Serve(w.Table)
	if err := w.Table.Import(t.Context(), w.drafts()...); err != nil {
		t.Fatal(err)
	}
	return w
}

// Always are the options of the world's table: its time, and the same random ids in every run.
func (w *World) Always() []table.Option {
	return []table.Option{table.Clock(w.Now), table.Random(w.random)}
}

// quiet leaves warnings and errors of the log: a test has many requests.
var quiet = sync.OnceFunc(func() { slog.SetLogLoggerLevel(slog.LevelWarn) })

type locked struct {
	sync.Mutex
	source *rand.ChaCha8
}

func (l *locked) Read(p []byte) (int, error) {
	l.Lock()
	defer l.Unlock()
	return l.source.Read(p)
}

// Serve lets the API answer from a table, for example one that is reached through a proxy.
func (w *World) Serve(t *table.Table) {
	w.Resolve(t, w.DNS)
}

// Resolve is Serve with another way to ask the DNS.
func (w *World) Resolve(t *table.Table, by api.Resolver) {
	env := Env
	env.DNS, env.Archive = by, w.Archive
	w.handler = api.Lambda(api.Handler(t, functions.Operations(env)))
}

// Now is the world's time.
func (w *World) Now() time.Time { return time.Unix(0, w.now.Load()) }

// Advance moves the world's time.
func (w *World) Advance(d time.Duration) { w.now.Add(int64(d)) }

func (w *World) drafts() []*table.Tx {
	tx := w.Table.Draft(Start, "seed", event.Actor{ID: "seed", Kind: "system"}, "")
	price := func(amount int64) money.Money { return money.Money{Amount: amount, Currency: currency} }
	var yearly plan.Plan
	for _, p := range []plan.Plan{
		{Code: Yearly, Commitment: plan.Committed, Prices: map[calendar.Term]money.Money{calendar.Year: price(120_00)}, TrialDays: 30},
		{Code: Monthly, Commitment: plan.Flexible, Prices: map[calendar.Term]money.Money{calendar.Month: price(10_00)}},
		{Code: Pro, Commitment: plan.Committed, Prices: map[calendar.Term]money.Money{calendar.Month: price(20_00), calendar.Year: price(200_00)}},
		{Code: Unsold, Commitment: plan.Committed, Prices: map[calendar.Term]money.Money{calendar.Year: price(50_00)}, Retired: true},
	} {
		p.Name, p.Modules = p.Code, map[string]int{Expenses: 1}
		tx.Put(&p)
		if p.Code == Yearly {
			yearly = p
		}
	}
	for id, name := range map[string]string{Martin: "Cabinet Martin", Nuage: "Nuage Distribution"} {
		p := partner.Partner{
			ID: id, Name: name, Kind: partner.AccountingFirm, Capabilities: []partner.Capability{partner.SellLicences}, FirstLine: true,
			Contact: partner.Contact{Mail: "contact@" + strings.TrimPrefix(id, "par_") + ".example", Phone: "+33 1 00 00 00 00"},
		}
		for _, role := range staff[id] {
			p, _ = w.Joins(tx, p, role, Dupont, Durand)
		}
		tx.Put(&p)
	}
	for _, pair := range [][2]string{{Dupont, Martin}, {Durand, Martin}, {Nuit, Nuage}, {Direct, ""}} {
		id, of := pair[0], pair[1]
		name := strings.ToUpper(id[4:5]) + id[5:]
		c, _ := customer.Appear(customer.Report{
			CustomerID: id, AccountID: "acc-" + id[4:], PartnerID: of, Name: "Maison " + name, Domain: id[4:] + ".example",
			Administrator: customer.Administrator{Name: "Ada " + name, Mail: "ada@" + id[4:] + ".example"},
		})
		c.AsOf = calendar.On(Start, Env.Zone)
		if of != "" {
			tx.PutWords(c)
		}
		seats := seat.Loaded(nil, nil)
		for _, m := range people(id) {
			tx.Put(&m)
			var err error
			if seats, c, err = seats.Join(c, m.UserID, m.Name); err != nil {
				w.t.Fatal(err)
			}
		}
		if id == Durand || id == Nuit {
			at := licence.At(Start.AddDate(0, 0, -30), Env.Zone)
			l, out, err := licence.Take(licence.Order{
				LicenceID: "lic_" + id[4:], CustomerID: id, PartnerID: of, Origin: licence.Manual,
				Quantity: 10, Term: calendar.Year, AutoRenew: true, BillTo: licence.PaidByPartner,
			}, yearly, at)
			if err != nil {
				w.t.Fatal(err)
			}
			out.Lines = nil // paid long ago
			if err = tx.Hold(&table.Holder{Customer: c, Seats: seats}, licence.Licence{}, &l, out, at); err != nil {
				w.t.Fatal(err)
			}
		} else {
			tx.Put(&c)
			tx.Settle(c.ID, seats, c.AsOf)
		}
	}
	return []*table.Tx{tx}
}

// staff are a partner's people, by what they hold.
var staff = map[string][]membership.Role{
	Martin: {
		membership.GlobalAdmin, membership.AccountAdmin, membership.Sales, membership.Billing, membership.Viewer,
		membership.Accountant, membership.Support, membership.Full, membership.Limited,
	},
	Nuage: {membership.GlobalAdmin},
}

// Joins drafts the person who holds a role in a partner, and works on some customers in it.
func (w *World) Joins(tx *table.Tx, p partner.Partner, role membership.Role, customerIDs ...string) (partner.Partner, collaborator.Collaborator) {
	user := UserOf(p.ID, role)
	before := collaborator.New(p.ID, user+"@example.com", "P. "+user, "en")
	c := before
	c.UserID, c.JoinedAt = user, Start.AddDate(0, 0, -1)
	var shelf collaborator.Portfolio
	switch {
	case slices.Contains(membership.CollaboratorRoles, role):
		c, _, _ = c.Serve(p, role, Start)
		shelf, _, _, _ = shelf.Set(c, role, customerIDs, collaborator.Box{At: Start, By: "seed", Of: "Seed"})
		c = c.Works(role, len(customerIDs))
	case slices.Contains(membership.Grants, role):
		c, _ = c.Appoint(nil, role, "Seed", Start)
	default:
		c, _ = c.Appoint([]membership.Role{role}, "", "Seed", Start)
	}
	tx.Shelve(nil, shelf)
	tx.Put(&c)
	p, err := collaborator.Count(p, before, c)
	if err != nil {
		w.t.Fatal(err)
	}
	m := c.Place(membership.Membership{}, p)
	tx.Put(&m)
	return p, c
}

// Consents drafts a customer's consent to its partner's support.
func Consents(tx *table.Tx, c customer.Customer, p partner.Partner) {
	given, _, _ := consent.Consent{CustomerID: c.ID, CustomerName: c.Name, PartnerID: p.ID, PartnerName: p.Name}.Grant("Seed", 0, calendar.Date{}, Start, Env.Zone)
	tx.Put(&given)
}

// people are those who belong to an organisation, by role, and Durand's members, who sign in to the product alone.
func people(organisation string) []membership.Membership {
	var all []membership.Membership
	join := func(user string, role membership.Role) {
		all = append(all, membership.Membership{
			UserID: user, OrganisationID: organisation, OrganisationName: organisation, Name: "P. " + user,
			Mail: user + "@example.com", Roles: []membership.Role{role},
		})
	}
	for _, role := range map[string][]membership.Role{
		Dupont: {membership.Admin, membership.Member},
		Durand: {membership.Admin},
		Nuit:   {membership.Admin},
	}[organisation] {
		join(UserOf(organisation, role), role)
	}
	if organisation == Durand {
		for _, user := range Members {
			join(user, membership.Member)
		}
	}
	return all
}

// Members are members of Durand's without a seat. Durand's licence funds ten seats of the module Expenses.
var Members = []string{"ada", "bob", "cleo"}

// Expenses is the module that every plan of a world has.
const Expenses = "expenses"

// UserOf is the person who has a role in an organisation.
func UserOf(organisation string, role membership.Role) string {
	return "usr-" + organisation[4:] + "-" + string(role)
}

// Client calls the API as somebody.
type Client struct {
	w            *World
	claims       map[string]string
	organisation string
	link         map[string]any // as the authorizer passes it on
}

// As is the person who has a role in an organisation, acting for it.
func (w *World) As(organisation string, role membership.Role) Client {
	return Client{w: w, claims: map[string]string{"sub": UserOf(organisation, role)}, organisation: organisation}
}

// Machine is a machine client with a scope, product or operator.
func (w *World) Machine(scope string) Client {
	return Client{w: w, claims: map[string]string{"sub": scope, "client_id": scope, "scope": "comptoir/" + scope}}
}

// Nobody has no token.
func (w *World) Nobody() Client { return Client{w: w} }

// For is the same caller acting for another organisation; "" names none.
func (c Client) For(organisation string) Client {
	c.organisation = organisation
	return c
}

// Answer is what the API answered.
type Answer struct {
	Status int
	Header map[string]string
	Body   map[string]any
	Text   string
}

// Do sends a request: "POST /v1/…", a body that is sent as JSON unless it is a string or nil, and
// headers as "Name: value".
func (c Client) Do(request string, body any, headers ...string) Answer {
	c.w.t.Helper()
	answer, err := c.Try(request, body, headers...)
	if err != nil {
		c.w.t.Fatalf("%s: %v", request, err)
	}
	return answer
}

// Try is Do for where failures are the point.
func (c Client) Try(request string, body any, headers ...string) (Answer, error) {
	e, err := c.Event(request, body, headers...)
	if err != nil {
		return Answer{}, err
	}
	out, err := c.w.handler(context.Background(), e)
	if err != nil {
		return Answer{}, err
	}
	answer := Answer{Status: out.StatusCode, Header: map[string]string{}, Text: out.Body}
	for name, value := range out.Headers {
		answer.Header[strings.ToLower(name)] = value
	}
	for name, values := range out.MultiValueHeaders {
		answer.Header[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	if strings.HasSuffix(answer.Header["content-type"], "json") {
		if err := json.Unmarshal([]byte(out.Body), &answer.Body); err != nil {
			return answer, fmt.Errorf("the answer is not JSON: %q", out.Body)
		}
	}
	return answer, nil
}

// Event is the request as API Gateway sends it.
func (c Client) Event(request string, body any, headers ...string) (events.APIGatewayV2HTTPRequest, error) {
	method, target, _ := strings.Cut(request, " ")
	path, query, _ := strings.Cut(target, "?")
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "$default", RawPath: path, RawQueryString: query,
		Headers: map[string]string{"content-type": "application/json", "host": "api.example"},
	}
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path = method, path
	if values, err := url.ParseQuery(query); err == nil {
		e.QueryStringParameters = map[string]string{}
		for name := range values {
			e.QueryStringParameters[name] = values.Get(name)
		}
	}
	if c.claims != nil {
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: c.claims},
		}
	}
	if c.link != nil {
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: c.link}
	}
	if c.organisation != "" {
		e.Headers["x-organisation"] = c.organisation
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		e.Headers[strings.ToLower(name)] = value
	}
	switch b := body.(type) {
	case nil:
	case string:
		e.Body = b
	default:
		text, err := json.Marshal(b)
		if err != nil {
			return e, err
		}
		e.Body = string(text)
	}
	return e, nil
}

// Invoke answers a request as API Gateway sends it.
func (w *World) Invoke(e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	return w.handler(context.Background(), e)
}

// Is fails the test unless the answer has a status and, for a problem, a code.
func (a Answer) Is(t testing.TB, status int, code ...string) Answer {
	t.Helper()
	if a.Status != status || len(code) > 0 && a.Body["code"] != code[0] {
		t.Fatalf("answered %d %s\nwanted   %d %v", a.Status, indent(a.Text), status, code)
	}
	return a
}

// Lacks fails the test if a text is in the answer.
func (a Answer) Lacks(t testing.TB, text string) {
	t.Helper()
	if strings.Contains(a.Text, text) {
		t.Errorf("%q is in %s", text, indent(a.Text))
	}
}

func indent(text string) string {
	var out bytes.Buffer
	if json.Indent(&out, []byte(text), "", "  ") != nil {
		return text
	}
	return out.String()
}

// Get is a value within the answer, by a path such as "charge.total.amount" or "items.0.id".
func (a Answer) Get(path string) any {
	var at any = a.Body
	for part := range strings.SplitSeq(path, ".") {
		switch v := at.(type) {
		case map[string]any:
			at = v[part]
		case []any:
			n := 0
			if _, err := fmt.Sscan(part, &n); err != nil || n >= len(v) {
				return nil
			}
			at = v[n]
		default:
			return nil
		}
	}
	return at
}

// Text is a text within the answer.
func (a Answer) String(path string) string {
	s, _ := a.Get(path).(string)
	return s
}

// Items are the items of a list.
func (a Answer) Items() []any {
	items, _ := a.Body["items"].([]any)
	return items
}

// Licence takes one for a customer and gives its id.
func (w *World) Licence(by Client, customerID, planCode, term string, quantity int) string {
	w.t.Helper()
	answer := by.Do("POST /v1/customers/"+customerID+"/licences", map[string]any{"planCode": planCode, "term": term, "quantity": quantity})
	return answer.Is(w.t, 201).String("id")
}
