package table

import (
	"fmt"
	"math"
	"time"

	"comptoir/shared/customer"
	"comptoir/shared/notice"
)

// Digest
//
//	PK PARTNER#p   SK DIGEST#<day>#<number>   expires a year later
//	GSI5 when it is to go out
var _ = describe("digest", func(d notice.Digest) keys {
	return keys{primary: Digest(d.DigestID).Key, due: d.DueAt, until: d.Until.AddDate(1, 0, 0)}
})

// Line of a digest
//
//	PK DIGEST#p#<day>#<number>   SK <renewal date>#<customer's name>#<event id>   expires a year later
var _ = describe("line", func(l notice.Line) keys {
	sk := l.On.String() + "#" + cut(customer.SortName(l.CustomerName)) + "#" + l.EventID
	return keys{primary: Key{linesPartition(l.DigestID), sk}, until: l.Day.Start(time.UTC).AddDate(1, 0, 0)}
})

// Digest is a digest by its id.
func Digest(id notice.DigestID) Ref[notice.Digest] {
	return Ref[notice.Digest]{Key{partnerPartition(id.PartnerID), fmt.Sprintf("DIGEST#%s#%03d", id.Day, id.Number)}}
}

// Lines are the reminders of a digest, the soonest renewal first.
func Lines(id notice.DigestID, p Page) List[notice.Line] {
	return List[notice.Line]{within(linesPartition(id), "", p)}
}

// AllLines are all of them, however many.
func AllLines(id notice.DigestID) List[notice.Line] {
	l := Lines(id, Page{Limit: math.MaxInt})
	l.query.whole = true
	return l
}

func linesPartition(id notice.DigestID) string {
	return fmt.Sprintf("DIGEST#%s#%s#%03d", id.PartnerID, id.Day, id.Number)
}
