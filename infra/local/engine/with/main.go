// Command with runs another command while one DynamoDB Local, in memory, is up for all its tests:
//
//	go run ./infra/local/engine/with -- go test ./...
//
// The command finds it through the environment; its exit code is passed on.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"comptoir/infra/local/engine"
)

// heapMB is for the tables of all packages' tests, which live until the end.
const heapMB = 1024

func main() {
	args := os.Args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: with -- command …")
		os.Exit(2)
	}
	code, err := run(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(args []string) (code int, err error) {
	dynamo, err := engine.DynamoDB(context.Background(), engine.Options{HeapMB: heapMB})
	if err != nil {
		return 0, err
	}
	defer dynamo.Stop()

	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), engine.DynamoDBVariable+"="+dynamo.URL)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr

	// The engine stays up until the command has ended. A terminal sends Ctrl-C to both of us.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	go func() {
		for s := range signals {
			if s == syscall.SIGTERM {
				_ = cmd.Process.Signal(s) // fails only when the command has ended
			}
		}
	}()
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	return cmd.ProcessState.ExitCode(), nil
}
