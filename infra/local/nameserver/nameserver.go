// Package nameserver is a DNS server for TXT records on this machine, over UDP and TCP. What it answers
// is said by a function; File reads it from a file.
package nameserver

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// Answer is what is said of a name.
type Answer struct {
	Code   dnsmessage.RCode // NXDOMAIN where there is no such name
	Values []string         // of its TXT records
	Alias  string           // the name of which these are, if it is another (CNAME)
	Silent bool             // nothing is said at all
}

// NoSuchName is the answer where nothing is.
var NoSuchName = Answer{Code: dnsmessage.RCodeNameError}

// Server answers until it is closed.
type Server struct {
	answer func(name string) Answer
	packet net.PacketConn
	stream net.Listener
	asked  [2]atomic.Int64 // over UDP, TCP

	open    sync.WaitGroup
	mu      sync.Mutex
	callers map[net.Conn]bool
	closed  bool
}

// Start answers on a free port of 127.0.0.1, the same for UDP and TCP. The names that are asked for come in small
// letters, without the final dot.
func Start(answer func(name string) Answer) (*Server, error) {
	s := &Server{answer: answer, callers: map[net.Conn]bool{}}
	if err := s.listen(); err != nil {
		return nil, err
	}
	s.open.Go(s.packets)
	s.open.Go(s.streams)
	return s, nil
}

// listen finds a port that is free for both.
func (s *Server) listen() (err error) {
	for range 20 {
		if s.stream, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return err
		}
		if s.packet, err = net.ListenPacket("udp", s.stream.Addr().String()); err == nil {
			return nil
		}
		s.stream.Close()
	}
	return err
}

// Address is host:port.
func (s *Server) Address() string { return s.stream.Addr().String() }

// Asked is how many questions came over UDP and over TCP.
func (s *Server) Asked() (udp, tcp int) { return int(s.asked[0].Load()), int(s.asked[1].Load()) }

// Close ends it.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	for c := range s.callers {
		c.Close()
	}
	s.mu.Unlock()
	s.packet.Close()
	s.stream.Close()
	s.open.Wait()
}

func (s *Server) packets() {
	buffer := make([]byte, 4096)
	for {
		n, from, err := s.packet.ReadFrom(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		s.asked[0].Add(1)
		if reply := s.reply(buffer[:n], true); reply != nil {
			_, _ = s.packet.WriteTo(reply, from) // who asks will ask again
		}
	}
}

func (s *Server) streams() {
	for {
		c, err := s.stream.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		if s.closed {
			c.Close()
		}
		s.callers[c] = true
		s.mu.Unlock()
		s.open.Go(func() {
			s.converse(c)
			c.Close()
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.callers, c)
		})
	}
}

// idle is how long a connection may say nothing.
const idle = 10 * time.Second

// converse answers questions on a connection, each after its length.
func (s *Server) converse(c net.Conn) {
	for {
		_ = c.SetDeadline(time.Now().Add(idle))
		var length uint16
		if binary.Read(c, binary.BigEndian, &length) != nil {
			return
		}
		question := make([]byte, length)
		if _, err := io.ReadFull(c, question); err != nil {
			return
		}
		s.asked[1].Add(1)
		if reply := s.reply(question, false); reply != nil {
			_, _ = c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...))
		}
	}
}

// reply is the answer to a message, or nil for silence. What is too large for a packet is cut off, and asked again over TCP.
func (s *Server) reply(message []byte, packet bool) []byte {
	var p dnsmessage.Parser
	header, err := p.Start(message)
	if err != nil || header.Response {
		return nil
	}
	question, err := p.Question()
	if err != nil {
		return nil
	}
	said := s.answer(strings.ToLower(strings.TrimSuffix(question.Name.String(), ".")))
	if said.Silent {
		return nil
	}
	reply := dnsmessage.Message{
		Header: dnsmessage.Header{
			ID: header.ID, Response: true, Authoritative: true, RecursionDesired: header.RecursionDesired, RecursionAvailable: true, RCode: said.Code,
		},
		Questions: []dnsmessage.Question{question},
	}
	if question.Type == dnsmessage.TypeTXT && said.Code == dnsmessage.RCodeSuccess {
		reply.Answers = said.records(question.Name)
	}
	out, err := reply.Pack()
	if most := room(&p); err == nil && packet && len(out) > most {
		reply.Truncated, reply.Answers = true, nil
		out, err = reply.Pack()
	}
	if err != nil {
		return nil
	}
	return out
}

// room is how large a packet may be that is sent to who asks.
func room(p *dnsmessage.Parser) int {
	const least = 512
	if p.SkipAllQuestions() != nil || p.SkipAllAnswers() != nil || p.SkipAllAuthorities() != nil {
		return least
	}
	for {
		h, err := p.AdditionalHeader()
		if err != nil {
			return least
		}
		if h.Type == dnsmessage.TypeOPT {
			return max(least, int(h.Class))
		}
		if p.SkipAdditional() != nil {
			return least
		}
	}
}

// records are those of the answer.
func (a Answer) records(name dnsmessage.Name) []dnsmessage.Resource {
	head := func(kind dnsmessage.Type) dnsmessage.ResourceHeader {
		return dnsmessage.ResourceHeader{Name: name, Type: kind, Class: dnsmessage.ClassINET}
	}
	var all []dnsmessage.Resource
	if a.Alias != "" {
		alias, err := dnsmessage.NewName(a.Alias + ".")
		if err != nil {
			return nil
		}
		all = append(all, dnsmessage.Resource{Header: head(dnsmessage.TypeCNAME), Body: &dnsmessage.CNAMEResource{CNAME: alias}})
		name = alias
	}
	for _, value := range a.Values {
		all = append(all, dnsmessage.Resource{Header: head(dnsmessage.TypeTXT), Body: &dnsmessage.TXTResource{TXT: parts(value)}})
	}
	return all
}

// parts are a value as it is sent: no part is longer than 255 bytes.
func parts(value string) []string {
	const longest = 255
	var all []string
	for len(value) > longest {
		all, value = append(all, value[:longest]), value[longest:]
	}
	return append(all, value)
}
