package phrase

// french has the French sentence for every English format. No-break spaces are written as escapes, so
// that they are seen.
var french = map[string]string{
	// what sort of failure it is
	"Bad request":         "Requête incorrecte",
	"Not signed in":       "Connexion requise",
	"Not allowed":         "Accès refusé",
	"Not found":           "Introuvable",
	"Conflict":            "Conflit",
	"Changed meanwhile":   "Modifié entre-temps",
	"Too large":           "Contenu trop volumineux",
	"Unsupported content": "Contenu non pris en charge",
	"Invalid input":       "Saisie incorrecte",
	"Too many requests":   "Trop de requêtes",
	"Internal error":      "Erreur interne",
	"Not available":       "Service indisponible",

	// failures of any operation
	"The request is not valid.":                                         "La requête n’est pas valide.",
	"Sign in first: a valid access token is needed.":                    "Connectez-vous d’abord\u00a0: un jeton d’accès valide est nécessaire.",
	"There is nothing here by this name.":                               "Il n’y a rien ici sous ce nom.",
	"This was changed meanwhile; read it again.":                        "Cet élément a été modifié entre-temps\u202f; relisez-le.",
	"This is not the latest version; read it again.":                    "Ce n’est pas la dernière version\u202f; relisez-la.",
	"This Idempotency-Key was used for another request.":                "Cette clé Idempotency-Key a déjà servi pour une autre requête.",
	"Too many requests at once; try again shortly.":                     "Trop de requêtes à la fois\u202f; réessayez dans un instant.",
	"The service is not available; try again shortly.":                  "Le service n’est pas disponible\u202f; réessayez dans un instant.",
	"This cursor doesn't belong to this list; start at the first page.": "Ce curseur n’appartient pas à cette liste\u202f; reprenez à la première page.",

	// who is calling
	"Your roles don't allow this operation.":                              "Vos rôles n’autorisent pas cette opération.",
	"You belong to several organisations; name the one that you act for.": "Vous appartenez à plusieurs organisations\u202f; indiquez celle pour laquelle vous agissez.",
	"You don't belong to the organisation that X-Organisation names.":     "Vous n’appartenez pas à l’organisation indiquée par X-Organisation.",

	// customers and accounts
	"This is not a SIREN.":                                   "Ce n’est pas un numéro SIREN.",
	"This is not a domain name.":                             "Ce n’est pas un nom de domaine.",
	"There is no such partner.":                              "Ce partenaire n’existe pas.",
	"The account was reported before, with another partner.": "Ce compte a déjà été signalé, avec un autre partenaire.",
	"Search for letters or digits.":                          "Cherchez des lettres ou des chiffres.",

	// plans
	"There is no plan %s.": "Le forfait %s n’existe pas.",
	"A plan code has 2 to 40 capital letters, digits and hyphens, the first a letter.": "Un code de forfait comporte de 2 à 40 majuscules, chiffres et traits d’union, et commence par une lettre.",
	"The plan %s is not for sale and can't be edited.":                                 "Le forfait %s n’est pas en vente et ne peut pas être modifié.",
	"The commitment is committed or flexible.":                                         "L’engagement est committed (ferme) ou flexible (libre).",
	"A plan needs a price for one term at least.":                                      "Un forfait doit avoir un prix pour une durée au moins.",
	"Trials last 0 to %d days.":                                                        "Une période d’essai dure de 0 à %d jours.",
	"The term is month or year.":                                                       "La durée est month (mois) ou year (année).",
	"The price is from 1 to %d minor units.":                                           "Le prix va de 1 à %d, en centimes ou plus petite unité de la devise.",
	"All prices of a plan have one currency, by its ISO 4217 code.":                    "Tous les prix d’un forfait sont dans une même devise, désignée par son code ISO 4217.",
	"A module's name has 2 to 40 letters and digits, the first a small letter.":        "Le nom d’un module comporte de 2 à 40 lettres et chiffres, et commence par une minuscule.",
	"One unit opens 1 to %d seats.":                                                    "Une unité ouvre de 1 à %d sièges.",

	// licences: what is asked
	"This is needed, unless a preview is committed.":                 "Cette information est nécessaire, sauf pour valider un aperçu.",
	"A preview is committed as it was shown: say nothing beside it.": "Un aperçu se valide tel qu’il a été montré\u00a0: n’indiquez rien d’autre.",
	"Say one of take, change and cancel.":                            "Indiquez l’une des actions take, change et cancel.",
	"Name the licence to change or to cancel, and none to take one.": "Indiquez la licence à modifier ou à résilier, et aucune pour en prendre une.",
	"The plan %s is not for sale.":                                   "Le forfait %s n’est pas en vente.",
	"The plan %s is not offered by the %s.":                          "Le forfait %s n’est pas proposé pour la durée «\u00a0%s\u00a0».",
	"The plan %s is sold in another currency.":                       "Le forfait %s est vendu dans une autre devise.",
	"The plan %s has no trial.":                                      "Le forfait %s n’a pas de période d’essai.",
	"The quantity is from 1 to %d.":                                  "La quantité va de 1 à %d.",
	"Say what is to change: nothing here differs from the licence.":  "Indiquez ce qui doit changer\u00a0: rien ici ne diffère de la licence.",

	// licences: what their state doesn't allow
	"The licence ended on %s.":                                                          "La licence a pris fin le %s.",
	"The licence of a partner's own company stays as it is.":                            "La licence d’une entreprise propre au partenaire reste telle quelle.",
	"The term ended on %s and is being renewed; try again shortly.":                     "L’échéance était le %s et le renouvellement est en cours\u202f; réessayez dans un instant.",
	"The licence is suspended; resume it first.":                                        "La licence est suspendue\u202f; réactivez-la d’abord.",
	"A change is scheduled for %s; say dropScheduled to give it up.":                    "Une modification est prévue pour le %s\u202f; indiquez dropScheduled pour y renoncer.",
	"The licence doesn't renew by itself, so nothing can be scheduled for its renewal.": "La licence ne se renouvelle pas automatiquement\u00a0: rien ne peut être prévu pour son renouvellement.",
	"This is not a name.":               "Ceci n’est pas un nom.",
	"This is not a plain mail address.": "Ceci n’est pas une adresse électronique simple.",
	"The licence is suspended by the publisher; it can end with its term.":              "La licence est suspendue par l’éditeur\u202f; elle peut se terminer à son échéance.",
	"Units can be added %d times at the most; change the plan or wait for the renewal.": "Des unités peuvent être ajoutées %d fois au plus\u202f; changez de forfait ou attendez l’échéance.",
	"A customer has %d licences in force at the most.":                                  "Un dossier compte au plus %d licences en cours.",
	"month": "mois",
	"year":  "an",
	"The plan %s has no trial; it can be scheduled for the end of this one.":   "Le forfait %s n’a pas de période d’essai\u202f; il peut être prévu pour la fin de celle-ci.",
	"There is no partner to bill: the publisher manages this customer.":        "Aucun partenaire ne peut être facturé\u00a0: ce dossier est géré par l’éditeur.",
	"The cancellation window closed on %s; the licence can end with its term.": "Le délai d’annulation a pris fin le %s\u202f; la licence peut se terminer à son échéance.",
	"The cancellation window closed on %s; it can be lowered at renewal.":      "Le délai d’annulation a pris fin le %s\u202f; une réduction est possible à l’échéance.",
	"A cancellation is already set for %s.":                                    "Une résiliation est déjà prévue pour le %s.",
	"The suspension reason %s is not yours to give or to lift.":                "Le motif de suspension «\u00a0%s\u00a0» n’est pas de votre ressort.",
	"The licence is already suspended for the reason %s.":                      "La licence est déjà suspendue pour le motif «\u00a0%s\u00a0».",
	"The licence is not suspended for the reason %s.":                          "La licence n’est pas suspendue pour le motif «\u00a0%s\u00a0».",
	"The preview is no longer good; ask for a new one.":                        "Cet aperçu n’est plus valable\u202f; demandez-en un nouveau.",
	"The preview is of something else.":                                        "Cet aperçu porte sur autre chose.",

	// licences: what an operation does
	"A trial starts today and ends on %s.":        "Une période d’essai commence aujourd’hui et se termine le %s.",
	"It is suspended when the trial ends on %s.":  "La licence sera suspendue à la fin de la période d’essai, le %s.",
	"It can be cancelled with a refund until %s.": "La licence peut être résiliée avec remboursement jusqu’au %s.",
	"The added units can be given back until %s.": "Les unités ajoutées peuvent être rendues jusqu’au %s.",
	"It renews by itself on %s.":                  "La licence se renouvelle automatiquement à l’échéance du %s.",
	"It ends on %s.":                              "La licence prend fin le %s.",
	"It ends at once.":                            "La licence prend fin immédiatement.",
	"A new term starts today and ends on %s.":     "Une nouvelle période commence aujourd’hui\u202f; son échéance est le %s.",
	"It takes effect at the renewal on %s.":       "La modification prend effet à l’échéance du %s.",
	"The change scheduled for %s is dropped.":     "La modification prévue pour le %s est abandonnée.",

	// what a partner is told
	"%s is a new customer of yours.":                      "Vous avez un nouveau dossier\u00a0: %s.",
	"A licence was taken for %s.":                         "Une licence a été prise pour le dossier %s.",
	"A licence of %s was changed.":                        "Une licence du dossier %s a été modifiée.",
	"A change of a licence of %s is set for its renewal.": "Une modification d’une licence du dossier %s est prévue à son échéance.",
	"A licence of %s was cancelled.":                      "Une licence du dossier %s a été résiliée.",
	"A licence of %s ends with its term.":                 "Une licence du dossier %s prendra fin à son échéance.",
	"A licence of %s was suspended.":                      "Une licence du dossier %s a été suspendue.",
	"A licence of %s was resumed.":                        "Une licence du dossier %s a été réactivée.",
	"Something changed at %s.":                            "Le dossier %s a changé.",
}
