// Command bootstrap starts the function seatcheck.
package main

import (
	_ "time/tzdata"

	"comptoir/functions/seatcheck"
	"comptoir/shared/api"
)

func main() { api.Serve(seatcheck.Operations) }
