package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"comptoir/functions/renewals"
	"comptoir/functions/scan"
	"comptoir/infra/local/engine"
	"comptoir/infra/local/resource"
	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/id"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/plan"
	"comptoir/shared/queue"
	"comptoir/shared/seat"
	"comptoir/shared/table"
	"comptoir/shared/table/proxy"
	"comptoir/shared/table/tabletest"
)

const (
	desks   = 8   // workers at the renewal queue
	sampled = 200 // of each kind are handled one after another to be counted
)

// dueDay is the day on which everything falls due, and the time at which it is looked for.
var (
	dueDay, _ = calendar.Of(2026, time.April, 10)
	dueNow    = dueDay.Start(time.UTC).Add(30 * time.Minute)
)

// duePlan is what is held of it: codes and modules as a publisher has them, since each started kilobyte of an item costs.
var duePlan = plan.Plan{
	Code: "COMPTA-PREMIUM", Name: "Compta Premium", Commitment: plan.Committed, TrialDays: 30,
	Modules: map[string]int{module: 1, "payroll": 1}, Prices: map[calendar.Term]money.Money{calendar.Month: price, calendar.Year: price},
}

// house is what falls due, and what looks after it.
type house struct {
	table     *table.Table
	queues    *sqs.Client
	url       string
	direct    string // where the table is
	proxy     *proxy.Proxy
	customers int
}

// whatFallsDue measures what it takes to find what falls due and to look after it: the units by the proxy, of a few of each kind one after another, and
// how many are found and renewed in a second, with the scan, the queue and several workers.
func whatFallsDue(ctx context.Context) error {
	dynamo, err := engine.DynamoDB(ctx, engine.Options{HeapMB: 1024 + *due/25})
	if err != nil {
		return err
	}
	defer dynamo.Stop()
	queues, err := engine.Queues(ctx, engine.Options{})
	if err != nil {
		return err
	}
	defer queues.Stop()
	p, err := proxy.Start(dynamo.URL)
	if err != nil {
		return err
	}
	defer p.Close()
	clients := resource.Connect(engine.Region, "bench", dynamo.URL, queues.URL)
	made, err := clients.SQS.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("renewal")})
	if err != nil {
		return err
	}
	h := &house{queues: clients.SQS, url: *made.QueueUrl, proxy: p}
	h.direct = dynamo.URL
	h.table = h.at(dynamo.URL)
	if _, err := client(dynamo.URL).CreateTable(ctx, tabletest.Schema(tableName)); err != nil {
		return err
	}
	fmt.Printf("\n## What falls due\n\n| of each | read units | write units of the table | of its indexes | round trips |\n|---|---|---|---|---|\n")
	for _, kind := range kindsDue {
		if err := h.count(ctx, kind); err != nil {
			return fmt.Errorf("%s: %w", kind.name, err)
		}
	}
	return h.drain(ctx)
}

func (h *house) at(url string) *table.Table {
	return table.New(client(url), tableName, table.Clock(func() time.Time { return dueNow }))
}

// kindDue is a way for a licence to fall due: when it was taken, and how.
type kindDue struct {
	name    string
	taken   calendar.Date
	reminds []int
	order   func(*licence.Order)
}

var kindsDue = []kindDue{
	{"renewal", dueDay.AddDays(-31), []int{}, func(*licence.Order) {}},
	{"reminder", dueDay.AddDays(-24), []int{7}, func(*licence.Order) {}},
	{"end", dueDay.AddDays(-31), []int{}, func(o *licence.Order) { o.AutoRenew = false }},
	{"trial that becomes a paid licence", dueDay.AddDays(-30), []int{}, func(o *licence.Order) { o.Trial = true }},
	{"trial that is suspended", dueDay.AddDays(-30), []int{}, func(o *licence.Order) { o.Trial, o.AutoRenew = true, false }},
}

