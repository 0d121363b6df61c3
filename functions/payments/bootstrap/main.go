// Command bootstrap starts the function payments.
package main

import (
	"comptoir/functions/payments"
	"comptoir/shared/api"
)

func main() { api.Serve(payments.Operations) }
