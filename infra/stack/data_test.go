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

// archiveBucket is the logical id of the bucket of documents.
func archiveBucket(t *testing.T, s synthesis) string {
	t.Helper()
	for id := range s.of("AWS::S3::Bucket") {
		if strings.HasPrefix(id, "Archive") {
			return id
		}
	}
	t.Fatal("no bucket of documents")
	panic("unreachable")
}

func TestEveryBucketIsPrivateEncryptedAndForgets(t *testing.T) {
	s := must(t, comptoir)
	archive := archiveBucket(t, s)
	buckets := s.of("AWS::S3::Bucket")
	if len(buckets) != 2 {
		t.Errorf("%d buckets, want one of documents and one of who has read them", len(buckets))
	}
	for id, b := range buckets {
		for _, closed := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
			if b.get("PublicAccessBlockConfiguration", closed) != true {
				t.Errorf("%s lacks %s", id, closed)
			}
		}
		if len(list(b.get("BucketEncryption", "ServerSideEncryptionConfiguration"))) != 1 {
			t.Errorf("%s is not encrypted", id)
		}
		days, logs := "1", true
		if id != archive {
			days, logs = "90", false
		}
		rules := list(b.get("LifecycleConfiguration", "Rules"))
		if len(rules) != 1 {
			t.Fatalf("%s forgets by %v", id, rules)
		}
		if rule := (resource{Properties: rules[0].(map[string]any)}); rule.text("ExpirationInDays") != days || rule.text("Status") != "Enabled" || rule.get("Prefix") != nil {
			t.Errorf("%s forgets by %v, want after %s days", id, rule.Properties, days)
		}
		if log := b.text("LoggingConfiguration", "DestinationBucketName"); (log != "") != logs || log == id {
			t.Errorf("who reads %s is known in %q", id, log)
		}
		wantOnlyTLS(t, s, id)
	}
}

// wantOnlyTLS looks for the policy that refuses everything over plain HTTP. Besides, it lets in roles of the stack, and S3 for its logs.
func wantOnlyTLS(t *testing.T, s synthesis, bucket string) {
	t.Helper()
	refuses := false
	for _, p := range s.of("AWS::S3::BucketPolicy") {
		if p.text("Bucket") != bucket {
			continue
		}
		for _, statement := range list(p.get("PolicyDocument", "Statement")) {
			statement := resource{Properties: statement.(map[string]any)}
			if statement.text("Effect") == "Deny" {
				refuses = refuses || statement.text("Action") == "s3:*" && statement.text("Condition", "Bool", "aws:SecureTransport") == "false"
			} else if role := s.resources[strings.TrimSuffix(statement.text("Principal", "AWS"), ".Arn")]; role.Type != "AWS::IAM::Role" && statement.text("Principal", "Service") != "logging.s3.amazonaws.com" {
				t.Errorf("%s is open to %v", bucket, statement.get("Principal"))
			}
		}
	}
	if !refuses {
		t.Errorf("%s answers plain HTTP", bucket)
	}
}
