package source

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// A record of a stream, in the shape that functions and filters see.
type record struct {
	sequence string
	created  time.Time
	event    map[string]any
}

func newRecord(r types.Record, streamARN, region string) (record, error) {
	change := map[string]any{
		"SequenceNumber": aws.ToString(r.Dynamodb.SequenceNumber),
		"SizeBytes":      float64(aws.ToInt64(r.Dynamodb.SizeBytes)),
		"StreamViewType": string(r.Dynamodb.StreamViewType),
	}
	created := aws.ToTime(r.Dynamodb.ApproximateCreationDateTime)
	if !created.IsZero() {
		change["ApproximateCreationDateTime"] = float64(created.Unix())
	}
	for name, image := range map[string]map[string]types.AttributeValue{
		"Keys": r.Dynamodb.Keys, "NewImage": r.Dynamodb.NewImage, "OldImage": r.Dynamodb.OldImage,
	} {
		if image == nil {
			continue
		}
		encoded, err := encodeMap(image)
		if err != nil {
			return record{}, err
		}
		change[name] = encoded
	}
	return record{
		sequence: aws.ToString(r.Dynamodb.SequenceNumber),
		created:  created,
		event: map[string]any{
			"eventID":        aws.ToString(r.EventID),
			"eventName":      string(r.EventName),
			"eventVersion":   "1.1",
			"eventSource":    "aws:dynamodb",
			"eventSourceARN": streamARN,
			"awsRegion":      region,
			"dynamodb":       change,
		},
	}, nil
}

func encodeMap(attributes map[string]types.AttributeValue) (map[string]any, error) {
	encoded := map[string]any{}
	for name, value := range attributes {
		one, err := encodeAttribute(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		encoded[name] = one
	}
	return encoded, nil
}

// encodeAttribute writes a value in DynamoDB's JSON. Bytes become base64 when the event is marshalled.
func encodeAttribute(value types.AttributeValue) (map[string]any, error) {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return map[string]any{"S": v.Value}, nil
	case *types.AttributeValueMemberN:
		return map[string]any{"N": v.Value}, nil
	case *types.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": v.Value}, nil
	case *types.AttributeValueMemberNULL:
		return map[string]any{"NULL": v.Value}, nil
	case *types.AttributeValueMemberB:
		return map[string]any{"B": v.Value}, nil
	case *types.AttributeValueMemberSS:
		return map[string]any{"SS": v.Value}, nil
	case *types.AttributeValueMemberNS:
		return map[string]any{"NS": v.Value}, nil
	case *types.AttributeValueMemberBS:
		return map[string]any{"BS": v.Value}, nil
	case *types.AttributeValueMemberM:
		encoded, err := encodeMap(v.Value)
		return map[string]any{"M": encoded}, err
	case *types.AttributeValueMemberL:
		list := make([]any, len(v.Value))
		for i, element := range v.Value {
			encoded, err := encodeAttribute(element)
			if err != nil {
				return nil, err
			}
			list[i] = encoded
		}
		return map[string]any{"L": list}, nil
	}
	return nil, fmt.Errorf("attribute type %T is not known locally", value)
}

// encodeEvent makes the event of a batch.
func encodeEvent(batch []record) ([]byte, error) {
	events := make([]map[string]any, len(batch))
	for i, r := range batch {
		events[i] = r.event
	}
	return json.Marshal(map[string]any{"Records": events})
}
