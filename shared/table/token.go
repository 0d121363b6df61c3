package table

import "time"

// Token is what a link that was mailed is good for. The link carries the secret, and here is its hash.
//
//	PK TOKEN#<hash>   SK TOKEN   expires a month after the link
type Token struct {
	Hash      string    `json:"hash"`
	Number    int64     `json:"number"` // of the invitation, or of the address wanted
	ExpiresAt time.Time `json:"linkExpiresAt"`

	PartnerID      string `json:"partnerId,omitempty"` // invites a collaborator
	CollaboratorID string `json:"collaboratorId,omitempty"`

	UserID string `json:"userId,omitempty"` // or confirms an address of a user
	Which  string `json:"which,omitempty"`
}

var _ = describe("token", func(t Token) keys {
	return keys{primary: TokenOf(t.Hash).Key, until: t.ExpiresAt.AddDate(0, 1, 0)}
})

// TokenOf is a token by the hash of its secret.
func TokenOf(hash string) Ref[Token] { return Ref[Token]{Key{"TOKEN#" + hash, "TOKEN"}} }
