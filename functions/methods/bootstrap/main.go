// Command bootstrap starts the function methods.
package main

import (
	"comptoir/functions/methods"
	"comptoir/shared/api"
)

func main() { api.Serve(methods.Operations) }
