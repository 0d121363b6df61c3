package proxy

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Fault is something that goes wrong with a call.
type Fault int

const (
	// Throttle refuses a call for want of capacity: ThrottlingException for a transaction,
	// ProvisionedThroughputExceededException for all else.
	Throttle Fault = iota + 1
	// CancelThrottled cancels a TransactWriteItems with the reason ThrottlingError at its first item.
	CancelThrottled
	// FailBefore answers 500 InternalServerError; the engine never sees the call.
	FailBefore
	// DropAfter has the engine do its work, then cuts the connection without an answer.
	DropAfter
	// KillBefore kills the caller before its call reaches the engine, which never sees it.
	KillBefore
	// KillAfter kills the caller after the engine did its work, before it hears of it.
	KillAfter
)

// Arm has the fault befall the next n calls of the operation. Faults of an operation that are armed
// one after another befall its calls one after another.
func (p *Proxy) Arm(operation string, n int, f Fault) {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	for range n {
		p.faults.armed = append(p.faults.armed, armed{operation, f})
	}
}

type armed struct {
	operation string
	fault     Fault
}

type faults struct {
	mu    sync.Mutex
	armed []armed
}

// next takes the fault of this call, 0 for none.
func (f *faults) next(operation string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := slices.IndexFunc(f.armed, func(a armed) bool { return a.operation == operation })
	if n < 0 {
		return 0
	}
	fault := f.armed[n].fault
	f.armed = slices.Delete(f.armed, n, n+1)
	return fault
}

// Killed is closed once a fault has killed the caller. The dead call nobody: what still comes from it is
// neither passed on nor answered, and held until Close.
func (p *Proxy) Killed() <-chan struct{} { return p.killed }

func (p *Proxy) dead() bool {
	select {
	case <-p.killed:
		return true
	default:
		return false
	}
}

// refuse is the answer to a call that the engine is not to see, nil when it is.
func (f Fault) refuse(c *call) *answer {
	switch f {
	case Throttle:
		if c.operation == "TransactWriteItems" {
			return refusal(http.StatusBadRequest, "ThrottlingException", "Throughput exceeds the current capacity of your table or index.")
		}
		return refusal(http.StatusBadRequest, "ProvisionedThroughputExceededException", "The level of configured provisioned throughput for the table was exceeded.")
	case CancelThrottled:
		var request struct{ TransactItems []any }
		_ = json.Unmarshal(c.body, &request) // at worst there are no items to give reasons for
		reasons := noReasons(len(request.TransactItems))
		if len(reasons) > 0 {
			reasons[0] = reason{"ThrottlingError", "Throughput exceeds the current capacity of your table or index."}
		}
		return cancellation(reasons)
	case FailBefore:
		return refusal(http.StatusInternalServerError, "InternalServerError", "Internal server error")
	}
	return nil
}

// reason is one of a cancelled transaction's, at the position of its item.
type reason struct {
	Code    string
	Message string `json:",omitempty"`
}

func noReasons(n int) []reason {
	return slices.Repeat([]reason{{Code: "None"}}, n)
}

func cancellation(reasons []reason) *answer {
	codes := make([]string, len(reasons))
	for n, r := range reasons {
		codes[n] = r.Code
	}
	return refusal(http.StatusBadRequest, "TransactionCanceledException",
		fmt.Sprintf("Transaction cancelled, please refer cancellation reasons for specific reasons [%s]", strings.Join(codes, ", ")),
		reasons...)
}

func refusal(status int, kind, message string, reasons ...reason) *answer {
	body, _ := json.Marshal(struct { // of strings: cannot fail
		Type    string   `json:"__type"`
		Message string   `json:"message"`
		Reasons []reason `json:"CancellationReasons,omitempty"`
	}{"com.amazonaws.dynamodb.v20120810#" + kind, message, reasons})
	return &answer{status, http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, body}
}
