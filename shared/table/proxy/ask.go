package proxy

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// images reads what the engine holds under the targets' keys; nil where there is nothing.
func (p *Proxy) images(c *call, targets []target) ([]item, error) {
	type keys struct {
		Keys           []item
		ConsistentRead bool
	}
	request := struct{ RequestItems map[string]keys }{map[string]keys{}}
	for _, t := range targets {
		request.RequestItems[t.table] = keys{append(request.RequestItems[t.table].Keys, t.key), true}
	}
	var found struct {
		Responses       map[string][]item
		UnprocessedKeys map[string]any
	}
	if err := p.ask(c, "BatchGetItem", request, &found); err != nil {
		return nil, err
	}
	if len(found.UnprocessedKeys) > 0 {
		return nil, errors.New("more than 16 MB in one call: its cost is not known")
	}
	byID := map[string]item{}
	for table, items := range found.Responses {
		schema, err := p.schema(c, table)
		if err != nil {
			return nil, err
		}
		for _, i := range items {
			byID[target{table: table, key: schema.keyOf(i)}.id(c)] = i
		}
	}
	images := make([]item, len(targets))
	for n, t := range targets {
		images[n] = byID[t.id(c)]
	}
	return images, nil
}

// schema is what has to be known of a table.
type schema struct {
	key     []string
	indexes []secondary
}

type secondary struct {
	key   []string // its key attributes
	holds []string // the attributes that it holds; nil for all of them
}

func (s schema) keyOf(i item) item {
	key := item{}
	for _, name := range s.key {
		if value, ok := i[name]; ok {
			key[name] = value
		}
	}
	return key
}

// schema describes a table, which is taken not to change as long as the proxy lives.
func (p *Proxy) schema(c *call, table string) (schema, error) {
	id := c.caller() + " " + table
	if known, ok := p.schemas.Load(id); ok {
		return known.(schema), nil
	}
	type keySchema []struct{ AttributeName string }
	var answer struct {
		Table struct {
			KeySchema              keySchema
			GlobalSecondaryIndexes []struct {
				IndexName  string
				KeySchema  keySchema
				Projection struct{ ProjectionType string }
			}
			LocalSecondaryIndexes []any
		}
	}
	if err := p.ask(c, "DescribeTable", map[string]string{"TableName": table}, &answer); err != nil {
		return schema{}, err
	}
	if len(answer.Table.LocalSecondaryIndexes) > 0 {
		return schema{}, fmt.Errorf("%s has local indexes, whose cost is not known", table)
	}
	names := func(k keySchema) (names []string) {
		for _, part := range k {
			names = append(names, part.AttributeName)
		}
		return names
	}
	s := schema{key: names(answer.Table.KeySchema)}
	for _, index := range answer.Table.GlobalSecondaryIndexes {
		own := secondary{key: names(index.KeySchema)}
		switch index.Projection.ProjectionType {
		case "ALL":
		case "KEYS_ONLY":
			own.holds = append(own.holds, append(own.key, s.key...)...)
		default:
			return schema{}, fmt.Errorf("%s of %s holds a part of the item: its cost is not known", index.IndexName, table)
		}
		s.indexes = append(s.indexes, own)
	}
	p.schemas.Store(id, s)
	return s, nil
}

// ask makes a call of the proxy's own, in the name of the caller.
func (p *Proxy) ask(c *call, operation string, input, output any) error {
	body, err := json.Marshal(input)
	if err != nil {
		return err
	}
	header := c.header.Clone()
	header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	a, err := p.forward(&call{operation: operation, header: header, body: body})
	if err != nil {
		return err
	}
	if a.status != http.StatusOK {
		return fmt.Errorf("%s of the proxy's own: %s", operation, a.body)
	}
	return json.Unmarshal(a.body, output)
}
