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

const inForceShards = 4

func inForceMonthKey(partnerID, customerID string, day calendar.Date) (Key, string) {
	h := fnv.New32a()
	h.Write([]byte(customerID))
	date := day.String()
	return Key{partnerPartition(partnerID) + "#INFORCE", fmt.Sprintf("%s#%d", date[:7], h.Sum32()%inForceShards)}, "d" + date[8:]
}

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
	key, day := inForceMonthKey(l.PartnerID, l.CustomerID, from)
	tx.add(key, day, n)
	if !to.IsZero() {
		key, day := inForceMonthKey(l.PartnerID, l.CustomerID, to)
		tx.add(key, day, -n)
	}
}

// counting is the update of one counted item, or nil when the sums are zero.
func (tx *Tx) counting(key Key) *types.Update {
	u := &types.Update{
		TableName: &tx.table.name, Key: key.attributes(),
		ExpressionAttributeNames: map[string]string{"#type": TypeKey}, ExpressionAttributeValues: item{":type": text("inForce")},
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
	q := within(partnerPartition(partnerID)+"#INFORCE", "", Page{Limit: 5000})
	if !day.IsZero() {
		q.to = day.String()[:7] + "#" + last
	}
	return List[inForce]{q}
}

// CountInForce sums a ledger up to the end of a day.
func CountInForce(ledger []inForce, day calendar.Date) int {
	sum, until := 0.0, day.String()
	for _, it := range ledger {
		month, _ := it[SortKey].(string)
		for attribute, n := range it {
			count, isNumber := n.(float64)
			if isNumber && month[:7]+"-"+attribute[1:] <= until { // attributes are d01 to d31
				sum += count
			}
		}
	}
	return int(sum)
}
