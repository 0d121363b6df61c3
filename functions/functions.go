// Package functions lists the Lambdas: what starts each, and what each may touch. The
// infrastructure, the contract and the tests derive from this list.
package functions

import (
	"time"

	"comptoir/shared/api"
	"comptoir/shared/queue"
	"comptoir/shared/setting"
)

// A Function is one Lambda, in the folder of its name, started by HTTP requests (Operations), by
// the messages of a queue (Consumes) or by new events in the table's stream (OnEvents).
type Function struct {
	Name       string
	Operations []api.Operation
	Consumes   queue.Name
	OnEvents   bool
	Table      []string // the DynamoDB actions that its role allows on the table
	Queries    []int    // the numbers of the indexes that its role may query
	Sends      []queue.Name
	Settings   []string
	Timeout    time.Duration
}

// All lists every function.
func All() []Function {
	read := []string{"BatchGetItem", "Query"}
	write := append([]string{"PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"}, read...)
	every := []string{setting.Table, setting.TimeZone}
	const http = 10 * time.Second
	return []Function{
		{Name: "accounts", Table: write, Settings: every, Timeout: http, Operations: []api.Operation{
			{ID: "reportAccount", Method: "POST", Path: "/v1/accounts"},
		}},
		{Name: "customers", Table: read, Queries: []int{1, 2, 3, 4}, Settings: every, Timeout: http, Operations: []api.Operation{
			{ID: "listCustomers", Method: "GET", Path: "/v1/partners/{partnerId}/customers"},
			{ID: "getCustomer", Method: "GET", Path: "/v1/customers/{customerId}"},
			{ID: "listActivity", Method: "GET", Path: "/v1/customers/{customerId}/activity"},
		}},
		{Name: "outbox", OnEvents: true, Sends: []queue.Name{queue.Notice}, Settings: []string{setting.NoticeQueue}, Timeout: 30 * time.Second},
		{Name: "notices", Consumes: queue.Notice, Table: write, Settings: every, Timeout: 30 * time.Second},
	}
}
