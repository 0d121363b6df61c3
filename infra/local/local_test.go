package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"comptoir/infra/local/engine"
	"comptoir/infra/local/enginetest"
	"comptoir/infra/local/identity"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// What tells the test binary to be a cloud on this folder and port.
const (
	parentVariable = "COMPTOIR_TEST_LOCAL"
	portVariable   = "COMPTOIR_TEST_PORT"
)

// TestMain lets the test binary play the cloud that is killed.
func TestMain(m *testing.M) {
	dir := os.Getenv(parentVariable)
	if dir == "" {
		enginetest.Main(m)
	}
	s := testSettings(dir, filepath.Join(dir, "bin"))
	s.port = os.Getenv(portVariable)
	s.ready = func(a addresses) { fmt.Println("ready", a.DynamoDB, a.Queues, a.Mail) }
	fmt.Println(run(context.Background(), s))
}

func testSettings(dir, binaries string) settings {
	return settings{
		dir: filepath.Join(dir, "data"), port: "0", binaries: binaries, snapshot: "blueprint/testdata/small.template.json",
		seed: func(context.Context, *dynamodb.Client, string) error { return nil }, ready: func(addresses) {},
	}
}

// build makes the functions of the small template: both answer null to everything.
func build(t *testing.T, folder string) {
	t.Helper()
	for _, name := range []string{"customers", "outbox"} {
		output, err := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", filepath.Join(folder, name, "bootstrap"), "./runtime/testdata/function").CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
	}
}

