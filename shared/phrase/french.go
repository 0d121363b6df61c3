package phrase

// french has the French sentence for every English format.
var french = map[string]string{
	"The request is not valid.": "La requête n'est pas valide.",
}
