// Command infra synthesizes Comptoir's CloudFormation template from the context of cdk.json:
// by itself (go run ./infra) or started by the CDK's command line (cdk synth, deploy, diff).
package main

import (
	"cmp"
	"log"
	"os"

	"comptoir/infra/stack"

	"github.com/aws/jsii-runtime-go"
)

func main() {
	out := cmp.Or(os.Getenv("CDK_OUTDIR"), "cdk.out") // the command line chooses its own
	_, err := stack.Synth("cdk.json", out, nil)
	jsii.Close() // the Node process that the CDK runs in, and its temporary files
	if err != nil {
		log.Fatal(err)
	}
}
