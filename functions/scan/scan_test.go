package scan_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"comptoir/functions/apitest"
	"comptoir/functions/scan"
	"comptoir/shared/licence"
	"comptoir/shared/queue"
	"comptoir/shared/statement"
	"comptoir/shared/table"
)

const day = 24 * time.Hour

// page is how many items of a shard a scan of these tests reads, and sends, before it notes how far it is.
const page = 10

// sender takes messages as SQS does.
type sender struct {
	mu      sync.Mutex
	sent    map[table.Key]int // how often each item was
	all     int
	months  int // that are to be closed
	longest int
	before  func(n int) error    // before the n-th call, from 1
	refuse  func(id string) bool // of the entries of a call
	calls   int
}

func (s *sender) SendMessageBatch(ctx context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if s.before != nil {
		if err := s.before(s.calls); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(in.Entries) == 0 || len(in.Entries) > 10 || *in.QueueUrl == "" {
		return nil, fmt.Errorf("%d entries to %s: SQS takes one to ten", len(in.Entries), *in.QueueUrl)
	}
	out := &sqs.SendMessageBatchOutput{}
	for _, e := range in.Entries {
		var due table.Due
		if err := json.Unmarshal([]byte(*e.MessageBody), &due); err != nil {
			return nil, err
		}
		month := due.Type == table.TypeOf[statement.Closing]()
		if month != (*in.QueueUrl == "the queue of statements") {
			return nil, fmt.Errorf("a %s was sent to %s", due.Type, *in.QueueUrl)
		}
		if month { // of the world's partners: tests are about other things
			s.months++
			continue
		}
		if s.refuse != nil && s.refuse(*e.Id) {
			out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Code: aws.String("InternalError")})
			continue
		}
		if s.sent == nil {
			s.sent = map[table.Key]int{}
		}
		s.sent[due.Key]++
		s.all++
		s.longest = max(s.longest, len(*e.MessageBody))
	}
	return out, nil
}

// taken are what was sent since it was asked last.
func (s *sender) taken() map[table.Key]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	sent := s.sent
	s.sent = nil
	return sent
}

func scanning(w *apitest.World, s *sender) scan.Scan {
	return scan.Scan{Table: w.Table, SQS: s, Queues: map[queue.Name]string{queue.Renewal: "the queue", queue.Statement: "the queue of statements"}, Page: page}
}

// scanned is a world in which nothing falls due but what a test has fall due, and which was scanned just now.
func scanned(t *testing.T) (*apitest.World, *sender) {
	t.Helper()
	w := apitest.New(t)
	handle(t, w, table.Licence(apitest.Durand, apitest.DurandLicence).Key, table.Licence(apitest.Nuit, apitest.NuitLicence).Key)
	w.Scanned()
	return w, &sender{}
}

