package stack

import (
	"comptoir/shared/archive"
	"comptoir/shared/setting"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
)

// accessDays is for how long it is known who has read a document: as long as the functions' logs.
const accessDays = 90

// makeArchive makes the bucket of documents that are given out by links, and that of the log of who has read them.
func (b *builder) makeArchive() {
	accesses := b.makeBucket("Accesses", accessDays, nil)
	b.archive = b.makeBucket("Archive", archive.Days, accesses)
	b.made[setting.ArchiveBucket] = b.archive.BucketName()
}

// makeBucket makes a bucket that nobody reads but by leave of the stack, and that forgets objects after so many days.
func (b *builder) makeBucket(name string, days float64, log awss3.IBucket) awss3.Bucket {
	return awss3.NewBucket(b.stack, &name, &awss3.BucketProps{
		BlockPublicAccess:      awss3.BlockPublicAccess_BLOCK_ALL(),
		EnforceSSL:             jsii.Bool(true),
		Encryption:             awss3.BucketEncryption_S3_MANAGED,
		ObjectOwnership:        awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		ServerAccessLogsBucket: log,
		LifecycleRules: &[]*awss3.LifecycleRule{{
			Expiration:                          awscdk.Duration_Days(&days),
			AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(1)),
		}},
		RemovalPolicy:     b.removal(),
		AutoDeleteObjects: jsii.Bool(b.destroy), // a bucket that isn't empty does not go
	})
}

// allowArchive lets the role keep documents, and read them, since a link reads as the role that has signed it. The bucket says so, not the
// role: no role has a wildcard, and keys are as they come.
func (b *builder) allowArchive(role awsiam.Role) {
	b.archive.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{role},
		Actions:    jsii.Strings("s3:GetObject", "s3:PutObject"),
		Resources:  &[]*string{b.archive.ArnForObjects(jsii.String("*"))},
	}))
}
