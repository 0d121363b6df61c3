package dns_test

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"comptoir/infra/local/nameserver"
	"comptoir/shared/dns"
)

const name = "_comptoir.dupont.example"

// asking is a resolver, and the server that it asks: of one name it says what is to be said, of all others that there are none.
func asking(t *testing.T, said nameserver.Answer, options ...dns.Option) (*dns.Resolver, *nameserver.Server) {
	t.Helper()
	s, err := nameserver.Start(func(asked string) nameserver.Answer {
		if asked == name {
			return said
		}
		return nameserver.NoSuchName
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	r, err := dns.New(s.Address(), options...)
	if err != nil {
		t.Fatal(err)
	}
	return r, s
}

func TestWhatTheDNSSays(t *testing.T) {
	t.Parallel()
	const proof = "comptoir-verification=dom_0"
	long := strings.Repeat("0123456789", 60) // in three parts
	many := slices.Repeat([]string{strings.Repeat("x", 200)}, 20)
	for _, c := range []struct {
		name string
		said nameserver.Answer
		want []string
		tcp  bool
	}{
		{"one value", nameserver.Answer{Values: []string{proof}}, []string{proof}, false},
		{"several values", nameserver.Answer{Values: []string{"v=spf1 -all", proof, ""}}, []string{"v=spf1 -all", proof, ""}, false},
		{"a value of more than 255 bytes", nameserver.Answer{Values: []string{long}}, []string{long}, false},
		{"a value with quotation marks and spaces", nameserver.Answer{Values: []string{` "a b" `}}, []string{` "a b" `}, false},
		{"more than a packet holds", nameserver.Answer{Values: append(many, proof)}, append(many, proof), true},
		{"the value of another name that it is an alias of", nameserver.Answer{Alias: "proof.elsewhere.example", Values: []string{proof}}, []string{proof}, false},
		{"an alias of a name without a value", nameserver.Answer{Alias: "proof.elsewhere.example"}, nil, false},
		{"that there is no such name", nameserver.NoSuchName, nil, false},
		{"that the name has no TXT record", nameserver.Answer{}, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, s := asking(t, c.said)
			got, err := r.LookupTXT(t.Context(), name)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("found %q, %v; want %q", got, err, c.want)
			}
			udp, tcp := s.Asked()
			if udp != 1 || tcp == 1 != c.tcp {
				t.Errorf("asked %d times over UDP and %d over TCP", udp, tcp)
			}
		})
	}
}

// No answer is not an answer that there is nothing.
func TestWhereTheDNSDoesNotAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		said nameserver.Answer
	}{
		{"SERVFAIL", nameserver.Answer{Code: dnsmessage.RCodeServerFailure}},
		{"REFUSED", nameserver.Answer{Code: dnsmessage.RCodeRefused}},
		{"silence", nameserver.Answer{Silent: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, s := asking(t, c.said, dns.Timeout(100*time.Millisecond))
			began := time.Now()
			if got, err := r.LookupTXT(t.Context(), name); err == nil || got != nil {
				t.Errorf("found %q, %v", got, err)
			}
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("it took %v", took)
			}
			if udp, _ := s.Asked(); udp < 2 {
				t.Errorf("asked %d times; the question is put once more", udp)
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		free, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		free.Close()
		r, err := dns.New(free.LocalAddr().String(), dns.Timeout(100*time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.LookupTXT(t.Context(), name); err == nil {
			t.Errorf("found %q", got)
		}
	})
	t.Run("a request that has ended", func(t *testing.T) {
		t.Parallel()
		r, s := asking(t, nameserver.Answer{Values: []string{"x"}})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if got, err := r.LookupTXT(ctx, name); err == nil {
			t.Errorf("found %q", got)
		}
		if udp, _ := s.Asked(); udp > 0 {
			t.Errorf("asked %d times", udp)
		}
	})
}

// A question that got lost is put once more.
func TestAnAnswerToTheSecondQuestionIsOne(t *testing.T) {
	t.Parallel()
	first := make(chan bool, 1)
	first <- true
	s, err := nameserver.Start(func(string) nameserver.Answer {
		select {
		case <-first:
			return nameserver.Answer{Silent: true}
		default:
			return nameserver.Answer{Values: []string{"x"}}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	r, err := dns.New(s.Address(), dns.Timeout(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.LookupTXT(t.Context(), name); err != nil || !slices.Equal(got, []string{"x"}) {
		t.Errorf("found %q, %v", got, err)
	}
}

// The machine's own search domains, if it has any, are none of a customer's business.
func TestNamesAreAskedForAsTheyAre(t *testing.T) {
	t.Parallel()
	var asked []string
	s, err := nameserver.Start(func(name string) nameserver.Answer {
		asked = append(asked, name)
		return nameserver.NoSuchName
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := dns.New(s.Address())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.LookupTXT(t.Context(), name); err != nil {
		t.Error(err)
	}
	s.Close()
	if !slices.Equal(asked, []string{name}) {
		t.Errorf("asked for %v", asked)
	}
}

func TestAServerIsNamedWithItsPort(t *testing.T) {
	t.Parallel()
	for server, valid := range map[string]bool{"system": true, "127.0.0.1:53": true, "[::1]:53": true, "dns.example:53": true, "127.0.0.1": false, "": false} {
		if _, err := dns.New(server); err == nil != valid {
			t.Errorf("%q: %v", server, err)
		} else if err != nil && !strings.Contains(err.Error(), "DNS_SERVER") {
			t.Errorf("%q: %v doesn't name the setting", server, err)
		}
	}
}