// seed imports customers with a licence each, under ids as long as they are made, and gives their licences' messages.
func (h *house) seed(ctx context.Context, kind kindDue, n int) (all []table.Due, err error) {
	const chunk = 2000
	for from := 0; from < n; from += chunk {
		var drafts []*table.Tx
		for range min(chunk, n-from) {
			tx, l := h.account(kind)
			drafts = append(drafts, tx)
			all = append(all, table.Due{Type: table.TypeOf[licence.Licence](), Key: table.Licence(l.CustomerID, l.ID).Key})
		}
		if err := h.table.Import(ctx, drafts...); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (h *house) account(kind kindDue) (*table.Tx, licence.Licence) {
	name := fmt.Sprintf("Menuiserie Petit %06d", h.customers)
	h.customers++
	at := licence.At(kind.taken.Start(time.UTC).Add(11*time.Hour), time.UTC)
	tx := h.table.Draft(at.Now, "seed", seed, "")
	c, _ := customer.Appear(customer.Report{
		CustomerID: id.Derived("cus", name), AccountID: fmt.Sprint("acc-", h.customers), PartnerID: id.Derived("par", "bench"), Name: name,
		Domain: fmt.Sprintf("petit%06d.example", h.customers), SIREN: "732829320",
		Administrator: customer.Administrator{UserID: "auth0|5f7c3d2e1a", Name: "Anne Petit", Mail: fmt.Sprintf("anne@petit%06d.example", h.customers)},
	})
	c.DomainVerifiedAt = at.Now
	p := duePlan
	p.Reminders = kind.reminds
	o := licence.Order{
		LicenceID: id.Derived("lic", name), CustomerID: c.ID, PartnerID: c.PartnerID, Origin: licence.Automatic,
		Quantity: 10, Term: calendar.Month, AutoRenew: true, BillTo: licence.PaidByPartner,
	}
	kind.order(&o)
	l, out, err := licence.Take(o, p, at)
	if err == nil {
		out.Facts, out.Lines = nil, nil // those of the past, paid long ago
		err = tx.Hold(&table.Holder{Customer: c, Seats: seat.Loaded(nil, nil)}, licence.Licence{}, &l, out, at)
	}
	if err != nil {
		panic(err) // the plan is ours
	}
	return tx, l
}

// count has some of a kind handled through the proxy.
func (h *house) count(ctx context.Context, kind kindDue) error {
	p := duePlan
	tx := h.table.Draft(dueNow, "seed", seed, "")
	tx.Put(&p)
	if err := h.table.Import(ctx, tx); err != nil {
		return err
	}
	all, err := h.seed(ctx, kind, min(sampled, *due))
	if err != nil {
		return err
	}
	desk := renewals.Desk{Table: h.at(h.proxy.URL()), Zone: time.UTC}
	h.proxy.Hold = 3 * time.Millisecond
	h.proxy.Reset()
	for _, message := range all {
		if err := desk.Handle(ctx, message); err != nil {
			return err
		}
	}
	u, n := h.proxy.Usage(), float64(len(all))
	h.proxy.Hold = 0
	fmt.Printf("| %s | %.1f | %.1f | %.1f | %.1f |\n", kind.name, u.ReadUnits/n, (u.WriteUnits-u.IndexUnits)/n, u.IndexUnits/n, float64(u.RoundTrips)/n)
	return nil
}

// drain has many licences found and renewed.
func (h *house) drain(ctx context.Context) error {
	fmt.Fprintf(os.Stderr, "Filling a table with %d customers whose licences fall due …\n", *due)
	if _, err := h.seed(ctx, kindsDue[0], *due); err != nil {
		return err
	}
	tx := h.table.Draft(dueNow, "seed", seed, "")
	for shard := range table.DueShards {
		for look, later := range []time.Duration{0, 24 * time.Hour, 240 * time.Hour} {
			b := table.Bookmark{Shard: shard, Look: look}.At(dueNow.Add(-time.Hour - later))
			tx.Put(&b)
		}
	}
	if err := h.table.Import(ctx, tx); err != nil {
		return err
	}
	scanning := scan.Scan{Table: h.at(h.proxy.URL()), SQS: h.queues, Queues: map[queue.Name]string{queue.Renewal: h.url}}
	h.proxy.Reset()
	began := time.Now()
	if err := scanning.Handle(ctx); err != nil {
		return err
	}
	took, found := time.Since(began), h.proxy.Usage()
	began = time.Now()
	tries, err := h.work(ctx)
	if err != nil {
		return err
	}
	worked := time.Since(began)
	h.proxy.Reset()
	if err := scanning.Handle(ctx); err != nil {
		return err
	}
	idle, n := h.proxy.Usage(), float64(*due)
	fmt.Printf("\n%d licences of as many customers:\n\n| | items/s | entries read for each | read units | write units |\n|---|---|---|---|---|\n", *due)
	fmt.Printf("| found and sent by the scan | %.0f | %.3f | %.0f | %.0f |\n", n/took.Seconds(), float64(found.Examined)/n, found.ReadUnits, found.WriteUnits)
	fmt.Printf("| renewed by %d workers, %.2f times received | %.0f | | | |\n", desks, float64(tries)/n, n/worked.Seconds())
	fmt.Printf("| a scan of an hour in which nothing falls due | | %d in all | %.0f | %.0f |\n", idle.Examined, idle.ReadUnits, idle.WriteUnits)
	return nil
}

// work has workers handle what is in the queue, and tells how many messages they received.
func (h *house) work(ctx context.Context) (received int64, err error) {
	var all sync.WaitGroup
	var got, done atomic.Int64
	fails := make(chan error, desks)
	for range desks {
		all.Go(func() {
			handle := queue.Handle(renewals.Desk{Table: h.at(h.direct), Zone: time.UTC}.Handle)
			for done.Load() < int64(*due) {
				n, removed, err := h.batch(ctx, handle)
				if err != nil {
					fails <- err
					return
				}
				got.Add(int64(n))
				done.Add(int64(removed))
			}
		})
	}
	all.Wait()
	select {
	case err = <-fails:
	default:
	}
	return got.Load(), err
}

func (h *house) batch(ctx context.Context, handle func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)) (received, removed int, err error) {
	out, err := h.queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &h.url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1})
	if err != nil || len(out.Messages) == 0 {
		return 0, 0, err
	}
	var batch events.SQSEvent
	for _, m := range out.Messages {
		batch.Records = append(batch.Records, events.SQSMessage{MessageId: *m.MessageId, Body: *m.Body})
	}
	answer, err := handle(ctx, batch)
	if err != nil {
		return 0, 0, err
	}
	failed := map[string]bool{}
	for _, f := range answer.BatchItemFailures {
		failed[f.ItemIdentifier] = true
	}
	var entries []types.DeleteMessageBatchRequestEntry
	for _, m := range out.Messages {
		if !failed[*m.MessageId] {
			entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: m.MessageId, ReceiptHandle: m.ReceiptHandle})
		}
	}
	if len(entries) > 0 {
		_, err = h.queues.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &h.url, Entries: entries})
	}
	return len(out.Messages), len(entries), err
}
