package template

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// An Object is a JSON object of the template that knows its path. Reading a key marks it as
// understood; Close records every key that was not.
type Object struct {
	t      *Template
	path   string
	fields map[string]any
	read   map[string]bool
}

func newObject(t *Template, path string, fields map[string]any) *Object {
	return &Object{t: t, path: path, fields: fields, read: map[string]bool{}}
}

// Path is where the key stands in the template.
func (o *Object) Path(key string) string { return o.path + "." + key }

// Has says whether the key is there with a value.
func (o *Object) Has(key string) bool { return o.value(key) != nil }

// Ignore names keys that mean nothing locally.
func (o *Object) Ignore(keys ...string) {
	for _, key := range keys {
		o.read[key] = true
	}
}

// Fail records that the key's value cannot be served.
func (o *Object) Fail(key, format string, args ...any) { o.t.fail(o.Path(key), format, args...) }

// Close records the keys that were neither read nor ignored.
func (o *Object) Close() {
	for _, key := range slices.Sorted(maps.Keys(o.fields)) {
		if !o.read[key] {
			o.Fail(key, "not known locally")
		}
	}
}

// Keys lists the keys, for objects whose keys are names, such as an environment.
func (o *Object) Keys() []string { return slices.Sorted(maps.Keys(o.fields)) }

// String returns a text, or otherwise if the key is absent.
func (o *Object) String(key, otherwise string) string {
	value := o.value(key)
	switch value.(type) {
	case nil:
		return otherwise
	case string, float64, bool:
		return text(value)
	}
	o.Fail(key, "not a text")
	return otherwise
}

// Text is String for a key that must be there.
func (o *Object) Text(key string) string {
	if !o.Has(key) {
		o.Fail(key, "missing")
	}
	return o.String(key, "")
}

// Int returns a whole number, or otherwise if the key is absent.
func (o *Object) Int(key string, otherwise int) int {
	if !o.Has(key) {
		return otherwise
	}
	n, err := strconv.Atoi(o.String(key, ""))
	if err != nil {
		o.Fail(key, "not a whole number")
	}
	return n
}

// Bool returns a truth value, false if the key is absent.
func (o *Object) Bool(key string) bool {
	word := o.String(key, "false")
	if word != "true" && word != "false" {
		o.Fail(key, "neither true nor false")
	}
	return word == "true"
}

// Strings returns a list of texts.
func (o *Object) Strings(key string) []string {
	value := o.value(key)
	if value == nil {
		return nil
	}
	words, err := o.t.strings(value, o.Path(key))
	o.t.add(err)
	return words
}

// Object opens an object below; absent reads as empty. The caller closes it.
func (o *Object) Object(key string) *Object {
	fields, ok := o.value(key).(map[string]any)
	if !ok && o.Has(key) {
		o.Fail(key, "not an object")
	}
	return newObject(o.t, o.Path(key), fields)
}

// Objects opens the objects of a list.
func (o *Object) Objects(key string) []*Object {
	value := o.value(key)
	list, ok := value.([]any)
	if !ok && value != nil {
		o.Fail(key, "not a list")
	}
	var all []*Object
	for i, element := range list {
		path := fmt.Sprintf("%s[%d]", o.Path(key), i)
		element, err := o.t.resolve(element, path)
		if err != nil {
			o.t.add(err)
			continue
		}
		if _, absent := element.(noValue); absent {
			continue
		}
		fields, ok := element.(map[string]any)
		if !ok {
			o.t.fail(path, "not an object")
		}
		all = append(all, newObject(o.t, path, fields))
	}
	return all
}

// value resolves the key's value one level deep; nil means absent.
func (o *Object) value(key string) any {
	o.read[key] = true
	value, err := o.t.resolve(o.fields[key], o.Path(key))
	if err != nil {
		o.t.add(err)
		return nil
	}
	if _, absent := value.(noValue); absent {
		return nil
	}
	return value
}

// text writes a scalar as CloudFormation would.
func text(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(data)
}
