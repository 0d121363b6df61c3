package table

import (
	"time"

	"comptoir/shared/notice"
	"comptoir/shared/partner"
)

// Notification
//
//	PK PARTNER#p or CUSTOMER#c   SK NOTIFICATION#<event id>, which sorts by time
var _ = describe("notification", func(n notice.Notification) keys {
	return keys{primary: Notification(n.OrganisationID, n.EventID).Key}
})

// Notification is what an organisation is told of an event.
func Notification(organisationID, eventID string) Ref[notice.Notification] {
	return Ref[notice.Notification]{Key{organisationPartition(organisationID), "NOTIFICATION#" + eventID}}
}

// Notifications are what an organisation was told, latest first; only what nobody has read, if so wanted.
func Notifications(organisationID string, unread bool, p Page) List[notice.Notification] {
	q := within(organisationPartition(organisationID), "NOTIFICATION#", p)
	q.backward = true
	if unread {
		q.where[0] = condition{"readAt", "=", time.Time{}.Format(time.RFC3339)}
	}
	return List[notice.Notification]{q}
}

func organisationPartition(id string) string {
	if partner.IsID(id) {
		return partnerPartition(id)
	}
	return customerPartition(id)
}
