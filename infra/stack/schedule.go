package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

const hourly = "rate(1 hour)"

// feedHours starts the function every hour. A start that fails goes to a dead-letter queue, by way of the
// function itself or, where that can't be reached, of the schedule; the next hour makes up for it.
func (b *builder) feedHours(scope constructs.Construct, fn awslambda.Function, dead awssqs.IQueue) {
	role := awsiam.NewRole(scope, jsii.String("Clock"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("scheduler.amazonaws.com"), nil),
	})
	grant(role, fn.FunctionArn(), "lambda:InvokeFunction")
	grant(role, dead.QueueArn(), "sqs:SendMessage")
	awsscheduler.NewCfnSchedule(scope, jsii.String("Hours"), &awsscheduler.CfnScheduleProps{
		ScheduleExpression: jsii.String(hourly),
		FlexibleTimeWindow: &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn:              fn.FunctionArn(),
			RoleArn:          role.RoleArn(),
			DeadLetterConfig: &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: dead.QueueArn()},
		},
	})
}
