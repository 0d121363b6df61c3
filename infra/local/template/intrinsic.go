package template

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// noValue is what {"Ref": "AWS::NoValue"} stands for: the property is not there.
type noValue struct{}

// resolve computes an intrinsic; anything else comes back as it is, its inside unresolved.
func (t *Template) resolve(value any, path string) (any, error) {
	object, ok := value.(map[string]any)
	if !ok || len(object) != 1 {
		return value, nil
	}
	for name, argument := range object {
		path := path + "." + name
		switch name {
		case "Ref":
			return t.ref(argument, path)
		case "Fn::GetAtt":
			return t.getAtt(argument, path)
		case "Fn::Join":
			return t.join(argument, path)
		case "Fn::Sub":
			return t.sub(argument, path)
		case "Fn::Select":
			return t.choose(argument, path)
		case "Fn::Split":
			return t.split(argument, path)
		case "Fn::If":
			return t.either(argument, path)
		}
		if strings.HasPrefix(name, "Fn::") {
			return nil, fmt.Errorf("%s: not known locally", path)
		}
	}
	return value, nil
}

func (t *Template) ref(argument any, path string) (any, error) {
	name, ok := argument.(string)
	if !ok {
		return nil, fmt.Errorf("%s: not a name", path)
	}
	if name == "AWS::NoValue" {
		return noValue{}, nil
	}
	if value, ok := t.pseudo[name]; ok {
		return value, nil
	}
	if value, ok := t.parameters[name]; ok {
		return value, nil
	}
	return t.attributeOf(name, "", path)
}

func (t *Template) getAtt(argument any, path string) (any, error) {
	switch a := argument.(type) {
	case string:
		id, attribute := logicalID(a)
		return t.attributeOf(id, attribute, path)
	case []any:
		if len(a) == 2 {
			id, _ := a[0].(string)
			attribute, _ := a[1].(string)
			return t.attributeOf(id, attribute, path)
		}
	}
	return nil, fmt.Errorf("%s: not a resource and an attribute", path)
}

func (t *Template) attributeOf(id, attribute, path string) (any, error) {
	r := t.resources[id]
	if r == nil {
		return nil, fmt.Errorf("%s: %q is neither a resource nor a parameter with a value", path, id)
	}
	value, err := t.attribute(r, attribute)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return value, nil
}

func (t *Template) join(argument any, path string) (any, error) {
	parts, ok := argument.([]any)
	if !ok || len(parts) != 2 {
		return nil, fmt.Errorf("%s: not a separator and a list", path)
	}
	words, err := t.strings(parts[1], path+"[1]")
	separator, _ := parts[0].(string)
	return strings.Join(words, separator), err
}

var placeholder = regexp.MustCompile(`\$\{[^}]+\}`)

func (t *Template) sub(argument any, path string) (any, error) {
	var own map[string]any
	if parts, ok := argument.([]any); ok && len(parts) == 2 {
		argument = parts[0]
		own, _ = parts[1].(map[string]any)
	}
	text, ok := argument.(string)
	if !ok {
		return nil, fmt.Errorf("%s: not a text", path)
	}
	var failed error
	text = placeholder.ReplaceAllStringFunc(text, func(found string) string {
		name := strings.TrimSpace(found[2 : len(found)-1])
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			return "${" + literal + "}"
		}
		var value any
		var err error
		if given, ok := own[name]; ok {
			value, err = t.resolve(given, path+"."+name)
		} else if strings.Contains(name, ".") {
			value, err = t.getAtt(name, path)
		} else {
			value, err = t.ref(name, path)
		}
		if err != nil && failed == nil {
			failed = err
		}
		return fmt.Sprint(value)
	})
	return text, failed
}

func (t *Template) choose(argument any, path string) (any, error) {
	parts, ok := argument.([]any)
	if !ok || len(parts) != 2 {
		return nil, fmt.Errorf("%s: not an index and a list", path)
	}
	index, err := strconv.Atoi(fmt.Sprint(parts[0]))
	if err != nil {
		return nil, fmt.Errorf("%s[0]: not an index", path)
	}
	words, err := t.strings(parts[1], path+"[1]")
	if err != nil {
		return nil, err
	}
	if index < 0 || index >= len(words) {
		return nil, fmt.Errorf("%s: no element %d of %d", path, index, len(words))
	}
	return words[index], nil
}

func (t *Template) split(argument any, path string) (any, error) {
	parts, ok := argument.([]any)
	if !ok || len(parts) != 2 {
		return nil, fmt.Errorf("%s: not a separator and a text", path)
	}
	separator, _ := parts[0].(string)
	text, err := t.resolve(parts[1], path+"[1]")
	if err != nil {
		return nil, err
	}
	var words []any
	for word := range strings.SplitSeq(fmt.Sprint(text), separator) {
		words = append(words, word)
	}
	return words, nil
}

func (t *Template) either(argument any, path string) (any, error) {
	parts, ok := argument.([]any)
	if !ok || len(parts) != 3 {
		return nil, fmt.Errorf("%s: not a condition and two values", path)
	}
	holds, err := t.test(map[string]any{"Condition": parts[0]}, path)
	if err != nil {
		return nil, err
	}
	if holds {
		return t.resolve(parts[1], path+"[1]")
	}
	return t.resolve(parts[2], path+"[2]")
}

func (t *Template) condition(name, path string) (bool, error) {
	declared, ok := t.conditions[name]
	if !ok {
		return false, fmt.Errorf("%s: no condition %q", path, name)
	}
	return t.test(declared, "Conditions."+name)
}

// test evaluates a condition expression.
func (t *Template) test(expression any, path string) (bool, error) {
	object, _ := expression.(map[string]any)
	for name, argument := range object {
		path := path + "." + name
		if name == "Condition" {
			return t.condition(fmt.Sprint(argument), path)
		}
		list, _ := argument.([]any)
		switch {
		case name == "Fn::Equals" && len(list) == 2:
			words, err := t.strings(argument, path)
			return err == nil && words[0] == words[1], err
		case name == "Fn::Not" && len(list) == 1:
			holds, err := t.test(list[0], path+"[0]")
			return !holds, err
		case name == "Fn::And" || name == "Fn::Or":
			return t.testAll(list, name == "Fn::Or", path)
		}
		return false, fmt.Errorf("%s: not known locally", path)
	}
	return false, fmt.Errorf("%s: not a condition", path)
}

// testAll stops at the first part that decides: a false one for and, a true one for or.
func (t *Template) testAll(parts []any, decisive bool, path string) (bool, error) {
	for i, part := range parts {
		holds, err := t.test(part, fmt.Sprintf("%s[%d]", path, i))
		if err != nil || holds == decisive {
			return holds, err
		}
	}
	return !decisive, nil
}

// strings resolves a list and each of its elements to texts.
func (t *Template) strings(value any, path string) ([]string, error) {
	value, err := t.resolve(value, path)
	if err != nil {
		return nil, err
	}
	list, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("%s: not a list", path)
	}
	words := make([]string, 0, len(list))
	for i, element := range list {
		element, err := t.resolve(element, fmt.Sprintf("%s[%d]", path, i))
		if err != nil {
			return nil, err
		}
		if _, absent := element.(noValue); absent {
			continue
		}
		words = append(words, text(element))
	}
	return words, nil
}
