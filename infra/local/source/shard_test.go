package source

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

func TestShardsAreReadAfterTheirParents(t *testing.T) {
	t.Parallel()
	shards := []types.Shard{
		{ShardId: aws.String("root"), ParentShardId: aws.String("long gone")},
		{ShardId: aws.String("left"), ParentShardId: aws.String("root")},
		{ShardId: aws.String("right"), ParentShardId: aws.String("root")},
		{ShardId: aws.String("grandchild"), ParentShardId: aws.String("left")},
		{ShardId: aws.String("alone")},
	}
	for _, c := range []struct {
		name string
		done []string
		want []string
	}{
		{"at first the roots", nil, []string{"root", "alone"}},
		{"a split opens both sides", []string{"root"}, []string{"left", "right", "alone"}},
		{"one side does not wait for the other", []string{"root", "left"}, []string{"right", "grandchild", "alone"}},
		{"nothing twice", []string{"root", "left", "right", "grandchild", "alone"}, nil},
	} {
		at := map[string]position{"alone": {Sequence: "7"}}
		for _, id := range c.done {
			at[id] = position{Done: true}
		}
		if got := readable(shards, at); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v; want %v", c.name, got, c.want)
		}
	}
}
