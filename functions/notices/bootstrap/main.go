package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"comptoir/functions/notices"
	"comptoir/shared/api"
	"comptoir/shared/queue"
	"comptoir/shared/setting"
)

func main() {
	t, err := api.Table(context.Background())
	if err != nil {
		setting.Stop(err)
	}
	lambda.Start(queue.Handle(notices.Handler(t)))
}
