package functions_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	bus "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"comptoir/functions/apitest"
	"comptoir/functions/notices"
	"comptoir/functions/outbox"
	"comptoir/functions/renewals"
	"comptoir/functions/scan"
	"comptoir/functions/trail"
	"comptoir/functions/webhooks"
	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/notice"
	"comptoir/shared/payment"
	"comptoir/shared/queue"
	"comptoir/shared/table"
)

// How many customers a replay has and what it is drawn from may be said: REPLAY=1500, REPLAY_SEED=17. Each customer has some five events.
const (
	replayedByDefault = 150
	replayDays        = 70 // that pass
	workers           = 4
)

// Nothing falls due unnoticed, and nothing happens twice: whatever runs of the scan are killed, whichever messages come twice, late, out of
// order or to two workers at once, and wherever workers are killed, each licence is in the end where its rules lead it, day by day, and everybody
// who is to be told of a fact is told of it once. What can't be handled is a dead letter after five receipts, and is handled once it is
// mended and sent again.
func TestWhatFallsDueHappensOnce(t *testing.T) {
	t.Parallel()
	customers, seed := numberOf(t, "REPLAY", replayedByDefault), numberOf(t, "REPLAY_SEED", rand.Uint64()>>1)
	r := newReplay(t, seed)
	r.populate(int(customers))
	r.spoil()
	for passed := 0; passed < replayDays; {
		days := 1 + r.rng.IntN(15)
		passed += days
		r.run.w.Advance(time.Duration(days) * day)
		r.model.pass(r.run.w.Now())
		r.scan()
		r.late()
		r.drain()
		r.pay()
	}
	r.mend()
	r.tell()
	r.check()
}

// replay is a world in which days pass, and what lies between its handlers. All they reach the table by are processes of their own,
// which are killed.
type replay struct {
	t         *testing.T
	seed      uint64
	rng       *rand.Rand
	run       *historyRun
	post      *apitest.Post
	model     *plainTerms
	lines     map[queue.Name]*memoryLine
	poison    map[string]bool // the bodies of what can never be handled
	spoilt    *plainTerm      // fails until it is mended
	old       []string        // messages that were sent before
	announced map[string]bool // the ids of the events that lie on the bus
	let       []string        // the customers that Martin's accountant is let into

	mu    sync.Mutex
	freed *sync.Cond // when a worker is done with a batch
	busy  int        // workers

	messages, receipts, kills, timeouts, redriven, refusals atomic.Int64
	events, notifications                                   int
}

func newReplay(t *testing.T, seed uint64) *replay {
	r := &replay{
		t: t, seed: seed, rng: rand.New(rand.NewPCG(seed, 0)), run: newHistoryRun(t), post: apitest.NewPost(t),
		model: &plainTerms{zone: apitest.Env.Zone}, lines: map[queue.Name]*memoryLine{}, poison: map[string]bool{}, announced: map[string]bool{},
	}
	r.freed = sync.NewCond(&r.mu)
	for n, name := range queue.All {
		r.lines[name] = newMemoryLine(seed + uint64(n))
	}
	return r
}

// urls are the queues' names: the replay is what their messages go to.
func (r *replay) urls() map[queue.Name]string {
	all := map[queue.Name]string{}
	for _, name := range queue.All {
		all[name] = string(name)
	}
	return all
}

// SendMessageBatch takes messages as SQS does: at times it refuses some, or is not there.
func (r *replay) SendMessageBatch(ctx context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out := &sqs.SendMessageBatchOutput{}
	trouble := rand.IntN(40)
	for n, e := range in.Entries {
		if trouble == 0 || trouble == 1 && n%3 == 0 {
			r.refusals.Add(1)
			out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Code: aws.String("InternalError")})
			continue
		}
		r.messages.Add(1)
		r.lines[queue.Name(*in.QueueUrl)].send(*e.MessageBody)
	}
	return out, nil
}

