package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/danielgtaylor/huma/v2"
)

// strictJSON is JSON in which no object has a name twice. encoding/json would take the values of both,
// while only the last is checked.
var strictJSON = huma.Format{
	Marshal: func(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) },
	Unmarshal: func(data []byte, v any) error {
		if err := namesOnce(json.NewDecoder(bytes.NewReader(data))); err != nil {
			return err
		}
		return json.Unmarshal(data, v)
	},
}

// namesOnce reads one value.
func namesOnce(d *json.Decoder) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	open, _ := token.(json.Delim)
	seen := map[json.Token]bool{}
	for (open == '{' || open == '[') && d.More() {
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			if seen[name] {
				return fmt.Errorf("the name %q comes twice", name)
			}
			seen[name] = true
		}
		if err := namesOnce(d); err != nil {
			return err
		}
	}
	if open == '{' || open == '[' {
		_, err = d.Token() // that closes it
	}
	return err
}
