// Command bootstrap starts the function webhooks: the messages of the webhook queue.
package main

import (
	"comptoir/functions/webhooks"
	"comptoir/shared/queue"
)

func main() { queue.ServeAtOnce(webhooks.Handler) }
