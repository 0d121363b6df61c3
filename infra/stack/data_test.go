package stack_test

import (
	"slices"
	"strings"
	"testing"

	"comptoir/functions"
	contract "comptoir/shared/api"
	"comptoir/shared/queue"
	"comptoir/shared/table"
)

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
		for _, f := range functions.All(contract.Env{}) {
			if f.Consumes != q {
				continue
			}
			if got := live.get("VisibilityTimeout"); got != 6*f.Timeout.Seconds() {
				t.Errorf("%s: messages come back after %v s, %s has %v", q, got, f.Name, f.Timeout)
			}
		}
	}
}

func TestEveryQueueIsEncryptedAndKeepsItsMessagesForTwoWeeks(t *testing.T) {
	s := must(t, comptoir)
	for id, q := range s.of("AWS::SQS::Queue") {
		if q.get("SqsManagedSseEnabled") != true {
			t.Errorf("%s is not encrypted", id)
		}
		if q.text("MessageRetentionPeriod") != "1.2096e+06" {
			t.Errorf("%s keeps its messages for %s s", id, q.text("MessageRetentionPeriod"))
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
		if got := index.text("Projection", "ProjectionType"); got != table.Projection(i+1) {
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
