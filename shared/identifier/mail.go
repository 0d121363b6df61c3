package identifier

import (
	"errors"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Mail returns the plain address, its domain in small letters: no display name, no comment, and a
// domain name after the sign.
func Mail(s string) (string, error) {
	user, domain, _ := strings.Cut(s, "@")
	if !localPart.MatchString(user) {
		return "", errors.New("identifier: not a plain address")
	}
	domain, err := Domain(domain)
	return user + "@" + domain, err
}

// localPart is what stands before the sign, as RFC 5322 has it without quotes and comments.
var localPart = regexp.MustCompile(`^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}$`)

// Name returns a name of a person or an organisation without blanks around it. It has a letter or a
// digit, and nothing that isn't seen or turns the reading around.
func Name(s string) (string, error) {
	s = strings.TrimSpace(s)
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return "", errors.New("identifier: a character that can't be printed")
		}
	}
	if strings.IndexFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) < 0 {
		return "", errors.New("identifier: no letter")
	}
	return s, nil
}

// person is the longest name of a person, in characters.
const person = 80

// Person returns a name of a person, as Name does. It is short and nothing that mail readers make a link of: names stand in mails
// to others.
func Person(s string) (string, error) {
	s, err := Name(s)
	if err == nil && (utf8.RuneCountInString(s) > person || strings.ContainsAny(s, "/@\\<>") || link.MatchString(s)) {
		err = errors.New("identifier: not a name of a person")
	}
	return s, err
}

// link is what looks like a domain.
var link = regexp.MustCompile(`\pL[\pL\pN-]*\.\pL{2,}`)

// Shown tells whether a text of several lines has nothing that isn't seen or turns the reading around.
func Shown(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !unicode.IsGraphic(r) && r != '\n' && r != '\u200d' }) < 0 // joined emoji
}
