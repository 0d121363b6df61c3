package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// amazon answers as SQS does for a stack whose renewal queue has three dead letters and whose notice queue has none; it keeps which
// tasks were started. fauxqs has no tasks.
func amazon(t *testing.T) (*sqs.Client, *[]string) {
	t.Helper()
	const account = "https://sqs.eu-west-3.amazonaws.com/111122223333/"
	var started []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		var in struct {
			QueueNamePrefix, QueueURL, QueueName, SourceArn, DestinationArn string
			AttributeNames                                                  []string
		}
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &in); err != nil {
			t.Error(err)
		}
		var out any
		switch action {
		case "ListQueues":
			var urls []string
			for _, name := range []string{"Comptoir-noticedeadqueue9E9155FF-a", "Comptoir-noticequeue773707B1-b", "Comptoir-renewaldeadqueue541E35DD-c", "Comptoir-renewalqueue0A0A0A0A-d"} {
				if strings.HasPrefix(name, in.QueueNamePrefix) {
					urls = append(urls, account+name)
				}
			}
			out = map[string]any{"QueueUrls": urls}
		case "GetQueueUrl":
			out = map[string]string{"QueueUrl": account + in.QueueName}
		case "GetQueueAttributes":
			attributes := map[string]string{"ApproximateNumberOfMessages": "0"}
			switch {
			case strings.Contains(in.QueueURL, "renewaldead"):
				attributes["ApproximateNumberOfMessages"] = "3"
			case strings.Contains(in.QueueURL, "renewalqueue"):
				attributes["RedrivePolicy"] = `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-3:111122223333:Comptoir-renewaldeadqueue541E35DD-c","maxReceiveCount":5}`
			default:
				attributes["RedrivePolicy"] = `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-3:111122223333:Comptoir-noticedeadqueue9E9155FF-a","maxReceiveCount":5}`
			}
			out = map[string]any{"Attributes": attributes}
		case "StartMessageMoveTask":
			started = append(started, in.SourceArn+in.DestinationArn)
			out = map[string]string{"TaskHandle": "h"}
		default:
			t.Errorf("%s was asked for: it has messages in its hands", action)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		json.NewEncoder(w).Encode(out)
	}))
	t.Cleanup(server.Close)
	return sqs.New(sqs.Options{
		Region: "eu-west-3", BaseEndpoint: &server.URL, Credentials: aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider("a", "b", "")),
	}), &started
}

func TestSQSMovesTheMessagesOfADeployment(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ queue, says, starts string }{
		{"renewal", "renewal: 3 on their way back\n", "arn:aws:sqs:eu-west-3:111122223333:Comptoir-renewaldeadqueue541E35DD-c"},
		{"notice", "notice: 0 on their way back\n", ""},
	} {
		client, started := amazon(t)
		var out strings.Builder
		if err := command(t.Context(), client, []string{"Comptoir", c.queue}, &out); err != nil {
			t.Error(err)
		}
		if out.String() != c.says || strings.Join(*started, " ") != c.starts {
			t.Errorf("%s: says %q and starts %v", c.queue, &out, *started)
		}
	}
	client, _ := amazon(t)
	for _, args := range [][]string{nil, {"Comptoir", "renewal", "notice"}, {"Other", "renewal"}, {"Comptoir", "letters"}} {
		if err := command(t.Context(), client, args, io.Discard); err == nil {
			t.Errorf("%v was taken", args)
		}
	}
}
