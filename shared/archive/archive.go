// Package archive keeps documents that are too large for an answer, and gives out links to them that last a short while. They are
// renderings, which can be made again: the bucket forgets them after a day. Who may have a document is for its callers to say; whoever
// has a link reads it.
package archive

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"comptoir/shared/setting"
)

// Days is after how many the bucket forgets a document.
const Days = 1

// Archive is the bucket.
type Archive struct {
	s3     *s3.Client
	links  *s3.PresignClient
	bucket string
}

// Open is the archive whose bucket is a setting.
func Open() (*Archive, error) {
	bucket, err := setting.Need(setting.ArchiveBucket)
	return New(setting.AWS("S3"), bucket, setting.Now), err
}

// New is the archive in a bucket. Links last by the clock now.
func New(cfg aws.Config, bucket string, now func() time.Time) *Archive {
	client := s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired // or each link would ask for a checksum
	})
	links := s3.NewPresignClient(client, func(o *s3.PresignOptions) { o.Presigner = clocked{v4.NewSigner(), now} })
	return &Archive{s3: client, links: links, bucket: bucket}
}

// Put keeps a document under a key, instead of the one that is there. Browsers save it as a file of that name. Keys say nothing that is
// nobody's business: they are seen in links.
func (a *Archive) Put(ctx context.Context, key, mediaType, file string, content []byte) error {
	_, err := a.s3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &a.bucket, Key: &key, Body: bytes.NewReader(content), ContentType: &mediaType,
		ContentDisposition: aws.String(mime.FormatMediaType("attachment", map[string]string{"filename": file})),
		CacheControl:       aws.String("private, no-store"),
	})
	if err != nil {
		return fmt.Errorf("keep %s: %w", key, err)
	}
	return nil
}

// Link is an address at which whoever has it reads a document, for so long; seven days at the most, and no longer than the function's own
// credentials last, which are some hours. That there is a document isn't looked at.
func (a *Archive) Link(ctx context.Context, key string, lasting time.Duration) (string, error) {
	request, err := a.links.PresignGetObject(ctx, &s3.GetObjectInput{Bucket: &a.bucket, Key: &key}, s3.WithPresignExpires(lasting))
	if err != nil {
		return "", fmt.Errorf("link to %s: %w", key, err)
	}
	return request.URL, nil
}

// clocked signs by a clock: the SDK's own is the real time, and that of a local cloud moves.
type clocked struct {
	s3.HTTPPresignerV4
	now func() time.Time
}

func (c clocked) PresignHTTP(
	ctx context.Context, by aws.Credentials, r *http.Request, hash, service, region string, _ time.Time, options ...func(*v4.SignerOptions),
) (string, http.Header, error) {
	return c.HTTPPresignerV4.PresignHTTP(ctx, by, r, hash, service, region, c.now(), options...)
}
