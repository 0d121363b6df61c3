package functions_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"comptoir/functions/apitest"
	"comptoir/shared/membership"
)

// part is a part of an answer as it was sent, byte for byte.
func part(t *testing.T, a apitest.Answer, path ...string) string {
	t.Helper()
	at := json.RawMessage(a.Text)
	for _, name := range path {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(at, &object); err != nil {
			t.Fatal(err)
		}
		at = object[name]
	}
	return string(at)
}

// What a preview shows is what committing it does, to the byte (F1).
func TestAPreviewIsWhatItsCommitDoes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ preview, commit string }{
		"of a licence to take": {`{"take":{"planCode":"COMPTA-PRO","term":"month","quantity":7}}`, "POST " + durands},
		"of a trial to take":   {`{"take":{"planCode":"COMPTA-YEARLY","term":"year","quantity":7,"trial":true}}`, "POST " + durands},
		"of more units":        {`{"licenceId":"lic_durand","change":{"quantity":13}}`, changeDurand},
		"of another plan":      {`{"licenceId":"lic_durand","change":{"planCode":"COMPTA-PRO"}}`, changeDurand},
		"of a change at renewal": {
			`{"licenceId":"lic_durand","change":{"quantity":3,"planCode":"COMPTA-PRO","term":"month","when":"atRenewal"}}`, changeDurand,
		},
		"of a cancellation": {`{"licenceId":"lic_durand","cancel":{"note":"moving on"}}`, "POST " + oneOfDurand + "/cancel"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apitest.New(t)
			preview := seller(w).Do(previewForDurand, c.preview).Is(t, 201)
			w.Advance(14*time.Minute + 59*time.Second)
			done := seller(w).Do(c.commit, committing(preview.String("previewId")))
			if done.Status/100 != 2 {
				t.Fatalf("answered %d %s", done.Status, done.Text)
			}
			for _, of := range []string{"lines", "total"} {
				if shown, did := part(t, preview, of), part(t, done, "charge", of); shown != did {
					t.Errorf("%s\nshown %s\ndone  %s", of, shown, did)
				}
			}
			shown := strings.TrimSuffix(part(t, preview, "licence"), "}")
			if !strings.HasPrefix(done.Text, shown) {
				t.Errorf("shown %s\ndone  %s", shown, done.Text)
			}
		})
	}
}

func TestAPreviewIsRefused(t *testing.T) {
	t.Parallel()
	change := set{"licenceId": apitest.DurandLicence, "change": set{"quantity": 12}}
	takes := set{"take": order(apitest.Yearly, "year", 1)}
	for name, c := range map[string]struct {
		preview set
		before  func(t *testing.T, w *apitest.World, id string)
		request string
		body    func(id string) any
		status  int
		code    string
	}{
		"after fifteen minutes": {change, func(_ *testing.T, w *apitest.World, _ string) { w.Advance(15 * time.Minute) }, changeDurand, committing, 409, "preview_expired"},
		"once it was used": {change, func(t *testing.T, w *apitest.World, id string) {
			seller(w).Do(changeDurand, committing(id)).Is(t, 200)
		}, changeDurand, committing, 409, "preview_expired"},
		"to take, once it was used": {takes, func(t *testing.T, w *apitest.World, id string) {
			seller(w).Do("POST "+durands, committing(id)).Is(t, 201)
		}, "POST " + durands, committing, 409, "preview_expired"},
		"after the licence was changed": {change, func(t *testing.T, w *apitest.World, _ string) {
			seller(w).Do(changeDurand, set{"quantity": 11}).Is(t, 200)
		}, changeDurand, committing, 412, "version_mismatch"},
		"for another customer":     {takes, nil, takeForDupont, committing, 409, "preview_expired"},
		"for another action":       {change, nil, "POST " + oneOfDurand + "/cancel", committing, 422, "invalid_input"},
		"for taking one":           {change, nil, "POST " + durands, committing, 422, "invalid_input"},
		"with other fields beside": {change, nil, changeDurand, func(id string) any { return set{"previewId": id, "quantity": 12} }, 422, "invalid_input"},
		"that nobody made":         {change, nil, changeDurand, func(string) any { return committing("pre_nobody") }, 409, "preview_expired"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apitest.New(t)
			id := previewed(c.preview)(t, w)
			if c.before != nil {
				c.before(t, w, id)
			}
			before := strings.Join(w.Contents(), "\n")
			a := seller(w).Do(c.request, c.body(id)).Is(t, c.status, c.code)
			if c.status == 422 && a.String("errors.0.field") != "body.previewId" {
				t.Error(a.Text)
			}
			if strings.Join(w.Contents(), "\n") != before {
				t.Error("something was changed")
			}
		})
	}
	t.Run("to all but one of those who commit it at once", func(t *testing.T) {
		t.Parallel()
		w := apitest.New(t)
		id := previewed(takes)(t, w)
		answers := make([]apitest.Answer, 8)
		var all sync.WaitGroup
		for i := range answers {
			all.Go(func() { answers[i] = seller(w).Do("POST "+durands, committing(id)) })
		}
		all.Wait()
		done := 0
		for _, a := range answers {
			if a.Status == 201 {
				done++
			} else {
				a.Is(t, 409, "preview_expired")
			}
		}
		if done != 1 {
			t.Errorf("%d committed it", done)
		}
	})
}

