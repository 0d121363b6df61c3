// Command contract writes what is derived from the operations: docs/openapi.yaml, with the samples of
// the folder events as examples, and the table of operations in README.md.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"comptoir/functions"
	"comptoir/shared/api"
)

func main() {
	examples, err := samples("events")
	if err != nil {
		log.Fatal(err)
	}
	text, err := api.Contract(functions.Operations(api.Env{}), examples)
	if err == nil {
		err = os.WriteFile("docs/openapi.yaml", text, 0o644)
	}
	if err == nil {
		err = between("README.md", "<!-- operations -->\n", "<!-- end of operations -->\n", operations())
	}
	if err != nil {
		log.Fatal(err)
	}
}

// operations is the table of operations, with who may use each.
func operations() string {
	table := "| operation | id | for |\n|---|---|---|\n"
	for _, op := range functions.Operations(api.Env{}) {
		table += fmt.Sprintf("| %s `%s` | %s: %s | %s |\n", op.Method, op.Path, op.ID, op.Summary, strings.Join(op.Roles(), ", "))
	}
	return table
}

// between replaces what stands between two marks in a file.
func between(file, start, end, with string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(text), start)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return fmt.Errorf("%s: the marks %q and %q are missing", file, start, end)
	}
	return os.WriteFile(file, []byte(before+start+with+end+after), 0o644)
}

// samples reads <folder>/<function>/<operation>[-<case>]-<status>.json and the answer beside each.
func samples(folder string) (map[string][]api.Example, error) {
	files, err := filepath.Glob(folder + "/*/*.answer.json")
	if err != nil {
		return nil, err
	}
	all := map[string][]api.Example{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".answer.json")
		parts := strings.Split(name, "-")
		status, err := strconv.Atoi(parts[len(parts)-1])
		if err != nil {
			continue // of a function that answers no requests
		}
		e := api.Example{Name: strings.TrimSuffix(name, "-"+parts[len(parts)-1]), Status: status}
		var request struct{ Body string }
		if err := read(strings.TrimSuffix(file, ".answer.json")+".json", &request); err != nil {
			return nil, err
		}
		if request.Body != "" {
			if err := json.Unmarshal([]byte(request.Body), &e.Request); err != nil {
				e.Request = nil // a sample of a body that is no JSON
			}
		}
		if err := read(file, &e.Answer); err != nil {
			return nil, err
		}
		all[parts[0]] = append(all[parts[0]], e)
	}
	return all, nil
}

func read(file string, into any) error {
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
