package blueprint

import (
	"encoding/json"
	"strconv"
	"strings"

	"comptoir/infra/local/resource"
	"comptoir/infra/local/template"
)

func tableName(r *template.Resource) string { return r.Properties().String("TableName", r.ID) }
func queueName(r *template.Resource) string { return r.Properties().String("QueueName", r.ID) }

// bucketName has no capitals, as S3 has it.
func bucketName(r *template.Resource) string {
	return r.Properties().String("BucketName", strings.ToLower(r.ID))
}

func (b *builder) queueARN(r *template.Resource) string { return b.arn("sqs", queueName(r)) }

// streamARN stands for the stream inside the template; the real one is known once the table is made.
func (b *builder) streamARN(r *template.Resource) string {
	return b.arn("dynamodb", "table/"+tableName(r)+"/stream/local")
}

func (b *builder) addTable(r *template.Resource) {
	p := r.Properties()
	t := resource.Table{Name: tableName(r), Attributes: map[string]string{}, Key: readKey(p)}
	p.Ignore("TableName", "BillingMode", "ContributorInsightsSpecification", "DeletionProtectionEnabled", "OnDemandThroughput",
		"PointInTimeRecoverySpecification", "ResourcePolicy", "SSESpecification", "TableClass", "Tags")
	for _, a := range p.Objects("AttributeDefinitions") {
		t.Attributes[a.Text("AttributeName")] = a.Text("AttributeType")
		a.Close()
	}
	for _, i := range p.Objects("GlobalSecondaryIndexes") {
		projection := i.Object("Projection")
		t.Indexes = append(t.Indexes, resource.Index{
			Name: i.Text("IndexName"), Key: readKey(i),
			Projection: projection.Text("ProjectionType"), Include: projection.Strings("NonKeyAttributes"),
		})
		projection.Close()
		i.Ignore("ContributorInsightsSpecification", "OnDemandThroughput")
		i.Close()
	}
	if p.Has("StreamSpecification") {
		stream := p.Object("StreamSpecification")
		t.StreamView = stream.Text("StreamViewType")
		stream.Ignore("ResourcePolicy")
		stream.Close()
	}
	ttl := p.Object("TimeToLiveSpecification")
	if ttl.Bool("Enabled") {
		t.TTL = ttl.Text("AttributeName")
	}
	ttl.Ignore("AttributeName")
	ttl.Close()
	p.Close()
	b.out.Tables = append(b.out.Tables, t)
}

func readKey(p *template.Object) (k resource.Key) {
	for _, element := range p.Objects("KeySchema") {
		name := element.Text("AttributeName")
		if element.Text("KeyType") == "HASH" {
			k.Partition = name
		} else {
			k.Sort = name
		}
		element.Close()
	}
	return k
}

func (b *builder) addQueue(r *template.Resource) {
	p := r.Properties()
	q := resource.Queue{Name: queueName(r), Attributes: map[string]string{}}
	p.Ignore("QueueName", "KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId", "RedriveAllowPolicy", "SqsManagedSseEnabled", "Tags")
	for name, otherwise := range map[string]int{ // the defaults too: the template may have said otherwise before
		"DelaySeconds": 0, "MaximumMessageSize": 256 << 10, "MessageRetentionPeriod": 4 * 24 * 60 * 60,
		"ReceiveMessageWaitTimeSeconds": 0, "VisibilityTimeout": 30,
	} {
		q.Attributes[name] = strconv.Itoa(p.Int(name, otherwise))
	}
	if p.Has("RedrivePolicy") {
		redrive := p.Object("RedrivePolicy")
		policy, _ := json.Marshal(map[string]string{ // of texts alone
			"deadLetterTargetArn": redrive.Text("deadLetterTargetArn"),
			"maxReceiveCount":     strconv.Itoa(redrive.Int("maxReceiveCount", 10)),
		})
		q.Attributes["RedrivePolicy"] = string(policy)
		redrive.Close()
	}
	p.Close()
	b.out.Queues = append(b.out.Queues, q)
}

// addBucket reads a bucket: what becomes of its objects in time. That it is private is seen to by who stands in front of it.
func (b *builder) addBucket(r *template.Resource) {
	p := r.Properties()
	bucket := resource.Bucket{Name: bucketName(r)}
	p.Ignore("BucketName", "BucketEncryption", "LoggingConfiguration", "OwnershipControls", "PublicAccessBlockConfiguration", "Tags")
	life := p.Object("LifecycleConfiguration")
	for _, rule := range life.Objects("Rules") {
		if status := rule.Text("Status"); status != "Enabled" {
			rule.Fail("Status", "%s is not known locally", status)
		}
		bucket.Days = rule.Int("ExpirationInDays", bucket.Days)
		rule.Ignore("AbortIncompleteMultipartUpload", "Id") // nothing is uploaded in parts
		rule.Close()
	}
	life.Close()
	p.Close()
	b.out.Buckets = append(b.out.Buckets, bucket)
}

// addBus reads an event bus. What rules would make of its events is the publisher's matter.
func (b *builder) addBus(r *template.Resource) {
	p := r.Properties()
	b.out.Buses = append(b.out.Buses, p.Text("Name"))
	p.Ignore("Description", "KmsKeyIdentifier", "LogConfig", "Tags")
	p.Close()
}
