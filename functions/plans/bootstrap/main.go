// Command bootstrap starts the function plans.
package main

import (
	_ "time/tzdata"

	"comptoir/functions/plans"
	"comptoir/shared/api"
)

func main() { api.Serve(plans.Operations) }
