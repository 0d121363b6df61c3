package table

import "fmt"

// The table's attributes that AWS has to know by name. The infrastructure, the tests and the
// functions all read them from here; what lies under which key is told by the entity files.
const (
	PartitionKey = "PK"
	SortKey      = "SK"
	TTL          = "expiresAt" // seconds since 1970; the item goes some time after
	TypeKey      = "type"      // what kind of item it is
	Indexes      = 5           // GSI1 to GSI5, each overloaded, each with the whole item but the last
	DueIndex     = 5           // what falls due, with its keys alone
)

// Projection is what the n-th index holds of an item, as DynamoDB calls it.
func Projection(n int) string {
	if n == DueIndex {
		return "KEYS_ONLY"
	}
	return "ALL"
}

// Index is the name of the n-th global secondary index (from 1) and of its two key attributes.
func Index(n int) (name, partitionKey, sortKey string) {
	name = fmt.Sprintf("GSI%d", n)
	return name, name + PartitionKey, name + SortKey
}
