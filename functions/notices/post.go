package notices

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"golang.org/x/text/language"

	"comptoir/shared/event"
	"comptoir/shared/mail"
	"comptoir/shared/notice"
	"comptoir/shared/table"
)

// Desk writes and posts the letters.
type Desk struct {
	Table    *table.Table
	Post     *mail.Sender
	ResetURL string // where people set a new password, at their sign-in
}

// A posting is a letter to somebody.
type posting struct {
	to     string
	lang   string // fr, en, or empty for the publisher's
	letter mail.Letter
	token  *table.Token // that the letter's link carries, for those that do
}

// hourly is how many mails go to one address in an hour: whoever asks for them, nobody is flooded.
const hourly = 30

var errFlood = errors.New("notices: too many mails to this address within the hour")

// mail posts what an event asks for, but for what was posted or what nobody wants any more. One that fails keeps none of the others; the
// message comes again, for those that are left.
func (d Desk) mail(ctx context.Context, e event.Event) error {
	all, err := table.Read(ctx, d.Table, table.Call{Allow: table.Unasked}, func(tx *table.Tx) (*[]posting, error) {
		all, err := d.letters(tx, e)
		return &all, err
	})
	if err != nil {
		return err
	}
	var failed error
	var m notice.Mailing
	for _, p := range *all {
		sent, err := d.post(ctx, e, p)
		if failed = errors.Join(failed, err); sent.State != "sent" {
			continue
		}
		if err != nil { // sent, and not noted: nor would the next be
			return failed
		}
		m = m.With(sent.At, sent.ID)
	}
	if failed != nil || e.Kind != notice.RemindersGathered {
		return failed
	}
	return d.mailed(ctx, e, m)
}

// post posts one letter, unless that was done, and notes what became of it. What it says was sent was, even if it couldn't be noted.
func (d Desk) post(ctx context.Context, e event.Event, p posting) (table.Sent, error) {
	ref, sent := table.MailOf(e.ID, p.to)
	flood := false
	done, _, err := table.Write(ctx, d.Table, table.Call{Load: []table.Load{ref}, Allow: table.Unasked}, func(tx *table.Tx) (_ *table.Sent, err error) {
		if s, done := ref.Find(tx); done {
			return &s, nil
		}
		if p.token != nil {
			p.carry(tx, *p.token)
		}
		flood, err = p.count(tx, notice.Routes[e.Kind])
		return nil, err
	})
	switch {
	case err != nil:
		return table.Sent{}, err
	case done != nil:
		return *done, nil
	case flood:
		err = errFlood
	default:
		p.letter.Sender = d.Post.Name()
		sent.ID, err = d.Post.Send(ctx, p.to, p.letter.In(spoken(p.lang)))
	}
	switch {
	case errors.Is(err, mail.ErrDenied), errors.Is(err, errFlood):
		slog.WarnContext(ctx, "mail suppressed", "eventId", e.ID, "kind", e.Kind, "reason", err)
		sent.State = "suppressed"
	case mail.Refused(err): // it would be refused again
		slog.ErrorContext(ctx, "mail refused", "eventId", e.ID, "kind", e.Kind, "error", err)
		sent.State = "refused"
	case err != nil:
		return table.Sent{}, err
	}
	err = d.note(ctx, e, ref, &sent)
	return sent, err
}

// carry has the letter's link carry a new token, which is written with it. Nobody else ever sees the secret.
func (p *posting) carry(tx *table.Tx, t table.Token) {
	secret, hash := tx.NewSecret()
	t.Hash = hash
	tx.Put(&t)
	page, _, _ := strings.Cut(p.letter.Action.URL, "#")
	p.letter.Action.URL = page + "#" + secret // behind the sign, where neither servers nor other pages see it
}

// count counts the mail, and tells whether it is one too many.
func (p *posting) count(tx *table.Tx, route notice.Route) (flood bool, err error) {
	if route.Uncounted {
		return false, nil
	}
	ref, first := table.MailsTo(p.to, tx.Now)
	if err := tx.Load(ref); err != nil {
		return false, err
	}
	h, some := ref.Find(tx)
	if !some {
		h = first
	}
	if h.Mails >= hourly {
		return true, nil
	}
	h.Mails++
	tx.Put(&h)
	return false, nil
}

// note keeps what became of a mail, unless another note was quicker, which then counts. With that of a reminder to a customer
// goes its proof (F3).
func (d Desk) note(ctx context.Context, e event.Event, ref table.Ref[table.Sent], sent *table.Sent) error {
	return table.Work(ctx, d.Table, "mailReminder", []table.Load{ref}, func(tx *table.Tx) error {
		if first, done := ref.Find(tx); done {
			*sent = first
			return nil
		}
		sent.At = tx.Now
		tx.Put(sent)
		if !notice.Reminds(e) || sent.State != "sent" {
			return nil
		}
		of := table.Customer(e.Subject)
		if err := tx.Load(of); err != nil {
			return err
		}
		if c, there := of.Find(tx); there {
			tx.Record(&c, notice.ReminderOf(e.Fact).Sent("customer", notice.Mailing{}.With(sent.At, sent.ID)))
		}
		return nil
	})
}

// mailed notes that a digest has reached those it could, once; the proof of each customer follows.
func (d Desk) mailed(ctx context.Context, e event.Event, m notice.Mailing) error {
	ref, of := table.Digest(notice.DigestOf(e)), table.Partner(e.PartnerID)
	return table.Work(ctx, d.Table, "mailReminders", []table.Load{ref, of}, func(tx *table.Tx) error {
		before, err := ref.Get(tx)
		if err != nil {
			return err
		}
		p, err := of.Get(tx)
		if err != nil {
			return err
		}
		if after, facts := before.Mailed(m); len(facts) > 0 {
			tx.Put(&after)
			tx.Record(&p, facts...)
		}
		return nil
	})
}

// spoken is a language that people are written to in: French, which is the publisher's, unless they prefer English.
func spoken(lang string) language.Tag {
	if lang == "en" {
		return language.English
	}
	return language.French
}
