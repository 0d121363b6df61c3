package proxy

import (
	"encoding/json"
	"net/http"
	"reflect"
	"regexp"
	"strings"
)

// The rules are AWS's, from the Developer Guide: "DynamoDB read and write operations" for the units,
// "DynamoDB item sizes and formats" for the sizes, "Managing complex workflows with DynamoDB
// transactions" for the doubling, "Using Global Secondary Indexes in DynamoDB" for what an index
// costs; and from the API Reference, "TransactWriteItems", for a transaction sent again.
const (
	readBlock  = 4 << 10
	writeBlock = 1 << 10
)

// blocks rounds up; what isn't there costs as much as what is small.
func blocks(size, block int) float64 {
	return float64(max(1, (size+block-1)/block))
}

// forwardCounted has the engine answer and counts what that costs on AWS.
func (p *Proxy) forwardCounted(c *call) (*answer, error) {
	switch {
	case c.operation == "Query" || c.operation == "Scan":
		return p.countQuery(c)
	case isRead(c.operation):
		return p.countReads(c)
	case isWrite(c.operation):
		return p.countWrites(c)
	}
	p.meter.act(c.operation)
	return p.forward(c)
}

// countReads counts items read by key: each is rounded up by itself, whatever is shown of it.
func (p *Proxy) countReads(c *call) (*answer, error) {
	a, err := p.forward(c)
	if err != nil || a.status != http.StatusOK {
		return a, err
	}
	targets, err := p.targets(c)
	if err != nil {
		return nil, err
	}
	images, err := p.images(c, targets)
	if err != nil {
		return nil, err
	}
	p.chargeReads(targets, images)
	return a, nil
}

func (p *Proxy) chargeReads(targets []target, images []item) {
	units := 0.0
	for n, t := range targets {
		p.meter.act(t.action)
		units += t.factor * blocks(images[n].size(), readBlock)
	}
	p.meter.charge(units, 0)
}

// countQuery counts the items that were looked at, filtered out or not, rounded up together.
func (p *Proxy) countQuery(c *call) (*answer, error) {
	a, err := p.forward(c)
	if err != nil || a.status != http.StatusOK {
		return a, err
	}
	var request struct {
		IndexName      string
		ConsistentRead bool
	}
	if err := json.Unmarshal(c.body, &request); err != nil {
		return nil, err
	}
	bare, err := bareQuery(c.body)
	if err != nil {
		return nil, err
	}
	var page struct{ Items []item }
	if err := p.ask(c, c.operation, bare, &page); err != nil {
		return nil, err
	}
	size := 0
	for _, i := range page.Items {
		size += i.size()
	}
	p.meter.act(strings.TrimSpace(c.operation + " " + request.IndexName))
	p.meter.examine(len(page.Items))
	p.meter.charge(readFactor(request.ConsistentRead)*blocks(size, readBlock), 0)
	return a, nil
}

// bareQuery is the same query, from the same start to the same limit, without what hides items or parts
// of them. Names and values that only a filter mentioned would be refused, and go. It ends after 1 MB,
// filter or not, as on AWS; the engine itself goes on when a filter hides what it passes.
func bareQuery(body []byte) (map[string]any, error) {
	var query map[string]any
	if err := json.Unmarshal(body, &query); err != nil {
		return nil, err
	}
	for _, hiding := range []string{"FilterExpression", "QueryFilter", "ScanFilter", "ConditionalOperator", "ProjectionExpression", "AttributesToGet", "Select"} {
		delete(query, hiding)
	}
	condition, _ := query["KeyConditionExpression"].(string)
	used := map[string]bool{}
	for _, placeholder := range placeholders.FindAllString(condition, -1) {
		used[placeholder] = true
	}
	for _, field := range []string{"ExpressionAttributeNames", "ExpressionAttributeValues"} {
		defined, _ := query[field].(map[string]any)
		for placeholder := range defined {
			if !used[placeholder] {
				delete(defined, placeholder)
			}
		}
		if len(defined) == 0 {
			delete(query, field)
		}
	}
	return query, nil
}

var placeholders = regexp.MustCompile(`[#:]\w+`)

// countWrites counts by the items before and after, table and indexes.
func (p *Proxy) countWrites(c *call) (*answer, error) {
	targets, before, missing := p.before(c)
	a, err := p.forward(c)
	if err != nil || !charged(a) {
		return a, err
	}
	if missing != nil {
		return nil, missing
	}
	after, err := p.images(c, targets)
	if err != nil {
		return nil, err
	}
	if token := c.token(); token != "" && a.status == http.StatusOK {
		if p.meter.wasCommitted(token) {
			p.chargeReads(targets, after)
			return a, nil
		}
		p.meter.commit(token)
	}
	units := 0.0
	for n, t := range targets {
		p.meter.act(t.action)
		schema, err := p.schema(c, t.table)
		if err != nil {
			return nil, err
		}
		ofIndexes := schema.indexUnits(before[n], after[n])
		units += t.factor*blocks(max(before[n].size(), after[n].size()), writeBlock) + ofIndexes
		p.meter.index(ofIndexes)
	}
	p.meter.charge(0, units)
	return a, nil
}

// before reads the items that a call is about to write. An error matters only when the engine then
// takes the call.
func (p *Proxy) before(c *call) ([]target, []item, error) {
	targets, err := p.targets(c)
	if err != nil {
		return nil, nil, err
	}
	images, err := p.images(c, targets)
	return targets, images, err
}

// indexUnits is what the indexes add to a write. They follow the table outside of any transaction.
func (s schema) indexUnits(before, after item) (units float64) {
	wholeBefore, wholeAfter := before, after
	for _, index := range s.indexes {
		before, after := index.entry(wholeBefore), index.entry(wholeAfter)
		old, entry := entryKey(index.key, before), entryKey(index.key, after)
		switch {
		case old == nil && entry == nil, reflect.DeepEqual(before, after):
		case reflect.DeepEqual(old, entry):
			units += blocks(max(before.size(), after.size()), writeBlock)
		default:
			if old != nil {
				units += blocks(before.size(), writeBlock)
			}
			if entry != nil {
				units += blocks(after.size(), writeBlock)
			}
		}
	}
	return units
}

// entry is what the index holds of an item.
func (s secondary) entry(whole item) item {
	if s.holds == nil || whole == nil {
		return whole
	}
	part := item{}
	for _, name := range s.holds {
		if value, ok := whole[name]; ok {
			part[name] = value
		}
	}
	return part
}

// entryKey is the item's key in an index, nil when the index leaves it out.
func entryKey(names []string, i item) item {
	key := item{}
	for _, name := range names {
		value, ok := i[name]
		if !ok {
			return nil
		}
		key[name] = value
	}
	return key
}

// charged tells whether AWS charges for a write: also when its condition did not hold. What a
// cancelled transaction costs is not published; it is counted like one that went through and
// changed nothing.
func charged(a *answer) bool {
	var problem struct {
		Type string `json:"__type"`
	}
	_ = json.Unmarshal(a.body, &problem) // some answers are empty
	_, kind, _ := strings.Cut(problem.Type, "#")
	return a.status == http.StatusOK || kind == "ConditionalCheckFailedException" || kind == "TransactionCanceledException"
}

// token names a transaction that the client may send again, "" when it has no such name.
func (c *call) token() string {
	var request struct{ ClientRequestToken string }
	_ = json.Unmarshal(c.body, &request) // the engine took it
	if request.ClientRequestToken == "" {
		return ""
	}
	return c.caller() + " " + request.ClientRequestToken
}
