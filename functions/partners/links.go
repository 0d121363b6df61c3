package partners

import (
	"slices"
	"time"

	"comptoir/shared/api"
	"comptoir/shared/membership"
	"comptoir/shared/partner"
	"comptoir/shared/phrase"
	"comptoir/shared/table"
)

// linkView is a link as the partner's people see it. Its address is shown to whoever makes it, once.
type linkView struct {
	ID        string    `json:"id" example:"lnk_7f3k"`
	By        string    `json:"by" doc:"Who made it: it shows what that person may see."`
	UserID    string    `json:"userId"`
	CreatedAt time.Time `json:"createdAt"`
}

func showLink(l partner.Link) linkView { return linkView{l.ID, l.By, l.UserID, l.MadeAt} }

type newLinkView struct {
	linkView
	URL string `json:"url,omitempty" format:"uri" doc:"For calendar programs to subscribe to. Whoever has it reads the calendar. It is not kept: absent from the answer to a request that is repeated."`
}

// Kept is the link without what is said once.
func (v newLinkView) Kept() newLinkView {
	v.URL = ""
	return v
}

// OnLinks is about a partner's links to its calendar.
type OnLinks struct{ api.OnPartner }

// Load announces the links.
func (in *OnLinks) Load() []table.Load { return []table.Load{table.Links(in.PartnerID)} }

func (in *OnLinks) links(tx *table.Tx) partner.Links {
	l, some := table.Links(in.PartnerID).Find(tx)
	if !some {
		l.PartnerID = in.PartnerID
	}
	return l
}

type linksInput struct{ OnLinks }

func (s service) listLinks(tx *table.Tx, in *linksInput) (*api.Listed[linkView], error) {
	return api.List(in.links(tx).All, "", showLink), nil
}

type makeLinkInput struct {
	OnLinks
	api.Once
}

func (s service) makeLink(tx *table.Tx, in *makeLinkInput) (*api.Told[newLinkView], error) {
	p, err := table.Partner(in.PartnerID).Get(tx)
	if err != nil {
		return nil, err
	}
	secret, hash := tx.NewSecret()
	link := partner.Link{
		ID: tx.NewID("lnk"), Hash: hash, PartnerID: p.ID, UserID: tx.Actor.ID, By: tx.Actor.Name,
		Language: phrase.Spoken(in.Language()).String(), MadeAt: tx.Now,
	}
	links, fact, err := in.links(tx).Add(link)
	if err != nil {
		return nil, err
	}
	tx.Put(&links)
	tx.Put(&link)
	tx.Record(&p, fact)
	return &api.Told[newLinkView]{Body: newLinkView{showLink(link), in.URL(api.RenewalCalendar + "?token=" + secret)}}, nil
}

type revokeLinkInput struct {
	OnLinks
	api.Once
	LinkID string `path:"linkId" maxLength:"64" pattern:"^lnk_[0-9a-z]+$" example:"lnk_7f3k"`
}

func (s service) revokeLink(tx *table.Tx, in *revokeLinkInput) (*api.Reply[linkView], error) {
	p, err := table.Partner(in.PartnerID).Get(tx)
	if err != nil {
		return nil, err
	}
	administers := in.Caller().Machine() || slices.ContainsFunc(tx.Roles, func(role string) bool {
		return role == string(membership.GlobalAdmin) || role == string(membership.AccountAdmin)
	})
	links, link, fact, err := in.links(tx).Revoke(in.LinkID, tx.Actor.ID, administers)
	if err != nil {
		return nil, err
	}
	tx.Put(&links)
	table.Delete(tx, table.LinkOf(link.Hash))
	tx.Record(&p, fact)
	return &api.Reply[linkView]{Body: showLink(link)}, nil
}
