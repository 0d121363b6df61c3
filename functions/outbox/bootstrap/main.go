package main

import (
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"comptoir/functions/outbox"
	"comptoir/shared/queue"
	"comptoir/shared/setting"
)

func main() {
	url, err := setting.Need(setting.NoticeQueue)
	if err != nil {
		setting.Stop(err)
	}
	o := outbox.Outbox{SQS: sqs.NewFromConfig(setting.AWS("SQS")), Queues: map[queue.Name]string{queue.Notice: url}}
	lambda.Start(o.Handle)
}
