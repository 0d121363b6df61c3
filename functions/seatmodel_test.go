package functions_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"comptoir/functions/apitest"
	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/seat"
)

// plainLicence is a licence as far as seats care.
type plainLicence struct {
	id        string
	flexible  bool
	batches   []plainBatch // oldest first
	suspended bool
	cancelled bool
	term      calendar.Term
	anchor    calendar.Date
	termEnds  calendar.Date
	endsOn    calendar.Date // none while no end is known
}

type plainBatch struct {
	units int
	taken time.Time
}

func (l *plainLicence) units() (sum int) {
	for _, b := range l.batches {
		sum += b.units
	}
	return sum
}

func (l *plainLicence) ended(today calendar.Date) bool {
	return !l.endsOn.IsZero() && !today.Before(l.endsOn)
}

// closed tells that units can't be given back any longer.
func (b plainBatch) closed(now time.Time) bool { return !now.Before(b.taken.AddDate(0, 0, 7)) }

type plainRequest struct {
	seats, wanted int
	answered      bool
}

// plainSeats is a customer with one module, said as plainly as possible.
type plainSeats struct {
	t        *rapid.T
	w        *apitest.World
	customer string
	keys     int

	licences   []*plainLicence
	limit      int // the partner's own cap; 0 for none
	capVersion int
	holds      map[string]bool // by member
	requests   []*plainRequest
	told       []string // the thresholds
}

func (m *plainSeats) today() calendar.Date { return calendar.On(m.w.Now(), apitest.Env.Zone) }

func (m *plainSeats) used() (n int) {
	for _, holds := range m.holds {
		if holds {
			n++
		}
	}
	return n
}

// plainReading is a gauge in the words of D3, D7, D8, D11 and D13.
type plainReading struct {
	used, cap, funded int
	state, reason     string
}

func (m *plainSeats) reading() plainReading {
	r := plainReading{used: m.used(), reason: "noLicence"}
	for _, l := range m.licences {
		switch {
		case l.ended(m.today()):
			if r.reason == "noLicence" {
				r.reason = "licenceEnded"
			}
		case l.suspended:
			r.reason = "licenceSuspended"
		default:
			r.funded += l.units()
		}
	}
	if r.funded == 0 {
		r.state = "misconfigured"
		return r
	}
	r.reason, r.cap, r.state = "", r.funded, "ok"
	if m.limit > 0 && m.limit < r.funded {
		r.cap = m.limit
	}
	switch {
	case r.used > r.cap:
		r.state = "overLimit"
	case r.used == r.cap:
		r.state = "full"
	case r.used*100 >= 80*r.cap:
		r.state = "warning"
	}
	return r
}

// expect sends a write, now and then twice with one key, and wants a status and, of a refusal, a code. What it does
// to the model comes next; then the gauge has to say what the model says, and a threshold was told of if one was crossed.
func (m *plainSeats) expect(by apitest.Client, line string, body any, status int, code string, effect func(apitest.Answer)) {
	var headers []string
	if rapid.IntRange(0, 3).Draw(m.t, "twice") == 0 {
		m.keys++
		headers = []string{fmt.Sprint("Idempotency-Key: ", m.customer, m.keys)}
	}
	before := m.reading()
	m.w.Advance(time.Millisecond) // which puts the activity in order
	line = strings.Replace(line, " ", " /v1/customers/"+m.customer, 1)
	a := by.Do(line, body, headers...)
	if headers != nil {
		again := by.Do(line, body, headers...)
		if replayed := again.Header["idempotency-replayed"] == "true"; again.Text != a.Text || replayed != (a.Status/100 == 2) {
			m.t.Fatalf("%s %v: first %d %s, then %d %s, replayed: %v", line, body, a.Status, a.Text, again.Status, again.Text, replayed)
		}
	}
	if a.Status != status || a.String("code") != code {
		m.t.Fatalf("%s %v: answered %d %s, want %d %s\n%+v", line, body, a.Status, a.Text, status, code, before)
	}
	if status/100 == 2 && effect != nil {
		effect(a)
	}
	after := m.reading()
	states := []string{"misconfigured", "ok", "warning", "full", "overLimit"}
	was := slices.Index(states, before.state)
	if (was > 0 || after.state == "overLimit") && slices.Index(states, after.state) > was {
		threshold := 100
		if after.state == "warning" {
			threshold = 80
		}
		m.told = append(m.told, fmt.Sprintln(apitest.Expenses, threshold, after.state, after.used, after.cap, m.capVersion))
	}
	m.compare()
}

func (m *plainSeats) sales() apitest.Client   { return seller(m.w) }
func (m *plainSeats) product() apitest.Client { return m.w.Machine("product") }

