// Package setting names what a deployment sets, and reads it once at the start of a function.
package setting

// The environment variables that the infrastructure gives to the functions.
const (
	Table        = "TABLE_NAME"       // the single table
	TimeZone     = "TIME_ZONE"        // the publisher's, for civil dates: Europe/Paris
	DashboardURL = "DASHBOARD_URL"    // of a company in the product; {accountId} is replaced
	SupportMail  = "SUPPORT_MAIL"     // the publisher's support, shown to customers it manages itself
	NoticeQueue  = "NOTICE_QUEUE_URL" // where the outbox puts facts that somebody is to be told of
)
