// Command infra synthesizes Comptoir's CloudFormation template from the context of cdk.json:
// by itself (go run ./infra) or started by the CDK's command line (cdk synth, deploy, diff).
package main

import (
	"cmp"
	"log"
	"os"

	"comptoir/infra/stack"
)

func main() {
	out := cmp.Or(os.Getenv("CDK_OUTDIR"), "cdk.out") // the command line chooses its own
	if _, err := stack.Synth("cdk.json", out, nil); err != nil {
		log.Fatal(err)
	}
}
