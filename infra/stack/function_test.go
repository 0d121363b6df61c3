package stack_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/functions"
	contract "comptoir/shared/api"
	"comptoir/shared/queue"
	"comptoir/shared/setting"
	"comptoir/shared/table"
)

func TestEveryRoleAllowsExactlyWhatItsFunctionDeclares(t *testing.T) {
	wantGrants(t, must(t, comptoir), functions.All(contract.Env{}))
}

// archiving is a stack of one function, which gives out documents.
var archiving = []functions.Function{{Name: "papers", Archives: true, Settings: []string{setting.ArchiveBucket, setting.MailFrom, setting.DeniedMailDomains}, Timeout: time.Minute}}

func TestAFunctionThatArchivesReadsAndWritesDocumentsAndNoMore(t *testing.T) {
	s := must(t, func() (synthesis, error) { return synthesize(archiving, nil) })
	wantGrants(t, s, archiving)
	wantOnlyTLS(t, s, archiveBucket(t, s))
	_, function := s.function(t, "papers")
	if got, want := function.text("Environment", "Variables", setting.ArchiveBucket), archiveBucket(t, s); got != want {
		t.Errorf("it takes %q for the archive, which is %s", got, want)
	}
}

func wantGrants(t *testing.T, s synthesis, all []functions.Function) {
	t.Helper()
	tableID, _ := s.only(t, "AWS::DynamoDB::Table")
	busID, _ := s.only(t, "AWS::Events::EventBus")
	archiveID := archiveBucket(t, s)
	for _, f := range all {
		var want []string
		allow := func(resource string, actions ...string) {
			for _, a := range actions {
				want = append(want, a+" "+resource)
			}
		}
		_, function := s.function(t, f.Name)
		allow(function.text("LoggingConfig", "LogGroup")+".Arn", "logs:CreateLogStream", "logs:PutLogEvents")
		for _, action := range f.Table {
			allow(tableID+".Arn", "dynamodb:"+action)
		}
		for _, n := range f.Queries {
			name, _, _ := table.Index(n)
			allow(tableID+".Arn/index/"+name, "dynamodb:Query")
		}
		for _, q := range f.Sends {
			allow(liveQueue(t, s, q)+".Arn", "sqs:SendMessage")
		}
		if f.Announces {
			allow(busID+".Arn", "events:PutEvents")
		}
		if f.Archives {
			allow(archiveID+".Arn/*", "s3:GetObject", "s3:PutObject")
		}
		if f.Mails {
			allow("arn:AWS::Partition:ses:AWS::Region:AWS::AccountId:identity/example.com", "ses:SendEmail")
		}
		if f.Consumes != "" {
			allow(liveQueue(t, s, f.Consumes)+".Arn", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
		}
		if f.OnEvents {
			allow(tableID+".StreamArn", "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams")
		}
		if f.OnEvents || f.Hourly {
			allow(function.text("DeadLetterConfig", "TargetArn"), "sqs:SendMessage")
		}
		slices.Sort(want)
		if got := allowed(t, s, strings.TrimSuffix(function.text("Role"), ".Arn")); !slices.Equal(got, want) {
			t.Errorf("%s may\n%s\nand should\n%s", f.Name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// allowed lists what the role may do by its own policies and by those of buckets, each as "action resource".
func allowed(t *testing.T, s synthesis, role string) []string {
	t.Helper()
	if r := s.resources[role]; r.get("ManagedPolicyArns") != nil || r.get("Policies") != nil {
		t.Errorf("%s has policies of its own: %v", role, r.Properties)
	}
	var actions []string
	add := func(statement resource) {
		for _, a := range list(statement.get("Action")) {
			for _, on := range list(statement.get("Resource")) {
				actions = append(actions, text(a)+" "+text(on))
			}
		}
	}
	for _, p := range s.of("AWS::IAM::Policy") {
		if !slices.ContainsFunc(list(p.get("Roles")), func(v any) bool { return text(v) == role }) {
			continue
		}
		for _, statement := range list(p.get("PolicyDocument", "Statement")) {
			add(resource{Properties: statement.(map[string]any)})
		}
	}
	for _, p := range s.of("AWS::S3::BucketPolicy") {
		for _, statement := range list(p.get("PolicyDocument", "Statement")) {
			if statement := (resource{Properties: statement.(map[string]any)}); statement.text("Principal", "AWS") == role+".Arn" {
				add(statement)
			}
		}
	}
	slices.Sort(actions)
	return actions
}

// A function that mails does so from the one address, and knows the settings that mail needs.
func TestMailComesFromTheOneAddress(t *testing.T) {
	s := must(t, comptoir)
	var mailing, conditions []string
	for _, f := range functions.All(contract.Env{}) {
		for _, name := range []string{setting.MailFrom, setting.PortalURL} {
			if slices.Contains(f.Settings, name) != f.Mails {
				t.Errorf("%s mails: %t, has %s: %t", f.Name, f.Mails, name, !f.Mails)
			}
		}
		if f.Mails {
			mailing = append(mailing, f.Name)
			_, function := s.function(t, f.Name)
			if got := function.text("Environment", "Variables", setting.PortalURL); got != "http://localhost:8080" {
				t.Errorf("mail of %s leads to %q, not to the portal", f.Name, got)
			}
		}
	}
	for _, p := range s.of("AWS::IAM::Policy") {
		for _, statement := range list(p.get("PolicyDocument", "Statement")) {
			statement := resource{Properties: statement.(map[string]any)}
			if slices.ContainsFunc(list(statement.get("Action")), func(a any) bool { return strings.HasPrefix(text(a), "ses:") }) {
				conditions = append(conditions, statement.text("Condition", "StringEquals", "ses:FromAddress"))
			}
		}
	}
	if len(conditions) != len(mailing) || slices.ContainsFunc(conditions, func(c string) bool { return c != "desk@example.com" }) {
		t.Errorf("%v mail from %v", mailing, conditions)
	}
}

func TestNoFunctionSharesItsRole(t *testing.T) {
	owner := map[string]string{}
	for id, f := range must(t, comptoir).of("AWS::Lambda::Function") {
		role := f.text("Role")
		if other, ok := owner[role]; ok {
			t.Errorf("%s and %s are both %s", id, other, role)
		}
		owner[role] = id
	}
}

func TestEveryFunctionGetsTheSettingsThatItDeclaresAndNoOther(t *testing.T) {
	s := must(t, comptoir)
	tableID, _ := s.only(t, "AWS::DynamoDB::Table")
	busID, _ := s.only(t, "AWS::Events::EventBus")
	for _, f := range functions.All(contract.Env{}) {
		_, function := s.function(t, f.Name)
		env, _ := function.get("Environment", "Variables").(map[string]any)
		if len(env) != len(f.Settings) {
			t.Errorf("%s has %v, declares %v", f.Name, env, f.Settings)
		}
		for _, name := range f.Settings {
			if text(env[name]) == "" {
				t.Errorf("%s lacks %s", f.Name, name)
			}
		}
		if got, ok := env[setting.EventBus]; ok != f.Announces || ok && text(got) != busID {
			t.Errorf("%s takes %s for the bus, and puts events on it: %t", f.Name, text(got), f.Announces)
		}
		if got, ok := env[setting.ArchiveBucket]; ok != f.Archives || ok && text(got) != archiveBucket(t, s) {
			t.Errorf("%s takes %s for the archive, and may use it: %t", f.Name, text(got), f.Archives)
		}
		if got, ok := env[setting.PrivateHosts]; ok {
			t.Errorf("%s lets endpoints lie at %s", f.Name, text(got))
		}
		if got, ok := env[setting.Table]; ok && text(got) != tableID {
			t.Errorf("%s takes %s for the table", f.Name, text(got))
		}
		if _, moves := env[setting.Clock]; moves {
			t.Errorf("somebody could move the time of %s", f.Name)
		}
		for _, q := range queue.All {
			name := strings.ToUpper(strings.ReplaceAll(string(q), "-", "_")) + "_QUEUE_URL"
			_, knows := env[name]
			if sends := slices.Contains(f.Sends, q); knows != sends {
				t.Errorf("%s sends to %s: %t, has %s: %t", f.Name, q, sends, name, knows)
			}
			if knows && text(env[name]) != liveQueue(t, s, q) {
				t.Errorf("%s takes %s for the queue %s", f.Name, text(env[name]), q)
			}
		}
	}
}

func TestABatchFailsOnlyInTheItemsThatFail(t *testing.T) {
	s := must(t, comptoir)
	sources := 0
	for _, f := range functions.All(contract.Env{}) {
		if f.Consumes != "" || f.OnEvents {
			sources++
		}
	}
	mappings := s.of("AWS::Lambda::EventSourceMapping")
	if len(mappings) != sources {
		t.Errorf("%d mappings for %d sources", len(mappings), sources)
	}
	for id, m := range mappings {
		if join(m.get("FunctionResponseTypes"), "") != "ReportBatchItemFailures" {
			t.Errorf("%s fails as a whole", id)
		}
	}
}

func TestEverySourceStartsTheFunctionThatConsumesIt(t *testing.T) {
	s := must(t, comptoir)
	tableID, _ := s.only(t, "AWS::DynamoDB::Table")
	source := map[string]string{} // by function
	for _, m := range s.of("AWS::Lambda::EventSourceMapping") {
		source[m.text("FunctionName")] = m.text("EventSourceArn")
	}
	for _, f := range functions.All(contract.Env{}) {
		id, _ := s.function(t, f.Name)
		want := ""
		if f.Consumes != "" {
			want = liveQueue(t, s, f.Consumes) + ".Arn"
		}
		if f.OnEvents {
			want = tableID + ".StreamArn"
		}
		if source[id] != want {
			t.Errorf("%s is started by %q, want %q", f.Name, source[id], want)
		}
	}
}
