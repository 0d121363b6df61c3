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

// Activity is what happened to a customer or to a partner, latest first; what one actor did, if one is given.
func Activity(organisationID, actor string, p Page) List[event.Event] {
	q := within(organisationPartition(organisationID), "EVENT#", p)
	q.backward = true
	if actor != "" {
		q.where[0] = condition{"actor.id", "=", actor}
	}
	return List[event.Event]{q}
}

// EventOf is an event of a customer by its id.
func EventOf(customerID, eventID string) Ref[event.Event] {
	return Ref[event.Event]{Key{customerPartition(customerID), "EVENT#" + eventID}}
}

// Copy keeps an event of a customer that follows from one of its partner.
func (tx *Tx) Copy(e event.Event) {
	tx.Put(&stored{Event: e, partition: customerPartition(e.Subject)})
}

// publisherPartition is where what concerns the publisher itself lies.
const publisherPartition = "PUBLISHER"

// partitionOf is where a subject lies.
func partitionOf(a event.About) string {
	switch a.Kind {
	case "customer":
		return customerPartition(a.ID)
	case "partner":
		return partnerPartition(a.ID)
	case "user":
		return userPartition(a.ID)
	case event.Publisher:
		return publisherPartition
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
