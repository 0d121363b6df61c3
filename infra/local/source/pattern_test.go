package source

import (
	"encoding/json"
	"strings"
	"testing"
)

// The rules are those of the AWS documentation, "Filter rule syntax", with its example values.
func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, pattern string
		fits, others  []string
	}{
		{"null", `{"UserID":[null]}`, []string{`{"UserID":null}`}, []string{`{"UserID":""}`, `{}`}},
		{"empty", `{"LastName":[""]}`, []string{`{"LastName":""}`}, []string{`{"LastName":"x"}`, `{}`}},
		{"equals", `{"Name":["Alice"]}`, []string{`{"Name":"Alice","Age":3}`}, []string{`{"Name":"alice"}`, `{"Name":"Alicea"}`, `{}`}},
		{"equals (ignore case)", `{"Name":[{"equals-ignore-case":"alice"}]}`, []string{`{"Name":"aLICE"}`}, []string{`{"Name":"bob"}`, `{"Name":1}`}},
		{
			"and", `{"Location":["New York"],"Day":["Monday"]}`,
			[]string{`{"Location":"New York","Day":"Monday"}`},
			[]string{`{"Location":"New York","Day":"Sunday"}`, `{"Day":"Monday"}`},
		},
		{"or", `{"PaymentType":["Credit","Debit"]}`, []string{`{"PaymentType":"Credit"}`, `{"PaymentType":"Debit"}`}, []string{`{"PaymentType":"Cash"}`}},
		{
			"or (multiple fields)", `{"$or":[{"Location":["New York"]},{"Day":["Monday"]}]}`,
			[]string{`{"Location":"New York","Day":"Sunday"}`, `{"Day":"Monday"}`},
			[]string{`{"Location":"Lille"}`, `{}`},
		},
		{"not", `{"Weather":[{"anything-but":["Raining"]}]}`, []string{`{"Weather":"Sunny"}`, `{"Weather":null}`}, []string{`{"Weather":"Raining"}`, `{}`}},
		{"not, one value", `{"Weather":[{"anything-but":"Raining"}]}`, []string{`{"Weather":"Sunny"}`}, []string{`{"Weather":"Raining"}`}},
		{"numeric (equals)", `{"Price":[{"numeric":["=",100]}]}`, []string{`{"Price":100}`, `{"Price":1e2}`}, []string{`{"Price":"100"}`, `{"Price":101}`}},
		{"numeric (range)", `{"Price":[{"numeric":[">",10,"<=",20]}]}`, []string{`{"Price":10.5}`, `{"Price":20}`}, []string{`{"Price":10}`, `{"Price":21}`, `{}`}},
		{"exists", `{"ProductName":[{"exists":true}]}`, []string{`{"ProductName":null}`, `{"ProductName":"x"}`}, []string{`{}`}},
		{"does not exist", `{"ProductName":[{"exists":false}]}`, []string{`{}`, `{"Other":1}`}, []string{`{"ProductName":null}`}},
		{"does not exist, deep inside", `{"a":{"b":[{"exists":false}]}}`, []string{`{}`, `{"a":{}}`}, []string{`{"a":{"b":1}}`}},
		{"begins with", `{"Region":[{"prefix":"us-"}]}`, []string{`{"Region":"us-east-2"}`}, []string{`{"Region":"eu-us-1"}`, `{"Region":1}`}},
		{"ends with", `{"FileName":[{"suffix":".png"}]}`, []string{`{"FileName":"a.png"}`}, []string{`{"FileName":"a.png.zip"}`}},
		{"truth values", `{"Paid":[true]}`, []string{`{"Paid":true}`}, []string{`{"Paid":false}`, `{"Paid":"true"}`}},
		{"a list in the event", `{"Tags":["b"]}`, []string{`{"Tags":["a","b"]}`}, []string{`{"Tags":["a"]}`, `{"Tags":[]}`}},
		{"objects in a list", `{"Lines":{"Kind":["x"]}}`, []string{`{"Lines":[{"Kind":"y"},{"Kind":"x"}]}`}, []string{`{"Lines":[{"Kind":"y"}]}`}},
		{"values and operators mixed", `{"State":["new",{"prefix":"old-"}]}`, []string{`{"State":"new"}`, `{"State":"old-1"}`}, []string{`{"State":"newer"}`}},
		{
			"new events of a stream", `{"eventName":["INSERT"],"dynamodb":{"NewImage":{"type":{"S":["event"]}}}}`,
			[]string{`{"eventName":"INSERT","dynamodb":{"NewImage":{"type":{"S":"event"},"PK":{"S":"x"}}}}`},
			[]string{
				`{"eventName":"MODIFY","dynamodb":{"NewImage":{"type":{"S":"event"}}}}`,
				`{"eventName":"INSERT","dynamodb":{"NewImage":{"type":{"S":"seat"}}}}`, `{"eventName":"INSERT","dynamodb":{}}`,
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			pattern, err := ParsePattern(c.pattern)
			if err != nil {
				t.Fatal(err)
			}
			for i, event := range append(c.fits, c.others...) {
				var value any
				if err := json.Unmarshal([]byte(event), &value); err != nil {
					t.Fatal(err)
				}
				if got, want := matches([]Pattern{pattern}, value), i < len(c.fits); got != want {
					t.Errorf("%s: %v; want %v", event, got, want)
				}
			}
		})
	}
}

func TestSeveralPatterns(t *testing.T) {
	t.Parallel()
	a, _ := ParsePattern(`{"x":["a"]}`)
	b, _ := ParsePattern(`{"x":["b"]}`)
	for value, want := range map[string]bool{"a": true, "b": true, "c": false} {
		if got := matches([]Pattern{a, b}, map[string]any{"x": value}); got != want {
			t.Errorf("%s: %v; want %v", value, got, want)
		}
	}
	if !matches(nil, map[string]any{}) {
		t.Error("no pattern at all must let everything through")
	}
}

func TestPatternsThatAreNotKnown(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		`{"a":{"b":["x",{"wildcard":"y*"}]}}`:         "a.b[1].wildcard: not known locally",
		`{"a":[{"cidr":"10.0.0.0/24"}]}`:              "a[0].cidr: not known locally",
		`{"a":[{"anything-but":{"prefix":"x"}}]}`:     "a[0].anything-but: its argument is not known locally",
		`{"a":[{"numeric":["!=",3]}]}`:                "a[0].numeric: its argument is not known locally",
		`{"a":[{"numeric":["<"]}]}`:                   "a[0].numeric: its argument is not known locally",
		`{"a":[{"prefix":{"equals-ignore-case":1}}]}`: "a[0].prefix: its argument is not known locally",
		`{"a":[{"exists":"yes"}]}`:                    "a[0].exists: its argument is not known locally",
		`{"a":[{"prefix":"x","suffix":"y"}]}`:         "a[0]: not one operator",
		`{"a":"x"}`:                                   "a: neither an object nor a list",
		`{"$or":[{"a":["x"]},"b"]}`:                   "$or[1]: not a rule",
		`{"a":[["x"]]}`:                               "a[0]: a list inside a list",
		`{"a":`:                                       "unexpected end",
	} {
		if _, err := ParsePattern(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v; want %s", pattern, err, want)
		}
	}
}
