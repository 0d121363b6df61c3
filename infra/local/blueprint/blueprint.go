// Package blueprint says what a template asks for, in the words of the rooms that build it. Every
// resource type is either built or on a list of those that nothing local stands for, and so is every
// property: what is on neither stops the local cloud with its path, rather than be missed silently.
package blueprint

import (
	"fmt"

	"comptoir/infra/local/gateway"
	"comptoir/infra/local/identity"
	"comptoir/infra/local/resource"
	"comptoir/infra/local/runtime"
	"comptoir/infra/local/source"
	"comptoir/infra/local/template"
)

// A World is where the template's references point to.
type World struct {
	Region    string
	AccountID string
	API       string // address of the API
	Issuer    string // of the tokens
	Queues    string // address of the queues
}

// A Blueprint is everything that the template asks for.
type Blueprint struct {
	Tables    []resource.Table
	Queues    []resource.Queue
	Buckets   []resource.Bucket
	Functions []runtime.Function // without binary, log and concurrency
	API       gateway.API
	Streams   []source.Stream
	Consumers []source.Queue
	Hourly    []string // functions that are started every hour
	Buses     []string // names of the event buses
	Clients   []identity.Client
}

type builder struct {
	*template.Template
	world        World
	out          Blueprint
	integrations map[string]integration
	authorizers  map[string]*gateway.Authorizer
	askers       map[string]*gateway.Asker
}

// Read makes a blueprint of a template in JSON. Its error tells everything that is not known locally.
func Read(data []byte, world World) (Blueprint, error) {
	b := &builder{world: world, integrations: map[string]integration{}, authorizers: map[string]*gateway.Authorizer{}, askers: map[string]*gateway.Asker{}}
	pseudo := map[string]string{
		"AWS::Region": world.Region, "AWS::AccountId": world.AccountID, "AWS::Partition": "aws",
		"AWS::URLSuffix": "amazonaws.com", "AWS::StackName": "local",
	}
	var err error
	if b.Template, err = template.Parse(data, pseudo, nil, b.attribute); err != nil {
		return Blueprint{}, err
	}
	build := map[string]func(*template.Resource){
		"AWS::ApiGatewayV2::Api":               b.addAPI,
		"AWS::ApiGatewayV2::Authorizer":        b.addAuthorizer,
		"AWS::ApiGatewayV2::Integration":       b.addIntegration,
		"AWS::ApiGatewayV2::Stage":             b.addStage,
		"AWS::Cognito::UserPoolClient":         b.addClient,
		"AWS::DynamoDB::Table":                 b.addTable,
		"AWS::Events::EventBus":                b.addBus,
		"AWS::Lambda::EventSourceMapping":      b.addMapping,
		"AWS::Lambda::Function":                b.addFunction,
		"AWS::S3::Bucket":                      b.addBucket,
		"AWS::SQS::Queue":                      b.addQueue,
		"AWS::Scheduler::Schedule":             b.addSchedule,
		"AWS::ApiGatewayV2::Route":             nil, // below: it needs the others
		"AWS::Cognito::UserPool":               nil, // people sign in without a password
		"AWS::Cognito::UserPoolResourceServer": nil, // clients name its scopes
	}
	for _, r := range b.Resources() {
		if add, known := build[r.Type]; !known && !notLocal[r.Type] {
			r.Unknown()
		} else if add != nil {
			add(r)
		}
	}
	for _, r := range b.Resources() {
		if r.Type == "AWS::ApiGatewayV2::Route" {
			b.addRoute(r)
		}
	}
	return b.out, b.Err()
}

// notLocal lists the types of which a machine of one developer has no need: permissions, alarms, logs
// and the pages of the sign-in.
var notLocal = map[string]bool{
	"AWS::CDK::Metadata":             true,
	"AWS::CloudWatch::Alarm":         true,
	"AWS::CloudWatch::Dashboard":     true,
	"AWS::Cognito::UserPoolDomain":   true,
	"AWS::IAM::ManagedPolicy":        true,
	"AWS::IAM::Policy":               true,
	"AWS::IAM::Role":                 true,
	"AWS::Lambda::EventInvokeConfig": true,
	"AWS::Lambda::Permission":        true,
	"AWS::Logs::LogGroup":            true,
	"AWS::Logs::MetricFilter":        true,
	"AWS::S3::BucketPolicy":          true,
	"AWS::SNS::Subscription":         true,
	"AWS::SNS::Topic":                true,
	"AWS::SNS::TopicPolicy":          true,
	"AWS::SQS::QueuePolicy":          true,
}

// attribute answers Ref (name "") and Fn::GetAtt.
func (b *builder) attribute(r *template.Resource, name string) (any, error) {
	answers := map[string]string{}
	switch r.Type {
	case "AWS::ApiGatewayV2::Api":
		answers[""], answers["ApiId"], answers["ApiEndpoint"] = r.ID, r.ID, b.world.API
	case "AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Stage":
		answers[""] = r.ID
	case "AWS::Cognito::UserPool":
		answers[""], answers["ProviderURL"] = b.poolID(r), b.world.Issuer
	case "AWS::Cognito::UserPoolClient":
		answers[""], answers["ClientId"] = b.clientID(r), b.clientID(r)
	case "AWS::Cognito::UserPoolResourceServer":
		answers[""] = r.Properties().Text("Identifier")
	case "AWS::DynamoDB::Table":
		answers[""] = tableName(r)
		answers["Arn"] = b.arn("dynamodb", "table/"+tableName(r))
		answers["StreamArn"] = b.streamARN(r)
	case "AWS::Events::EventBus":
		answers[""], answers["Name"] = r.Properties().Text("Name"), r.Properties().Text("Name")
		answers["Arn"] = b.arn("events", "event-bus/"+answers["Name"])
	case "AWS::Lambda::Function":
		answers[""], answers["Arn"] = functionName(r), b.functionARN(r)
	case "AWS::S3::Bucket":
		answers[""], answers["Arn"] = bucketName(r), "arn:aws:s3:::"+bucketName(r)
	case "AWS::SQS::Queue":
		answers[""] = b.world.Queues + "/" + b.world.AccountID + "/" + queueName(r)
		answers["QueueUrl"] = answers[""]
		answers["QueueName"] = queueName(r)
		answers["Arn"] = b.queueARN(r)
	}
	if value, known := answers[name]; known {
		return value, nil
	}
	if name == "" {
		return nil, fmt.Errorf("a reference to %s (%s) is not known locally", r.ID, r.Type)
	}
	return nil, fmt.Errorf("%s of %s (%s) is not known locally", name, r.ID, r.Type)
}

func (b *builder) arn(service, name string) string {
	return "arn:aws:" + service + ":" + b.world.Region + ":" + b.world.AccountID + ":" + name
}

// find returns the resource of the type whose attribute has the value, or nil.
func (b *builder) find(kind, attribute, value string) *template.Resource {
	for _, r := range b.Resources() {
		if r.Type != kind {
			continue
		}
		if got, err := b.attribute(r, attribute); err == nil && got == value {
			return r
		}
	}
	return nil
}
