// Command bootstrap starts the function overlimit: the messages of the over-limit queue.
package main

import (
	"comptoir/functions/notices"
	"comptoir/shared/queue"
)

func main() { queue.Serve(notices.Handler) }
