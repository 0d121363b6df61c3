package blueprint_test

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/infra/local/blueprint"
	"comptoir/infra/local/gateway"
	"comptoir/infra/local/identity"
	"comptoir/infra/local/resource"
)

var world = blueprint.World{
	Region: "eu-west-3", AccountID: "000000000000",
	API: "http://localhost:8080", Issuer: "http://localhost:8080/identity", Queues: "http://127.0.0.1:4566",
}

// small is a template with one of everything, as the CDK writes it.
func small(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/small.template.json")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSmallTemplate(t *testing.T) {
	t.Parallel()
	b, err := blueprint.Read(small(t), world)
	if err != nil {
		t.Fatal(err)
	}
	authorizer := &gateway.Authorizer{Issuer: world.Issuer, Audience: []string{"portal", "product"}}
	for _, c := range []struct {
		name      string
		got, want any
	}{
		{"tables", b.Tables, []resource.Table{{
			Name: "TableCD117FA1", Attributes: map[string]string{"PK": "S", "SK": "S", "GSI1PK": "S"},
			Key:        resource.Key{Partition: "PK", Sort: "SK"},
			Indexes:    []resource.Index{{Name: "GSI1", Key: resource.Key{Partition: "GSI1PK"}, Projection: "ALL"}},
			StreamView: "NEW_AND_OLD_IMAGES", TTL: "expiresAt",
		}}},
		{
			"redrive", b.Queues[1].Attributes["RedrivePolicy"],
			`{"deadLetterTargetArn":"arn:aws:sqs:eu-west-3:000000000000:noticedeadqueue9E9155FF","maxReceiveCount":"5"}`,
		},
		{"visibility", b.Queues[1].Attributes["VisibilityTimeout"], "180"},
		{"default visibility", b.Queues[0].Attributes["VisibilityTimeout"], "30"},
		{"functions", []string{b.Functions[0].Name, b.Functions[1].Name}, []string{"customers", "outbox"}},
		{"timeout", b.Functions[0].Timeout, 10 * time.Second},
		{"environment", b.Functions[1].Environment, map[string]string{
			"TABLE_NAME": "TableCD117FA1", "NOTICE_QUEUE_URL": "http://127.0.0.1:4566/000000000000/noticequeue773707B1",
			"ARCHIVE_BUCKET": "archiveda4cb258",
		}},
		{"buckets", b.Buckets, []resource.Bucket{{Name: "archiveda4cb258", Days: 1}}},
		{"what is started every hour", b.Hourly, []string{"outbox"}},
		{"routes", b.API.Routes, []gateway.Route{
			{Key: "GET /v1/customers/{customerId}", Function: "customers", Timeout: 30 * time.Second, Authorizer: authorizer},
			{Key: "GET /v1/open", Function: "customers", Timeout: 30 * time.Second},
			{Key: "GET /v1/feeds", Function: "customers", Timeout: 30 * time.Second, Asker: &gateway.Asker{Function: "outbox", Parameter: "token"}},
		}},
		{"throttle", []float64{b.API.Rate, b.API.Burst}, []float64{200, 400}},
		{"origins", b.API.CORS.Origins, []string{"http://localhost:8080"}},
		{"clients", b.Clients, []identity.Client{
			{ID: "portal", Scopes: []string{"openid", "email"}, Callbacks: []string{"http://localhost:8080/"}},
			{ID: "product", Secret: "product-secret", Machine: true, Scopes: []string{"comptoir/product"}},
		}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: got %+v; want %+v", c.name, c.got, c.want)
		}
	}
	stream, consumer := b.Streams[0], b.Consumers[0]
	if len(stream.Filters) != 1 || !stream.Bisect || !stream.Partial || stream.Latest || stream.Retries != 10 || stream.MaxAge != 12*time.Hour ||
		stream.BatchSize != 100 || stream.Function != "outbox" || stream.Table != "TableCD117FA1" || stream.OnFailure != "noticedeadqueue9E9155FF" {
		t.Errorf("stream %+v", stream)
	}
	if consumer.Queue != "noticequeue773707B1" || consumer.Function != "outbox" || !consumer.Partial || consumer.BatchSize != 10 || consumer.Concurrency != 10 {
		t.Errorf("consumer %+v", consumer)
	}
}

