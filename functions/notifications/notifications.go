// Package notifications answers the operations on what an organisation is told: read it, mark it as read.
package notifications

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"time"

	"golang.org/x/text/language"

	"comptoir/shared/api"
	"comptoir/shared/notice"
	"comptoir/shared/problem"
	"comptoir/shared/table"
)

// Operations are those of the area.
func Operations(api.Env) []api.Operation {
	const ofPartner, ofCustomer = "/v1/partners/{partnerId}/notifications", "/v1/customers/{customerId}/notifications"
	return []api.Operation{
		api.Read("listNotifications", "GET "+ofPartner, "Read what the partner was told, latest first",
			func(tx *table.Tx, in *partnerList) (*api.Listed[notificationView], error) {
				return list(tx, in.all(in.PartnerID), in.Language())
			}),
		api.Write("markNotifications", "PATCH "+ofPartner, "Mark notifications of the partner as read, or unread", http.StatusOK,
			func(tx *table.Tx, in *partnerMark) (*api.Reply[markedView], error) { return in.mark(tx, in.PartnerID) }),
		api.Read("listCustomerNotifications", "GET "+ofCustomer, "Read what the customer's administrators were told, latest first",
			func(tx *table.Tx, in *customerList) (*api.Listed[notificationView], error) {
				return list(tx, in.all(in.CustomerID), in.Language())
			}),
		api.Write("markCustomerNotifications", "PATCH "+ofCustomer, "Mark notifications of the customer as read, or unread", http.StatusOK,
			func(tx *table.Tx, in *customerMark) (*api.Reply[markedView], error) {
				return in.mark(tx, in.CustomerID)
			}),
	}
}

// Listing is which notifications are listed.
type Listing struct {
	api.Paged
	Unread bool `query:"unread" doc:"Only those that nobody has read."`
}

func (p Listing) all(organisationID string) table.List[notice.Notification] {
	return table.Notifications(organisationID, p.Unread, p.Page())
}

type partnerList struct {
	api.OnPartner
	Listing
}

// Load announces the page.
func (in *partnerList) Load() []table.Load { return []table.Load{in.all(in.PartnerID)} }

type customerList struct {
	api.OnCustomer
	Listing
}

// Load announces the page.
func (in *customerList) Load() []table.Load { return []table.Load{in.all(in.CustomerID)} }

type notificationView struct {
	ID         string         `json:"id" doc:"Of the event that it tells of."`
	Kind       string         `json:"kind" example:"licence.taken"`
	At         time.Time      `json:"at"`
	CustomerID string         `json:"customerId"`
	Text       string         `json:"text" doc:"In the caller's language."`
	Data       map[string]any `json:"data"`
	Read       bool           `json:"read" doc:"By anybody of the organisation."`
}

func list(tx *table.Tx, all table.List[notice.Notification], lang language.Tag) (*api.Listed[notificationView], error) {
	rows, next := all.Rows(tx)
	if !api.SeesAmounts(tx) {
		rows = slices.DeleteFunc(rows, notice.Notification.OfMoney)
	}
	return api.List(rows, next, func(n notice.Notification) notificationView {
		return notificationView{n.EventID, n.Kind, n.At, n.CustomerID, n.Text().In(lang), n.Data, !n.ReadAt.IsZero()}
	}), nil
}

// Marks is which notifications are marked, and how.
type Marks struct {
	api.Once
	Body struct {
		IDs  []string `json:"ids" minItems:"1" maxItems:"90" uniqueItems:"true" doc:"All of them, or none if one is unknown."`
		Read bool     `json:"read"`
	}
}

var eventID = regexp.MustCompile(`^evt_[0-9a-z]{1,40}$`)

// Check refuses what can't be an id.
func (m *Marks) Check() error {
	for i, id := range m.Body.IDs {
		if !eventID.MatchString(id) {
			return unknown(i)
		}
	}
	return nil
}

func unknown(i int) error {
	return problem.Invalid(fmt.Sprintf("body.ids[%d]", i), "There is no such notification.")
}

func (m *Marks) refs(organisationID string) []table.Load {
	var all []table.Load
	for _, id := range m.Body.IDs {
		all = append(all, table.Notification(organisationID, id))
	}
	return all
}

type markedView struct {
	Changed int `json:"changed" doc:"How many were not so before."`
}

func (m *Marks) mark(tx *table.Tx, organisationID string) (*api.Reply[markedView], error) {
	reply := &api.Reply[markedView]{}
	for i, id := range m.Body.IDs {
		n, ok := table.Notification(organisationID, id).Find(tx)
		if !ok {
			return nil, unknown(i)
		}
		if marked := n.Mark(m.Body.Read, tx.Now); marked.ReadAt != n.ReadAt {
			tx.Put(&marked)
			reply.Body.Changed++
		}
	}
	return reply, nil
}

type partnerMark struct {
	api.OnPartner
	Marks
}

// Load announces the notifications.
func (in *partnerMark) Load() []table.Load { return in.refs(in.PartnerID) }

type customerMark struct {
	api.OnCustomer
	Marks
}

// Load announces the notifications.
func (in *customerMark) Load() []table.Load { return in.refs(in.CustomerID) }
