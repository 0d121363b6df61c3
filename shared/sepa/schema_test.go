package sepa_test

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"sync"

	"pgregory.net/rapid"
)

const namespace = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"

// An element is one of the schema pain.001.001.09, as EPC132-08 restricts it, down to what a file of transfers between companies may
// hold. Its children come in this order. Texts match a pattern.
type element struct {
	name     string
	occurs   string // "" once, "?" at most once, "+" at least once
	pattern  *regexp.Regexp
	currency bool // it bears Ccy="EUR"
	choice   bool // exactly one of its children is there
	children []element
}

const (
	text    = `[A-Za-z0-9/?:().,'+-]([A-Za-z0-9/?:().,'+ -]*[A-Za-z0-9/?:().,'+-])?`
	number  = `[0-9]{1,15}`
	decimal = `[0-9]{1,16}\.[0-9]{2}`
	iban    = `[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}`
	bic     = `[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?`
)

func leaf(name, pattern string) element {
	return element{name: name, pattern: regexp.MustCompile(`^(?:` + pattern + `)$`)}
}

func group(name string, children ...element) element { return element{name: name, children: children} }

func (e element) optional() element { e.occurs = "?"; return e }

// schema is made once: patterns take their time.
var schema = sync.OnceValue(func() element {
	other := group("Othr", leaf("Id", "NOTPROVIDED"))
	bank := element{name: "FinInstnId", choice: true, children: []element{leaf("BICFI", bic), other}}
	account := func(name string) element {
		return group(name, group("Id", leaf("IBAN", iban)), leaf("Ccy", "EUR").optional())
	}
	instructed := leaf("InstdAmt", `[0-9]{1,9}\.[0-9]{2}`)
	instructed.currency = true
	transaction := group("CdtTrfTxInf",
		group("PmtId", leaf("InstrId", text).optional(), leaf("EndToEndId", text)),
		group("Amt", instructed),
		group("CdtrAgt", group("FinInstnId", leaf("BICFI", bic))).optional(),
		group("Cdtr", leaf("Nm", text)),
		account("CdtrAcct"),
		group("RmtInf", leaf("Ustrd", text)).optional(),
	)
	transaction.occurs = "+"
	return group("Document", group("CstmrCdtTrfInitn",
		group("GrpHdr",
			leaf("MsgId", text), leaf("CreDtTm", `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`), leaf("NbOfTxs", number), leaf("CtrlSum", decimal),
			group("InitgPty", leaf("Nm", text))),
		group("PmtInf",
			leaf("PmtInfId", text), leaf("PmtMtd", "TRF"), leaf("BtchBookg", "true|false").optional(), leaf("NbOfTxs", number), leaf("CtrlSum", decimal),
			group("PmtTpInf", leaf("InstrPrty", "NORM|HIGH").optional(), group("SvcLvl", leaf("Cd", "SEPA"))),
			group("ReqdExctnDt", leaf("Dt", `\d{4}-\d\d-\d\d`)),
			group("Dbtr", leaf("Nm", text)), account("DbtrAcct"), group("DbtrAgt", bank), leaf("ChrgBr", "SLEV"), transaction),
	))
})

// lengths are the most characters of texts.
var lengths = map[string]int{"MsgId": 35, "PmtInfId": 35, "InstrId": 35, "EndToEndId": 35, "Nm": 70, "Ustrd": 140}

// A node is an element of a file.
type node struct {
	name, text string
	attributes []xml.Attr
	children   []node
}

// wantValid holds the file against the schema.
func wantValid(t rapid.TB, file string) {
	t.Helper()
	if !strings.HasPrefix(file, `<?xml version="1.0" encoding="UTF-8"?>`+"\n") {
		t.Fatalf("it begins with %.60s", file)
	}
	d := xml.NewDecoder(strings.NewReader(file))
	var top node
	if err := read(d, &top); err != nil {
		t.Fatal(err)
	}
	if len(top.children) != 1 || !schema().holds(t, top.children[0]) {
		t.Fatalf("not valid:\n%s", file)
	}
}

func read(d *xml.Decoder, into *node) error {
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Space != namespace {
				return errors.New(token.Name.Local + " is in no or another namespace")
			}
			n := node{name: token.Name.Local}
			for _, a := range token.Attr {
				if a.Name.Local != "xmlns" {
					n.attributes = append(n.attributes, a)
				}
			}
			if err := read(d, &n); err != nil {
				return err
			}
			into.children = append(into.children, n)
		case xml.CharData:
			into.text += string(token)
		case xml.EndElement:
			return nil
		}
	}
}

func (e element) holds(t rapid.TB, n node) bool {
	t.Helper()
	if n.name != e.name {
		t.Errorf("%s is where %s belongs", n.name, e.name)
		return false
	}
	if e.currency != (len(n.attributes) == 1 && n.attributes[0].Name.Local == "Ccy" && n.attributes[0].Value == "EUR") || len(n.attributes) > 1 {
		t.Errorf("%s has %v", n.name, n.attributes)
		return false
	}
	if len(e.children) == 0 {
		most, limited := lengths[e.name]
		if len(n.children) > 0 || !e.pattern.MatchString(n.text) || limited && len(n.text) > most {
			t.Errorf("%s is %q", n.name, n.text)
			return false
		}
		return true
	}
	if strings.TrimSpace(n.text) != "" {
		t.Errorf("%s holds %q", n.name, n.text)
		return false
	}
	rest := n.children
	for _, child := range e.children {
		found := 0
		for len(rest) > 0 && rest[0].name == child.name {
			if !child.holds(t, rest[0]) {
				return false
			}
			rest = rest[1:]
			found++
		}
		if found > 1 && child.occurs != "+" || found == 0 && child.occurs != "?" && !e.choice {
			t.Errorf("%s has %d of %s", n.name, found, child.name)
			return false
		}
	}
	if len(rest) > 0 || e.choice && len(n.children) != 1 {
		t.Errorf("%s holds what doesn't belong there: %v", n.name, n.children)
		return false
	}
	return true
}