func TestSnapshotIsKnownWholly(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../snapshot/comptoir.template.json")
	if err != nil {
		t.Fatal(err)
	}
	b, err := blueprint.Read(data, world)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, c := range b.Clients {
		ids = append(ids, c.ID)
	}
	if slices.Sort(ids); !slices.Equal(ids, []string{"operator", "portal", "product"}) {
		t.Errorf("clients %v", ids)
	}
	if len(b.API.Routes) == 0 || len(b.Functions) == 0 || len(b.Tables) != 1 || len(b.Buckets) != 2 || len(b.Streams) == 0 || len(b.Consumers) == 0 || len(b.Hourly) == 0 {
		t.Errorf("something is missing: %+v", b)
	}
	for _, route := range b.API.Routes {
		if by := route.Asker; by != nil && by.Function == "calendarauth" && by.Parameter == "token" {
			continue
		}
		if route.Authorizer == nil || route.Authorizer.Issuer != world.Issuer {
			t.Errorf("%s lets everybody in", route.Key)
		}
	}
}

func TestWhatIsNotKnownStopsWithItsPath(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path  []string
		value any
		want  string
	}{
		{[]string{"noticequeue773707B1", "Properties", "FifoQueue"}, true, "Resources.noticequeue773707B1.Properties.FifoQueue: not known locally"},
		{[]string{"TableCD117FA1", "Properties", "LocalSecondaryIndexes"}, []any{}, "Resources.TableCD117FA1.Properties.LocalSecondaryIndexes: not known locally"},
		{[]string{"noticequeue773707B1", "Properties", "RedrivePolicy", "odd"}, 1, "Resources.noticequeue773707B1.Properties.RedrivePolicy.odd: not known locally"},
		{[]string{"outboxFunction27AF6D6C", "Properties", "Layers"}, []any{"x"}, "Resources.outboxFunction27AF6D6C.Properties.Layers: not known locally"},
		{
			[]string{"outboxFunction27AF6D6C", "Properties", "Environment", "Variables", "TOPIC"},
			map[string]any{"Ref": "Alarms"},
			"Resources.outboxFunction27AF6D6C.Properties.Environment.Variables.TOPIC.Ref: a reference to Alarms (AWS::SNS::Topic) is not known locally",
		},
		{[]string{"outboxFunction27AF6D6C", "Properties", "Runtime"}, "nodejs22.x", "Resources.outboxFunction27AF6D6C.Properties.Runtime: nodejs22.x is not known locally"},
		{
			[]string{"outboxEventsCC73CC3B", "Properties", "FilterCriteria"},
			map[string]any{"Filters": []any{map[string]any{"Pattern": `{"a":[{"wildcard":"x"}]}`}}},
			"Resources.outboxEventsCC73CC3B.Properties.FilterCriteria.Filters[0].Pattern: a[0].wildcard: not known locally",
		},
		{[]string{"outboxEventsCC73CC3B", "Properties", "TumblingWindowInSeconds"}, 5, "Resources.outboxEventsCC73CC3B.Properties.TumblingWindowInSeconds: not known locally"},
		{[]string{"outboxEventsCC73CC3B", "Properties", "EventSourceArn"}, "arn:aws:kinesis:x", "Resources.outboxEventsCC73CC3B.Properties.EventSourceArn: arn:aws:kinesis:x is not known locally"},
		{[]string{"scanHoursF34149FD", "Properties", "ScheduleExpression"}, "rate(1 day)", "Resources.scanHoursF34149FD.Properties.ScheduleExpression: rate(1 day) is not known locally"},
		{[]string{"scanHoursF34149FD", "Properties", "State"}, "DISABLED", "Resources.scanHoursF34149FD.Properties.State: not known locally"},
		{[]string{"scanHoursF34149FD", "Properties", "Target", "Arn"}, "nobody", "Resources.scanHoursF34149FD.Properties.Target.Arn: nobody is no function of the template"},
		{[]string{"scanHoursF34149FD", "Properties", "Target", "Input"}, "{}", "Resources.scanHoursF34149FD.Properties.Target.Input: not known locally"},
		{[]string{"getCustomer", "Properties", "AuthorizationType"}, "AWS_IAM", "Resources.getCustomer.Properties.AuthorizationType: AWS_IAM is not known locally"},
		{[]string{"readFeed", "Properties", "AuthorizerId"}, "AuthorizerBD825682", "Resources.readFeed.Properties.AuthorizerId: AuthorizerBD825682 is no authorizer of the template that asks a function"},
		{[]string{"ByLink", "Properties", "IdentitySource"}, []any{"$request.header.Cookie"}, "Resources.ByLink.Properties.IdentitySource: $request.header.Cookie is not known locally"},
		{[]string{"ByLink", "Properties", "AuthorizerResultTtlInSeconds"}, 60, "Resources.ByLink.Properties.AuthorizerResultTtlInSeconds: 60 is not known locally"},
		{[]string{"ByLink", "Properties", "EnableSimpleResponses"}, false, "Resources.ByLink.Properties.AuthorizerPayloadFormatVersion: 2.0 without simple responses is not known locally"},
		{[]string{"ByLink", "Properties", "AuthorizerUri"}, "arn:aws:x", "Resources.ByLink.Properties.AuthorizerUri: arn:aws:x is no function of the template"},
		{[]string{"getCustomer", "Properties", "Target"}, "integrations/none", "Resources.getCustomer.Properties.Target: integrations/none is no integration of the template"},
		{[]string{"Stage0E8C2AF5", "Properties", "RouteSettings"}, map[string]any{}, "Resources.Stage0E8C2AF5.Properties.RouteSettings: not known locally"},
		{[]string{"UsersProduct1039F6CF", "Properties", "AllowedOAuthFlows"}, []any{"implicit"}, "Resources.UsersProduct1039F6CF.Properties.AllowedOAuthFlows: implicit is not known locally"},
		{[]string{"ArchiveDA4CB258", "Properties", "VersioningConfiguration"}, map[string]any{"Status": "Enabled"}, "Resources.ArchiveDA4CB258.Properties.VersioningConfiguration: not known locally"},
		{
			[]string{"ArchiveDA4CB258", "Properties", "LifecycleConfiguration", "Rules"},
			[]any{map[string]any{"Status": "Disabled", "ExpirationInDays": 1}},
			"Resources.ArchiveDA4CB258.Properties.LifecycleConfiguration.Rules[0].Status: Disabled is not known locally",
		},
		{
			[]string{"ArchiveDA4CB258", "Properties", "LifecycleConfiguration", "Rules"},
			[]any{map[string]any{"Status": "Enabled", "ExpirationInDays": 1, "Prefix": "drafts/"}},
			"Resources.ArchiveDA4CB258.Properties.LifecycleConfiguration.Rules[0].Prefix: not known locally",
		},
		{[]string{"Records", "Type"}, "AWS::Kinesis::Stream", "Resources.Records.Type: AWS::Kinesis::Stream is not known locally"},
	} {
		t.Run(strings.Join(c.path, "."), func(t *testing.T) {
			t.Parallel()
			var doc map[string]any
			if err := json.Unmarshal(small(t), &doc); err != nil {
				t.Fatal(err)
			}
			at := doc["Resources"].(map[string]any)
			for _, key := range c.path[:len(c.path)-1] {
				if at[key] == nil {
					at[key] = map[string]any{}
				}
				at = at[key].(map[string]any)
			}
			at[c.path[len(c.path)-1]] = c.value
			data, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := blueprint.Read(data, world); err == nil || !slices.Contains(strings.Split(err.Error(), "\n"), c.want) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}
