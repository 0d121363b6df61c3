package eventbus_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"comptoir/infra/local/eventbus"
)

func started(t *testing.T) (*eventbridge.Client, string) {
	t.Helper()
	b := &eventbus.Bus{Buses: []string{"comptoir"}, File: filepath.Join(t.TempDir(), "events.jsonl"), Region: "eu-west-3", AccountID: "000000000000"}
	mux := http.NewServeMux()
	mux.Handle("/events", b)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return eventbridge.New(eventbridge.Options{
		Region: "eu-west-3", BaseEndpoint: aws.String(server.URL + "/events"), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
	}), b.File
}

func entry(bus, detail string) types.PutEventsRequestEntry {
	at := time.Date(2026, 3, 10, 11, 0, 0, 500e6, time.UTC)
	return types.PutEventsRequestEntry{
		EventBusName: &bus, Source: aws.String("comptoir"), DetailType: aws.String("licence.taken"), Detail: &detail, Time: &at, Resources: []string{"cus_1"},
	}
}

// The SDK's own client puts events; each is a line as a rule's target gets it, in the order of the calls.
func TestEventsAreWrittenAsTargetsGetThem(t *testing.T) {
	t.Parallel()
	client, file := started(t)
	for n := range 2 {
		out, err := client.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{entry("comptoir", fmt.Sprintf(`{"n":%d}`, n))}})
		if err != nil || out.FailedEntryCount != 0 || len(out.Entries) != 1 || aws.ToString(out.Entries[0].EventId) == "" {
			t.Fatal(out, err)
		}
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := 0
	for s := bufio.NewScanner(f); s.Scan(); lines++ {
		var e eventbus.Event
		if err := json.Unmarshal(s.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		if e.DetailType != "licence.taken" || e.Source != "comptoir" || string(e.Detail) != fmt.Sprintf(`{"n":%d}`, lines) ||
			!e.Time.Equal(time.Date(2026, 3, 10, 11, 0, 0, 500e6, time.UTC)) || len(e.Resources) != 1 || e.Region != "eu-west-3" {
			t.Errorf("%s", s.Text())
		}
	}
	if lines != 2 {
		t.Errorf("%d lines", lines)
	}
}

// What is wrong with one entry is told of that entry, and the others are taken.
func TestEntriesFailOneByOne(t *testing.T) {
	t.Parallel()
	client, file := started(t)
	out, err := client.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{
		entry("comptoir", "{}"), entry("elsewhere", "{}"), entry("comptoir", "{"), entry("comptoir", "{}"),
	}})
	if err != nil || out.FailedEntryCount != 2 {
		t.Fatal(out, err)
	}
	for n, want := range []string{"", "ResourceNotFoundException", "MalformedDetail", ""} {
		if got := aws.ToString(out.Entries[n].ErrorCode); got != want {
			t.Errorf("entry %d: %q, want %q", n, got, want)
		}
	}
	if text, _ := os.ReadFile(file); strings.Count(string(text), "\n") != 2 {
		t.Errorf("written %s", text)
	}
}

func TestCallsThatAWSRefusesAreRefused(t *testing.T) {
	t.Parallel()
	client, _ := started(t)
	eleven, heavy := make([]types.PutEventsRequestEntry, 11), make([]types.PutEventsRequestEntry, 2)
	for n := range eleven {
		eleven[n] = entry("comptoir", "{}")
	}
	for n := range heavy {
		heavy[n] = entry("comptoir", `"`+strings.Repeat("x", 140<<10)+`"`)
	}
	for name, entries := range map[string][]types.PutEventsRequestEntry{"eleven": eleven, "heavy": heavy} {
		if out, err := client.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: entries}); err == nil || !strings.Contains(err.Error(), "ValidationException") {
			t.Errorf("%s: %v, %v", name, out, err)
		}
	}
	if _, err := client.ListEventBuses(t.Context(), &eventbridge.ListEventBusesInput{}); err == nil || !strings.Contains(err.Error(), "UnknownOperationException") {
		t.Errorf("another operation: %v", err)
	}
}
