package phrase

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// saying tells, for each function that says something to people, which argument is the format. What
// goes into it follows.
var saying = map[string]int{"Say": 0, "Forbidden": 0, "Invalid": 1, "Conflict": 1, "effect": 1, "notAllowed": 0}

// tables are the maps that hold formats, by file.
var tables = map[string]string{
	"shared/api/problem.go": "titles", "shared/notice/notice.go": "words", "functions/me/me.go": "meanings",
}

// said is a format, where it stands and how many arguments go into it (-1 where that can't be seen).
type said struct {
	format, where string
	args          int
}

// F10: whatever is said to people is said in French too, and nothing is translated that nobody says.
func TestEveryFormatIsInFrench(t *testing.T) {
	t.Parallel()
	all := everythingSaid(t)
	if len(all) < 50 {
		t.Fatalf("only %d formats were found", len(all))
	}
	found := map[string]bool{}
	for _, s := range all {
		found[s.format] = true
		switch translated, ok := french[s.format]; {
		case !ok:
			t.Errorf("%s: no French for %q", s.where, s.format)
		case !slices.Equal(verbs(s.format), verbs(translated)):
			t.Errorf("%s: what goes into %q goes otherwise into %q", s.where, s.format, translated)
		}
		if s.args >= 0 && s.args != len(verbs(s.format)) {
			t.Errorf("%s: %d arguments go into %q", s.where, s.args, s.format)
		}
	}
	for _, format := range slices.Sorted(maps.Keys(french)) {
		if !found[format] {
			t.Errorf("nobody says %q", format)
		}
	}
}

// Every sentence is whole in both languages, and French has its apostrophes and spaces.
func TestFrenchIsWellSet(t *testing.T) {
	t.Parallel()
	for format, translated := range french {
		for mark, why := range map[string]string{
			"'": "a typewriter's apostrophe", `"`: "a typewriter's quotation mark", "...": "three points for an ellipsis", "  ": "two spaces",
		} {
			if strings.Contains(translated, mark) {
				t.Errorf("%q has %s", translated, why)
			}
		}
		if loose := regexp.MustCompile(`[^\x{a0}\x{202f}][:;?!»%]( |$)|«[^\x{a0}\x{202f}]`).FindString(translated); loose != "" {
			t.Errorf("%q has no no-break space at %q", translated, loose)
		}
		if strings.HasSuffix(format, ".") != strings.HasSuffix(translated, ".") {
			t.Errorf("%q and %q: one is a sentence", format, translated)
		}
		if strings.TrimSpace(translated) != translated || translated == "" {
			t.Errorf("%q is not set close", translated)
		}
	}
}

var verb = regexp.MustCompile(`%(?:\[(\d+)\])?([a-z])`)

// verbs are those of a format, each with the number of what goes into it.
func verbs(format string) []string {
	all := []string{}
	for i, m := range verb.FindAllStringSubmatch(strings.ReplaceAll(format, "%%", ""), -1) {
		n := strconv.Itoa(i + 1)
		if m[1] != "" {
			n = m[1]
		}
		all = append(all, n+m[2])
	}
	slices.Sort(all)
	return all
}

// everythingSaid finds the formats in the sources of the whole module, tests aside.
func everythingSaid(t *testing.T) []said {
	t.Helper()
	const root = "../.."
	var all []said
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch name := d.Name(); {
		case err != nil:
			return err
		case d.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "dist" || name == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		all = append(all, saidIn(t, fset, file, filepath.ToSlash(rel))...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// saidIn finds the formats of one file. One that isn't written where it is said must come from a table,
// or be the parameter of a function that is itself one of those that say something.
func saidIn(t *testing.T, fset *token.FileSet, file *ast.File, name string) []said {
	t.Helper()
	if !speaks(file) {
		return nil
	}
	var all []said
	for _, decl := range file.Decls {
		within := ""
		if f, ok := decl.(*ast.FuncDecl); ok {
			within = f.Name.Name
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && tables[name] == spec.Names[0].Name {
				all = append(all, entries(t, fset, spec)...)
			}
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			i, says := saying[callee(call)]
			if !says || len(call.Args) <= i {
				return true
			}
			where := fmt.Sprint(name, ":", fset.Position(call.Pos()).Line)
			format, written := text(call.Args[i])
			_, passesOn := saying[within]
			switch {
			case written && format != "": // an empty one is filled in later
				args := len(call.Args) - i - 1
				if call.Ellipsis.IsValid() {
					args = -1
				}
				all = append(all, said{format, where, args})
			case !written && !passesOn && tables[name] == "":
				t.Errorf("%s: what is said here isn't written here", where)
			}
			return true
		})
	}
	return all
}

// speaks tells whether a file can say anything to people: it is of a package that does, or imports one.
func speaks(file *ast.File) bool {
	if name := file.Name.Name; name == "phrase" || name == "problem" || name == "licence" {
		return true
	}
	return slices.ContainsFunc(file.Imports, func(s *ast.ImportSpec) bool {
		return s.Path.Value == `"comptoir/shared/phrase"` || s.Path.Value == `"comptoir/shared/problem"`
	})
}

func callee(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// entries are the values of a table.
func entries(t *testing.T, fset *token.FileSet, spec *ast.ValueSpec) []said {
	t.Helper()
	var all []said
	for _, e := range spec.Values[0].(*ast.CompositeLit).Elts {
		where := fset.Position(e.Pos()).String()
		format, written := text(e.(*ast.KeyValueExpr).Value)
		if !written {
			t.Errorf("%s: what is said here isn't written here", where)
		}
		all = append(all, said{format, where, -1})
	}
	return all
}

// text is a string as it is written, in one piece or in several.
func text(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		a, okA := text(e.X)
		b, okB := text(e.Y)
		return a + b, e.Op == token.ADD && okA && okB
	}
	return "", false
}
