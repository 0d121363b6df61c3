package problem_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"comptoir/shared/phrase"
	"comptoir/shared/problem"
)

// Programs go by the kind and the code: neither may change.
func TestKindsAndCodesAreStable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  *problem.Error
		kind problem.Kind
		code string
	}{
		{problem.Invalid("body.quantity", "Too much."), problem.KindInvalid, "invalid_input"},
		{problem.Unauthenticated(), problem.KindUnauthenticated, "unauthenticated"},
		{problem.Forbidden("No."), problem.KindForbidden, "forbidden"},
		{problem.NotFound(), problem.KindNotFound, "not_found"},
		{problem.Conflict("licence_permanent", "It stays."), problem.KindConflict, "licence_permanent"},
		{problem.Changed(), problem.KindConflict, "conflict"},
		{problem.Stale(), problem.KindPrecondition, "version_mismatch"},
		{problem.KeyReused(), problem.KindInvalid, "idempotency_key_reused"},
		{problem.TooMany(), problem.KindTooMany, "too_many_requests"},
		{problem.Unavailable(), problem.KindUnavailable, "unavailable"},
	} {
		t.Run(c.code, func(t *testing.T) {
			t.Parallel()
			if c.err.Kind != c.kind || c.err.Code != c.code || c.err.Detail.Format == "" {
				t.Errorf("got %+v", c.err)
			}
		})
	}
}

func TestFailureIsFoundWithinOthers(t *testing.T) {
	t.Parallel()
	gone := problem.NotFound()
	if got := problem.Of(fmt.Errorf("loading: %w", gone)); got != gone {
		t.Errorf("got %v", got)
	}
	if got := problem.Of(errors.New("broken")); got != nil {
		t.Errorf("got %v of an error that nobody may see", got)
	}
	if got := problem.Of(nil); got != nil {
		t.Errorf("got %v of none", got)
	}
}

// The cause is for the log: it is never part of what is shown.
func TestCauseIsLoggedAndNotShown(t *testing.T) {
	t.Parallel()
	cause := errors.New("connection refused")
	plain := problem.Unavailable()
	with := plain.Because(cause)
	if plain.Cause != nil || !errors.Is(with, cause) {
		t.Errorf("got %v of %v", with, plain)
	}
	if want := plain.Error() + ": connection refused"; with.Error() != want {
		t.Errorf("logged as %q, want %q", with, want)
	}
	if !reflect.DeepEqual(with.Detail, plain.Detail) {
		t.Errorf("shows %v", with.Detail)
	}
}

func TestErrorIsOneEnglishLine(t *testing.T) {
	t.Parallel()
	err := problem.Invalid("body.quantity", "The quantity is from 1 to %d.", 9)
	if got, want := err.Error(), "invalid_input: The request is not valid.; body.quantity: The quantity is from 1 to 9."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A refusal names its fields by where they stand in the input, for example within a preview.
func TestWithinMovesFieldsAndAltersNothing(t *testing.T) {
	t.Parallel()
	err := problem.Invalid("body.term", "No.")
	err.Fields = append(err.Fields, problem.Field{Name: "path.id", Detail: phrase.Say("No.")}, problem.Field{Name: "body", Detail: phrase.Say("No.")})
	moved := err.Within("body", "body.take")
	names := []string{}
	for _, f := range moved.Fields {
		names = append(names, f.Name)
	}
	if want := []string{"body.take.term", "path.id", "body.take"}; !reflect.DeepEqual(names, want) {
		t.Errorf("moved to %v, want %v", names, want)
	}
	if err.Fields[0].Name != "body.term" || moved.Code != err.Code || moved.Kind != err.Kind {
		t.Errorf("%v became %v", err, moved)
	}
}
