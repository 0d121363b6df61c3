package proxy

import (
	"encoding/json"
	"strings"
	"testing"
)

// The figures are from "DynamoDB item sizes and formats" (Developer Guide).
func TestSize(t *testing.T) {
	t.Parallel()
	for rule, c := range map[string]struct {
		item string
		want int
	}{
		"a text counts its bytes in UTF-8, and so does the attribute's name": {`{"shirt-color": {"S": "R"}, "shirt-size": {"S": "é"}}`, 11 + 1 + 10 + 2},
		"a number counts a byte for two digits and one more":                 {`{"n": {"N": "1234"}}`, 1 + 3},
		"an odd digit counts as two":                                         {`{"n": {"N": "12345"}}`, 1 + 4},
		"zeros before and after do not count, nor sign and point":            {`{"n": {"N": "-0012.500"}}`, 1 + 3},
		"nor do those of a thousandth":                                       {`{"n": {"N": "0.001"}}`, 1 + 2},
		"nor an exponent":                                                    {`{"n": {"N": "12e30"}}`, 1 + 2},
		"bytes count as they are before Base64":                              {`{"b": {"B": "AAECAwQ="}}`, 1 + 5},
		"truth and nothing count one":                                        {`{"t": {"BOOL": false}, "n": {"NULL": true}}`, 2 + 2},
		"sets count their elements":                                          {`{"a": {"SS": ["ab", "c"]}, "b": {"NS": ["12", "3"]}, "c": {"BS": ["AAA="]}}`, 3 + 3 + 4 + 2},
		"an empty list counts three, and so does an empty map":               {`{"l": {"L": []}, "m": {"M": {}}}`, 2 + 6},
		"an element of a list counts one more":                               {`{"l": {"L": [{"S": "ab"}, {"BOOL": true}]}}`, 1 + 3 + 2 + 3},
		"an element of a map counts its name and one more":                   {`{"m": {"M": {"key": {"S": "ab"}}}}`, 1 + 3 + 1 + 3 + 2},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			var i item
			if err := json.NewDecoder(strings.NewReader(c.item)).Decode(&i); err != nil {
				t.Fatal(err)
			}
			if got := i.size(); got != c.want {
				t.Errorf("%s: %d bytes, want %d", c.item, got, c.want)
			}
		})
	}
}
