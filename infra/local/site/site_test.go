package site_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"comptoir/infra/local/site"
)

func TestPages(t *testing.T) {
	t.Parallel()
	contract := filepath.Join(t.TempDir(), "openapi.yaml")
	if err := os.WriteFile(contract, []byte("openapi: 3.1.0"), 0o600); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	days := 0
	site.Register(mux, func() site.Start {
		days++
		return site.Start{
			API: "http://localhost:8080", Mail: "http://127.0.0.1:8005",
			Users:   []site.Person{{Name: "Claire <Martin>", Email: "claire@cabinet-martin.example"}},
			Clients: []string{"operator", "product"}, Today: fmt.Sprintf("2026-12-%02d", days),
		}
	}, site.Files{Contract: contract, Swagger: "../../../node_modules/swagger-ui-dist"})
	for _, c := range []struct {
		path, kind string
		has        []string
	}{
		{"/", "text/html; charset=utf-8", []string{`href="/docs/"`, `href="http://127.0.0.1:8005"`, "Claire &lt;Martin&gt;", "<code>operator</code>, <code>product</code>", "<time>2026-12-01</time>"}},
		{"/", "text/html; charset=utf-8", []string{"<time>2026-12-02</time>"}}, // the clock goes on
		{"/docs/", "text/html; charset=utf-8", []string{"ui/swagger-ui-bundle.js", "openapi.yaml"}},
		{"/docs/openapi.yaml", "application/yaml", []string{"openapi: 3.1.0"}},
		{"/docs/ui/swagger-ui-bundle.js", "text/javascript; charset=utf-8", []string{"SwaggerUIBundle"}},
	} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("GET", c.path, nil))
		if w.Code != 200 || w.Header().Get("Content-Type") != c.kind {
			t.Errorf("%s: %d %s", c.path, w.Code, w.Header().Get("Content-Type"))
		}
		for _, text := range c.has {
			if !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s: no %q", c.path, text)
			}
		}
	}
}
