package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"comptoir/functions/outbox"
	"comptoir/shared/event"
	"comptoir/shared/queue"
	"comptoir/shared/webhook"
)

// sender takes the messages of the notice queue like SQS, but for those it is told to refuse, in the order given. Those of the
// webhook queue it keeps apart.
type sender struct {
	sent    []string // the events' ids
	leave   []string // those that go to endpoints
	refuses []string // the entries' ids
	down    bool
}

func (s *sender) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	if s.down {
		return nil, errors.New("SQS is not there")
	}
	if len(in.Entries) == 0 || len(in.Entries) > 10 {
		return nil, fmt.Errorf("%d entries: SQS takes one to ten", len(in.Entries))
	}
	out := &sqs.SendMessageBatchOutput{}
	for _, id := range s.refuses {
		if slices.ContainsFunc(in.Entries, func(e sqstypes.SendMessageBatchRequestEntry) bool { return *e.Id == id }) {
			out.Failed = append(out.Failed, sqstypes.BatchResultErrorEntry{Id: &id, Code: aws.String("InternalError")})
		}
	}
	for _, e := range in.Entries {
		var sent event.Event
		if err := json.Unmarshal([]byte(*e.MessageBody), &sent); err != nil {
			return nil, err
		}
		switch {
		case slices.Contains(s.refuses, *e.Id):
		case *in.QueueUrl == "webhook":
			s.leave = append(s.leave, sent.ID)
		default:
			s.sent = append(s.sent, sent.ID)
		}
	}
	return out, nil
}

var queues = map[queue.Name]string{queue.Notice: "notice", queue.Webhook: "webhook"}

// bus takes events like EventBridge, but for those it is told to refuse.
type bus struct {
	put     []types.PutEventsRequestEntry
	refuses []string // the events' ids
	down    bool
}

func (b *bus) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	if b.down {
		return nil, errors.New("EventBridge is not there")
	}
	if len(in.Entries) == 0 || len(in.Entries) > 10 {
		return nil, fmt.Errorf("%d entries: EventBridge takes one to ten", len(in.Entries))
	}
	out := &eventbridge.PutEventsOutput{}
	for _, e := range in.Entries {
		var m webhook.Message
		if err := json.Unmarshal([]byte(*e.Detail), &m); err != nil {
			return nil, err
		}
		if slices.Contains(b.refuses, m.ID) {
			out.FailedEntryCount++
			out.Entries = append(out.Entries, types.PutEventsResultEntry{ErrorCode: aws.String("InternalFailure")})
			continue
		}
		b.put = append(b.put, e)
		out.Entries = append(out.Entries, types.PutEventsResultEntry{EventId: aws.String("1")})
	}
	return out, nil
}

// What is no sandbox's leaves: for the webhook queue and for the bus, whoever else is told of it. What either doesn't take comes again.
func TestWhatLeaves(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		records []string
		sqs     sender
		bus     bus
		leave   []string // to endpoints
		put     []string // on the bus
		failed  string   // the sequence number that is reported
	}{
		"every event, in order, ten at a time":              {times(23), sender{}, bus{}, ids(0, 23), ids(0, 23), ""},
		"what nobody here is told of":                       {[]string{record(0, "plan.changed", "", true)}, sender{}, bus{}, ids(0, 1), ids(0, 1), ""},
		"nothing of sandboxes":                              {[]string{record(0, "licence.taken", "par_martin", false), taken(1)}, sender{}, bus{}, ids(1, 2), ids(1, 2), ""},
		"nothing at all of a sandbox alone":                 {[]string{record(0, "licence.taken", "par_martin", false)}, sender{}, bus{}, nil, nil, ""},
		"again from what the bus refuses on":                {times(4), sender{}, bus{refuses: []string{"evt_2", "evt_1"}}, ids(0, 4), []string{"evt_0", "evt_3"}, "101"},
		"again from the first that either refuses on":       {times(4), sender{refuses: []string{"1"}}, bus{refuses: []string{"evt_2"}}, []string{"evt_0", "evt_2", "evt_3"}, []string{"evt_0", "evt_1", "evt_3"}, "101"},
		"again from the beginning when the bus isn't there": {times(4), sender{}, bus{down: true}, ids(0, 4), nil, "100"},
		"the second ten only after the first":               {times(12), sender{}, bus{refuses: []string{"evt_9"}}, ids(0, 10), ids(0, 9), "109"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, _ := json.Marshal(rawAll(c.records))
			var batch outbox.Batch
			if err := json.Unmarshal(fmt.Appendf(nil, `{"Records":%s}`, text), &batch); err != nil {
				t.Fatal(err)
			}
			answer, err := outbox.Outbox{SQS: &c.sqs, Queues: queues, Events: &c.bus, Bus: "comptoir"}.Handle(t.Context(), batch)
			if err != nil {
				t.Fatal(err)
			}
			failed := ""
			for _, f := range answer.BatchItemFailures {
				failed += f.ItemIdentifier
			}
			var put []string
			for _, e := range c.bus.put {
				var m webhook.Message
				if err := json.Unmarshal([]byte(*e.Detail), &m); err != nil {
					t.Fatal(err)
				}
				if *e.EventBusName != "comptoir" || *e.Source != "comptoir" || *e.DetailType != m.Type || !m.Livemode {
					t.Errorf("%s of %s on %s: %s", *e.DetailType, *e.Source, *e.EventBusName, *e.Detail)
				}
				put = append(put, m.ID)
			}
			if !slices.Equal(c.sqs.leave, c.leave) || !slices.Equal(put, c.put) || failed != c.failed {
				t.Errorf("to endpoints %v, on the bus %v, reported %q; want %v, %v and %q", c.sqs.leave, put, failed, c.leave, c.put, c.failed)
			}
		})
	}
}

