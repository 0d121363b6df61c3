// Command local runs Comptoir on this machine, from the very template that is deployed: no containers,
// no AWS account.
//
//	go run ./infra/local                run, until Ctrl-C
//	go run ./infra/local token NAME     print an access token of a user (by e-mail) or a client
//	go run ./infra/local token NAME id  print the ID token of a user, which says the mail address
//	go run ./infra/local txt NAME VALUE add a TXT record to the DNS of the local cloud: play a customer's domain
//	go run ./infra/local mail ADDRESS   print the latest mail to an address
//	go run ./infra/local advance 31d    move the clock on (6h, 2w, 1y), and do what falls due
//	go run ./infra/local pay CUSTOMER   pay all that a customer has open
//	go run ./infra/local redrive [QUEUE] bring dead letters back to their queue
//	go run ./infra/local reset          forget all data
//
// PORT (8080) is where the API answers, LOCAL_DIR (.local) is where the data is kept; with others of
// both, several can run side by side.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"comptoir/infra/local/demo"
	"comptoir/infra/local/identity"
	"comptoir/shared/queue"
)

const usage = "usage: go run ./infra/local [run | token <email or client> [id] | txt <name> <value> | mail <address> | advance <time> | pay <customer> | redrive [<queue>] | reset]"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait
	dir, port := cmp.Or(os.Getenv("LOCAL_DIR"), ".local"), cmp.Or(os.Getenv("PORT"), "8080")
	if err := command(ctx, os.Args[1:], dir, port); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string, dir, port string) error {
	switch {
	case len(args) == 0 || len(args) == 1 && args[0] == "run":
		return run(ctx, settings{
			dir: dir, port: port, seed: demo.Seed, ready: func(addresses) {},
			snapshot: "infra/snapshot/comptoir.template.json", binaries: "dist/local",
		})
	case len(args) == 2 && args[0] == "token":
		return printToken(ctx, dir, args[1], identity.UserToken)
	case len(args) == 3 && args[0] == "token" && args[2] == "id":
		return printToken(ctx, dir, args[1], identity.IDToken)
	case len(args) == 3 && args[0] == "txt":
		return addRecord(dir, args[1], args[2])
	case len(args) == 2 && args[0] == "mail":
		return printMail(ctx, dir, args[1])
	case len(args) == 2 && args[0] == "advance":
		return moveClock(ctx, dir, args[1])
	case len(args) == 2 && args[0] == "pay":
		return payAll(ctx, dir, args[1])
	case len(args) == 1 && args[0] == "redrive":
		return bringBack(ctx, dir, "")
	case len(args) == 2 && args[0] == "redrive":
		return bringBack(ctx, dir, queue.Name(args[1]))
	case len(args) == 1 && args[0] == "reset":
		return reset(dir)
	}
	return errors.New(usage)
}
