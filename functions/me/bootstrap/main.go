// Command bootstrap starts the function me.
package main

import (
	_ "time/tzdata"

	"comptoir/functions/me"
	"comptoir/shared/api"
)

func main() { api.Serve(me.Operations) }
