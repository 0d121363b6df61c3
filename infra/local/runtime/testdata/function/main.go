// Command function is a Lambda that does what its event says, for the tests of package runtime.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type handler struct{}

func (handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var event struct{ Do, Name string }
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, err
	}
	switch event.Do {
	case "echo":
		return payload, nil
	case "fail":
		return nil, errors.New("refused on purpose")
	case "panic":
		panic("on purpose")
	case "exit":
		os.Exit(3)
	case "hang":
		<-time.After(time.Hour)
	case "garbage":
		return []byte("}not json{"), nil
	case "large":
		return json.Marshal(strings.Repeat("x", 7<<20))
	case "log":
		fmt.Println("a line")
		fmt.Fprint(os.Stderr, "half a ", "line")
	case "process":
		return json.Marshal(os.Getpid())
	case "meet": // answers once another process has come to the same place
		return meet(event.Name)
	case "environment":
		return json.Marshal(os.Getenv(event.Name))
	case "context":
		deadline, _ := ctx.Deadline()
		lc, _ := lambdacontext.FromContext(ctx)
		return json.Marshal(map[string]any{"left": time.Until(deadline).Seconds(), "arn": lc.InvokedFunctionArn})
	}
	return []byte("null"), nil
}

// meet leaves a file in the folder and waits until there are two.
func meet(folder string) ([]byte, error) {
	if err := os.WriteFile(fmt.Sprintf("%s/%d", folder, os.Getpid()), nil, 0o600); err != nil {
		return nil, err
	}
	for {
		files, err := os.ReadDir(folder)
		if err != nil || len(files) >= 2 {
			return []byte("null"), err
		}
	}
}

func main() {
	if os.Getenv("REFUSE_TO_START") != "" {
		fmt.Fprintln(os.Stderr, "TABLE_NAME is not set")
		os.Exit(1)
	}
	lambda.StartHandler(handler{})
}
