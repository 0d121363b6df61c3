// Command bootstrap starts the function customers.
package main

import (
	_ "time/tzdata"

	"comptoir/functions/customers"
	"comptoir/shared/api"
)

func main() { api.Serve(customers.Operations) }
