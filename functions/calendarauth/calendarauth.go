// Package calendarauth tells the gateway whose a link to a calendar is: it lets in whoever has a secret that was given out and not
// revoked. What the person who made the link may see is for the operation to find out.
package calendarauth

import (
	"context"

	"comptoir/shared/api"
	"comptoir/shared/id"
	"comptoir/shared/table"
)

// secretLength is how long the text of a secret is: what is shorter or longer was never given out.
const secretLength = 43

// Whose is the link of a secret, or nil.
func Whose(ctx context.Context, t *table.Table, secret string) (*api.Link, error) {
	if len(secret) != secretLength {
		return nil, nil
	}
	ref := table.LinkOf(id.Hash(secret))
	return table.Read(ctx, t, table.Call{Load: []table.Load{ref}, Allow: table.Unasked}, func(tx *table.Tx) (*api.Link, error) {
		l, some := ref.Find(tx)
		if !some {
			return nil, nil
		}
		return &api.Link{PartnerID: l.PartnerID, UserID: l.UserID, Language: l.Language}, nil
	})
}
