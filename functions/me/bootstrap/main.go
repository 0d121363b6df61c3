// Command bootstrap starts the function me.
package main

import (
	"comptoir/functions/me"
	"comptoir/shared/api"
)

func main() { api.Serve(me.Operations) }
