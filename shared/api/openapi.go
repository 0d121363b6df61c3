package api

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Example is a request that was made and what it was answered.
type Example struct {
	Name    string // of the case
	Request any    // the body, or nil
	Status  int
	Answer  any
}

// Contract describes operations in OpenAPI 3.1, as YAML, with the roles that may use each and with
// examples by operation id.
func Contract(operations []Operation, examples map[string][]Example) ([]byte, error) {
	for _, op := range operations {
		visible(op.input)
	}
	doc := describe(http.NewServeMux(), nil, operations)
	roles, docs := map[string][]string{}, map[string]string{}
	for _, op := range operations {
		roles[op.ID], docs[op.ID] = op.Roles(), op.Doc
	}
	for _, path := range doc.Paths {
		for _, op := range []*huma.Operation{path.Get, path.Post, path.Put, path.Patch, path.Delete} {
			if op == nil {
				continue
			}
			op.Description = docs[op.OperationID]
			op.Extensions = map[string]any{"x-roles": roles[op.OperationID]}
			for _, e := range examples[op.OperationID] {
				e.into(op)
			}
		}
	}
	return doc.YAML()
}

// visible panics if huma would not see a part of an input: it skips the fields of embedded types that are not exported.
func visible(t reflect.Type) {
	for f := range t.Fields() {
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			if !f.IsExported() {
				panic("api: " + t.String() + " embeds " + f.Type.String() + ", which is not exported")
			}
			visible(f.Type)
		}
	}
}

func (e Example) into(op *huma.Operation) {
	if e.Request != nil && op.RequestBody != nil && e.Status < 300 {
		add(op.RequestBody.Content["application/json"], e.Name, e.Request)
	}
	response := op.Responses[strconv.Itoa(e.Status)]
	if response == nil { // the operation's other success, with the same answer
		usual := op.Responses[strconv.Itoa(op.DefaultStatus)]
		response = &huma.Response{Description: http.StatusText(e.Status), Headers: usual.Headers, Content: map[string]*huma.MediaType{
			"application/json": {Schema: usual.Content["application/json"].Schema},
		}}
		op.Responses[strconv.Itoa(e.Status)] = response
	}
	_, document := e.Answer.(string)
	for kind, content := range response.Content {
		if document != strings.HasSuffix(kind, "json") {
			add(content, e.Name, e.Answer)
		}
	}
}

func add(to *huma.MediaType, name string, value any) {
	if to.Examples == nil {
		to.Examples = map[string]*huma.Example{}
	}
	to.Examples[name] = &huma.Example{Value: value}
}
