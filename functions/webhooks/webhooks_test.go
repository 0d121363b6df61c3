package webhooks_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"comptoir/functions/apitest"
	"comptoir/functions/notices"
	"comptoir/functions/scan"
	"comptoir/functions/webhooks"
	"comptoir/shared/event"
	"comptoir/shared/membership"
	"comptoir/shared/queue"
	"comptoir/shared/table"
	"comptoir/shared/table/proxy"
	"comptoir/shared/webhook"
)

// waiting are messages that were put back, each with its delay in seconds.
type waiting struct {
	mu     sync.Mutex
	bodies []string
	delays []int32
}

func (q *waiting) SendMessage(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.bodies, q.delays = append(q.bodies, *in.MessageBody), append(q.delays, in.DelaySeconds)
	return &sqs.SendMessageOutput{}, nil
}

// SendMessageBatch is what the scan calls.
func (q *waiting) SendMessageBatch(ctx context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	for _, e := range in.Entries {
		if *in.QueueUrl == "webhook" {
			_, _ = q.SendMessage(ctx, &sqs.SendMessageInput{MessageBody: e.MessageBody})
		}
	}
	return &sqs.SendMessageBatchOutput{}, nil
}

// receiver is an endpoint that keeps what it gets.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	headers []http.Header
	bodies  []string
}

func (r *receiver) got() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.bodies)
}

// receives is a receiver that answers so.
func receives(t *testing.T, answer http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, in *http.Request) {
		body, _ := io.ReadAll(in.Body)
		r.mu.Lock()
		r.headers, r.bodies = append(r.headers, in.Header), append(r.bodies, string(body))
		r.mu.Unlock()
		answer(w, in)
	}))
	t.Cleanup(r.Close)
	return r
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// here lets receivers lie on this machine.
var here = webhook.Hosts{"127.0.0.1"}

const patient = 5 * time.Second

// bench is a world whose events are sent.
type bench struct {
	*apitest.World
	t     *testing.T
	desk  webhooks.Desk
	queue *waiting
}

func open(t *testing.T) *bench {
	t.Helper()
	b := &bench{World: apitest.New(t), t: t, queue: &waiting{}}
	b.desk = webhooks.Desk{Table: b.Table, Post: webhooks.NewPost(here, patient), Queue: queue.Sender{SQS: b.queue, URL: "webhook"}}
	return b
}

// endpoint is one that wants everything.
func endpoint(id, url string) webhook.Endpoint {
	return webhook.Endpoint{ID: id, URL: url, Enabled: true, Secrets: []webhook.Secret{{Text: webhook.NewSecret([]byte(strings.Repeat(id, 32)[:32]))}}}
}

// listens gives an owner its endpoints.
func (b *bench) listens(owner string, endpoints ...webhook.Endpoint) {
	b.t.Helper()
	b.Have(func(tx *table.Tx) { tx.Put(&webhook.Registry{Owner: owner, Endpoints: endpoints}) })
}

func (b *bench) handle(e event.Event) {
	b.t.Helper()
	if err := b.desk.Handle(b.t.Context(), webhooks.Message{Event: e}); err != nil {
		b.t.Fatal(err)
	}
}

// comes handles a message as the queue brings it.
func (b *bench) comes(body string) {
	b.t.Helper()
	var m webhooks.Message
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		b.t.Fatal(err)
	}
	if err := b.desk.Handle(b.t.Context(), m); err != nil {
		b.t.Fatal(err)
	}
}

// next brings the last message that was put back, when it is seen again.
func (b *bench) next() {
	b.t.Helper()
	last := len(b.queue.bodies) - 1
	b.Advance(time.Duration(b.queue.delays[last]) * time.Second)
	b.comes(b.queue.bodies[last])
}

// taken is the event that Durand's licence was taken by Martin.
func (b *bench) taken() event.Event {
	b.t.Helper()
	all := b.Happened("licence.taken")
	return all[slices.IndexFunc(all, func(e event.Event) bool { return e.Subject == apitest.Durand })]
}

