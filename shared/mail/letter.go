// Package mail writes letters and sends them through SES. A letter is content alone; who gets which is for
// others to say. No domain of the deny list is ever written to (requirements: C17).
package mail

import (
	_ "embed"
	"html/template"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"comptoir/shared/phrase"
)

// A Letter is what somebody is told, in no language yet. Each text is one paragraph: line breaks in it become
// spaces. What is empty is left out.
type Letter struct {
	Sender     string // who writes: the product or its publisher
	Subject    phrase.Text
	Greeting   phrase.Text
	Paragraphs []phrase.Text
	Table      *Table
	Action     *Action
	Why        phrase.Text // why one gets this letter
}

// An Action is the one thing to do, behind a link.
type Action struct {
	Label phrase.Text
	URL   string
}

// A Table lists things, one in a row, below the paragraphs. Each row has a cell for each column; the first says what it is about.
type Table struct {
	Columns []phrase.Text
	Rows    [][]Cell
}

// A Cell is what a column says of a row, and a detail below it.
type Cell struct{ Main, Detail phrase.Said }

// A Message is a letter in one language, as text and as HTML; both say the same.
type Message struct {
	Subject string // one line
	Text    string
	HTML    string
}

// In writes the letter in a language: French, or English for all others. Names that people chose may be among
// its words: whatever could end a line, hide or turn the reading around is taken out.
func (l Letter) In(lang language.Tag) Message {
	say := func(s phrase.Said) string {
		if s == nil {
			return ""
		}
		return shown(s.In(lang))
	}
	p := page{
		Lang: phrase.Spoken(lang).String(), Subject: say(l.Subject), Greeting: say(l.Greeting), Sender: shown(l.Sender), Why: say(l.Why),
	}
	for _, paragraph := range l.Paragraphs {
		if s := say(paragraph); s != "" {
			p.Paragraphs = append(p.Paragraphs, s)
		}
	}
	if l.Table != nil {
		p.fill(*l.Table, say)
	}
	if l.Action != nil {
		p.URL, p.Label = shown(l.Action.URL), say(l.Action.Label)
		p.Lead = say(phrase.Say("%s:", p.Label))
		p.Or = say(phrase.Say("If the button does nothing, open this link:"))
	}
	return Message{Subject: p.Subject, Text: p.text(), HTML: p.html()}
}

// page holds the words of a letter.
type page struct {
	Lang, Subject, Greeting string
	Paragraphs              []string
	Columns                 []string
	Rows                    [][]cell
	URL, Label, Lead, Or    string
	Sender, Why             string
}

// cell is a cell in words, with what leads to it where there are no columns.
type cell struct{ Lead, Main, Detail string }

func (p *page) fill(t Table, say func(phrase.Said) string) {
	for _, c := range t.Columns {
		p.Columns = append(p.Columns, say(c))
	}
	for _, row := range t.Rows {
		var cells []cell
		for n, c := range row {
			cells = append(cells, cell{say(phrase.Say("%s:", p.Columns[n])), say(c.Main), say(c.Detail)})
		}
		p.Rows = append(p.Rows, cells)
	}
}

// block is a row as text: what it is about, then a line for each column that says something.
func block(row []cell) string {
	var all []string
	for n, c := range row {
		said := c.Main
		if c.Detail != "" {
			said += " (" + c.Detail + ")"
		}
		switch {
		case c.Main == "":
		case n == 0:
			all = append(all, wrap(said))
		default:
			all = append(all, "- "+strings.ReplaceAll(within(width-2, c.Lead+" "+said), "\n", "\n  "))
		}
	}
	return strings.Join(all, "\n")
}

// text puts a blank line between paragraphs, and the link on a line of its own, whole.
func (p page) text() string {
	blocks := append([]string{wrap(p.Greeting)}, p.Paragraphs...)
	for i, paragraph := range blocks {
		blocks[i] = wrap(paragraph)
	}
	for _, row := range p.Rows {
		blocks = append(blocks, block(row))
	}
	if p.URL != "" {
		blocks = append(blocks, wrap(p.Lead)+"\n"+p.URL)
	}
	if foot := lines(wrap(p.Sender), wrap(p.Why)); foot != "" {
		blocks = append(blocks, "-- \n"+foot) // by this line, readers know where the letter ends
	}
	return strings.TrimLeft(strings.Join(blocks, "\n\n"), "\n") + "\n"
}

//go:embed letter.html
var source string

// Made when it is needed first: most functions that import the package write no letter.
var layout = sync.OnceValue(func() *template.Template { return template.Must(template.New("letter").Parse(source)) })

func (p page) html() string {
	var b strings.Builder
	if err := layout().Execute(&b, p); err != nil {
		panic(err) // of strings, into memory: cannot fail
	}
	return b.String()
}

// shown is a text on one line, without what isn't seen or turns the reading around.
func shown(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsGraphic(r), r == '\u200d': // joined emoji
			return r
		case unicode.IsSpace(r): // line breaks of every kind are
			return ' '
		}
		return -1
	}, s)
	return strings.Join(words(s), " ")
}

// words are what plain spaces part; no-break spaces hold together.
func words(s string) []string { return strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }) }

const width = 72 // characters of a line of text

// wrap breaks a text between words into lines; a word that is too long stays whole.
func wrap(s string) string { return within(width, s) }

func within(width int, s string) string {
	var b strings.Builder
	column := 0
	for _, word := range words(s) {
		n := utf8.RuneCountInString(word)
		switch {
		case column == 0:
		case column+1+n > width:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}

// lines joins those that are not empty.
func lines(all ...string) string {
	var b []string
	for _, s := range all {
		if s != "" {
			b = append(b, s)
		}
	}
	return strings.Join(b, "\n")
}
