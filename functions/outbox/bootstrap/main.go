// Command bootstrap starts the function outbox: new events of the table's stream.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"comptoir/functions/outbox"
	"comptoir/shared/queue"
	"comptoir/shared/setting"
)

func main() {
	setting.Log()
	url, err := setting.Need(setting.NoticeQueue)
	if err != nil {
		setting.Stop(err)
	}
	o := outbox.Outbox{SQS: sqs.NewFromConfig(setting.AWS("SQS")), Queues: map[queue.Name]string{queue.Notice: url}}
	lambda.Start(o.Handle)
}