func read[T any](b *bench, ref table.Ref[T]) (v T) {
	b.t.Helper()
	_, err := table.Read(b.t.Context(), b.Table, table.Call{Load: []table.Load{ref}, Allow: table.Unasked}, func(tx *table.Tx) (_ *struct{}, err error) {
		v, err = ref.Get(tx)
		return nil, err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

func (b *bench) delivery(e event.Event, owner, endpointID string) webhook.Delivery {
	b.t.Helper()
	return read(b, table.DeliveryOf(owner, endpointID, webhook.DeliveryID(e.ID, endpointID)))
}

// A partner's endpoints get the events of the partner and of its customers, the publisher's get all: those that they want.
func TestWhoGetsWhat(t *testing.T) {
	t.Parallel()
	b := open(t)
	to := map[string]*receiver{}
	at := func(id string) webhook.Endpoint {
		to[id] = receives(t, status(200))
		return endpoint("whe_"+id, to[id].URL)
	}
	seats, off := at("seats"), at("off")
	seats.Kinds, off.Enabled = []string{"seat.added", "seat.removed"}, false
	b.listens(apitest.Martin, at("martin"), seats, off)
	b.listens(apitest.Nuage, at("nuage"))
	b.listens(webhook.Publisher, at("publisher"))
	sandbox, own, plan, seat := b.taken(), b.taken(), b.taken(), b.taken()
	sandbox.ID, sandbox.Livemode = "evt_sandbox", false
	own.ID, own.Kind, own.Subject, own.PartnerID = "evt_own", "partner.changed", apitest.Martin, ""
	plan.ID, plan.Kind, plan.Subject, plan.PartnerID = "evt_plan", "plan.changed", apitest.Yearly, ""
	seat.ID, seat.Kind = "evt_seat", "seat.added"
	for _, c := range []struct {
		what string
		e    event.Event
		want string
	}{
		{"a customer's event", b.taken(), "martin publisher"},
		{"an event of a sandbox", sandbox, ""},
		{"an event of the partner itself", own, "martin publisher"},
		{"an event of nobody's", plan, "publisher"},
		{"an event of a kind", seat, "martin publisher seats"},
	} {
		before := map[string]int{}
		for id, r := range to {
			before[id] = r.got()
		}
		b.handle(c.e)
		var got []string
		for id, r := range to {
			if r.got() > before[id] {
				got = append(got, id)
			}
		}
		if slices.Sort(got); strings.Join(got, " ") != c.want {
			t.Errorf("%s went to %v, want %s", c.what, got, c.want)
		}
	}
}

// Receivers verify with the reference library: with the present secret and, for a day, with the one before.
func TestReceiversVerifyWhatComes(t *testing.T) {
	t.Parallel()
	b, r := open(t), receives(t, status(204))
	b.listens(apitest.Martin, endpoint("whe_1", r.URL))
	first := endpoint("whe_1", r.URL).Secrets[0].Text
	rotate := func() string {
		return b.As(apitest.Martin, membership.GlobalAdmin).Do("POST /v1/partners/"+apitest.Martin+"/webhooks/endpoints/whe_1/secret", nil).Is(t, 200).String("secret")
	}
	sends := func(id string, verify, refuse []string) {
		t.Helper()
		e := b.taken()
		e.ID = id
		b.handle(e)
		last := len(r.bodies) - 1
		for _, secret := range slices.Concat(verify, refuse) {
			wh, err := standardwebhooks.NewWebhook(secret)
			if err != nil {
				t.Fatal(err)
			}
			if err := wh.VerifyIgnoringTimestamp([]byte(r.bodies[last]), r.headers[last]); (err == nil) != slices.Contains(verify, secret) {
				t.Errorf("%s with %s: %v", id, secret, err)
			}
			if err := wh.VerifyIgnoringTimestamp([]byte(r.bodies[last]+" "), r.headers[last]); err == nil {
				t.Errorf("%s: another body is taken for it", id)
			}
		}
		if got := r.headers[last].Get("webhook-id"); got != id {
			t.Errorf("%s is sent as %s", id, got)
		}
		if got := r.headers[last].Get("webhook-timestamp"); got != fmt.Sprint(b.Now().Unix()) {
			t.Errorf("%s is sent at %s", id, got)
		}
	}
	sends("evt_before", []string{first}, nil)
	second := rotate()
	sends("evt_both", []string{first, second}, nil)
	b.Advance(webhook.Overlap - time.Second)
	sends("evt_still", []string{first, second}, nil)
	b.Advance(time.Second)
	sends("evt_after", []string{second}, []string{first})
}

// What is sent says what happened, and of whom: what the customer's activity says too.
func TestTheMessage(t *testing.T) {
	t.Parallel()
	b, r := open(t), receives(t, status(200))
	b.listens(apitest.Martin, endpoint("whe_1", r.URL))
	e := b.taken()
	b.handle(e)
	var got map[string]any
	if err := json.Unmarshal([]byte(r.bodies[0]), &got); err != nil {
		t.Fatal(err)
	}
	data, _ := got["data"].(map[string]any)
	if got["type"] != "licence.taken" || got["id"] != e.ID || got["livemode"] != true || got["timestamp"] != e.At.Format(time.RFC3339Nano) ||
		data["subject"] != apitest.Durand || data["partnerId"] != apitest.Martin || data["version"] != float64(e.Version) {
		t.Errorf("%s", r.bodies[0])
	}
	if inner, _ := data["data"].(map[string]any); inner["planCode"] != apitest.Yearly {
		t.Errorf("%s", r.bodies[0])
	}
	if h := r.headers[0]; h.Get("Content-Type") != "application/json" || h.Get("Authorization") != "" {
		t.Errorf("%v", h)
	}
}

// However often and at whatever time an event comes, it is sent once.
func TestAnEventThatComesAgainIsSentOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	arrived, answer := make(chan bool, 100), make(chan bool)
	r := receives(t, func(http.ResponseWriter, *http.Request) { arrived <- true; <-answer })
	b.listens(apitest.Martin, endpoint("whe_1", r.URL))
	e := b.taken()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := b.desk.Handle(t.Context(), webhooks.Message{Event: e}); err != nil {
				t.Error(err)
			}
		})
	}
	<-arrived
	b.handle(e) // while it is on its way
	close(answer)
	all.Wait()
	b.handle(e)
	b.Advance(24 * time.Hour)
	b.handle(e)
	if n := r.got(); n != 1 {
		t.Errorf("it was sent %d times", n)
	}
	if d := b.delivery(e, apitest.Martin, "whe_1"); d.State != webhook.Delivered || d.Attempts != 1 || !d.DueAt.IsZero() {
		t.Errorf("%+v", d)
	}
}

