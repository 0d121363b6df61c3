package template_test

import (
	"strings"
	"testing"

	"comptoir/infra/local/template"
)

var pseudo = map[string]string{"AWS::Region": "eu-west-3", "AWS::Partition": "aws"}

// parse reads a template whose resources answer "<id>" to Ref and "<id>.<attribute>" to GetAtt.
func parse(t *testing.T, body string, parameters map[string]string) (*template.Template, error) {
	t.Helper()
	return template.Parse([]byte(body), pseudo, parameters, func(r *template.Resource, name string) (any, error) {
		if name == "" {
			return r.ID, nil
		}
		return r.ID + "." + name, nil
	})
}

func TestIntrinsics(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, value, want string }{
		{"a text is itself", `"plain"`, "plain"},
		{"a number becomes a text", `6`, "6"},
		{"a truth value becomes a text", `true`, "true"},
		{"Ref of a resource", `{"Ref":"Queue"}`, "Queue"},
		{"Ref of a parameter", `{"Ref":"Zone"}`, "Europe/Paris"},
		{"Ref of a pseudo parameter", `{"Ref":"AWS::Region"}`, "eu-west-3"},
		{"GetAtt as a list", `{"Fn::GetAtt":["Queue","Arn"]}`, "Queue.Arn"},
		{"GetAtt as a text", `{"Fn::GetAtt":"Queue.Arn"}`, "Queue.Arn"},
		{"Join", `{"Fn::Join":["/",["a",{"Ref":"Queue"},{"Ref":"AWS::NoValue"},"b"]]}`, "a/Queue/b"},
		{"Sub", `{"Fn::Sub":"${Queue}-${Queue.Arn}-${AWS::Region}-${!kept}"}`, "Queue-Queue.Arn-eu-west-3-${kept}"},
		{"Sub with names of its own", `{"Fn::Sub":["${x}",{"x":{"Ref":"Zone"}}]}`, "Europe/Paris"},
		{"Select of Split", `{"Fn::Select":[1,{"Fn::Split":["/",{"Ref":"Zone"}]}]}`, "Paris"},
		{"If", `{"Fn::If":["Paris","yes","no"]}`, "yes"},
		{"If not", `{"Fn::If":["Elsewhere","yes","no"]}`, "no"},
		{"no value is the default", `{"Fn::If":["Elsewhere","yes",{"Ref":"AWS::NoValue"}]}`, "default"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tpl, err := parse(t, `{
				"Parameters": {"Zone": {"Type": "String", "Default": "Europe/Paris"}},
				"Conditions": {
					"Paris": {"Fn::Or": [{"Fn::Equals": [{"Ref": "Zone"}, "UTC"]}, {"Fn::Equals": [{"Ref": "Zone"}, "Europe/Paris"]}]},
					"Elsewhere": {"Fn::And": [{"Fn::Not": [{"Condition": "Paris"}]}, {"Condition": "Paris"}]}},
				"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"Value": `+c.value+`}}}}`, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := tpl.Find("Queue").Properties().String("Value", "default")
			if got != c.want || tpl.Err() != nil {
				t.Errorf("got %q, %v; want %q", got, tpl.Err(), c.want)
			}
		})
	}
}

func TestParametersAndConditions(t *testing.T) {
	t.Parallel()
	const body = `{
		"Parameters": {"Issuer": {"Type": "String", "Default": ""}},
		"Conditions": {"OwnPool": {"Fn::Equals": [{"Ref": "Issuer"}, ""]}},
		"Resources": {"Pool": {"Type": "AWS::Cognito::UserPool", "Condition": "OwnPool"}}}`
	own, err := parse(t, body, nil)
	if err != nil || own.Find("Pool") == nil {
		t.Errorf("the pool is missing where its condition holds: %v", err)
	}
	other, err := parse(t, body, map[string]string{"Issuer": "https://id.example"})
	if err != nil || other.Find("Pool") != nil {
		t.Errorf("the pool is there where its condition does not hold: %v", err)
	}
}

func TestErrorsNameThePath(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, properties, want string }{
		{"an intrinsic that is not known", `{"Name":{"Fn::ImportValue":"x"}}`, "Resources.Queue.Properties.Name.Fn::ImportValue: not known locally"},
		{"a property that nobody reads", `{"Name":"q","FifoQueue":true}`, "Resources.Queue.Properties.FifoQueue: not known locally"},
		{"one deep inside a list", `{"Name":"q","Rules":[{"Id":"a"},{"Odd":1}]}`, "Resources.Queue.Properties.Rules[1].Odd: not known locally"},
		{"a reference to nothing", `{"Name":{"Ref":"Gone"}}`, `Resources.Queue.Properties.Name.Ref: "Gone" is neither a resource nor a parameter with a value`},
		{"inside a text", `{"Name":{"Fn::Sub":"${Gone}"}}`, `Resources.Queue.Properties.Name.Fn::Sub: "Gone" is neither`},
		{"inside a join", `{"Name":{"Fn::Join":["",["a",{"Fn::Base64":"x"}]]}}`, "Resources.Queue.Properties.Name.Fn::Join[1][1].Fn::Base64: not known locally"},
		{"a required property", `{}`, "Resources.Queue.Properties.Name: missing"},
		{"a wrong number", `{"Name":"q","Size":"many"}`, "Resources.Queue.Properties.Size: not a whole number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tpl, err := parse(t, `{"Resources":{"Queue":{"Type":"AWS::SQS::Queue","Properties":`+c.properties+`}}}`, nil)
			if err != nil {
				t.Fatal(err)
			}
			p := tpl.Find("Queue").Properties()
			p.Text("Name")
			p.Int("Size", 0)
			p.Ignore("Tags")
			for _, rule := range p.Objects("Rules") {
				rule.String("Id", "")
				rule.Close()
			}
			p.Close()
			if err := tpl.Err(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v; want %s", err, c.want)
			}
		})
	}
}

func TestUnknownKeysOfTheTemplate(t *testing.T) {
	t.Parallel()
	_, err := parse(t, `{"Transform":"x","Resources":{"Q":{"Type":"T","CreationPolicy":{}}}}`, nil)
	for _, want := range []string{"Transform: not known locally", "Resources.Q.CreationPolicy: not known locally"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v; want %s", err, want)
		}
	}
}