func (m *plainSeats) read(path string) apitest.Answer {
	return m.w.Machine("operator").Do("GET /v1/customers/"+m.customer+path, nil)
}

func (m *plainSeats) compare() {
	want := m.reading()
	a := m.read("/seats/" + apitest.Expenses)
	got := fmt.Sprint(a.Status, a.Get("used"), a.Get("cap"), a.Get("remaining"), a.Get("state"), a.Get("funded"), a.Get("limited"), a.Get("capVersion"), a.String("reason"), a.String("contact.mail"))
	contact := ""
	if want.state == "misconfigured" {
		contact = "contact@martin.example"
	}
	if want := fmt.Sprint(200, want.used, want.cap, max(want.cap-want.used, 0), want.state, want.funded, m.limit > 0, m.capVersion, want.reason, contact); got != want {
		m.t.Fatalf("the gauge says %s, want %s", got, want)
	}
}

// verdict is what the product is told of a member.
func (m *plainSeats) verdict(name string) string {
	holds, is := m.holds[name]
	switch r := m.reading(); {
	case !is:
		return "notAMember"
	case r.reason != "":
		return r.reason
	case !holds:
		return "noSeat"
	}
	return "allowed"
}

// upTo draws a number from 1, each as often; rapid's own ranges prefer the lowest.
func (m *plainSeats) upTo(n int, label string) int {
	all := make([]int, n)
	for i := range all {
		all[i] = i + 1
	}
	return rapid.SampledFrom(all).Draw(m.t, label)
}

// everyName is in order. Cleo and Mia lie in the same part of the roster.
var everyName = []string{"ada", "bob", "cleo", "eli", "mia"}

func (m *plainSeats) name() string { return rapid.SampledFrom(everyName).Draw(m.t, "member") }

func (m *plainSeats) add() {
	from := slices.Sorted(maps.Keys(m.holds))
	if len(from) == 0 || rapid.IntRange(0, 9).Draw(m.t, "strangers") == 9 {
		from = everyName
	}
	names := rapid.SliceOfNDistinct(rapid.SampledFrom(from), rapid.SampledFrom([]int{min(1, len(from)), min(3, len(from))}).Draw(m.t, "at least"), len(from), rapid.ID).Draw(m.t, "members")
	module := rapid.SampledFrom([]string{apitest.Expenses, apitest.Expenses, apitest.Expenses, apitest.Expenses, "payroll"}).Draw(m.t, "module")
	r, status, code := m.reading(), 201, ""
	var added, held []string
	for _, name := range names {
		holds, is := m.holds[name]
		switch {
		case !is:
			status, code = 422, "invalid_input"
		case holds && module == apitest.Expenses:
			held = append(held, name)
		default:
			added = append(added, name)
		}
	}
	switch {
	case code != "":
	case added == nil:
		status = 200
	case r.state == "misconfigured" || module != apitest.Expenses:
		status, code = 409, "seat_pool_misconfigured"
	case r.used+len(added) > r.cap:
		status, code = 409, "seat_limit_reached"
	}
	m.expect(m.product(), "POST /seats/"+module+"/members", giving(names...), status, code, func(a apitest.Answer) {
		for _, name := range added {
			m.holds[name] = true
		}
		if got, want := fmt.Sprint(a.Get("added"), a.Get("alreadyHeld")), fmt.Sprint(added, held); got != want {
			m.t.Fatalf("added and held before: %s, want %s", got, want)
		}
		if r := m.reading(); added != nil && r.used > r.cap {
			m.t.Fatalf("%d of %d", r.used, r.cap)
		}
	})
}

// ofMember is an operation on a member, who has to be one.
func (m *plainSeats) ofMember(line string, effect func(name string, a apitest.Answer)) {
	name, status, code := m.name(), 200, ""
	if _, is := m.holds[name]; !is {
		status, code = 404, "not_found"
	}
	m.expect(m.product(), line+name, nil, status, code, func(a apitest.Answer) { effect(name, a) })
}

func (m *plainSeats) remove() {
	m.ofMember("DELETE /seats/"+apitest.Expenses+"/members/", func(name string, a apitest.Answer) {
		if a.Get("removed") != m.holds[name] {
			m.t.Fatalf("%s, held: %v", a.Text, m.holds[name])
		}
		m.holds[name] = false
	})
}

func (m *plainSeats) removeMember() {
	m.ofMember("DELETE /members/", func(name string, a apitest.Answer) {
		if freed := len(a.Get("freed").([]any)) == 1; freed != m.holds[name] {
			m.t.Fatalf("%s, held: %v", a.Text, m.holds[name])
		}
		delete(m.holds, name)
	})
}

