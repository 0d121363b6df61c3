package resource

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// A Queue is what the template says of an SQS queue.
type Queue struct {
	Name       string
	Attributes map[string]string // named as SQS names them, RedrivePolicy included
}

// EnsureQueues makes the queues that are not there and gives all of them their attributes.
func EnsureQueues(ctx context.Context, client *sqs.Client, queues []Queue) error {
	urls := map[string]*string{}
	for _, q := range queues { // all of them first: a redrive needs its target
		url, err := q.ensure(ctx, client)
		if err != nil {
			return fmt.Errorf("queue %s: %w", q.Name, err)
		}
		urls[q.Name] = url
	}
	for _, q := range queues {
		if len(q.Attributes) == 0 {
			continue
		}
		_, err := client.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: urls[q.Name], Attributes: q.Attributes})
		if err != nil {
			return fmt.Errorf("queue %s: %w", q.Name, err)
		}
	}
	return nil
}

func (q Queue) ensure(ctx context.Context, client *sqs.Client) (*string, error) {
	found, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &q.Name})
	if err == nil {
		return found.QueueUrl, nil
	}
	var missing *types.QueueDoesNotExist
	if !errors.As(err, &missing) {
		return nil, err
	}
	made, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &q.Name})
	if err != nil {
		return nil, err
	}
	return made.QueueUrl, nil
}
