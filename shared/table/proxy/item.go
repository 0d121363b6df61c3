package proxy

import "strings"

// item is an item, or a key, as it is on the wire.
type item map[string]attribute

// attribute is a value on the wire; one of its fields is set.
type attribute struct {
	S    *string      `json:",omitempty"`
	N    *string      `json:",omitempty"`
	B    []byte       `json:",omitempty"`
	BOOL *bool        `json:",omitempty"`
	NULL *bool        `json:",omitempty"`
	SS   []string     `json:",omitempty"`
	NS   []string     `json:",omitempty"`
	BS   [][]byte     `json:",omitempty"`
	L    *[]attribute `json:",omitempty"` // a pointer, for a list may be empty
	M    *item        `json:",omitempty"`
}

// size is what an item weighs in bytes, by "DynamoDB item sizes and formats" (Developer Guide).
func (i item) size() int {
	sum := 0
	for name, value := range i {
		sum += len(name) + value.size()
	}
	return sum
}

func (a attribute) size() int {
	const nesting, element = 3, 1 // bytes that a list or map costs, and each of its elements
	switch {
	case a.S != nil:
		return len(*a.S)
	case a.N != nil:
		return numberSize(*a.N)
	case a.BOOL != nil, a.NULL != nil:
		return 1
	case a.L != nil:
		sum := nesting
		for _, value := range *a.L {
			sum += element + value.size()
		}
		return sum
	case a.M != nil:
		return nesting + len(*a.M)*element + a.M.size()
	}
	sum := len(a.B)
	for _, value := range a.SS {
		sum += len(value)
	}
	for _, value := range a.NS {
		sum += numberSize(value)
	}
	for _, value := range a.BS {
		sum += len(value)
	}
	return sum
}

// numberSize is a byte for two significant digits and one more. AWS calls it approximate.
func numberSize(number string) int {
	digits, _, _ := strings.Cut(strings.ToUpper(number), "E")
	digits = strings.TrimLeft(digits, "-+0.")
	digits = strings.ReplaceAll(digits, ".", "")
	digits = strings.TrimRight(digits, "0")
	return (len(digits)+1)/2 + 1
}
