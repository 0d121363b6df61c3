package table

import "comptoir/shared/notice"

// Notification
//
//	PK PARTNER#p   SK NOTIFICATION#<event id>, which sorts by time
var _ = describe("notification", func(n notice.Notification) keys {
	return keys{primary: Notification(n.PartnerID, n.EventID).Key}
})

// Notification is what a partner is told of an event.
func Notification(partnerID, eventID string) Ref[notice.Notification] {
	return Ref[notice.Notification]{Key{partnerPartition(partnerID), "NOTIFICATION#" + eventID}}
}

// Notifications are what a partner was told, latest first.
func Notifications(partnerID string, p Page) List[notice.Notification] {
	q := within(partnerPartition(partnerID), "NOTIFICATION#", p)
	q.backward = true
	return List[notice.Notification]{q}
}