// PutEvents takes events as the bus does: at times it refuses some.
func (r *replay) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	out := &eventbridge.PutEventsOutput{}
	for _, e := range in.Entries {
		var said struct{ ID string }
		if err := json.Unmarshal([]byte(*e.Detail), &said); err != nil {
			return nil, err
		}
		var entry bus.PutEventsResultEntry
		if rand.IntN(100) == 0 {
			entry.ErrorCode = aws.String("ThrottlingException")
		} else {
			r.announced[said.ID] = true
		}
		out.Entries = append(out.Entries, entry)
	}
	return out, nil
}

// scan runs until a run is through; every other is killed somewhere.
func (r *replay) scan() {
	for tries := 0; ; tries++ {
		if tries == 100 {
			r.t.Fatalf("REPLAY_SEED=%d: the scan never comes to its end", r.seed)
		}
		ctx, cancel := context.WithCancel(r.t.Context())
		if r.rng.IntN(2) == 0 {
			ctx, cancel = context.WithTimeout(ctx, time.Duration(r.rng.IntN(60))*time.Millisecond)
		}
		err := scan.Scan{Table: r.run.w.Table, SQS: r, Queues: r.urls(), Page: 10 + r.rng.IntN(100)}.Handle(ctx)
		cancel()
		if err == nil {
			return
		}
	}
}

// late has messages of days before come again.
func (r *replay) late() {
	line := r.lines[queue.Renewal]
	line.mu.Lock()
	for _, m := range line.messages {
		if r.rng.IntN(10) == 0 {
			r.old = append(r.old, m.body)
		}
	}
	line.mu.Unlock()
	for range min(len(r.old), 20) {
		line.send(r.old[r.rng.IntN(len(r.old))])
	}
}

// pay has everybody pay what is open, before it is overdue.
func (r *replay) pay() {
	for _, it := range r.run.w.Items() {
		if it.Type != table.TypeOf[payment.Account]() {
			continue
		}
		customerID := strings.TrimPrefix(it.Key.PK, "CUSTOMER#")
		account := r.run.w.Machine("operator").Do("GET /v1/customers/"+customerID+"/account", nil).Is(r.t, 200)
		for _, open := range account.Get("open").([]any) {
			o := open.(map[string]any)
			r.run.w.Machine("product").Do("POST /v1/payments", map[string]any{
				"externalId": "pays-" + fmt.Sprint(o["chargeId"]), "customerId": customerID, "billTo": o["billTo"], "amount": o["left"], "chargeId": o["chargeId"],
			}).Is(r.t, 201)
		}
	}
}

// drain has workers handle all messages until none is left. What fails by chance five times is sent again; poison stays among the dead letters.
func (r *replay) drain() {
	for round := 0; ; round++ {
		if round == 20 {
			r.t.Fatalf("REPLAY_SEED=%d: there are dead letters again and again", r.seed)
		}
		var all sync.WaitGroup
		for n := range workers {
			rng := rand.New(rand.NewPCG(r.rng.Uint64(), uint64(n)))
			all.Go(func() { r.work(rng) })
		}
		all.Wait()
		sent := 0
		for _, line := range r.lines {
			sent += r.redrive(line)
		}
		if sent == 0 {
			return
		}
	}
}

// redrive sends the dead letters again that are no poison, and gives how many.
func (r *replay) redrive(line *memoryLine) (sent int) {
	line.dead.mu.Lock()
	for _, m := range slices.Clone(line.dead.messages) {
		if !r.isPoison(m.body) {
			line.dead.drop(m)
			defer line.send(m.body)
			sent++
		}
	}
	line.dead.mu.Unlock()
	r.redriven.Add(int64(sent))
	return sent
}

