package resource_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"comptoir/infra/local/enginetest"
	"comptoir/infra/local/resource"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

func desk() resource.Table {
	return resource.Table{
		Name:       "desk",
		Attributes: map[string]string{"PK": "S", "SK": "S", "GSI1PK": "S", "GSI1SK": "S"},
		Key:        resource.Key{Partition: "PK", Sort: "SK"},
		Indexes:    []resource.Index{{Name: "GSI1", Key: resource.Key{Partition: "GSI1PK", Sort: "GSI1SK"}, Projection: "ALL"}},
		StreamView: "NEW_AND_OLD_IMAGES",
		TTL:        "expiresAt",
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	db := enginetest.Connect(t).DynamoDB
	first, err := resource.EnsureTable(t.Context(), db, desk())
	if err != nil || first == "" {
		t.Fatalf("made: stream %q, %v", first, err)
	}
	if again, err := resource.EnsureTable(t.Context(), db, desk()); err != nil || again != first {
		t.Errorf("on the next run: stream %q, %v; want %q", again, err, first)
	}

	more := desk()
	more.Attributes["GSI2PK"] = "S"
	more.Indexes = append(more.Indexes, resource.Index{Name: "GSI2", Key: resource.Key{Partition: "GSI2PK"}, Projection: "KEYS_ONLY"})
	if _, err := resource.EnsureTable(t.Context(), db, more); err != nil {
		t.Fatalf("with a new index: %v", err)
	}
	is, err := db.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("desk")})
	if err != nil || len(is.Table.GlobalSecondaryIndexes) != 2 {
		t.Errorf("the new index is missing: %v", err)
	}
}

func TestTableThatCannotBeAltered(t *testing.T) {
	t.Parallel()
	db := enginetest.Connect(t).DynamoDB
	if _, err := resource.EnsureTable(t.Context(), db, desk()); err != nil {
		t.Fatal(err)
	}
	key, index, projection := desk(), desk(), desk()
	key.Attributes = map[string]string{"id": "S", "GSI1PK": "S", "GSI1SK": "S"}
	key.Key = resource.Key{Partition: "id"}
	index.Indexes[0].Key.Sort = "SK"
	projection.Indexes[0].Projection = "KEYS_ONLY"
	for what, table := range map[string]resource.Table{"its key is PK, SK": key, "index GSI1 has changed": index, "index GSI1": projection} {
		_, err := resource.EnsureTable(t.Context(), db, table)
		if err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), "make reset") {
			t.Errorf("got %v; want %q and what to do", err, what)
		}
	}
}

func TestQueues(t *testing.T) {
	t.Parallel()
	client := enginetest.Connect(t).SQS
	live, dead := enginetest.Name(), enginetest.Name()
	redrive := `{"deadLetterTargetArn":"arn:aws:sqs:eu-west-3:000000000000:` + dead + `","maxReceiveCount":"5"}`
	for _, visibility := range []string{"180", "60"} { // the second time as on a later run, with a change
		err := resource.EnsureQueues(t.Context(), client, []resource.Queue{
			{Name: live, Attributes: map[string]string{"VisibilityTimeout": visibility, "RedrivePolicy": redrive}},
			{Name: dead, Attributes: map[string]string{"MessageRetentionPeriod": "1209600"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if is := attributes(t, client, live); is["VisibilityTimeout"] != visibility || !strings.Contains(is["RedrivePolicy"], dead) {
			t.Errorf("live: %v", is)
		}
		if is := attributes(t, client, dead); is["MessageRetentionPeriod"] != "1209600" {
			t.Errorf("dead: %v", is)
		}
	}
}

func attributes(t *testing.T, client *sqs.Client, queue string) map[string]string {
	t.Helper()
	url, err := client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: &queue})
	if err != nil {
		t.Fatal(err)
	}
	is, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: url.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{"All"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return is.Attributes
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	db := enginetest.Connect(t).DynamoDB
	if _, err := resource.EnsureTable(t.Context(), db, desk()); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)
	number := func(at time.Time) types.AttributeValue {
		return &types.AttributeValueMemberN{Value: strconv.FormatInt(at.Unix(), 10)}
	}
	for key, expiry := range map[string]types.AttributeValue{
		"over": number(now.Add(-time.Second)), "yet to come": number(now.Add(time.Second)), "now": number(now),
		"not a number": &types.AttributeValueMemberS{Value: "1"}, "never": nil,
	} {
		item := map[string]types.AttributeValue{"PK": &types.AttributeValueMemberS{Value: key}, "SK": &types.AttributeValueMemberS{Value: "x"}}
		if expiry != nil {
			item["expiresAt"] = expiry
		}
		if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("desk"), Item: item}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := resource.Expire(t.Context(), db, desk(), now); err != nil || n != 1 {
		t.Errorf("%d items expired, %v; want 1", n, err)
	}
	left, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("desk")})
	if err != nil || left.Count != 4 {
		t.Errorf("%d items are left, %v; want 4", left.Count, err)
	}
}

func TestBuckets(t *testing.T) {
	t.Parallel()
	client := enginetest.Connect(t).S3
	day, never := resource.Bucket{Name: strings.ToLower(enginetest.Name()), Days: 1}, resource.Bucket{Name: strings.ToLower(enginetest.Name())}
	for range 2 { // the second time as on a later run
		if err := resource.EnsureBuckets(t.Context(), client, []resource.Bucket{day, never}); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	for _, b := range []resource.Bucket{day, never} {
		for _, key := range []string{"a", "of/b"} {
			if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &b.Name, Key: &key, Body: strings.NewReader(key)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		bucket resource.Bucket
		at     time.Time
		want   int
	}{{day, now.Add(23 * time.Hour), 0}, {never, now.AddDate(9, 0, 0), 0}, {day, now.Add(25 * time.Hour), 2}, {day, now.Add(26 * time.Hour), 0}} {
		if n, err := resource.Forget(t.Context(), client, c.bucket, c.at); err != nil || n != c.want {
			t.Errorf("%d days: %d objects are forgotten at %v, %v; want %d", c.bucket.Days, n, c.at, err, c.want)
		}
	}
	for b, want := range map[resource.Bucket]int{day: 0, never: 2} {
		if left, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &b.Name}); err != nil || len(left.Contents) != want {
			t.Errorf("%d days: %d objects are left, %v; want %d", b.Days, len(left.Contents), err, want)
		}
	}
}