// Only an answer of 200 to 299 is a success, and nothing that an endpoint does is a failure of ours.
func TestWhatEndpointsDo(t *testing.T) {
	t.Parallel()
	elsewhere := receives(t, status(200))
	hang := func(in *http.Request) { <-in.Context().Done() } // until the caller goes
	for name, c := range map[string]struct {
		answer  http.HandlerFunc
		state   webhook.State
		status  int
		excerpt string
		within  [2]time.Duration // until the next attempt
	}{
		"says yes":               {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, " Thank\x00 \xffyou!\n") }, webhook.Delivered, 200, "Thank you!", [2]time.Duration{}},
		"has no content":         {status(204), webhook.Delivered, 204, "", [2]time.Duration{}},
		"says yes without end":   {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("é", 3000)) }, webhook.Delivered, 200, strings.Repeat("é", 200), [2]time.Duration{}},
		"leads elsewhere":        {http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect).ServeHTTP, webhook.Pending, 307, "", soon},
		"leads on for good":      {http.RedirectHandler(elsewhere.URL, http.StatusMovedPermanently).ServeHTTP, webhook.Pending, 301, "", soon},
		"doesn't know it":        {status(404), webhook.Pending, 404, "", soon},
		"is not modified":        {status(304), webhook.Pending, 304, "", soon},
		"fails":                  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500); fmt.Fprint(w, "out of paper") }, webhook.Pending, 500, "out of paper", soon},
		"has too much to do":     {after(429, "600"), webhook.Pending, 429, "", [2]time.Duration{600 * time.Second, 600 * time.Second}},
		"is not there for days":  {after(503, "999999999"), webhook.Pending, 503, "", [2]time.Duration{24 * time.Hour, 24 * time.Hour}},
		"has a strange calendar": {after(503, "Tomorrow"), webhook.Pending, 503, "", soon},
		"is gone":                {status(410), webhook.Unwanted, 410, "", [2]time.Duration{}},
		"hangs":                  {func(_ http.ResponseWriter, in *http.Request) { hang(in) }, webhook.Pending, 0, "no answer within 300ms", soon},
		"hangs in its answer": {func(w http.ResponseWriter, in *http.Request) {
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
			hang(in)
		}, webhook.Delivered, 200, "", [2]time.Duration{}},
		"closes": {func(w http.ResponseWriter, _ *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			c.Close()
		}, webhook.Pending, 0, "EOF", soon},
		"speaks no HTTP": {func(w http.ResponseWriter, _ *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			fmt.Fprint(c, "220 smtp.example ESMTP\r\n")
			c.Close()
		}, webhook.Pending, 0, "", soon},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, r := open(t), receives(t, c.answer)
			if strings.HasPrefix(name, "hangs") {
				b.desk.Post = webhooks.NewPost(here, 300*time.Millisecond)
			}
			b.listens(apitest.Martin, endpoint("whe_1", r.URL))
			e := b.taken()
			b.handle(e)
			d := b.delivery(e, apitest.Martin, "whe_1")
			if d.State != c.state || d.Last == nil || d.Last.Status != c.status || c.excerpt != "" && d.Last.Excerpt != c.excerpt || r.got() != 1 {
				t.Fatalf("%+v, %+v, sent %d times", d, d.Last, r.got())
			}
			if wait := d.DueAt.Sub(b.Now()); c.state == webhook.Pending && (wait < c.within[0] || wait > c.within[1]) {
				t.Errorf("again in %s", wait)
			}
			if c.state != webhook.Pending && !d.DueAt.IsZero() {
				t.Errorf("falls due at %s", d.DueAt)
			}
		})
	}
	t.Cleanup(func() {
		if elsewhere.got() > 0 {
			t.Error("a redirect was followed")
		}
	})
}