// work is one worker after another, each until it is killed.
func (r *replay) work(rng *rand.Rand) {
	p := r.run.process(r.t)
	defer func() { p.end() }()
	for name, batch := r.next(); len(batch) > 0 && !r.t.Failed(); name, batch = r.next() {
		r.receipts.Add(int64(len(batch)))
		if done, alive := r.handle(p, rng, name, batch); alive {
			r.lines[name].remove(done...)
		} else {
			r.kills.Add(1)
			p.end()
			p = r.run.process(r.t)
		}
		r.mu.Lock()
		r.busy--
		r.freed.Broadcast()
		r.mu.Unlock()
	}
}

// next is a batch of some queue, none when all are empty. Where all messages are with others, it waits until one of these is done, and where nobody is
// left who is at work, until they come again.
func (r *replay) next() (queue.Name, []events.SQSMessage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		left := 0
		for _, n := range rand.Perm(len(queue.All)) {
			line := r.lines[queue.All[n]]
			if batch := line.receive(); len(batch) > 0 {
				r.busy++
				return queue.All[n], batch
			}
			left += line.left()
		}
		switch {
		case left == 0:
			return "", nil
		case r.busy > 0:
			r.freed.Wait()
		default:
			for _, line := range r.lines {
				line.wait()
			}
		}
	}
}

