package gateway

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// A route that is ready to match: its segments, and how specific it is.
type route struct {
	Route
	method   string // "ANY" matches all
	segments []segment
	rank     string
	bucket   *bucket
}

type segment struct {
	text string // literal text, or the parameter's name
	kind kind
}

type kind byte

const (
	literal kind = iota
	parameter
	greedy
)

const anyMethod, defaultKey = "ANY", "$default"

func compile(r Route) (*route, error) {
	c := &route{Route: r, method: anyMethod}
	if r.Key == defaultKey {
		return c, nil
	}
	method, path, ok := strings.Cut(r.Key, " ")
	if !ok || !strings.HasPrefix(path, "/") || method != strings.ToUpper(method) {
		return nil, fmt.Errorf("route key %q is not known locally", r.Key)
	}
	c.method = method
	for _, text := range split(path) {
		s := segment{text: text}
		if inner, ok := strings.CutPrefix(text, "{"); ok {
			inner, ok = strings.CutSuffix(inner, "}")
			s = segment{text: inner, kind: parameter}
			if name, more := strings.CutSuffix(inner, "+"); more {
				s = segment{text: name, kind: greedy}
			}
			if !ok || s.text == "" {
				return nil, fmt.Errorf("route key %q: %q is no parameter", r.Key, text)
			}
		}
		c.segments = append(c.segments, s)
	}
	c.rank = c.specificity()
	return c, nil
}

// specificity orders routes as API Gateway chooses among those that match: full matches before greedy
// ones, literal text before parameters from the left, a method before ANY, $default (with no rank)
// last.
func (r *route) specificity() string {
	rank := []byte{'0'}
	for _, s := range r.segments {
		rank = append(rank, '0'+byte(s.kind))
		if s.kind == greedy {
			rank[0] = '1'
		}
	}
	if r.method == anyMethod {
		return string(rank) + "~"
	}
	return string(rank)
}

func sortRoutes(routes []*route) {
	slices.SortFunc(routes, func(a, b *route) int {
		if (a.Key == defaultKey) != (b.Key == defaultKey) {
			return cmp.Compare(b.rank, a.rank)
		}
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.Key, b.Key))
	})
}

// find returns the route for a request and the values of its parameters. The path is still escaped.
func find(routes []*route, method, path string) (*route, map[string]string) {
	parts := split(path)
	for _, r := range routes {
		if r.method != anyMethod && r.method != method {
			continue
		}
		if r.Key == defaultKey {
			return r, nil
		}
		if parameters, ok := r.match(parts); ok {
			return r, parameters
		}
	}
	return nil, nil
}

func (r *route) match(parts []string) (map[string]string, bool) {
	parameters := map[string]string{}
	for i, s := range r.segments {
		if i >= len(parts) || parts[i] == "" && s.kind != literal {
			return nil, false
		}
		value := parts[i]
		if s.kind == greedy {
			value = strings.Join(parts[i:], "/")
		}
		value, err := url.PathUnescape(value)
		if err != nil {
			return nil, false
		}
		switch s.kind {
		case literal:
			if value != s.text {
				return nil, false
			}
		case greedy:
			parameters[s.text] = value
			return parameters, true
		case parameter:
			parameters[s.text] = value
		}
	}
	return parameters, len(parts) == len(r.segments)
}

func split(path string) []string { return strings.Split(strings.TrimPrefix(path, "/"), "/") }
