package table

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"comptoir/shared/calendar"
	"comptoir/shared/customer"
	"comptoir/shared/seat"
)

// Gauge
//
//	PK CUSTOMER#c   SK MODULE#m
var _ = describe("gauge", func(g seat.Gauge) keys {
	return keys{primary: Gauge(g.CustomerID, g.Module).Key}
})

// Gauge counts the seats of a customer's module.
func Gauge(customerID, module string) Ref[seat.Gauge] {
	return Ref[seat.Gauge]{Key{customerPartition(customerID), "MODULE#" + module}}
}

// Gauges are all gauges of a customer, by module.
func Gauges(customerID string) List[seat.Gauge] {
	return List[seat.Gauge]{within(customerPartition(customerID), "MODULE#", Page{Limit: seat.MaxModules})}
}

// Roster
//
//	PK CUSTOMER#c   SK ROSTER#<part, two digits>
var _ = describe("roster", func(r seat.Roster) keys {
	return keys{primary: Roster(r.CustomerID, r.Part).Key}
})

// Roster is a part of a customer's members with their seats.
func Roster(customerID string, part int) Ref[seat.Roster] {
	return Ref[seat.Roster]{Key{customerPartition(customerID), fmt.Sprintf("ROSTER#%02d", part)}}
}

// Rosters are all parts of a customer's roster.
func Rosters(customerID string) List[seat.Roster] {
	return List[seat.Roster]{within(customerPartition(customerID), "ROSTER#", Page{Limit: seat.Parts})}
}

// Holders are the members who hold a seat of a customer's module, by name. The roster is in no order, so that
// all of it is read for each page.
type Holders struct {
	CustomerID, Module string
	Page               Page
}

func (h Holders) load(to *loads) { Rosters(h.CustomerID).load(to) }

// Rows are the holders of the page and the cursor of the next one. Errors: problem.Invalid for a cursor of another list.
func (h Holders) Rows(tx *Tx) ([]seat.Holder, string, error) {
	rosters, _ := Rosters(h.CustomerID).Rows(tx)
	var all []seat.Holder
	for _, r := range rosters {
		all = append(all, r.Holders(h.Module)...)
	}
	key := func(h seat.Holder) Key { return Key{customer.SortName(h.Name), h.MemberID} }
	slices.SortFunc(all, func(a, b seat.Holder) int { return compareKeys(key(a), key(b)) })

	list := within(customerPartition(h.CustomerID), "ROSTER#", h.Page) // what the cursor belongs to
	list.where[0] = condition{"module", "=", h.Module}
	start, err := list.start()
	if err != nil {
		return nil, "", err
	}
	if start != nil {
		from := keyOf(start)
		all = slices.DeleteFunc(all, func(h seat.Holder) bool { return compareKeys(key(h), from) <= 0 })
	}
	if len(all) <= h.Page.Limit {
		return all, "", nil
	}
	all = all[:h.Page.Limit]
	return all, list.after(key(all[len(all)-1]).attributes()), nil
}

// Request
//
//	PK CUSTOMER#c   SK REQUEST#<module>#<number, eight digits>
var _ = describe("request", func(r seat.Request) keys {
	return keys{primary: SeatRequest(r.CustomerID, r.Module, r.Number).Key}
})

// SeatRequest is a customer's wish for more seats of a module.
func SeatRequest(customerID, module string, number int) Ref[seat.Request] {
	return Ref[seat.Request]{Key{customerPartition(customerID), fmt.Sprintf("REQUEST#%s#%08d", module, number)}}
}

// SeatRequests are what a customer asked for a module, latest first.
func SeatRequests(customerID, module string, p Page) List[seat.Request] {
	q := within(customerPartition(customerID), "REQUEST#"+module+"#", p)
	q.backward = true
	return List[seat.Request]{q}
}

// Seats are the gauges and the parts of the roster that an operation needs.
type Seats struct {
	customerID string
	gauges     []string // modules
	parts      []int
	allGauges  bool
	allParts   bool
}

// SeatsOf are all seats of a customer, for what changes how its modules stand.
func SeatsOf(customerID string) Seats {
	return Seats{customerID: customerID, allGauges: true, allParts: true}
}

// SeatsIn are the seats of a module, as far as some members are concerned.
func SeatsIn(customerID, module string, memberIDs ...string) Seats {
	s := Seats{customerID: customerID, gauges: []string{module}}
	for _, id := range memberIDs {
		if part := seat.PartOf(id); !slices.Contains(s.parts, part) {
			s.parts = append(s.parts, part)
		}
	}
	return s
}