// handle has a process handle a batch, and gives what is to be removed from the queue. The process may be killed, by a fault of its table or
// because its time is over; then nobody hears what became of the batch.
func (r *replay) handle(p *process, rng *rand.Rand, name queue.Name, batch []events.SQSMessage) (done []events.SQSMessage, alive bool) {
	ctx, cancel := context.WithCancel(r.t.Context())
	if rng.IntN(3) == 0 {
		mishap(p, rng)
	}
	if rng.IntN(20) == 0 {
		ctx, cancel = context.WithTimeout(ctx, time.Duration(rng.IntN(50))*time.Millisecond)
	}
	defer cancel()
	heard := make(chan events.SQSEventResponse, 1)
	go func() {
		answer, _ := r.handler(p.Table, name)(ctx, events.SQSEvent{Records: batch}) // never fails as a whole
		heard <- answer
	}()
	var answer events.SQSEventResponse
	select {
	case <-p.proxy.Killed():
		return nil, false
	case answer = <-heard:
	}
	if ctx.Err() != nil {
		r.timeouts.Add(1)
		return nil, false
	}
	return slices.DeleteFunc(batch, func(m events.SQSMessage) bool {
		return slices.Contains(answer.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
	}), true
}

func mishap(p *process, rng *rand.Rand) {
	sum := 0
	for _, m := range mishaps {
		sum += m.weight
	}
	n := rng.IntN(sum)
	for _, m := range mishaps {
		if n -= m.weight; n < 0 {
			m.arm(p)
			return
		}
	}
}

// handler is the function that a queue starts, with a table of its own.
func (r *replay) handler(t *table.Table, name queue.Name) func(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	switch name {
	case queue.Renewal:
		return queue.Handle(renewals.Desk{Table: t, Zone: apitest.Env.Zone}.Handle)
	case queue.Notice:
		return queue.Handle(notices.Desk{Table: t, Post: r.post.Sender, ResetURL: "https://sign-in.example/reset"}.Handle)
	case queue.OverLimit:
		return queue.Handle(notices.Handler(t))
	case queue.Webhook: // nobody has an endpoint
		return queue.Handle(webhooks.Desk{Table: t, Post: webhooks.NewPost(nil, time.Second), Queue: queue.Sender{SQS: nowhereElse{}}}.Handle)
	}
	return queue.Handle(trail.Handler(t))
}

// tell replays the stream of all events, and of those that follow from them, in the order of nothing, some twice.
func (r *replay) tell() {
	streamed := map[string]bool{}
	for {
		var records []json.RawMessage
		for _, it := range r.run.w.Items() {
			if it.Type == table.EventType && !streamed[it.Key.SK] {
				streamed[it.Key.SK] = true
				for range 1 + r.rng.IntN(5)/4 {
					records = append(records, it.Image)
				}
			}
		}
		if len(records) == 0 {
			return
		}
		r.rng.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		r.stream(records)
		r.drain()
	}
}

// stream brings records to the outbox, a hundred at once, and again from the one that it reports.
func (r *replay) stream(records []json.RawMessage) {
	const most = 100
	for from, tries := 0, 0; from < len(records); tries++ {
		if tries > 100+len(records) {
			r.t.Fatalf("REPLAY_SEED=%d: the stream stands still", r.seed)
		}
		to := min(from+most, len(records))
		var texts []string
		for n, image := range records[from:to] {
			texts = append(texts, fmt.Sprintf(`{"dynamodb":{"SequenceNumber":"%d","NewImage":%s}}`, from+n, image))
		}
		var batch outbox.Batch
		if err := json.Unmarshal(fmt.Appendf(nil, `{"Records":[%s]}`, strings.Join(texts, ",")), &batch); err != nil {
			r.t.Fatal(err)
		}
		answer, err := outbox.Outbox{SQS: r, Queues: r.urls(), Events: r, Bus: "bus"}.Handle(r.t.Context(), batch)
		if err != nil {
			r.t.Fatal(err)
		}
		from = to
		for _, f := range answer.BatchItemFailures {
			fmt.Sscan(f.ItemIdentifier, &from)
		}
	}
}

// The poison: what can't be read, what nobody looks after, and what fails until it is mended.
const (
	spoiltCustomer = "cus_spoilt"
	spoiltLicence  = "lic_spoilt"
	spoiltEvent    = "evt_06edestqg0spoilt00000000"
)

// spoil puts poison into each queue. Of the item of a licence whose customer is missing the scan sends a message like any other.
func (r *replay) spoil() {
	for _, name := range queue.All {
		for _, body := range []string{"unreadable in " + string(name), `["no message of ` + string(name) + `"]`} {
			r.poison[body] = true
			r.lines[name].send(body)
		}
	}
	odd, _ := json.Marshal(table.Due{Type: "nothing", Key: table.Key{PK: "a", SK: "b"}})
	told, _ := json.Marshal(event.Event{
		Fact: event.New("licence.taken", nil), ID: spoiltEvent, At: apitest.Start, Subject: spoiltCustomer, PartnerID: apitest.Martin, Livemode: true,
	})
	r.poison[string(odd)] = true
	r.lines[queue.Renewal].send(string(odd))
	r.lines[queue.Notice].send(string(told))
	r.orphan()
}

// orphan puts a licence there whose customer is missing.
func (r *replay) orphan() {
	r.run.w.Have(func(tx *table.Tx) {
		l, _ := r.take(spoiltCustomer, spoiltLicence, apitest.Martin, renewing)
		tx.Put(&l)
		r.spoilt = r.model.add(l)
		r.spoilt.waits = true
	})
}

// isPoison tells what no worker can handle yet.
func (r *replay) isPoison(body string) bool {
	return r.poison[body] || r.spoilt.waits && strings.Contains(body, spoiltCustomer)
}

// mend removes what can't be read from the dead letters, puts the customer there that was missing, and has the rest handled.
func (r *replay) mend() {
	removed := map[string]bool{}
	for _, line := range r.lines {
		line.dead.mu.Lock()
		for _, m := range slices.Clone(line.dead.messages) {
			if r.poison[m.body] {
				removed[m.body] = true
				line.dead.drop(m)
			}
		}
		line.dead.mu.Unlock()
	}
	if !maps.Equal(removed, r.poison) {
		r.t.Errorf("REPLAY_SEED=%d: the dead letters were %v, the poison %v", r.seed, removed, r.poison)
	}
	if n := r.lines[queue.Renewal].dead.left(); n == 0 {
		r.t.Errorf("REPLAY_SEED=%d: the licence without a customer is no dead letter", r.seed)
	}
	r.adopt()
	r.drain()
}

// adopt puts the customer there that was missing.
func (r *replay) adopt() {
	r.run.w.Have(func(tx *table.Tx) {
		c, _ := customer.Appear(customer.Report{CustomerID: spoiltCustomer, AccountID: spoiltCustomer, PartnerID: apitest.Martin, Name: "Spoilt"})
		c = c.Hold(r.spoilt.Licence, calendar.On(apitest.Start, apitest.Env.Zone))
		tx.Put(&c)
	})
	r.spoilt.waits = false
	r.model.pass(r.run.w.Now())
}

// check sees what has become of everything.
func (r *replay) check() {
	w := r.run.w
	var wrong []string
	say := func(format string, args ...any) {
		if len(wrong) < 20 {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	happened, told, ids := map[string][]string{}, map[string]bool{}, map[string]int{}
	wantTold := map[string]bool{}
	facts := map[string]int{}
	for _, it := range w.Items() {
		switch it.Type {
		case table.EventType:
			e, err := table.EventFrom(it.Image)
			if err != nil {
				r.t.Fatal(err)
			}
			r.events++
			if ids[e.ID]++; ids[e.ID] > 1 {
				say("the event %s is there twice", e.ID)
			}
			if e.Operation == "renewLicence" && strings.HasPrefix(e.Kind, "licence.") {
				happened[e.Text("licenceId")] = append(happened[e.Text("licenceId")], terms(e.Fact))
			}
			if slices.Contains(followed, e.Kind) {
				facts[e.Kind+" "+e.Subject]++
			}
			if e.Livemode && !r.announced[e.ID] {
				say("%s, %s, is not on the bus", e.Kind, e.ID)
			}
			for _, organisation := range notice.Told(e) {
				wantTold[organisation+" "+e.ID] = true
				if e.Operation == "renewLicence" {
					facts[strings.Join([]string{e.Kind, organisation, e.Text("licenceId"), e.Text("periodStart"), e.Text("module"), fmt.Sprint(e.Data["days"]), e.Text("periodEnd")}, " ")]++
				}
			}
		case "notification":
			r.notifications++
			of := strings.SplitN(it.Key.PK, "#", 2)[1]
			told[of+" "+strings.TrimPrefix(it.Key.SK, "NOTIFICATION#")] = true
		}
	}
	for _, kind := range followed {
		for _, id := range r.let {
			if facts[kind+" "+id] == 0 {
				say("%s has no %s", id, kind)
			}
		}
	}
	for fact, times := range facts {
		if times > 1 {
			say("%s is there %d times", fact, times)
		}
	}
	wantTold[apitest.Martin+" "+spoiltEvent] = true
	for key := range wantTold {
		if !told[key] {
			say("%s is not told", key)
		}
	}
	for key := range told {
		if !wantTold[key] {
			say("%s is told, of nothing", key)
		}
	}
	for _, plain := range r.model.all {
		slices.Sort(happened[plain.ID])
		want := slices.Sorted(slices.Values(plain.facts))
		if got := happened[plain.ID]; !slices.Equal(got, want) {
			say("to %s happened\n\t%v\nand should have\n\t%v", plain.ID, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
		}
	}
	for _, name := range queue.All {
		line := r.lines[name]
		if line.left()+line.dead.left() > 0 || line.most > receivesAlive {
			say("%s has %d messages and %d dead letters, and one was received %d times", name, line.left(), line.dead.left(), line.most)
		}
	}
	r.standing(say)
	for _, text := range wrong {
		r.t.Errorf("REPLAY_SEED=%d: %s", r.seed, text)
	}
	r.t.Logf("%d licences, %d events, %d notifications, %d messages sent and %d received, %d refused, %d workers killed (%d for time), %d dead letters sent again",
		len(r.model.all), r.events, r.notifications, r.messages.Load(), r.receipts.Load(), r.refusals.Load(), r.kills.Load(), r.timeouts.Load(), r.redriven.Load())
}
