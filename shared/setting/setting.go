// Package setting names what a deployment sets, and reads it once at the start of a function.
package setting

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
)

// The environment variables that the infrastructure gives to the functions.
const (
	Table        = "TABLE_NAME"           // the single table
	TimeZone     = "TIME_ZONE"            // the publisher's, for civil dates: Europe/Paris
	DashboardURL = "DASHBOARD_URL"        // of a company in the product; {accountId} is replaced
	SupportMail  = "SUPPORT_MAIL"         // the publisher's support, shown to customers it manages itself
	PartnerMail  = "PARTNER_SUPPORT_MAIL" // the publisher's support dedicated to partners
	PartnerDays  = "PARTNER_SUPPORT_DAYS" // on which it is open: monday,tuesday …
	DNSServer    = "DNS_SERVER"           // that is asked about customers' domains: host:port, or system for the system's own
	NoticeQueue  = "NOTICE_QUEUE_URL"     // where the outbox puts facts that somebody is to be told of

	RenewalQueue   = "RENEWAL_QUEUE_URL"    // where the scan puts what falls due
	OverLimitQueue = "OVER_LIMIT_QUEUE_URL" // where it puts seats that come near the cap
	TrailQueue     = "TRAIL_QUEUE_URL"      // where it puts what a partner did that its customers are concerned by

	WebhookQueue = "WEBHOOK_QUEUE_URL"     // where it puts what leaves for endpoints
	EventBus     = "EVENT_BUS_NAME"        // the bus that it puts the same on
	PrivateHosts = "WEBHOOK_PRIVATE_HOSTS" // hosts of endpoints that may be private: the local cloud's. No function declares it, so no deployment has any.

	ArchiveBucket = "ARCHIVE_BUCKET" // the bucket of documents that are given out by links

	MailFrom          = "MAIL_FROM"           // the verified sender of mail, with its name: Comptoir <desk@example.com>
	PasswordResetURL  = "PASSWORD_RESET_URL"  // where people set a new password, at their sign-in
	PortalURL         = "PORTAL_URL"          // base of links into the portal: https://desk.example.com
	DeniedMailDomains = "DENIED_MAIL_DOMAINS" // nothing is sent there or to what is below them: onmicrosoft.com, …
)

// Need is the value of a setting that must be there; the error names it.
func Need(name string) (string, error) {
	if value := os.Getenv(name); value != "" {
		return value, nil
	}
	return "", fmt.Errorf("the setting %s is missing", name)
}

// List is the value of a setting that holds a list between commas; it may be missing.
func List(name string) []string {
	return strings.FieldsFunc(os.Getenv(name), func(r rune) bool { return r == ',' })
}

// Stop ends a function that can't start.
func Stop(err error) {
	slog.Error("can't start", "error", err)
	os.Exit(1)
}
