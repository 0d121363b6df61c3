package resource

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Clients speak to the engines, as one account of one region.
type Clients struct {
	DynamoDB *dynamodb.Client
	Streams  *dynamodbstreams.Client
	SQS      *sqs.Client
	S3       *s3.Client
}

// Connect makes clients for the engines at these URLs; where queues are, buckets are too. DynamoDB Local in memory gives each access key
// tables of its own; in a folder all share the same.
func Connect(region, accessKey, dynamoURL, queueURL string) Clients {
	config := aws.Config{
		Region:      region,
		Credentials: credentials.NewStaticCredentialsProvider(accessKey, "local", ""),
		Retryer:     func() aws.Retryer { return retry.AddWithMaxBackoffDelay(retry.NewStandard(), time.Second) },
	}
	return Clients{
		DynamoDB: dynamodb.NewFromConfig(config, func(o *dynamodb.Options) { o.BaseEndpoint = &dynamoURL }),
		Streams:  dynamodbstreams.NewFromConfig(config, func(o *dynamodbstreams.Options) { o.BaseEndpoint = &dynamoURL }),
		SQS:      sqs.NewFromConfig(config, func(o *sqs.Options) { o.BaseEndpoint = &queueURL }),
		S3:       s3.NewFromConfig(config, func(o *s3.Options) { o.BaseEndpoint = &queueURL }),
	}
}
