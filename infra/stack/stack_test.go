package stack_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"comptoir/infra/stack"
)

var update = flag.Bool("update", false, "write the snapshot anew")

const snapshot = root + "/infra/snapshot/comptoir.template.json"

func TestNoRuleOfTheCDKOrCDKNagFindsOrIsToldToOverlookAnything(t *testing.T) {
	for name, synth := range map[string]func() (synthesis, error){"comptoir": comptoir, "trial": trial} {
		s := must(t, synth) // whose error shows the findings
		data, err := os.ReadFile(filepath.Join(s.out, "validation-report.json"))
		if err != nil {
			t.Fatal(err)
		}
		var report struct{ PluginReports []any }
		if err := json.Unmarshal(data, &report); err != nil {
			t.Fatal(err)
		}
		if len(report.PluginReports) > 0 {
			t.Errorf("%s: %s", name, data)
		}
	}
}

func TestTheSnapshotIsCurrent(t *testing.T) {
	got := stable(t, must(t, comptoir).template)
	if *update {
		if err := os.WriteFile(snapshot, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(snapshot)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the template is not that of %s any more; to see what changed: make snapshot && git diff", filepath.Clean(snapshot))
	}
}

// stable is the template without what depends on the contents of the binaries: the code of a function
// is found under "dist/<function>".
func stable(t *testing.T, template map[string]any) []byte {
	t.Helper()
	data, err := json.Marshal(template)
	if err != nil {
		t.Fatal(err)
	}
	var c map[string]any
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	for _, r := range c["Resources"].(map[string]any) {
		r := r.(map[string]any)
		if r["Type"] == "AWS::Lambda::Function" {
			p := r["Properties"].(map[string]any)
			p["Code"].(map[string]any)["S3Key"] = "dist/" + p["Handler"].(string)
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(c); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTheCommandLineOfTheCDKMakesTheSameTemplate(t *testing.T) {
	cdk, err := filepath.Abs(root + "/node_modules/.bin/cdk")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(cdk); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("the CDK's command line is not installed:", err)
	}
	s := must(t, comptoir)
	out := t.TempDir()
	cmd := exec.Command(cdk, "synth", "--quiet", "--context", "code="+s.code, "--output", out)
	cmd.Dir = root
	if message, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, message)
	}
	for _, file := range []string{stack.Name + ".template.json", stack.Name + ".assets.json"} {
		got, err := os.ReadFile(filepath.Join(out, file))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(s.out, file))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: the command line makes\n%s\nand go run ./infra\n%s", file, got, want)
		}
	}
}

func TestAnErrorOfTheContextNamesTheKey(t *testing.T) {
	s := must(t, comptoir)
	for _, c := range []struct {
		key   string
		value any
	}{
		{"portalOrigin", nil},
		{"timeZone", nil}, // a setting of functions
		{"rate", "many"},
		{"mailFrom", "desk"},
		{"deniedMailDomains", "*.onmicrosoft.com"},
		{"issuer", "https://id.example.com"}, // without an audience
	} {
		_, err := stack.Synth(cdkJSON, t.TempDir(), map[string]any{"code": s.code, c.key: c.value})
		if err == nil || !strings.Contains(err.Error(), `"`+c.key+`"`) {
			t.Errorf("%s = %v: error %v", c.key, c.value, err)
		}
	}
}

func TestAFunctionThatIsNotBuiltIsAnError(t *testing.T) {
	_, err := stack.Synth(cdkJSON, t.TempDir(), map[string]any{"code": t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "not built") {
		t.Error(err)
	}
}

func TestAnyIssuerMakesNoUserPool(t *testing.T) {
	s := must(t, trial)
	for id, r := range s.resources {
		if strings.HasPrefix(r.Type, "AWS::Cognito::") {
			t.Errorf("%s is a %s", id, r.Type)
		}
	}
	bearers, _ := authorizers(t, s)
	authorizer := s.resources[bearers]
	if got := authorizer.text("JwtConfiguration", "Issuer"); got != "https://id.example.com" {
		t.Errorf("issuer %q", got)
	}
	if got := join(authorizer.get("JwtConfiguration", "Audience"), " "); got != "portal machines" {
		t.Errorf("audience %q", got)
	}
}

func TestDataOutlivesTheStackUnlessItIsATrial(t *testing.T) {
	data := []string{"AWS::DynamoDB::Table", "AWS::Cognito::UserPool", "AWS::Logs::LogGroup", "AWS::S3::Bucket"}
	for id, r := range must(t, comptoir).resources {
		if slices.Contains(data, r.Type) && (r.DeletionPolicy != "Retain" || r.UpdateReplacePolicy != "Retain") {
			t.Errorf("%s goes with the stack: %s, %s", id, r.DeletionPolicy, r.UpdateReplacePolicy)
		}
	}
	_, table := must(t, comptoir).only(t, "AWS::DynamoDB::Table")
	if table.get("DeletionProtectionEnabled") != true {
		t.Error("the table can be deleted")
	}
	for id, r := range must(t, trial).resources {
		if r.DeletionPolicy == "Retain" || r.get("DeletionProtectionEnabled") == true {
			t.Errorf("%s stays after a trial", id)
		}
	}
}

func TestAlarmsAreMailedToWhomTheContextNames(t *testing.T) {
	if n := len(must(t, comptoir).of("AWS::SNS::Subscription")); n != 0 {
		t.Errorf("%d subscriptions without an address", n)
	}
	_, s := must(t, trial).only(t, "AWS::SNS::Subscription")
	if got := s.text("Endpoint"); got != "ops@example.com" {
		t.Errorf("mails go to %q", got)
	}
}

func TestTheOutputsSayHowToReachTheStack(t *testing.T) {
	outputs, _ := must(t, comptoir).template["Outputs"].(map[string]any)
	got := slices.Sorted(maps.Keys(outputs))
	want := []string{
		"ApiUrl", "EventBusName", "Issuer", "OperatorClientId", "PortalClientId", "ProductClientId", "SignInUrl", "TableName", "UserPoolId",
	}
	if !slices.Equal(got, want) {
		t.Errorf("outputs %q, want %q", got, want)
	}
}
