// Command bootstrap starts the function accounts.
package main

import (
	"comptoir/functions/accounts"
	"comptoir/shared/api"
)

func main() { api.Serve(accounts.Operations) }
