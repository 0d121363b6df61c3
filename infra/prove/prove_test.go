package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

func TestEveryFaultCanBePlanted(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, f := range faults {
		source, err := os.ReadFile(filepath.Join(root, f.file))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(source), f.old); n != 1 {
			t.Errorf("%s: %q occurs %d times in %s, want once", f.name, f.old, n, f.file)
		}
		if f.old == f.new || len(f.caught) == 0 || names[f.name] {
			t.Errorf("%s: is no fault, or to be caught by nothing, or there already", f.name)
		}
		names[f.name] = true
	}
}

// A proof that doesn't exist would be passed.
func TestEveryProofExists(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		for _, p := range f.caught {
			files, err := filepath.Glob(filepath.Join(root, p.pkg, "*_test.go"))
			if err != nil {
				t.Fatal(err)
			}
			var all strings.Builder
			for _, file := range files {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				all.Write(text)
			}
			for name := range strings.SplitSeq(p.test, "|") {
				if !regexp.MustCompile(`(?m)^func ` + name + `\(`).MatchString(all.String()) {
					t.Errorf("%s: there is no %s in %s", f.name, name, p.pkg)
				}
			}
		}
	}
}
