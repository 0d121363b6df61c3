// Package template reads a CloudFormation template: it resolves what the template computes
// (intrinsics, parameters, conditions) and hands out properties by path, keeping a list of those that
// nobody asked for. What a resource means is told by package blueprint.
package template

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Template is a parsed template. Reading from it never fails at once: what is missing, wrong or
// unknown is collected, each with its path, and told by Err.
type Template struct {
	resources  map[string]*Resource
	parameters map[string]any
	conditions map[string]any
	attribute  Attribute
	pseudo     map[string]string
	errs       []error
}

// Attribute answers what Ref (name "") and Fn::GetAtt give for a resource.
type Attribute func(r *Resource, name string) (any, error)

// A Resource is one entry under Resources whose condition, if it has one, holds.
type Resource struct {
	ID, Type string
	template *Template
	fields   map[string]any
}

// sections are the top-level keys; those with false say nothing about what runs.
var sections = map[string]bool{
	"Resources": true, "Parameters": true, "Conditions": true,
	"AWSTemplateFormatVersion": false, "Description": false, "Metadata": false, "Outputs": false, "Rules": false,
}

// resourceKeys are the keys beside Properties; those with false matter to a deployment only.
var resourceKeys = map[string]bool{
	"Type": true, "Properties": true, "Condition": true,
	"DependsOn": false, "Metadata": false, "DeletionPolicy": false, "UpdateReplacePolicy": false,
}

// Parse reads a template in JSON. Parameters gives values to parameters that have no default, or
// another value to those that do; pseudo gives AWS::Region and its like.
func Parse(data []byte, pseudo, parameters map[string]string, attribute Attribute) (*Template, error) {
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	t := &Template{resources: map[string]*Resource{}, parameters: map[string]any{}, pseudo: pseudo, attribute: attribute}
	for _, key := range slices.Sorted(maps.Keys(doc)) {
		if _, known := sections[key]; !known {
			t.fail(key, "not known locally")
		}
	}
	t.readParameters(doc["Parameters"], parameters)
	t.readSection(doc["Conditions"], "Conditions", &t.conditions)
	t.readResources(doc["Resources"])
	return t, t.Err()
}

// Err returns everything that was found wrong so far, one line each.
func (t *Template) Err() error { return errors.Join(t.errs...) }

// Resources lists the resources in the order of their logical ids.
func (t *Template) Resources() []*Resource {
	var all []*Resource
	for _, id := range slices.Sorted(maps.Keys(t.resources)) {
		all = append(all, t.resources[id])
	}
	return all
}

// Find returns the resource with this logical id, or nil.
func (t *Template) Find(id string) *Resource { return t.resources[id] }

// Path is where the resource stands in the template.
func (r *Resource) Path() string { return "Resources." + r.ID }

// Properties opens the resource's properties for reading.
func (r *Resource) Properties() *Object {
	fields, _ := r.fields["Properties"].(map[string]any)
	return newObject(r.template, r.Path()+".Properties", fields)
}

// Unknown records that nothing local stands for the resource's type.
func (r *Resource) Unknown() { r.template.fail(r.Path()+".Type", "%s is not known locally", r.Type) }

func (t *Template) fail(path, format string, args ...any) {
	t.add(fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...)))
}

// add collects an error once, however often its property is read.
func (t *Template) add(err error) {
	same := func(known error) bool { return known.Error() == err.Error() }
	if err != nil && !slices.ContainsFunc(t.errs, same) {
		t.errs = append(t.errs, err)
	}
}

func (t *Template) readSection(data json.RawMessage, name string, into any) {
	if len(data) == 0 {
		return
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.fail(name, "%v", err)
	}
}

func (t *Template) readParameters(data json.RawMessage, given map[string]string) {
	var declared map[string]struct{ Default any }
	t.readSection(data, "Parameters", &declared)
	for name, p := range declared {
		if value, ok := given[name]; ok {
			t.parameters[name] = value
		} else if p.Default != nil {
			t.parameters[name] = p.Default
		}
	}
}

func (t *Template) readResources(data json.RawMessage) {
	var declared map[string]map[string]any
	t.readSection(data, "Resources", &declared)
	for _, id := range slices.Sorted(maps.Keys(declared)) {
		fields := declared[id]
		r := &Resource{ID: id, template: t, fields: fields}
		r.Type, _ = fields["Type"].(string)
		for _, key := range slices.Sorted(maps.Keys(fields)) {
			if _, known := resourceKeys[key]; !known {
				t.fail(r.Path()+"."+key, "not known locally")
			}
		}
		if condition, ok := fields["Condition"].(string); ok {
			holds, err := t.condition(condition, r.Path()+".Condition")
			t.add(err)
			if !holds {
				continue
			}
		}
		t.resources[id] = r
	}
}

// logicalID splits "Resource.Attribute".
func logicalID(reference string) (id, attribute string) {
	id, attribute, _ = strings.Cut(reference, ".")
	return id, attribute
}
