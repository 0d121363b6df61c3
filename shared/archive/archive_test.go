package archive_test

import (
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"comptoir/infra/local/engine"
	"comptoir/infra/local/enginetest"
	"comptoir/infra/local/resource"
	"comptoir/infra/local/signed"
	"comptoir/shared/archive"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// A place is a bucket of one test's own, with a clock.
type place struct {
	archive *archive.Archive
	config  aws.Config
	bucket  string
	now     time.Time
}

func open(t *testing.T) *place {
	t.Helper()
	p := &place{bucket: strings.ToLower(enginetest.Name()), now: time.Date(2027, 3, 10, 12, 0, 0, 0, time.UTC)}
	clients := enginetest.Connect(t)
	if err := resource.EnsureBuckets(t.Context(), clients.S3, []resource.Bucket{{Name: p.bucket}}); err != nil {
		t.Fatal(err)
	}
	behind, err := url.Parse(*clients.S3.Options().BaseEndpoint)
	if err != nil {
		t.Fatal(err)
	}
	key := aws.Credentials{AccessKeyID: "key", SecretAccessKey: "secret"}
	clock := func() time.Time { return p.now }
	front := httptest.NewServer(&signed.Handler{Key: key, Region: engine.Region, Now: clock, Next: httputil.NewSingleHostReverseProxy(behind)})
	t.Cleanup(front.Close)
	p.config = aws.Config{Region: engine.Region, BaseEndpoint: &front.URL, Credentials: credentials.StaticCredentialsProvider{Value: key}}
	p.archive = archive.New(p.config, p.bucket, clock)
	return p
}

// keep keeps a document and returns a link that lasts five minutes.
func (p *place) keep(t *testing.T, content string) string {
	t.Helper()
	if err := p.archive.Put(t.Context(), "statements/sta_1.pdf", "application/pdf", "Relevé de mars.pdf", []byte(content)); err != nil {
		t.Fatal(err)
	}
	link, err := p.archive.Link(t.Context(), "statements/sta_1.pdf", 5*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return link
}

func follow(t *testing.T, method, link string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, link, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("User-Agent", "a browser") // which nobody has signed
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

func TestALinkGivesTheDocumentAsAFile(t *testing.T) {
	t.Parallel()
	p := open(t)
	for _, content := range []string{"%PDF one", "%PDF " + strings.Repeat("x", 3<<20), ""} { // each instead of the one before
		answer, body := follow(t, http.MethodGet, p.keep(t, content))
		if answer.StatusCode != http.StatusOK || body != content {
			t.Fatalf("status %d, %d bytes; want %d: %.300s", answer.StatusCode, len(body), len(content), body)
		}
		kind, file, err := mime.ParseMediaType(answer.Header.Get("Content-Disposition"))
		if err != nil || kind != "attachment" || file["filename"] != "Relevé de mars.pdf" || answer.Header.Get("Content-Type") != "application/pdf" ||
			answer.Header.Get("Cache-Control") != "private, no-store" {
			t.Errorf("headers %v", answer.Header)
		}
	}
}

func TestALinkLastsItsTime(t *testing.T) {
	t.Parallel()
	p := open(t)
	link := p.keep(t, "x")
	for _, c := range []struct {
		wait time.Duration
		want int
	}{{5 * time.Minute, http.StatusOK}, {time.Second, http.StatusForbidden}, {365 * 24 * time.Hour, http.StatusForbidden}} {
		p.now = p.now.Add(c.wait)
		if answer, body := follow(t, http.MethodGet, link); answer.StatusCode != c.want || c.want == http.StatusForbidden && !strings.Contains(body, "Request has expired") {
			t.Errorf("at %v: status %d, want %d: %s", p.now, answer.StatusCode, c.want, body)
		}
	}
	if answer, _ := follow(t, http.MethodGet, p.keep(t, "x")); answer.StatusCode != http.StatusOK {
		t.Errorf("a new link: status %d", answer.StatusCode)
	}
}

func TestALinkThatIsAlteredIsRefused(t *testing.T) {
	t.Parallel()
	p := open(t)
	link := p.keep(t, "x")
	if err := p.archive.Put(t.Context(), "statements/sta_2.pdf", "application/pdf", "b.pdf", []byte("y")); err != nil {
		t.Fatal(err)
	}
	with := func(name, value string) string {
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		if q.Set(name, value); value == "" {
			q.Del(name)
		}
		u.RawQuery = q.Encode()
		return u.String()
	}
	for name, c := range map[string]struct{ method, link string }{
		"another document":    {http.MethodGet, strings.Replace(link, "sta_1", "sta_2", 1)},
		"another method":      {http.MethodPut, link},
		"more time":           {http.MethodGet, with("X-Amz-Expires", "3600")},
		"a later time":        {http.MethodGet, with("X-Amz-Date", "20270310T120001Z")},
		"no time":             {http.MethodGet, with("X-Amz-Expires", "")},
		"a month":             {http.MethodGet, with("X-Amz-Expires", "2592000")},
		"another key":         {http.MethodGet, with("X-Amz-Credential", "other/20270310/eu-west-3/s3/aws4_request")},
		"another signature":   {http.MethodGet, with("X-Amz-Signature", strings.Repeat("0", 64))},
		"no signature":        {http.MethodGet, with("X-Amz-Signature", "")},
		"a name of their own": {http.MethodGet, with("response-content-disposition", "inline")},
		"no headers":          {http.MethodGet, with("X-Amz-SignedHeaders", "")},
	} {
		if answer, body := follow(t, c.method, c.link); answer.StatusCode != http.StatusForbidden || !strings.Contains(body, "<Error>") {
			t.Errorf("%s: status %d: %s", name, answer.StatusCode, body)
		}
	}
	if answer, body := follow(t, http.MethodGet, link); answer.StatusCode != http.StatusOK || body != "x" {
		t.Errorf("the link as it was: status %d: %s", answer.StatusCode, body)
	}
}

func TestTheBucketIsOpenToNobodyElse(t *testing.T) {
	t.Parallel()
	p := open(t)
	p.keep(t, "x")
	bucket := *p.config.BaseEndpoint + "/" + p.bucket
	for name, c := range map[string]struct{ method, url string }{
		"its list":      {http.MethodGet, bucket},
		"the other one": {http.MethodGet, bucket + "?list-type=2"},
		"a document":    {http.MethodGet, bucket + "/statements/sta_1.pdf"},
		"a new one":     {http.MethodPut, bucket + "/new"},
		"the end of it": {http.MethodDelete, bucket + "/statements/sta_1.pdf"},
	} {
		if answer, body := follow(t, c.method, c.url); answer.StatusCode != http.StatusForbidden || !strings.Contains(body, "AccessDenied") {
			t.Errorf("%s: status %d: %s", name, answer.StatusCode, body)
		}
	}
	stranger := p.config
	stranger.Credentials = credentials.NewStaticCredentialsProvider("key", "guessed", "")
	list := &s3.ListObjectsV2Input{Bucket: &p.bucket}
	if _, err := s3.NewFromConfig(stranger).ListObjectsV2(t.Context(), list); err == nil || !strings.Contains(err.Error(), "SignatureDoesNotMatch") {
		t.Errorf("with a key that was guessed: %v", err)
	}
	if out, err := s3.NewFromConfig(p.config).ListObjectsV2(t.Context(), list); err != nil || len(out.Contents) != 1 {
		t.Errorf("with the key: %v, %v", out, err)
	}
}

// What AWS is asked for: over TLS, at the region's own address, and nothing that a browser doesn't need.
func TestALinkOfADeploymentLeadsToItsBucket(t *testing.T) {
	t.Parallel()
	noon := time.Date(2027, 3, 10, 12, 0, 0, 0, time.UTC)
	role := credentials.NewStaticCredentialsProvider("key", "secret", "token")
	a := archive.New(aws.Config{Region: "eu-west-3", Credentials: role}, "comptoir-archive", func() time.Time { return noon })
	text, err := a.Link(t.Context(), "statements/sta_1.pdf", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	link, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	query := link.Query()
	signature := query.Get("X-Amz-Signature")
	query.Del("X-Amz-Signature")
	want := "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=key%2F20270310%2Feu-west-3%2Fs3%2Faws4_request&X-Amz-Date=20270310T120000Z" +
		"&X-Amz-Expires=60&X-Amz-Security-Token=token&X-Amz-SignedHeaders=host&x-id=GetObject"
	if link.Scheme+"://"+link.Host+link.Path != "https://comptoir-archive.s3.eu-west-3.amazonaws.com/statements/sta_1.pdf" || query.Encode() != want || len(signature) != 64 {
		t.Errorf("%s\nwant %s", text, want)
	}
}

func TestABucketThatIsMissingIsAnError(t *testing.T) {
	t.Parallel()
	p := open(t)
	a := archive.New(p.config, "nowhere", time.Now)
	if err := a.Put(t.Context(), "k", "text/plain", "k.txt", nil); err == nil || !strings.Contains(err.Error(), "keep k") {
		t.Errorf("got %v", err)
	}
}
