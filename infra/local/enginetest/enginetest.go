// Package enginetest gives tests the real engines, one of each per test binary.
package enginetest

import (
	"cmp"
	"context"
	"crypto/rand"
	"os"
	"sync"
	"testing"

	"comptoir/infra/local/engine"
	"comptoir/infra/local/resource"
)

var (
	dynamo = sync.OnceValues(func() (string, error) {
		if url := os.Getenv(engine.DynamoDBVariable); url != "" {
			return url, nil
		}
		return start(engine.DynamoDB)
	})
	queues = sync.OnceValues(func() (string, error) { return start(engine.Queues) })
	mails  = sync.OnceValues(func() (string, error) { return start(engine.Mail) })

	mu      sync.Mutex
	started []*engine.Process
)

// Main runs a package's tests and stops the engines afterwards. A TestMain calls it.
func Main(m *testing.M) {
	code := m.Run()
	for _, p := range started {
		p.Stop()
	}
	os.Exit(code)
}

// Connect returns clients of the engines. Its tables belong to the test alone; its queues need names
// of their own, such as Name gives.
func Connect(t testing.TB) resource.Clients {
	t.Helper()
	dynamoURL, err := dynamo()
	queueURL, queueErr := queues()
	if err := cmp.Or(err, queueErr); err != nil {
		t.Fatal(err)
	}
	return resource.Connect(engine.Region, Name(), dynamoURL, queueURL)
}

// Mail is the address of aws-ses-v2-local. Its store is everybody's: a test writes to addresses of its own.
func Mail(t testing.TB) string {
	t.Helper()
	url, err := mails()
	if err != nil {
		t.Fatal(err)
	}
	return url
}

// Name is a name that nothing else has.
func Name() string { return "test" + rand.Text() }

func start(launch func(context.Context, engine.Options) (*engine.Process, error)) (string, error) {
	p, err := launch(context.Background(), engine.Options{})
	if err != nil {
		return "", err
	}
	mu.Lock()
	defer mu.Unlock()
	started = append(started, p)
	return p.URL, nil
}
