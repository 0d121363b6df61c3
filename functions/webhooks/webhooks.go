// Package webhooks sends events to the endpoints that want them (F8): for each message one event, or one delivery that is to be made
// again. It decides by the deliveries as they are now, so that a message that comes twice, late or out of order sends nothing twice.
package webhooks

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"comptoir/shared/event"
	"comptoir/shared/queue"
	"comptoir/shared/setting"
	"comptoir/shared/table"
	"comptoir/shared/webhook"
)

// Message is what the queue brings: an event from the outbox, or what falls due from the scan and from here.
type Message struct {
	event.Event
	table.Due
}

// Desk makes deliveries.
type Desk struct {
	Table *table.Table
	Post  Post
	Queue queue.Sender // the function's own
	Rests *Rests       // nil: silent endpoints are not left alone
}

// Handler is the handler of a deployment. It stops a function whose settings don't name its queue.
func Handler(t *table.Table) func(context.Context, Message) error {
	again, err := queue.Open(setting.WebhookQueue)
	if err != nil {
		setting.Stop(err)
	}
	return Desk{t, NewPost(setting.List(setting.PrivateHosts), Timeout), again, &Rests{}}.Handle
}

// attempt is one that has begun, at a moment.
type attempt struct {
	endpoint webhook.Endpoint
	delivery webhook.Delivery
	at       time.Time
}

// Handle makes the deliveries of an event that were not made yet, or the one that falls due.
func (d Desk) Handle(ctx context.Context, m Message) error {
	if m.Type != "" {
		if m.Type != table.TypeOf[webhook.Delivery]() {
			return fmt.Errorf("webhooks: nobody looks after a %q", m.Type)
		}
		owner, endpointID, deliveryID := m.DeliveryOf()
		return d.again(ctx, owner, endpointID, deliveryID)
	}
	var group errgroup.Group // what fails with one endpoint stops no other
	group.Go(func() error { return d.deliver(ctx, m.Event) })
	if m.Kind == webhook.Tested || m.Kind == webhook.Replayed {
		owner := m.Subject // that of the endpoint is what its events are about
		group.Go(func() error { return d.again(ctx, owner, m.Text("endpointId"), m.Text("deliveryId")) })
	}
	return group.Wait()
}

// deliver makes the deliveries of an event, side by side.
func (d Desk) deliver(ctx context.Context, e event.Event) error {
	begun, err := d.begin(ctx, e)
	if err != nil {
		return err
	}
	var group errgroup.Group
	for _, a := range begun {
		group.Go(func() error { return d.make(ctx, a) })
	}
	return group.Wait()
}

// begin keeps a delivery for each endpoint that wants the event, and begins the attempts that are due.
func (d Desk) begin(ctx context.Context, e event.Event) (begun []attempt, err error) {
	body, err := webhook.Body(e)
	if err != nil {
		return nil, err
	}
	var registries []table.Load
	for _, owner := range webhook.Owners(e) {
		registries = append(registries, table.WebhooksOf(owner))
	}
	turn := ""
	err = d.write(ctx, registries, func(tx *table.Tx) error {
		var all []attempt
		var load []table.Load
		for _, owner := range webhook.Owners(e) {
			r, _ := table.WebhooksOf(owner).Find(tx)
			for _, endpoint := range r.Endpoints {
				if endpoint.Wants(e) {
					first := webhook.Deliver(e, body, owner, endpoint.ID, tx.Now)
					all = append(all, attempt{endpoint, first, tx.Now})
					load = append(load, table.DeliveryOf(owner, endpoint.ID, first.ID))
				}
			}
		}
		if err := tx.Load(load...); err != nil {
			return err
		}
		begun = nil
		for _, a := range all {
			if was, exists := table.DeliveryOf(a.delivery.Owner, a.endpoint.ID, a.delivery.ID).Find(tx); exists {
				a.delivery = was
			}
			if a.begin(tx, &turn, d.Rests) {
				begun = append(begun, a)
			}
		}
		return nil
	})
	return begun, err
}

