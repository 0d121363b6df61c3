package problem_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"comptoir/shared/problem"
)

var code = regexp.MustCompile(`(?:Code: |Conflict\(\s*|plainProblem\([^"\n]*)"([a-z_]+)"`)

// The contract lists every code: none is used that Codes lacks, and none is listed that nothing uses.
func TestCodesAreThoseInUse(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, root := range []string{"..", "../../functions"} {
		err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			for _, match := range code.FindAllStringSubmatch(string(source), -1) {
				used[match[1]] = true
				if !slices.Contains(problem.Codes, match[1]) {
					t.Errorf("%s uses %q", path, match[1])
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, each := range problem.Codes {
		if !used[each] {
			t.Errorf("nothing uses %q", each)
		}
	}
}
