// Command bootstrap starts the function licences.
package main

import (
	_ "time/tzdata"

	"comptoir/functions/licences"
	"comptoir/shared/api"
)

func main() { api.Serve(licences.Operations) }
