// Command bootstrap starts the function calendarauth, which the gateway asks.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"comptoir/functions/calendarauth"
	"comptoir/shared/setting"
	"comptoir/shared/table"
)

func main() {
	setting.Log()
	t, err := table.Open()
	if err != nil {
		setting.Stop(err)
	}
	lambda.Start(calendarauth.Handler(t))
}
