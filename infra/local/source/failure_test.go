package source_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"comptoir/infra/local/source"
)

func TestPartialFailureRetriesFromTheFailedRecord(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.put("a", "b", "c")
	failures := 0
	s.answer = func(keys []string) any {
		if slices.Contains(keys, "b") && failures < 2 {
			failures++
			return []string{"b"}
		}
		return nil
	}
	s.run(source.Stream{Retries: -1, Partial: true}, "a", "b", "c")
	if want := [][]string{{"a", "b", "c"}, {"b", "c"}, {"b", "c"}}; !reflect.DeepEqual(s.batches, want) {
		t.Errorf("batches %v; want %v", s.batches, want)
	}
}

func TestAnswersThatFailAWholeBatch(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		`}not json{`, `{"batchItemFailures":[{}]}`, `{"batchItemFailures":[{"itemIdentifier":""}]}`,
		`{"batchItemFailures":[{"wrongName":"1"}]}`, `{"batchItemFailures":[{"itemIdentifier":"999999"}]}`,
	} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.put("a", "b")
			calls := 0
			s.answer = func([]string) any {
				if calls++; calls == 1 {
					return answer
				}
				return nil
			}
			s.run(source.Stream{Retries: -1, Partial: true}, "a", "b")
			if want := [][]string{{"a", "b"}, {"a", "b"}}; !reflect.DeepEqual(s.batches, want) {
				t.Errorf("batches %v; want %v", s.batches, want)
			}
		})
	}
}

func TestAnswersThatFailNothing(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{``, `null`, `{}`, `{"batchItemFailures":[]}`, `{"batchItemFailures":null}`} {
		s := newStage(t)
		s.put("a")
		s.answer = func(keys []string) any {
			s.seen <- keys[0]
			return answer
		}
		s.run(source.Stream{BatchSize: 1, Retries: -1, Partial: true}, "a")
		s.put("b")
		s.run(source.Stream{BatchSize: 1, Retries: -1, Partial: true}, "b")
	}
}

func TestBisectFindsWhatFails(t *testing.T) {
	t.Parallel()
	for name, partial := range map[string]bool{"when the function fails": false, "when it reports the record": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			dead := queue(t, s.Clients, nil)
			s.put("a", "b", "poison", "d")
			s.answer = func(keys []string) any {
				switch {
				case !slices.Contains(keys, "poison"):
					return nil
				case partial:
					return []string{"poison"}
				}
				return errors.New("refused on purpose")
			}
			s.run(source.Stream{Bisect: true, Partial: partial, Retries: 2, OnFailure: dead.name}, "a", "b", "d")
			alone := 0
			for _, batch := range s.batches {
				if slices.Equal(batch, []string{"poison"}) {
					alone++
				}
			}
			if alone != 3 {
				t.Errorf("poison was tried %d times alone; want once and two retries: %v", alone, s.batches)
			}
			var notice struct {
				RequestContext struct {
					Condition, FunctionArn string
					ApproximateInvokeCount int
				}
				DDBStreamBatchInfo struct {
					StartSequenceNumber, EndSequenceNumber, StreamArn, ShardId string
					BatchSize                                                  int
				}
			}
			if err := json.Unmarshal([]byte(dead.receive()), &notice); err != nil {
				t.Fatal(err)
			}
			info := notice.DDBStreamBatchInfo
			if notice.RequestContext.Condition != "RetryAttemptsExhausted" || notice.RequestContext.ApproximateInvokeCount != 3 ||
				notice.RequestContext.FunctionArn != "arn:outbox" || info.BatchSize != 1 || info.StreamArn != s.arn || info.ShardId == "" ||
				info.StartSequenceNumber != s.numbers["poison"] || info.EndSequenceNumber != s.numbers["poison"] {
				t.Errorf("the destination got %+v", notice)
			}
		})
	}
}

func TestWithoutBisectTheWholeBatchIsGivenUp(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.put("a", "b")
	tried := make(chan bool, 10)
	s.answer = func(keys []string) any {
		if slices.Contains(keys, "b") {
			tried <- true
			return errors.New("refused on purpose")
		}
		return nil
	}
	s.follow(source.Stream{Retries: 1}, func() {
		<-tried
		s.put("c")
		<-s.seen
	})
	if want := [][]string{{"a", "b"}, {"a", "b"}, {"c"}}; !reflect.DeepEqual(s.batches, want) {
		t.Errorf("batches %v; want %v", s.batches, want)
	}
}

func TestRecordsThatAreTooOldAreGivenUp(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	dead := queue(t, s.Clients, nil)
	s.put("old")
	s.now = time.Now().Add(13 * time.Hour)
	s.follow(source.Stream{Retries: -1, MaxAge: 12 * time.Hour, OnFailure: dead.name}, func() {
		var notice struct{ RequestContext struct{ Condition string } }
		if err := json.Unmarshal([]byte(dead.receive()), &notice); err != nil || notice.RequestContext.Condition != "RecordAgeExceeded" {
			t.Errorf("the destination got %+v, %v", notice, err)
		}
	})
	if len(s.batches) != 0 {
		t.Errorf("the function got %v", s.batches)
	}
}
