// Command bootstrap starts the function statements.
package main

import (
	"runtime/debug"

	"comptoir/functions/statements"
	"comptoir/shared/api"
	"comptoir/shared/archive"
	"comptoir/shared/setting"
)

func main() {
	debug.SetMemoryLimit(statements.Memory)
	a, err := archive.Open()
	if err != nil {
		setting.Stop(err)
	}
	api.Serve(func(env api.Env) []api.Operation {
		env.Archive = a
		return statements.Operations(env)
	})
}
