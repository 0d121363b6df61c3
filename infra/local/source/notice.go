package source

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// A failureNotice is what Lambda sends to the destination of a stream's failed batch: where the
// records lie, not the records.
type failureNotice struct {
	Request   failedRequest   `json:"requestContext"`
	Response  *failedResponse `json:"responseContext,omitempty"`
	Version   string          `json:"version"`
	Timestamp string          `json:"timestamp"`
	Batch     failedBatch     `json:"DDBStreamBatchInfo"`
}

type failedRequest struct {
	RequestID   string `json:"requestId"`
	FunctionARN string `json:"functionArn"`
	Condition   string `json:"condition"`
	Invocations int    `json:"approximateInvokeCount"`
}

type failedResponse struct {
	StatusCode int    `json:"statusCode"`
	Version    string `json:"executedVersion"`
	Error      string `json:"functionError"`
}

type failedBatch struct {
	Shard        string `json:"shardId"`
	First        string `json:"startSequenceNumber"`
	Last         string `json:"endSequenceNumber"`
	FirstArrived string `json:"approximateArrivalOfFirstRecord"`
	LastArrived  string `json:"approximateArrivalOfLastRecord"`
	Size         int    `json:"batchSize"`
	Stream       string `json:"streamArn"`
}

func (n failureNotice) send(ctx context.Context, client *sqs.Client, queue string) error {
	body, err := json.Marshal(n)
	if err != nil {
		return err
	}
	url, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &queue})
	if err != nil {
		return err
	}
	_, err = client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: url.QueueUrl, MessageBody: aws.String(string(body))})
	return err
}
