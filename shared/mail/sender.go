package mail

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"

	"comptoir/shared/identifier"
	"comptoir/shared/setting"
)

// A Sender sends messages.
type Sender struct {
	client *sesv2.Client
	from   *netmail.Address
	deny   identifier.Deny
	portal *url.URL
}

// Settings are what a deployment chooses for its mail, as text.
type Settings struct {
	From   string // a verified sender, perhaps with a name: Comptoir <desk@example.com>
	Portal string // base of links into the portal
	Denied string // domains that are never written to, between commas
}

// New makes a sender; its error names the setting that is wrong.
func New(client *sesv2.Client, s Settings) (*Sender, error) {
	from, err := ParseFrom(s.From)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting.MailFrom, err)
	}
	portal, err := url.Parse(s.Portal)
	if err != nil || portal.Host == "" || portal.Scheme != "https" && portal.Scheme != "http" {
		return nil, fmt.Errorf("%s: %q is no address of a page", setting.PortalURL, s.Portal)
	}
	deny, err := identifier.ParseDeny(s.Denied)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting.DeniedMailDomains, err)
	}
	return &Sender{client, from, deny, portal}, nil
}

// Open is the sender that a function's settings describe.
func Open() (*Sender, error) {
	from, noSender := setting.Need(setting.MailFrom)
	portal, noPortal := setting.Need(setting.PortalURL)
	denied, noList := setting.Need(setting.DeniedMailDomains)
	if err := errors.Join(noSender, noPortal, noList); err != nil {
		return nil, err
	}
	return New(Client(setting.AWS("SESV2")), Settings{From: from, Portal: portal, Denied: denied})
}

// ParseFrom reads a sender: a plain address, or a name and the address in angle brackets.
func ParseFrom(s string) (*netmail.Address, error) {
	from, err := netmail.ParseAddress(s)
	if err != nil {
		return nil, err
	}
	from.Name = shown(from.Name)
	from.Address, err = identifier.Mail(from.Address)
	return from, err
}

// callTime is how long one call may last. A mail whose answer was lost is sent again: twice is better than never.
const callTime = 5 * time.Second

// Client is the SES client that functions use: the SDK tries a call three times, soon after one another, and the
// queue tries later.
func Client(cfg aws.Config, options ...func(*sesv2.Options)) *sesv2.Client {
	patient := func(o *sesv2.Options) {
		o.Retryer = retry.NewStandard(func(r *retry.StandardOptions) {
			r.MaxAttempts, r.MaxBackoff = 3, 300*time.Millisecond
			r.RateLimiter = ratelimit.None
		})
		o.HTTPClient = awshttp.NewBuildableClient().WithTimeout(callTime)
	}
	return sesv2.NewFromConfig(cfg, append([]func(*sesv2.Options){patient}, options...)...)
}

// Name is that of the sender, for Letter.Sender: the one before the address, or the product's.
func (s *Sender) Name() string {
	if s.from.Name != "" {
		return s.from.Name
	}
	return "Comptoir"
}

// Link is the address of a page of the portal.
func (s *Sender) Link(elements ...string) string { return s.portal.JoinPath(elements...).String() }

// Denied tells whether the address is on the deny list.
func (s *Sender) Denied(address string) bool { return s.deny.Has(address) }

var (
	// ErrDenied is what becomes of a message to a domain of the deny list: it isn't sent.
	ErrDenied = errors.New("mail: the domain is on the deny list")

	errAddress = errors.New("mail: not a plain address")
)

// Send sends the message to one address and returns the id that SES gave it.
func (s *Sender) Send(ctx context.Context, to string, m Message) (id string, err error) {
	if to, err = identifier.Mail(to); err != nil {
		return "", errAddress
	}
	if s.Denied(to) {
		return "", ErrDenied
	}
	sent, err := s.client.SendEmail(ctx, &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(s.from.String()),
		Destination:      &types.Destination{ToAddresses: []string{to}},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: content(m.Subject),
			Body:    &types.Body{Text: content(m.Text), Html: content(m.HTML)},
			// Nobody's absence is to be answered to us (RFC 3834).
			Headers: []types.MessageHeader{{Name: aws.String("Auto-Submitted"), Value: aws.String("auto-generated")}},
		}},
	})
	if err != nil {
		return "", failure{err}
	}
	return aws.ToString(sent.MessageId), nil
}

// failure is one of SES, whose own words can have the address in them: they are for no log.
type failure struct{ cause error }

func (f failure) Error() string {
	if answer, ok := errors.AsType[smithy.APIError](f.cause); ok {
		return "mail: SES answers " + answer.ErrorCode()
	}
	return "mail: " + f.cause.Error()
}

func (f failure) Unwrap() error { return f.cause }

func content(s string) *types.Content {
	return &types.Content{Charset: aws.String("UTF-8"), Data: &s}
}

// Refused tells whether a message that failed will fail however often it is sent: the address is denied, is none, or
// SES refuses it. Everything else may work later, once there is less to send or the sender is verified.
func Refused(err error) bool {
	if errors.Is(err, ErrDenied) || errors.Is(err, errAddress) {
		return true
	}
	if _, bad := errors.AsType[*types.BadRequestException](err); bad {
		return true
	}
	rejected, ok := errors.AsType[*types.MessageRejected](err)
	return ok && !strings.Contains(rejected.ErrorMessage(), "not verified") // SES says so of senders, and in its sandbox of all
}
