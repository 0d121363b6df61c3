package blueprint

import (
	"strings"
	"time"

	"comptoir/infra/local/gateway"
	"comptoir/infra/local/identity"
	"comptoir/infra/local/template"
)

type integration struct {
	function string
	timeout  time.Duration
}

// maxIntegration is as long as API Gateway waits for a function.
const maxIntegration = 30 * time.Second

func (b *builder) addAPI(r *template.Resource) {
	p := r.Properties()
	if b.out.API.ID != "" {
		p.Fail("Name", "a second API is not known locally")
	}
	b.out.API.ID, b.out.API.AccountID = r.ID, b.world.AccountID
	if kind := p.Text("ProtocolType"); kind != "HTTP" {
		p.Fail("ProtocolType", "%s is not known locally", kind)
	}
	if p.Has("CorsConfiguration") {
		c := p.Object("CorsConfiguration")
		b.out.API.CORS = &gateway.CORS{
			Origins: c.Strings("AllowOrigins"), Methods: c.Strings("AllowMethods"), Headers: c.Strings("AllowHeaders"),
			Expose: c.Strings("ExposeHeaders"), MaxAge: c.Int("MaxAge", 0), Credentials: c.Bool("AllowCredentials"),
		}
		c.Close()
	}
	p.Ignore("Description", "DisableExecuteApiEndpoint", "IpAddressType", "Name", "Tags")
	p.Close()
}

func (b *builder) addStage(r *template.Resource) {
	p := r.Properties()
	if name := p.Text("StageName"); name != "$default" {
		p.Fail("StageName", "%s is not known locally", name)
	}
	settings := p.Object("DefaultRouteSettings")
	b.out.API.Rate = float64(settings.Int("ThrottlingRateLimit", 0))
	b.out.API.Burst = float64(settings.Int("ThrottlingBurstLimit", 0))
	settings.Ignore("DetailedMetricsEnabled")
	settings.Close()
	p.Ignore("AccessLogSettings", "ApiId", "AutoDeploy", "Description", "Tags")
	p.Close()
}

func (b *builder) addIntegration(r *template.Resource) {
	p := r.Properties()
	if kind := p.Text("IntegrationType"); kind != "AWS_PROXY" {
		p.Fail("IntegrationType", "%s is not known locally", kind)
	}
	if version := p.Text("PayloadFormatVersion"); version != "2.0" {
		p.Fail("PayloadFormatVersion", "%s is not known locally", version)
	}
	b.integrations[r.ID] = integration{
		function: b.function(p, "IntegrationUri"),
		timeout:  time.Duration(p.Int("TimeoutInMillis", int(maxIntegration.Milliseconds()))) * time.Millisecond,
	}
	p.Ignore("ApiId", "Description", "IntegrationMethod")
	p.Close()
}

func (b *builder) addAuthorizer(r *template.Resource) {
	p := r.Properties()
	switch kind := p.Text("AuthorizerType"); kind {
	case "JWT":
	case "REQUEST":
		b.addAsker(r, p)
		return
	default:
		p.Fail("AuthorizerType", "%s is not known locally", kind)
	}
	if from := strings.Join(p.Strings("IdentitySource"), ","); from != "$request.header.Authorization" {
		p.Fail("IdentitySource", "%s is not known locally", from)
	}
	jwt := p.Object("JwtConfiguration")
	b.authorizers[r.ID] = &gateway.Authorizer{Issuer: jwt.Text("Issuer"), Audience: jwt.Strings("Audience")}
	jwt.Close()
	p.Ignore("ApiId", "Name")
	p.Close()
}

