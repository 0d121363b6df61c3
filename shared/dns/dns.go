// Package dns asks the domain name system. What an answer means is its callers' matter.
package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"comptoir/shared/setting"
)

// System stands for the servers that the system names.
const System = "system"

// Resolver asks one server, or the system's.
type Resolver struct {
	net     net.Resolver
	timeout time.Duration
}

// Option replaces a part of the resolver, in tests.
type Option func(*Resolver)

// Timeout sets how long a question may take in all.
func Timeout(d time.Duration) Option { return func(r *Resolver) { r.timeout = d } }

const (
	patience = 3 * time.Second // somebody is waiting
	tries    = 2
)

// New is the resolver that asks a server, by host:port, or the system's.
func New(server string, options ...Option) (*Resolver, error) {
	r := &Resolver{net: net.Resolver{PreferGo: true}, timeout: patience}
	if server != System {
		if _, _, err := net.SplitHostPort(server); err != nil {
			return nil, fmt.Errorf("%s: %w", setting.DNSServer, err)
		}
		r.net.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, server)
		}
	}
	for _, o := range options {
		o(r)
	}
	return r, nil
}

// Open is the resolver that the function's settings name.
func Open() (*Resolver, error) {
	server, err := setting.Need(setting.DNSServer)
	if err != nil {
		return nil, err
	}
	return New(server)
}

// LookupTXT finds the values of the TXT records of a name: none, without an error, where the DNS says that there are
// none. An error is no answer: nobody answered in time, or the server could not tell.
func (r *Resolver) LookupTXT(ctx context.Context, name string) ([]string, error) {
	var err error
	for range tries {
		var found []string
		if found, err = r.try(ctx, name); err == nil {
			return found, nil
		}
	}
	return nil, err
}

// try asks once, for its share of the time.
func (r *Resolver) try(ctx context.Context, name string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout/tries)
	defer cancel()
	found, err := r.net.LookupTXT(ctx, name+".") // from the root: no domain of the machine's own is tried
	if refused, ok := errors.AsType[*net.DNSError](err); ok {
		if refused.IsNotFound {
			return nil, nil
		}
		err = errors.New("dns: " + refused.Err) // and not of which name, for the log
	}
	return found, err
}
