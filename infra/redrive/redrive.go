// Package redrive brings messages back that failed too often: from dead-letter queues to the queues that they failed in, once
// the cause is gone. Why they failed, and whether it is gone, is for those who ask to know.
package redrive

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"comptoir/shared/queue"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// A Dead is a dead-letter queue with the queue that its messages come from.
type Dead struct {
	Name     queue.Name // of the queue
	Messages int        // that lie in the dead-letter queue

	queue, dead string // their URLs
	arn         string // of the dead-letter queue
}

// Find finds the dead-letter queues of the queues whose names begin with a prefix: of one queue, or of all if its name is empty.
func Find(ctx context.Context, client *sqs.Client, prefix string, name queue.Name) ([]Dead, error) {
	names := queue.All
	if name != "" {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("there is no queue %q; there are %v", name, names)
		}
		names = []queue.Name{name}
	}
	urls, err := list(ctx, client, prefix)
	if err != nil {
		return nil, err
	}
	var all []Dead
	for _, name := range names {
		is := named(name)
		at := slices.IndexFunc(urls, func(url string) bool { return is.MatchString(url[strings.LastIndex(url, "/")+1:]) })
		if at < 0 {
			return nil, fmt.Errorf("no queue %s whose name begins with %q is there", name, prefix)
		}
		d := Dead{Name: name, queue: urls[at]}
		if err := d.read(ctx, client); err != nil {
			return nil, fmt.Errorf("queue %s: %w", name, err)
		}
		all = append(all, d)
	}
	return all, nil
}

// named is how a queue is called by the stack's template, and by CloudFormation, which puts the stack's name before it.
func named(name queue.Name) *regexp.Regexp {
	return regexp.MustCompile("^(.*-)?" + strings.ReplaceAll(string(name), "-", "") + "queue[0-9A-F]{8}(-|$)")
}

func list(ctx context.Context, client *sqs.Client, prefix string) (urls []string, err error) {
	pages := sqs.NewListQueuesPaginator(client, &sqs.ListQueuesInput{QueueNamePrefix: &prefix, MaxResults: aws.Int32(1000)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		urls = append(urls, page.QueueUrls...)
	}
	return urls, nil
}

// read reads which the dead-letter queue is, and how much is in it.
func (d *Dead) read(ctx context.Context, client *sqs.Client) error {
	of, err := attribute(ctx, client, d.queue, types.QueueAttributeNameRedrivePolicy)
	if err != nil {
		return err
	}
	var policy struct{ DeadLetterTargetARN string }
	if err := json.Unmarshal([]byte(of), &policy); err != nil {
		return fmt.Errorf("its redrive policy: %w", err)
	}
	d.arn = policy.DeadLetterTargetARN
	dead := d.arn[strings.LastIndex(d.arn, ":")+1:]
	found, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &dead})
	if err != nil {
		return err
	}
	d.dead = *found.QueueUrl
	count, err := attribute(ctx, client, d.dead, types.QueueAttributeNameApproximateNumberOfMessages)
	if err != nil {
		return err
	}
	d.Messages, err = strconv.Atoi(count)
	return err
}

func attribute(ctx context.Context, client *sqs.Client, url string, name types.QueueAttributeName) (string, error) {
	out, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{name}})
	if err != nil {
		return "", err
	}
	return out.Attributes[string(name)], nil
}

// Task has SQS move the messages, which goes on after this returns.
func (d Dead) Task(ctx context.Context, client *sqs.Client) error {
	_, err := client.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{SourceArn: &d.arn})
	return err
}

// Carry moves the messages one by one, for a queue that has no such tasks, and returns how many. Each is sent before it is deleted:
// whatever happens in between, it may come twice, and is never lost. What fails again meanwhile is left for the next time.
func (d Dead) Carry(ctx context.Context, client *sqs.Client) (moved int, err error) {
	for moved < d.Messages {
		out, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &d.dead, MaxNumberOfMessages: int32(min(10, d.Messages-moved)), MessageAttributeNames: []string{"All"},
		})
		if err != nil || len(out.Messages) == 0 { // somebody else has the rest
			return moved, err
		}
		for _, m := range out.Messages {
			_, err := client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &d.queue, MessageBody: m.Body, MessageAttributes: m.MessageAttributes})
			if err != nil {
				return moved, err
			}
			if _, err := client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &d.dead, ReceiptHandle: m.ReceiptHandle}); err != nil {
				return moved, err
			}
			moved++
		}
	}
	return moved, nil
}
