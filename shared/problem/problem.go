// Package problem holds the failures that callers are told of: few kinds, each failure with a
// stable code and a detail that is safe to show. How a kind becomes an HTTP
// status is the api package's matter.
package problem

import (
	"errors"
	"strings"

	"golang.org/x/text/language"

	"comptoir/shared/phrase"
)

// Kind says what sort of failure it is, whatever its code.
type Kind int

const (
	KindInvalid         Kind = iota + 1 // the input breaks a rule that the caller can see
	KindUnauthenticated                 // no valid token
	KindForbidden                       // known, but the role doesn't allow it
	KindNotFound                        // does not exist, or belongs to others
	KindConflict                        // the state doesn't allow it
	KindPrecondition                    // If-Match, or a preview, names another version
	KindTooMany                         // slow down
	KindUnavailable                     // try again
)

// Codes are all codes that a caller may meet; they are stable. A test compares them with the source.
var Codes = []string{
	"access_by_contract", "account_known", "already_accepted", "already_collaborator", "auto_renewal_off",
	"below_seats_in_use", "cancellation_scheduled", "cancellation_window_closed", "conflict", "consent_required",
	"domain_not_verified", "endpoint_disabled", "forbidden", "idempotency_key_reused", "internal", "invalid_input", "invitation_ended",
	"invitation_expired", "invitation_other_address", "last_global_admin", "licence_already_ended",
	"licence_already_suspended", "licence_not_active", "licence_not_suspended", "licence_permanent", "limit_reached",
	"link_ended", "link_expired", "mail_not_verified", "no_domain", "no_mail", "no_partner", "no_payouts", "not_found", "own_membership",
	"payment_method_in_use", "payment_recorded", "payout_batch_confirmed", "payout_batch_not_sent", "payout_batch_sent", "payout_returned", "preview_expired", "publisher_iban_missing", "refund_exceeds_payment", "refund_recorded", "renewal_pending", "role_not_allowed", "role_not_held", "scheduled_change_exists",
	"seat_cap_not_funded", "seat_limit_reached", "seat_pool_misconfigured", "seat_request_answered", "support_mandatory",
	"too_many_requests", "unauthenticated", "unavailable", "version_mismatch",
}

// Field is what is wrong with one part of the input, for example "body.quantity".
type Field struct {
	Name   string
	Detail phrase.Text
}

// Error is a failure that may be shown to the caller.
type Error struct {
	Kind   Kind
	Code   string
	Detail phrase.Text
	Fields []Field
	Cause  error // for the log alone
}

func (e *Error) Error() string {
	s := e.Code + ": " + e.Detail.In(language.English)
	for _, f := range e.Fields {
		s += "; " + f.Name + ": " + f.Detail.In(language.English)
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Cause }

// Because returns the failure with its cause, which is logged and never shown.
func (e *Error) Because(cause error) *Error {
	with := *e
	with.Cause = cause
	return &with
}

// Invalid is a rule broken by one field of the input.
func Invalid(field, format string, args ...any) *Error {
	return InvalidFields(Field{field, phrase.Say(format, args...)})
}

// InvalidFields are rules broken by fields of the input.
func InvalidFields(fields ...Field) *Error {
	return &Error{Kind: KindInvalid, Code: "invalid_input", Detail: phrase.Say("The request is not valid."), Fields: fields}
}

// Unauthenticated is a request without a valid token.
func Unauthenticated() *Error {
	return &Error{Kind: KindUnauthenticated, Code: "unauthenticated", Detail: phrase.Say("Sign in first: a valid access token is needed.")}
}

// Forbidden is an operation that the caller's roles don't allow.
func Forbidden(format string, args ...any) *Error {
	return &Error{Kind: KindForbidden, Code: "forbidden", Detail: phrase.Say(format, args...)}
}

// ConsentRequired is what the caller's roles allow only once the customer has consented (A17).
func ConsentRequired() *Error {
	return &Error{Kind: KindForbidden, Code: "consent_required", Detail: phrase.Say("The customer has not consented to your partner's support.")}
}

// NotFound is what doesn't exist, and what belongs to another organisation: nobody can tell which.
func NotFound() *Error {
	return &Error{Kind: KindNotFound, Code: "not_found", Detail: phrase.Say("There is nothing here by this name.")}
}

// Conflict is a transition that the present state doesn't allow.
func Conflict(code, format string, args ...any) *Error {
	return &Error{Kind: KindConflict, Code: code, Detail: phrase.Say(format, args...)}
}

// Changed is a commit lost to others, again and again.
func Changed() *Error {
	return Conflict("conflict", "This was changed meanwhile; read it again.")
}

// Stale is a version that is not the present one.
func Stale() *Error {
	return &Error{Kind: KindPrecondition, Code: "version_mismatch", Detail: phrase.Say("This is not the latest version; read it again.")}
}

// KeyReused is an Idempotency-Key that came with another request before.
func KeyReused() *Error {
	return &Error{Kind: KindInvalid, Code: "idempotency_key_reused", Detail: phrase.Say("This Idempotency-Key was used for another request.")}
}

// TooMany is a store that asks to slow down.
func TooMany() *Error {
	return &Error{Kind: KindTooMany, Code: "too_many_requests", Detail: phrase.Say("Too many requests at once; try again shortly.")}
}

// Unavailable is a store that doesn't answer.
func Unavailable() *Error {
	return &Error{Kind: KindUnavailable, Code: "unavailable", Detail: phrase.Say("The service is not available; try again shortly.")}
}

// Of is the failure that may be shown within err, or nil.
func Of(err error) *Error {
	if p, ok := errors.AsType[*Error](err); ok {
		return p
	}
	return nil
}

// Within is the failure with its fields moved from one part of the input to another.
func (e *Error) Within(from, to string) *Error {
	moved := *e
	moved.Fields = nil
	for _, f := range e.Fields {
		if rest, ok := strings.CutPrefix(f.Name, from); ok {
			f.Name = to + rest
		}
		moved.Fields = append(moved.Fields, f)
	}
	return &moved
}
