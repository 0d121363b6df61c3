package functions_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"comptoir/functions/apitest"
	"comptoir/functions/trail"
	"comptoir/shared/collaborator"
	"comptoir/shared/event"
	"comptoir/shared/id"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
	"comptoir/shared/table"
)

// plainPerson is what somebody of Martin's holds, as far as customers go.
type plainPerson struct {
	mail    string
	user    string
	joined  bool  // has accepted
	known   bool  // is or was invited, and not removed
	invited int64 // the number of the latest invitation
	serves  map[membership.Role]bool
	boxes   map[membership.Role]map[string]bool
	viewer  bool
	grant   membership.Role
}

func (p *plainPerson) nothing() bool { return len(p.serves) == 0 && !p.viewer && p.grant == "" }

// forget is for somebody from whom everything was taken.
func (p *plainPerson) forget() {
	*p = plainPerson{mail: p.mail, user: p.user, serves: map[membership.Role]bool{}, boxes: map[membership.Role]map[string]bool{}}
}

// plainReach is Martin with its people and customers, said as plainly as possible: what somebody has stands in a set, and
// what ends something empties the set.
type plainReach struct {
	t        *rapid.T
	w        *apitest.World
	people   []*plainPerson
	firm     bool // an accounting firm
	support  bool // gives first-line support
	consents map[string]bool
	until    map[string]time.Time       // the end of a consent, if it has one
	shut     map[string]map[string]bool // whom a customer has shut out, by address
}

func newReach(t *rapid.T, w *apitest.World) *plainReach {
	m := &plainReach{
		t: t, w: w, firm: true, support: true, consents: map[string]bool{}, until: map[string]time.Time{}, shut: map[string]map[string]bool{},
	}
	for _, c := range martins {
		w.Verify(c)
	}
	for _, name := range []string{"ann", "ben"} {
		p := &plainPerson{mail: name + "@martin.example", user: "usr-" + name}
		p.forget()
		m.people = append(m.people, p)
		for _, role := range membership.CollaboratorRoles {
			m.invites(p, role)
		}
	}
	m.accepts(m.people[0], 0)
	return m
}

var martins = []string{apitest.Dupont, apitest.Durand}

func (m *plainReach) person() *plainPerson {
	return rapid.SampledFrom(m.people).Draw(m.t, "person")
}

func (m *plainReach) role() membership.Role {
	return rapid.SampledFrom(membership.CollaboratorRoles).Draw(m.t, "role")
}

func (m *plainReach) customer() string { return rapid.SampledFrom(martins).Draw(m.t, "customer") }

func (m *plainReach) right(role membership.Role) bool {
	return role == membership.Accountant && m.firm || role == membership.Support && m.support
}

// consented tells whether a customer lets a person in by consent.
func (m *plainReach) consented(p *plainPerson, customer string) bool {
	end, ends := m.until[customer]
	return m.consents[customer] && (!ends || m.w.Now().Before(end)) && !m.shut[customer][p.mail]
}

// by is who acts: an administrator of Martin's.
func (m *plainReach) by() apitest.Client { return m.w.As(apitest.Martin, membership.GlobalAdmin) }

func (m *plainReach) on(p *plainPerson, rest string) string {
	return martin + "/collaborators/" + collaborator.ID(apitest.Martin, p.mail) + rest
}

// answers fails unless the status is the one that the model says.
func (m *plainReach) answers(a apitest.Answer, want int) {
	m.t.Helper()
	if a.Status != want {
		m.t.Fatalf("answered %d %s\nthe model says %d", a.Status, a.Text, want)
	}
}

func (m *plainReach) invite(*rapid.T) { m.invites(m.person(), m.role()) }

func (m *plainReach) invites(p *plainPerson, role membership.Role) {
	a := m.by().Do("POST "+martin+"/collaborators", map[string]any{"mail": p.mail, "name": p.user, "roles": []membership.Role{role}})
	switch {
	case !m.right(role):
		m.answers(a, 409)
		return
	case p.known:
		m.answers(a, 200)
	default:
		m.answers(a, 201)
	}
	p.known = true
	if !p.joined {
		p.invited = max(m.w.Now().UnixMilli(), p.invited+1)
	}
	if !p.serves[role] {
		p.serves[role], p.boxes[role] = true, map[string]bool{}
	}
}

// accept accepts the latest invitation by its link, or by one of before.
func (m *plainReach) accept(*rapid.T) {
	m.accepts(m.person(), rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(m.t, "before"))
}