// addAsker reads an authorizer that asks a function about a parameter of the query, without keeping the answer.
func (b *builder) addAsker(r *template.Resource, p *template.Object) {
	from := strings.Join(p.Strings("IdentitySource"), ",")
	name, ok := strings.CutPrefix(from, "$request.querystring.")
	if !ok || strings.Contains(name, ",") {
		p.Fail("IdentitySource", "%s is not known locally", from)
	}
	if version := p.Text("AuthorizerPayloadFormatVersion"); version != "2.0" || !p.Bool("EnableSimpleResponses") {
		p.Fail("AuthorizerPayloadFormatVersion", "%s without simple responses is not known locally", version)
	}
	if ttl := p.Int("AuthorizerResultTtlInSeconds", 300); ttl != 0 {
		p.Fail("AuthorizerResultTtlInSeconds", "%d is not known locally", ttl)
	}
	uri := p.Text("AuthorizerUri")
	_, arn, _ := strings.Cut(uri, ":lambda:path/2015-03-31/functions/")
	arn, _ = strings.CutSuffix(arn, "/invocations")
	function := b.find("AWS::Lambda::Function", "Arn", arn)
	if function == nil {
		p.Fail("AuthorizerUri", "%s is no function of the template", uri)
	} else {
		b.askers[r.ID] = &gateway.Asker{Function: functionName(function), Parameter: name}
	}
	p.Ignore("ApiId", "Name")
	p.Close()
}

func (b *builder) addRoute(r *template.Resource) {
	p := r.Properties()
	target := b.integrations[strings.TrimPrefix(p.Text("Target"), "integrations/")]
	if target.function == "" {
		p.Fail("Target", "%s is no integration of the template", p.Text("Target"))
	}
	route := gateway.Route{Key: p.Text("RouteKey"), Function: target.function, Timeout: target.timeout, Scopes: p.Strings("AuthorizationScopes")}
	switch kind := p.String("AuthorizationType", "NONE"); kind {
	case "NONE":
	case "JWT":
		if route.Authorizer = b.authorizers[p.Text("AuthorizerId")]; route.Authorizer == nil {
			p.Fail("AuthorizerId", "%s is no authorizer of the template", p.Text("AuthorizerId"))
		}
	case "CUSTOM":
		if route.Asker = b.askers[p.Text("AuthorizerId")]; route.Asker == nil {
			p.Fail("AuthorizerId", "%s is no authorizer of the template that asks a function", p.Text("AuthorizerId"))
		}
	default:
		p.Fail("AuthorizationType", "%s is not known locally", kind)
	}
	p.Ignore("ApiId", "OperationName")
	p.Close()
	b.out.API.Routes = append(b.out.API.Routes, route)
}

func (b *builder) addClient(r *template.Resource) {
	p := r.Properties()
	c := identity.Client{ID: b.clientID(r), Scopes: p.Strings("AllowedOAuthScopes"), Callbacks: p.Strings("CallbackURLs")}
	switch flows := strings.Join(p.Strings("AllowedOAuthFlows"), ","); flows {
	case "code":
	case "client_credentials":
		c.Machine = true
	default:
		p.Fail("AllowedOAuthFlows", "%s is not known locally", flows)
	}
	if p.Bool("GenerateSecret") {
		c.Secret = c.ID + "-secret" // a secret from nobody: the whole cloud is on one machine
	}
	p.Ignore("AllowedOAuthFlowsUserPoolClient", "ClientName", "EnableTokenRevocation", "ExplicitAuthFlows", "LogoutURLs",
		"PreventUserExistenceErrors", "SupportedIdentityProviders", "UserPoolId")
	p.Close()
	b.out.Clients = append(b.out.Clients, c)
}

func (b *builder) poolID(r *template.Resource) string { return b.world.Region + "_" + r.ID }

// clientID is the client's name or, where it has none, the name it was given in the CDK: "portal" for
// UsersPortalB2E6A8BF of the pool Users0A0EEA89.
func (b *builder) clientID(r *template.Resource) string {
	p := r.Properties()
	if p.Has("ClientName") {
		return p.Text("ClientName")
	}
	pool := b.find("AWS::Cognito::UserPool", "", p.Text("UserPoolId"))
	if pool == nil {
		return r.ID
	}
	return strings.ToLower(strings.TrimPrefix(given(r.ID), given(pool.ID)))
}

// given is a logical id without the hash that the CDK adds.
func given(id string) string {
	const hash = 8
	if len(id) <= hash || strings.Trim(id[len(id)-hash:], "0123456789ABCDEF") != "" {
		return id
	}
	return id[:len(id)-hash]
}
