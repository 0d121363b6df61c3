// Command bootstrap starts the function notices: the messages of the notice queue.
package main

import (
	"comptoir/functions/notices"
	"comptoir/shared/queue"
)

func main() { queue.Serve(notices.Mailing) }
