// Package site serves the pages for the developer: where everything is, and the documentation of the
// API, which needs no network.
package site

import (
	"bytes"
	"html/template"
	"net/http"
	"os"
)

// A Start page tells where everything is.
type Start struct {
	API     string
	Mail    string // address of the mail viewer
	Users   []Person
	Clients []string // machines
	Today   string   // the day that the clock shows
}

// A Person is a line of the start page.
type Person struct{ Name, Email, Role string }

// Files are where the documentation page finds its parts.
type Files struct {
	Contract string // the OpenAPI document
	Swagger  string // folder of swagger-ui-dist
}

var startPage = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Comptoir on this machine</title>
<style>body{font:1rem/1.5 system-ui;max-width:50rem;margin:3rem auto;padding:0 1rem}
th,td{text-align:left;padding:.2rem 1rem .2rem 0}code{background:#eee;padding:.1rem .3rem}</style>
<main>
<h1>Comptoir on this machine</h1>
<ul>
<li><a href="/docs/">Documentation of the API</a>, at <code>{{.API}}/v1</code></li>
<li><a href="{{.Mail}}">Mail that was sent</a></li>
</ul>
<p>Its clock shows <time>{{.Today}}</time>. To move it on by a month: <code>go run ./infra/local advance 31d</code></p>
<h2>Who can sign in</h2>
<table>
<tr><th>Name</th><th>Address</th><th>Role</th></tr>
{{range .Users}}<tr><td>{{.Name}}</td><td>{{.Email}}</td><td>{{.Role}}</td></tr>
{{end}}</table>
<p>Machines: {{range $i, $c := .Clients}}{{if $i}}, {{end}}<code>{{$c}}</code>{{end}}.</p>
<p>An access token, for the documentation's “Authorize” or for a script:
<code>go run ./infra/local token {{with index .Users 0}}{{.Email}}{{end}}</code></p>
</main>
`))

const docsPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Comptoir: the API</title>
<link rel="stylesheet" href="ui/swagger-ui.css">
<link rel="icon" href="ui/favicon-32x32.png">
<main id="api"></main>
<script src="ui/swagger-ui-bundle.js"></script>
<script>
SwaggerUIBundle({url: "openapi.yaml", dom_id: "#api", deepLinking: true, persistAuthorization: true, tryItOutEnabled: true, validatorUrl: null})
</script>
`

// Register adds the pages to the mux: the start page at /, the documentation at /docs/.
func Register(mux *http.ServeMux, start func() Start, files Files) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		var page bytes.Buffer
		if err := startPage.Execute(&page, start()); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		serveHTML(w, page.Bytes())
	})
	mux.HandleFunc("GET /docs/{$}", func(w http.ResponseWriter, _ *http.Request) { serveHTML(w, []byte(docsPage)) })
	mux.HandleFunc("GET /docs/openapi.yaml", func(w http.ResponseWriter, r *http.Request) {
		contract, err := os.ReadFile(files.Contract) // anew, so that a reload shows a change
		if err != nil {
			http.Error(w, files.Contract+" is not there", http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/yaml")
		w.Header().Set("Cache-Control", "no-store")
		w.Write(contract)
	})
	mux.Handle("GET /docs/ui/", http.StripPrefix("/docs/ui/", http.FileServer(http.Dir(files.Swagger))))
}

func serveHTML(w http.ResponseWriter, page []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(page)
}
