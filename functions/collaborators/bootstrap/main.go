// Command bootstrap starts the function collaborators.
package main

import (
	"comptoir/functions/collaborators"
	"comptoir/shared/api"
)

func main() { api.Serve(collaborators.Operations) }
