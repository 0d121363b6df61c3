// Command bootstrap starts the function statements.
package main

import (
	"comptoir/functions/statements"
	"comptoir/shared/api"
	"comptoir/shared/archive"
	"comptoir/shared/setting"
)

func main() {
	a, err := archive.Open()
	if err != nil {
		setting.Stop(err)
	}
	api.Serve(func(env api.Env) []api.Operation {
		env.Archive = a
		return statements.Operations(env)
	})
}
