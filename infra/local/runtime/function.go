// Package runtime runs Lambda functions as processes of this machine: the binary that is deployed, one
// request at a time per process, spoken to through the Lambda Runtime API. What starts a function is
// left to the gateway and the event sources.
package runtime

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"time"
)

// A Function is what AWS would know of a Lambda function.
type Function struct {
	Name        string
	ARN         string
	Binary      string // path of the executable
	Timeout     time.Duration
	Memory      int // MB; told to the function, not enforced
	Region      string
	Environment map[string]string
	Concurrency int       // the most processes at a time
	Log         io.Writer // receives whole lines of stdout and stderr, from several goroutines
}

// An Error is the failure of a function, in the shape that its caller gets.
type Error struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

func (e *Error) Error() string { return e.Type + ": " + e.Message }

// The failures that the runtime itself reports, named as AWS names them.
const (
	Timeout  = "Sandbox.Timedout"
	Exit     = "Runtime.ExitError"
	TooLarge = "Function.ResponseSizeTooLarge"
)

// What functions sign with.
const (
	AccessKey = "local"
	SecretKey = "local"
)

// PayloadLimit is the largest event and the largest answer of a synchronous invocation, in bytes.
const PayloadLimit = 6 << 20

// environ is the environment of a process whose Runtime API listens at the address.
func (f Function) environ(address string) []string {
	env := map[string]string{
		"PATH":                            os.Getenv("PATH"),
		"LANG":                            "en_US.UTF-8",
		"TZ":                              ":UTC",
		"AWS_ACCESS_KEY_ID":               AccessKey,
		"AWS_SECRET_ACCESS_KEY":           SecretKey,
		"AWS_REGION":                      f.Region,
		"AWS_DEFAULT_REGION":              f.Region,
		"AWS_LAMBDA_FUNCTION_NAME":        f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(f.Memory),
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + f.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      "local",
		"AWS_LAMBDA_RUNTIME_API":          address,
		"_HANDLER":                        f.Name,
	}
	maps.Copy(env, f.Environment)
	var list []string
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, fmt.Sprintf("%s=%s", name, env[name]))
	}
	return list
}
