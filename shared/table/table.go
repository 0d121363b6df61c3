// Package table keeps Comptoir's values in its single DynamoDB table. It alone knows keys and indexes
// (one file per entity) and talks to the SDK. Operations reach it through Read and Write: load what
// is announced, allow, decide, commit in one transaction. What is decided is not its concern.
package table

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"comptoir/shared/problem"
	"comptoir/shared/setting"
)

// Table is the single table.
type Table struct {
	client *dynamodb.Client
	name   string
	now    func() time.Time
	random io.Reader
}

// Option replaces a part of the table, in tests.
type Option func(*Table)

// Clock sets where the time comes from.
func Clock(now func() time.Time) Option { return func(t *Table) { t.now = now } }

// Random sets where the randomness of identifiers comes from.
func Random(source io.Reader) Option { return func(t *Table) { t.random = source } }

// New is the table of a name.
func New(client *dynamodb.Client, name string, options ...Option) *Table {
	t := &Table{client: client, name: name, now: time.Now, random: rand.Reader}
	for _, o := range options {
		o(t)
	}
	return t
}

// Open is the table that a function's settings name.
func Open() (*Table, error) {
	name, err := setting.Need(setting.Table)
	if err != nil {
		return nil, err
	}
	return New(Client(setting.AWS("DYNAMODB")), name, Clock(setting.Now)), nil
}

// callTime is how long one call may last: the table answers in milliseconds or not at all.
const callTime = 3 * time.Second

// Client is the DynamoDB client that functions use: the SDK tries a call three times, soon after one
// another, since a caller is waiting.
func Client(cfg aws.Config, options ...func(*dynamodb.Options)) *dynamodb.Client {
	patient := func(o *dynamodb.Options) {
		o.Retryer = retry.NewStandard(func(r *retry.StandardOptions) {
			r.MaxAttempts, r.MaxBackoff = 3, 300*time.Millisecond
			r.RateLimiter = ratelimit.None
		})
		o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(callTime)
	}
	return dynamodb.NewFromConfig(cfg, append([]func(*dynamodb.Options){patient}, options...)...)
}

// failure is what a caller is told when the store doesn't do as asked.
func failure(err error) error {
	switch {
	case err == nil:
		return nil
	case problem.Of(err) != nil:
		return err
	case throttled(err):
		return problem.TooMany().Because(err)
	case unreachable(err):
		return problem.Unavailable().Because(err)
	}
	return err
}

func throttled(err error) bool {
	switch codeOf(err) {
	case "ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded", "LimitExceededException":
		return true
	}
	return cancelledFor(err, "ThrottlingError", "ProvisionedThroughputExceeded")
}

// unreachable tells failures after which nobody knows whether the store did it.
func unreachable(err error) bool {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorFault() == smithy.FaultServer || api.ErrorCode() == "InternalServerError"
	}
	_, network := errors.AsType[net.Error](err)
	_, sending := errors.AsType[*smithyhttp.RequestSendError](err)
	_, cut := errors.AsType[*smithy.DeserializationError](err)
	return network || sending || cut || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

func codeOf(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}
