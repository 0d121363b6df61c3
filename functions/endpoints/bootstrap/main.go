// Command bootstrap starts the function endpoints.
package main

import (
	"comptoir/functions/endpoints"
	"comptoir/shared/api"
)

func main() { api.Serve(endpoints.Operations) }
