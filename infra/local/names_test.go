package main

import (
	"os"
	"slices"
	"testing"

	"comptoir/infra/local/blueprint"
	"comptoir/infra/local/engine"
	"comptoir/shared/dns"
	"comptoir/shared/setting"
)

// Functions that ask about customers' domains ask the DNS of this cloud, and no other.
func TestFunctionsAskTheDNSOfTheCloud(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../snapshot/comptoir.template.json")
	if err != nil {
		t.Fatal(err)
	}
	b, err := blueprint.Read(data, blueprint.World{Region: engine.Region, AccountID: accountID})
	if err != nil {
		t.Fatal(err)
	}
	c := newCloud(settings{}, &folder{dir: t.TempDir()}, "")
	c.dynamo, c.queues, c.mail = &engine.Process{}, &engine.Process{}, &engine.Process{}
	if err := c.startNames(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.names.Close)
	asking := 0
	for _, f := range b.Functions {
		if _, asks := f.Environment[setting.DNSServer]; !asks {
			continue
		}
		asking++
		if c.point(f.Environment); f.Environment[setting.DNSServer] != c.names.Address() {
			t.Errorf("%s asks %s", f.Name, f.Environment[setting.DNSServer])
		}
	}
	if asking == 0 {
		t.Error("no function asks")
	}
}

// wantRecords finds that the cloud's DNS has what is added, and nothing else.
func wantRecords(t *testing.T, dir, server string) {
	t.Helper()
	resolver, err := dns.New(server)
	if err != nil {
		t.Fatal(err)
	}
	const name = "_comptoir.dupont.example"
	for _, want := range [][]string{nil, {"one thing"}, {"one thing", "another"}} {
		if len(want) > 0 {
			if err := addRecord(dir, name, want[len(want)-1]); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := resolver.LookupTXT(t.Context(), name); err != nil || !slices.Equal(got, want) {
			t.Errorf("the DNS says %q, %v; want %q", got, err, want)
		}
	}
	if err := addRecord(dir, "not a name", "x"); err == nil {
		t.Error("anything is a name")
	}
}
