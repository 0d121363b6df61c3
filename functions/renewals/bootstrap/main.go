// Command bootstrap starts the function renewals: the messages of the renewal queue.
package main

import (
	"comptoir/functions/renewals"
	"comptoir/shared/queue"
)

func main() { queue.Serve(renewals.Handler) }
