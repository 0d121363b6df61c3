package api

import (
	"regexp"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2/validation"
	"golang.org/x/text/language"
)

// inFrench has the French sentences of huma's refusals, by huma's own formats; $1 is what goes into
// them.
var inFrench = sync.OnceValue(func() map[*regexp.Regexp]string {
	all := map[*regexp.Regexp]string{}
	for format, french := range map[string]string{
		validation.MsgUnexpectedProperty:           "propriété inconnue",
		validation.MsgExpectedRFC3339DateTime:      "instant RFC 3339 attendu",
		validation.MsgExpectedRFC3339Date:          "date AAAA-MM-JJ attendue",
		validation.MsgExpectedRFC5322Email:         "adresse électronique attendue : $1",
		validation.MsgExpectedBoolean:              "booléen attendu",
		validation.MsgExpectedNumber:               "nombre attendu",
		validation.MsgExpectedInteger:              "nombre entier attendu",
		validation.MsgExpectedString:               "texte attendu",
		validation.MsgExpectedArray:                "liste attendue",
		validation.MsgExpectedObject:               "objet attendu",
		validation.MsgExpectedOneOf:                "une de ces valeurs attendue : $1",
		validation.MsgExpectedMinimumNumber:        "nombre supérieur ou égal à $1 attendu",
		validation.MsgExpectedMaximumNumber:        "nombre inférieur ou égal à $1 attendu",
		validation.MsgExpectedMinLength:            "longueur d’au moins $1 attendue",
		validation.MsgExpectedMaxLength:            "longueur d’au plus $1 attendue",
		validation.MsgExpectedMatchPattern:         "forme attendue : $1",
		validation.MsgExpectedMinItems:             "au moins $1 éléments attendus",
		validation.MsgExpectedMaxItems:             "au plus $1 éléments attendus",
		validation.MsgExpectedArrayItemsUnique:     "éléments tous différents attendus",
		validation.MsgExpectedMinProperties:        "au moins $1 propriétés attendues",
		validation.MsgExpectedMaxProperties:        "au plus $1 propriétés attendues",
		validation.MsgExpectedRequiredProperty:     "la propriété $1 est obligatoire",
		"request body is required":                 "le corps de la requête est obligatoire",
		"request body is too large limit=%s bytes": "le corps de la requête dépasse $1 octets",
		"request body too large (max %s bytes)":    "le corps de la requête dépasse $1 octets",
		"required %s parameter is missing":         "paramètre obligatoire ($1) absent",
		"invalid %s":                               "valeur incorrecte ($1)",
		"unable to marshal response":               "réponse impossible",
		"unsupported content type":                 "type de contenu non pris en charge",
		"unknown content type: %s":                 "type de contenu inconnu : $1",
	} {
		pattern := regexp.QuoteMeta(format)
		for _, verb := range []string{"%v", "%s", "%d"} {
			pattern = strings.ReplaceAll(pattern, verb, "(.*)")
		}
		all[regexp.MustCompile("^"+pattern+"$")] = french
	}
	return all
})

// inLanguage is a refusal of huma's in the caller's language.
func inLanguage(message string, lang language.Tag) string {
	if base, _ := lang.Base(); base.String() != "fr" {
		return message
	}
	for pattern, french := range inFrench() {
		if pattern.MatchString(message) {
			return pattern.ReplaceAllString(message, french)
		}
	}
	return message
}
