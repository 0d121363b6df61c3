// Command bootstrap starts the function outbox: new events of the table's stream.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"comptoir/functions/outbox"
	"comptoir/shared/queue"
	"comptoir/shared/setting"
)

func main() {
	setting.Log()
	o := outbox.Outbox{
		SQS: sqs.NewFromConfig(setting.AWS("SQS")), Queues: queue.URLs(outbox.Settings), Events: eventbridge.NewFromConfig(setting.AWS("EVENTBRIDGE")),
	}
	var err error
	if o.Bus, err = setting.Need(setting.EventBus); err != nil {
		setting.Stop(err)
	}
	lambda.Start(o.Handle)
}
