package table

import "fmt"

// The table's attributes that AWS has to know by name. The infrastructure, the tests and the
// functions all read them from here; what lies under which key is told by the entity files.
const (
	PartitionKey = "PK"
	SortKey      = "SK"
	TTL          = "expiresAt" // seconds since 1970; the item goes some time after
	TypeKey      = "type"      // what kind of item it is
	Indexes      = 4           // GSI1 to GSI4, each overloaded, each with the whole item
)

// Index is the name of the n-th global secondary index (from 1) and of its two key attributes.
func Index(n int) (name, partitionKey, sortKey string) {
	name = fmt.Sprintf("GSI%d", n)
	return name, name + PartitionKey, name + SortKey
}