func run(t *testing.T, w *apitest.World, s *sender) {
	t.Helper()
	if err := scanning(w, s).Handle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// falling has n licences of many customers fall due at an instant, the n-th at step times n later.
func falling(w *apitest.World, n int, at time.Time, step time.Duration) (all []table.Key) {
	const chunk = 1000
	for from := 0; from < n; from += chunk {
		w.Have(func(tx *table.Tx) {
			tx.Now = w.Now()
			for i := from; i < min(n, from+chunk); i++ {
				l := licence.Licence{
					ID: fmt.Sprintf("lic_%06d", i), CustomerID: fmt.Sprintf("cus_%04d", i/2), Batches: []licence.Batch{}, DueAt: at.Add(time.Duration(i) * step),
				}
				tx.Put(&l)
				all = append(all, table.Licence(l.CustomerID, l.ID).Key)
			}
		})
	}
	return all
}

// handle takes items out of what falls due, as who looks after them does.
func handle(t *testing.T, w *apitest.World, keys ...table.Key) {
	t.Helper()
	for _, key := range keys {
		ref := table.Ref[licence.Licence]{Key: key}
		_, _, err := table.Write(t.Context(), w.Table, table.Call{Load: []table.Load{ref}, Allow: table.Unasked}, func(tx *table.Tx) (*struct{}, error) {
			l, err := ref.Get(tx)
			l.DueAt = time.Time{}
			tx.Put(&l)
			return nil, err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// wantSent fails unless each of the items, and no other, was sent so often.
func wantSent(t *testing.T, what string, got map[table.Key]int, want []table.Key, times int) {
	t.Helper()
	wrong := 0
	for _, key := range want {
		if got[key] != times {
			wrong++
		}
	}
	if wrong > 0 || len(got) != len(want) && times > 0 || times == 0 && len(got) > 0 {
		t.Errorf("%s: of %d items %d were not sent %d times; %d were sent", what, len(want), wrong, times, len(got))
	}
}

func TestWhatFallsDueIsSent(t *testing.T) {
	t.Parallel()
	w, s := scanned(t)
	soon := falling(w, 50, w.Now().Add(time.Hour), time.Minute)
	run(t, w, s)
	wantSent(t, "before it is due", s.taken(), soon, 0)
	w.Advance(time.Hour + 24*time.Minute)
	run(t, w, s)
	wantSent(t, "of those due half are", s.taken(), soon[:25], 1)
	handle(t, w, soon[:25]...)
	w.Advance(25 * time.Minute)
	run(t, w, s)
	wantSent(t, "what was handled is not sent again", s.taken(), soon[25:], 1)
	handle(t, w, soon[25:]...)
	for _, after := range []time.Duration{time.Minute, time.Hour, day, 9 * day, 10 * day} {
		w.Advance(after)
		run(t, w, s)
		wantSent(t, "what was handled", s.taken(), soon, 0)
	}
	if s.longest > 200 {
		t.Errorf("a message has %d bytes: it should say where the item is, and no more", s.longest)
	}
}

// The first run of all finds what has been falling due for weeks.
func TestTheFirstScanLooksBack(t *testing.T) {
	t.Parallel()
	w, s := apitest.New(t), &sender{}
	due := falling(w, 6, w.Now().Add(day), 9*day)
	w.Advance(50 * day)
	run(t, w, s)
	wantSent(t, "forty-six days", s.taken(), due, 1)
	if s.months != 2 { // both partners', since the first of April
		t.Errorf("%d months were sent to be closed", s.months)
	}
}

// A run that is killed anywhere loses nothing; what it had sent of a page comes again.
func TestAScanThatIsKilledLosesNothing(t *testing.T) {
	t.Parallel()
	const items = table.DueShards * page * 5 / 2          // some pages in each shard
	for _, kill := range []int{1, 2, 9, 16, 17, 33, 39} { // calls to SQS; all make 48 or so
		t.Run(fmt.Sprint("by call ", kill), func(t *testing.T) {
			t.Parallel()
			w, s := scanned(t)
			due := falling(w, items, w.Now().Add(time.Hour), 0)
			w.Advance(2 * time.Hour)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s.before = func(n int) error {
				if n == kill {
					cancel()
				}
				return nil
			}
			if err := scanning(w, s).Handle(ctx); err == nil {
				t.Fatal("it was killed, and says it is done")
			}
			s.before = nil
			run(t, w, s)
			twice := map[int]int{} // by shard
			for _, key := range due {
				switch n := s.sent[key]; {
				case n == 0 || n > 2:
					t.Fatalf("%v was sent %d times", key, n)
				case n == 2:
					twice[table.ShardOf(key.PK)]++
				}
			}
			if most := slices.Max(append(slices.Collect(maps.Values(twice)), 0)); most > page {
				t.Errorf("%d items of a shard were sent twice", most)
			}
		})
	}
}

// A run that meets the bookmarks of one that was killed beside it goes on from them.
func TestAScanGoesOnWhereOneBesideItWasKilled(t *testing.T) {
	t.Parallel()
	w, s := scanned(t)
	due := falling(w, table.DueShards*page*5/2, w.Now().Add(time.Hour), 0)
	w.Advance(2 * time.Hour)
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	killed := &sender{before: func(n int) error {
		if n == 33 {
			kill()
		}
		return nil
	}}
	s.before = func(n int) error {
		if n > 1 {
			return nil
		}
		if err := scanning(w, killed).Handle(ctx); err == nil {
			t.Error("it was killed, and says it is done")
		}
		return nil
	}
	run(t, w, s)
	for _, key := range due {
		if n := s.sent[key] + killed.sent[key]; n < 1 || n > 2 {
			t.Fatalf("%v was sent %d times", key, n)
		}
	}
}

func TestTwoScansAtOnceSendEverything(t *testing.T) {
	t.Parallel()
	w, s := scanned(t)
	due := falling(w, 300, w.Now().Add(time.Hour), time.Second)
	w.Advance(3 * time.Hour)
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if err := scanning(w, s).Handle(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	for _, key := range due {
		if n := s.sent[key]; n < 1 || n > 2 {
			t.Fatalf("%v was sent %d times", key, n)
		}
	}
	handle(t, w, due[:10]...)
	s.taken()
	run(t, w, s)
	if again := s.taken(); len(again) > 0 { // all fell due more than the overlap ago
		t.Errorf("%d were sent again", len(again))
	}
}

// An outage of weeks is made up for by the next run, item by item, once.
func TestDaysThatWereMissedAreMadeUpFor(t *testing.T) {
	t.Parallel()
	w, s := scanned(t)
	due := falling(w, 200, w.Now().Add(time.Hour), day/5)
	w.Advance(40*day + 2*time.Hour)
	run(t, w, s)
	wantSent(t, "forty days", s.taken(), due, 1)
}

// What is put into the past when it is written is found by the next run.
func TestWhatWasDueWhenItWasWrittenIsFound(t *testing.T) {
	t.Parallel()
	w, s := scanned(t)
	for _, past := range []time.Duration{time.Millisecond, time.Hour, 10 * day, 1000 * day} {
		due := falling(w, 20, w.Now().Add(-past), 0)
		run(t, w, s)
		wantSent(t, fmt.Sprint("due ", past, " ago"), s.taken(), due, 1)
		handle(t, w, due...)
		w.Advance(time.Hour)
	}
}

// What nobody has been able to do comes again after a day, and after ten, and then no more: it lies in the dead-letter queue.
func TestWhatIsStuckIsSentAgain(t *testing.T) {
	t.Parallel()
	w, s := scanned(t)
	due := falling(w, 30, w.Now().Add(30*time.Minute), time.Second)
	stuck := due[:3]
	sent := map[int]bool{} // by the hour
	w.Advance(time.Hour)
	for hour := 1; hour < 12*24; hour += 12 {
		run(t, w, s)
		got := s.taken()
		switch {
		case hour == 1:
			wantSent(t, "at once", got, due, 1)
			handle(t, w, due[3:]...)
		case len(got) > 0:
			wantSent(t, fmt.Sprint("after ", hour, " hours"), got, stuck, 1)
		}
		if len(got) > 0 {
			sent[hour] = true
		}
		w.Advance(12 * time.Hour)
	}
	if got := slices.Sorted(maps.Keys(sent)); !slices.Equal(got, []int{1, 25, 241}) {
		t.Errorf("it was sent after %v hours", got)
	}
}

// What SQS refuses, or is not there to take, is sent by the next run.
func TestWhatTheQueueRefusesIsNotLost(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]*sender{
		"some entries of a batch": {refuse: func(id string) bool { return id == "3" || id == "9" }},
		"all of them":             {refuse: func(string) bool { return true }},
		"SQS is not there":        {before: func(int) error { return errors.New("SQS is not there") }},
		"after some calls": {before: func(n int) error {
			if n > 5 {
				return errors.New("SQS is gone")
			}
			return nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _ := scanned(t)
			due := falling(w, 200, w.Now().Add(time.Hour), 0)
			w.Advance(2 * time.Hour)
			if err := scanning(w, trouble).Handle(t.Context()); err == nil {
				t.Error("it says it is done")
			} else if text := err.Error(); !strings.Contains(text, "shard") {
				t.Errorf("it says %q", text)
			}
			trouble.refuse, trouble.before = nil, nil
			run(t, w, trouble)
			for _, key := range due {
				if n := trouble.sent[key]; n < 1 || n > 2 {
					t.Fatalf("%v was sent %d times", key, n)
				}
			}
		})
	}
}

// One shard that can't be sent stops no other.
func TestAShardThatFailsStopsNoOther(t *testing.T) {
	t.Parallel()
	w, s := scanned(t)
	due := falling(w, 200, w.Now().Add(time.Hour), 0)
	w.Advance(2 * time.Hour)
	s.before = func(n int) error {
		if n == 1 {
			return errors.New("refused")
		}
		return nil
	}
	if err := scanning(w, s).Handle(t.Context()); err == nil {
		t.Error("it says it is done")
	}
	missing := map[int]bool{}
	for _, key := range due {
		if s.sent[key] == 0 {
			missing[table.ShardOf(key.PK)] = true
		}
	}
	if len(missing) != 1 {
		t.Errorf("%d shards were not sent", len(missing))
	}
}
