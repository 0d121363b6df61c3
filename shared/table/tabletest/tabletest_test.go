package tabletest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"comptoir/shared/table/tabletest"
)

func TestNew(t *testing.T) {
	t.Parallel()
	put := func(t *testing.T, table *tabletest.Table) {
		t.Helper()
		_, err := table.Client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table.TableName, Item: map[string]types.AttributeValue{
			"PK": &types.AttributeValueMemberS{Value: "p"}, "SK": &types.AttributeValueMemberS{Value: "s"},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	empty := func(t *testing.T, table *tabletest.Table) {
		t.Helper()
		found, err := table.Client.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table.TableName})
		if err != nil {
			t.Fatal(err)
		}
		if found.Count > 0 {
			t.Errorf("%d items in a new table", found.Count)
		}
	}
	t.Run("two tables at a time are apart", func(t *testing.T) {
		t.Parallel()
		one, other := tabletest.New(t), tabletest.New(t)
		put(t, one)
		empty(t, other)
	})
	t.Run("a table is empty where another was before", func(t *testing.T) {
		t.Parallel()
		for range 3 {
			t.Run("", func(t *testing.T) {
				table := tabletest.New(t)
				empty(t, table)
				put(t, table)
			})
		}
	})
	t.Run("a stream is there when asked for", func(t *testing.T) {
		t.Parallel()
		for want, table := range map[bool]*tabletest.Table{false: tabletest.New(t), true: tabletest.New(t, tabletest.WithStream)} {
			found, err := table.Client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table.TableName})
			if err != nil {
				t.Fatal(err)
			}
			if got := found.Table.LatestStreamArn != nil; got != want {
				t.Errorf("a stream: %v, want %v", got, want)
			}
		}
	})
}