func (m *plainReach) accepts(p *plainPerson, before int) {
	number := p.invited - int64(before)
	secret := secretOf(fmt.Sprint(p.mail, number, p.invited, m.w.Now()))
	tx := m.w.Table.Draft(m.w.Now(), "seed", seed, "")
	tx.Put(&table.Token{
		Hash: id.Hash(secret), Number: number, ExpiresAt: m.w.Now().Add(collaborator.Lifetime),
		PartnerID: apitest.Martin, CollaboratorID: collaborator.ID(apitest.Martin, p.mail),
	})
	if err := m.w.Table.Import(m.t.Context(), tx); err != nil {
		m.t.Fatal(err)
	}
	a := m.w.Person(p.user).Signed(p.mail).Do("POST /v1/invitations/accept", map[string]any{"token": secret})
	if !p.known || p.joined || number != p.invited {
		m.answers(a, 409)
		return
	}
	m.answers(a, 200)
	p.joined = true
}

// secretOf is a secret for tests, always the same for a name.
func secretOf(name string) string {
	sum := sha256.Sum256([]byte(name))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (m *plainReach) giveRole(*rapid.T) {
	p, role := m.person(), m.role()
	a := m.by().Do("PUT "+m.on(p, "/roles/"+string(role)), nil)
	switch {
	case !p.known:
		m.answers(a, 404)
	case !m.right(role):
		m.answers(a, 409)
	default:
		m.answers(a, 200)
		if !p.serves[role] {
			p.serves[role], p.boxes[role] = true, map[string]bool{}
		}
	}
}

func (m *plainReach) takeRole(*rapid.T) {
	p, role := m.person(), m.role()
	a := m.by().Do("DELETE "+m.on(p, "/roles/"+string(role)), nil)
	if !p.known {
		m.answers(a, 404)
		return
	}
	m.answers(a, 200)
	m.rest(p, role)
}

// rest takes a role away. Whoever has nothing left is gone.
func (m *plainReach) rest(p *plainPerson, role membership.Role) {
	delete(p.serves, role)
	delete(p.boxes, role)
	m.gone(p)
}

func (m *plainReach) gone(p *plainPerson) {
	if p.known && p.nothing() {
		p.forget()
	}
}

func (m *plainReach) setCustomers(*rapid.T) {
	p, role := m.person(), m.role()
	wanted := rapid.SliceOfDistinct(rapid.SampledFrom(martins), rapid.ID).Draw(m.t, "customers")
	a := m.by().Do("PUT "+m.on(p, "/roles/"+string(role)+"/customers"), map[string]any{"customerIds": append([]string{}, wanted...)})
	switch {
	case !p.known:
		m.answers(a, 404)
	case !p.serves[role]:
		m.answers(a, 409)
	default:
		m.answers(a, 200)
		had := p.boxes[role]
		p.boxes[role] = map[string]bool{}
		var added, removed []any
		for _, c := range wanted {
			p.boxes[role][c] = true
		}
		for _, c := range martins {
			if p.boxes[role][c] && !had[c] {
				added = append(added, c)
			}
			if had[c] && !p.boxes[role][c] {
				removed = append(removed, c)
			}
		}
		if fmt.Sprint(a.Get("added"), a.Get("removed")) != fmt.Sprint(append([]any{}, added...), append([]any{}, removed...)) {
			m.t.Fatalf("answered %s\nthe model adds %v and removes %v", a.Text, added, removed)
		}
	}
}

func (m *plainReach) assign(*rapid.T) {
	p, role, customer, out := m.person(), m.role(), m.customer(), rapid.Bool().Draw(m.t, "out")
	a := m.by().Do("POST "+martin+"/collaborators/assignments", map[string]any{"items": []any{map[string]any{
		"collaboratorId": collaborator.ID(apitest.Martin, p.mail), "role": role, "customerId": customer, "remove": out,
	}}})
	m.answers(a, 200)
	want := "unchanged"
	switch {
	case !p.known || !p.serves[role]:
		want = "refused"
	case p.boxes[role][customer] == out:
		want = "done"
		p.boxes[role][customer] = !out
		if out {
			delete(p.boxes[role], customer)
		}
	}
	if got := a.String("results.0.result"); got != want {
		m.t.Fatalf("answered %s\nthe model says %s", a.Text, want)
	}
}

func (m *plainReach) setUser(*rapid.T) {
	p := m.person()
	viewer, grant := rapid.Bool().Draw(m.t, "viewer"), rapid.SampledFrom([]string{"none", "limited", "full"}).Draw(m.t, "grant")
	roles := []string{}
	if viewer {
		roles = append(roles, "viewer")
	}
	a := m.by().Do("PUT "+martin+"/users/"+collaborator.ID(apitest.Martin, p.mail), map[string]any{"roles": roles, "customers": grant})
	if !p.known {
		m.answers(a, 404)
		return
	}
	if !viewer && grant == "none" && len(p.serves) == 0 {
		m.answers(a, 422)
		return
	}
	m.answers(a, 200)
	p.viewer, p.grant = viewer, membership.Role(strings.TrimPrefix(grant, "none"))
	m.gone(p)
}

func (m *plainReach) remove(*rapid.T) {
	p, all := m.person(), rapid.Bool().Draw(m.t, "as user")
	request := "DELETE " + m.on(p, "")
	if all {
		request = "DELETE " + martin + "/users/" + collaborator.ID(apitest.Martin, p.mail)
	}
	a := m.by().Do(request, nil)
	if !p.known {
		m.answers(a, 404)
		return
	}
	m.answers(a, 200)
	p.serves, p.boxes = map[membership.Role]bool{}, map[membership.Role]map[string]bool{}
	if all {
		p.viewer, p.grant = false, ""
	}
	m.gone(p)
}

// turns changes what Martin has a right to. What rested on it is over.
func (m *plainReach) turns(*rapid.T) {
	firm, support := rapid.IntRange(0, 2).Draw(m.t, "firm") > 0, rapid.IntRange(0, 2).Draw(m.t, "support") > 0
	kind := partner.Distributor
	if firm {
		kind = partner.AccountingFirm
	}
	m.answers(m.w.Machine("operator").Do("PATCH "+martin, map[string]any{"kind": kind, "firstLineSupport": support}), 200)
	if m.support && !support {
		m.consents = map[string]bool{}
	}
	m.firm, m.support = firm, support
	for _, role := range membership.CollaboratorRoles {
		if m.right(role) {
			continue
		}
		for _, p := range m.people {
			delete(p.serves, role)
			delete(p.boxes, role)
		}
	}
	m.reaches(m.t) // at once, before the trail has tidied up
	for _, role := range membership.CollaboratorRoles {
		if m.right(role) {
			continue
		}
		ended := event.Event{Fact: event.New(partner.RightEnded, map[string]any{"role": string(role)}), PartnerID: apitest.Martin}
		if err := trail.Handler(m.w.Table)(m.t.Context(), ended); err != nil {
			m.t.Fatal(err)
		}
	}
	for _, p := range m.people {
		m.gone(p)
	}
}

func (m *plainReach) consent(*rapid.T) {
	c, days := m.customer(), rapid.SampledFrom([]int{0, 0, 1, 5}).Draw(m.t, "days")
	body := map[string]any{}
	if days > 0 {
		last := m.w.Now().In(apitest.Env.Zone).AddDate(0, 0, days)
		body["until"] = last.Format(time.DateOnly)
		delete(m.until, c)
		if m.support {
			m.until[c] = time.Date(last.Year(), last.Month(), last.Day()+1, 0, 0, 0, 0, apitest.Env.Zone)
		}
	}
	a := m.w.As(c, membership.Admin).Do("PUT /v1/customers/"+c+"/consents/"+apitest.Martin, body)
	if !m.support {
		m.answers(a, 409)
		return
	}
	m.answers(a, 200)
	m.consents[c], m.shut[c] = true, map[string]bool{}
	if days == 0 {
		delete(m.until, c)
	}
}

func (m *plainReach) withdraw(*rapid.T) {
	c := m.customer()
	m.w.As(c, membership.Admin).Do("DELETE /v1/customers/"+c+"/consents/"+apitest.Martin, nil)
	delete(m.consents, c)
}

func (m *plainReach) ends(*rapid.T) {
	p, c := m.person(), m.customer()
	a := m.w.As(c, membership.Admin).Do("DELETE /v1/customers/"+c+"/accesses/"+collaborator.ID(apitest.Martin, p.mail), nil)
	boxed := p.boxes[membership.Accountant][c] || p.boxes[membership.Support][c]
	switch {
	case boxed || p.grant != "":
		m.answers(a, 200)
		if m.consented(p, c) && (p.grant != "" || p.boxes[membership.Support][c]) {
			m.shut[c][p.mail] = true
		}
		for _, boxes := range p.boxes {
			delete(boxes, c)
		}
	case p.known && p.viewer:
		m.answers(a, 409)
	default:
		m.answers(a, 404)
	}
}

func (m *plainReach) waits(*rapid.T) {
	m.w.Advance(time.Duration(rapid.SampledFrom([]int{1, 20, 30, 100}).Draw(m.t, "hours")) * time.Hour)
}

// reaches compares what the API lets a person do at a customer with what the model says.
func (m *plainReach) reaches(t *rapid.T) {
	m.t = t
	p, c := m.person(), m.customer()
	read, people, roles := m.may(p, c)
	who := m.w.Person(p.user).For(apitest.Martin)
	for request, want := range map[string]string{"": read, "/members": people} {
		a := who.Do("GET /v1/customers/"+c+request, nil)
		got := "yes"
		if a.Status != 200 {
			got = a.String("code")
		}
		if got != want {
			t.Fatalf("%s GET %s%s: %s (%s), the model says %s", p.user, c, request, got, a.Text, want)
		}
	}
	verdict := m.w.Machine("product").Do("GET /v1/customers/"+c+"/collaborators/"+p.user, nil)
	if got := fmt.Sprint(verdict.Get("roles")); got != fmt.Sprint(roles) || verdict.Get("allowed") != (len(roles) > 0) {
		t.Fatalf("%s at %s: %s, the model says %v", p.user, c, verdict.Text, roles)
	}
	m.listed(t, c)
}

// may is what the model says of a person and a customer: may it be read, may its people, and as what is the file entered.
func (m *plainReach) may(p *plainPerson, customer string) (read, people string, roles []membership.Role) {
	if !p.joined {
		return "forbidden", "forbidden", []membership.Role{}
	}
	accountant, supports := p.boxes[membership.Accountant][customer], p.boxes[membership.Support][customer]
	byConsent := supports || p.grant != ""
	roles = []membership.Role{}
	if accountant {
		roles = append(roles, membership.Accountant)
	}
	if m.consented(p, customer) {
		if supports {
			roles = append(roles, membership.Support)
		}
		if p.grant != "" {
			roles = append(roles, p.grant)
		}
	}
	verdict := func(at, byRole bool) string {
		switch {
		case byRole, byConsent && m.consented(p, customer):
			return "yes"
		case byConsent:
			return "consent_required"
		case at:
			return "forbidden"
		}
		return "not_found"
	}
	sees := p.viewer || accountant
	return verdict(sees, sees), verdict(sees, accountant), roles
}

// listed compares what the customer sees of its partner's people.
func (m *plainReach) listed(t *rapid.T, customer string) {
	rows := map[string][]string{}
	for cursor := ""; ; {
		a := m.w.As(customer, membership.Admin).Do("GET /v1/customers/"+customer+"/accesses?limit=8&cursor="+cursor, nil)
		m.answers(a, 200)
		for n := range a.Items() {
			at := fmt.Sprintf("items.%d.", n)
			ways, _ := a.Get(at + "ways").([]any)
			for k := range ways {
				rows[a.String(at+"id")] = append(rows[a.String(at+"id")], fmt.Sprint(a.String(fmt.Sprintf("%sways.%d.role", at, k)), " ", a.String(fmt.Sprintf("%sways.%d.state", at, k))))
			}
		}
		if cursor = a.String("nextCursor"); cursor == "" {
			break
		}
	}
	for _, p := range m.people {
		var want []string
		add := func(role membership.Role, state string) {
			if !p.joined {
				state = "invited"
			}
			want = append(want, fmt.Sprint(role, " ", state))
		}
		byConsent := "pendingConsent"
		switch {
		case m.consented(p, customer):
			byConsent = "active"
		case m.shut[customer][p.mail] && m.consents[customer]:
			if end, ends := m.until[customer]; !ends || m.w.Now().Before(end) {
				byConsent = "shutOut"
			}
		}
		if p.boxes[membership.Accountant][customer] {
			add(membership.Accountant, "active")
		}
		if p.boxes[membership.Support][customer] {
			add(membership.Support, byConsent)
		}
		if p.grant != "" {
			add(p.grant, byConsent)
		}
		if p.viewer {
			add(membership.Viewer, "active")
		}
		if got := rows[collaborator.ID(apitest.Martin, p.mail)]; !slices.Equal(got, want) {
			t.Fatalf("%s sees of %s: %v, the model says %v", customer, p.mail, got, want)
		}
	}
	if len(slices.Collect(maps.Keys(rows))) < 5 {
		t.Fatalf("%s doesn't see the rest of its partner's people: %v", customer, rows)
	}
}

// reachHistories is how many histories are tried in each run.
const reachHistories = 20

// Whatever is given and taken in whatever order, a person reaches what a plain model says, at once, and the customer sees it.
func TestReachIsWhatAPlainModelSays(t *testing.T) {
	t.Parallel()
	histories := numberOf(t, "HISTORIES", reachHistories)
	var started atomic.Int64
	rapid.Check(t, func(r *rapid.T) {
		if started.Add(1) > int64(histories) {
			return // each is long; a few do
		}
		m := newReach(r, apitest.New(t))
		act := func(do func(*rapid.T)) func(*rapid.T) {
			return func(r *rapid.T) {
				m.t = r
				do(r)
			}
		}
		r.Repeat(map[string]func(*rapid.T){
			"": m.reaches, "invite": act(m.invite), "accept": act(m.accept), "accepts": act(m.accept), "giveRole": act(m.giveRole), "takeRole": act(m.takeRole),
			"setCustomers": act(m.setCustomers), "sets": act(m.setCustomers), "assign": act(m.assign), "setUser": act(m.setUser), "remove": act(m.remove),
			"turns": act(m.turns), "consent": act(m.consent), "consents": act(m.consent), "withdraw": act(m.withdraw), "ends": act(m.ends), "waits": act(m.waits),
		})
	})
}
