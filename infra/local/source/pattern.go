package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Pattern is a filter of an event source mapping: https://docs.aws.amazon.com/lambda, "Filter rule
// syntax".
type Pattern struct{ match matcher }

// A matcher decides about a value; a missing one is the value absent.
type matcher func(value any) bool

type absent struct{}

// ParsePattern reads a pattern. What it does not know is an error with its path inside the pattern.
func ParsePattern(text string) (Pattern, error) {
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		return Pattern{}, err
	}
	match, err := compileObject(object, "")
	return Pattern{match}, err
}

// matches says whether any of the patterns fits the event; no pattern at all fits everything.
func matches(patterns []Pattern, event any) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p Pattern) bool { return p.match(event) })
}

// compileObject makes a matcher that wants all of the object's members to fit.
func compileObject(object map[string]any, path string) (matcher, error) {
	members := map[string]matcher{}
	var alternatives matcher
	for name, rule := range object {
		inner := strings.TrimPrefix(path+"."+name, ".")
		var err error
		if name == "$or" {
			alternatives, err = compileOr(rule, inner)
		} else {
			members[name], err = compileMember(rule, inner)
		}
		if err != nil {
			return nil, err
		}
	}
	return func(value any) bool {
		if list, ok := value.([]any); ok { // one of the list's objects has to fit
			return slices.ContainsFunc(list, func(element any) bool { return allMatch(members, alternatives, element) })
		}
		return allMatch(members, alternatives, value)
	}, nil
}

func allMatch(members map[string]matcher, alternatives matcher, value any) bool {
	object, _ := value.(map[string]any) // of anything else, every member is absent
	for name, match := range members {
		member, ok := object[name]
		if !ok {
			member = absent{}
		}
		if !match(member) {
			return false
		}
	}
	return alternatives == nil || alternatives(value)
}

func compileOr(rule any, path string) (matcher, error) {
	list, ok := rule.([]any)
	if !ok || len(list) == 0 {
		return nil, fmt.Errorf("%s: not a list of rules", path)
	}
	return compileAny(list, path, func(element any, path string) (matcher, error) {
		object, ok := element.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s: not a rule", path)
		}
		return compileObject(object, path)
	})
}

// compileMember reads what stands behind a name: more names, or a list of values and operators.
func compileMember(rule any, path string) (matcher, error) {
	switch r := rule.(type) {
	case map[string]any:
		return compileObject(r, path)
	case []any:
		match, err := compileAny(r, path, compileLeaf)
		if err != nil {
			return nil, err
		}
		return func(value any) bool {
			if list, ok := value.([]any); ok {
				return slices.ContainsFunc(list, match)
			}
			return match(value)
		}, nil
	}
	return nil, fmt.Errorf("%s: neither an object nor a list", path)
}

// compileAny makes a matcher that wants one of the list to fit.
func compileAny(list []any, path string, compile func(any, string) (matcher, error)) (matcher, error) {
	var alternatives []matcher
	for i, element := range list {
		match, err := compile(element, fmt.Sprintf("%s[%d]", path, i))
		if err != nil {
			return nil, err
		}
		alternatives = append(alternatives, match)
	}
	return func(value any) bool {
		return slices.ContainsFunc(alternatives, func(m matcher) bool { return m(value) })
	}, nil
}

func compileLeaf(rule any, path string) (matcher, error) {
	operator, ok := rule.(map[string]any)
	if !ok {
		if _, list := rule.([]any); list {
			return nil, fmt.Errorf("%s: a list inside a list", path)
		}
		return func(value any) bool { return value == rule }, nil
	}
	if len(operator) != 1 {
		return nil, fmt.Errorf("%s: not one operator", path)
	}
	for name, argument := range operator {
		match, err := compileOperator(name, argument)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", path, name, err)
		}
		return match, nil
	}
	panic("unreachable")
}

var errArgument = errors.New("its argument is not known locally")

func compileOperator(name string, argument any) (matcher, error) {
	word, isText := argument.(string)
	ofText := func(match func(text, word string) bool) (matcher, error) {
		if !isText {
			return nil, errArgument
		}
		return func(value any) bool {
			text, ok := value.(string)
			return ok && match(text, word)
		}, nil
	}
	switch name {
	case "prefix":
		return ofText(strings.HasPrefix)
	case "suffix":
		return ofText(strings.HasSuffix)
	case "equals-ignore-case":
		return ofText(strings.EqualFold)
	case "exists":
		want, ok := argument.(bool)
		if !ok {
			return nil, errArgument
		}
		return func(value any) bool { return value != absent{} == want }, nil
	case "anything-but":
		return compileAnythingBut(argument)
	case "numeric":
		return compileNumeric(argument)
	}
	return nil, errors.New("not known locally")
}

func compileAnythingBut(argument any) (matcher, error) {
	list, ok := argument.([]any)
	if !ok {
		list = []any{argument}
	}
	for _, element := range list {
		switch element.(type) {
		case string, float64:
		default:
			return nil, errArgument
		}
	}
	return func(value any) bool { return value != absent{} && !slices.Contains(list, value) }, nil
}

// compileNumeric reads comparisons in pairs: [">", 0, "<=", 5].
func compileNumeric(argument any) (matcher, error) {
	list, ok := argument.([]any)
	if !ok || len(list) == 0 || len(list)%2 != 0 {
		return nil, errArgument
	}
	for pair := range slices.Chunk(list, 2) {
		_, isNumber := pair[1].(float64)
		operator, isText := pair[0].(string)
		if !isNumber || !isText || !slices.Contains([]string{"=", "<", "<=", ">", ">="}, operator) {
			return nil, errArgument
		}
	}
	return func(value any) bool {
		number, ok := value.(float64)
		for pair := range slices.Chunk(list, 2) {
			ok = ok && compare(number, pair[0].(string), pair[1].(float64))
		}
		return ok
	}, nil
}

func compare(a float64, operator string, b float64) bool {
	switch operator {
	case "=":
		return a == b
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	}
	return a >= b
}
