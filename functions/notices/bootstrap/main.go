// Command bootstrap starts the function notices: the messages of the notice queue.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"comptoir/functions/notices"
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
	lambda.Start(queue.Handle(notices.Handler(t)))
}