// SeatsHeldBy are the seats of a member, whatever the modules.
func SeatsHeldBy(customerID, memberID string) Seats {
	return Seats{customerID: customerID, allGauges: true, parts: []int{seat.PartOf(memberID)}}
}

func (s Seats) load(to *loads) {
	for _, module := range s.gauges {
		Gauge(s.customerID, module).load(to)
	}
	for _, part := range s.parts {
		Roster(s.customerID, part).load(to)
	}
	if s.allGauges {
		Gauges(s.customerID).load(to)
	}
	if s.allParts {
		Rosters(s.customerID).load(to)
	}
}

// Pool is what was loaded.
func (s Seats) Pool(tx *Tx) seat.Pool {
	var gauges []seat.Gauge
	var rosters []seat.Roster
	if s.allGauges {
		gauges, _ = Gauges(s.customerID).Rows(tx)
	}
	if s.allParts {
		rosters, _ = Rosters(s.customerID).Rows(tx)
	}
	for _, module := range s.gauges {
		if g, ok := Gauge(s.customerID, module).Find(tx); ok {
			gauges = append(gauges, g)
		}
	}
	for _, part := range s.parts {
		if r, ok := Roster(s.customerID, part).Find(tx); ok {
			rosters = append(rosters, r)
		}
	}
	return seat.Loaded(gauges, rosters)
}

// Settle writes what a rule has made of a customer's seats, and has all that it rested on confirmed in the
// same transaction. Call it also when the rule refuses: then nothing is written, and the refusal is confirmed.
func (tx *Tx) Settle(customerID string, after seat.Pool, today calendar.Date) {
	before := after.Read()
	for _, module := range slices.Sorted(maps.Keys(after.Gauges)) {
		if b, a := before.Gauges[module], after.Gauges[module]; b.Used != a.Used || b.CapVersion != a.CapVersion {
			tx.gauge(b, a, today)
		}
	}
	for module := range after.Modules {
		tx.check(Gauge(customerID, module).Key, still(before.Gauges[module], before.Gauges[module].Used, before.Gauges[module].Used))
	}
	for _, part := range slices.Sorted(maps.Keys(after.Rosters)) {
		b, existed := before.Rosters[part]
		tx.roster(b, after.Rosters[part], existed)
	}
	read := map[int][]string{}
	for id := range after.Members {
		read[seat.PartOf(id)] = append(read[seat.PartOf(id)], id)
	}
	for part, ids := range read {
		slices.Sort(ids)
		r, exists := before.Rosters[part]
		if !exists {
			tx.check(Roster(customerID, part).Key, absent())
			continue
		}
		e := newExpression()
		for _, id := range ids {
			e.unchanged(r, id)
		}
		tx.check(Roster(customerID, part).Key, e)
	}
}

// gauge moves a gauge from what was read to what was decided.
func (tx *Tx) gauge(before, after seat.Gauge, today calendar.Date) {
	if before.CapVersion == 0 || tx.draft {
		tx.Put(&after)
		return
	}
	from, to := before.Alike(after, today)
	e := still(before, from, to)
	if after.CapVersion != before.CapVersion {
		e.set("capVersion", after.CapVersion)
		e.set("limit", after.Limit)
		e.set("funds", after.Funds)
	}
	e.add("used", after.Used-before.Used)
	tx.update(Gauge(after.CustomerID, after.Module).Key, e)
}

// still holds while a gauge has the cap that was read, and uses as many seats as one of a range.
func still(g seat.Gauge, from, to int) *expression {
	if g.CapVersion == 0 {
		return absent()
	}
	e := newExpression()
	e.when("%s = %s", e.name("capVersion"), e.value(g.CapVersion))
	e.when("%s BETWEEN %s AND %s", e.name("used"), e.value(from), e.value(to))
	return e
}

