// Command bootstrap starts the function domains.
package main

import (
	"comptoir/functions/domains"
	"comptoir/shared/api"
	"comptoir/shared/dns"
	"comptoir/shared/setting"
)

func main() {
	api.Serve(func(env api.Env) []api.Operation {
		resolver, err := dns.Open()
		if err != nil {
			setting.Stop(err)
		}
		env.DNS = resolver
		return domains.Operations(env)
	})
}
