package table

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"comptoir/shared/calendar"
	"comptoir/shared/licence"
)

// The in-force ledger of a partner: for each day, how many licences came into force less how many
// ended. The licences in force on a day are the sum of all days up to it (A10).
//
//	PK PARTNER#p#INFORCE   SK <yyyy-mm>#<shard>   attributes d01 to d31
//
// Four shards by customer keep writers of one partner apart.

const dailyShards = 4

// daily is where something is counted on a day: an item for the month, in one of four shards by customer, and the attribute of the day.
func daily(partition, prefix, customerID, what string, day calendar.Date) (Key, string) {
	h := fnv.New32a()
	h.Write([]byte(customerID))
	date := day.String()
	return Key{partition, fmt.Sprintf("%s%s#%d", prefix, date[:7], h.Sum32()%dailyShards)}, what + date[8:]
}

func inForcePartition(partnerID string) string { return partnerPartition(partnerID) + "#INFORCE" }

// recount moves a licence in its partner's ledger from the days it was in force to the days it is now.
func (tx *Tx) recount(before, after licence.Licence) {
	tx.count(before, -1)
	tx.count(after, +1)
}

func (tx *Tx) count(l licence.Licence, n int64) {
	from, to, counts := l.InForce()
	if !counts || l.PartnerID == "" {
		return
	}
	key, day := daily(inForcePartition(l.PartnerID), "", l.CustomerID, "d", from)
	tx.add(key, day, n)
	if !to.IsZero() {
		key, day := daily(inForcePartition(l.PartnerID), "", l.CustomerID, "d", to)
		tx.add(key, day, -n)
	}
}

// counting is the update of one counted item, or nil when the sums are zero.
func (tx *Tx) counting(key Key) *types.Update {
	u := &types.Update{
		TableName: &tx.table.name, Key: key.attributes(),
		ExpressionAttributeNames: map[string]string{"#type": TypeKey}, ExpressionAttributeValues: item{":type": text("count")},
	}
	var adds []string
	for attribute, n := range tx.counts[key] {
		if n != 0 {
			name, value := "#"+attribute, ":"+attribute
			adds = append(adds, name+" "+value)
			u.ExpressionAttributeNames[name], u.ExpressionAttributeValues[value] = attribute, number(n)
		}
	}
	if len(adds) == 0 {
		return nil
	}
	slices.Sort(adds)
	u.UpdateExpression = aws.String("SET #type = :type ADD " + strings.Join(adds, ", "))
	return u
}

// inForce is one item of the ledger: what its days come to, by the day's attribute, beside its keys.
type inForce = map[string]any

// InForce is a partner's ledger up to the month of a day, or all of it for the zero day.
func InForce(partnerID string, day calendar.Date) List[inForce] {
	q := within(inForcePartition(partnerID), "", Page{Limit: 5000})
	if !day.IsZero() {
		q.to = day.String()[:7] + "#" + last
	}
	return List[inForce]{q}
}

// CountInForce sums a ledger up to the end of a day.
func CountInForce(ledger []inForce, day calendar.Date) int {
	sum := 0.0
	for _, it := range ledger {
		month, _ := it[SortKey].(string)
		sum += sumDays(it, month, "d", day.String())
	}
	return int(sum)
}

// sumDays adds up the days of a month that an item has under a letter, as d01 to d31, until the end of a day.
func sumDays(it map[string]any, month, letter, until string) float64 {
	sum := 0.0
	for attribute, n := range it {
		count, isNumber := n.(float64)
		if isNumber && len(attribute) == 3 && attribute[:1] == letter && month[:7]+"-"+attribute[1:] <= until {
			sum += count
		}
	}
	return sum
}
