package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/jsii-runtime-go"
)

// makeIssuer takes the issuer of the configuration, or else makes a Cognito user pool. The API accepts
// the tokens that the issuer made for the audience.
func (b *builder) makeIssuer() (issuer *string, audience *[]*string) {
	if b.issuer != "" {
		return &b.issuer, jsii.Strings(b.audience...)
	}
	pool := b.makeUserPool()
	b.makeSignInPages(pool)

	portal := pool.AddClient(jsii.String("Portal"), &awscognito.UserPoolClientOptions{
		OAuth: &awscognito.OAuthSettings{
			Flows:        &awscognito.OAuthFlows{AuthorizationCodeGrant: jsii.Bool(true)}, // with PKCE
			Scopes:       &[]awscognito.OAuthScope{awscognito.OAuthScope_OPENID(), awscognito.OAuthScope_EMAIL()},
			CallbackUrls: jsii.Strings(b.portalOrigin + "/"),
			LogoutUrls:   jsii.Strings(b.portalOrigin + "/"),
		},
		GenerateSecret:             jsii.Bool(false),
		PreventUserExistenceErrors: jsii.Bool(true),
		EnableTokenRevocation:      jsii.Bool(true),
	})
	product, operator := b.makeMachines(pool)

	b.output("UserPoolId", pool.UserPoolId())
	b.output("Issuer", pool.UserPoolProviderUrl())
	b.output("PortalClientId", portal.UserPoolClientId())
	b.output("ProductClientId", product.UserPoolClientId())
	b.output("OperatorClientId", operator.UserPoolClientId())
	return pool.UserPoolProviderUrl(), &[]*string{
		portal.UserPoolClientId(), product.UserPoolClientId(), operator.UserPoolClientId(),
	}
}

// makeUserPool makes the pool of the people who sign in. Anybody may sign up, to apply as a partner; a
// user without a role can do nothing else.
func (b *builder) makeUserPool() awscognito.UserPool {
	return awscognito.NewUserPool(b.stack, jsii.String("Users"), &awscognito.UserPoolProps{
		SelfSignUpEnabled:   jsii.Bool(true),
		SignInAliases:       &awscognito.SignInAliases{Email: jsii.Bool(true)},
		SignInCaseSensitive: jsii.Bool(false),
		AutoVerify:          &awscognito.AutoVerifiedAttrs{Email: jsii.Bool(true)},
		KeepOriginal:        &awscognito.KeepOriginalAttrs{Email: jsii.Bool(true)},
		AccountRecovery:     awscognito.AccountRecovery_EMAIL_ONLY,
		PasswordPolicy: &awscognito.PasswordPolicy{
			MinLength:            jsii.Number(12),
			RequireLowercase:     jsii.Bool(true),
			RequireUppercase:     jsii.Bool(true),
			RequireDigits:        jsii.Bool(true),
			RequireSymbols:       jsii.Bool(true),
			TempPasswordValidity: awscdk.Duration_Days(jsii.Number(3)),
		},
		Mfa:             awscognito.Mfa_REQUIRED,
		MfaSecondFactor: &awscognito.MfaSecondFactor{Otp: jsii.Bool(true), Sms: jsii.Bool(false)},

		// Refuses passwords known to be stolen. Charged by active user, but by cdk-nag's rules a must.
		FeaturePlan:                  awscognito.FeaturePlan_PLUS,
		StandardThreatProtectionMode: awscognito.StandardThreatProtectionMode_FULL_FUNCTION,

		DeletionProtection: jsii.Bool(!b.destroy),
		RemovalPolicy:      b.removal(),
	})
}

// makeSignInPages makes Cognito's own sign-in pages. Their name has to be unique in the region.
func (b *builder) makeSignInPages(pool awscognito.UserPool) {
	prefix := b.domainPrefix
	if prefix == "" {
		prefix = "comptoir-" + *b.stack.Account()
	}
	pages := pool.AddDomain(jsii.String("SignIn"), &awscognito.UserPoolDomainOptions{
		CognitoDomain: &awscognito.CognitoDomainOptions{DomainPrefix: &prefix},
	})
	b.output("SignInUrl", pages.BaseUrl(nil))
}

// makeMachines makes the clients without a person: the publisher's product and its operators' scripts.
func (b *builder) makeMachines(pool awscognito.UserPool) (product, operator awscognito.UserPoolClient) {
	scope := func(name, description string) awscognito.ResourceServerScope {
		return awscognito.NewResourceServerScope(&awscognito.ResourceServerScopeProps{
			ScopeName: &name, ScopeDescription: &description,
		})
	}
	asProduct := scope("product", "Reports what happens in the publisher's product")
	asOperator := scope("operator", "Does what the publisher's operators do")
	server := pool.AddResourceServer(jsii.String("Scopes"), &awscognito.UserPoolResourceServerOptions{
		Identifier: jsii.String("comptoir"),
		Scopes:     &[]awscognito.ResourceServerScope{asProduct, asOperator},
	})
	client := func(id string, scope awscognito.ResourceServerScope) awscognito.UserPoolClient {
		return pool.AddClient(&id, &awscognito.UserPoolClientOptions{
			OAuth: &awscognito.OAuthSettings{
				Flows:  &awscognito.OAuthFlows{ClientCredentials: jsii.Bool(true)},
				Scopes: &[]awscognito.OAuthScope{awscognito.OAuthScope_ResourceServer(server, scope)},
			},
			GenerateSecret:        jsii.Bool(true),
			EnableTokenRevocation: jsii.Bool(true),
		})
	}
	return client("Product", asProduct), client("Operator", asOperator)
}
