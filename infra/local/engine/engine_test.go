package engine

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func TestEngines(t *testing.T) {
	t.Parallel()
	engines := map[string]struct {
		start  func(context.Context, Options) (*Process, error)
		path   string
		status int
		keeps  bool
	}{
		"DynamoDB": {start: DynamoDB, path: "/", status: http.StatusBadRequest, keeps: true}, // the request is not signed
		"Queues":   {start: Queues, path: "/health", status: http.StatusOK, keeps: true},
		"Mail":     {start: Mail, path: "/store", status: http.StatusOK},
	}
	for name, e := range engines {
		t.Run(name+" starts, answers and is gone after Stop", func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			p := mustStart(t, e.start, Options{})
			t.Logf("up after %v", time.Since(began).Round(time.Millisecond))

			answer, err := http.Get(p.URL + e.path)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != e.status {
				t.Errorf("GET %s: status %d, want %d", e.path, answer.StatusCode, e.status)
			}

			p.Stop()
			if err := syscall.Kill(p.command.Process.Pid, 0); !errors.Is(err, syscall.ESRCH) {
				t.Errorf("the process is still there: %v", err)
			}
			if !isFree(strings.TrimPrefix(p.URL, "http://")) {
				t.Error("the port is still taken")
			}
			p.Stop() // a second time does nothing
		})
		if e.keeps {
			t.Run(name+" keeps its data in the folder and its output in the log", func(t *testing.T) {
				t.Parallel()
				dir := filepath.Join(t.TempDir(), "data")
				log := filepath.Join(t.TempDir(), "log")
				p := mustStart(t, e.start, Options{Dir: dir, Log: log})
				p.Stop()
				if said, err := os.ReadFile(log); err != nil || len(said) == 0 {
					t.Errorf("log: %q, %v", said, err)
				}
				if _, err := os.Stat(dir); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestQueuesAndMailGoByTheClock(t *testing.T) {
	t.Parallel()
	clock := filepath.Join(t.TempDir(), "clock")
	move := func(to string) {
		t.Helper()
		if err := os.WriteFile(clock+".next", []byte(to), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(clock+".next", clock); err != nil {
			t.Fatal(err)
		}
	}
	move("0")
	config := aws.Config{Region: Region, Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}
	t.Run("a message that waits comes when its time is over", func(t *testing.T) {
		queues := mustStart(t, Queues, Options{Clock: clock})
		client := sqs.NewFromConfig(config, func(o *sqs.Options) { o.BaseEndpoint = &queues.URL })
		made, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("q")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: made.QueueUrl, MessageBody: aws.String("later"), DelaySeconds: 900}); err != nil {
			t.Fatal(err)
		}
		take := func(seconds int32) int {
			t.Helper()
			got, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: made.QueueUrl, WaitTimeSeconds: seconds})
			if err != nil {
				t.Fatal(err)
			}
			return len(got.Messages)
		}
		if n := take(0); n != 0 {
			t.Errorf("%d messages came at once", n)
		}
		move("900000")
		if n := take(20); n != 1 {
			t.Errorf("%d messages came when the time was over; want 1", n)
		}
	})
	t.Run("a document bears its date, also on the next run", func(t *testing.T) {
		move("86400000")
		dir := t.TempDir()
		connect := func() (*Process, *s3.Client) {
			queues := mustStart(t, Queues, Options{Clock: clock, Dir: dir})
			return queues, s3.NewFromConfig(config, func(o *s3.Options) { o.BaseEndpoint = &queues.URL })
		}
		first, client := connect()
		bucket, key := aws.String("documents"), aws.String("of/one")
		if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket}); err != nil {
			t.Fatal(err)
		}
		if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("x")}); err != nil {
			t.Fatal(err)
		}
		first.Stop()
		_, client = connect()
		is, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: bucket, Key: key})
		if err != nil {
			t.Fatal(err)
		}
		if is.LastModified.Before(time.Now().Add(23 * time.Hour)) {
			t.Errorf("it bears %v; want tomorrow", is.LastModified)
		}
	})
	t.Run("a mail bears its date", func(t *testing.T) {
		mail := mustStart(t, Mail, Options{Clock: clock})
		client := sesv2.NewFromConfig(config, func(o *sesv2.Options) { o.BaseEndpoint = &mail.URL })
		text := &types.Content{Data: aws.String("hello")}
		move("86400000")
		_, err := client.SendEmail(t.Context(), &sesv2.SendEmailInput{
			FromEmailAddress: aws.String("desk@comptoir.example"), Destination: &types.Destination{ToAddresses: []string{"a@example.com"}},
			Content: &types.EmailContent{Simple: &types.Message{Subject: text, Body: &types.Body{Text: text}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.Get(mail.URL + "/store?since=" + strconv.FormatInt(time.Now().Add(23*time.Hour).Unix(), 10))
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if kept, err := io.ReadAll(answer.Body); err != nil || !strings.Contains(string(kept), "hello") {
			t.Errorf("nothing is dated tomorrow: %s, %v", kept, err)
		}
	})
}

func mustStart(t *testing.T, start func(context.Context, Options) (*Process, error), o Options) *Process {
	t.Helper()
	p, err := start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
}

func TestStart(t *testing.T) {
	t.Parallel()
	t.Run("tries another port when somebody takes the first meanwhile", func(t *testing.T) {
		t.Parallel()
		var ports []string
		p, err := startNode(t.Context(), Options{}, "aws-ses-v2-local/dist/cli.js", func(cmd *exec.Cmd, port string) {
			ports = append(ports, port)
			cmd.Args = append(cmd.Args, "--host", "127.0.0.1", "--port", port)
			if len(ports) == 1 {
				// A listener that never answers, so that nobody takes it for the engine. When it comes
				// too late, a process beside this test has taken the port, which serves as well.
				if thief, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
					t.Cleanup(func() { thief.Close() })
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Stop)
		if len(ports) < 2 || !strings.HasSuffix(p.URL, ports[len(ports)-1]) {
			t.Errorf("tried the ports %v, answers at %s", ports, p.URL)
		}
	})
	t.Run("says what an engine said that ended at its start", func(t *testing.T) {
		t.Parallel()
		_, err := DynamoDB(t.Context(), Options{HeapMB: -1})
		if err == nil || !strings.Contains(err.Error(), "Invalid maximum heap size") {
			t.Errorf("error: %v", err)
		}
	})
	t.Run("names the command that mends a missing file", func(t *testing.T) {
		t.Parallel()
		_, err := installed("node_modules/no-such-package/index.js")
		if err == nil || !strings.Contains(err.Error(), "make setup") {
			t.Errorf("error: %v", err)
		}
	})
}
