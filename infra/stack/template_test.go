package stack_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"comptoir/functions"
	"comptoir/infra/stack"
	contract "comptoir/shared/api"

	"github.com/aws/jsii-runtime-go"
)

const (
	root    = "../.."
	cdkJSON = root + "/cdk.json"
)

// A synthesis is a template, its parts easy to get at, and the folder with all that was written.
type synthesis struct {
	template  map[string]any
	resources map[string]resource
	out, code string
}

type resource struct {
	Type                string
	Properties          map[string]any
	DependsOn           []string
	DeletionPolicy      string
	UpdateReplacePolicy string
}

// comptoir is the stack as cdk.json has it. Synthesizing takes seconds, so the tests share it.
var comptoir = sync.OnceValues(func() (synthesis, error) { return synthesize(functions.All(contract.Env{}), nil) })

// trial is a stack that goes without a trace, with a sign-in of its own.
var trial = sync.OnceValues(func() (synthesis, error) {
	return synthesize(functions.All(contract.Env{}), map[string]any{
		"destroy": "true", "issuer": "https://id.example.com", "audience": "portal, machines",
		"alarmMail": "ops@example.com", "portalOrigin": "https://portal.example.com", "rate": "10", "burst": 20,
	})
})

var temporary string // removed after the tests

func TestMain(m *testing.M) {
	var err error
	if temporary, err = os.MkdirTemp("", "stack"); err != nil {
		panic(err)
	}
	code := m.Run()
	jsii.Close()
	os.RemoveAll(temporary)
	os.Exit(code)
}

// synthesize needs no built function: each is an empty file.
func synthesize(all []functions.Function, context map[string]any) (s synthesis, err error) {
	dir, err := os.MkdirTemp(temporary, "")
	if err != nil {
		return s, err
	}
	s.out, s.code = filepath.Join(dir, "out"), filepath.Join(dir, "code")
	for _, f := range all {
		folder := filepath.Join(s.code, f.Name)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return s, err
		}
		if err := os.WriteFile(filepath.Join(folder, "bootstrap"), nil, 0o755); err != nil {
			return s, err
		}
	}
	over := map[string]any{"code": s.code}
	for k, v := range context {
		over[k] = v
	}
	if s.template, err = stack.SynthOf(all, cdkJSON, s.out, over); err != nil {
		return s, err
	}
	data, err := json.Marshal(s.template["Resources"])
	if err != nil {
		return s, err
	}
	err = json.Unmarshal(data, &s.resources)
	return s, err
}

func must(t *testing.T, synth func() (synthesis, error)) synthesis {
	t.Helper()
	s, err := synth()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// of lists the resources of a type by logical id.
func (s synthesis) of(kind string) map[string]resource {
	found := map[string]resource{}
	for id, r := range s.resources {
		if r.Type == kind {
			found[id] = r
		}
	}
	return found
}

// only is the one resource of a type, with its logical id.
func (s synthesis) only(t *testing.T, kind string) (string, resource) {
	t.Helper()
	found := s.of(kind)
	if len(found) != 1 {
		t.Fatalf("%d resources of type %s, want one", len(found), kind)
	}
	for id, r := range found {
		return id, r
	}
	panic("unreachable")
}

// function is the function of that name (which is its handler), with its logical id.
func (s synthesis) function(t *testing.T, name string) (string, resource) {
	t.Helper()
	for id, r := range s.of("AWS::Lambda::Function") {
		if r.text("Handler") == name {
			return id, r
		}
	}
	t.Fatalf("no function %s", name)
	panic("unreachable")
}

// get follows the path of keys through the properties.
func (r resource) get(path ...string) any {
	var v any = r.Properties
	for _, key := range path {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

func (r resource) text(path ...string) string { return text(r.get(path...)) }

// text writes a value on one line, intrinsics as short as can be: Table, Table.Arn, integrations/Api.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case map[string]any:
		if ref, ok := v["Ref"]; ok {
			return text(ref)
		}
		if path, ok := v["Fn::GetAtt"].([]any); ok {
			return join(path, ".")
		}
		if args, ok := v["Fn::Join"].([]any); ok && len(args) == 2 {
			return join(args[1], text(args[0]))
		}
	}
	return fmt.Sprint(v)
}

func join(parts any, separator string) string {
	var s []string
	for _, p := range list(parts) {
		s = append(s, text(p))
	}
	return strings.Join(s, separator)
}

// list is the value when it is a list, and otherwise a list of it alone, as IAM reads them.
func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}
