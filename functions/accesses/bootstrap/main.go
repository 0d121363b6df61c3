// Command bootstrap starts the function accesses.
package main

import (
	"comptoir/functions/accesses"
	"comptoir/shared/api"
)

func main() { api.Serve(accesses.Operations) }