// roster writes the entries of a part that differ, and how the modules stand.
func (tx *Tx) roster(before, after seat.Roster, existed bool) {
	if !existed || tx.draft {
		if !existed || !sameRoster(before, after) {
			tx.Put(&after)
		}
		return
	}
	e := newExpression()
	if !maps.Equal(before.Modules, after.Modules) { // only with the customer's row, which orders these changes
		e.set("modules", after.Modules)
	}
	for _, id := range slices.Sorted(maps.Keys(union(before.Members, after.Members))) {
		b, was := before.Members[id]
		a, is := after.Members[id]
		if was == is && sameMember(a, b) {
			continue
		}
		e.unchanged(before, id)
		if path := e.name("members") + "." + e.name(id); is {
			e.sets = append(e.sets, path+" = "+e.value(a))
		} else {
			e.removes = append(e.removes, path)
		}
	}
	if e.writes() {
		e.exists()
		tx.update(Roster(after.CustomerID, after.Part).Key, e)
	}
}

// unchanged holds while a member's entry is the one that was read.
func (e *expression) unchanged(r seat.Roster, id string) {
	path := e.name("members") + "." + e.name(id)
	if m, is := r.Members[id]; is {
		e.when("%s = %s", path, e.value(m))
	} else {
		e.exists()
		e.when("attribute_not_exists(%s)", path)
	}
}

func sameMember(a, b seat.Member) bool { return a.Name == b.Name && maps.Equal(a.Seats, b.Seats) }

func sameRoster(a, b seat.Roster) bool {
	return maps.Equal(a.Modules, b.Modules) && maps.EqualFunc(a.Members, b.Members, sameMember)
}

func union[V any](a, b map[string]V) map[string]V {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]V{}
	}
	maps.Copy(all, b)
	return all
}

// expression is an update or a condition as DynamoDB writes it. Names and values are each given once.
type expression struct {
	names               map[string]string // placeholder by name
	values              item
	wheres              []string
	sets, adds, removes []string
}

func newExpression() *expression { return &expression{names: map[string]string{}, values: item{}} }

// absent holds while there is no item.
func absent() *expression {
	e := newExpression()
	e.when("attribute_not_exists(%s)", e.name(PartitionKey))
	return e
}

func (e *expression) name(attribute string) string {
	if e.names[attribute] == "" {
		e.names[attribute] = fmt.Sprint("#", len(e.names))
	}
	return e.names[attribute]
}

func (e *expression) value(v any) string {
	name := fmt.Sprint(":", len(e.values))
	e.values[name] = encodeValue(v)
	return name
}

func (e *expression) when(format string, args ...any) {
	if c := fmt.Sprintf(format, args...); !slices.Contains(e.wheres, c) {
		e.wheres = append(e.wheres, c)
	}
}

func (e *expression) exists() { e.when("attribute_exists(%s)", e.name(PartitionKey)) }

func (e *expression) set(attribute string, v any) {
	e.sets = append(e.sets, e.name(attribute)+" = "+e.value(v))
}

func (e *expression) add(attribute string, n int) {
	if n != 0 {
		e.adds = append(e.adds, e.name(attribute)+" "+e.value(n))
	}
}

func (e *expression) writes() bool { return len(e.sets)+len(e.adds)+len(e.removes) > 0 }

func (e *expression) condition() *string { return aws.String(strings.Join(e.wheres, " AND ")) }

func (e *expression) update() *string {
	var all []string
	for _, part := range []struct {
		verb string
		of   []string
	}{{"SET ", e.sets}, {"ADD ", e.adds}, {"REMOVE ", e.removes}} {
		if len(part.of) > 0 {
			all = append(all, part.verb+strings.Join(part.of, ", "))
		}
	}
	return aws.String(strings.Join(all, " "))
}

// placeholders are the names as DynamoDB wants them.
func (e *expression) placeholders() map[string]string {
	all := map[string]string{}
	for attribute, placeholder := range e.names {
		all[placeholder] = attribute
	}
	return all
}

// update changes parts of an item, if the expression's conditions hold.
func (tx *Tx) update(key Key, e *expression) {
	tx.write(key, types.TransactWriteItem{Update: &types.Update{
		TableName: &tx.table.name, Key: key.attributes(), UpdateExpression: e.update(), ConditionExpression: e.condition(),
		ExpressionAttributeNames: e.placeholders(), ExpressionAttributeValues: e.values,
	}})
}

// check has an answer given only if conditions on an item hold, which it rests on without writing it.
func (tx *Tx) check(key Key, e *expression) {
	values := e.values
	if len(values) == 0 {
		values = nil // DynamoDB refuses an empty map
	}
	tx.checks[key] = types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &tx.table.name, Key: key.attributes(), ConditionExpression: e.condition(),
		ExpressionAttributeNames: e.placeholders(), ExpressionAttributeValues: values,
	}}
}
