package stack

import (
	"encoding/json"

	"comptoir/functions"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// makeAPI makes the HTTP API and the authorizer that its routes have: nobody comes in without a token of the issuer, but with a link
// where that is said.
func (b *builder) makeAPI() {
	b.api = awsapigatewayv2.NewHttpApi(b.stack, jsii.String("Api"), &awsapigatewayv2.HttpApiProps{
		ApiName:            jsii.String(Name),
		CreateDefaultStage: jsii.Bool(false),
		CorsPreflight:      b.cors(),
	})
	issuer, audience := b.makeIssuer()
	b.authorizer = awsapigatewayv2.NewHttpAuthorizer(b.stack, jsii.String("Authorizer"), &awsapigatewayv2.HttpAuthorizerProps{
		HttpApi:        b.api,
		Type:           awsapigatewayv2.HttpAuthorizerType_JWT,
		IdentitySource: jsii.Strings("$request.header.Authorization"),
		JwtIssuer:      issuer,
		JwtAudience:    audience,
	})
	stage := awsapigatewayv2.NewHttpStage(b.stack, jsii.String("Stage"), &awsapigatewayv2.HttpStageProps{
		HttpApi:    b.api,
		StageName:  jsii.String("$default"),
		AutoDeploy: jsii.Bool(true),
		Throttle: &awsapigatewayv2.ThrottleSettings{
			RateLimit:  &b.rate,
			BurstLimit: &b.burst,
		},
		AccessLogSettings: &accessLogs{
			awsapigatewayv2.NewLogGroupLogDestination(b.makeLogs(constructs.NewConstruct(b.stack, jsii.String("Access")))),
		},
	})
	b.watch.api(b.api)
	b.output("ApiUrl", stage.Url())
}

// makeRoutes lets the API start the function with its operations. The routes are the plain
// CloudFormation ones: their logical id and operation name are the operation's id, and one permission
// serves them all.
func (b *builder) makeRoutes(scope constructs.Construct, f functions.Function, fn awslambda.Function) {
	fn.AddPermission(jsii.String("Api"), &awslambda.Permission{
		Principal: awsiam.NewServicePrincipal(jsii.String("apigateway.amazonaws.com"), nil),
		SourceArn: b.api.ArnForExecuteApi(nil, nil, nil),
	})
	integration := awsapigatewayv2.NewCfnIntegration(scope, jsii.String("Integration"), &awsapigatewayv2.CfnIntegrationProps{
		ApiId:                b.api.ApiId(),
		IntegrationType:      jsii.String("AWS_PROXY"),
		IntegrationUri:       fn.FunctionArn(),
		PayloadFormatVersion: jsii.String("2.0"),
	})
	for _, op := range f.Operations {
		kind, authorizer := "JWT", b.authorizer.AuthorizerId()
		if op.ByLink {
			kind, authorizer = "CUSTOM", b.byLink.Ref()
		}
		awsapigatewayv2.NewCfnRoute(b.stack, &op.ID, &awsapigatewayv2.CfnRouteProps{
			ApiId:             b.api.ApiId(),
			RouteKey:          jsii.String(op.Method + " " + op.Path),
			OperationName:     &op.ID,
			AuthorizationType: &kind,
			AuthorizerId:      authorizer,
			Target:            jsii.String("integrations/" + *integration.Ref()),
		})
	}
}

// makeLinkAuthorizer makes the authorizer of those who come with a link: it asks a function with each request, so that a link that
// is revoked is closed at once.
func (b *builder) makeLinkAuthorizer(fn awslambda.Function) {
	b.byLink = awsapigatewayv2.NewCfnAuthorizer(b.stack, jsii.String("ByLink"), &awsapigatewayv2.CfnAuthorizerProps{
		ApiId:          b.api.ApiId(),
		Name:           jsii.String("ByLink"),
		AuthorizerType: jsii.String("REQUEST"),
		AuthorizerUri: b.stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("apigateway"), Account: jsii.String("lambda"), Resource: jsii.String("path"),
			ResourceName: jsii.String("2015-03-31/functions/" + *fn.FunctionArn() + "/invocations"),
		}),
		AuthorizerPayloadFormatVersion: jsii.String("2.0"),
		AuthorizerResultTtlInSeconds:   jsii.Number(0),
		EnableSimpleResponses:          jsii.Bool(true),
		IdentitySource:                 jsii.Strings("$request.querystring.token"),
	})
	fn.AddPermission(jsii.String("Api"), &awslambda.Permission{
		Principal: awsiam.NewServicePrincipal(jsii.String("apigateway.amazonaws.com"), nil),
		SourceArn: b.stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("execute-api"), Resource: b.api.ApiId(), ResourceName: jsii.String("authorizers/" + *b.byLink.Ref()),
		}),
	})
}

// cors lets the portal's pages call the API and read what they need of its answers.
func (b *builder) cors() *awsapigatewayv2.CorsPreflightOptions {
	return &awsapigatewayv2.CorsPreflightOptions{
		AllowOrigins: jsii.Strings(b.portalOrigin),
		AllowMethods: &[]awsapigatewayv2.CorsHttpMethod{
			awsapigatewayv2.CorsHttpMethod_GET,
			awsapigatewayv2.CorsHttpMethod_POST,
			awsapigatewayv2.CorsHttpMethod_PUT,
			awsapigatewayv2.CorsHttpMethod_PATCH,
			awsapigatewayv2.CorsHttpMethod_DELETE,
		},
		AllowHeaders: jsii.Strings("accept", "accept-language", "authorization", "content-type",
			"idempotency-key", "if-match", "x-organisation"),
		ExposeHeaders: jsii.Strings("etag", "idempotency-replayed", "retry-after"),
		MaxAge:        awscdk.Duration_Hours(jsii.Number(1)),
	}
}

// accessLogs says of each request what became of it, and nothing of the person who sent it.
type accessLogs struct {
	destination awsapigatewayv2.IAccessLogDestination
}

func (l *accessLogs) Destination() awsapigatewayv2.IAccessLogDestination { return l.destination }

func (l *accessLogs) Format() awsapigateway.AccessLogFormat {
	line, _ := json.Marshal(map[string]string{ // of strings: cannot fail
		"time":               "$context.requestTimeEpoch",
		"requestId":          "$context.requestId",
		"routeKey":           "$context.routeKey",
		"status":             "$context.status",
		"responseLength":     "$context.responseLength",
		"responseLatency":    "$context.responseLatency",
		"integrationLatency": "$context.integrationLatency",
		"integrationStatus":  "$context.integrationStatus",
		"integrationError":   "$context.integrationErrorMessage",
		"authorizerError":    "$context.authorizer.error",
	})
	return awsapigateway.AccessLogFormat_Custom(jsii.String(string(line)))
}
