// Command bootstrap starts the function seats.
package main

import (
	_ "time/tzdata"

	"comptoir/functions/seats"
	"comptoir/shared/api"
)

func main() { api.Serve(seats.Operations) }
