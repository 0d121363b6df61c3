package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"comptoir/infra/local/engine"
	"comptoir/infra/local/runtime"
	"comptoir/shared/archive"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
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

// putInBuckets puts something into each bucket.
func putInBuckets(t *testing.T, client *s3.Client) {
	t.Helper()
	for name := range buckets(t, client) {
		if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &name, Key: aws.String("of/one"), Body: strings.NewReader("x")}); err != nil {
			t.Fatal(err)
		}
	}
}

// inBuckets counts what there is, by the bucket's name in the stack.
func inBuckets(t *testing.T, client *s3.Client) map[string]int {
	t.Helper()
	left := map[string]int{}
	for name, stacks := range buckets(t, client) {
		out, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &name})
		if err != nil {
			t.Fatal(err)
		}
		left[stacks] = len(out.Contents)
	}
	return left
}

// buckets are the names of all, with their names in the stack.
func buckets(t *testing.T, client *s3.Client) map[string]string {
	t.Helper()
	out, err := client.ListBuckets(t.Context(), &s3.ListBucketsInput{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, b := range out.Buckets {
		all[*b.Name] = (*b.Name)[:len(*b.Name)-8] // a logical id ends in a hash
	}
	return all
}
