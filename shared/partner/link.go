package partner

import (
	"slices"
	"time"

	"comptoir/shared/event"
	"comptoir/shared/problem"
	"comptoir/shared/stamp"
)

// MaxLinks is how many links to its calendar a partner has at the most.
const MaxLinks = 20

// Link lets a calendar program read a partner's renewals without signing in (F3). It shows what the person who made it may see
// there, and nothing once that is nothing.
type Link struct {
	ID        string    `json:"id"`
	Hash      string    `json:"secretHash"` // of its secret
	PartnerID string    `json:"partnerId"`
	UserID    string    `json:"userId"` // who made it
	By        string    `json:"by"`
	Language  string    `json:"language"` // for programs that ask for none
	MadeAt    time.Time `json:"madeAt"`
}

// Links are all of a partner's, oldest first.
type Links struct {
	stamp.Stamp
	PartnerID string `json:"partnerId"`
	All       []Link `json:"links"`
}

// The kinds of the events of links.
const (
	LinkMade    = "partner.calendarLinkMade"
	LinkRevoked = "partner.calendarLinkRevoked"
)

// Add adds a link. Errors: problem.Conflict limit_reached.
func (l Links) Add(link Link) (Links, event.Fact, error) {
	if len(l.All) >= MaxLinks {
		return l, event.Fact{}, problem.Conflict("limit_reached", "A partner has %d links to its calendar at the most; revoke one first.", MaxLinks)
	}
	l.All = append(slices.Clone(l.All), link)
	return l, link.fact(LinkMade), nil
}

// Revoke takes a link away; administrators may any, others their own. Errors: problem.NotFound, problem.Forbidden.
func (l Links) Revoke(id, by string, administers bool) (Links, Link, event.Fact, error) {
	n := slices.IndexFunc(l.All, func(link Link) bool { return link.ID == id })
	if n < 0 {
		return l, Link{}, event.Fact{}, problem.NotFound()
	}
	link := l.All[n]
	if link.UserID != by && !administers {
		return l, link, event.Fact{}, problem.Forbidden("The link is somebody else's; its maker or an administrator can revoke it.")
	}
	l.All = slices.Delete(slices.Clone(l.All), n, n+1)
	return l, link, link.fact(LinkRevoked), nil
}

func (l Link) fact(kind string) event.Fact {
	return event.New(kind, map[string]any{"linkId": l.ID, "userId": l.UserID, "name": l.By})
}
