package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"comptoir/shared/setting"
)

// BatchLimit is how many messages one call to SQS may send.
const BatchLimit = 10

// Batcher is what a batch needs of SQS.
type Batcher interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

// Batch is up to BatchLimit messages for each of some queues.
type Batch map[Name][]types.SendMessageBatchRequestEntry

// Add adds a message for a queue, under a number that is no other's in that queue.
func (b Batch) Add(to Name, number int, message any) error {
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	id, text := strconv.Itoa(number), ascii(body)
	b[to] = append(b[to], types.SendMessageBatchRequestEntry{Id: &id, MessageBody: &text})
	return nil
}

// Send sends the messages to the queues of some URLs. Of each that a queue refuses it tells the number and why; an error is of a call
// of which nothing is known.
func (b Batch) Send(ctx context.Context, by Batcher, urls map[Name]string, refused func(number int, why error)) error {
	for name, entries := range b {
		url := urls[name]
		out, err := by.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: entries})
		if err != nil {
			return err
		}
		for _, entry := range out.Failed { // in any order
			number, _ := strconv.Atoi(*entry.Id)
			refused(number, fmt.Errorf("queue %s refuses: %s", name, *entry.Code))
		}
	}
	return nil
}

// URLs are those of queues, from the settings that hold them. It stops a function that lacks one.
func URLs(settings map[Name]string) map[Name]string {
	all := map[Name]string{}
	for name, from := range settings {
		url, err := setting.Need(from)
		if err != nil {
			setting.Stop(err)
		}
		all[name] = url
	}
	return all
}

// ascii is JSON with everything beyond ASCII escaped: SQS refuses some characters.
func ascii(body []byte) string {
	var out strings.Builder
	for _, r := range string(body) {
		switch {
		case r < utf8.RuneSelf:
			out.WriteRune(r)
		default:
			for _, unit := range utf16.AppendRune(nil, r) {
				fmt.Fprintf(&out, `\u%04x`, unit)
			}
		}
	}
	return out.String()
}
