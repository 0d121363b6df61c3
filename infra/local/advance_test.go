package main

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/infra/local/blueprint"
	"comptoir/infra/local/engine"
	"comptoir/infra/local/resource"
	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/event"
	"comptoir/shared/licence"
	"comptoir/shared/money"
	"comptoir/shared/plan"
	"comptoir/shared/seat"
	"comptoir/shared/table"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

const template = "../snapshot/comptoir.template.json"

// buildWhole makes all functions of the template: those that look after what falls due and those that are named, and for the others one that answers null.
func buildWhole(t *testing.T, folder string, named ...string) {
	t.Helper()
	run := func(out, pkg string) {
		output, err := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", out, pkg).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
	}
	data, err := os.ReadFile(template)
	if err != nil {
		t.Fatal(err)
	}
	b, err := blueprint.Read(data, blueprint.World{Region: engine.Region, AccountID: accountID})
	if err != nil {
		t.Fatal(err)
	}
	idle := filepath.Join(folder, "idle")
	run(idle, "./runtime/testdata/function")
	for _, f := range b.Functions {
		binary := filepath.Join(folder, f.Name, "bootstrap")
		if slices.Contains(append(named, "scan", "renewals", "outbox"), f.Name) {
			run(binary, "../../functions/"+f.Name+"/bootstrap")
			continue
		}
		if err := os.MkdirAll(filepath.Dir(binary), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Link(idle, binary); err != nil {
			t.Fatal(err)
		}
	}
}

// trying has a licence of a month on trial for five days from today, which becomes a paid one by itself, and another for which that is due
// half an hour later.
func trying(t *testing.T) Seed {
	return func(ctx context.Context, client *dynamodb.Client, name string) error {
		kept := table.New(client, name)
		tx := kept.Draft(time.Now(), "seed", event.Actor{ID: "seed", Kind: "machine"}, "")
		at := licence.At(tx.Now, paris(t))
		p := plan.Plan{
			Code: "START", Name: "Start", Commitment: plan.Flexible, Modules: map[string]int{"compta": 1},
			Prices: map[calendar.Term]money.Money{calendar.Month: {Amount: 990, Currency: "EUR"}}, TrialDays: 5, Reminders: []int{2},
		}
		c, _ := customer.Appear(customer.Report{CustomerID: "cus_a", AccountID: "a", PartnerID: "par_a", Name: "A"})
		l, out, err := licence.Take(licence.Order{
			LicenceID: "lic_a", CustomerID: c.ID, PartnerID: c.PartnerID, Quantity: 1, Term: calendar.Month, Trial: true, AutoRenew: true, BillTo: licence.PaidByPartner,
		}, p, at)
		if err != nil {
			return err
		}
		tx.Put(&p)
		if err := tx.Hold(&table.Holder{Customer: c, Seats: seat.Loaded(nil, nil)}, licence.Licence{}, &l, out, at); err != nil {
			return err
		}
		later := l
		later.Version, later.ID, later.DueAt = 0, "lic_later", l.End.Start(paris(t)).Add(30*time.Minute)
		tx.Put(&later)
		return kept.Import(ctx, tx)
	}
}

// held is the licence, and what has happened to it, latest first.
func held(t *testing.T, a addresses) (l licence.Licence, happened []event.Event) {
	t.Helper()
	kept := table.New(resource.Connect(engine.Region, "local", a.DynamoDB, a.Queues).DynamoDB, a.Tables[0])
	ref, activity := table.Licence("cus_a", "lic_a"), table.Activity("cus_a", "", table.Page{Limit: 100})
	_, err := table.Read(t.Context(), kept, table.Call{Load: []table.Load{ref, activity}, Allow: table.Unasked}, func(tx *table.Tx) (*struct{}, error) {
		l, _ = ref.Find(tx)
		happened, _ = activity.Rows(tx)
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return l, happened
}

// move has the cloud move its clock, and returns what it tells.
func move(t *testing.T, a addresses, by string) string {
	t.Helper()
	answer, err := http.Post(a.API+clockPath, "text/plain", strings.NewReader(by))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var told []string
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatalf("%v: %s", err, lines.Text())
		}
		told = append(told, l.Text+l.Error)
		if l.Done {
			return strings.Join(told, "\n")
		}
	}
	t.Fatalf("it did not come to its end: %v", told)
	return ""
}

// A week goes by in a running cloud: what falls due is done on its day, what can't be done is told of, and the clock stays moved.
func TestAWeekGoesBy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	buildWhole(t, filepath.Join(dir, "bin"))
	s := testSettings(dir, filepath.Join(dir, "bin"))
	s.snapshot, s.seed, s.port = template, trying(t), freePort(t)
	a, stop := start(t, s)
	taken, _ := held(t, a)

	clients := resource.Connect(engine.Region, "local", a.DynamoDB, a.Queues)
	poison := poisonIn(t, clients.SQS, "renewal")
	putInBuckets(t, clients.S3)
	told := move(t, a, "7d")
	if left := inBuckets(t, clients.S3); left["archive"] != 0 || left["accesses"] != 1 {
		t.Errorf("after a week the buckets hold %v", left)
	}
	paid, happened := held(t, a)
	if paid.OnTrial || paid.Start != taken.End {
		t.Errorf("after the trial that ended on %v there is a licence from %v, on trial: %t", taken.End, paid.Start, paid.OnTrial)
	}
	var kinds []string
	for _, e := range happened {
		kinds = append(kinds, e.Kind)
		if e.Kind == "licence.trialConverted" && calendar.On(e.At, paris(t)) != taken.End {
			t.Errorf("it was converted at %v, not on %v", e.At, taken.End)
		}
	}
	if want := []string{"licence.trialConverted", "licence.trialConverted", licence.Reminded, "licence.taken"}; !slices.Equal(kinds, want) {
		t.Errorf("there happened %v; want %v", kinds, want)
	}
	for _, want := range []string{
		taken.End.AddDays(-2).String() + "  1 reminded\n", taken.End.String() + "  2 converted\n", "All in all: 2 converted, 1 reminded.",
		"1 message landed in the dead-letter queue " + poison,
	} {
		if !strings.Contains(told, want) {
			t.Errorf("it does not tell %q but\n%s", want, told)
		}
	}
	if err := bringBack(t.Context(), s.dir, "renewal"); err != nil {
		t.Error(err)
	}
	refusals(t, a)

	if err := stop(); err != nil {
		t.Error(err)
	}
	s.port = freePort(t)
	a, stop = start(t, s)
	if _, page := get(t, a.API+"/", ""); !strings.Contains(page, calendar.On(time.Now().In(paris(t)).AddDate(0, 0, 7), paris(t)).String()) {
		t.Errorf("the clock does not show the day a week from now: %s", page)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// poisonIn sends a message that nobody can handle, and returns the name of the dead-letter queue it is to land in.
func poisonIn(t *testing.T, client *sqs.Client, queue string) string {
	t.Helper()
	list := func(prefix string) string {
		out, err := client.ListQueues(t.Context(), &sqs.ListQueuesInput{QueueNamePrefix: &prefix})
		if err != nil || len(out.QueueUrls) != 1 {
			t.Fatalf("queues %s: %v, %v", prefix, out, err)
		}
		return out.QueueUrls[0]
	}
	_, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String(list(queue + "queue")), MessageBody: aws.String("nonsense")})
	if err != nil {
		t.Fatal(err)
	}
	dead := list(queue + "deadqueue")
	return dead[strings.LastIndex(dead, "/")+1:]
}

// refusals finds that nobody moves the clock by accident or from another site.
func refusals(t *testing.T, a addresses) {
	t.Helper()
	for _, c := range []struct {
		name, method, by, site string
		want                   int
	}{
		{"a page of another site", "POST", "1d", "cross-site", http.StatusForbidden},
		{"no time to come", "POST", "-1d", "", http.StatusBadRequest},
		{"too far", "POST", "3y", "", http.StatusBadRequest},
		{"a look", "GET", "1d", "", http.StatusMethodNotAllowed},
	} {
		request, err := http.NewRequestWithContext(t.Context(), c.method, a.API+clockPath, strings.NewReader(c.by))
		if err != nil {
			t.Fatal(err)
		}
		if c.site != "" {
			request.Header.Set("Sec-Fetch-Site", c.site)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != c.want {
			t.Errorf("%s: status %d; want %d", c.name, answer.StatusCode, c.want)
		}
	}
}

func TestTheClockIsMovedByOneAtATime(t *testing.T) {
	t.Parallel()
	c := newCloud(settings{}, nil, "")
	c.moving.Lock()
	if err := c.advance(t.Context(), span{days: 1}, nil); err != errMoving {
		t.Errorf("a second one: %v; want %v", err, errMoving)
	}
}
