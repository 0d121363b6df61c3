package webhooks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"comptoir/shared/webhook"
)

// Timeout is how long an endpoint may take, from the first look at its name to the end of its answer.
const Timeout = 15 * time.Second

// Post sends messages to endpoints.
type Post struct {
	client  *http.Client
	timeout time.Duration
}

const (
	readBody   = 1 << 10 // bytes of an answer that are read
	readHeader = 16 << 10
)

// NewPost is a post that dials public addresses and those of some hosts alone, whatever a name leads to at that moment. Each message has
// a connection of its own, so that this is looked at each time. It follows no redirect and uses no proxy.
func NewPost(hosts webhook.Hosts, timeout time.Duration) Post {
	dialer := &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		if to, err := netip.ParseAddrPort(address); err != nil || !hosts.May(to.Addr()) {
			return errPrivate
		}
		return nil
	}}
	return Post{&http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: readHeader, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, timeout}
}

var errPrivate = errors.New("the address is not public")

// Send makes one attempt. What the endpoint does wrong is an outcome, not an error.
func (p Post) Send(ctx context.Context, e webhook.Endpoint, d webhook.Delivery, now time.Time) (webhook.Outcome, error) {
	headers, err := e.Headers(d.EventID, d.Body, now)
	if err != nil {
		return webhook.Outcome{}, err
	}
	within, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(within, http.MethodPost, e.URL, strings.NewReader(d.Body))
	if err != nil {
		return webhook.Outcome{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Comptoir-Webhooks/1")
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	answer, err := p.client.Do(request)
	if err != nil {
		return webhook.Outcome{Excerpt: p.why(err), Silent: within.Err() != nil}, ctx.Err() // when our own time is over, nothing is known of the endpoint
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(answer.Body, readBody)) // the status says it all
	return webhook.Outcome{Status: answer.StatusCode, Excerpt: string(body), After: retryAfter(answer), Silent: within.Err() != nil}, nil
}

// why there was no answer, in words that tell nothing of the network here.
func (p Post) why(err error) string {
	if name, ok := errors.AsType[*net.DNSError](err); ok && !name.IsTimeout {
		return "the name was not found"
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return fmt.Sprintf("no answer within %s", p.timeout)
	}
	if errors.Is(err, errPrivate) {
		return errPrivate.Error()
	}
	if within, ok := errors.AsType[*url.Error](err); ok {
		err = within.Err
	}
	if dial, ok := errors.AsType[*net.OpError](err); ok {
		err = dial.Err
	}
	return err.Error()
}

// retryAfter is how long an endpoint that has too much to do wants to be left alone.
func retryAfter(answer *http.Response) time.Duration {
	if answer.StatusCode != http.StatusTooManyRequests && answer.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	seconds, err := strconv.ParseUint(answer.Header.Get("Retry-After"), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
