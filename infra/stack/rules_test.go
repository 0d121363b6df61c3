package stack_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"comptoir/functions"
	"comptoir/shared/queue"
	"comptoir/shared/setting"
	"comptoir/shared/table"
)

func TestEveryOperationHasItsRouteBehindTheAuthorizer(t *testing.T) {
	s := must(t, comptoir)
	authorizer, _ := s.only(t, "AWS::ApiGatewayV2::Authorizer")
	routes := s.of("AWS::ApiGatewayV2::Route")
	for id, r := range routes {
		if r.text("AuthorizationType") != "JWT" || r.text("AuthorizerId") != authorizer {
			t.Errorf("%s lets in who has no token", id)
		}
	}
	operations := 0
	for _, f := range functions.All() {
		operations += len(f.Operations)
		arn, _ := s.function(t, f.Name)
		for _, op := range f.Operations {
			r := routes[op.ID]
			if got := r.text("RouteKey"); got != op.Method+" "+op.Path {
				t.Errorf("%s has route key %q", op.ID, got)
			}
			integration := s.resources[strings.TrimPrefix(r.text("Target"), "integrations/")]
			if got := integration.text("IntegrationUri"); got != arn+".Arn" {
				t.Errorf("%s leads to %q", op.ID, got)
			}
			if got := integration.text("PayloadFormatVersion"); got != "2.0" {
				t.Errorf("%s has payload version %q", op.ID, got)
			}
		}
	}
	if len(routes) != operations {
		t.Errorf("%d routes for %d operations", len(routes), operations)
	}
}

