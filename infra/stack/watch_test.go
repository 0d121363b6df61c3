package stack_test

import (
	"strings"
	"testing"

	"comptoir/functions"
	contract "comptoir/shared/api"
	"comptoir/shared/table"
)

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
	for _, f := range functions.All(contract.Env{}) {
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
