// Command bootstrap starts the function licences.
package main

import (
	"comptoir/functions/licences"
	"comptoir/shared/api"
)

func main() { api.Serve(licences.Operations) }
