package stack

import (
	"comptoir/shared/setting"
	"comptoir/shared/table"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"
)

// makeTable makes the single table with its indexes, most of which hold the whole item.
func (b *builder) makeTable() {
	b.table = awsdynamodb.NewTable(b.stack, jsii.String("Table"), &awsdynamodb.TableProps{
		PartitionKey:        attribute(table.PartitionKey),
		SortKey:             attribute(table.SortKey),
		TimeToLiveAttribute: jsii.String(table.TTL),
		BillingMode:         awsdynamodb.BillingMode_PAY_PER_REQUEST,
		Stream:              awsdynamodb.StreamViewType_NEW_AND_OLD_IMAGES,
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(true),
		},
		DeletionProtection: jsii.Bool(!b.destroy),
		RemovalPolicy:      b.removal(),
	})
	for n := 1; n <= table.Indexes; n++ {
		name, partitionKey, sortKey := table.Index(n)
		b.table.AddGlobalSecondaryIndex(&awsdynamodb.GlobalSecondaryIndexProps{
			IndexName:      &name,
			PartitionKey:   attribute(partitionKey),
			SortKey:        attribute(sortKey),
			ProjectionType: awsdynamodb.ProjectionType(table.Projection(n)),
		})
	}
	b.made[setting.Table] = b.table.TableName()
	b.watch.table(b.table)
	b.output("TableName", b.table.TableName())
}

func attribute(name string) *awsdynamodb.Attribute {
	return &awsdynamodb.Attribute{Name: &name, Type: awsdynamodb.AttributeType_STRING}
}

// indexARN is the ARN of the n-th index.
func (b *builder) indexARN(n int) *string {
	name, _, _ := table.Index(n)
	return awscdk.Fn_Join(jsii.String("/index/"), &[]*string{b.table.TableArn(), &name})
}