// start runs a cloud and returns its addresses, and what stops it and returns its error.
func start(t *testing.T, s settings) (addresses, func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ready, done := make(chan addresses, 1), make(chan error, 1)
	s.ready = func(a addresses) { ready <- a }
	go func() { done <- run(ctx, s) }()
	stop := func() error {
		cancel()
		return <-done
	}
	select {
	case a := <-ready:
		return a, stop
	case err := <-done:
		t.Fatalf("it did not start: %v", err)
		return addresses{}, nil
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return port
}

func TestRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	build(t, filepath.Join(dir, "bin"))
	s := testSettings(dir, filepath.Join(dir, "bin"))
	s.port = freePort(t)
	var seeded atomic.Int32
	s.seed = func(_ context.Context, _ *dynamodb.Client, table string) error {
		if table != "TableCD117FA1" {
			t.Errorf("seeds %s", table)
		}
		seeded.Add(1)
		return nil
	}
	a, stop := start(t, s)

	for name, want := range map[string]int{
		"claire@cabinet-martin.example": http.StatusOK, "product": http.StatusOK, "": http.StatusUnauthorized,
	} {
		token := ""
		if name != "" {
			var err error
			if token, err = tokenFor(t.Context(), a, name, identity.UserToken); err != nil {
				t.Fatal(err)
			}
		}
		if status, body := get(t, a.API+"/v1/customers/cus_dupont", token); status != want {
			t.Errorf("%q: status %d; want %d: %s", name, status, want, body)
		}
	}
	for path, text := range map[string]string{"/": "claire@", "/docs/": "swagger-ui", "/identity/keys": "RS256"} {
		if status, body := get(t, a.API+path, ""); status != http.StatusOK || !strings.Contains(body, text) {
			t.Errorf("%s: status %d; want %q in it", path, status, text)
		}
	}
	wantRecords(t, s.dir, a.DNS)
	wantDocuments(t, s.dir, a.Archive)
	if _, err := tokenFor(t.Context(), a, "nobody", identity.UserToken); err == nil || !strings.Contains(err.Error(), "paul@cabinet-martin.example") || !strings.Contains(err.Error(), "product") {
		t.Errorf("nobody: %v; want the names that there are", err)
	}

	second := s
	if err := run(t.Context(), second); err == nil || !strings.Contains(err.Error(), "runs on "+s.dir) {
		t.Errorf("a second run on the folder: %v", err)
	}
	second.dir = filepath.Join(dir, "other")
	if err := run(t.Context(), second); err == nil || !strings.Contains(err.Error(), "port "+s.port+" is taken") {
		t.Errorf("a second run on the port: %v", err)
	}
	if err := reset(s.dir); err == nil || !strings.Contains(err.Error(), "stop it first") {
		t.Errorf("reset while it runs: %v", err)
	}

	if err := stop(); err != nil {
		t.Errorf("stopped with %v", err)
	}
	for _, url := range []string{a.DynamoDB, a.Queues, a.Mail, a.Archive} {
		if listens(url) {
			t.Errorf("%s still listens", url)
		}
	}
	if _, err := running(s.dir); err == nil || !strings.Contains(err.Error(), "nothing runs on") {
		t.Errorf("after the stop: %v", err)
	}

	s.port = freePort(t)
	_, stop = start(t, s)
	if err := stop(); err != nil {
		t.Error(err)
	}
	if seeded.Load() != 1 {
		t.Errorf("seeded %d times; want once", seeded.Load())
	}
	if err := reset(s.dir); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(s.dir); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestEngineThatEndsStopsTheRun(t *testing.T) {
	t.Parallel()
	gone := &engine.Process{URL: "http://127.0.0.1:" + freePort(t)} // nobody listens there
	c := newCloud(settings{}, nil, "")
	c.run(t.Context(), "fauxqs", func() error { return watch(t.Context(), gone) })
	if err := c.wait(t.Context()); err == nil || !strings.Contains(err.Error(), "fauxqs: has ended") {
		t.Errorf("got %v; want to hear of fauxqs", err)
	}
}

func TestFunctionThatIsNotBuilt(t *testing.T) {
	t.Parallel()
	s := testSettings(t.TempDir(), "nowhere")
	s.port = freePort(t)
	if err := run(t.Context(), s); err == nil || !strings.Contains(err.Error(), `customers is not built: run "make build"`) {
		t.Errorf("got %v", err)
	}
}

func TestTemplateThatIsNotKnownStartsNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := testSettings(dir, "nowhere")
	s.snapshot = filepath.Join(dir, "template.json")
	if err := os.WriteFile(s.snapshot, []byte(`{"Resources":{"S":{"Type":"AWS::Kinesis::Stream"}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), s); err == nil || !strings.Contains(err.Error(), "Resources.S.Type: AWS::Kinesis::Stream is not known locally") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(s.dir, "dynamodb")); !os.IsNotExist(err) {
		t.Error("an engine was started")
	}
}

func TestTokenWithoutACloud(t *testing.T) {
	t.Parallel()
	if err := printToken(t.Context(), t.TempDir(), "operator", identity.UserToken); err == nil || !strings.Contains(err.Error(), "make run") {
		t.Errorf("got %v; want what to do", err)
	}
	if err := printMail(t.Context(), t.TempDir(), "ada@example.com"); err == nil || !strings.Contains(err.Error(), "make run") {
		t.Errorf("a mail: got %v; want what to do", err)
	}
	if err := addRecord(t.TempDir(), "a.example", "x"); err == nil || !strings.Contains(err.Error(), "make run") {
		t.Errorf("a record: got %v; want what to do", err)
	}
}

func TestResetOfAFolderThatIsNotOurs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "precious")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := reset(dir); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Errorf("it was deleted: %v", err)
	}
}

func TestErrorsOfFunctionsAreShown(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`{"level":"INFO","msg":"request"}`:                           "",
		`{"level":"ERROR","msg":"commit","error":"table is gone"}`:   "commit table is gone",
		`{"errorMessage":"on purpose","errorType":"string"}`:         "string on purpose",
		"panic: on purpose\n":                                        "panic: on purpose",
		"a line\n":                                                   "",
		`{"level":"ERROR","msg":"` + strings.Repeat("x", 300) + `"}`: strings.Repeat("x", 200) + " …",
	} {
		if got := failure([]byte(line)); got != want {
			t.Errorf("%s: %q; want %q", line, got, want)
		}
	}
}

func get(t *testing.T, url, token string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func listens(url string) bool {
	connection, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err == nil {
		connection.Close()
	}
	return err == nil
}
