package api

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/text/language"

	"comptoir/shared/phrase"
	"comptoir/shared/problem"
)

// Problem is how a failure looks (RFC 9457), with a stable code and, for bad input, what is wrong
// with each field.
type Problem struct {
	Type   string  `json:"type" example:"about:blank"`
	Title  string  `json:"title" doc:"What sort of failure it is, in the caller's language." example:"Conflict"`
	Status int     `json:"status" example:"409"`
	Code   string  `json:"code" doc:"Stable; for programs." example:"licence_already_ended"`
	Detail string  `json:"detail,omitempty" doc:"What happened, in the caller's language." example:"The licence ended on 2026-03-01."`
	Fields []Field `json:"errors,omitempty" doc:"What is wrong with the input, field by field."`
}

// Field is what is wrong with one part of the input.
type Field struct {
	Field  string `json:"field" example:"body.quantity"`
	Detail string `json:"detail" example:"expected number >= 1"`
}

func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// TransformSchema lists the codes in the contract.
func (Problem) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	for _, code := range problem.Codes {
		s.Properties["code"].Enum = append(s.Properties["code"].Enum, code)
	}
	return s
}

// GetStatus and ContentType are what huma asks of an error.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders asks the caller to wait a little where that may help.
func (p *Problem) GetHeaders() http.Header {
	if p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable {
		return http.Header{"Retry-After": {"1"}}
	}
	return nil
}

// ContentType is that of problems, whatever the type of answers.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// status is the one map from kind to HTTP status.
var status = map[problem.Kind]int{
	problem.KindInvalid:         http.StatusUnprocessableEntity,
	problem.KindUnauthenticated: http.StatusUnauthorized,
	problem.KindForbidden:       http.StatusForbidden,
	problem.KindNotFound:        http.StatusNotFound,
	problem.KindConflict:        http.StatusConflict,
	problem.KindPrecondition:    http.StatusPreconditionFailed,
	problem.KindTooMany:         http.StatusTooManyRequests,
	problem.KindUnavailable:     http.StatusServiceUnavailable,
}

func render(p *problem.Error, lang language.Tag) *Problem {
	out := plainProblem(status[p.Kind], p.Code, lang)
	out.Detail = p.Detail.In(lang)
	for _, f := range p.Fields {
		out.Fields = append(out.Fields, Field{f.Name, f.Detail.In(lang)})
	}
	return out
}

func internal(lang language.Tag) *Problem {
	return plainProblem(http.StatusInternalServerError, "internal", lang)
}

// plainProblem is one without a detail.
func plainProblem(status int, code string, lang language.Tag) *Problem {
	return &Problem{Type: "about:blank", Title: title(status).In(lang), Status: status, Code: code}
}

// init makes huma's own refusals problems of ours, all of them being about the input, and has it refuse
// a field in another case like any that it doesn't know.
func init() {
	huma.ValidateStrictCasing = true
	huma.DefaultArrayNullable = false // no list is ever null
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return inputProblem(language.English, status, message, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		if ctx == nil {
			return inputProblem(language.English, status, message, errs)
		}
		return inputProblem(languageOf(ctx.Context()), status, message, errs)
	}
}

func inputProblem(lang language.Tag, status int, message string, errs []error) *Problem {
	if status >= http.StatusInternalServerError {
		return internal(lang)
	}
	invalid := problem.InvalidFields()
	out := plainProblem(status, invalid.Code, lang)
	out.Detail = invalid.Detail.In(lang)
	for _, err := range errs {
		if d, ok := err.(huma.ErrorDetailer); ok {
			detail := d.ErrorDetail()
			out.Fields = append(out.Fields, Field{field(detail), inLanguage(detail.Message, lang)})
		} else if err != nil {
			out.Fields = append(out.Fields, Field{"body", inLanguage(err.Error(), lang)})
		}
	}
	if len(out.Fields) == 0 {
		out.Fields = []Field{{"body", inLanguage(message, lang)}}
	}
	return out
}

// field is the full name of a field that huma complains of: for a missing or an unknown property huma
// names the object that should have it, or has it.
func field(d *huma.ErrorDetail) string {
	name := strings.TrimSuffix(d.Location, ".")
	if rest, ok := strings.CutPrefix(d.Message, "expected required property "); ok {
		missing, _, _ := strings.Cut(rest, " ")
		return strings.TrimPrefix(name+"."+missing, ".")
	}
	return name
}

// title is the short name of an HTTP status.
func title(status int) phrase.Text {
	if title, ok := titles[status]; ok {
		return phrase.Say(title)
	}
	return phrase.Say(titles[422])
}

var titles = map[int]string{
	400: "Bad request",
	401: "Not signed in",
	403: "Not allowed",
	404: "Not found",
	409: "Conflict",
	412: "Changed meanwhile",
	413: "Too large",
	415: "Unsupported content",
	422: "Invalid input",
	429: "Too many requests",
	500: "Internal error",
	503: "Not available",
}
