// Command bootstrap starts the function plans.
package main

import (
	"comptoir/functions/plans"
	"comptoir/shared/api"
)

func main() { api.Serve(plans.Operations) }
