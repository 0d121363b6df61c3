// Command bootstrap starts the function closings: the messages of the statement queue.
package main

import (
	"comptoir/functions/closings"
	"comptoir/shared/queue"
)

func main() { queue.Serve(closings.Handler) }
