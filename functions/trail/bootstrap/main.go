// Command bootstrap starts the function trail: the messages of the trail queue.
package main

import (
	"comptoir/functions/trail"
	"comptoir/shared/queue"
)

func main() { queue.Serve(trail.Handler) }
