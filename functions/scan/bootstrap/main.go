// Command bootstrap starts the function scan, every hour.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"comptoir/functions/scan"
	"comptoir/shared/queue"
	"comptoir/shared/setting"
	"comptoir/shared/table"
)

func main() {
	setting.Log()
	t, err := table.Open()
	if err != nil {
		setting.Stop(err)
	}
	s := scan.Scan{Table: t, SQS: sqs.NewFromConfig(setting.AWS("SQS")), Queues: queue.URLs(scan.Settings)}
	lambda.Start(s.Handle)
}
