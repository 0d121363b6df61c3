package stack_test

import (
	"slices"
	"strings"
	"testing"

	"comptoir/functions"
	contract "comptoir/shared/api"
)

// A schedule may start its function and leave what it could not start, and nothing else.
func TestEveryHourlyFunctionIsStartedEveryHour(t *testing.T) {
	s := must(t, comptoir)
	schedules := map[string]resource{} // by what they start
	for id, r := range s.of("AWS::Scheduler::Schedule") {
		target := r.text("Target", "Arn")
		if _, twice := schedules[target]; twice {
			t.Errorf("%s starts %s once more", id, target)
		}
		schedules[target] = r
	}
	hourly := 0
	for _, f := range functions.All(contract.Env{}) {
		if !f.Hourly {
			continue
		}
		hourly++
		id, function := s.function(t, f.Name)
		schedule, scheduled := schedules[id+".Arn"]
		if !scheduled {
			t.Errorf("nothing starts %s", f.Name)
			continue
		}
		if rate, state := schedule.text("ScheduleExpression"), schedule.text("State"); rate != "rate(1 hour)" || state == "DISABLED" {
			t.Errorf("%s is started by %q, %s", f.Name, rate, state)
		}
		if f.Timeout.Hours() >= 1 {
			t.Errorf("%s may still be running when the next hour starts it: %v", f.Name, f.Timeout)
		}
		dead := schedule.text("Target", "DeadLetterConfig", "Arn")
		if own := function.text("DeadLetterConfig", "TargetArn"); dead != own {
			t.Errorf("what can't start %s goes to %s, what fails in it to %s", f.Name, dead, own)
		}
		if r := s.resources[strings.TrimSuffix(dead, ".Arn")]; r.Type != "AWS::SQS::Queue" || r.get("RedrivePolicy") != nil {
			t.Errorf("%s has no dead-letter queue", f.Name)
		}
		role := strings.TrimSuffix(schedule.text("Target", "RoleArn"), ".Arn")
		want := []string{"lambda:InvokeFunction " + id + ".Arn", "sqs:SendMessage " + dead}
		if got := allowed(t, s, role); !slices.Equal(got, want) {
			t.Errorf("the clock of %s may %v and should %v", f.Name, got, want)
		}
		trusted := list(s.resources[role].get("AssumeRolePolicyDocument", "Statement"))
		if len(trusted) != 1 || (resource{Properties: trusted[0].(map[string]any)}).text("Principal", "Service") != "scheduler.amazonaws.com" {
			t.Errorf("the role of the clock of %s is taken by %v", f.Name, trusted)
		}
	}
	if hourly == 0 || len(schedules) != hourly {
		t.Errorf("%d schedules for %d functions", len(schedules), hourly)
	}
}
