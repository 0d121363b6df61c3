// Package functions lists the Lambdas: what starts each, and what each may touch. The
// infrastructure, the contract and the tests derive from this list.
package functions

import (
	"maps"
	"slices"
	"time"

	"comptoir/functions/accesses"
	"comptoir/functions/accounts"
	"comptoir/functions/calendars"
	"comptoir/functions/collaborators"
	"comptoir/functions/commissions"
	"comptoir/functions/customers"
	"comptoir/functions/domains"
	"comptoir/functions/endpoints"
	"comptoir/functions/licences"
	"comptoir/functions/me"
	"comptoir/functions/methods"
	"comptoir/functions/notifications"
	"comptoir/functions/outbox"
	"comptoir/functions/partners"
	"comptoir/functions/payments"
	"comptoir/functions/plans"
	"comptoir/functions/scan"
	"comptoir/functions/seatcheck"
	"comptoir/functions/seats"
	"comptoir/shared/api"
	"comptoir/shared/queue"
	"comptoir/shared/setting"
	"comptoir/shared/table"
)

// A Function is one Lambda, in the folder of its name, started by HTTP requests (Operations), by
// the messages of a queue (Consumes), by new events in the table's stream (OnEvents), by the clock (Hourly) or by the gateway, which
// asks it whom to let in by a link (Authorizes).
type Function struct {
	Name       string
	Operations []api.Operation
	Consumes   queue.Name
	Hourly     bool // it is started every hour
	OnEvents   bool
	Authorizes bool
	Table      []string // the DynamoDB actions that its role allows on the table
	Queries    []int    // the numbers of the indexes that its role may query
	Sends      []queue.Name
	Announces  bool // it may put events on the bus
	Archives   bool // it may keep documents in the archive, and give out links to them; it needs the setting ARCHIVE_BUCKET
	Mails      bool // it may send mail from the address of the setting MAIL_FROM
	Settings   []string
	Timeout    time.Duration
}

// All lists every function, for a deployment's settings.
func All(env api.Env) []Function {
	read := []string{"BatchGetItem", "Query"}
	write := func(actions ...string) []string { return append(actions, "BatchGetItem", "Query") }
	settings := []string{
		setting.Table, setting.TimeZone, setting.DashboardURL, setting.SupportMail, setting.PartnerMail, setting.PartnerDays, setting.DeniedMailDomains,
	}
	mails := []string{setting.Table, setting.MailFrom, setting.PortalURL, setting.DeniedMailDomains, setting.PasswordResetURL}
	const http = 10 * time.Second
	return []Function{
		{Name: "accounts", Operations: accounts.Operations(env), Table: write("PutItem", "UpdateItem"), Settings: settings, Timeout: http},
		{Name: "customers", Operations: customers.Operations(env), Table: read, Queries: []int{1, 2, 3, 4}, Settings: settings, Timeout: http},
		{Name: "domains", Operations: domains.Operations(env), Table: write("PutItem"), Settings: append(settings, setting.DNSServer), Timeout: http},
		{Name: "licences", Operations: licences.Operations(env), Table: write("DeleteItem", "GetItem", "PutItem", "UpdateItem"), Settings: settings, Timeout: http},
		{Name: "seats", Operations: seats.Operations(env), Table: write("ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "UpdateItem"), Queries: []int{1}, Settings: settings, Timeout: http},
		{Name: "seatcheck", Operations: seatcheck.Operations(env), Table: read, Settings: settings, Timeout: http},
		{Name: "notifications", Operations: notifications.Operations(env), Table: write("PutItem"), Settings: settings, Timeout: http},
		{Name: "partners", Operations: partners.Operations(env), Table: write("DeleteItem", "PutItem"), Settings: settings, Timeout: http},
		{Name: "methods", Operations: methods.Operations(env), Table: write("PutItem"), Queries: []int{2}, Settings: settings, Timeout: http},
		{Name: "calendarauth", Authorizes: true, Table: []string{"BatchGetItem"}, Settings: []string{setting.Table}, Timeout: http},
		{Name: "calendars", Operations: calendars.Operations(env), Table: read, Queries: []int{2}, Settings: settings, Timeout: http},
		{Name: "collaborators", Operations: collaborators.Operations(env), Table: write("DeleteItem", "PutItem"), Queries: []int{1, 2}, Settings: settings, Timeout: http},
		{Name: "accesses", Operations: accesses.Operations(env), Table: write("DeleteItem", "PutItem"), Queries: []int{1}, Settings: settings, Timeout: http},
		{Name: "me", Operations: me.Operations(env), Table: write("PutItem"), Settings: settings, Timeout: http},
		{Name: "plans", Operations: plans.Operations(env), Table: write("PutItem"), Settings: settings, Timeout: http},
		{Name: "payments", Operations: payments.Operations(env), Table: write("PutItem", "UpdateItem"), Queries: []int{1}, Settings: settings, Timeout: http},
		{Name: "commissions", Operations: commissions.Operations(env), Table: write("PutItem"), Queries: []int{1, 2}, Settings: settings, Timeout: 30 * time.Second},
		{Name: "endpoints", Operations: endpoints.Operations(env), Table: write("PutItem"), Settings: settings, Timeout: http},
		{Name: "outbox", OnEvents: true, Sends: slices.Sorted(maps.Keys(outbox.Settings)), Announces: true, Settings: append(slices.Sorted(maps.Values(outbox.Settings)), setting.EventBus), Timeout: 30 * time.Second},
		{Name: "scan", Hourly: true, Table: []string{"BatchGetItem", "PutItem"}, Queries: []int{table.DueIndex}, Sends: slices.Sorted(maps.Keys(scan.Settings)), Settings: append([]string{setting.Table}, slices.Sorted(maps.Values(scan.Settings))...), Timeout: 10 * time.Minute},
		{Name: "renewals", Consumes: queue.Renewal, Table: write("PutItem", "UpdateItem"), Settings: []string{setting.Table, setting.TimeZone}, Timeout: 30 * time.Second},
		{Name: "webhooks", Consumes: queue.Webhook, Table: []string{"BatchGetItem", "PutItem"}, Sends: []queue.Name{queue.Webhook}, Settings: []string{setting.Table, setting.WebhookQueue}, Timeout: time.Minute},
		{Name: "trail", Consumes: queue.Trail, Table: write("DeleteItem", "PutItem"), Settings: []string{setting.Table}, Timeout: 5 * time.Minute},
		{Name: "notices", Consumes: queue.Notice, Table: write("PutItem"), Queries: []int{1}, Mails: true, Settings: mails, Timeout: 30 * time.Second},
		{Name: "overlimit", Consumes: queue.OverLimit, Table: []string{"BatchGetItem", "PutItem"}, Settings: []string{setting.Table}, Timeout: 30 * time.Second},
	}
}

// Operations lists every operation, in the order of the functions.
func Operations(env api.Env) []api.Operation {
	var all []api.Operation
	for _, f := range All(env) {
		all = append(all, f.Operations...)
	}
	return all
}
