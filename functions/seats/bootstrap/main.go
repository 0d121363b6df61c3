// Command bootstrap starts the function seats.
package main

import (
	"comptoir/functions/seats"
	"comptoir/shared/api"
)

func main() { api.Serve(seats.Operations) }
