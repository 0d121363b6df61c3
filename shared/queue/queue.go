// Package queue holds the conventions of Comptoir's queues: their names and how a batch is handled.
package queue

// Name names a queue; its dead-letter queue is the name with "-dead".
type Name string

const (
	Renewal   Name = "renewal"    // one message per item that falls due
	OverLimit Name = "over-limit" // one message per crossing of a seat threshold
	Notice    Name = "notice"     // one message per fact that somebody is to be told of
	Trail     Name = "trail"      // one message per fact of a partner that many of its customers are concerned by
	Webhook   Name = "webhook"    // one message per fact that leaves, and per delivery that is to be made again
	Statement Name = "statement"  // one message per partner whose months are to be closed, and one when payouts are to be gathered
)

// All lists every queue.
var All = []Name{Renewal, OverLimit, Notice, Trail, Webhook, Statement}