// An endpoint that has let an attempt run into its time limit is left alone for a minute, in which the others get what they want; no attempt of
// its own is lost.
func TestASilentEndpointIsLeftAlone(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.desk.Post, b.desk.Rests = webhooks.NewPost(here, 300*time.Millisecond), &webhooks.Rests{}
	silent := receives(t, func(_ http.ResponseWriter, in *http.Request) { <-in.Context().Done() })
	loud := receives(t, status(200))
	b.listens(apitest.Martin, endpoint("whe_silent", silent.URL), endpoint("whe_loud", loud.URL))
	first, second := b.taken(), b.taken()
	second.ID = "evt_second"
	b.handle(first)
	b.handle(second)
	if silent.got() != 1 || loud.got() != 2 {
		t.Errorf("the silent one was tried %d times, the other %d", silent.got(), loud.got())
	}
	d := b.delivery(second, apitest.Martin, "whe_silent")
	if d.State != webhook.Pending || d.Attempts != 0 || !d.DueAt.Equal(b.Now().Add(time.Minute)) {
		t.Errorf("%+v", d)
	}
	b.next()
	if d := b.delivery(second, apitest.Martin, "whe_silent"); silent.got() != 2 || d.Attempts != 1 {
		t.Errorf("after a minute it was tried %d times: %+v", silent.got(), d)
	}
}

var soon = [2]time.Duration{4500 * time.Millisecond, 5500 * time.Millisecond}

func after(code int, seconds string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", seconds)
		w.WriteHeader(code)
	}
}

