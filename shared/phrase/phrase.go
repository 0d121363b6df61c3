// Package phrase holds what is said to people, in English and French: refusals, effects, notices.
package phrase

import (
	"fmt"

	"golang.org/x/text/language"
)

// Text is a sentence to show: an English format, which is also its key in the French catalogue,
// and what goes into it; texts, days and amounts among that are said in the same language.
type Text struct {
	Format string
	Args   []any
}

// Said is what is said in a language: a text, a day, an amount, a name.
type Said interface{ In(language.Tag) string }

// Say makes a text. Every format needs a French one in french.go; a test sees to it.
func Say(format string, args ...any) Text { return Text{format, args} }

// In is the sentence in a language: French, or English for all others.
func (t Text) In(lang language.Tag) string {
	format := t.Format
	if Spoken(lang) == language.French && french[format] != "" {
		format = french[format]
	}
	args := make([]any, len(t.Args))
	for i, arg := range t.Args {
		if within, ok := arg.(Said); ok {
			arg = within.In(lang)
		}
		args[i] = arg
	}
	return fmt.Sprintf(format, args...)
}

// Spoken is the language of what is said in lang: French, or English for all others.
func Spoken(lang language.Tag) language.Tag {
	if base, _ := lang.Base(); base.String() == "fr" {
		return language.French
	}
	return language.English
}
