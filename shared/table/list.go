package table

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"

	"comptoir/shared/problem"
)

// Page is which part of a list is asked for.
type Page struct {
	Limit  int    // rows at the most
	Cursor string // where the page before ended; empty for the first
}

// List is a part of a partition, in order.
type List[T any] struct{ query query }

func (l List[T]) load(to *loads) { to.lists[l.query] = true }

// Rows are the rows of the page and the cursor of the next one, empty at the end.
func (l List[T]) Rows(tx *Tx) ([]T, string) {
	p, loaded := tx.pages[l.query]
	if !loaded {
		panic(fmt.Sprintf("table: the list %s was not loaded", l.query.partition))
	}
	rows := make([]T, len(p.items))
	for i, it := range p.items {
		v, err := decode[T](it)
		if err != nil {
			panic(fmt.Sprintf("table: %v: %v", keyOf(it), err))
		}
		rows[i] = v
	}
	return rows, p.next
}

// After is the cursor of the page that follows a row, given by pointer.
func (l List[T]) After(row *T) string {
	_, it := encode(row)
	return l.query.after(it)
}

// query is one Query call. The table itself is read strongly consistent, an index can't be.
type query struct {
	index     int // 0 for the table
	partition string
	from, to  string // the range of the sort key, both inclusive
	backward  bool
	where     [3]condition
	page      Page
	whole     bool // all there is, however large: a Query ends at a megabyte
}

// condition is a filter on a text attribute, or one within another after a dot, applied after the key condition.
type condition struct{ attribute, operator, value string }

type page struct {
	query query
	items []item
	next  string
}

// last is the end of a range that starts with a prefix.
const last = "\U0010FFFF"

// first is before every sort key; an empty one is not allowed.
const first = " "

// within is a list of all in a partition whose sort key starts with a prefix.
func within(partition, prefix string, p Page) query {
	return query{partition: partition, from: cmp.Or(prefix, first), to: prefix + last, page: p}
}

// examined is how many rows one Query looks at for a filtered list.
const examined = 1000

func (t *Table) query(ctx context.Context, q query) (page, error) {
	start, err := q.start()
	if err != nil || q.from > q.to { // nothing is in an empty range, and DynamoDB refuses it
		return page{query: q}, err
	}
	pk, sk, limit := PartitionKey, SortKey, q.page.Limit
	in := &dynamodb.QueryInput{
		TableName:                 &t.name,
		ScanIndexForward:          aws.Bool(!q.backward),
		ExclusiveStartKey:         start,
		ExpressionAttributeValues: item{":p": text(q.partition), ":from": text(q.from), ":to": text(q.to)},
		ExpressionAttributeNames:  map[string]string{},
	}
	if q.index > 0 {
		name, indexPK, indexSK := Index(q.index)
		in.IndexName, pk, sk = &name, indexPK, indexSK
	} else {
		in.ConsistentRead = aws.Bool(true)
	}
	in.KeyConditionExpression = aws.String("#p = :p AND #s BETWEEN :from AND :to")
	in.ExpressionAttributeNames["#p"], in.ExpressionAttributeNames["#s"] = pk, sk
	if filter := q.filter(in); filter != "" {
		in.FilterExpression, limit = &filter, examined
	}
	if !q.whole {
		in.Limit = aws.Int32(int32(limit))
	}
	out, err := t.client.Query(ctx, in)
	for q.whole && err == nil && out.LastEvaluatedKey != nil {
		var more *dynamodb.QueryOutput
		in.ExclusiveStartKey = out.LastEvaluatedKey
		if more, err = t.client.Query(ctx, in); err == nil {
			more.Items = append(out.Items, more.Items...)
			out = more
		}
	}
	if err != nil {
		if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() == "ValidationException" && start != nil {
			return page{query: q}, badCursor()
		}
		return page{query: q}, err
	}
	p := page{query: q, items: out.Items}
	switch {
	case len(p.items) > q.page.Limit:
		p.items = p.items[:q.page.Limit]
		p.next = q.after(p.items[q.page.Limit-1])
	case out.LastEvaluatedKey != nil:
		p.next = q.after(out.LastEvaluatedKey)
	}
	return p, nil
}

// filter adds the conditions to the call and gives their expression.
func (q query) filter(in *dynamodb.QueryInput) string {
	var all []string
	for i, c := range q.where {
		if c == (condition{}) {
			continue
		}
		value := fmt.Sprintf(":f%d", i)
		in.ExpressionAttributeValues[value] = text(c.value)
		var path []string
		for j, attribute := range strings.Split(c.attribute, ".") {
			placeholder := fmt.Sprintf("#f%d%d", i, j)
			in.ExpressionAttributeNames[placeholder] = attribute
			path = append(path, placeholder)
		}
		name := strings.Join(path, ".")
		if c.operator == "contains" {
			all = append(all, fmt.Sprintf("contains(%s, %s)", name, value))
		} else {
			all = append(all, fmt.Sprintf("%s %s %s", name, c.operator, value))
		}
	}
	return strings.Join(all, " AND ")
}

// A cursor says where a page ended: the keys of its last row, and a sum over them and the list they
// belong to. On another list, another organisation's for one, the sum is wrong.
type cursor struct {
	Sum []byte   `json:"s"`
	At  []string `json:"k"`
}

func (q query) sum(at []string) []byte {
	q.page = Page{}
	sum := sha256.Sum256(fmt.Appendf(nil, "%#v %q", q, at))
	return sum[:9]
}

func (q query) attributes() []string {
	names := []string{PartitionKey, SortKey}
	if q.index > 0 {
		_, pk, sk := Index(q.index)
		names = append(names, pk, sk)
	}
	return names
}

func (q query) after(row item) string {
	var at []string
	for _, name := range q.attributes() {
		at = append(at, textOf(row, name))
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)              // shorter
	_ = e.Encode(cursor{q.sum(at), at}) // of strings: cannot fail
	return base64.RawURLEncoding.EncodeToString(b.Bytes())
}

// start is the key that the page starts after, or nil for the first page.
func (q query) start() (item, error) {
	if q.page.Cursor == "" {
		return nil, nil
	}
	var c cursor
	b, err := base64.RawURLEncoding.DecodeString(q.page.Cursor)
	if err != nil || json.Unmarshal(b, &c) != nil {
		return nil, badCursor()
	}
	names := q.attributes()
	if len(c.At) != len(names) || string(c.Sum) != string(q.sum(c.At)) {
		return nil, badCursor()
	}
	key := item{}
	for i, name := range names {
		key[name] = text(c.At[i])
	}
	return key, nil
}

func badCursor() error {
	return problem.Invalid("query.cursor", "This cursor doesn't belong to this list; start at the first page.")
}

// PageOf is a page of a list that was read as a whole, in order, without a text twice, and the cursor of the next one. The
// cursor belongs to lists of that name. Errors: problem.Invalid for a cursor of another list.
func PageOf(all []string, list string, p Page) ([]string, string, error) {
	q := within(list, "", p)
	start, err := q.start()
	if err != nil {
		return nil, "", err
	}
	if start != nil {
		from, found := slices.BinarySearch(all, textOf(start, SortKey))
		if found {
			from++
		}
		all = all[from:]
	}
	if len(all) <= p.Limit {
		return all, "", nil
	}
	all = all[:p.Limit]
	return all, q.after(Key{list, all[p.Limit-1]}.attributes()), nil
}
