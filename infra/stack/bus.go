package stack

import (
	"comptoir/shared/setting"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/jsii-runtime-go"
)

// busName is by what name the publisher's rules find the bus.
const busName = "comptoir"

// makeBus makes the bus that carries every event to the publisher's own account. Rules on it are the publisher's.
func (b *builder) makeBus() {
	b.bus = awsevents.NewEventBus(b.stack, jsii.String("Bus"), &awsevents.EventBusProps{
		EventBusName: jsii.String(busName),
		Description:  jsii.String("Comptoir: every event"),
	})
	b.made[setting.EventBus] = b.bus.EventBusName()
	b.output("EventBusName", b.bus.EventBusName())
}