// again makes a delivery if it is due.
func (d Desk) again(ctx context.Context, owner, endpointID, deliveryID string) error {
	registry, ref := table.WebhooksOf(owner), table.DeliveryOf(owner, endpointID, deliveryID)
	var begun *attempt
	turn := ""
	err := d.write(ctx, []table.Load{registry, ref}, func(tx *table.Tx) error {
		begun = nil
		r, _ := registry.Find(tx)
		delivery, exists := ref.Find(tx)
		endpoint, err := r.Find(endpointID)
		a := attempt{endpoint, delivery, tx.Now}
		switch {
		case !exists:
		case delivery.Due(tx.Now) && (err != nil || !endpoint.Enabled):
			delivery = delivery.Drop()
			tx.Put(&delivery)
		case a.begin(tx, &turn, d.Rests):
			begun = &a
		}
		return nil
	})
	if err != nil || begun == nil {
		return err
	}
	return d.make(ctx, *begun)
}

// begin begins the attempt if it is due, or knows it again: when nobody could tell whether that was written, it is decided anew. An endpoint
// that rests is left alone: the delivery waits, and only that is to be told.
func (a *attempt) begin(tx *table.Tx, turn *string, rests *Rests) bool {
	if *turn != "" && a.delivery.Turn == *turn {
		return true
	}
	if !a.delivery.Due(tx.Now) {
		return false
	}
	if until := rests.of(a.endpoint.ID); tx.Now.Before(until) {
		a.delivery = a.delivery.Wait(until)
		tx.Put(&a.delivery)
		return true
	}
	if *turn == "" {
		*turn = tx.NewID("try")
	}
	a.delivery = a.delivery.Begin(*turn, tx.Now)
	tx.Put(&a.delivery)
	return true
}

// make sends, notes what that came to, and has the next attempt made that is soon. Later ones are found by the scan, and so is one
// whose message is lost.
func (d Desk) make(ctx context.Context, a attempt) error {
	if a.delivery.Turn == "" { // it waits
		return d.soon(ctx, a.delivery, a.at)
	}
	outcome, err := d.Post.Send(ctx, a.endpoint, a.delivery, a.at)
	if err != nil {
		return err
	}
	if outcome.Silent {
		d.Rests.note(a.endpoint.ID, a.at.Add(rest))
	}
	var after webhook.Delivery
	var now time.Time
	registry, ref := table.WebhooksOf(a.delivery.Owner), table.DeliveryOf(a.delivery.Owner, a.endpoint.ID, a.delivery.ID)
	err = d.write(ctx, []table.Load{registry, ref}, func(tx *table.Tx) error {
		r, _ := registry.Find(tx)
		endpoint, _ := r.Find(a.endpoint.ID) // deleted meanwhile: nothing is left to be said of it
		was, err := ref.Get(tx)
		if err != nil {
			return err
		}
		outcome.At, now = tx.Now, tx.Now
		delivery, is, facts := was.End(endpoint, a.delivery.Turn, outcome)
		if delivery.Last != was.Last {
			tx.Put(&delivery)
		}
		if after = delivery; is.Enabled != endpoint.Enabled || is.Failing != endpoint.Failing {
			r, _ = r.Replace(is, tx.Now)
			tx.Put(&r)
		}
		tx.Record(&r, facts...)
		return nil
	})
	if err != nil {
		return err
	}
	return d.soon(ctx, after, now)
}

// soon has a delivery made again that is due before long. What is due later is found by the scan.
func (d Desk) soon(ctx context.Context, delivery webhook.Delivery, now time.Time) error {
	const late = time.Second // clocks differ, and a message that comes early does nothing
	if wait := delivery.DueAt.Sub(now) + late; delivery.State == webhook.Pending && wait <= queue.LongestDelay {
		return d.Queue.Send(ctx, table.DueDelivery(delivery), wait)
	}
	return nil
}

// write decides about what was loaded. Nobody asks for it: the system acts.
func (d Desk) write(ctx context.Context, load []table.Load, decide func(*table.Tx) error) error {
	return table.Work(ctx, d.Table, "deliverWebhook", load, decide)
}
