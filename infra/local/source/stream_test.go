package source_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"comptoir/infra/local/engine"
	"comptoir/infra/local/enginetest"
	"comptoir/infra/local/resource"
	"comptoir/infra/local/source"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// A stage is a table with a stream, and a function that sees what comes of it.
type stage struct {
	resource.Clients
	t          *testing.T
	arn        string
	checkpoint string
	progress   *source.Progress // of what is followed
	now        time.Time

	mu      sync.Mutex
	batches [][]string         // keys of the records of every invocation
	seen    chan string        // keys as they are handled
	answer  func([]string) any // failing keys, or an error
	images  map[string]events.DynamoDBEventRecord
	numbers map[string]string // sequence number by key
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{
		Clients: enginetest.Connect(t), t: t, checkpoint: filepath.Join(t.TempDir(), "checkpoint.json"), now: time.Now(),
		seen: make(chan string, 1000), images: map[string]events.DynamoDBEventRecord{}, numbers: map[string]string{},
	}
	var err error
	s.arn, err = resource.EnsureTable(t.Context(), s.DynamoDB, resource.Table{
		Name: "desk", Attributes: map[string]string{"PK": "S"}, Key: resource.Key{Partition: "PK"}, StreamView: "NEW_AND_OLD_IMAGES",
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *stage) put(keys ...string) {
	s.t.Helper()
	for _, key := range keys {
		s.putItem(map[string]types.AttributeValue{"PK": &types.AttributeValueMemberS{Value: key}})
	}
}

func (s *stage) putItem(item map[string]types.AttributeValue) {
	s.t.Helper()
	if _, err := s.DynamoDB.PutItem(s.t.Context(), &dynamodb.PutItemInput{TableName: aws.String("desk"), Item: item}); err != nil {
		s.t.Fatal(err)
	}
}

// invoke is the function: answer gives the keys that fail, or the error.
func (s *stage) invoke(_ context.Context, payload []byte) ([]byte, error) {
	var event events.DynamoDBEvent
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys []string
	for _, r := range event.Records {
		key := r.Change.Keys["PK"].String()
		keys = append(keys, key)
		s.images[key], s.numbers[key] = r, r.Change.SequenceNumber
	}
	s.batches = append(s.batches, keys)
	var failing []string
	if s.answer != nil {
		switch a := s.answer(keys).(type) {
		case error:
			return nil, a
		case string:
			return []byte(a), nil
		case []string:
			failing = a
		}
	}
	var response events.DynamoDBEventResponse
	for _, key := range keys {
		if slices.Contains(failing, key) {
			response.BatchItemFailures = append(response.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: s.numbers[key]})
		} else if response.BatchItemFailures == nil {
			s.seen <- key
		}
	}
	return json.Marshal(response)
}

// run follows the stream until the keys were handled, in this order, and stops.
func (s *stage) run(mapping source.Stream, want ...string) {
	s.t.Helper()
	s.follow(mapping, func() {
		var got []string
		for range want {
			got = append(got, <-s.seen)
		}
		if !slices.Equal(got, want) {
			s.t.Errorf("handled %v; want %v", got, want)
		}
		for len(want) > 0 && !s.kept(want[len(want)-1]) { // a moment later
		}
	})
}

// kept says whether the checkpoint has come to the record of the key.
func (s *stage) kept(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, _ := os.ReadFile(s.checkpoint) // there is none at first
	var state struct {
		Shards map[string]struct{ Sequence string }
	}
	_ = json.Unmarshal(data, &state)
	for _, shard := range state.Shards {
		if shard.Sequence >= s.numbers[key] {
			return true
		}
	}
	return false
}

func (s *stage) follow(mapping source.Stream, until func()) {
	s.t.Helper()
	s.progress = &source.Progress{}
	mapping.Function, mapping.FunctionARN, mapping.Table = "outbox", "arn:outbox", "desk"
	if mapping.BatchSize == 0 {
		mapping.BatchSize = 100
	}
	ctx, cancel := context.WithCancel(s.t.Context())
	done := make(chan error)
	go func() {
		done <- mapping.Run(ctx, source.StreamOptions{
			ARN: s.arn, Region: engine.Region, Checkpoint: s.checkpoint, Streams: s.Streams, SQS: s.SQS,
			Invoke: s.invoke, Now: func() time.Time { return s.now }, Report: func(string, ...any) {},
			Pause: func(ctx context.Context, _ int) { source.Wait(ctx, 5*time.Millisecond) }, Progress: s.progress,
		})
	}()
	until()
	cancel()
	if err := <-done; err != nil {
		s.t.Error(err)
	}
}

func TestRecordsComeInOrder(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.put("a", "b", "c", "d", "e")
	s.run(source.Stream{BatchSize: 2, Retries: -1}, "a", "b", "c", "d", "e")
	for _, batch := range s.batches {
		if len(batch) > 2 {
			t.Errorf("a batch of %d; want at most 2", len(batch))
		}
	}
}

func TestRecordHasTheShapeOfLambdas(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	str := func(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
	item := map[string]types.AttributeValue{
		"PK": str("x"), "n": &types.AttributeValueMemberN{Value: "1.50"}, "yes": &types.AttributeValueMemberBOOL{Value: true},
		"nothing": &types.AttributeValueMemberNULL{Value: true}, "bytes": &types.AttributeValueMemberB{Value: []byte{1, 2}},
		"list": &types.AttributeValueMemberL{Value: []types.AttributeValue{str("l"), &types.AttributeValueMemberM{
			Value: map[string]types.AttributeValue{"deep": str("d")},
		}}},
		"words": &types.AttributeValueMemberSS{Value: []string{"w"}}, "numbers": &types.AttributeValueMemberNS{Value: []string{"7"}},
		"blobs": &types.AttributeValueMemberBS{Value: [][]byte{{3}}},
	}
	s.putItem(item)
	item["n"] = &types.AttributeValueMemberN{Value: "2"}
	s.putItem(item)
	s.run(source.Stream{Retries: -1}, "x", "x")
	r := s.images["x"]
	image := r.Change.NewImage
	for _, c := range []struct {
		name      string
		got, want any
	}{
		{"event", r.EventName, "MODIFY"},
		{"source", r.EventSource, "aws:dynamodb"},
		{"stream", r.EventSourceArn, s.arn},
		{"region", r.AWSRegion, engine.Region},
		{"view", r.Change.StreamViewType, "NEW_AND_OLD_IMAGES"},
		{"recent", time.Since(r.Change.ApproximateCreationDateTime.Time) < time.Hour, true},
		{"old number", r.Change.OldImage["n"].Number(), "1.5"},
		{"new number", image["n"].Number(), "2"},
		{"truth", image["yes"].Boolean(), true},
		{"null", image["nothing"].IsNull(), true},
		{"bytes", image["bytes"].Binary(), []byte{1, 2}},
		{"list", image["list"].List()[1].Map()["deep"].String(), "d"},
		{"words", image["words"].StringSet(), []string{"w"}},
		{"numbers", image["numbers"].NumberSet(), []string{"7"}},
		{"blobs", image["blobs"].BinarySet(), [][]byte{{3}}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: got %v; want %v", c.name, c.got, c.want)
		}
	}
}

func TestFilterOfAStream(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	pattern, err := source.ParsePattern(`{"eventName":["INSERT"],"dynamodb":{"NewImage":{"PK":{"S":[{"prefix":"EVENT#"}]}}}}`)
	if err != nil {
		t.Fatal(err)
	}
	s.put("EVENT#1", "seat", "EVENT#2", "EVENT#1", "licence", "EVENT#3") // the second EVENT#1 is no insert, nor even a change
	s.run(source.Stream{Retries: -1, Filters: []source.Pattern{pattern}}, "EVENT#1", "EVENT#2", "EVENT#3")
	for _, batch := range s.batches {
		if slices.Contains(batch, "seat") {
			t.Errorf("the function got %v", batch)
		}
	}
}

func TestRestartResumesAtTheCheckpoint(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.put("a", "b")
	s.run(source.Stream{Retries: -1}, "a", "b")
	s.put("c") // while nobody listens
	s.run(source.Stream{Retries: -1}, "c")
	s.run(source.Stream{Retries: -1})
	if want := [][]string{{"c"}}; !reflect.DeepEqual(s.batches[len(s.batches)-1:], want) {
		t.Errorf("the last batches are %v; want %v", s.batches, want)
	}
}

func TestInterruptedBatchComesAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.put("a", "b", "c")
	reached := make(chan bool, 1)
	s.answer = func([]string) any {
		select {
		case reached <- true:
		default:
		}
		return []string{"b"}
	}
	s.follow(source.Stream{Retries: -1, Partial: true}, func() { <-reached })
	s.answer = nil
	for range len(s.seen) {
		<-s.seen
	}
	s.run(source.Stream{Retries: -1, Partial: true}, "b", "c") // but not a, which was handled
}

func TestLatestBeginsWithWhatComesNext(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.put("before")
	s.follow(source.Stream{Retries: -1, Latest: true}, func() {
		for key := ""; key == ""; {
			s.put(fmt.Sprintf("after %d", time.Now().UnixNano()))
			select {
			case key = <-s.seen:
				if key == "before" {
					t.Errorf("got %q, which was there before", key)
				}
			default:
			}
		}
	})
}

func TestAStreamIsHandledWhenNothingIsLeftOrUnderWay(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	handled := func(since time.Time) bool {
		t.Helper()
		yes, err := s.progress.Handled(t.Context(), since)
		if err != nil {
			t.Fatal(err)
		}
		return yes
	}
	arrived, goOn := make(chan bool), make(chan bool)
	s.answer = func([]string) any {
		arrived <- true
		<-goOn
		return nil
	}
	s.put("a")
	s.follow(source.Stream{Retries: -1}, func() {
		<-arrived
		since := time.Now()
		for range 20 {
			if handled(since) {
				t.Error("it is handled while a record is under way")
			}
		}
		goOn <- true
		for !handled(since) { // the patience is the test's own
		}
		if len(s.seen) != 1 {
			t.Errorf("it is handled, and %d records are; want 1", len(s.seen))
		}
	})
}
