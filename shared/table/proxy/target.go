package proxy

import "encoding/json"

// target is an item that a call names by its key.
type target struct {
	action string // what IAM has to allow
	table  string
	key    item
	factor float64 // units for each started 4 KB read or 1 KB written
}

func isWrite(operation string) bool {
	switch operation {
	case "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems":
		return true
	}
	return false
}

func isRead(operation string) bool {
	switch operation {
	case "GetItem", "BatchGetItem", "TransactGetItems":
		return true
	}
	return false
}

// By "DynamoDB read and write operations" (Developer Guide).
const (
	eventual      = 0.5
	strong        = 1
	write         = 1
	transactional = 2 // prepare and commit
)

func readFactor(consistent bool) float64 {
	if consistent {
		return strong
	}
	return eventual
}

// single is a call about one item, by itself or as a part of another call.
type single struct {
	TableName      string
	Key            item
	Item           item // instead of the key, of a put
	ConsistentRead bool
}

// targets lists the items that a call reads or writes by key, in their order.
func (p *Proxy) targets(c *call) ([]target, error) {
	switch c.operation {
	case "GetItem", "PutItem", "UpdateItem", "DeleteItem":
		var s single
		if err := json.Unmarshal(c.body, &s); err != nil {
			return nil, err
		}
		factor := readFactor(s.ConsistentRead)
		if isWrite(c.operation) {
			factor = write
		}
		t, err := p.target(c, c.operation, s, factor)
		return []target{t}, err

	case "TransactGetItems", "TransactWriteItems":
		var request struct{ TransactItems []map[string]single }
		if err := json.Unmarshal(c.body, &request); err != nil {
			return nil, err
		}
		var all []target
		for _, part := range request.TransactItems {
			for kind, s := range part { // one: Get, Put, Update, Delete or ConditionCheck
				t, err := p.target(c, kind+"Item", s, transactional)
				if err != nil {
					return nil, err
				}
				all = append(all, t)
			}
		}
		return all, nil

	case "BatchGetItem":
		var request struct {
			RequestItems map[string]struct {
				Keys           []item
				ConsistentRead bool
			}
		}
		if err := json.Unmarshal(c.body, &request); err != nil {
			return nil, err
		}
		var all []target
		for table, part := range request.RequestItems {
			for _, key := range part.Keys {
				all = append(all, target{c.operation, table, key, readFactor(part.ConsistentRead)})
			}
		}
		return all, nil

	case "BatchWriteItem":
		var request struct {
			RequestItems map[string][]map[string]single
		}
		if err := json.Unmarshal(c.body, &request); err != nil {
			return nil, err
		}
		var all []target
		for table, parts := range request.RequestItems {
			for _, part := range parts {
				for _, s := range part { // one: PutRequest or DeleteRequest
					s.TableName = table
					t, err := p.target(c, c.operation, s, write)
					if err != nil {
						return nil, err
					}
					all = append(all, t)
				}
			}
		}
		return all, nil
	}
	return nil, nil
}

func (p *Proxy) target(c *call, action string, s single, factor float64) (target, error) {
	if s.Item != nil {
		schema, err := p.schema(c, s.TableName)
		if err != nil {
			return target{}, err
		}
		s.Key = schema.keyOf(s.Item)
	}
	return target{action, s.TableName, s.Key, factor}, nil
}

// id tells items of all callers and tables apart.
func (t target) id(c *call) string {
	key, _ := json.Marshal(t.key) // of strings, sorted by name: cannot fail
	return c.caller() + " " + t.table + " " + string(key)
}
