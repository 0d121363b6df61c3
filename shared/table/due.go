package table

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"comptoir/shared/calendar"
	"comptoir/shared/id"
	"comptoir/shared/stamp"
)

// Due is something that falls due: an item that somebody has to look after from an instant on. What is written with a due
// time stands in the index of what falls due, with its keys alone:
//
//	GSI5 DUE#<day>#<shard>   <instant>#<type>#<hash of the item's key>    both in UTC
//
// An instant that is over when it is written stands at the moment of the writing, so that who reads onward misses nothing.
type Due struct {
	Type  string `json:"type"`  // of the item
	Key   Key    `json:"key"`   // of the item
	Entry string `json:"entry"` // in the index, by which those of a day are ordered
}

// DueShards is over how many partitions of the index a day is spread.
const DueShards = 16

// dueTime is how instants are written in the index: as text they sort by time.
const dueTime = "2006-01-02T15:04:05.000Z"

// fallDue adds the entry of a value, given by pointer, to its item.
func fallDue(it item, v any, now time.Time) {
	k := kindOf(v)
	where := k.keys(v)
	if where.due.IsZero() {
		return
	}
	at := where.due.UTC()
	if at.Before(now) {
		at = now
	}
	_, pk, sk := Index(DueIndex)
	it[pk] = text(duePartition(calendar.On(at, time.UTC), ShardOf(where.primary.PK)))
	it[sk] = text(strings.Join([]string{at.Format(dueTime), k.name, id.Derived("", where.primary.PK+"\x00"+where.primary.SK)[1:]}, "#"))
}

// ShardOf is the shard in which the items of a partition fall due.
func ShardOf(partition string) int {
	h := fnv.New32a()
	h.Write([]byte(partition))
	return int(h.Sum32() % DueShards)
}

func duePartition(day calendar.Date, shard int) string { return fmt.Sprintf("DUE#%s#%02d", day, shard) }

// FallingDue are the items of a shard that fall due on a day of UTC, up to an instant, after an entry if one is given.
func FallingDue(day calendar.Date, shard int, until time.Time, after string, p Page) List[Due] {
	q := within(duePartition(day, shard), "", p)
	q.index, q.to = DueIndex, until.UTC().Format(dueTime)+last
	if after != "" {
		q.from = after + first
	}
	return List[Due]{q}
}

// UnmarshalDynamoDBAttributeValue reads the keys of an entry.
func (d *Due) UnmarshalDynamoDBAttributeValue(v types.AttributeValue) error {
	m, _ := v.(*types.AttributeValueMemberM)
	if m == nil {
		return fmt.Errorf("table: %T is no entry of the index", v)
	}
	_, _, sk := Index(DueIndex)
	d.Key, d.Entry = keyOf(m.Value), textOf(m.Value, sk)
	_, rest, _ := strings.Cut(d.Entry, "#")
	d.Type, _, _ = strings.Cut(rest, "#")
	return nil
}

// Owner is the id of the organisation or the like beside which the item lies.
func (d Due) Owner() string {
	_, id, _ := strings.Cut(d.Key.PK, "#")
	return id
}

// TypeOf is the type that items of values have.
func TypeOf[T any]() string { return kindOf(new(T)).name }

// Of is the item that falls due.
func Of[T any](d Due) Ref[T] { return Ref[T]{d.Key} }

// Bookmark is how far a shard of what falls due was read.
//
//	PK DUE   SK <shard>#<look>
type Bookmark struct {
	stamp.Stamp
	Shard int           `json:"shard"`
	Look  int           `json:"look"`
	Day   calendar.Date `json:"day"`
	After string        `json:"after,omitempty"` // the last entry that was read; none: the day's first comes next
}

var _ = describe("bookmark", func(b Bookmark) keys { return keys{primary: BookmarkOf(b.Shard, b.Look).Key} })

// BookmarkOf is how far one of the looks at a shard has come.
func BookmarkOf(shard, look int) Ref[Bookmark] {
	return Ref[Bookmark]{Key{"DUE", fmt.Sprintf("%02d#%d", shard, look)}}
}

// At moves the bookmark to an instant.
func (b Bookmark) At(t time.Time) Bookmark {
	t = t.UTC()
	b.Day, b.After = calendar.On(t, time.UTC), t.Format(dueTime)
	return b
}

// Time is the instant up to which the bookmark says that all was read.
func (b Bookmark) Time() time.Time {
	if len(b.After) < len(dueTime) {
		return b.Day.Start(time.UTC)
	}
	t, err := time.Parse(dueTime, b.After[:len(dueTime)])
	if err != nil {
		panic(fmt.Sprintf("table: %q is no entry: %v", b.After, err)) // what lies there was written by us
	}
	return t
}
