package nameserver_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"comptoir/infra/local/nameserver"
)

func TestRecordsOfAFile(t *testing.T) {
	t.Parallel()
	f := nameserver.File(filepath.Join(t.TempDir(), "records"))
	says := func(name string, code dnsmessage.RCode, values ...string) {
		t.Helper()
		if a := f.Answer(name); a.Code != code || !slices.Equal(a.Values, values) {
			t.Errorf("%s: says %v %q, want %v %q", name, a.Code, a.Values, code, values)
		}
	}
	says("a.example", dnsmessage.RCodeNameError) // there is no file yet
	for _, r := range [][2]string{{"A.example.", "one two"}, {"a.example", ""}, {"b.example", "three"}} {
		if err := f.Add(r[0], r[1]); err != nil {
			t.Fatal(err)
		}
	}
	says("a.example", dnsmessage.RCodeSuccess, "one two", "")
	says("b.example", dnsmessage.RCodeSuccess, "three")
	says("example", dnsmessage.RCodeNameError)
	says("x.a.example", dnsmessage.RCodeNameError)

	for _, bad := range [][2]string{{"", "x"}, {"a b", "x"}, {strings.Repeat("a.", 200), "x"}, {"c.example", "x\ny"}} {
		if err := f.Add(bad[0], bad[1]); err == nil {
			t.Errorf("%q was added", bad)
		}
	}
	says("c.example", dnsmessage.RCodeNameError)

	if a := nameserver.File(t.TempDir()).Answer("a.example"); a.Code != dnsmessage.RCodeServerFailure {
		t.Errorf("what can't be read says %v", a.Code)
	}
}
