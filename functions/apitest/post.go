package apitest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"comptoir/infra/local/engine"
	"comptoir/shared/mail"
)

// Mail is a mail as it was posted.
type Mail struct{ To, Subject, Text, HTML string }

// Post takes mails as SES does, and keeps them.
type Post struct {
	*mail.Sender

	mu     sync.Mutex
	mails  []Mail
	fails  int    // calls that fail from now on
	refuse string // the code that every call is refused with
}

// NewPost is a post whose sender writes to no domain of onmicrosoft.com.
func NewPost(t testing.TB) *Post {
	t.Helper()
	p := &Post{}
	server := httptest.NewServer(http.HandlerFunc(p.take))
	t.Cleanup(server.Close)
	var err error
	p.Sender, err = mail.New(mail.Client(aws.Config{
		Region: engine.Region, BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}), mail.Settings{From: "Comptoir <desk@publisher.example>", Portal: "https://desk.example", Denied: "onmicrosoft.com"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Fails lets the next calls fail; the sender tries each mail three times.
func (p *Post) Fails(calls int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fails = calls
}

// Refuses lets every mail be refused with a code.
func (p *Post) Refuses(code string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = code
}

// Mails are those that were posted so far.
func (p *Post) Mails() []Mail {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Mail{}, p.mails...)
}

func (p *Post) take(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if p.fails > 0 {
		p.fails--
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if p.refuse != "" {
		w.Header().Set("X-Amzn-ErrorType", p.refuse)
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"message":"refused"}`)
		return
	}
	type text struct{ Data string }
	var in struct {
		Destination struct{ ToAddresses []string }
		Content     struct {
			Simple struct {
				Subject text
				Body    struct{ Text, Html text }
			}
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || len(in.Destination.ToAddresses) != 1 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	m := in.Content.Simple
	p.mails = append(p.mails, Mail{in.Destination.ToAddresses[0], m.Subject.Data, m.Body.Text.Data, m.Body.Html.Data})
	fmt.Fprintf(w, `{"MessageId":"mail-%d"}`, len(p.mails))
}
