// Command bootstrap starts the function calendars.
package main

import (
	"comptoir/functions/calendars"
	"comptoir/shared/api"
)

func main() { api.Serve(calendars.Operations) }
