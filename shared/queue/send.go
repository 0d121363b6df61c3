package queue

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"comptoir/shared/setting"
)

// LongestDelay is how long SQS keeps a message back at the most.
const LongestDelay = 15 * time.Minute

// Sender puts messages on one queue.
type Sender struct {
	SQS interface {
		SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
	}
	URL string
}

// Open is the sender to the queue whose URL is a setting.
func Open(name string) (Sender, error) {
	url, err := setting.Need(name)
	return Sender{sqs.NewFromConfig(setting.AWS("SQS")), url}, err
}

// Send puts a message on the queue, where it is seen after a delay of up to LongestDelay, never before it is over.
func (s Sender) Send(ctx context.Context, message any, delay time.Duration) error {
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	_, err = s.SQS.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &s.URL, MessageBody: aws.String(string(body)), DelaySeconds: int32((delay + time.Second - 1) / time.Second),
	})
	return err
}
