// Command contract prints the API in OpenAPI 3.1, with the samples of the folder events as examples.
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
	if err != nil {
		log.Fatal(err)
	}
	os.Stdout.Write(text)
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