func (m *plainSeats) putMember() {
	name, status := m.name(), 201
	holds, is := m.holds[name]
	if is {
		status = 200
	}
	called := rapid.SampledFrom([]string{"A.", "B."}).Draw(m.t, "name")
	m.expect(m.product(), "PUT /members/"+name, map[string]any{"name": called}, status, "", func(apitest.Answer) { m.holds[name] = holds })
}

// limiting is what becomes of a cap, if it is not refused.
func (m *plainSeats) limiting(to int) (code string, effect func()) {
	r := m.reading()
	switch {
	case r.state == "misconfigured":
		return "seat_pool_misconfigured", nil
	case to > r.funded:
		return "seat_cap_not_funded", nil
	case to == r.funded:
		to = 0
	}
	return "", func() {
		if to != m.limit {
			m.limit, m.capVersion = to, m.capVersion+1
		}
	}
}

func statusOf(code string, otherwise int) int {
	if code != "" {
		return 409
	}
	return otherwise
}

func (m *plainSeats) setCap() {
	to := rapid.OneOf(rapid.IntRange(1, 5), rapid.IntRange(1, 12)).Draw(m.t, "cap")
	code, effect := m.limiting(to)
	m.expect(m.sales(), "PUT /seats/"+apitest.Expenses+"/cap", map[string]any{"cap": to}, statusOf(code, 200), code, func(a apitest.Answer) {
		effect()
		r := m.reading()
		if got, want := fmt.Sprint(a.Get("cap"), a.Get("funded"), a.Get("capVersion")), fmt.Sprint(r.cap, r.funded, m.capVersion); got != want {
			m.t.Fatalf("cap, funded, version: %s, want %s", got, want)
		}
	})
}

// ask asks for more; what was asked before and not answered is replaced, unless it is the same.
func (m *plainSeats) ask() {
	r, more := m.reading(), rapid.IntRange(1, 4).Draw(m.t, "seats")
	asked := plainRequest{seats: more, wanted: r.cap + more}
	status, code, open := 201, "", (*plainRequest)(nil)
	if n := len(m.requests); n > 0 && !m.requests[n-1].answered {
		open = m.requests[n-1]
	}
	switch {
	case r.state == "misconfigured":
		status, code = 409, "seat_pool_misconfigured"
	case open != nil && *open == asked:
		status = 200
	}
	m.expect(m.product(), "POST /seats/"+apitest.Expenses+"/requests", map[string]any{"seats": more}, status, code, func(a apitest.Answer) {
		if status == 201 {
			if open != nil {
				open.answered = true
			}
			m.requests = append(m.requests, &asked)
		}
		if got, want := fmt.Sprint(a.Get("id"), a.Get("wanted"), a.Get("status")), fmt.Sprint(fmt.Sprint("req_", len(m.requests)), asked.wanted, "open"); got != want {
			m.t.Fatalf("asked: %s, want %s", got, want)
		}
	})
}

func (m *plainSeats) answer() {
	if len(m.requests) == 0 {
		m.ask()
	}
	number := max(1, len(m.requests)+rapid.SampledFrom([]int{0, 0, 0, -1, 1}).Draw(m.t, "which"))
	accept, note := rapid.IntRange(0, 3).Draw(m.t, "accept") > 0, rapid.SampledFrom([]string{"", "Not now."}).Draw(m.t, "note")
	body, to := map[string]any{"accept": accept, "note": note}, 0
	if accept && rapid.Bool().Draw(m.t, "another cap") {
		to = rapid.IntRange(1, 8).Draw(m.t, "cap")
		body["cap"] = to
	}
	status, code, effect := 200, "", func() {}
	switch {
	case !accept && note == "":
		status, code = 422, "invalid_input"
	case number > len(m.requests):
		status, code = 404, "not_found"
	case m.requests[number-1].answered:
		status, code = 409, "seat_request_answered"
	case accept && to > 0 && to <= m.reading().cap:
		status, code = 422, "invalid_input"
	case accept:
		to = cmp.Or(to, m.requests[number-1].wanted)
		if r := m.reading(); r.state == "misconfigured" || r.cap < to {
			code, effect = m.limiting(to)
			status = statusOf(code, 200)
		}
	}
	m.expect(m.sales(), fmt.Sprintf("POST /seats/%s/requests/req_%d/answer", apitest.Expenses, number), body, status, code, func(a apitest.Answer) {
		effect()
		m.requests[number-1].answered = true
		if accept && fmt.Sprint(a.Get("answer.cap")) != fmt.Sprint(m.reading().cap) {
			m.t.Fatalf("accepted: %s", a.Text)
		}
	})
}

