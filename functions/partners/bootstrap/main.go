// Command bootstrap starts the function partners.
package main

import (
	"comptoir/functions/partners"
	"comptoir/shared/api"
)

func main() { api.Serve(partners.Operations) }
