package main

import (
	"os"
	"strings"
	"testing"

	"comptoir/infra/local/blueprint"
	"comptoir/infra/local/engine"
	"comptoir/infra/local/enginetest"
	"comptoir/shared/mail"
	"comptoir/shared/phrase"
	"comptoir/shared/setting"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"golang.org/x/text/language"
)

// Each function that mails can do so with what it is given here, and its links lead here.
func TestFunctionsCanMail(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../snapshot/comptoir.template.json")
	if err != nil {
		t.Fatal(err)
	}
	b, err := blueprint.Read(data, blueprint.World{Region: engine.Region, AccountID: accountID})
	if err != nil {
		t.Fatal(err)
	}
	c := newCloud(settings{}, nil, "http://127.0.0.1:8081")
	c.dynamo, c.queues, c.mail = &engine.Process{}, &engine.Process{}, &engine.Process{URL: enginetest.Mail(t)}
	mailing := 0
	for _, f := range b.Functions {
		if f.Environment[setting.MailFrom] == "" {
			continue
		}
		c.point(f.Environment)
		mailing++
		url := f.Environment["AWS_ENDPOINT_URL_SESV2"]
		sender, err := mail.New(mail.Client(aws.Config{
			Region: f.Region, BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		}), mail.Settings{
			From: f.Environment[setting.MailFrom], Portal: f.Environment[setting.PortalURL], Denied: f.Environment[setting.DeniedMailDomains],
		})
		if err != nil {
			t.Fatal(err)
		}
		letter := mail.Letter{Sender: sender.Name(), Subject: phrase.Say("Hello"), Action: &mail.Action{Label: phrase.Say("Look"), URL: sender.Link()}}
		to := strings.ToLower(enginetest.Name()) + "@dupont.example"
		id, err := sender.Send(t.Context(), to, letter.In(language.English))
		if err != nil {
			t.Fatal(err)
		}
		_, store := get(t, url+"/store", "")
		for _, part := range []string{id, to, "Comptoir", c.home} {
			if !strings.Contains(store, part) {
				t.Errorf("%s: no %q was mailed: %s", f.Name, part, store)
			}
		}
	}
	if mailing == 0 {
		t.Error("no function mails")
	}
}