func (m *plainSeats) take() {
	terms := rapid.SampledFrom([][2]string{{apitest.Monthly, "month"}, {apitest.Monthly, "month"}, {apitest.Monthly, "month"}, {apitest.Yearly, "year"}, {apitest.Pro, "month"}, {apitest.Pro, "year"}}).Draw(m.t, "plan")
	units := m.upTo(5, "units")
	m.expect(m.sales(), "POST /licences", order(terms[0], terms[1], units), 201, "", func(a apitest.Answer) {
		var ends calendar.Date
		if err := ends.UnmarshalText([]byte(a.String("periodEnd"))); err != nil {
			m.t.Fatal(err)
		}
		m.licences = append(m.licences, &plainLicence{
			id: a.String("id"), flexible: terms[0] == apitest.Monthly, batches: []plainBatch{{units, m.w.Now()}},
			term: calendar.Term(terms[1]), anchor: m.today(), termEnds: ends,
		})
		m.capVersion++
	})
}

// onLicence does something to one of the licences, if there is one.
func (m *plainSeats) onLicence(verb string, body map[string]any, decide func(*plainLicence) (code string, effect func())) {
	if len(m.licences) == 0 {
		m.take()
		return
	}
	among := slices.DeleteFunc(slices.Clone(m.licences), func(l *plainLicence) bool { return l.ended(m.today()) })
	if len(among) == 0 || rapid.IntRange(0, 9).Draw(m.t, "ended too") == 9 {
		among = m.licences
	}
	m.on(rapid.SampledFrom(among).Draw(m.t, "licence"), verb, body, decide)
}

func (m *plainSeats) on(l *plainLicence, verb string, body map[string]any, decide func(*plainLicence) (code string, effect func())) {
	var code string
	var effect func()
	if l.ended(m.today()) {
		code = "licence_already_ended"
	} else if !m.today().Before(l.termEnds) && !l.suspended && (verb == "change" || verb == "cancel") {
		code = "renewal_pending"
	} else {
		code, effect = decide(l)
	}
	status := statusOf(code, 200)
	if code == "invalid_input" {
		status = 422
	}
	m.expect(m.sales(), "POST /licences/"+l.id+"/"+verb, body, status, code, func(apitest.Answer) {
		effect()
		m.capVersion++
	})
}

func (m *plainSeats) change() {
	units := m.upTo(6, "units")
	m.onLicence("change", map[string]any{"quantity": units}, func(l *plainLicence) (string, func()) {
		had, funded := l.units(), m.reading().funded
		switch {
		case l.suspended:
			return "licence_not_active", nil
		case units == had:
			return "invalid_input", nil
		case units > had:
			return "", func() { l.batches = append(l.batches, plainBatch{units - had, m.w.Now()}) }
		}
		left := slices.Clone(l.batches)
		for back := had - units; back > 0; {
			last := &left[len(left)-1]
			if !l.flexible && last.closed(m.w.Now()) {
				return "cancellation_window_closed", nil
			}
			n := min(back, last.units)
			if last.units -= n; last.units == 0 {
				left = left[:len(left)-1]
			}
			back -= n
		}
		if l.flexible && funded-had+units < m.used() {
			return "below_seats_in_use", nil
		}
		return "", func() { l.batches = left }
	})
}

func (m *plainSeats) cancel() {
	when := rapid.SampledFrom([]string{"", "now", "atRenewal"}).Draw(m.t, "when")
	body := map[string]any{}
	if when != "" {
		body["when"] = when
	}
	m.onLicence("cancel", body, func(l *plainLicence) (string, func()) {
		open := !l.batches[0].closed(m.w.Now()) || !m.today().Before(l.termEnds) // only one that is suspended gets here after its term
		switch now := when == "now" || when == "" && open; {
		case !now && !m.today().Before(l.termEnds):
			return "licence_not_active", nil
		case now && !open:
			return "cancellation_window_closed", nil
		case !now && l.cancelled:
			return "cancellation_scheduled", nil
		case now:
			return "", func() { l.cancelled, l.endsOn = true, m.today() }
		}
		return "", func() { l.cancelled, l.endsOn = true, l.termEnds }
	})
}

func (m *plainSeats) suspend() { m.onLicence("suspend", map[string]any{}, m.suspended) }

func (m *plainSeats) suspended(l *plainLicence) (string, func()) {
	if l.suspended {
		return "licence_already_suspended", nil
	}
	return "", func() {
		l.renew(m.today()) // a term that has begun counts, whether or not a worker has come
		l.suspended = true
	}
}