// An endpoint that can't be reached is tried ten times in about three days, with the same message; then its owner is told, once until
// something arrives again.
func TestAnEndpointThatFailsForThreeDays(t *testing.T) {
	t.Parallel()
	b := open(t)
	works := false
	r := receives(t, func(w http.ResponseWriter, _ *http.Request) {
		if !works {
			w.WriteHeader(500)
		}
	})
	b.listens(apitest.Martin, endpoint("whe_1", r.URL))
	fails := func(id string) webhook.Delivery {
		t.Helper()
		began, e := b.Now(), b.taken()
		e.ID = id
		b.handle(e)
		for range 20 {
			d := b.delivery(e, apitest.Martin, "whe_1")
			if d.State != webhook.Pending {
				if took := b.Now().Sub(began); took < 68*time.Hour || took > 84*time.Hour {
					t.Errorf("given up after %s", took)
				}
				return d
			}
			b.Advance(d.DueAt.Sub(b.Now()))
			body, _ := json.Marshal(table.DueDelivery(d))
			b.comes(string(body))
			b.comes(string(body)) // the attempt was made
		}
		t.Fatal("it is tried without end")
		return webhook.Delivery{}
	}
	d := fails("evt_1")
	if d.State != webhook.GaveUp || d.Attempts != 10 || r.got() != 10 || !d.DueAt.IsZero() {
		t.Fatalf("%+v after %d calls", d, r.got())
	}
	for n := range r.bodies {
		if r.bodies[n] != r.bodies[0] || r.headers[n].Get("webhook-id") != "evt_1" {
			t.Errorf("attempt %d is another: %s", n, r.bodies[n])
		}
	}
	if all := b.Happened(webhook.Failed); len(all) != 1 || all[0].Text("deliveryId") != d.ID || all[0].Actor.Kind != "system" {
		t.Fatalf("told %v", all)
	}
	fails("evt_2")
	if n := len(b.Happened(webhook.Failed)); n != 1 {
		t.Errorf("told %d times", n)
	}
	works = true
	e := b.taken()
	e.ID = "evt_3"
	b.handle(e)
	works = false
	fails("evt_4")
	all := b.Happened(webhook.Failed)
	if len(all) != 2 {
		t.Errorf("told %d times, although one arrived between", len(all))
	}
	for range 2 {
		if err := notices.Handler(b.Table)(t.Context(), all[0]); err != nil {
			t.Fatal(err)
		}
	}
	told := b.As(apitest.Martin, membership.Viewer).Do("GET /v1/partners/"+apitest.Martin+"/notifications", nil).Is(t, 200)
	if len(told.Items()) != 1 || !strings.Contains(told.String("items.0.text"), "127.0.0.1") {
		t.Error(told.Text)
	}
}

// Attempts that are soon wait on the queue; all stand in the index of what falls due, where the scan finds those that don't, and those
// whose message is lost.
func TestNoAttemptIsLost(t *testing.T) {
	t.Parallel()
	b, r := open(t), receives(t, status(500))
	b.listens(apitest.Martin, endpoint("whe_1", r.URL))
	e := b.taken()
	b.handle(e)
	b.next() // after about 5 s
	b.next() // after about 5 min
	if delays := b.queue.delays; len(delays) != 2 || delays[0] < 5 || delays[0] > 7 || delays[1] < 271 || delays[1] > 331 || r.got() != 3 {
		t.Fatalf("put back for %v s, sent %d times", delays, r.got())
	}
	found := &waiting{}
	s := scan.Scan{Table: b.Table, SQS: found, Queues: map[queue.Name]string{queue.Webhook: "webhook", queue.Renewal: "renewal"}}
	b.Advance(20 * time.Minute)
	if err := s.Handle(t.Context()); err != nil || len(found.bodies) != 0 {
		t.Fatalf("%v was found before its time; %v", found.bodies, err)
	}
	b.Advance(20 * time.Minute)
	if err := s.Handle(t.Context()); err != nil || len(found.bodies) != 1 {
		t.Fatalf("found %v; %v", found.bodies, err)
	}
	b.comes(found.bodies[0])
	b.comes(found.bodies[0])
	b.comes(b.queue.bodies[1]) // late
	if r.got() != 4 {
		t.Errorf("sent %d times", r.got())
	}
}

