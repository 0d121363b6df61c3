// Package tabletest gives a test a table of its own on the real engine, DynamoDB Local.
package tabletest

import (
	"context"
	"crypto/rand"
	"os"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"comptoir/infra/local/engine"
	"comptoir/shared/table"
	"comptoir/shared/table/proxy"
)

// Table is an empty table that nobody else sees: in memory, DynamoDB Local keeps a database per
// access key, and no two tests use the same key at the same time.
type Table struct {
	URL       string // of the engine
	AccessKey string
	TableName string
	Client    *dynamodb.Client
}

// Option changes the table that New creates.
type Option func(*dynamodb.CreateTableInput)

// WithStream gives the table its stream of changes, with new and old images.
func WithStream(in *dynamodb.CreateTableInput) {
	in.StreamSpecification = &types.StreamSpecification{
		StreamEnabled:  aws.Bool(true),
		StreamViewType: types.StreamViewTypeNewAndOldImages,
	}
}

// New creates a table with the keys and indexes of package table, and deletes it when the test ends.
// The engine is the one of the environment (see engine.DynamoDBVariable), else one that this process
// starts at the first call; without either the test fails.
func New(t testing.TB, options ...Option) *Table {
	t.Helper()
	url, err := engineURL()
	if err != nil {
		t.Fatal(err)
	}
	table := &Table{URL: url, AccessKey: keys.take(), TableName: "comptoir"}
	table.Client = table.client(url)
	in := Schema(table.TableName)
	for _, option := range options {
		option(in)
	}
	if _, err := table.Client.CreateTable(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, err := table.Client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &table.TableName})
		if err != nil {
			t.Error(err)
		} else if in.StreamSpecification == nil {
			keys.put(table.AccessKey)
		}
	})
	return table
}

// Through is a client of the same table whose calls go through the proxy.
func (t *Table) Through(p *proxy.Proxy, options ...func(*dynamodb.Options)) *dynamodb.Client {
	return t.client(p.URL(), options...)
}

func (t *Table) client(url string, options ...func(*dynamodb.Options)) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: &url,
		Region:       engine.Region,
		Credentials:  credentials.NewStaticCredentialsProvider(t.AccessKey, "any", ""),
	}, options...)
}

// engineURL starts an engine for this process unless there is one for all. It ends with the process.
var engineURL = sync.OnceValues(func() (string, error) {
	if url := os.Getenv(engine.DynamoDBVariable); url != "" {
		return url, nil
	}
	p, err := engine.DynamoDB(context.Background(), engine.Options{})
	if err != nil {
		return "", err
	}
	return p.URL, nil
})

// keys are the access keys whose tests have ended. DynamoDB Local keeps six threads and half a
// megabyte of heap for each key it has ever seen, and stands still after some hundreds; so keys are
// used again. Not those with a stream: its records would stay, and a second one slows everything.
var keys pool

type pool struct {
	mu   sync.Mutex
	free []string
}

func (p *pool) take() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last := len(p.free) - 1; last >= 0 {
		key := p.free[last]
		p.free = p.free[:last]
		return key
	}
	return rand.Text()
}

func (p *pool) put(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, key)
}

// Schema is how a table with the keys and indexes of package table is created.
func Schema(name string) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName:   &name,
		BillingMode: types.BillingModePayPerRequest,
		KeySchema:   keySchema(table.PartitionKey, table.SortKey),
	}
	names := []string{table.PartitionKey, table.SortKey}
	for n := range table.Indexes {
		index, partitionKey, sortKey := table.Index(n + 1)
		names = append(names, partitionKey, sortKey)
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName:  &index,
			KeySchema:  keySchema(partitionKey, sortKey),
			Projection: &types.Projection{ProjectionType: types.ProjectionType(table.Projection(n + 1))},
		})
	}
	for _, name := range names {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{
			AttributeName: &name, AttributeType: types.ScalarAttributeTypeS,
		})
	}
	return in
}

func keySchema(partitionKey, sortKey string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: &partitionKey, KeyType: types.KeyTypeHash},
		{AttributeName: &sortKey, KeyType: types.KeyTypeRange},
	}
}
