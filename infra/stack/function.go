package stack

import (
	"path/filepath"
	"strings"

	"comptoir/functions"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

const memory = 512 // MB; also buys the share of a processor that keeps cold starts short

// makeFunction makes the function with its role, its log group and what starts it. Its handler is its
// name, by which the local cloud finds its binary.
func (b *builder) makeFunction(f functions.Function) {
	scope := constructs.NewConstruct(b.stack, &f.Name)
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	logs := b.makeLogs(scope)
	logs.GrantWrite(role)
	b.allow(role, f)

	props := &awslambda.FunctionProps{
		Description:   jsii.String("Comptoir: " + f.Name),
		Runtime:       awslambda.Runtime_PROVIDED_AL2023(),
		Architecture:  awslambda.Architecture_ARM_64(),
		Handler:       &f.Name,
		Code:          awslambda.Code_FromAsset(jsii.String(filepath.Join(b.code, f.Name)), nil),
		MemorySize:    jsii.Number(memory),
		Timeout:       seconds(f.Timeout),
		Role:          role,
		LogGroup:      logs,
		LoggingFormat: awslambda.LoggingFormat_JSON,
		Environment:   b.environment(f),
	}
	if f.OnEvents || f.Hourly {
		props.DeadLetterQueue = b.makeDeadQueue(f.Name)
	}
	fn := awslambda.NewFunction(scope, jsii.String("Function"), props)
	b.watch.function(f, fn)

	if f.Authorizes {
		b.makeLinkAuthorizer(fn)
	}
	if len(f.Operations) > 0 {
		b.makeRoutes(scope, f, fn)
	}
	if f.OnEvents {
		b.feedEvents(scope, role, fn, props.DeadLetterQueue)
	}
	if f.Hourly {
		b.feedHours(scope, fn, props.DeadLetterQueue)
	}
	if f.Consumes != "" {
		b.feedMessages(scope, role, fn, f.Consumes)
	}
}

// makeLogs makes a log group in the scope of what writes to it.
func (b *builder) makeLogs(scope constructs.Construct) awslogs.LogGroup {
	return awslogs.NewLogGroup(scope, jsii.String("Logs"), &awslogs.LogGroupProps{
		Retention:     awslogs.RetentionDays_THREE_MONTHS,
		RemovalPolicy: b.removal(),
	})
}

// allow gives the role what the function declares: actions and resources one by one.
func (b *builder) allow(role awsiam.Role, f functions.Function) {
	for _, action := range f.Table {
		grant(role, b.table.TableArn(), "dynamodb:"+action)
	}
	for _, n := range f.Queries {
		grant(role, b.indexARN(n), "dynamodb:Query")
	}
	for _, q := range f.Sends {
		grant(role, b.queues[q].QueueArn(), "sqs:SendMessage")
	}
	if f.Announces {
		grant(role, b.bus.EventBusArn(), "events:PutEvents")
	}
	if f.Archives {
		b.allowArchive(role)
	}
	if f.Mails {
		b.allowMail(role)
	}
}

// allowMail lets the role send from the one address, whose domain is verified with SES outside of the stack.
func (b *builder) allowMail(role awsiam.Role) {
	_, domain, _ := strings.Cut(b.sender, "@")
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("ses:SendEmail"),
		Resources: &[]*string{b.stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("ses"), Resource: jsii.String("identity"), ResourceName: &domain,
		})},
		Conditions: &map[string]any{"StringEquals": map[string]any{"ses:FromAddress": b.sender}},
	}))
}

func grant(role awsiam.Role, resource *string, actions ...string) {
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings(actions...),
		Resources: &[]*string{resource},
	}))
}

// environment holds the settings that the function declares, and no other.
func (b *builder) environment(f functions.Function) *map[string]*string {
	env := map[string]*string{}
	for _, name := range f.Settings {
		if made(name) {
			env[name] = b.made[name]
		} else {
			env[name] = jsii.String(b.values[name])
		}
	}
	return &env
}
