package stack_test

import (
	"regexp"
	"strings"
	"testing"

	"comptoir/functions"
	contract "comptoir/shared/api"
)

func TestEveryOperationHasItsRouteBehindTheAuthorizer(t *testing.T) {
	s := must(t, comptoir)
	authorizer, _ := s.only(t, "AWS::ApiGatewayV2::Authorizer")
	routes := s.of("AWS::ApiGatewayV2::Route")
	for id, r := range routes {
		if r.text("AuthorizationType") != "JWT" || r.text("AuthorizerId") != authorizer {
			t.Errorf("%s lets in who has no token", id)
		}
	}
	operations := 0
	for _, f := range functions.All(contract.Env{}) {
		operations += len(f.Operations)
		arn, _ := s.function(t, f.Name)
		for _, op := range f.Operations {
			r := routes[op.ID]
			if got := r.text("RouteKey"); got != op.Method+" "+op.Path {
				t.Errorf("%s has route key %q", op.ID, got)
			}
			integration := s.resources[strings.TrimPrefix(r.text("Target"), "integrations/")]
			if got := integration.text("IntegrationUri"); got != arn+".Arn" {
				t.Errorf("%s leads to %q", op.ID, got)
			}
			if got := integration.text("PayloadFormatVersion"); got != "2.0" {
				t.Errorf("%s has payload version %q", op.ID, got)
			}
		}
	}
	if len(routes) != operations {
		t.Errorf("%d routes for %d operations", len(routes), operations)
	}
}

func TestRouteKeysAreWellFormedAndDistinct(t *testing.T) {
	wellFormed := regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE) /v1(/([A-Za-z]+|\{[A-Za-z]+\}))+$`)
	parameter := regexp.MustCompile(`\{[^}]*\}`)
	seen := map[string]string{}
	for id, r := range must(t, comptoir).of("AWS::ApiGatewayV2::Route") {
		key := r.text("RouteKey")
		if !wellFormed.MatchString(key) {
			t.Errorf("%s: API Gateway would refuse %q", id, key)
		}
		shape := parameter.ReplaceAllString(key, "{}") // whatever a parameter is called
		if other, ok := seen[shape]; ok {
			t.Errorf("%s and %s answer the same requests", id, other)
		}
		seen[shape] = id
	}
}

func TestOnlyTheAPIMayStartTheFunctionsWithOperations(t *testing.T) {
	s := must(t, comptoir)
	api, _ := s.only(t, "AWS::ApiGatewayV2::Api")
	started := map[string]bool{}
	for id, r := range s.of("AWS::Lambda::Permission") {
		if r.text("Principal") != "apigateway.amazonaws.com" || !strings.Contains(r.text("SourceArn"), ":"+api+"/") {
			t.Errorf("%s lets in %s of %s", id, r.text("Principal"), r.text("SourceArn"))
		}
		started[r.text("FunctionName")] = true
	}
	for _, f := range functions.All(contract.Env{}) {
		id, _ := s.function(t, f.Name)
		if got, want := started[id+".Arn"], len(f.Operations) > 0; got != want {
			t.Errorf("%s: API may start it: %t", f.Name, got)
		}
	}
}

func TestTheContextSaysWhosePagesMayCallTheAPIAndHowOften(t *testing.T) {
	s := must(t, trial)
	_, api := s.only(t, "AWS::ApiGatewayV2::Api")
	if got := join(api.get("CorsConfiguration", "AllowOrigins"), " "); got != "https://portal.example.com" {
		t.Errorf("pages of %q may call the API", got)
	}
	_, stage := s.only(t, "AWS::ApiGatewayV2::Stage")
	rate, burst := stage.text("DefaultRouteSettings", "ThrottlingRateLimit"), stage.text("DefaultRouteSettings", "ThrottlingBurstLimit")
	if rate != "10" || burst != "20" {
		t.Errorf("%s requests a second, %s at once", rate, burst)
	}
}

func TestTheAccessLogSaysNothingOfThePerson(t *testing.T) {
	_, stage := must(t, comptoir).only(t, "AWS::ApiGatewayV2::Stage")
	format := stage.text("AccessLogSettings", "Format")
	for _, person := range []string{"identity", "claims", "principal", "$context.path", "authorizer.sub"} {
		if strings.Contains(format, person) {
			t.Errorf("the access log has %s: %s", person, format)
		}
	}
	for _, need := range []string{"requestId", "routeKey", "status", "integrationErrorMessage", "authorizer.error"} {
		if !strings.Contains(format, "$context."+need) {
			t.Errorf("the access log lacks %s: %s", need, format)
		}
	}
}
