package customers

import (
	"time"

	"golang.org/x/text/language"

	"comptoir/shared/api"
	"comptoir/shared/notice"
	"comptoir/shared/table"
)

type notificationsInput struct {
	api.OnPartner
	api.Paged
}

// Load announces the page.
func (in *notificationsInput) Load() []table.Load {
	return []table.Load{table.Notifications(in.PartnerID, in.Page())}
}

type notificationView struct {
	ID         string         `json:"id" doc:"Of the event that it tells of."`
	Kind       string         `json:"kind" example:"licence.taken"`
	At         time.Time      `json:"at"`
	CustomerID string         `json:"customerId"`
	Text       string         `json:"text" doc:"In the caller's language."`
	Data       map[string]any `json:"data"`
}

func showNotification(lang language.Tag) func(notice.Notification) notificationView {
	return func(n notice.Notification) notificationView {
		return notificationView{n.EventID, n.Kind, n.At, n.CustomerID, n.Text().In(lang), n.Data}
	}
}

func (s service) notifications(tx *table.Tx, in *notificationsInput) (*api.Listed[notificationView], error) {
	rows, next := table.Notifications(in.PartnerID, in.Page()).Rows(tx)
	return api.List(rows, next, showNotification(in.Language())), nil
}
