// Command bootstrap starts the function customers.
package main

import (
	"comptoir/functions/customers"
	"comptoir/shared/api"
)

func main() { api.Serve(customers.Operations) }
