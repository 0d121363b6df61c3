package functions_test

import (
	"testing"

	"comptoir/functions/apitest"
	"comptoir/shared/membership"
)

// Of an organisation that the caller has nothing to do with nothing is read, so that the time of the
// refusal tells nothing either.
func TestNothingIsReadElsewhere(t *testing.T) {
	t.Parallel()
	w, p := apitest.New(t).Through(t)
	stranger := w.As(apitest.Nuage, membership.GlobalAdmin)
	neighbour := w.As(apitest.Nuit, membership.Admin)
	for request, by := range map[string]apitest.Client{
		"GET " + martin + "/customers":       stranger,
		"GET " + martin + "/licences/count":  stranger,
		"GET " + dupont + "/licences":        neighbour,
		"GET " + martin + "/customers?q=mai": stranger,
	} {
		p.Reset()
		by.Do(request, nil).Is(t, 404, "not_found")
		if read := p.Usage().Calls; read["Query"] > 0 || read["BatchGetItem"] != 1 {
			t.Errorf("%s: %v", request, read)
		}
	}
}
