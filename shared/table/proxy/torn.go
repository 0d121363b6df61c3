package proxy

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net/http"
)

// passTorn passes a batch of reads on in two parts and puts their answers together. The batch is of one table,
// and small enough to be answered in full.
func (p *Proxy) passTorn(c *call) *answer {
	var batch struct{ RequestItems map[string]map[string]any }
	if err := json.Unmarshal(c.body, &batch); err != nil || len(batch.RequestItems) != 1 {
		return p.pass(c)
	}
	var table string
	var request map[string]any
	for table, request = range batch.RequestItems {
	}
	keys, _ := request["Keys"].([]any)
	if len(keys) < 2 {
		return p.pass(c)
	}
	rand.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	found := []item{}
	cut := 1 + rand.IntN(len(keys)-1)
	var last *answer
	for _, part := range [][]any{keys[:cut], keys[cut:]} {
		of := maps.Clone(request)
		of["Keys"] = part
		body, _ := json.Marshal(map[string]any{"RequestItems": map[string]any{table: of}}) // it was JSON before
		last = p.pass(&call{operation: c.operation, header: c.header, body: body})
		var answer struct{ Responses map[string][]item }
		if last.status != http.StatusOK || json.Unmarshal(last.body, &answer) != nil {
			return last
		}
		found = append(found, answer.Responses[table]...)
	}
	last.body, _ = json.Marshal(map[string]any{"Responses": map[string]any{table: found}, "UnprocessedKeys": map[string]any{}})
	last.header = last.header.Clone()
	for _, name := range []string{"Content-Length", "X-Amz-Crc32"} { // of the part
		last.header.Del(name)
	}
	return last
}
