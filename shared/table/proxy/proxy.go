// Package proxy stands between the AWS SDK and DynamoDB Local, in tests and in the benchmark. It
// counts what a piece of work would cost on AWS, and makes happen what only AWS does: throttling,
// lost replies, transactions that conflict. It knows the wire and the published prices, not what our
// items mean.
package proxy

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Proxy answers for one engine. Its fields are set before calls are made, not while some are under way.
type Proxy struct {
	// Counting is on from the start. Without it, the proxy only passes calls on: no usage, and no
	// reads of its own on the engine, for measuring time.
	Counting bool

	// Hold is how long every answer is kept back, so that calls made side by side do overlap and
	// count as one round trip. 3 ms is enough.
	Hold time.Duration

	// Conflicts makes a transaction, or a single write, fail when it touches an item that another
	// transaction is busy with, as it does on AWS.
	Conflicts bool

	// HoldWrites is how long a write is kept back before the engine sees it, so that two of them
	// are likely to meet.
	HoldWrites time.Duration

	// Torn reads a batch in two parts, one after the other and by chance, since a batch is no snapshot: others may
	// write between the two.
	Torn bool

	// Before is called with every call that is about to be passed on. A test may change an item
	// here, between the load and the commit of another: directly on the engine, so that it
	// neither counts nor conflicts.
	Before func(operation string, body []byte)

	engine    string
	transport *http.Transport
	server    *http.Server
	url       string

	faults    faults
	conflicts conflicts
	meter     meter
	schemas   sync.Map // of schema, by the caller's credential and the table's name

	killed, closed chan struct{}
	kill, release  func() // close them, once
}

// Start makes a proxy to the engine at the URL. It listens on 127.0.0.1 until Close.
func Start(engineURL string) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{
		Counting:  true,
		engine:    engineURL,
		transport: &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true},
		url:       "http://" + listener.Addr().String(),
		killed:    make(chan struct{}),
		closed:    make(chan struct{}),
	}
	p.kill = sync.OnceFunc(func() { close(p.killed) })
	p.release = sync.OnceFunc(func() { close(p.closed) })
	p.server = &http.Server{Handler: http.HandlerFunc(p.serve)}
	go p.server.Serve(listener) // returns on Close
	return p, nil
}

// URL is the endpoint to give to the SDK.
func (p *Proxy) URL() string { return p.url }

// Close ends the proxy and its connections.
func (p *Proxy) Close() {
	p.release()
	_ = p.server.Close() // of the listener; nobody is served any longer either way
	p.transport.CloseIdleConnections()
}

// call is a request of DynamoDB's JSON protocol.
type call struct {
	operation string
	header    http.Header
	body      []byte
}

// caller names the owner of the tables: DynamoDB Local keeps a database per access key and region.
func (c *call) caller() string {
	_, credential, _ := strings.Cut(c.header.Get("Authorization"), "Credential=")
	credential, _, _ = strings.Cut(credential, ",")
	return credential
}

// answer is what the client gets, from the engine or from the proxy itself.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// fate is what becomes of an answer.
type fate int

const (
	arrives fate = iota
	lost         // the connection is cut
	unheard      // the caller is dead, and nothing is heard of it or told to it
)

func (p *Proxy) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client is gone
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	c := &call{operation: operation, header: r.Header, body: body}

	if p.Counting {
		p.meter.begin(c)
	}
	a, fate := p.answer(c)
	time.Sleep(p.Hold)
	if p.Counting {
		p.meter.end(a) // before the client knows, whose next call may follow at once
	}
	if fate == unheard {
		select {
		case <-p.closed:
		case <-r.Context().Done(): // whoever played the caller has given up
		}
	}
	if fate != arrives {
		panic(http.ErrAbortHandler) // cuts the connection
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // fails only when the client is gone
}

// answer is everything between the request and the reply.
func (p *Proxy) answer(c *call) (*answer, fate) {
	fault := p.faults.next(c.operation)
	if fault == KillBefore {
		p.kill()
	}
	if p.dead() {
		return &answer{}, unheard
	}
	if refused := fault.refuse(c); refused != nil {
		return refused, arrives
	}
	if p.Conflicts {
		release, refused := p.claim(c)
		if refused != nil {
			return refused, arrives
		}
		defer release()
	}
	if isWrite(c.operation) {
		time.Sleep(p.HoldWrites)
	}
	pass := p.pass
	if p.Torn && c.operation == "BatchGetItem" {
		pass = p.passTorn
	}
	a := pass(c)
	if fault == KillAfter {
		p.kill()
	}
	switch {
	case p.dead():
		return a, unheard
	case fault == DropAfter:
		return a, lost
	}
	return a, arrives
}

// pass has the engine answer, as far as the test lets it.
func (p *Proxy) pass(c *call) *answer {
	if p.Before != nil {
		p.Before(c.operation, c.body)
	}
	forward := p.forward
	if p.Counting {
		forward = p.forwardCounted
	}
	a, err := forward(c)
	if err != nil {
		return refusal(http.StatusBadRequest, "ProxyError", err.Error())
	}
	return a
}

// forward has the engine answer. It doesn't stop when the client has gone: neither does AWS.
func (p *Proxy) forward(c *call) (*answer, error) {
	r, err := http.NewRequest(http.MethodPost, p.engine, bytes.NewReader(c.body))
	if err != nil {
		return nil, err
	}
	r.Header = c.header
	response, err := p.transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	return &answer{status: response.StatusCode, header: response.Header, body: body}, nil
}
