package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"comptoir/infra/local/source"
)

// patience is how long a mail may take that follows from what was just done.
const patience = time.Minute

// printMail prints the text of the latest mail to an address, once there is one.
func printMail(ctx context.Context, dir, address string) error {
	a, err := running(dir)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for ctx.Err() == nil {
		mail, found, err := latest(ctx, a.Mail, address)
		if err != nil {
			return err
		}
		if found {
			fmt.Printf("%s\n\n%s\n", mail.Subject, strings.TrimSpace(mail.Body.Text))
			return nil
		}
		source.Wait(ctx, time.Second/2)
	}
	return fmt.Errorf("no mail to %s has come; all that came is at %s", address, a.Mail)
}

// letter is a mail as the viewer keeps it.
type letter struct {
	Destination struct{ To []string }
	Subject     string
	Body        struct{ Text string }
	At          int64 // seconds since 1970, by the local cloud's clock
}

func latest(ctx context.Context, viewer, address string) (last letter, found bool, err error) {
	letters, err := lettersOf(ctx, viewer+"/store")
	for _, m := range letters {
		if slices.Contains(m.Destination.To, address) && (!found || m.At >= last.At) {
			last, found = m, true
		}
	}
	return last, found, err
}

// mailsSince counts the mails that were sent since an instant of the local cloud's clock.
func mailsSince(ctx context.Context, viewer string, since time.Time) (int, error) {
	letters, err := lettersOf(ctx, fmt.Sprintf("%s/store?since=%d", viewer, since.Unix()))
	return len(letters), err
}

func lettersOf(ctx context.Context, url string) ([]letter, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var store struct{ Emails []letter }
	return store.Emails, json.NewDecoder(answer.Body).Decode(&store)
}