// record is what the stream brings of an event, under a sequence number.
func record(number int, kind, partner string, livemode bool) string {
	return fmt.Sprintf(`{"dynamodb":{"SequenceNumber":"%d","NewImage":{"id":{"S":"evt_%d"},"kind":{"S":%q},"partnerId":{"S":%q},"livemode":{"BOOL":%t}}}}`,
		100+number, number, kind, partner, livemode)
}

func taken(number int) string { return record(number, "licence.taken", "par_martin", true) }

const unreadable = `{"dynamodb":{"SequenceNumber":"%d","NewImage":{"PK":{"S":"CUSTOMER#c"}}}}`

// times makes n records.
func times(n int) (all []string) {
	for number := range n {
		all = append(all, taken(number))
	}
	return all
}

func ids(from, to int) (all []string) {
	for n := from; n < to; n++ {
		all = append(all, fmt.Sprintf("evt_%d", n))
	}
	return all
}

func TestOutbox(t *testing.T) {
	t.Parallel()
	broken := func(at, of int) []string {
		records := times(of)
		records[at] = fmt.Sprintf(unreadable, 100+at)
		return records
	}
	for name, c := range map[string]struct {
		records []string
		sqs     sender
		sent    []string
		failed  string // the sequence number that is reported
	}{
		"sends nothing of an empty batch":                        {nil, sender{}, nil, ""},
		"sends each event, in order, ten at a time":              {times(23), sender{}, ids(0, 23), ""},
		"sends nothing of what nobody is told of":                {[]string{record(0, "plan.changed", "", true), taken(1)}, sender{}, ids(1, 2), ""},
		"sends nothing of the publisher's own customers":         {[]string{record(0, "licence.taken", "", true)}, sender{}, nil, ""},
		"sends nothing from sandboxes":                           {[]string{record(0, "licence.taken", "par_martin", false), taken(1)}, sender{}, ids(1, 2), ""},
		"reports an unreadable record and sends those before it": {broken(3, 5), sender{}, ids(0, 3), "103"},
		"reports an unreadable record at the start":              {broken(0, 5), sender{}, nil, "100"},
		"reports an unreadable record after the first ten":       {broken(12, 25), sender{}, ids(0, 12), "112"},
		"reports the first record when SQS isn't there":          {times(5), sender{down: true}, nil, "100"},
		"reports a refused record":                               {times(3), sender{refuses: []string{"1"}}, []string{"evt_0", "evt_2"}, "101"},
		"reports the first of the refused records, in whatever order": {
			times(6), sender{refuses: []string{"4", "2"}}, []string{"evt_0", "evt_1", "evt_3", "evt_5"}, "102",
		},
		"sends nothing after a batch with a refused record": {times(12), sender{refuses: []string{"9"}}, ids(0, 9), "109"},
		"reports a refused record before an unreadable one": {broken(3, 5), sender{refuses: []string{"1"}}, []string{"evt_0", "evt_2"}, "101"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, _ := json.Marshal(rawAll(c.records))
			var batch outbox.Batch
			if err := json.Unmarshal(fmt.Appendf(nil, `{"Records":%s}`, text), &batch); err != nil {
				t.Fatal(err)
			}
			answer, err := outbox.Outbox{SQS: &c.sqs, Queues: queues, Events: &bus{}}.Handle(t.Context(), batch)
			if err != nil {
				t.Fatal(err)
			}
			failed := ""
			for _, f := range answer.BatchItemFailures {
				failed += f.ItemIdentifier
			}
			if !slices.Equal(c.sqs.sent, c.sent) || failed != c.failed {
				t.Errorf("sent %v and reported %q, want %v and %q", c.sqs.sent, failed, c.sent, c.failed)
			}
		})
	}
}

