package functions_test

import (
	"fmt"
	"sync"
	"testing"

	"comptoir/functions/apitest"
)

// Cleo's seat is taken away after it was read, and the gauge is read without it; then another gets one. What is said of
// Cleo has to be true at that moment, whether the two lie in the same part of the roster or not.
func TestAnAnswerIsTrueAtOneMoment(t *testing.T) {
	t.Parallel()
	for other, where := range map[string]string{"mia": "in the same part", "dora": "in another"} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			w := apitest.New(t)
			w.Machine("product").Do("PUT "+members+"/"+other, map[string]any{"name": "M."}).Is(t, 201)
			manager(w).Do("POST "+holders, giving("cleo")).Is(t, 201)
			through, p := w.Through(t)
			var once sync.Once
			p.Before = func(operation string, _ []byte) {
				if operation == "TransactWriteItems" {
					once.Do(func() {
						manager(w).Do("DELETE "+holders+"/cleo", nil).Is(t, 200)
						wantGauge(t, w, "0/10 ok")
					})
				}
			}
			a := manager(through).Do("POST "+holders, giving("cleo", other)).Is(t, 201)
			if got, want := fmt.Sprint(a.Get("added"), a.Get("alreadyHeld")), fmt.Sprintf("[cleo %s] []", other); got != want {
				t.Errorf("added and held before: %s, want %s", got, want)
			}
			wantGauge(t, w, "2/10 ok")
		})
	}
}