func TestRouteKeysAreWellFormedAndDistinct(t *testing.T) {
	wellFormed := regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE) /v1(/([A-Za-z]+|\{[A-Za-z]+\}))+$`)
	parameter := regexp.MustCompile(`\{[^}]*\}`)
	seen := map[string]string{}
	for id, r := range must(t, comptoir).of("AWS::ApiGatewayV2::Route") {
		key := r.text("RouteKey")
		if !wellFormed.MatchString(key) {
			t.Errorf("%s: API Gateway would refuse %q", id, key)
		}
		shape := parameter.ReplaceAllString(key, "{}") // whatever a parameter is called
		if other, ok := seen[shape]; ok {
			t.Errorf("%s and %s answer the same requests", id, other)
		}
		seen[shape] = id
	}
}

func TestOnlyTheAPIMayStartTheFunctionsWithOperations(t *testing.T) {
	s := must(t, comptoir)
	api, _ := s.only(t, "AWS::ApiGatewayV2::Api")
	started := map[string]bool{}
	for id, r := range s.of("AWS::Lambda::Permission") {
		if r.text("Principal") != "apigateway.amazonaws.com" || !strings.Contains(r.text("SourceArn"), ":"+api+"/") {
			t.Errorf("%s lets in %s of %s", id, r.text("Principal"), r.text("SourceArn"))
		}
		started[r.text("FunctionName")] = true
	}
	for _, f := range functions.All() {
		id, _ := s.function(t, f.Name)
		if got, want := started[id+".Arn"], len(f.Operations) > 0; got != want {
			t.Errorf("%s: API may start it: %t", f.Name, got)
		}
	}
}

func TestEveryRoleAllowsExactlyWhatItsFunctionDeclares(t *testing.T) {
	s := must(t, comptoir)
	tableID, _ := s.only(t, "AWS::DynamoDB::Table")
	for _, f := range functions.All() {
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
		if f.Consumes != "" {
			allow(liveQueue(t, s, f.Consumes)+".Arn", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
		}
		if f.OnEvents {
			allow(tableID+".StreamArn", "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams")
			allow(function.text("DeadLetterConfig", "TargetArn"), "sqs:SendMessage")
		}
		slices.Sort(want)
		if got := allowed(t, s, strings.TrimSuffix(function.text("Role"), ".Arn")); !slices.Equal(got, want) {
			t.Errorf("%s may\n%s\nand should\n%s", f.Name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// allowed lists what the role may do, each as "action resource".
func allowed(t *testing.T, s synthesis, role string) []string {
	t.Helper()
	if r := s.resources[role]; r.get("ManagedPolicyArns") != nil || r.get("Policies") != nil {
		t.Errorf("%s has policies of its own: %v", role, r.Properties)
	}
	var actions []string
	for _, p := range s.of("AWS::IAM::Policy") {
		if !slices.ContainsFunc(list(p.get("Roles")), func(v any) bool { return text(v) == role }) {
			continue
		}
		for _, statement := range list(p.get("PolicyDocument", "Statement")) {
			statement := resource{Properties: statement.(map[string]any)}
			for _, a := range list(statement.get("Action")) {
				for _, on := range list(statement.get("Resource")) {
					actions = append(actions, text(a)+" "+text(on))
				}
			}
		}
	}
	slices.Sort(actions)
	return actions
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

func TestNoPolicyAllowsAWildcard(t *testing.T) {
	for id, p := range must(t, comptoir).of("AWS::IAM::Policy") {
		if s := fmt.Sprint(p.get("PolicyDocument", "Statement")); strings.Contains(s, "*") {
			t.Errorf("%s: %s", id, s)
		}
	}
}

func TestEveryFunctionGetsTheSettingsThatItDeclaresAndNoOther(t *testing.T) {
	s := must(t, comptoir)
	tableID, _ := s.only(t, "AWS::DynamoDB::Table")
	for _, f := range functions.All() {
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
		if got, ok := env[setting.Table]; ok && text(got) != tableID {
			t.Errorf("%s takes %s for the table", f.Name, text(got))
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

func TestEveryQueueHasADeadLetterQueueAndWaitsForItsConsumer(t *testing.T) {
	s := must(t, comptoir)
	for _, q := range queue.All {
		live := s.resources[liveQueue(t, s, q)]
		if got := live.text("RedrivePolicy", "maxReceiveCount"); got != "5" {
			t.Errorf("%s: a message is dead after %s receives", q, got)
		}
		dead := s.resources[strings.TrimSuffix(live.text("RedrivePolicy", "deadLetterTargetArn"), ".Arn")]
		if dead.Type != "AWS::SQS::Queue" || dead.get("RedrivePolicy") != nil {
			t.Errorf("%s has no dead-letter queue", q)
		}
		for _, f := range functions.All() {
			if f.Consumes != q {
				continue
			}
			if got := live.get("VisibilityTimeout"); got != 6*f.Timeout.Seconds() {
				t.Errorf("%s: messages come back after %v s, %s has %v", q, got, f.Name, f.Timeout)
			}
		}
	}
}

func TestEveryQueueIsEncryptedAndEveryDeadLetterIsKeptForTwoWeeks(t *testing.T) {
	s := must(t, comptoir)
	dead := map[string]bool{}
	for _, r := range s.resources {
		dead[strings.TrimSuffix(r.text("RedrivePolicy", "deadLetterTargetArn"), ".Arn")] = true
		dead[strings.TrimSuffix(r.text("DeadLetterConfig", "TargetArn"), ".Arn")] = true
		dead[strings.TrimSuffix(r.text("DestinationConfig", "OnFailure", "Destination"), ".Arn")] = true
	}
	for id, q := range s.of("AWS::SQS::Queue") {
		if q.get("SqsManagedSseEnabled") != true {
			t.Errorf("%s is not encrypted", id)
		}
		if dead[id] && q.text("MessageRetentionPeriod") != "1.2096e+06" {
			t.Errorf("%s keeps its messages for %s s", id, q.text("MessageRetentionPeriod"))
		}
	}
}

func TestABatchFailsOnlyInTheItemsThatFail(t *testing.T) {
	s := must(t, comptoir)
	sources := 0
	for _, f := range functions.All() {
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
	for _, f := range functions.All() {
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

func TestTheKeysOfTheTableAndItsIndexesAreItsAttributes(t *testing.T) {
	_, r := must(t, comptoir).only(t, "AWS::DynamoDB::Table")
	var got, want []string
	for _, a := range list(r.get("AttributeDefinitions")) {
		a := resource{Properties: a.(map[string]any)}
		got = append(got, a.text("AttributeName")+" "+a.text("AttributeType"))
	}
	keys := func(of any) string {
		var s []string
		for _, k := range list(of) {
			k := resource{Properties: k.(map[string]any)}
			s = append(s, k.text("KeyType")+" "+k.text("AttributeName"))
			want = append(want, k.text("AttributeName")+" S")
		}
		return strings.Join(s, ", ")
	}
	if got, want := keys(r.get("KeySchema")), "HASH "+table.PartitionKey+", RANGE "+table.SortKey; got != want {
		t.Errorf("table: %s, want %s", got, want)
	}
	indexes := list(r.get("GlobalSecondaryIndexes"))
	if len(indexes) != table.Indexes {
		t.Fatalf("%d indexes, want %d", len(indexes), table.Indexes)
	}
	for i, index := range indexes {
		index := resource{Properties: index.(map[string]any)}
		name, partitionKey, sortKey := table.Index(i + 1)
		if got, want := index.text("IndexName")+": "+keys(index.get("KeySchema")), name+": HASH "+partitionKey+", RANGE "+sortKey; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if got := index.text("Projection", "ProjectionType"); got != "ALL" {
			t.Errorf("%s holds %s of an item", name, got)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("attributes %q, keys %q", got, want)
	}
	if got := r.text("TimeToLiveSpecification", "AttributeName"); got != table.TTL {
		t.Errorf("items expire by %q", got)
	}
}

func TestEveryFunctionQueueTableAndTheAPIHaveTheirAlarms(t *testing.T) {
	s := must(t, comptoir)
	watched := map[string]bool{} // "metric resource"
	for id, a := range s.of("AWS::CloudWatch::Alarm") {
		if len(list(a.get("AlarmActions"))) != 1 {
			t.Errorf("nobody hears %s", id)
		}
		metrics := []any{a.Properties}
		for _, m := range list(a.get("Metrics")) {
			metrics = append(metrics, resource{Properties: m.(map[string]any)}.get("MetricStat", "Metric"))
		}
		for _, m := range metrics {
			m, _ := m.(map[string]any)
			for _, d := range list(m["Dimensions"]) {
				of := strings.TrimSuffix(text(d.(map[string]any)["Value"]), ".QueueName")
				watched[text(m["MetricName"])+" "+of] = true
			}
		}
	}
	want := func(id string, metrics ...string) {
		for _, m := range metrics {
			if !watched[m+" "+id] {
				t.Errorf("no alarm on %s of %s", m, id)
			}
		}
	}
	for _, f := range functions.All() {
		id, _ := s.function(t, f.Name)
		want(id, "Errors", "Throttles")
		if f.OnEvents {
			want(id, "IteratorAge")
		}
	}
	for id, q := range s.of("AWS::SQS::Queue") {
		if q.get("RedrivePolicy") != nil {
			want(id, "ApproximateAgeOfOldestMessage")
		} else {
			want(id, "ApproximateNumberOfMessagesVisible")
		}
	}
	tableID, _ := s.only(t, "AWS::DynamoDB::Table")
	want(tableID, "ReadThrottleEvents", "WriteThrottleEvents", "SystemErrors")
	for n := 1; n <= table.Indexes; n++ {
		name, _, _ := table.Index(n)
		want(name, "ReadThrottleEvents", "WriteThrottleEvents")
	}
	api, _ := s.only(t, "AWS::ApiGatewayV2::Api")
	want(api, "5xx", "Latency")
}

func TestEveryAlarmIsOnTheDashboard(t *testing.T) {
	s := must(t, comptoir)
	_, d := s.only(t, "AWS::CloudWatch::Dashboard")
	body := d.text("DashboardBody")
	for id := range s.of("AWS::CloudWatch::Alarm") {
		if !strings.Contains(body, id+".Arn") {
			t.Errorf("%s is not drawn", id)
		}
	}
}

func TestTheAccessLogSaysNothingOfThePerson(t *testing.T) {
	_, stage := must(t, comptoir).only(t, "AWS::ApiGatewayV2::Stage")
	format := stage.text("AccessLogSettings", "Format")
	for _, person := range []string{"identity", "claims", "principal", "$context.path", "authorizer.sub"} {
		if strings.Contains(format, person) {
			t.Errorf("the access log has %s: %s", person, format)
		}
	}
	for _, need := range []string{"requestId", "routeKey", "status", "integrationErrorMessage", "authorizer.error"} {
		if !strings.Contains(format, "$context."+need) {
			t.Errorf("the access log lacks %s: %s", need, format)
		}
	}
}

// liveQueue is the logical id of the queue: its name without hyphens, then "queue".
func liveQueue(t *testing.T, s synthesis, q queue.Name) string {
	t.Helper()
	prefix := strings.ReplaceAll(string(q), "-", "") + "queue"
	for id := range s.of("AWS::SQS::Queue") {
		if strings.HasPrefix(id, prefix) {
			return id
		}
	}
	t.Fatalf("no queue %s", q)
	panic("unreachable")
}
