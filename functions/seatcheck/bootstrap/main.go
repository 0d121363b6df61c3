// Command bootstrap starts the function seatcheck.
package main

import (
	"comptoir/functions/seatcheck"
	"comptoir/shared/api"
)

func main() { api.Serve(seatcheck.Operations) }
