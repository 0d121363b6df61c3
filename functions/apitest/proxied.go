package apitest

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"comptoir/infra/local/engine"
	"comptoir/shared/table"
	"comptoir/shared/table/proxy"
)

// Through is the same world, whose API reaches the table through a new proxy, with the client that
// functions use.
func (w *World) Through(t testing.TB) (*World, *proxy.Proxy) {
	t.Helper()
	p, err := proxy.Start(w.Storage.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	client := table.Client(aws.Config{
		BaseEndpoint: aws.String(p.URL()), Region: engine.Region,
		Credentials: credentials.NewStaticCredentialsProvider(w.Storage.AccessKey, "any", ""),
	})
	through := *w
	through.t = t
	through.Table = table.New(client, w.Storage.TableName, w.Always()...)
	through.Serve(through.Table)
	return &through, p
}

// generated are the parts of ids that were made at random, or follow from one.
var generated = regexp.MustCompile(`(auto|chg|com|evt|lic|lnk|pay|pre|try|whd|whe)_[0-9a-z]{24}|(LINK#|secretHash:)[0-9A-Za-z_-]{43}|(whsec)_[0-9A-Za-z+/]{43}=|(Z#[a-z]+#)[0-9a-z]{24}`)

// Contents is all that lies in the table, an item a line, with a star for what is random, so that
// two worlds can be compared.
func (w *World) Contents() []string {
	w.t.Helper()
	var lines []string
	pages := dynamodb.NewScanPaginator(w.Storage.Client, &dynamodb.ScanInput{TableName: &w.Storage.TableName, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			w.t.Fatal(err)
		}
		for _, it := range page.Items {
			var values map[string]any
			if err := attributevalue.UnmarshalMap(it, &values); err != nil {
				w.t.Fatal(err)
			}
			if answer, ok := values["answer"].([]byte); ok {
				values["answer"] = string(answer)
			}
			lines = append(lines, generated.ReplaceAllString(fmt.Sprint(values), "${1}${2}${4}_*"))
		}
	}
	slices.Sort(lines)
	return lines
}

// Person is somebody signed in, by the subject of the token, acting for no organisation.
func (w *World) Person(userID string) Client {
	return Client{w: w, claims: map[string]string{"sub": userID}}
}

// Signed is the same caller, whose sign-in vouches for a mail address.
func (c Client) Signed(mail string) Client {
	claims := map[string]string{"email": mail, "email_verified": "true"}
	maps.Copy(claims, c.claims)
	claims["email"] = mail
	c.claims = claims
	return c
}
