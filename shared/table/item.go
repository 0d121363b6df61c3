package table

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"comptoir/shared/stamp"
)

// Key is the primary key of an item.
type Key struct{ PK, SK string }

// item is an item as DynamoDB has it.
type item = map[string]types.AttributeValue

// keys is where a value lies: its primary key, its entries in the indexes (the zero Key for none)
// when it may go (the zero time for never) and when somebody has to look after it.
type keys struct {
	primary Key
	index   [Indexes]Key
	until   time.Time
	due     time.Time // when it next falls due; the zero time for never
}

// stamped values carry a version: they are created only if absent, and changed only at the version
// that was read. Other values are created, and some of them moved by updates that have conditions of their own.
type stamped interface{ Stamped() *stamp.Stamp }

type kind struct {
	name string
	keys func(any) keys
}

var kinds = map[reflect.Type]kind{}

// describe tells how values of a type lie in the table. Each entity file calls it once.
func describe[T any](name string, where func(T) keys) struct{} {
	kinds[reflect.TypeFor[T]()] = kind{name, func(v any) keys { return where(*v.(*T)) }}
	return struct{}{}
}

func kindOf(v any) kind {
	k, ok := kinds[reflect.TypeOf(v).Elem()]
	if !ok {
		panic(fmt.Sprintf("table: %T is not described", v))
	}
	return k
}

// encode makes the item of a value, given by pointer. Attributes are named by the value's JSON tags.
func encode(v any) (Key, item) {
	k := kindOf(v)
	where := k.keys(v)
	it := encodeValue(v).(*types.AttributeValueMemberM).Value
	omitZero(it, reflect.ValueOf(v).Elem())
	it[PartitionKey], it[SortKey], it[TypeKey] = text(where.primary.PK), text(where.primary.SK), text(k.name)
	for n, entry := range where.index {
		if entry != (Key{}) {
			_, pk, sk := Index(n + 1)
			it[pk], it[sk] = text(entry.PK), text(entry.SK)
		}
	}
	if !where.until.IsZero() {
		it[TTL] = number(where.until.Unix())
	}
	return where.primary, it
}

// omitZero leaves out of an item what is zero and tagged omitzero, which is json's word alone. Each started kilobyte of an item costs.
func omitZero(it item, v reflect.Value) {
	for n := range v.NumField() {
		if name, options, _ := strings.Cut(v.Type().Field(n).Tag.Get("json"), ","); options == "omitzero" && v.Field(n).IsZero() {
			delete(it, name)
		}
	}
}

// encodeValue is a value as it is stored, whole or as a part of an item.
func encodeValue(v any) types.AttributeValue {
	value, err := attributevalue.MarshalWithOptions(v, func(o *attributevalue.EncoderOptions) {
		o.TagKey, o.UseEncodingMarshalers = "json", true
	})
	if err != nil {
		panic(fmt.Sprintf("table: %T can't be stored: %v", v, err)) // types are ours
	}
	return value
}

func decode[T any](it item) (v T, err error) {
	err = attributevalue.UnmarshalMapWithOptions(it, &v, func(o *attributevalue.DecoderOptions) {
		o.TagKey, o.UseEncodingUnmarshalers = "json", true
	})
	return v, err
}

func (k Key) attributes() item {
	return item{PartitionKey: text(k.PK), SortKey: text(k.SK)}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func textOf(it item, name string) string {
	s, _ := it[name].(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
}

func keyOf(it item) Key { return Key{textOf(it, PartitionKey), textOf(it, SortKey)} }
