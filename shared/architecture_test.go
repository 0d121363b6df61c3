// Package shared_test holds what the packages owe each other: who may import whom.
package shared_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "comptoir"

// business are the packages that hold the rules: functions of values and a time.
var business = []string{
	"billing", "calendar", "collaborator", "commission", "consent", "customer", "event", "ical", "id", "identifier", "licence", "membership", "money",
	"notice", "partner", "payment", "phrase", "plan", "problem", "profile", "seat", "sepa", "stamp", "statement", "webhook",
}

// shell are the packages around them, which know the store, the wire or the caller.
var shell = []string{"api", "archive", "authz", "dns", "mail", "queue", "setting", "table"}

// imported is one import in a source of the module that isn't a test.
type imported struct {
	by   string // the package, from the module's root: shared/licence
	file string
	path string
}

func (i imported) String() string { return i.file + " imports " + i.path }

func (i imported) of(prefixes ...string) bool { return under(i.path, prefixes...) }

func (i imported) within(prefixes ...string) bool { return under(i.by, prefixes...) }

// under tells whether a path is one of the prefixes or lies below one.
func under(p string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return p == prefix || strings.HasPrefix(p, prefix+"/") })
}

// sources parses the sources of the module, tests aside, and hands over each with its package.
func sources(t *testing.T, each func(pkg, name string, file *ast.File)) {
	t.Helper()
	const root = ".."
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		base := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != root && (strings.HasPrefix(base, ".") || base == "node_modules" || base == "dist" || base == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		rel = filepath.ToSlash(rel)
		each(path.Dir(rel), rel, file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func imports(t *testing.T) []imported {
	t.Helper()
	var all []imported
	sources(t, func(pkg, name string, file *ast.File) {
		for _, spec := range file.Imports {
			p, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, imported{pkg, name, p})
		}
	})
	return all
}

// Whoever adds a package decides on which side it stands.
func TestEverySharedPackageIsBusinessOrShell(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	sources(t, func(pkg, _ string, _ *ast.File) {
		if rest, ok := strings.CutPrefix(pkg, "shared/"); ok {
			top, _, _ := strings.Cut(rest, "/")
			found[top] = true
			if slices.Contains(business, top) == slices.Contains(shell, top) {
				t.Errorf("%s: name it among the business packages or those around them", pkg)
			}
		}
	})
	for _, name := range slices.Concat(business, shell) {
		if !found[name] {
			t.Errorf("there is no package %s", name)
		}
	}
}

// A newcomer reads the whole business without meeting DynamoDB or HTTP, at any depth.
func TestBusinessKnowsNeitherStoreNorWire(t *testing.T) {
	t.Parallel()
	args := []string{"list", "-deps"}
	for _, name := range business {
		args = append(args, module+"/shared/"+name)
	}
	out, err := exec.CommandContext(t.Context(), "go", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	if !slices.Contains(deps, module+"/shared/licence") {
		t.Fatalf("the list is odd: %v", deps)
	}
	foreign := []string{"github.com/aws", "github.com/danielgtaylor", "github.com/awslabs", "net", "net/http", "database"}
	for _, name := range shell {
		foreign = append(foreign, module+"/shared/"+name)
	}
	for _, dep := range deps {
		// What lies below net without a network, such as net/netip, is harmless.
		if under(dep, foreign...) && !under(dep, "net/netip", "net/url", "net/mail") {
			t.Errorf("the business packages reach %s", dep)
		}
	}
}

// Rules read no clock, draw no lots and write nothing: time and randomness are arguments.
func TestBusinessIsPure(t *testing.T) {
	t.Parallel()
	impure := map[string][]string{"time": {"Now", "Since", "Until", "After", "Sleep", "Tick", "NewTimer", "NewTicker", "Local"}}
	sources(t, func(pkg, name string, file *ast.File) {
		top, ok := strings.CutPrefix(pkg, "shared/")
		if !ok || !slices.Contains(business, top) {
			return
		}
		for _, spec := range file.Imports {
			if p := strings.Trim(spec.Path.Value, `"`); under(p, "os", "log", "math/rand", "crypto/rand", "sync", "context") {
				t.Errorf("%s imports %s", name, p)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && slices.Contains(impure[x.Name], s.Sel.Name) {
					t.Errorf("%s uses %s.%s", name, x.Name, s.Sel.Name)
				}
			}
			return true
		})
	})
}

func TestOnlyTheInfrastructureKnowsTheCDK(t *testing.T) {
	t.Parallel()
	used := false
	for _, i := range imports(t) {
		if i.of("github.com/aws/aws-cdk-go", "github.com/aws/constructs-go", "github.com/aws/jsii-runtime-go", "github.com/cdklabs") {
			used = true
			if !i.within("infra") {
				t.Error(i)
			}
		}
	}
	if !used {
		t.Error("nobody imports the CDK: does it have another name?")
	}
}

// No handler talks to the SDK: it goes through the table, which forgets neither the fact nor the mark.
// The outbox and the scan send, and mains wire.
func TestFunctionsLeaveTheSDKToTheTable(t *testing.T) {
	t.Parallel()
	for _, i := range imports(t) {
		wires := path.Base(i.by) == "bootstrap" || i.within("functions/outbox", "functions/scan", "functions/apitest")
		if i.within("functions") && !wires && i.of("github.com/aws", "github.com/awslabs", "github.com/aws/smithy-go") {
			t.Error(i)
		}
	}
}

// What is deployed needs neither what deploys it nor what tests it.
func TestWhatIsDeployedStandsAlone(t *testing.T) {
	t.Parallel()
	tests := []string{"functions/apitest", "shared/table/tabletest"}
	for _, i := range imports(t) {
		if i.within("functions", "shared") && !i.within(tests...) &&
			i.of(module+"/infra", module+"/functions/apitest", module+"/shared/table/tabletest", "testing", "pgregory.net/rapid") {
			t.Error(i)
		}
	}
}