func TestIfMatch(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	seen := seller(w).Do("GET "+oneOfDurand, nil).Is(t, 200).Header["etag"]
	for _, stale := range []string{`"2"`, `"0"`, "1", "nonsense"} {
		seller(w).Do(changeDurand, set{"quantity": 11}, "If-Match: "+stale).Is(t, 412, "version_mismatch")
	}
	changed := seller(w).Do(changeDurand, set{"quantity": 11}, "If-Match: "+seen).Is(t, 200)
	seller(w).Do(changeDurand, set{"quantity": 12}, "If-Match: "+seen).Is(t, 412, "version_mismatch")
	seller(w).Do("POST "+oneOfDurand+"/suspend", set{}, "If-Match: "+seen).Is(t, 412, "version_mismatch")
	seller(w).Do("POST "+oneOfDurand+"/cancel", set{}, "If-Match: W/"+changed.Header["etag"]).Is(t, 200)
	operator := w.Machine("operator")
	operator.Do(putPro, bodies["putPlan"]("Edited"), `If-Match: "7"`).Is(t, 412, "version_mismatch")
	operator.Do(putPro, bodies["putPlan"]("Edited"), "If-Match: *").Is(t, 200)
}

func TestCursors(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	list := martin + "/customers"
	cursor := viewer(w).Do("GET "+list+"?limit=1", nil).Is(t, 200).String("nextCursor")
	if next := viewer(w).Do("GET "+list+"?limit=100&cursor="+cursor, nil).Is(t, 200); next.String("items.0.id") != apitest.Durand || next.String("nextCursor") != "" {
		t.Errorf("the next page is %s", next.Text)
	}
	nuages := w.As(apitest.Nuage, membership.GlobalAdmin)
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		t.Fatal(err)
	}
	forged := base64.RawURLEncoding.EncodeToString([]byte(strings.ReplaceAll(string(text), apitest.Martin, apitest.Nuage)))
	for name, c := range map[string]struct {
		by                apitest.Client
		request, itCursor string
	}{
		"of another partner":       {nuages, "/v1/partners/par_nuage/customers", cursor},
		"forged for one's own":     {nuages, "/v1/partners/par_nuage/customers", forged},
		"forged for another's":     {viewer(w), list, forged},
		"of another order":         {viewer(w), list + "?sort=renewsOn", cursor},
		"of another filter":        {viewer(w), list + "?status=active", cursor},
		"of a search":              {viewer(w), list + "?q=maison", cursor},
		"of another list":          {viewer(w), durands, cursor},
		"that is cut":              {viewer(w), list, cursor[:len(cursor)-4]},
		"that is no base 64":       {viewer(w), list, "%25%25%25"},
		"that is no cursor":        {viewer(w), list, base64.RawURLEncoding.EncodeToString([]byte(`{"s":null,"k":[]}`))},
		"that is too long for one": {viewer(w), list, strings.Repeat("A", 2001)},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			sign := "?"
			if strings.Contains(c.request, "?") {
				sign = "&"
			}
			a := c.by.Do("GET "+c.request+sign+"limit=1&cursor="+c.itCursor, nil).Is(t, 422, "invalid_input")
			if a.String("errors.0.field") != "query.cursor" {
				t.Error(a.Text)
			}
		})
	}
}

func TestWhatBelongsToOthersIsNotThere(t *testing.T) {
	t.Parallel()
	w := apitest.New(t)
	for _, licence := range []string{apitest.NuitLicence, apitest.DurandLicence, "lic_nobody"} {
		one := "/v1/customers/" + apitest.Dupont + "/licences/" + licence // another customer's
		seller(w).Do("GET "+one, nil).Is(t, 404, "not_found")
		for _, act := range []string{"change", "cancel", "suspend", "resume"} {
			seller(w).Do("POST "+one+"/"+act, bodies[act+"Licence"]("")).Is(t, 404, "not_found")
		}
		seller(w).Do("POST /v1/customers/"+apitest.Dupont+"/licences/preview", set{"licenceId": licence, "cancel": set{}}).Is(t, 404, "not_found")
	}
}
