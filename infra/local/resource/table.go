// Package resource makes the template's tables, queues and buckets in the engines, and keeps them as the
// template says on later runs.
package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A Table is what the template says of a DynamoDB table.
type Table struct {
	Name       string
	Attributes map[string]string // name and type (S, N, B) of every key attribute
	Key        Key
	Indexes    []Index
	StreamView string // "" has no stream
	TTL        string // attribute with the second of expiry; "" has none
}

// A Key is a partition key and, unless "", a sort key.
type Key struct{ Partition, Sort string }

// An Index is a global secondary index.
type Index struct {
	Name       string
	Key        Key
	Projection string // ALL, KEYS_ONLY or INCLUDE
	Include    []string
}

// EnsureTable makes the table if it is not there, and adds a missing index or stream if it is. What
// cannot be changed is an error that says so. It returns the ARN of the stream.
func EnsureTable(ctx context.Context, db *dynamodb.Client, t Table) (stream string, err error) {
	found, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &t.Name})
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		err = t.create(ctx, db)
	} else if err == nil {
		err = t.update(ctx, db, found.Table)
	}
	if err != nil {
		return "", fmt.Errorf("table %s: %w", t.Name, err)
	}
	waiter := dynamodb.NewTableExistsWaiter(db, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay = 50 * time.Millisecond })
	found, err = waiter.WaitForOutput(ctx, &dynamodb.DescribeTableInput{TableName: &t.Name}, time.Minute)
	if err != nil {
		return "", fmt.Errorf("table %s: %w", t.Name, err)
	}
	return aws.ToString(found.Table.LatestStreamArn), nil
}

func (t Table) create(ctx context.Context, db *dynamodb.Client) error {
	input := &dynamodb.CreateTableInput{
		TableName:            &t.Name,
		AttributeDefinitions: t.attributes(),
		KeySchema:            t.Key.schema(),
		BillingMode:          types.BillingModePayPerRequest,
		StreamSpecification:  t.stream(),
	}
	for _, index := range t.Indexes {
		input.GlobalSecondaryIndexes = append(input.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: &index.Name, KeySchema: index.Key.schema(), Projection: index.projection(),
		})
	}
	_, err := db.CreateTable(ctx, input)
	return err
}

func (t Table) update(ctx context.Context, db *dynamodb.Client, is *types.TableDescription) error {
	if got := describeKey(is.KeySchema); got != t.Key {
		return fmt.Errorf("its key is %v in the data folder and %v in the template; %s", got, t.Key, startAfresh)
	}
	for _, index := range t.Indexes {
		i := slices.IndexFunc(is.GlobalSecondaryIndexes, func(g types.GlobalSecondaryIndexDescription) bool {
			return aws.ToString(g.IndexName) == index.Name
		})
		if i < 0 {
			if err := t.addIndex(ctx, db, index); err != nil {
				return fmt.Errorf("index %s: %w", index.Name, err)
			}
			continue
		}
		if there := is.GlobalSecondaryIndexes[i]; !index.is(there) {
			return fmt.Errorf("index %s has changed in the template; %s", index.Name, startAfresh)
		}
	}
	if t.StreamView != "" && is.StreamSpecification == nil {
		_, err := db.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: &t.Name, StreamSpecification: t.stream()})
		return err
	}
	return nil
}

const startAfresh = `that cannot be altered: "make reset" starts afresh`

func (t Table) addIndex(ctx context.Context, db *dynamodb.Client, index Index) error {
	_, err := db.UpdateTable(ctx, &dynamodb.UpdateTableInput{
		TableName:            &t.Name,
		AttributeDefinitions: t.attributes(),
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{
			Create: &types.CreateGlobalSecondaryIndexAction{
				IndexName: &index.Name, KeySchema: index.Key.schema(), Projection: index.projection(),
			},
		}},
	})
	return err
}

func (t Table) attributes() []types.AttributeDefinition {
	var all []types.AttributeDefinition
	for name, kind := range t.Attributes {
		all = append(all, types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeType(kind)})
	}
	return all
}

func (t Table) stream() *types.StreamSpecification {
	if t.StreamView == "" {
		return nil
	}
	return &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewType(t.StreamView)}
}

func (k Key) schema() []types.KeySchemaElement {
	schema := []types.KeySchemaElement{{AttributeName: &k.Partition, KeyType: types.KeyTypeHash}}
	if k.Sort != "" {
		schema = append(schema, types.KeySchemaElement{AttributeName: &k.Sort, KeyType: types.KeyTypeRange})
	}
	return schema
}

func (k Key) String() string { return strings.TrimSuffix(k.Partition+", "+k.Sort, ", ") }

func describeKey(schema []types.KeySchemaElement) (k Key) {
	for _, element := range schema {
		if element.KeyType == types.KeyTypeHash {
			k.Partition = aws.ToString(element.AttributeName)
		} else {
			k.Sort = aws.ToString(element.AttributeName)
		}
	}
	return k
}

func (i Index) projection() *types.Projection {
	return &types.Projection{ProjectionType: types.ProjectionType(i.Projection), NonKeyAttributes: i.Include}
}

func (i Index) is(there types.GlobalSecondaryIndexDescription) bool {
	return describeKey(there.KeySchema) == i.Key &&
		string(there.Projection.ProjectionType) == i.Projection &&
		slices.Equal(slices.Sorted(slices.Values(there.Projection.NonKeyAttributes)), slices.Sorted(slices.Values(i.Include)))
}