// A message of an attempt that was made, that is not due yet, or of what isn't there does nothing.
func TestMessagesOutOfTurnDoNothing(t *testing.T) {
	t.Parallel()
	b := open(t)
	code := 500
	r := receives(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
	b.listens(apitest.Martin, endpoint("whe_1", r.URL))
	e := b.taken()
	b.handle(e)
	early := b.queue.bodies[0]
	b.comes(early)
	code = 200
	b.next()
	if r.got() != 2 {
		t.Fatalf("sent %d times", r.got())
	}
	b.Advance(time.Hour)
	b.comes(early)
	body, _ := json.Marshal(table.DueDelivery(webhook.Delivery{Owner: apitest.Martin, EndpointID: "whe_1", ID: "whd_none"}))
	b.comes(string(body))
	if r.got() != 2 {
		t.Errorf("sent %d times", r.got())
	}
	if err := b.desk.Handle(t.Context(), webhooks.Message{Due: table.Due{Type: "licence"}}); err == nil {
		t.Error("what is not its own is taken for done")
	}
}

// A function that ends before the outcome is noted has it tried again a minute later; the message is the same one.
func TestAnAttemptWhoseOutcomeIsUnknownIsMadeAgain(t *testing.T) {
	t.Parallel()
	b, r := open(t), receives(t, status(200))
	b.listens(apitest.Martin, endpoint("whe_1", r.URL))
	through, p := b.Through(t)
	desk := b.desk
	desk.Table = through.Table
	p.Before = func(operation string, _ []byte) {
		if operation == "BatchGetItem" && r.got() == 1 {
			p.Arm("TransactWriteItems", 100, proxy.FailBefore)
		}
	}
	e := b.taken()
	if err := desk.Handle(t.Context(), webhooks.Message{Event: e}); err == nil {
		t.Fatal("the message is taken for done")
	}
	b.handle(e)
	if r.got() != 1 {
		t.Fatalf("sent %d times while the first may be under way", r.got())
	}
	b.Advance(webhook.Patience)
	b.handle(e)
	if d := b.delivery(e, apitest.Martin, "whe_1"); r.got() != 2 || d.State != webhook.Delivered || r.headers[0].Get("webhook-id") != r.headers[1].Get("webhook-id") {
		t.Errorf("sent %d times, %+v", r.got(), d)
	}
}

// Replies of the table that are lost lose no attempt and make none twice.
func TestRepliesThatAreLost(t *testing.T) {
	t.Parallel()
	b, r := open(t), receives(t, status(500))
	b.listens(apitest.Martin, endpoint("whe_1", r.URL))
	e := b.taken()
	for n, fault := range []func(*proxy.Proxy){
		func(p *proxy.Proxy) { p.Arm("TransactWriteItems", 3, proxy.DropAfter) },
		func(p *proxy.Proxy) { p.Arm("TransactWriteItems", 3, proxy.DropAfter) },
	} {
		through, p := b.Through(t)
		desk := b.desk
		desk.Table = through.Table
		fault(p)
		message := webhooks.Message{Event: e}
		if n > 0 {
			b.Advance(time.Duration(b.queue.delays[0]) * time.Second)
			message = webhooks.Message{Due: table.DueDelivery(b.delivery(e, apitest.Martin, "whe_1"))}
		}
		if err := desk.Handle(t.Context(), message); err != nil {
			t.Fatal(err)
		}
		if d := b.delivery(e, apitest.Martin, "whe_1"); r.got() != n+1 || d.Attempts != n+1 || len(b.queue.bodies) != n+1 {
			t.Errorf("sent %d times, put back %d times, %+v", r.got(), len(b.queue.bodies), d)
		}
	}
}

// 410 disables the endpoint; its owner is told, and what was on its way there is given up.
func TestAnEndpointThatIsGone(t *testing.T) {
	t.Parallel()
	b := open(t)
	code := 500
	r := receives(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
	other := receives(t, status(200))
	b.listens(apitest.Martin, endpoint("whe_1", r.URL), endpoint("whe_2", other.URL))
	first, second := b.taken(), b.taken()
	second.ID = "evt_second"
	b.handle(first)
	code = 410
	b.handle(second)
	is := read(b, table.WebhooksOf(apitest.Martin)).Endpoints
	if is[0].Enabled || !is[0].Gone || !is[1].Enabled {
		t.Errorf("%+v", is)
	}
	b.Advance(time.Minute)
	b.comes(b.queue.bodies[0])
	for _, e := range []event.Event{first, second} {
		if d := b.delivery(e, apitest.Martin, "whe_1"); d.State != webhook.Unwanted || !d.DueAt.IsZero() {
			t.Errorf("%+v", d)
		}
	}
	all := b.Happened(webhook.Disabled)
	if len(all) != 1 || r.got() != 2 {
		t.Fatalf("told %v, sent %d times", all, r.got())
	}
	before := other.got()
	b.handle(all[0])
	if other.got() != before || r.got() != 2 {
		t.Error("endpoints are told of endpoints, whose failures could go on without end")
	}
	if err := notices.Handler(b.Table)(t.Context(), all[0]); err != nil {
		t.Fatal(err)
	}
	if told := b.As(apitest.Martin, membership.Viewer).Do("GET /v1/partners/"+apitest.Martin+"/notifications", nil); len(told.Items()) != 1 {
		t.Error(told.Text)
	}
	enabled := b.As(apitest.Martin, membership.GlobalAdmin).Do("PATCH /v1/partners/"+apitest.Martin+"/webhooks/endpoints/whe_1", map[string]any{"enabled": true}).Is(t, 200)
	if enabled.Get("gone") != false {
		t.Error(enabled.Text)
	}
}

// What was on its way to an endpoint that is deleted goes nowhere.
func TestADeletedEndpointGetsNothing(t *testing.T) {
	t.Parallel()
	b, r := open(t), receives(t, status(500))
	b.listens(apitest.Martin, endpoint("whe_1", r.URL))
	e := b.taken()
	b.handle(e)
	b.As(apitest.Martin, membership.GlobalAdmin).Do("DELETE /v1/partners/"+apitest.Martin+"/webhooks/endpoints/whe_1", nil).Is(t, 200)
	b.next()
	if d := b.delivery(e, apitest.Martin, "whe_1"); r.got() != 1 || d.State != webhook.Unwanted {
		t.Errorf("sent %d times, %+v", r.got(), d)
	}
}

// A test is sent to the one endpoint, whatever it wants, and says that nothing happened; a replay sends the same message again.
func TestTestsAndReplays(t *testing.T) {
	t.Parallel()
	for owner, by := range map[string]func(*apitest.World) apitest.Client{
		apitest.Martin:    func(w *apitest.World) apitest.Client { return w.As(apitest.Martin, membership.AccountAdmin) },
		webhook.Publisher: func(w *apitest.World) apitest.Client { return w.Machine("operator") },
	} {
		t.Run("of "+owner, func(t *testing.T) {
			t.Parallel()
			b, r := open(t), receives(t, status(200))
			e := endpoint("whe_1", r.URL)
			e.Kinds = []string{"seat.added"}
			b.listens(owner, e)
			path := map[string]string{apitest.Martin: "/v1/partners/" + apitest.Martin, webhook.Publisher: "/v1"}[owner] + "/webhooks/endpoints/whe_1"
			sent := by(b.World).Do("POST "+path+"/test", nil).Is(t, 201)
			tested := b.Happened(webhook.Tested)
			if len(tested) != 1 || tested[0].Subject != owner {
				t.Fatalf("%v", tested)
			}
			for range 2 {
				b.handle(tested[0])
			}
			var got webhook.Message
			if err := json.Unmarshal([]byte(r.bodies[0]), &got); err != nil || r.got() != 1 || got.Type != webhook.Test || got.Livemode || got.ID != sent.String("eventId") {
				t.Fatalf("%v, %v", r.bodies, err)
			}
			by(b.World).Do("POST "+path+"/deliveries/"+sent.String("id")+"/replay", nil).Is(t, 200)
			for range 2 {
				b.handle(b.Happened(webhook.Replayed)[0])
			}
			if r.got() != 2 || r.bodies[1] != r.bodies[0] || r.headers[1].Get("webhook-id") != got.ID {
				t.Errorf("%v", r.bodies)
			}
			list := by(b.World).Do("GET "+path+"/deliveries?state=delivered", nil).Is(t, 200)
			if len(list.Items()) != 1 || list.Get("items.0.lastAttempt.status") != 200.0 || list.Get("items.0.attempts") != 1.0 {
				t.Error(list.Text)
			}
			if none := by(b.World).Do("GET "+path+"/deliveries?state=failed", nil).Is(t, 200); len(none.Items()) != 0 {
				t.Error(none.Text)
			}
		})
	}
}

// Deliveries are listed latest first, page by page.
func TestDeliveriesAreListedLatestFirst(t *testing.T) {
	t.Parallel()
	b, r := open(t), receives(t, status(200))
	b.listens(apitest.Martin, endpoint("whe_1", r.URL))
	by := b.As(apitest.Martin, membership.Sales)
	for range 3 {
		b.Advance(time.Minute)
		by.Do("POST /v1/customers/"+apitest.Dupont+"/licences", map[string]any{"planCode": apitest.Yearly, "term": "year", "quantity": 1}).Is(t, 201)
	}
	var want []string
	for _, e := range b.Happened("licence.taken") {
		if e.PartnerID == apitest.Martin {
			b.handle(e)
			want = append(want, e.ID)
		}
	}
	slices.Reverse(want)
	var got []string
	for cursor := ""; ; {
		page := b.As(apitest.Martin, membership.Viewer).Do("GET /v1/partners/"+apitest.Martin+"/webhooks/endpoints/whe_1/deliveries?limit=2&cursor="+cursor, nil).Is(t, 200)
		for n := range page.Items() {
			got = append(got, page.String(fmt.Sprintf("items.%d.eventId", n)))
		}
		if cursor = page.String("nextCursor"); cursor == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// Where a name leads is looked at when it is dialled: what is private is not reached, whatever it is called.
func TestPrivateAddressesAreNotDialled(t *testing.T) {
	t.Parallel()
	r := receives(t, status(200))
	port := r.URL[strings.LastIndex(r.URL, ":")+1:]
	for _, host := range []string{"localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"} {
		for hosts, want := range map[string]string{"": "the address is not public", "10.1.2.3": "the address is not public"} {
			post := webhooks.NewPost(webhook.Hosts{hosts}, patient)
			out, err := post.Send(t.Context(), endpoint("whe_1", "http://"+host+":"+port), webhook.Delivery{EventID: "evt_1", Body: "{}"}, time.Now())
			if err != nil || out.Status != 0 || out.Excerpt != want {
				t.Errorf("%s: %+v, %v", host, out, err)
			}
		}
	}
	out, err := webhooks.NewPost(here, patient).Send(t.Context(), endpoint("whe_1", "http://localhost:"+port), webhook.Delivery{EventID: "evt_1", Body: "{}"}, time.Now())
	if err != nil || r.got() != 1 || out.Status != 200 {
		t.Errorf("the local cloud's own: %+v, %v; reached %d times", out, err, r.got())
	}
	out, err = webhooks.NewPost(nil, patient).Send(t.Context(), endpoint("whe_1", "https://name.invalid/"), webhook.Delivery{EventID: "evt_1", Body: "{}"}, time.Now())
	if err != nil || strings.Contains(out.Excerpt, ":53") || out.Excerpt == "" {
		t.Errorf("a name that isn't: %+v, %v", out, err)
	}
}

// What was sent for another partner's endpoint is nobody else's.
func TestEndpointsOfOthersAreNotThere(t *testing.T) {
	t.Parallel()
	b, r := open(t), receives(t, status(200))
	b.listens(apitest.Nuage, endpoint("whe_1", r.URL))
	b.listens(webhook.Publisher, endpoint("whe_2", r.URL))
	by := b.As(apitest.Martin, membership.GlobalAdmin)
	for _, id := range []string{"whe_1", "whe_2"} {
		path := "/v1/partners/" + apitest.Martin + "/webhooks/endpoints/" + id
		for _, request := range []string{"GET " + path, "DELETE " + path, "POST " + path + "/secret", "POST " + path + "/test", "GET " + path + "/deliveries", "POST " + path + "/deliveries/whd_1/replay"} {
			by.Do(request, nil).Is(t, 404, "not_found")
		}
		by.Do("PATCH "+path, map[string]any{"enabled": false}).Is(t, 404, "not_found")
	}
	b.Machine("operator").Do("GET /v1/webhooks/endpoints/whe_1", nil).Is(t, 404, "not_found")
	by.Do("GET /v1/webhooks/endpoints", nil).Is(t, 403, "forbidden")
}

// A secret is shown when it is made, and by nothing else.
func TestSecretsAreShownOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	by, path := b.As(apitest.Martin, membership.GlobalAdmin), "/v1/partners/"+apitest.Martin+"/webhooks/endpoints"
	made := by.Do("POST "+path, map[string]any{"url": "https://hooks.martin.example/secret-path?token=1"}).Is(t, 201)
	id, first := made.String("id"), made.String("secret")
	second := by.Do("POST "+path+"/"+id+"/secret", nil).Is(t, 200).String("secret")
	if first == second || len(first) < len("whsec_")+32 {
		t.Errorf("%s, %s", first, second)
	}
	for _, a := range []apitest.Answer{
		by.Do("GET "+path, nil), by.Do("GET "+path+"/"+id, nil), by.Do("PATCH "+path+"/"+id, map[string]any{"kinds": []string{"seat.added"}}),
		by.Do("POST "+path+"/"+id+"/test", nil), by.Do("GET "+path+"/"+id+"/deliveries", nil), by.Do("DELETE "+path+"/"+id, nil),
		by.Do("GET /v1/partners/"+apitest.Martin+"/activity", nil),
	} {
		if a.Status/100 != 2 {
			t.Error(a.Text)
		}
		a.Lacks(t, "whsec_")
		a.Lacks(t, first[len("whsec_"):])
	}
	by.Do("GET /v1/partners/"+apitest.Martin+"/activity", nil).Lacks(t, "token=1")
}
