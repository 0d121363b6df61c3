package mail_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"golang.org/x/text/language"

	"comptoir/infra/local/engine"
	"comptoir/infra/local/enginetest"
	"comptoir/shared/mail"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

var settings = mail.Settings{From: "Comptoir Démo <desk@example.com>", Portal: "https://desk.example.com", Denied: "onmicrosoft.com"}

// sender sends to what answers at the URL, and tries again at once.
func sender(t *testing.T, url string) *mail.Sender {
	t.Helper()
	cfg := aws.Config{Region: engine.Region, BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	s, err := mail.New(mail.Client(cfg, func(o *sesv2.Options) {
		o.Retryer = retry.AddWithMaxBackoffDelay(o.Retryer, time.Millisecond)
	}), settings)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A stored mail is one that aws-ses-v2-local was sent.
type stored struct {
	MessageID   string
	From        string
	Destination struct{ To, CC, BCC []string }
	Subject     string
	Body        struct{ Text, HTML string }
	Headers     []struct{ Name, Value string }
}

func mailsTo(t *testing.T, url, address string) []stored {
	t.Helper()
	answer, err := http.Get(url + "/store")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var store struct{ Emails []stored }
	if err := json.NewDecoder(answer.Body).Decode(&store); err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(store.Emails, func(m stored) bool { return !slices.Contains(m.Destination.To, address) })
}

func TestALetterArrives(t *testing.T) {
	t.Parallel()
	url := enginetest.Mail(t)
	m := request("Boulangerie L’Étoile", language.French).In(language.French)
	to := strings.ToLower(enginetest.Name()) + "@dupont.example"
	id, err := sender(t, url).Send(t.Context(), to, m)
	if err != nil {
		t.Fatal(err)
	}
	all := mailsTo(t, url, to)
	if len(all) != 1 {
		t.Fatalf("%d mails", len(all))
	}
	got := all[0]
	if got.MessageID != id || id == "" {
		t.Errorf("id %q, sent as %q", id, got.MessageID)
	}
	if got.Subject != m.Subject || got.Body.Text != m.Text || got.Body.HTML != m.HTML || !strings.Contains(got.Subject, "L’Étoile demande des sièges") {
		t.Errorf("another letter arrived: %+v", got)
	}
	if got.From != "=?utf-8?q?Comptoir_D=C3=A9mo?= <desk@example.com>" {
		t.Errorf("from %q", got.From)
	}
	if len(got.Destination.To) != 1 || len(got.Destination.CC)+len(got.Destination.BCC) != 0 {
		t.Errorf("to %+v", got.Destination)
	}
	if fmt.Sprint(got.Headers) != "[{Auto-Submitted auto-generated}]" {
		t.Errorf("headers %v", got.Headers)
	}
}

// C17: no call is made.
func TestNothingIsSentToDeniedDomainsNorToWhatIsNoAddress(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("SES was called") }))
	defer server.Close()
	s := sender(t, server.URL)
	for to, denied := range map[string]bool{
		"lea@dupont.OnMicrosoft.com.":    true,
		"lea@onmicrosoft.com":            true,
		"":                               false,
		"Lea <lea@dupont.example>":       false,
		"lea@dupont.example,x@y.example": false,
		"lea@dupont.example\r\nBcc: x@y": false,
	} {
		id, err := s.Send(t.Context(), to, mail.Message{Subject: "s", Text: "t", HTML: "h"})
		if id != "" || err == nil || errors.Is(err, mail.ErrDenied) != denied || !mail.Refused(err) || !s.Denied(to) {
			t.Errorf("%q: %q, %v", to, id, err)
		}
	}
}

func TestWhatNeverWorksIsToldFromWhatMayWorkLater(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status        int
		code, message string
		calls         int32
		refused       bool
	}{
		"an address that SES refuses":    {400, "BadRequestException", "Illegal address", 1, true},
		"a message that SES refuses":     {400, "MessageRejected", "Address is on the suppression list", 1, true},
		"a sender not yet verified":      {400, "MessageRejected", "Email address is not verified. The following identities failed the check in region EU-WEST-3: desk@example.com", 1, false},
		"a sender's domain not verified": {400, "MailFromDomainNotVerifiedException", "", 1, false},
		"an account that is suspended":   {400, "AccountSuspendedException", "", 1, false},
		"sending that is paused":         {400, "SendingPausedException", "", 1, false},
		"a role that may not":            {403, "AccessDeniedException", "", 1, false},
		"too much at once":               {429, "TooManyRequestsException", "", 3, false},
		"too much for a day":             {400, "LimitExceededException", "", 3, false},
		"a failure of SES":               {500, "InternalServiceErrorException", "", 3, false},
		"a service that is away":         {503, "", "", 3, false},
		"a connection that is cut":       {0, "", "", 3, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				calls.Add(1)
				if c.status == 0 {
					panic(http.ErrAbortHandler)
				}
				answer(w, c.status, c.code, map[string]string{"message": c.message})
			}))
			defer server.Close()
			id, err := sender(t, server.URL).Send(t.Context(), "lea@dupont.example", mail.Message{Subject: "s", Text: "t", HTML: "h"})
			if id != "" || err == nil || mail.Refused(err) != c.refused || calls.Load() != c.calls || errors.Is(err, mail.ErrDenied) {
				t.Errorf("%q, %v after %d calls; refused %t", id, err, calls.Load(), mail.Refused(err))
			}
		})
	}
	if mail.Refused(nil) {
		t.Error("nothing is refused")
	}
}

func TestAThrottledMailIsSentWhenTriedAgain(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) == 1 {
			answer(w, 429, "TooManyRequestsException", map[string]string{})
			return
		}
		answer(w, 200, "", map[string]string{"MessageId": "id-1"})
	}))
	defer server.Close()
	id, err := sender(t, server.URL).Send(t.Context(), "lea@dupont.example", mail.Message{Subject: "s", Text: "t", HTML: "h"})
	if id != "id-1" || err != nil || calls.Load() != 2 {
		t.Errorf("%q, %v after %d calls", id, err, calls.Load())
	}
}

func answer(w http.ResponseWriter, status int, code string, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-ErrorType", code)
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

func TestSettingsOfMail(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*mail.Settings){
		"":                                func(*mail.Settings) {},
		"MAIL_FROM":                       func(s *mail.Settings) { s.From = "desk" },
		"MAIL_FROM: a domain name":        func(s *mail.Settings) { s.From = "Comptoir <desk@localhost>" },
		`PORTAL_URL: "desk.example.com"`:  func(s *mail.Settings) { s.Portal = "desk.example.com" },
		`PORTAL_URL: "ftp://desk"`:        func(s *mail.Settings) { s.Portal = "ftp://desk" },
		`DENIED_MAIL_DOMAINS: "microsoft`: func(s *mail.Settings) { s.Denied = "onmicrosoft.com, microsoft" },
	} {
		s := settings
		change(&s)
		if _, err := mail.New(mail.Client(aws.Config{}), s); (err != nil) != (want != "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%+v: %v; want %s", s, err, want)
		}
	}
	_, err := mail.Open()
	for _, name := range []string{"MAIL_FROM", "PORTAL_URL", "DENIED_MAIL_DOMAINS"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is missing, and %v doesn't say so", name, err)
		}
	}
	s := sender(t, "http://127.0.0.1:1")
	if got := s.Name() + " " + s.Link("customers", "cus_dupont", "seats"); got != "Comptoir Démo https://desk.example.com/customers/cus_dupont/seats" {
		t.Error(got)
	}
}
