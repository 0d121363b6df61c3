package table

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"comptoir/shared/event"
)

// stored is an event beside its subject. It is never changed and never goes.
//
//	PK that of its subject   SK EVENT#<id>, which sorts by time
type stored struct {
	event.Event
	partition string
}

// EventType is the type of event items; the stream's filter looks for it.
const EventType = "event"

var _ = describe(EventType, func(e stored) keys {
	return keys{primary: Key{e.partition, "EVENT#" + e.ID}}
})

// CustomerActivity is what happened to a customer, latest first.
func CustomerActivity(customerID string, p Page) List[event.Event] {
	q := within(customerPartition(customerID), "EVENT#", p)
	q.backward = true
	return List[event.Event]{q}
}

// partitionOf is where a subject lies.
func partitionOf(a event.About) string {
	if a.Kind == "customer" {
		return customerPartition(a.ID)
	}
	return plans
}

// EventFrom reads an event from its item, as the table's stream brings it (JSON with DynamoDB's types).
func EventFrom(image []byte) (event.Event, error) {
	it, err := attributevalue.UnmarshalMapJSON(image)
	if err != nil {
		return event.Event{}, err
	}
	e, err := decode[event.Event](it)
	if err == nil && e.ID == "" {
		err = errors.New("table: not an event")
	}
	return e, err
}
