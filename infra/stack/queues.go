package stack

import (
	"time"

	"comptoir/shared/queue"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

const (
	receives  = 5                   // of a message before it goes to the dead-letter queue
	retention = 14 * 24 * time.Hour // of any message: the longest that SQS keeps one
)

// makeQueues makes the queues, each with a dead-letter queue.
func (b *builder) makeQueues() {
	b.queues = map[queue.Name]awssqs.Queue{}
	for _, name := range queue.All {
		dead := b.makeDeadQueue(string(name))
		live := awssqs.NewQueue(b.stack, jsii.String(string(name)+"-queue"), &awssqs.QueueProps{
			Encryption:        awssqs.QueueEncryption_SQS_MANAGED,
			EnforceSSL:        jsii.Bool(true),
			VisibilityTimeout: b.visibility(name),
			RetentionPeriod:   seconds(retention),
			DeadLetterQueue:   &awssqs.DeadLetterQueue{Queue: dead, MaxReceiveCount: jsii.Number(receives)},
			RemovalPolicy:     awscdk.RemovalPolicy_DESTROY,
		})
		b.queues[name] = live
		b.made[queueSetting(name)] = live.QueueUrl()
		b.watch.queue(string(name), live)
	}
}

// makeDeadQueue makes the queue for what could not be handled of the named queue or function.
func (b *builder) makeDeadQueue(of string) awssqs.Queue {
	dead := awssqs.NewQueue(b.stack, jsii.String(of+"-dead-queue"), &awssqs.QueueProps{
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:      jsii.Bool(true),
		RetentionPeriod: seconds(retention),
		RemovalPolicy:   b.removal(),
	})
	b.watch.deadQueue(of, dead)
	return dead
}

// visibility leaves the consumer time for all the retries of a batch that it was throttled for:
// six times its timeout, as AWS advises. A queue that nobody consumes keeps the default of SQS.
func (b *builder) visibility(q queue.Name) awscdk.Duration {
	for _, f := range b.functions {
		if f.Consumes == q {
			return seconds(6 * f.Timeout)
		}
	}
	return nil
}
