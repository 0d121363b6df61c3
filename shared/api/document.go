package api

import (
	"context"
	"mime"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"comptoir/shared/table"
)

// Document is an answer of another type than JSON.
type Document struct {
	Type    string // with its parameters: text/calendar; charset=utf-8
	Cache   string // who may keep it for how long, as Cache-Control has it; empty: it isn't said
	File    string // under which it is saved; empty: browsers show it
	Content []byte
	At      string // where it lies instead, if it is too large for an answer: an address that is good for a short while
}

// Either is an answer in JSON, or a document to whoever prefers one.
type Either[O any] struct {
	Plain    *O // with a field Body
	Document *Document
}

// document is an answer as huma writes it.
type document struct {
	Status   int
	Type     string `header:"Content-Type" hidden:"true"`
	Cache    string `header:"Cache-Control" hidden:"true"`
	Saved    string `header:"Content-Disposition" hidden:"true"`
	Location string `header:"Location" hidden:"true"`
	Body     any
}

// ReadAs declares a read that is answered in JSON or, to callers whose Accept header says so, as a document of one of some
// types. Prefers tells which; the first choice is JSON.
func ReadAs[I, O any, P request[I]](id, route, summary string, types []string, decide func(*table.Tx, *I) (*Either[O], error)) Operation {
	op := operation[I, P](id, route, summary)
	op.register = func(a huma.API, t *table.Table, op Operation) {
		offered := documents(types)
		body, _ := reflect.TypeFor[O]().FieldByName("Body")
		offered["application/json"] = &huma.MediaType{Schema: huma.SchemaFromField(a.OpenAPI().Components.Schemas, body, op.ID+"Response")}
		huma.Register(a, op.answering(offered), func(ctx context.Context, in *I) (*document, error) {
			out, err := read[I, Either[O], P](ctx, t, op, in, decide)
			switch {
			case err != nil:
				return nil, err
			case out.Document != nil:
				return out.Document.answer(), nil
			}
			return &document{Status: http.StatusOK, Body: reflect.ValueOf(out.Plain).Elem().FieldByName("Body").Interface()}, nil
		})
	}
	return op
}

// ReadDocument declares a read that is always answered as a document of a type.
func ReadDocument[I any, P request[I]](id, route, summary, mediaType string, decide func(*table.Tx, *I) (*Document, error)) Operation {
	op := operation[I, P](id, route, summary)
	op.register = func(a huma.API, t *table.Table, op Operation) {
		huma.Register(a, op.answering(documents([]string{mediaType})), func(ctx context.Context, in *I) (*document, error) {
			out, err := read[I, Document, P](ctx, t, op, in, decide)
			if err != nil {
				return nil, err
			}
			return out.answer(), nil
		})
	}
	return op
}

func (d *Document) answer() *document {
	if d.At != "" {
		return &document{Status: http.StatusSeeOther, Location: d.At, Cache: "private, no-store", Body: []byte{}}
	}
	out := &document{Status: http.StatusOK, Type: d.Type, Cache: d.Cache, Body: d.Content}
	if d.File != "" {
		out.Saved = mime.FormatMediaType("attachment", map[string]string{"filename": d.File})
	}
	return out
}

// documents are the contents of documents of some types, in the contract.
func documents(types []string) map[string]*huma.MediaType {
	all := map[string]*huma.MediaType{}
	for _, t := range types {
		all[t] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	}
	return all
}

// Linking is the operation with documents that may be too large for an answer, and are answered with a link then.
func (o Operation) Linking() Operation {
	o.Links = true
	return o
}

// answering is the operation with what it is answered.
func (o Operation) answering(contents map[string]*huma.MediaType) huma.Operation {
	h := o.huma(http.StatusOK, false)
	h.Responses = map[string]*huma.Response{"200": {Description: http.StatusText(http.StatusOK), Content: contents}}
	if o.Links {
		h.Responses["303"] = &huma.Response{
			Description: http.StatusText(http.StatusSeeOther),
			Headers:     map[string]*huma.Param{"Location": {Description: "Where the document can be had for a short while.", Schema: &huma.Schema{Type: huma.TypeString, Format: "uri"}}},
		}
	}
	return h
}
