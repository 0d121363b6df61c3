package resource

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Expire deletes the items of the table whose time is over, which DynamoDB Local does not do by
// itself, and returns how many there were.
func Expire(ctx context.Context, db *dynamodb.Client, t Table, now time.Time) (int, error) {
	const over = "attribute_type(#ttl, :number) AND #ttl < :now"
	names := map[string]string{"#ttl": t.TTL}
	values := map[string]types.AttributeValue{
		":number": &types.AttributeValueMemberS{Value: "N"},
		":now":    &types.AttributeValueMemberN{Value: strconv.FormatInt(now.Unix(), 10)},
	}
	keys, keyNames := "#pk", map[string]string{"#ttl": t.TTL, "#pk": t.Key.Partition}
	if t.Key.Sort != "" {
		keys, keyNames["#sk"] = "#pk, #sk", t.Key.Sort
	}
	pages := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{
		TableName: &t.Name, FilterExpression: aws.String(over), ProjectionExpression: &keys,
		ExpressionAttributeNames: keyNames, ExpressionAttributeValues: values,
	})
	expired := 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return expired, err
		}
		for _, key := range page.Items {
			_, err := db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
				TableName: &t.Name, Key: key, ConditionExpression: aws.String(over), // it may live longer meanwhile
				ExpressionAttributeNames: names, ExpressionAttributeValues: values,
			})
			var renewed *types.ConditionalCheckFailedException
			if errors.As(err, &renewed) {
				continue
			}
			if err != nil {
				return expired, err
			}
			expired++
		}
	}
	return expired, nil
}
