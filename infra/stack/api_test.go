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
	bearers, _ := authorizers(t, s)
	routes := s.of("AWS::ApiGatewayV2::Route")
	for id, r := range routes {
		if id != "readCalendar" && (r.text("AuthorizationType") != "JWT" || r.text("AuthorizerId") != bearers) {
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

// authorizers are the ids of the one for bearers of a token and of the one for holders of a link.
func authorizers(t *testing.T, s synthesis) (bearers, links string) {
	t.Helper()
	all := s.of("AWS::ApiGatewayV2::Authorizer")
	for id, a := range all {
		switch a.text("AuthorizerType") {
		case "JWT":
			bearers = id
		case "REQUEST":
			links = id
		}
	}
	if len(all) != 2 || bearers == "" || links == "" {
		t.Fatalf("authorizers %v", all)
	}
	return bearers, links
}

// Calendar programs can't sign in. The gateway asks each time, so that a link that is revoked is closed at once.
func TestALinkOpensOneRouteAndIsLookedUpEachTime(t *testing.T) {
	s := must(t, comptoir)
	_, links := authorizers(t, s)
	var open []string
	for id, r := range s.of("AWS::ApiGatewayV2::Route") {
		if r.text("AuthorizationType") == "CUSTOM" && r.text("AuthorizerId") == links {
			open = append(open, id)
		}
	}
	if strings.Join(open, " ") != "readCalendar" {
		t.Errorf("a link opens %v", open)
	}
	a := s.resources[links]
	arn, _ := s.function(t, "calendarauth")
	if got := a.text("AuthorizerUri"); !strings.HasSuffix(got, ":lambda:path/2015-03-31/functions/"+arn+".Arn/invocations") {
		t.Errorf("the authorizer asks %q", got)
	}
	if ttl := a.text("AuthorizerResultTtlInSeconds"); ttl != "0" {
		t.Errorf("an answer counts for %s s", ttl)
	}
	if from := join(a.get("IdentitySource"), " "); from != "$request.querystring.token" || a.get("EnableSimpleResponses") != true {
		t.Errorf("asks about %s", from)
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
	started, authorizes := map[string]bool{}, map[string]bool{}
	for id, r := range s.of("AWS::Lambda::Permission") {
		if r.text("Principal") != "apigateway.amazonaws.com" || !strings.Contains(r.text("SourceArn"), ":"+api+"/") {
			t.Errorf("%s lets in %s of %s", id, r.text("Principal"), r.text("SourceArn"))
		}
		started[r.text("FunctionName")] = true
		if _, links := authorizers(t, s); strings.HasSuffix(r.text("SourceArn"), "/authorizers/"+links) {
			authorizes[r.text("FunctionName")] = true
		}
	}
	for _, f := range functions.All(contract.Env{}) {
		id, _ := s.function(t, f.Name)
		if got, want := started[id+".Arn"], len(f.Operations) > 0 || f.Authorizes; got != want {
			t.Errorf("%s: API may start it: %t", f.Name, got)
		}
		if got := authorizes[id+".Arn"]; got != f.Authorizes {
			t.Errorf("%s: API may ask it whom to let in: %t", f.Name, got)
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
	for _, person := range []string{"identity", "claims", "principal", "$context.path", "authorizer.sub", "authorizer.userId", "query", "requestOverride", "$request"} {
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
