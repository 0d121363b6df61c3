// Command bootstrap starts the function notifications.
package main

import (
	"comptoir/functions/notifications"
	"comptoir/shared/api"
)

func main() { api.Serve(notifications.Operations) }
