package phrase

import (
	"testing"

	"golang.org/x/text/language"
)

// F10: people are answered in French or in English.
func TestTextIsSaidInTheLanguage(t *testing.T) {
	t.Parallel()
	const format = "The plan %s has no trial."
	for _, c := range []struct {
		name string
		lang language.Tag
		want string
	}{
		{"French", language.French, "Le forfait TEAM n’a pas de période d’essai."},
		{"French as in Belgium", language.MustParse("fr-BE"), "Le forfait TEAM n’a pas de période d’essai."},
		{"English", language.English, "The plan TEAM has no trial."},
		{"English for all others", language.German, "The plan TEAM has no trial."},
		{"English where nothing is asked", language.Und, "The plan TEAM has no trial."},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := Say(format, "TEAM").In(c.lang); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	t.Run("English where French is missing", func(t *testing.T) {
		t.Parallel()
		if got := Say("Nobody says %d.", 3).In(language.French); got != "Nobody says 3." {
			t.Errorf("got %q", got)
		}
	})
}
