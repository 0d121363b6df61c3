package setting

import (
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// AWS is how a function reaches a service: with the region and the credentials of the role that Lambda
// puts into the environment, at the service's own address unless AWS_ENDPOINT_URL_<service> names
// another. The SDK's config package would look in seven more places, and cost a third of a cold start.
func AWS(service string) aws.Config {
	cfg := aws.Config{
		Region: os.Getenv("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(
			os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")),
	}
	if url := os.Getenv("AWS_ENDPOINT_URL_" + service); url != "" {
		cfg.BaseEndpoint = &url
	}
	return cfg
}
