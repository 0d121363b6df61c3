package resource

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// A Bucket is what the template says of an S3 bucket.
type Bucket struct {
	Name string
	Days int // after which an object is deleted; 0 is never
}

// EnsureBuckets makes the buckets that are not there.
func EnsureBuckets(ctx context.Context, client *s3.Client, buckets []Bucket) error {
	for _, b := range buckets {
		_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &b.Name})
		var there *types.BucketAlreadyOwnedByYou
		if err != nil && !errors.As(err, &there) {
			return fmt.Errorf("bucket %s: %w", b.Name, err)
		}
	}
	return nil
}

// Forget deletes the objects of the bucket whose days are over, and returns how many there were. S3 does it at the midnight after.
func Forget(ctx context.Context, client *s3.Client, b Bucket, now time.Time) (int, error) {
	if b.Days == 0 {
		return 0, nil
	}
	forgotten := 0
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: &b.Name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return forgotten, err
		}
		for _, o := range page.Contents {
			if aws.ToTime(o.LastModified).AddDate(0, 0, b.Days).After(now) {
				continue
			}
			if _, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.Name, Key: o.Key}); err != nil {
				return forgotten, err
			}
			forgotten++
		}
	}
	return forgotten, nil
}
