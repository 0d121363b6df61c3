package queue_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"comptoir/shared/queue"
)

func TestHandle(t *testing.T) {
	t.Parallel()
	type message struct{ Name string }
	for name, c := range map[string]struct{ bodies, handled, failed string }{
		"handles every message":                                  {`{"Name":"a"} {"Name":"b"}`, "a b", ""},
		"reports the messages that fail, and handles the others": {`{"Name":"a"} {"Name":"bad"} {"Name":"c"} {"Name":"bad"}`, "a bad c bad", "1 3"},
		"reports what it can't read, and handles the others":     {`nonsense {"Name":"b"} [] {"Name":"d"}`, "b d", "0 2"},
		"reports none of an empty batch":                         {"", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var batch events.SQSEvent
			for n, body := range strings.Fields(c.bodies) {
				batch.Records = append(batch.Records, events.SQSMessage{MessageId: fmt.Sprint(n), Body: body})
			}
			var handled []string
			answer, err := queue.Handle(func(_ context.Context, m message) error {
				if handled = append(handled, m.Name); m.Name == "bad" {
					return errors.New("bad")
				}
				return nil
			})(t.Context(), batch)
			if err != nil || answer.BatchItemFailures == nil {
				t.Fatalf("%v, %v: a nil list would be taken for a failure of all", answer, err)
			}
			failed := []string{}
			for _, f := range answer.BatchItemFailures {
				failed = append(failed, f.ItemIdentifier)
			}
			if !slices.Equal(handled, strings.Fields(c.handled)) || !slices.Equal(failed, strings.Fields(c.failed)) {
				t.Errorf("handled %v and reported %v, want %s and %s", handled, failed, c.handled, c.failed)
			}
		})
	}
}

// Those of a batch that wait don't keep the others waiting; what fails is reported as ever.
func TestHandleAtOnce(t *testing.T) {
	t.Parallel()
	type message struct{ Name string }
	var batch events.SQSEvent
	for n, body := range []string{`{"Name":"first"}`, `nonsense`, `{"Name":"last"}`, `{"Name":"bad"}`} {
		batch.Records = append(batch.Records, events.SQSMessage{MessageId: fmt.Sprint(n), Body: body})
	}
	last := make(chan bool)
	answer, err := queue.HandleAtOnce(func(_ context.Context, m message) error {
		switch m.Name {
		case "first":
			<-last
		case "last":
			close(last)
		case "bad":
			return errors.New("bad")
		}
		return nil
	})(t.Context(), batch)
	var failed []string
	for _, f := range answer.BatchItemFailures {
		failed = append(failed, f.ItemIdentifier)
	}
	if err != nil || !slices.Equal(failed, []string{"1", "3"}) {
		t.Errorf("reported %v, %v", failed, err)
	}
	if answer, _ := queue.HandleAtOnce(func(context.Context, message) error { return nil })(t.Context(), events.SQSEvent{}); answer.BatchItemFailures == nil {
		t.Error("a nil list would be taken for a failure of all")
	}
}