// urls notes which queue each event was sent to.
type urls map[string]string

func (u urls) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	for _, e := range in.Entries {
		var sent event.Event
		if err := json.Unmarshal([]byte(*e.MessageBody), &sent); err != nil {
			return nil, err
		}
		if *in.QueueUrl != "webhook" {
			u[sent.Kind] += *in.QueueUrl
		}
	}
	return &sqs.SendMessageBatchOutput{}, nil
}

// Seats near the cap have a queue of their own; each event goes to one.
func TestWhereEventsGo(t *testing.T) {
	t.Parallel()
	kinds := []string{
		"licence.taken", "seat.threshold", "seat.requested", "seat.requestAnswered", "seat.added", "seat.capChanged", "member.added", "plan.changed",
		"collaborator.customersSet", "consent.campaign", "partner.rightEnded", "partner.remindersMailed", // many customers are concerned
		"collaborator.invited", "collaborator.roleGiven", "user.addressGiven", "consent.asked", "member.passwordReset", // are mailed
		"collaborator.accepted", "consent.granted", "consent.declined", "consent.withdrawn", "access.given", "access.ended",
		"partner.remindersGathered", "invoice.overdue", "payment.late", "collaborator.invitationLapsed", "consent.lapsed",
		"licence.reminderMuted", "licence.reminderSent", // are told to nobody
		"partner.changed", "collaborator.roleTaken", "collaborator.removed", "collaborator.invitationRevoked", "user.changed", "user.languageSet", "user.addressConfirmed",
	}
	var records []string
	for n, kind := range kinds {
		records = append(records, record(n, kind, "par_martin", true))
	}
	text, _ := json.Marshal(rawAll(records))
	var batch outbox.Batch
	if err := json.Unmarshal(fmt.Appendf(nil, `{"Records":%s}`, text), &batch); err != nil {
		t.Fatal(err)
	}
	sent := urls{}
	all := map[queue.Name]string{}
	for name := range outbox.Settings {
		all[name] = string(name)
	}
	answer, err := outbox.Outbox{SQS: sent, Queues: all, Events: &bus{}}.Handle(t.Context(), batch)
	if err != nil || len(answer.BatchItemFailures) > 0 {
		t.Fatal(answer, err)
	}
	want := urls{"licence.taken": "notice", "seat.threshold": "over-limit", "seat.requested": "notice", "seat.requestAnswered": "notice"}
	for _, kind := range []string{"collaborator.customersSet", "consent.campaign", "partner.rightEnded", "partner.remindersMailed"} {
		want[kind] = "trail"
	}
	for _, kind := range []string{
		"collaborator.invited", "collaborator.roleGiven", "user.addressGiven", "consent.asked", "member.passwordReset",
		"collaborator.accepted", "consent.granted", "consent.declined", "consent.withdrawn", "access.given", "access.ended",
		"partner.remindersGathered", "invoice.overdue", "payment.late", "collaborator.invitationLapsed", "consent.lapsed",
	} {
		want[kind] = "notice"
	}
	if !maps.Equal(sent, want) {
		t.Errorf("sent %v, want %v", sent, want)
	}
}

func rawAll(records []string) []json.RawMessage {
	all := []json.RawMessage{}
	for _, r := range records {
		all = append(all, json.RawMessage(r))
	}
	return all
}
