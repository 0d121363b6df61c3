// Command bootstrap starts the function commissions.
package main

import (
	"comptoir/functions/commissions"
	"comptoir/shared/api"
)

func main() { api.Serve(commissions.Operations) }
