// Command bootstrap starts the function accounts.
package main

import (
	_ "time/tzdata"

	"comptoir/functions/accounts"
	"comptoir/shared/api"
)

func main() { api.Serve(accounts.Operations) }