// renew moves the end of the term after a day.
func (l *plainLicence) renew(today calendar.Date) {
	_, _, end := l.term.Containing(l.anchor, today)
	if !today.Before(l.termEnds) {
		l.termEnds = end
	}
}

// replace has another licence come after all are suspended: then it may be too small from the start.
func (m *plainSeats) replace() {
	for _, l := range m.licences {
		m.on(l, "suspend", map[string]any{}, m.suspended)
	}
	m.take()
}

func (m *plainSeats) resume() {
	m.onLicence("resume", map[string]any{}, func(l *plainLicence) (string, func()) {
		if !l.suspended {
			return "licence_not_suspended", nil
		}
		return "", func() {
			l.suspended = false
			l.renew(m.today())
		}
	})
}

// wait lets days pass: windows close and licences end without anybody touching a gauge (D4).
func (m *plainSeats) wait() {
	m.w.Advance(time.Duration(rapid.SampledFrom([]int{1, 8, 35}).Draw(m.t, "days")) * 24 * time.Hour)
	m.compare()
}

// Whatever is done to seats, caps, members, requests and licences: every answer, the gauge, the verdicts and the
// thresholds told of are those of a plain model.
func TestSeatsAreAsThePlainModel(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	var number atomic.Int64
	rapid.Check(t, func(t *rapid.T) {
		m := &plainSeats{t: t, w: w, customer: fmt.Sprint("cus_model", number.Add(1)), holds: map[string]bool{}}
		m.appear()
		m.compare()
		operations := map[string]func(){
			"addSeats": m.add, "removeSeat": m.remove, "removeMember": m.removeMember, "putMember": m.putMember, "setSeatCap": m.setCap,
			"requestSeats": m.ask, "answerSeatRequest": m.answer, "takeLicence": m.take, "changeLicence": m.change, "cancelLicence": m.cancel,
			"suspendLicence": m.suspend, "resumeLicence": m.resume, "suspend all and take another": m.replace, "wait": m.wait,
		}
		often := []string{"addSeats", "addSeats", "addSeats", "putMember", "setSeatCap", "changeLicence", "changeLicence", "answerSeatRequest"}
		m.take()
		m.add()
		for range rapid.IntRange(4, 14).Draw(t, "operations") {
			operations[rapid.SampledFrom(append(slices.Sorted(maps.Keys(operations)), often...)).Draw(t, "operation")]()
		}
		m.atLast()
	})
}

// appear imports the customer with three members.
func (m *plainSeats) appear() {
	tx := m.w.Table.Draft(m.w.Now(), "seed", seed, "")
	c, _ := customer.Appear(customer.Report{CustomerID: m.customer, AccountID: m.customer, PartnerID: apitest.Martin, Name: m.customer})
	pool := seat.Loaded(nil, nil)
	for _, name := range apitest.Members {
		var err error
		if pool, c, err = pool.Join(c, name, "A."); err != nil {
			m.t.Fatal(err)
		}
		tx.Put(memberOf(c.ID, name))
		m.holds[name] = false
	}
	tx.Put(&c)
	tx.Settle(c.ID, pool, m.today())
	if err := m.w.Table.Import(m.t.Context(), tx); err != nil {
		m.t.Fatal(err)
	}
}

// atLast compares what is read at the end: verdicts, holders, and the activity's thresholds.
func (m *plainSeats) atLast() {
	var holders []string
	for _, name := range everyName {
		a := m.read("/seats/" + apitest.Expenses + "/members/" + name + "?exact=true")
		if got, want := cmp.Or(a.String("reason"), "allowed"), m.verdict(name); got != want || a.Get("allowed") != (want == "allowed") {
			m.t.Fatalf("%s: %s, want %s", name, a.Text, want)
		}
		if m.holds[name] {
			holders = append(holders, name)
		}
	}
	var listed, told []string
	for _, item := range m.read("/seats/" + apitest.Expenses + "/members?limit=100").Items() {
		listed = append(listed, item.(map[string]any)["memberId"].(string))
	}
	slices.Sort(listed)
	if !slices.Equal(listed, holders) {
		m.t.Fatalf("holders %v, want %v", listed, holders)
	}
	for _, item := range m.read("/activity?limit=100").Items() {
		e := item.(map[string]any)
		if d, _ := e["data"].(map[string]any); e["kind"] == "seat.threshold" {
			told = append(told, fmt.Sprintln(d["module"], d["threshold"], d["state"], d["used"], d["cap"], d["capVersion"]))
		}
	}
	slices.Reverse(told)
	if !slices.Equal(told, m.told) {
		m.t.Fatalf("told of %v, want %v", told, m.told)
	}
}
