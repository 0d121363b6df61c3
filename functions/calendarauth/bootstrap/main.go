// Command bootstrap starts the function calendarauth, which the gateway asks.
package main

import (
	"comptoir/functions/calendarauth"
	"comptoir/shared/api"
)

func main() { api.ServeAuthorizer(calendarauth.Whose) }
