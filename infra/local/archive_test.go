package main

import (
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"comptoir/infra/local/engine"
	"comptoir/infra/local/runtime"
	"comptoir/shared/archive"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// wantDocuments keeps a document as a function does, and reads it by its link, until the clock is moved on.
func wantDocuments(t *testing.T, dir, address string) {
	t.Helper()
	clock := clock{file: filepath.Join(dir, "clock"), zone: time.UTC}
	a := archive.New(aws.Config{
		Region: engine.Region, BaseEndpoint: &address, Credentials: credentials.NewStaticCredentialsProvider(runtime.AccessKey, runtime.SecretKey, ""),
	}, "archiveda4cb258", clock.now)
	if err := a.Put(t.Context(), "of/one", "text/csv", "one.csv", []byte("a;b")); err != nil {
		t.Fatal(err)
	}
	link, err := a.Link(t.Context(), "of/one", 5*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if status, body := get(t, link, ""); status != http.StatusOK || body != "a;b" {
		t.Errorf("by its link: status %d: %s", status, body)
	}
	if status, body := get(t, address+"/archiveda4cb258", ""); status != http.StatusForbidden {
		t.Errorf("the list of the bucket: status %d: %s", status, body)
	}
	if err := clock.moveTo(clock.now().Add(6 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	if status, body := get(t, link, ""); status != http.StatusForbidden {
		t.Errorf("by its link, later: status %d: %s", status, body)
	}
}
