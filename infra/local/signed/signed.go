// Package signed stands in front of what stands for S3, which takes every request, and lets through what AWS would: requests that are
// signed with the account's key, and links as long as they last. Whether a body is that which was signed isn't looked at.
package signed

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/textproto"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// A Handler lets signed requests through to Next.
type Handler struct {
	Key    aws.Credentials
	Region string
	Now    func() time.Time // by which links last. What isn't a link is signed by the SDK's own clock, and may be of any time.
	Next   http.Handler
}

// A refusal is S3's answer to what it doesn't let through.
type refusal struct {
	XMLName xml.Name `xml:"Error"`
	Code    string
	Message string
}

var (
	denied  = &refusal{Code: "AccessDenied", Message: "Access Denied"}
	over    = &refusal{Code: "AccessDenied", Message: "Request has expired"}
	altered = &refusal{Code: "SignatureDoesNotMatch", Message: "The request signature we calculated does not match the signature you provided."}
	odd     = &refusal{Code: "AuthorizationQueryParametersError", Message: "X-Amz-Date or X-Amz-Expires is not what it should be."}
)

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var why *refusal
	switch {
	case r.URL.Query().Has("X-Amz-Signature"):
		why = h.checkLink(r)
	case r.Header.Get("Authorization") != "":
		why = h.checkHeader(r)
	default:
		why = denied
	}
	if why == nil {
		h.Next.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(http.StatusForbidden)
	_ = xml.NewEncoder(w).Encode(why)
}

const (
	service  = "s3"
	stamp    = "20060102T150405Z"
	longest  = 7 * 24 * time.Hour // that a link may last
	noHash   = "UNSIGNED-PAYLOAD" // of what a link will carry
	hashName = "X-Amz-Content-Sha256"
)

// fromSigning are the parameters of a link that signing adds.
var fromSigning = []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Security-Token", "X-Amz-Signature"}

// checkLink signs the link anew: it has to come out as it came in.
func (h *Handler) checkLink(r *http.Request) *refusal {
	given, query := r.URL.Query(), r.URL.Query()
	at, err := time.Parse(stamp, given.Get("X-Amz-Date"))
	seconds, notNumber := strconv.Atoi(given.Get("X-Amz-Expires"))
	lasting := time.Duration(seconds) * time.Second
	if err != nil || notNumber != nil || seconds < 1 || lasting > longest {
		return odd
	}
	for _, name := range fromSigning {
		query.Del(name)
	}
	bare := withHeaders(r, given.Get("X-Amz-SignedHeaders"))
	bare.URL.RawQuery = query.Encode()
	text, _, err := v4.NewSigner().PresignHTTP(r.Context(), h.Key, bare, noHash, service, h.Region, at, asS3)
	if err != nil {
		return altered
	}
	if want, err := url.Parse(text); err != nil || !reflect.DeepEqual(want.Query(), given) {
		return altered
	}
	if h.Now().After(at.Add(lasting)) {
		return over
	}
	return nil
}

// checkHeader signs the request anew.
func (h *Handler) checkHeader(r *http.Request) *refusal {
	given := r.Header.Get("Authorization")
	at, err := time.Parse(stamp, r.Header.Get("X-Amz-Date"))
	if err != nil {
		return denied
	}
	_, names, _ := strings.Cut(given, "SignedHeaders=")
	names, _, _ = strings.Cut(names, ",")
	bare := withHeaders(r, names)
	if err := v4.NewSigner().SignHTTP(r.Context(), h.Key, bare, r.Header.Get(hashName), service, h.Region, at, asS3); err != nil || bare.Header.Get("Authorization") != given {
		return altered
	}
	return nil
}

// withHeaders is the request with no other headers than those: what comes on the way isn't signed.
func withHeaders(r *http.Request, names string) *http.Request {
	bare := r.Clone(context.WithoutCancel(r.Context()))
	bare.Header = http.Header{}
	for name := range strings.SplitSeq(names, ";") {
		name = textproto.CanonicalMIMEHeaderKey(name)
		if values := r.Header.Values(name); len(values) > 0 && name != "Authorization" {
			bare.Header[name] = values
		}
	}
	return bare
}

// asS3 signs paths as they are, as S3 alone does.
func asS3(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }
