package mail_test

import (
	"flag"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"pgregory.net/rapid"

	"comptoir/shared/calendar"
	"comptoir/shared/mail"
	"comptoir/shared/money"
	"comptoir/shared/phrase"
)

var update = flag.Bool("update", false, "write the letters of testdata anew")

// Words that stand in no catalogue.
var (
	greetings = map[language.Tag]string{language.English: "Hello Claire,", language.French: "Bonjour Claire,"}
	labels    = map[language.Tag]string{language.English: "Answer the request", language.French: "Répondre à la demande"}
	reasons   = map[language.Tag]string{
		language.English: "You get this because you manage the licences of Boulangerie Dupont. You can choose in your preferences what you are written about.",
		language.French:  "Vous recevez ce message parce que vous gérez les licences de Boulangerie Dupont. Vous choisissez dans vos préférences ce qui vous est écrit.",
	}
)

// request is a letter that has everything, about a customer of that name.
func request(name string, lang language.Tag) mail.Letter {
	return mail.Letter{
		Sender:   "Comptoir",
		Subject:  phrase.Say("%s asks for %d more seats of %s.", name, 5, "expenses"),
		Greeting: phrase.Say(greetings[lang]),
		Paragraphs: []phrase.Text{
			phrase.Say("%s asks for %d more seats of %s: “%s”", name, 5, "expenses", "À partir du 1er juin, <cinq> collègues & leurs notes de frais."),
			phrase.Say("%s: %d of %d seats of %s are used.", name, 10, 10, "expenses"),
		},
		Action: &mail.Action{Label: phrase.Say(labels[lang]), URL: "https://desk.example.com/customers/cus_dupont/seats/expenses?request=req_1&from=mail"},
		Why:    phrase.Say(reasons[lang]),
	}
}

// shown are the lines that a reader of the HTML sees, without the style.
func shown(message mail.Message) []string {
	_, body, _ := strings.Cut(message.HTML, "<body>")
	body = strings.ReplaceAll(body, "<br>", "\n")
	body = html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(body, ""))
	return strings.FieldsFunc(body, func(r rune) bool { return r == '\n' })
}

// unwrapped are the paragraphs of the text, each on one line.
func unwrapped(message mail.Message) string {
	return strings.ReplaceAll(strings.ReplaceAll(message.Text, "\n\n", "\x00"), "\n", " ")
}

// list is a letter with a table, whose second row is about a customer of that name.
func list(name string, lang language.Tag) mail.Letter {
	l := request("Dupont", lang)
	day := func(s string) phrase.Day {
		d, err := calendar.Parse(s)
		if err != nil {
			panic(err)
		}
		return phrase.Day(d)
	}
	price := phrase.Amount(money.Money{Amount: 120000, Currency: "EUR"})
	l.Table = &mail.Table{
		Columns: []phrase.Text{phrase.Say("Customer, licence"), phrase.Say("Renewal date"), phrase.Say("What happens"), phrase.Say("Seats that nobody has")},
		Rows: [][]mail.Cell{
			{{Main: phrase.Name("Maison Durand"), Detail: phrase.Say("%s × %d", "COMPTA-YEARLY", 10)}, {Main: day("2027-02-08"), Detail: phrase.Say("last day to act: %s", day("2027-02-07"))}, {Main: phrase.Say("is renewed"), Detail: phrase.Say("%s a year, before tax", price)}, {Main: phrase.Name("expenses 3, payroll 12")}},
			{{Main: phrase.Name(name), Detail: phrase.Say("%s × %d", "COMPTA-PRO", 1)}, {Main: day("2027-03-01")}, {Main: phrase.Say("ends"), Detail: phrase.Text{}}, {Main: phrase.Name("")}},
		},
	}
	return l
}

func TestALetterInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, lang := range []language.Tag{language.English, language.French} {
		for name, letter := range map[string]mail.Letter{"request": request("Boulangerie Dupont", lang), "list": list("Boulangerie Dupont", lang)} {
			got := letter.In(lang)
			for kind, content := range map[string]string{"txt": "Subject: " + got.Subject + "\n\n" + got.Text, "html": got.HTML} {
				file := filepath.Join("testdata", name+"."+lang.String()+"."+kind)
				if *update {
					if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				if want, err := os.ReadFile(file); err != nil || content != string(want) {
					t.Errorf("%s (%v); go test ./shared/mail -update && git diff shows what changed. Got\n%s", file, err, content)
				}
			}
		}
	}
}

// Each row of a table is a block of the text, which names what has a column in the HTML, and leaves out what is empty.
func TestATableIsReadAsTextToo(t *testing.T) {
	t.Parallel()
	got := list("Boulangerie Dupont", language.English).In(language.English)
	const rows = "\n\nMaison Durand (COMPTA-YEARLY × 10)\n- Renewal date: 8 February 2027 (last day to act: 7 February 2027)\n- What happens: is renewed (€1,200.00 a year, before tax)\n" +
		"- Seats that nobody has: expenses 3, payroll 12\n\nBoulangerie Dupont (COMPTA-PRO × 1)\n- Renewal date: 1 March 2027\n- What happens: ends\n\nAnswer the request:"
	if !strings.Contains(got.Text, rows) {
		t.Errorf("%q isn't in\n%s", rows, got.Text)
	}
	for line := range strings.Lines(list(strings.Repeat("long ", 40), language.French).In(language.French).Text) {
		if line = strings.TrimSuffix(line, "\n"); utf8.RuneCountInString(line) > 72 && strings.Contains(line, " ") && !strings.HasPrefix(line, "https:") {
			t.Errorf("too long: %q", line)
		}
	}
}

func TestNoNameBreaksATable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"</td></tr></table><script>", "a\r\n\r\nb", "{{.}}", "%s %d"})).Draw(t, "name")
		tame, got := list("Dupont", language.French).In(language.French), list(name, language.French).In(language.French)
		if !slices.Equal(tags.FindAllString(got.HTML, -1), tags.FindAllString(tame.HTML, -1)) {
			t.Errorf("%q makes other tags:\n%s", name, got.HTML)
		}
		if strings.Count(got.Text, "\n\n") != strings.Count(tame.Text, "\n\n") {
			t.Errorf("%q makes other paragraphs:\n%s", name, got.Text)
		}
	})
}

// F10: French for every French speaker, English for all others.
func TestALetterSaysItsLanguage(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{"fr": "fr", "fr-CA": "fr", "en-GB": "en", "de": "en", "und": "en"} {
		got := request("Dupont", language.English).In(language.MustParse(tag)).HTML
		if !strings.Contains(got, `<html lang="`+want+`">`) || !strings.Contains(got, `class="letter" lang="`+want+`"`) {
			t.Errorf("%s: the letter isn't in %s", tag, want)
		}
	}
}

func TestBothPartsSayTheSame(t *testing.T) {
	t.Parallel()
	for _, lang := range []language.Tag{language.English, language.French} {
		got := request("Boulangerie Dupont", lang).In(lang)
		text := unwrapped(got)
		for i, line := range shown(got) {
			if !strings.Contains(text, line) && i != 4 { // why there is a link below the button
				t.Errorf("only the HTML says %q; the text is\n%s", line, got.Text)
			}
		}
		if n := len(shown(got)); n != 8 {
			t.Errorf("%d lines: %q", n, shown(got))
		}
	}
}

func TestWhatIsEmptyIsLeftOut(t *testing.T) {
	t.Parallel()
	hello := phrase.Say("Hello")
	for name, c := range map[string]struct {
		letter mail.Letter
		text   string
		lines  int
	}{
		"nothing at all":    {mail.Letter{}, "\n", 0},
		"one paragraph":     {mail.Letter{Paragraphs: []phrase.Text{{}, hello, {}}}, "Hello\n", 1},
		"only the foot":     {mail.Letter{Why: hello}, "-- \nHello\n", 1},
		"only a sender":     {mail.Letter{Sender: "Comptoir"}, "-- \nComptoir\n", 1},
		"only an action":    {mail.Letter{Action: &mail.Action{Label: hello, URL: "https://a.example/"}}, "Hello:\nhttps://a.example/\n", 3},
		"greeting and foot": {mail.Letter{Greeting: hello, Sender: "Comptoir", Why: hello}, "Hello\n\n-- \nComptoir\nHello\n", 3},
	} {
		got := c.letter.In(language.English)
		if got.Text != c.text || len(shown(got)) != c.lines || strings.Contains(got.HTML, "<p></p>") {
			t.Errorf("%s: text %q and lines %q of\n%s", name, got.Text, shown(got), got.HTML)
		}
	}
}

func TestLinesAreShortUnlessAWordIsLong(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 100)
	letter := request(long, language.French)
	got := letter.In(language.French).Text
	for line := range strings.Lines(got) {
		if line = strings.TrimSuffix(line, "\n"); utf8.RuneCountInString(line) > 72 && strings.Contains(line, " ") {
			t.Errorf("too long: %q", line)
		}
	}
	for _, whole := range []string{long, letter.Action.URL} {
		if !slices.Contains(strings.Split(got, "\n"), whole) && !strings.Contains(got, whole) {
			t.Errorf("%s isn't whole in\n%s", whole, got)
		}
	}
	if !slices.Contains(strings.Split(got, "\n"), letter.Action.URL) {
		t.Errorf("the link has no line of its own:\n%s", got)
	}
}

func TestNothingIsFetchedOrTracked(t *testing.T) {
	t.Parallel()
	letter := request("Dupont", language.English)
	got := letter.In(language.English).HTML
	for _, foreign := range []string{"src=", "<img", "<link", "<script", "@import", "url("} {
		if strings.Contains(got, foreign) {
			t.Errorf("the letter has %s", foreign)
		}
	}
	for _, m := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(got, -1) {
		if html.UnescapeString(m[1]) != letter.Action.URL {
			t.Errorf("a link to %s", m[1])
		}
	}
	letter.Action.URL = "javascript:alert(1)"
	if got := letter.In(language.English).HTML; strings.Contains(got, `href="javascript`) {
		t.Error("a link that runs something")
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// Customers and partners choose their names.
func checkName(t rapid.TB, name string) {
	for _, lang := range []language.Tag{language.English, language.French} {
		tame, got := request("Dupont", lang).In(lang), request(name, lang).In(lang)
		for part, s := range map[string]string{"subject": got.Subject, "text": got.Text, "html": got.HTML} {
			for _, r := range s {
				if !unicode.IsGraphic(r) && r != '\u200d' && (r != '\n' || part == "subject") {
					t.Errorf("%U in the %s for %q", r, part, name)
				}
			}
			if !utf8.ValidString(s) {
				t.Errorf("the %s for %q is no text", part, name)
			}
		}
		if !slices.Equal(tags.FindAllString(got.HTML, -1), tags.FindAllString(tame.HTML, -1)) {
			t.Errorf("%q makes other tags:\n%s", name, got.HTML)
		}
		if strings.Count(got.Text, "\n\n") != strings.Count(tame.Text, "\n\n") {
			t.Errorf("%q makes other paragraphs:\n%s", name, got.Text)
		}
		if first := shown(got)[1]; !strings.HasPrefix(first, got.Subject[:len(got.Subject)/8]) {
			t.Errorf("%q: subject %q, paragraph %q", name, got.Subject, first)
		}
	}
}

func TestNoNameBreaksALetter(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"L’Étoile & Cie", "株式会社", "👩\u200d💻", "%s %d %!", "{{.}}", `"><img src=x onerror=alert(1)>`, "</p></body><script>alert(1)</script>", "]]>--><!--",
		"Dupont\r\nBcc: other@example.com", "Dupont\n\nhttps://evil.example", "a\x00b", "a\u0085b", "a\u2028b\u2029c", "\u202eevil\u2066", "\ufeff", "a\tb\vc", "\xff\xfe", "",
	} {
		checkName(t, name)
	}
	const want = "Dupont Bcc: x y z asks for 5 more seats of expenses."
	if got := request("Dupont\r\nBcc: \u202ex\u2028y\u2029z", language.English).In(language.English).Subject; got != want {
		t.Error(got)
	}
	rapid.Check(t, func(t *rapid.T) { checkName(t, rapid.String().Draw(t, "name")) })
}
