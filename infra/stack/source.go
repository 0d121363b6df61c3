package stack

import (
	"fmt"
	"time"

	"comptoir/shared/queue"
	"comptoir/shared/table"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

const (
	eventBatch    = 100
	eventShares   = 4              // batches of one shard handled at once; a partition key stays in one
	eventAttempts = 10             // then the batch, halved down to what fails, goes to the dead-letter queue
	eventAge      = 12 * time.Hour // half of what a stream keeps: time enough to act on an alarm

	messageBatch = 10
	consumers    = 10 // of one queue at once: a burst of messages must not slow the API down
)

// The mappings are written without the CDK's event sources because these give the role more than it
// needs: listing every stream, changing the visibility of messages.

// feedEvents starts the function with the events that are new in the table's stream.
func (b *builder) feedEvents(scope constructs.Construct, role awsiam.Role, fn awslambda.Function, dead awssqs.IQueue) {
	stream := b.table.TableStreamArn()
	grant(role, stream, "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams")
	awslambda.NewCfnEventSourceMapping(scope, jsii.String("Events"), &awslambda.CfnEventSourceMappingProps{
		FunctionName:               fn.FunctionName(),
		EventSourceArn:             stream,
		StartingPosition:           jsii.String("TRIM_HORIZON"),
		BatchSize:                  jsii.Number(eventBatch),
		ParallelizationFactor:      jsii.Number(eventShares),
		BisectBatchOnFunctionError: true,
		MaximumRetryAttempts:       jsii.Number(eventAttempts),
		MaximumRecordAgeInSeconds:  jsii.Number(eventAge.Seconds()),
		FunctionResponseTypes:      jsii.Strings("ReportBatchItemFailures"),
		FilterCriteria: awslambda.CfnEventSourceMapping_FilterCriteriaProperty{
			Filters: []any{awslambda.CfnEventSourceMapping_FilterProperty{Pattern: jsii.String(newEvents())}},
		},
		DestinationConfig: awslambda.CfnEventSourceMapping_DestinationConfigProperty{
			OnFailure: awslambda.CfnEventSourceMapping_OnFailureProperty{Destination: dead.QueueArn()},
		},
	})
}

// newEvents is the filter of the stream's records that insert an event.
func newEvents() string {
	return fmt.Sprintf(`{"eventName":["INSERT"],"dynamodb":{"NewImage":{%q:{"S":[%q]}}}}`, table.TypeKey, table.EventType)
}

// feedMessages starts the function with the messages of the queue.
func (b *builder) feedMessages(scope constructs.Construct, role awsiam.Role, fn awslambda.Function, q queue.Name) {
	source := b.queues[q].QueueArn()
	grant(role, source, "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
	awslambda.NewCfnEventSourceMapping(scope, jsii.String("Messages"), &awslambda.CfnEventSourceMappingProps{
		FunctionName:          fn.FunctionName(),
		EventSourceArn:        source,
		BatchSize:             jsii.Number(messageBatch),
		FunctionResponseTypes: jsii.Strings("ReportBatchItemFailures"),
		ScalingConfig: awslambda.CfnEventSourceMapping_ScalingConfigProperty{
			MaximumConcurrency: jsii.Number(consumers),
		},
	})
}
